"""Requests as institutions and staff meet them: open, see how it stands, cancel."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotEligible, NothingToDo, NotInstitution
from bot.institutions import demand_institution, demand_member, institutions_of
from bot.interpreting.letters import Letter
from bot.interpreting.messages import replace_shown
from bot.interpreting.tending import (
    BEFORE_IT,
    ERASE,
    NEVER_ASKED,
    OVER,
    asked_so_far,
    close_offers,
    free_seats,
    happened,
    locked,
    tell_institution,
)
from bot.interpreting.wishes import (
    OPEN_STATES,
    PRIVATE_DETAILS,
    Lane,
    OfferState,
    State,
    Wish,
    check_wish,
    substitutes_for,
)
from bot.jobs import cancel, planned, schedule
from bot.models import (
    Chat,
    Institution,
    Offer,
    Request,
    RequestDetails,
    RequestEvent,
)
from bot.staff import Action, note
from bot.texts import HOUSE_TIME
from bot.volunteers import LOOK_AFTER

MOST_OPEN = 20
"""Open requests of one institution; more are a mistake or a misuse, and staff can help."""


@dataclass(frozen=True, slots=True)
class Summary:
    """How a request stands, with counts and without names.

    ``asked`` volunteers were asked, of whom ``no`` said no (whoever knows the person counts here,
    too), ``silent`` have not answered. ``next_wave_at`` is when more are asked.
    """

    request: Request
    institution: str
    state: State
    asked: int
    no: int
    silent: int
    next_wave_at: datetime | None
    has_interpreter: bool
    has_standby: bool
    history: tuple[RequestEvent, ...]


async def open_request(
    session: AsyncSession,
    chat: Chat,
    institution_id: int,
    wish: Wish,
    now: datetime,
    *,
    again_after: int | None = None,
) -> Request:
    """Take a request; its first wave goes out with the next job, within seconds.

    ``again_after``: an earlier request of the same institution for the same person; whoever said
    there "I know this person" is not asked. Raises what ``check_wish`` and ``demand_institution``
    raise, and ``NotEligible`` with "too_many" when the institution has very many open requests.
    """
    check_wish(wish, now)
    institution = await demand_institution(session, chat, institution_id)
    earlier = await demand_request(session, chat, again_after) if again_after else None
    starts_at = now if wish.lane is Lane.NOW else wish.starts_at
    open_now = await session.scalars(
        select(Request.id).where(
            Request.institution_id == institution_id, Request.state == State.SEARCHING.value
        )
    )
    if len(open_now.all()) >= MOST_OPEN:
        raise NotEligible(("too_many",))
    institution.seen_on = now.astimezone(HOUSE_TIME).date()
    request = Request(
        institution_id=institution_id,
        language=wish.language,
        substitutes=list(wish.substitutes),
        lane=wish.lane.value,
        mode=wish.mode.value,
        municipality=wish.municipality,
        topic=wish.topic.value,
        gender_wish=wish.gender_wish.value if wish.gender_wish else None,
        wants_standby=wish.wants_standby,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=wish.minutes),
        opened_at=now,
        searched_from=now,
        state=State.SEARCHING.value,
        next_wave_at=now,
        case_id=(earlier.case_id or earlier.id) if earlier is not None else None,
    )
    session.add(request)
    await session.flush()
    session.add(
        RequestDetails(
            request_id=request.id,
            channel=chat.channel,
            chat_id=chat.id,
            address=wish.address.strip()[:300],
            reach=wish.reach.strip()[:300],
            note=wish.note.strip()[:400],
            ends_at=request.ends_at,
        )
    )
    happened(session, request.id, "opened", 0, now)
    await session.flush()
    if request.case_id is not None:
        await _leave_out_who_knows(session, request)
    await schedule(session, LOOK_AFTER, request.id, now)
    await schedule(session, OVER, request.id, request.ends_at)
    await schedule(session, ERASE, request.id, request.ends_at + PRIVATE_DETAILS)
    return request


async def _leave_out_who_knows(session: AsyncSession, request: Request) -> None:
    """Whoever said "I know this person" in the case is not asked now, nor counted or shown.

    Written to the new request itself: the earlier ones lose their offers some days after them.
    """
    of_the_case = select(Request.id).where(
        or_(Request.id == request.case_id, Request.case_id == request.case_id)
    )
    rows = await session.scalars(
        select(Offer)
        .where(Offer.request_id.in_(of_the_case), Offer.state == OfferState.KNOWS.value)
        .order_by(Offer.id)
    )
    for known in {offer.volunteer_id: offer for offer in rows}.values():
        session.add(
            Offer(
                request_id=request.id,
                volunteer_id=known.volunteer_id,
                wave=NEVER_ASKED,
                chance=0.0,
                score=0.0,
                reasons={},
                offered_at=known.offered_at,
                part=known.part,
                state=OfferState.KNOWS.value,
                answered_at=known.answered_at,
            )
        )
    await session.flush()


async def demand_request(
    session: AsyncSession, chat: Chat, request_id: int, *, lock: bool = False
) -> Request:
    """A request of the chat's own institution, in whatever state.

    With ``lock`` nobody else changes it until the transaction ends. Raises ``NotInstitution``
    also for a number that does not exist.
    """
    request = await (locked(session, request_id) if lock else session.get(Request, request_id))
    if request is None:
        raise NotInstitution
    await demand_member(session, chat, request.institution_id)
    return request


async def agree_to_substitutes(
    session: AsyncSession, chat: Chat, request_id: int, languages: tuple[str, ...], now: datetime
) -> None:
    """Also ask who speaks these languages, because the institution said yes to them.

    Raises ``NotInstitution``, ``NothingToDo`` when nobody is looked for any more, and
    ``NotEligible`` for a language that is no substitute.
    """
    request = await demand_request(session, chat, request_id, lock=True)
    if request.state not in {State.SEARCHING, State.UNFILLED} or request.ends_at <= now:
        raise NothingToDo
    if set(languages) - set(substitutes_for(request.language)):
        raise NotEligible(("substitutes",))
    request.substitutes = [*request.substitutes, *(set(languages) - set(request.substitutes))]
    if request.state == State.UNFILLED:
        request.state = State.SEARCHING.value
        request.searched_from = now
        request.everyone_asked = False
    request.next_wave_at = now
    await session.flush()
    happened(session, request.id, "substitute agreed", len(languages), now)
    await schedule(session, LOOK_AFTER, request.id, now)


async def request_summary(session: AsyncSession, chat: Chat, request_id: int) -> Summary:
    """How a request stands, for its own institution. Raises ``NotInstitution``."""
    return await summary_of(session, await demand_request(session, chat, request_id))


async def summary_of(session: AsyncSession, request: Request) -> Summary:
    """How a request stands."""
    institution = (
        await session.get(Institution, request.institution_id) if request.institution_id else None
    )
    states = list(
        await session.scalars(
            select(Offer.state).where(Offer.request_id == request.id, Offer.wave > NEVER_ASKED)
        )
    )
    return Summary(
        request=request,
        institution=institution.name if institution else "",
        state=State(request.state),
        asked=len(states),
        no=sum(state in {OfferState.NO, OfferState.KNOWS} for state in states),
        silent=sum(state in {OfferState.OPEN, OfferState.LATER} for state in states),
        next_wave_at=request.next_wave_at if request.state == State.SEARCHING else None,
        has_interpreter=request.interpreter_id is not None,
        has_standby=request.standby_id is not None,
        history=tuple(await history(session, request.id)),
    )


async def history(session: AsyncSession, request_id: int) -> list[RequestEvent]:
    """What happened to a request, oldest first."""
    rows = await session.scalars(
        select(RequestEvent).where(RequestEvent.request_id == request_id).order_by(RequestEvent.id)
    )
    return list(rows)


async def open_requests(session: AsyncSession, now: datetime) -> list[Summary]:
    """What staff look at: searching, found, and not found for what is still to come; by moment."""
    rows = await session.scalars(
        select(Request)
        .where(
            Request.state.in_((*OPEN_STATES, State.UNFILLED.value, State.BY_PHONE.value)),
            Request.ends_at > now,
        )
        .order_by(Request.starts_at, Request.id)
    )
    return [await summary_of(session, request) for request in rows]


async def my_requests(session: AsyncSession, chat: Chat, most: int = 20) -> list[Request]:
    """The requests of the chat's institutions, newest first."""
    institutions = [each.id for each in await institutions_of(session, chat)]
    rows = await session.scalars(
        select(Request)
        .where(Request.institution_id.in_(institutions))
        .order_by(Request.id.desc())
        .limit(most)
    )
    return list(rows)


async def cancel_request(
    session: AsyncSession, chat: Chat, request_id: int, reason: str, now: datetime
) -> None:
    """The institution does not need anybody any more; who sits is told, offers end.

    Raises ``NotInstitution``, ``NothingToDo`` when it is over or was cancelled before.
    """
    await demand_request(session, chat, request_id)
    await end_request(session, request_id, State.CANCELLED, reason, now)


async def close_request(
    session: AsyncSession, request_id: int, reason: str, now: datetime, by: Chat
) -> None:
    """Staff close a request with a reason that the institution reads. Raises ``NothingToDo``."""
    await end_request(session, request_id, State.CLOSED, reason, now)
    await tell_institution(
        session, request_id, Letter.REQUEST_CLOSED, {"reason": reason[:300]}, now
    )
    await note(session, by, Action.STEP_IN, f"closed #{request_id}", now)


async def phone_lane(session: AsyncSession, request_id: int, now: datetime, by: Chat) -> None:
    """Staff arrange the paid telephone service instead. Raises ``NothingToDo``."""
    await end_request(session, request_id, State.BY_PHONE, "", now)
    await tell_institution(session, request_id, Letter.PHONE_LANE, {}, now)
    await note(session, by, Action.STEP_IN, f"by phone #{request_id}", now)


async def end_request(
    session: AsyncSession, request_id: int, state: State, reason: str, now: datetime
) -> None:
    """End a search or an arrangement that is not over yet. Who wins is decided by the statement.

    Raises ``NothingToDo``.
    """
    ended = await session.scalar(
        update(Request)
        .where(
            Request.id == request_id,
            Request.state.in_((*OPEN_STATES, State.UNFILLED.value)),
            Request.ends_at > now,
        )
        .values(state=state.value, reason=reason.strip()[:300], next_wave_at=None)
        .returning(Request.id)
    )
    request = await locked(session, request_id)
    if ended is None or request is None:
        raise NothingToDo
    await cancel(session, request_id, [*BEFORE_IT, OVER])
    await close_offers(session, request, now, why="over")
    why = "cancelled" if state is State.CANCELLED else "closed"
    await free_seats(session, request, why, now)
    await replace_shown(session, request_id, now)
    happened(session, request_id, state.value, await asked_so_far(session, request_id), now)


async def next_steps(session: AsyncSession, request_id: int) -> list[tuple[str, datetime]]:
    """What will happen to a request by itself, and when."""
    jobs = await planned(session, request_id, [*BEFORE_IT, OVER, ERASE])
    return [(job.kind, job.due_at) for job in jobs]
