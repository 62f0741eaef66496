"""Who in the database may be asked for a request: rows become candidates of ``matching``."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from bot.interpreting.matching import (
    Candidate,
    Ranked,
    Wanted,
    askable_at,
    fits,
    hours_between,
    rank,
)
from bot.interpreting.wishes import STILL_OPEN, Lane, OfferState
from bot.models import (
    Assignment,
    Offer,
    Request,
    Volunteer,
    VolunteerLanguage,
    VolunteerTally,
)
from bot.texts import HOUSE_TIME
from bot.volunteers import DAYS, Gender, Mode, Topic, VolunteerState

LOAD_COUNTS_FOR = timedelta(days=90)
WEEK = timedelta(days=7)
_PAGE = 100
_ENOUGH, _MOST = 40, 200
"""Rows read at once. So many candidates who may be asked now are enough for three waves and more;
so many in all are read when it is night and nobody may."""

_AROUND = timedelta(hours=6)  # more than any travel buffer
_MODE_COLUMNS = {
    Mode.ON_SITE: Volunteer.on_site,
    Mode.PHONE: Volunteer.by_phone,
    Mode.VIDEO: Volunteer.by_video,
}
_HOUR_COLUMNS = tuple(getattr(Volunteer, day) for day in DAYS)
_COLUMNS = (
    Volunteer.id,
    Volunteer.municipality,
    Volunteer.towns,
    Volunteer.radius_km,
    Volunteer.on_site,
    Volunteer.by_phone,
    Volunteer.by_video,
    *_HOUR_COLUMNS,
    Volunteer.quiet_from,
    Volunteer.quiet_until,
    Volunteer.weekly_cap,
    Volunteer.excluded_topics,
    Volunteer.gender,
    Volunteer.certified_until,
    Volunteer.paused_until,
    Volunteer.asked_at,
    Volunteer.state,
)


def wanted(request: Request, now: datetime) -> Wanted:
    """What matching has to know about a request; what has begun is wanted from now on."""
    return Wanted(
        languages=(request.language, *request.substitutes),
        starts_at=max(request.starts_at, now) if request.lane == Lane.NOW else request.starts_at,
        ends_at=request.ends_at,
        mode=Mode(request.mode),
        municipality=request.municipality,
        topic=Topic(request.topic),
        gender_wish=Gender(request.gender_wish) if request.gender_wish else None,
    )


async def ranked_volunteers(session: AsyncSession, request: Request, now: datetime) -> list[Ranked]:
    """Who fits and has not been asked (in this search), the best first.

    In a very large pool only so many of those whom nobody has asked for longest are looked at as
    are enough for several waves; the others have their turn when these have been asked.
    """
    wish = wanted(request, now)
    found: dict[int, Candidate] = {}
    statement = _narrowed(request, wish, now.astimezone(HOUSE_TIME).date())
    for first in count(0, _PAGE):
        rows = (await session.execute(statement.limit(_PAGE).offset(first))).all()
        for each in _candidates(rows):
            if each.id not in found and fits(each, wish):
                found[each.id] = each
        askable = sum(askable_at(each, now) <= now for each in found.values())
        if len(rows) < _PAGE or askable >= _ENOUGH or len(found) >= _MOST:
            break
    candidates = list(found.values())
    await _complete(session, candidates, wish, now)
    return rank(candidates, wish, now)


def _narrowed(request: Request, wish: Wanted, today: date) -> Select[Any]:
    """The statement that leaves out most of who does not fit; ``matching`` decides.

    Also left out is who said "I know this person" to an earlier request of the same case.
    """
    not_again = and_(Offer.request_id == request.id, Offer.state != OfferState.OVER.value)
    if request.case_id is not None:
        of_the_case = select(Request.id).where(
            or_(Request.id == request.case_id, Request.case_id == request.case_id)
        )
        known = and_(Offer.request_id.in_(of_the_case), Offer.state == OfferState.KNOWS.value)
        not_again = or_(not_again, known)
    asked = select(Offer.volunteer_id).where(not_again)
    conditions: list[ColumnElement[bool]] = [
        VolunteerLanguage.language.in_(wish.languages),
        Volunteer.state == VolunteerState.APPROVED.value,
        Volunteer.certified_until >= wish.starts_at.astimezone(HOUSE_TIME).date(),
        _MODE_COLUMNS[wish.mode].is_(True),
        Volunteer.id.not_in(asked),
    ]
    if wish.gender_wish is not None:
        conditions.append(Volunteer.gender == wish.gender_wish.value)
    masks: dict[int, int] = defaultdict(int)
    for day, hour in hours_between(wish.starts_at, wish.ends_at):
        masks[day] |= 1 << hour
    for day, mask in masks.items():
        conditions.append(_HOUR_COLUMNS[day].bitwise_and(mask) == mask)
    return (
        select(VolunteerLanguage.language, VolunteerLanguage.level, *_COLUMNS)
        .join(Volunteer, Volunteer.id == VolunteerLanguage.volunteer_id)
        .where(*conditions)
        .order_by(
            case((VolunteerLanguage.language == wish.languages[0], 0), else_=1),
            case((Volunteer.paused_until > today, 1), else_=0),
            Volunteer.asked_at.asc().nulls_first(),
            Volunteer.id,
        )
    )


def _candidates(rows: Iterable[Sequence[Any]]) -> list[Candidate]:
    """One candidate for each volunteer; rows come once for each language they share."""
    found: dict[int, Candidate] = {}
    languages: dict[int, dict[str, str]] = defaultdict(dict)
    for each in rows:
        language, level, identity = each[0], each[1], each[2]
        languages[identity][language] = level
        if identity not in found:
            found[identity] = _candidate(each[2:], languages[identity])
    return list(found.values())


def _candidate(row: Sequence[Any], languages: dict[str, str]) -> Candidate:
    identity, municipality, towns, radius, on_site, by_phone, by_video = row[:7]
    quiet_from, quiet_until, cap, excluded, gender, certified, paused, asked_at, state = row[14:]
    return Candidate(
        id=identity,
        languages=languages,
        municipality=municipality,
        towns=frozenset(towns),
        radius_km=radius,
        modes=frozenset(
            mode
            for mode, able in (
                (Mode.ON_SITE, on_site),
                (Mode.PHONE, by_phone),
                (Mode.VIDEO, by_video),
            )
            if able
        ),
        hours=tuple(row[7:14]),
        quiet_from=quiet_from,
        quiet_until=quiet_until,
        weekly_cap=cap,
        excluded_topics=frozenset(excluded),
        gender=gender,
        certified_until=certified,
        approved=state == VolunteerState.APPROVED.value,
        paused_until=paused,
        asked_at=asked_at,
    )


async def _complete(
    session: AsyncSession, found: list[Candidate], wish: Wanted, now: datetime
) -> None:
    """Fill in what they are busy with, how much they did, and how they answered."""
    ids = [each.id for each in found]
    if not ids:
        return
    by_id = {each.id: each for each in found}
    for volunteer_id, span in await _busy(session, wish):
        if volunteer_id in by_id:
            by_id[volunteer_id].busy += (span,)
    loads = await session.execute(
        select(Assignment.volunteer_id, func.count())
        .where(
            Assignment.volunteer_id.in_(ids),
            Assignment.starts_at > now - LOAD_COUNTS_FOR,
            Assignment.no_show.is_(None),
        )
        .group_by(Assignment.volunteer_id)
    )
    for who, number in loads:
        if who is not None:
            by_id[who].load = number
    asked = await session.execute(
        select(Offer.volunteer_id, Offer.offered_at).where(
            Offer.volunteer_id.in_(ids), Offer.offered_at > now - WEEK
        )
    )
    for volunteer_id, moment in asked:
        by_id[volunteer_id].asked_recently += (moment,)
    tallies = await session.execute(
        select(
            VolunteerTally.volunteer_id,
            VolunteerTally.part,
            VolunteerTally.asked,
            VolunteerTally.yes,
        ).where(VolunteerTally.volunteer_id.in_(ids))
    )
    parts: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    for volunteer_id, part, number, yes in tallies:
        parts[volunteer_id][part] = (number, yes)
    for volunteer_id, answers in parts.items():
        by_id[volunteer_id].tallies = answers


async def _busy(
    session: AsyncSession, wish: Wanted, volunteer_id: int | None = None
) -> list[tuple[int, tuple[datetime, datetime]]]:
    """Who sits in an appointment around the wished time, and from when to when."""
    first, last = wish.starts_at - _AROUND, wish.ends_at + _AROUND
    seats = [
        select(seat.label("who"), Request.starts_at, Request.ends_at).where(
            seat.is_not(None) if volunteer_id is None else seat == volunteer_id,
            Request.starts_at < last,
            Request.ends_at > first,
        )
        for seat in (Request.interpreter_id, Request.standby_id)
    ]
    rows = await session.execute(union_all(*seats).order_by("who", "starts_at"))
    return [(who, (begins, ends)) for who, begins, ends in rows if who is not None]


async def candidate_for(
    session: AsyncSession, volunteer: Volunteer, request: Request, now: datetime
) -> Candidate:
    """One volunteer as a candidate, with everything filled in, also one who does not fit."""
    languages = await session.execute(
        select(VolunteerLanguage.language, VolunteerLanguage.level).where(
            VolunteerLanguage.volunteer_id == volunteer.id
        )
    )
    row = [getattr(volunteer, column.key) for column in _COLUMNS]
    candidate = _candidate(row, dict(languages.all()))
    wish = wanted(request, now)
    others = [span for who, span in await _busy(session, wish, volunteer.id) if who == volunteer.id]
    own = (request.starts_at, request.ends_at)
    if volunteer.id in {request.interpreter_id, request.standby_id} and own in others:
        others.remove(own)
    candidate.busy = tuple(others)
    return candidate


async def open_offers(session: AsyncSession, request_id: int) -> list[Offer]:
    """Offers of a request that may still become a yes, oldest first."""
    rows = await session.scalars(
        select(Offer)
        .where(Offer.request_id == request_id, Offer.state.in_(STILL_OPEN))
        .order_by(Offer.id)
    )
    return list(rows)
