"""Looks after a request: reads what is true now and does what it needs. The heart of the pool.

Whatever happens to a request (it is opened, somebody said no or left, a moment has come) ends
here. It may be called at any time and as often as one likes: it asks only when it must.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.institutions import get_institution
from bot.interpreting.finding import open_offers, ranked_volunteers
from bot.interpreting.letters import Letter, offer_content
from bot.interpreting.matching import Ranked, part_of_week
from bot.interpreting.waves import Plan, Waiting, plan_wave
from bot.interpreting.wishes import (
    OPEN_STATES,
    OfferState,
    Seat,
    State,
    is_urgent,
    last_useful_yes,
)
from bot.jobs import cancel, schedule
from bot.models import (
    Assignment,
    Chat,
    Offer,
    Request,
    RequestDetails,
    RequestEvent,
    ShownMessage,
    Volunteer,
    VolunteerTally,
)
from bot.outbox import owe
from bot.staff import Role, chats_with
from bot.texts import HOUSE_TIME
from bot.volunteers import LOOK_AFTER

REMIND_DAY = "remind_day"
REMIND_HOURS = "remind_hours"
OVER = "over"
ERASE = "erase"
BEFORE_IT = (LOOK_AFTER, REMIND_DAY, REMIND_HOURS)
HOURS_BEFORE = timedelta(hours=2)
NEVER_ASKED = 0
"""The wave of an offer that was never made: it only says that somebody is not to be asked."""
TELL_AFTER = timedelta(hours=24)
"""When nobody can be asked for longer than this, the institution is told how it stands."""


async def locked(session: AsyncSession, request_id: int) -> Request | None:
    """A request that nobody else changes until our transaction ends."""
    found: Request | None = await session.scalar(
        select(Request)
        .where(Request.id == request_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return found


async def look_after(session: AsyncSession, request_id: int, now: datetime) -> None:
    """Fill a seat that became free, open the next wave, or say that nobody was found."""
    request = await locked(session, request_id)
    if request is None or request.ends_at <= now:
        return
    if request.state in OPEN_STATES and await session.get(RequestDetails, request_id) is None:
        await _orphaned(session, request, now)
        return
    if request.state == State.FILLED and request.interpreter_id is None:
        await _refill(session, request, now)
    if request.state == State.SEARCHING or wants_more(request):
        await _search(session, request, now)


def wants_more(request: Request) -> bool:
    """Whether somebody sits and a standby is still wished for."""
    return request.state == State.FILLED and request.wants_standby and request.standby_id is None


async def _refill(session: AsyncSession, request: Request, now: datetime) -> None:
    """The interpreter has left: the standby moves up, or the search begins again."""
    await cancel(session, request.id, [REMIND_DAY, REMIND_HOURS])
    await session.execute(
        delete(Assignment).where(Assignment.request_id == request.id, Assignment.no_show.is_(None))
    )
    urgent = is_urgent(request.lane, request.starts_at, now)
    promoted = request.standby_id
    if promoted is not None:
        request.interpreter_id, request.standby_id = promoted, None
        await session.flush()
        await mark_offer(session, request.id, promoted, OfferState.YES)
        await seated(session, request, promoted, now)
        await tell_volunteer(session, promoted, Letter.PROMOTED, {"request_id": request.id}, now)
        happened(session, request.id, "promoted", 1, now)
    else:
        request.state = State.SEARCHING.value
        request.filled_at = None
        request.searched_from = now
        request.everyone_asked = False
        await session.flush()
        happened(session, request.id, "searching again", 0, now)
    content = {"promoted": promoted is not None, "urgent": urgent}
    await tell_institution(session, request.id, Letter.INTERPRETER_LEFT, content, now)


async def _search(session: AsyncSession, request: Request, now: datetime) -> None:
    """Open the next wave, for the interpreter's seat or, with that taken, for the standby's."""
    deadline = last_useful_yes(request.lane, request.mode, request.starts_at, request.searched_from)
    offers = await open_offers(session, request.id)
    waiting = [Waiting(offer.chance, offer.offered_at) for offer in offers]
    ranked = await ranked_volunteers(session, request, now) if now < deadline else []
    urgent = is_urgent(request.lane, request.starts_at, now)
    plan = plan_wave(ranked, waiting, now, deadline, urgent=urgent)
    request.next_wave_at = look_again_at = plan.look_again_at
    if look_again_at is None:
        if request.state == State.SEARCHING:
            await _nobody(session, request, now)
        else:
            # An appointment without a standby is no misfortune; the rest of the offers end.
            await close_offers(session, request, now, why="over")
        return
    if plan.ask:
        if not await _ask(session, request, plan.ask, now):
            request.next_wave_at = look_again_at = now
    elif request.state == State.SEARCHING and not request.everyone_asked and _is_stuck(plan, now):
        request.everyone_asked = True
        content = {"asked": await asked_so_far(session, request.id), "open": len(waiting)}
        await tell_institution(session, request.id, Letter.EVERYONE_ASKED, content, now)
        happened(session, request.id, "everyone asked", content["open"], now)
    await session.flush()
    await schedule(session, LOOK_AFTER, request.id, look_again_at)


def _is_stuck(plan: Plan, now: datetime) -> bool:
    """Whether more people would have to be asked and there are none for a long time."""
    return plan.must_ask and (plan.exhausted or (plan.look_again_at or now) - now > TELL_AFTER)


async def _ask(
    session: AsyncSession, request: Request, chosen: tuple[Ranked, ...], now: datetime
) -> bool:
    """Make the offers of one wave, with their reasons, and owe the messages.

    Whoever was asked for something else in the meantime is left out, decided inside the statement:
    their weekly cap may be reached. In the order of ids, so that two waves never wait for each
    other.
    """
    request.wave += 1
    part = part_of_week(now)
    rows = await session.scalars(select(Offer).where(Offer.request_id == request.id))
    earlier = {offer.volunteer_id: offer for offer in rows}
    asked = 0
    for each in sorted(chosen, key=lambda ranked: ranked.candidate.id):
        volunteer_id = each.candidate.id
        if not await _still_unasked(session, volunteer_id, each.candidate.asked_at, now):
            continue
        asked += 1
        offer = earlier.get(volunteer_id) or Offer(request_id=request.id, volunteer_id=volunteer_id)
        offer.wave = request.wave
        offer.chance, offer.score = round(each.chance, 4), round(each.score, 4)
        seat = Seat.INTERPRETER if request.interpreter_id is None else Seat.STANDBY
        offer.reasons = {**each.reasons(), "seat": seat.value}
        offer.offered_at, offer.part = now, part
        offer.state, offer.answered_at = OfferState.OPEN.value, None
        session.add(offer)
        await session.flush()
        await count_answer(session, volunteer_id, part, asked=1)
        await tell_volunteer(
            session, volunteer_id, Letter.OFFER, offer_content(request, offer), now
        )
    happened(session, request.id, "asked", asked, now)
    return asked == len(chosen)


async def _still_unasked(
    session: AsyncSession, volunteer_id: int, asked_at: datetime | None, now: datetime
) -> bool:
    unchanged = Volunteer.asked_at.is_(None) if asked_at is None else Volunteer.asked_at == asked_at
    # Whoever is just answering something is left out, too: a wave never waits for a volunteer,
    # who may be waiting for a request.
    free = (
        select(Volunteer.id)
        .where(Volunteer.id == volunteer_id, unchanged)
        .with_for_update(key_share=True, skip_locked=True)
    )
    won = await session.scalar(
        update(Volunteer)
        .where(Volunteer.id.in_(free))
        .values(asked_at=now)
        .returning(Volunteer.id)
        .execution_options(synchronize_session=False)
    )
    return won is not None


async def _nobody(session: AsyncSession, request: Request, now: datetime) -> None:
    """The last step: nobody was found, and both the institution and the staff are told."""
    urgent = is_urgent(request.lane, request.starts_at, now)
    request.state = State.UNFILLED.value
    request.next_wave_at = None
    await session.flush()
    await cancel(session, request.id, BEFORE_IT)
    asked = await asked_so_far(session, request.id)
    await close_offers(session, request, now, why="over")
    content = {"language": request.language, "asked": asked}
    await tell_institution(session, request.id, Letter.NOBODY_FOUND, content, now)
    await tell_dispatchers(
        session, Letter.STAFF_NOBODY_FOUND, {"request_id": request.id, "urgent": urgent}, now
    )
    happened(session, request.id, "nobody found", asked, now)


async def _orphaned(session: AsyncSession, request: Request, now: datetime) -> None:
    """Who asked has said /forget and nobody of the institution is left: it cannot take place."""
    request.state = State.CLOSED.value
    request.next_wave_at = None
    await session.flush()
    await cancel(session, request.id, [*BEFORE_IT, OVER])
    await close_offers(session, request, now, why="over")
    await free_seats(session, request, "closed", now)
    await tell_dispatchers(session, Letter.STAFF_ORPHANED, {"request_id": request.id}, now)
    happened(session, request.id, "closed", 0, now)


# What several actions need


async def free_seats(session: AsyncSession, request: Request, why: str, now: datetime) -> None:
    """Tell who sits that it does not take place, and take the row out of the ledger."""
    for volunteer_id in (request.interpreter_id, request.standby_id):
        if volunteer_id is not None:
            content = {"request_id": request.id, "why": why}
            await tell_volunteer(session, volunteer_id, Letter.SEAT_GONE, content, now)
    await session.execute(
        delete(Assignment).where(Assignment.request_id == request.id, Assignment.no_show.is_(None))
    )
    request.interpreter_id = request.standby_id = None
    await session.flush()


async def seated(
    session: AsyncSession, request: Request, volunteer_id: int, now: datetime
) -> Assignment:
    """Write the appointment of who has just taken the interpreter's seat, and plan its jobs."""
    volunteer = await session.get(Volunteer, volunteer_id)
    if volunteer is None:
        raise LookupError("a seat is held by a row")
    institution = (
        await get_institution(session, request.institution_id) if request.institution_id else None
    )
    request.state = State.FILLED.value
    request.filled_at = now
    request.next_wave_at = None
    assignment = Assignment(
        request_id=request.id,
        volunteer_id=volunteer.id,
        channel=volunteer.channel,
        chat_id=volunteer.chat_id,
        volunteer_name=volunteer.name,
        institution_name=institution.name if institution else "",
        language=request.language,
        mode=request.mode,
        municipality=request.municipality,
        starts_at=request.starts_at,
        ends_at=request.ends_at,
        planned_minutes=round((request.ends_at - request.starts_at).total_seconds() / 60),
    )
    session.add(assignment)
    await session.flush()
    await cancel(session, request.id, [LOOK_AFTER])
    if wants_more(request):
        await schedule(session, LOOK_AFTER, request.id, now)
    await schedule(session, OVER, request.id, request.ends_at)
    await plan_reminders(session, request, now)
    return assignment


async def plan_reminders(session: AsyncSession, request: Request, now: datetime) -> None:
    """A day before at the same hour of the clock, and two hours before; never for what is past."""
    begins = request.starts_at.astimezone(HOUSE_TIME)
    # Wall clock: in the weeks when clocks change a day has 23 or 25 hours.
    moments = {
        REMIND_DAY: (begins - timedelta(days=1)).astimezone(request.starts_at.tzinfo),
        REMIND_HOURS: request.starts_at - HOURS_BEFORE,
    }
    for kind, moment in moments.items():
        if moment > now:
            await schedule(session, kind, request.id, moment)


async def close_offers(session: AsyncSession, request: Request, now: datetime, *, why: str) -> int:
    """End every open offer; their messages lose their buttons. Returns how many there were."""
    rows = await session.execute(
        update(Offer)
        .where(
            Offer.request_id == request.id,
            Offer.state.in_((OfferState.OPEN.value, OfferState.LATER.value)),
        )
        .values(state=OfferState.OVER.value)
        .returning(Offer.id, Offer.volunteer_id)
    )
    closed = rows.all()
    for offer_id, volunteer_id in closed:
        await close_message(session, request.id, volunteer_id, offer_id, why, now)
    return len(closed)


async def close_message(
    session: AsyncSession,
    request_id: int,
    volunteer_id: int,
    offer_id: int,
    why: str,
    now: datetime,
) -> None:
    """Owe the end of an offer: the message that showed it is replaced."""
    volunteer = await session.get(Volunteer, volunteer_id)
    if volunteer is None:
        return
    message_id = await session.scalar(
        delete(ShownMessage)
        .where(
            ShownMessage.request_id == request_id,
            ShownMessage.channel == volunteer.channel,
            ShownMessage.chat_id == volunteer.chat_id,
            ShownMessage.kind == "offer",
        )
        .returning(ShownMessage.message_id)
    )
    content = {
        "request_id": request_id,
        "offer_id": offer_id,
        "message_id": message_id,
        "why": why,
    }
    owe(session, Chat(volunteer.channel, volunteer.chat_id), Letter.OFFER_CLOSED, content, now)


async def mark_offer(
    session: AsyncSession, request_id: int, volunteer_id: int, state: OfferState
) -> None:
    """Note what became of a volunteer's offer."""
    await session.execute(
        update(Offer)
        .where(Offer.request_id == request_id, Offer.volunteer_id == volunteer_id)
        .values(state=state.value)
    )


async def asked_so_far(session: AsyncSession, request_id: int) -> int:
    """How many volunteers were asked for a request."""
    rows = await session.scalars(
        select(Offer.id).where(Offer.request_id == request_id, Offer.wave > NEVER_ASKED)
    )
    return len(rows.all())


async def count_answer(
    session: AsyncSession,
    volunteer_id: int,
    part: str,
    *,
    asked: int = 0,
    yes: int = 0,
    no: int = 0,
) -> None:
    """Add to a volunteer's tally of a part of the week."""
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    await session.execute(
        insert(VolunteerTally)
        .values(volunteer_id=volunteer_id, part=part, asked=asked, yes=yes, no=no)
        .on_conflict_do_update(
            index_elements=["volunteer_id", "part"],
            set_={
                "asked": VolunteerTally.asked + asked,
                "yes": VolunteerTally.yes + yes,
                "no": VolunteerTally.no + no,
            },
        )
    )


def happened(session: AsyncSession, request_id: int, kind: str, number: int, now: datetime) -> None:
    """Add a line to a request's history: what, how many, when. Never who."""
    session.add(RequestEvent(request_id=request_id, kind=kind, number=number, at=now))


async def has_happened(
    session: AsyncSession, request_id: int, kind: str, *, since: datetime | None
) -> bool:
    """Whether a line of this kind stands in a request's history, since a moment."""
    found = select(RequestEvent.id).where(
        RequestEvent.request_id == request_id, RequestEvent.kind == kind
    )
    if since is not None:
        found = found.where(RequestEvent.at >= since)
    return await session.scalar(found.limit(1)) is not None


async def tell_volunteer(
    session: AsyncSession, volunteer_id: int, kind: str, content: Mapping[str, Any], now: datetime
) -> None:
    """Owe a volunteer a letter."""
    volunteer = await session.get(Volunteer, volunteer_id)
    if volunteer is not None:
        owe(session, Chat(volunteer.channel, volunteer.chat_id), kind, dict(content), now)


async def tell_institution(
    session: AsyncSession, request_id: int, kind: str, content: Mapping[str, Any], now: datetime
) -> None:
    """Owe a letter to who asked, as long as we know who that was."""
    details = await session.get(RequestDetails, request_id)
    if details is not None:
        chat = Chat(details.channel, details.chat_id)
        owe(session, chat, kind, {"request_id": request_id, **content}, now)


async def tell_dispatchers(
    session: AsyncSession, kind: str, content: Mapping[str, Any], now: datetime
) -> None:
    """Owe a letter to the staff who arrange interpreters."""
    for chat in await chats_with(session, Role.DISPATCHER):
        owe(session, chat, kind, dict(content), now)


def seat_of(request: Request, volunteer_id: int) -> Seat | None:
    """The seat that a volunteer has in a request."""
    if request.interpreter_id == volunteer_id:
        return Seat.INTERPRETER
    return Seat.STANDBY if request.standby_id == volunteer_id else None
