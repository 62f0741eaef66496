"""Who sits: details after a yes, leaving, no-shows, and staff who assign somebody by hand."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import DoesNotFit, NothingToDo, NotVolunteer
from bot.institutions import institutions_of
from bot.interpreting.finding import candidate_for, ranked_volunteers, wanted
from bot.interpreting.letters import Letter
from bot.interpreting.matching import Hard, Ranked, what_is_missing
from bot.interpreting.messages import replace_shown
from bot.interpreting.requests import demand_request
from bot.interpreting.tending import (
    close_offers,
    happened,
    locked,
    look_after,
    mark_offer,
    seat_of,
    seated,
    tell_dispatchers,
    tell_institution,
    tell_volunteer,
)
from bot.interpreting.wishes import OPEN_STATES, Lane, OfferState, Seat, State
from bot.models import (
    Assignment,
    Chat,
    Institution,
    Offer,
    Request,
    RequestDetails,
    Volunteer,
)
from bot.staff import Action, note
from bot.volunteers import Mode, demand_volunteer, find_volunteer, get_volunteer

NO_SHOW_LASTS = timedelta(minutes=60)
"""After a no-show somebody is looked for by telephone for at least so long an appointment."""


@dataclass(frozen=True, slots=True)
class Held:
    """A coming appointment of a volunteer."""

    request: Request
    seat: Seat


@dataclass(frozen=True, slots=True)
class Details:
    """Everything about an appointment, for the two sides of it.

    ``other_name`` and ``other_phone`` are the interpreter's for the institution, and the
    institution's contact for the interpreter. Nothing of it is kept in letters.
    """

    request: Request
    side: str
    seat: Seat | None
    institution: str
    address: str
    reach: str
    note: str
    other_name: str
    other_phone: str


async def my_seats(session: AsyncSession, chat: Chat, now: datetime) -> list[Held]:
    """A volunteer's coming appointments, soonest first. Raises ``NotVolunteer``."""
    volunteer = await demand_volunteer(session, chat)
    rows = await session.scalars(
        select(Request)
        .where(
            or_(Request.interpreter_id == volunteer.id, Request.standby_id == volunteer.id),
            Request.ends_at > now,
        )
        .order_by(Request.starts_at, Request.id)
    )
    return [Held(request, seat_of(request, volunteer.id) or Seat.STANDBY) for request in rows]


async def details(session: AsyncSession, chat: Chat, request_id: int, now: datetime) -> Details:
    """The details, for who sits now (``side`` "volunteer") or whose institution asked.

    The standby sees time, town and institution, and the rest when they move up. Raises
    ``NotVolunteer`` for everybody else, and ``NothingToDo`` when the details are gone.
    """
    request = await session.get(Request, request_id, populate_existing=True)
    private = await session.get(RequestDetails, request_id)
    if request is None:
        raise NotVolunteer
    volunteer = await find_volunteer(session, chat)
    seat = seat_of(request, volunteer.id) if volunteer is not None else None
    mine = {each.id for each in await institutions_of(session, chat)}
    if seat is None and request.institution_id not in mine:
        raise NotVolunteer
    if private is None:
        raise NothingToDo
    institution = (
        await session.get(Institution, request.institution_id) if request.institution_id else None
    )
    name = institution.name if institution else ""
    if seat is Seat.STANDBY:
        return Details(request, "volunteer", seat, name, "", "", "", "", "")
    if seat is Seat.INTERPRETER:
        other = (institution.contact, institution.phone) if institution else ("", "")
    else:
        sits = (
            await session.get(Volunteer, request.interpreter_id) if request.interpreter_id else None
        )
        other = (sits.name, sits.phone) if sits else ("", "")
    return Details(
        request,
        "institution" if seat is None else "volunteer",
        seat,
        name,
        private.address,
        private.reach,
        private.note,
        *other,
    )


async def withdraw(session: AsyncSession, chat: Chat, request_id: int, now: datetime) -> Seat:
    """A volunteer gives a seat back: the standby moves up at once, or the search begins again.

    Raises ``NotVolunteer``, and ``NothingToDo`` for who does not sit (any more).
    """
    volunteer = await demand_volunteer(session, chat)
    request = await locked(session, request_id)
    seat = seat_of(request, volunteer.id) if request is not None else None
    if request is None or seat is None or request.ends_at <= now:
        raise NothingToDo
    await _leave(session, request, volunteer.id, seat, now)
    await replace_shown(session, request_id, now, chat)
    await look_after(session, request_id, now)
    return seat


async def _leave(
    session: AsyncSession, request: Request, volunteer_id: int, seat: Seat, now: datetime
) -> None:
    """Empty a seat; the one who leaves is not asked again for this request."""
    if seat is Seat.INTERPRETER:
        request.interpreter_id = None
    else:
        request.standby_id = None
    await session.flush()
    await mark_offer(session, request.id, volunteer_id, OfferState.LEFT)
    happened(session, request.id, f"left: {seat}", 1, now)


async def report_no_show(session: AsyncSession, chat: Chat, request_id: int, now: datetime) -> None:
    """The institution says that nobody came: somebody is looked for by telephone, at once.

    The standby moves up where there is one. Staff are told. Raises ``NotInstitution``, and
    ``NothingToDo`` before the beginning, long after the end, or when nobody was to come.
    """
    request = await demand_request(session, chat, request_id, lock=True)
    if (
        request.state != State.FILLED
        or request.interpreter_id is None
        or not request.starts_at <= now < request.ends_at
    ):
        raise NothingToDo
    who = request.interpreter_id
    await session.execute(
        update(Assignment)
        .where(Assignment.request_id == request_id, Assignment.no_show.is_(None))
        .values(no_show="volunteer", settled_minutes=0)
    )
    await _leave(session, request, who, Seat.INTERPRETER, now)
    request.lane = Lane.NOW.value
    if request.mode == Mode.ON_SITE and request.standby_id is None:
        request.mode = Mode.PHONE.value
    await session.flush()
    happened(session, request_id, "no-show", 1, now)
    content = {"request_id": request_id, "why": "no-show"}
    await tell_volunteer(session, who, Letter.SEAT_GONE, content, now)
    await tell_dispatchers(session, Letter.STAFF_NO_SHOW, {"request_id": request_id}, now)
    await look_after(session, request_id, now)


# Staff step in


async def fitting_volunteers(
    session: AsyncSession, request_id: int, now: datetime, most: int = 10
) -> list[tuple[Volunteer, Ranked]]:
    """Who fits a request and has not been asked, the best first, with the reasons."""
    request = await session.get(Request, request_id)
    if request is None:
        raise NothingToDo
    ranked = (await ranked_volunteers(session, request, now))[:most]
    return [(await get_volunteer(session, each.candidate.id), each) for each in ranked]


async def assign_by_hand(
    session: AsyncSession, request_id: int, volunteer_id: int, now: datetime, by: Chat
) -> None:
    """Give the appointment to a volunteer who said yes on the phone.

    Free hours, distance and quiet hours are then their own affair; approval, certificate,
    language, an overlap and "I know this person" are not. Raises ``DoesNotFit`` with what is
    missing, ``NothingToDo`` when the request is over or somebody sits.
    """
    # The volunteer before the request, as everywhere: two transactions never wait in a ring.
    await session.scalar(
        select(Volunteer.id).where(Volunteer.id == volunteer_id).with_for_update(key_share=True)
    )
    request = await locked(session, request_id)
    if (
        request is None
        or request.state not in {*OPEN_STATES, State.UNFILLED, State.BY_PHONE}
        or request.ends_at <= now
        or request.interpreter_id is not None
    ):
        raise NothingToDo
    volunteer = await get_volunteer(session, volunteer_id)
    candidate = await candidate_for(session, volunteer, request, now)
    missing = what_is_missing(candidate, wanted(request, now))
    reasons = [reason.value for reason in missing if reason in _STAFF_CANNOT_WAIVE]
    knows = await session.scalar(
        select(Offer.id).where(
            Offer.request_id == request_id,
            Offer.volunteer_id == volunteer_id,
            Offer.state == OfferState.KNOWS.value,
        )
    )
    if knows is not None:
        # Not "knows the person": that is never shown to anyone.
        reasons.append(Hard.ASKED.value)
    if reasons:
        raise DoesNotFit(tuple(reasons))
    request.interpreter_id = volunteer_id
    if request.standby_id == volunteer_id:
        request.standby_id = None
    request.by_hand = True
    await session.flush()
    await mark_offer(session, request_id, volunteer_id, OfferState.YES)
    await seated(session, request, volunteer_id, now)
    await close_offers(session, request, now, why="taken")
    happened(session, request_id, "assigned by hand", 1, now)
    content = {"request_id": request_id, "seat": Seat.INTERPRETER.value}
    await tell_volunteer(session, volunteer_id, Letter.ASSIGNED_BY_HAND, content, now)
    await tell_institution(session, request_id, Letter.FOUND, {}, now)
    await note(session, by, Action.STEP_IN, f"assigned #{request_id}", now)


_STAFF_CANNOT_WAIVE = frozenset({Hard.STATE, Hard.CERTIFICATE, Hard.LANGUAGE, Hard.OVERLAP})
