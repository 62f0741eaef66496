"""What volunteers answer: yes, no, "I know this person", later; and their open offers."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import AlreadyTaken, DoesNotFit, NotVolunteer, OfferOver
from bot.interpreting.finding import candidate_for, wanted
from bot.interpreting.letters import Letter
from bot.interpreting.matching import Hard, what_is_missing
from bot.interpreting.tending import (
    close_offers,
    count_answer,
    happened,
    has_happened,
    locked,
    seat_of,
    seated,
    tell_dispatchers,
    tell_institution,
    tell_volunteer,
)
from bot.interpreting.wishes import OPEN_STATES, STILL_OPEN, Answer, OfferState, Seat, State
from bot.jobs import schedule
from bot.models import Chat, Offer, Request, Volunteer
from bot.texts import HOUSE_TIME
from bot.volunteers import LOOK_AFTER, demand_volunteer, find_volunteer, lock_all


@dataclass(frozen=True, slots=True)
class Offered:
    """An open offer as its volunteer may see it: the request without anything private."""

    offer: Offer
    request: Request


async def my_offers(session: AsyncSession, chat: Chat, now: datetime) -> list[Offered]:
    """A volunteer's open offers, the soonest appointment first. Raises ``NotVolunteer``."""
    volunteer = await demand_volunteer(session, chat)
    rows = await session.execute(
        select(Offer, Request)
        .join(Request, Request.id == Offer.request_id)
        .where(
            Offer.volunteer_id == volunteer.id,
            Offer.state.in_(STILL_OPEN),
            Request.ends_at > now,
        )
        .order_by(Request.starts_at, Offer.id)
    )
    return [Offered(offer, request) for offer, request in rows]


async def _own_offer(
    session: AsyncSession, chat: Chat, offer_id: int
) -> tuple[Volunteer, Offer, Request]:
    """The volunteer's own offer. Raises ``NotVolunteer``, also for somebody else's offer."""
    volunteer = await demand_volunteer(session, chat, approved=True)
    # One answer of a volunteer at a time: two offers for one hour must not both become a yes.
    await session.scalar(
        select(Volunteer.id).where(Volunteer.id == volunteer.id).with_for_update(key_share=True)
    )
    offer = await session.get(Offer, offer_id, populate_existing=True)
    if offer is None:
        raise OfferOver
    if offer.volunteer_id != volunteer.id:
        raise NotVolunteer
    request = await session.get(Request, offer.request_id)
    if request is None:
        raise OfferOver
    return volunteer, offer, request


async def accept_offer(session: AsyncSession, chat: Chat, offer_id: int, now: datetime) -> Seat:
    """Take a seat; the first yes gets the appointment, the second stands by where that is wished.

    Which of a hundred yes at once is the first is decided in one statement. A second press gives
    the same seat. Raises ``NotVolunteer``, ``AlreadyTaken``, ``OfferOver``, and ``DoesNotFit`` when
    the volunteer has meanwhile said yes to something else at that hour, say.
    """
    volunteer, offer, request = await _own_offer(session, chat, offer_id)
    volunteer.seen_on = now.astimezone(HOUSE_TIME).date()
    seat = seat_of(request, volunteer.id)
    if seat is not None:
        return seat
    if offer.state not in STILL_OPEN:
        raise AlreadyTaken if request.state == State.FILLED else OfferOver
    candidate = await candidate_for(session, volunteer, request, now)
    missing = what_is_missing(candidate, wanted(request, now))
    if reasons := tuple(reason.value for reason in missing if reason in _CHECKED_AGAIN):
        raise DoesNotFit(reasons)
    seat = await _take_seat(session, request.id, volunteer.id, now)
    await session.refresh(request)
    if seat is None:
        if request.state != State.FILLED:
            raise OfferOver
        raise AlreadyTaken
    offer.state = OfferState.YES.value if seat is Seat.INTERPRETER else OfferState.STANDBY.value
    offer.answered_at = now
    await session.flush()
    await count_answer(session, volunteer.id, offer.part, yes=1)
    happened(session, request.id, f"yes: {seat}", 1, now)
    if seat is Seat.INTERPRETER:
        await seated(session, request, volunteer.id, now)
        await tell_institution(session, request.id, Letter.FOUND, {}, now)
    else:
        await tell_institution(session, request.id, Letter.STANDBY_FOUND, {}, now)
    content = {"request_id": request.id, "seat": seat.value}
    await tell_volunteer(session, volunteer.id, Letter.DETAILS, content, now)
    if not request.wants_standby or request.standby_id is not None:
        await close_offers(session, request, now, why="taken")
    return seat


_CHECKED_AGAIN = frozenset({Hard.STATE, Hard.CERTIFICATE, Hard.OVERLAP})
"""What may have changed since the offer; a change of mind about hours or towns is a yes all the
same."""


async def _take_seat(
    session: AsyncSession, request_id: int, volunteer_id: int, now: datetime
) -> Seat | None:
    """The seat that this volunteer got, or ``None``. THE statement: there is no look before it."""
    free = Request.interpreter_id.is_(None)
    standby_free = and_(
        Request.interpreter_id.is_not(None),
        Request.interpreter_id != volunteer_id,
        Request.wants_standby.is_(True),
        Request.standby_id.is_(None),
    )
    row = await session.execute(
        update(Request)
        .where(
            Request.id == request_id,
            Request.state.in_(OPEN_STATES),
            Request.ends_at > now,
            or_(free, standby_free),
        )
        .values(
            interpreter_id=case((free, volunteer_id), else_=Request.interpreter_id),
            standby_id=case((free, Request.standby_id), else_=volunteer_id),
            state=State.FILLED.value,
        )
        .returning(Request.interpreter_id)
        .execution_options(synchronize_session=False)
    )
    taken = row.scalar_one_or_none()
    if taken is None:
        return None
    return Seat.INTERPRETER if taken == volunteer_id else Seat.STANDBY


async def decline_offer(
    session: AsyncSession, chat: Chat, offer_id: int, answer: Answer, now: datetime
) -> None:
    """Note a no, "I know this person" or "later"; the next wave opens as soon as it must.

    "I know this person" is shown to nobody and counts for nothing but this request. Raises
    ``NotVolunteer``, and ``OfferOver`` when there is nothing to answer any more.
    """
    volunteer, offer, request = await _own_offer(session, chat, offer_id)
    await locked(session, request.id)
    await session.refresh(offer)
    if offer.state not in STILL_OPEN:
        raise OfferOver
    volunteer.seen_on = now.astimezone(HOUSE_TIME).date()
    offer.state = OfferState(answer.value).value
    offer.answered_at = now
    await session.flush()
    if answer is Answer.LATER:
        return
    if answer is Answer.NO:
        await count_answer(session, volunteer.id, offer.part, no=1)
    else:
        # Whoever is known to somebody is no worse a volunteer for it.
        await count_answer(session, volunteer.id, offer.part, asked=-1)
    if request.state in OPEN_STATES:
        await schedule(session, LOOK_AFTER, request.id, now)


async def volunteer_unreachable(session: AsyncSession, chat: Chat, now: datetime) -> None:
    """The messenger says that a volunteer blocked the bot: their offers end, others are asked.

    A seat of theirs stays: they may come all the same. Staff are told, once a seat, so that
    somebody calls.
    """
    volunteer = await find_volunteer(session, chat)
    if volunteer is None:
        return
    asked = select(Offer.request_id).where(
        Offer.volunteer_id == volunteer.id, Offer.state.in_(STILL_OPEN)
    )
    sits = or_(Request.interpreter_id == volunteer.id, Request.standby_id == volunteer.id)
    concerned = or_(Request.id.in_(asked), and_(sits, Request.ends_at > now))
    for request_id in await lock_all(session, concerned):
        closed = await session.scalar(
            update(Offer)
            .where(
                Offer.request_id == request_id,
                Offer.volunteer_id == volunteer.id,
                Offer.state.in_(STILL_OPEN),
            )
            .values(state=OfferState.UNREACHABLE.value, answered_at=now)
            .returning(Offer.id)
        )
        if closed is None:
            await _seat_unreachable(session, request_id, volunteer.id, now)
        else:
            happened(session, request_id, "unreachable", 1, now)
            await schedule(session, LOOK_AFTER, request_id, now)


async def _seat_unreachable(
    session: AsyncSession, request_id: int, volunteer_id: int, now: datetime
) -> None:
    """Staff are told once of each seat, and again when somebody else has taken it since."""
    request = await locked(session, request_id)
    if request is None:
        return
    sits = seat_of(request, volunteer_id) is Seat.INTERPRETER
    kind = "seat unreachable" if sits else "standby unreachable"
    if not await has_happened(session, request_id, kind, since=request.filled_at):
        await tell_dispatchers(session, Letter.STAFF_UNREACHABLE, {"request_id": request_id}, now)
    happened(session, request_id, kind, 1, now)
