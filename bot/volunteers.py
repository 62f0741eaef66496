"""People who interpret: applying, being approved, pausing; what they can do, where and when."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import AlreadyVolunteer, NoPush, NotEligible, NothingToDo, NotVolunteer
from bot.jobs import schedule
from bot.models import Chat, Request, Volunteer, VolunteerLanguage
from bot.outbox import owe
from bot.staff import Action, Role, chats_with, note
from bot.texts import HOUSE_TIME

CERTIFICATE_LASTS = timedelta(days=3 * 365)
"""What staff are offered as the end of a certificate; they may choose another day."""

MOST_A_WEEK = 20
LOOK_AFTER = "look_after"
"""The job that reads a request again and does what it needs; see ``bot.interpreting.work``."""

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class VolunteerState(StrEnum):
    """Where a volunteer stands."""

    APPLIED = "applied"
    APPROVED = "approved"
    SUSPENDED = "suspended"


class Level(StrEnum):
    """How well a language is spoken. Only mother tongue and fluent are asked."""

    NATIVE = "native"
    FLUENT = "fluent"
    GOOD = "good"


class German(StrEnum):
    """How well German is spoken; the pool's rule is B2 or better."""

    LESS = "less"
    B2 = "b2"
    C1 = "c1"
    C2 = "c2"
    NATIVE = "native"


class Mode(StrEnum):
    """How an appointment is interpreted."""

    ON_SITE = "on-site"
    PHONE = "phone"
    VIDEO = "video"


class Gender(StrEnum):
    """For appointments that wish for a woman or a man. Telling it is optional."""

    WOMAN = "woman"
    MAN = "man"


class Topic(StrEnum):
    """What an appointment is about, as a class and never as a detail."""

    CHILDCARE = "childcare"
    SCHOOL = "school"
    HEALTH = "health"
    PREGNANCY = "pregnancy"
    OFFICE = "office"
    JOB = "job"
    HOUSING = "housing"
    FAMILY = "family"
    VIOLENCE = "violence"
    COUNSELLING = "counselling"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A language, with its dialect, and how well."""

    language: str
    level: Level


@dataclass(frozen=True, slots=True)
class Application:
    """What somebody tells who wants to interpret.

    ``hours`` has seven numbers, Monday first; bit *h* means free from *h* to *h + 1* o'clock (see
    ``hours_of``). ``towns`` is used when it is not empty, else ``radius_km`` around
    ``municipality``. ``quiet_from`` to ``quiet_until`` are hours of the day without messages; the
    same hour twice means there are none.
    """

    name: str
    phone: str
    consent: bool
    of_age: bool
    german: German
    languages: tuple[Spoken, ...]
    municipality: str
    modes: frozenset[Mode]
    hours: tuple[int, int, int, int, int, int, int]
    towns: tuple[str, ...] = ()
    radius_km: int | None = None
    quiet_from: int = 21
    quiet_until: int = 7
    weekly_cap: int = 3
    excluded_topics: frozenset[Topic] = frozenset()
    gender: Gender | None = None
    certificate: str = ""
    certified_on: date | None = None
    pledged_on: date | None = None


def hours_of(spans: Iterable[tuple[int, int]]) -> int:
    """The bits of a day from spans of hours: ``(8, 12)`` is from 8 to 12 o'clock."""
    bits = 0
    for first, last in spans:
        if not 0 <= first < last <= 24:
            raise ValueError("hours of a day go from 0 to 24")
        bits |= (1 << last) - (1 << first)
    return bits


def spans_of(bits: int) -> list[tuple[int, int]]:
    """The spans of hours in the bits of a day, for showing them."""
    spans: list[tuple[int, int]] = []
    for hour in range(24):
        if bits >> hour & 1:
            if spans and spans[-1][1] == hour:
                spans[-1] = (spans[-1][0], hour + 1)
            else:
                spans.append((hour, hour + 1))
    return spans


def hours_of_week(volunteer: Volunteer) -> tuple[int, ...]:
    """The availability of a volunteer, Monday first."""
    return tuple(int(getattr(volunteer, day)) for day in DAYS)


def broken_rules(application: Application) -> tuple[str, ...]:
    """Which of the pool's rules an application breaks; empty when it may be sent."""
    broken = {
        "consent": not application.consent,
        "of_age": not application.of_age,
        "german": application.german is German.LESS,
        "languages": not any(s.level is not Level.GOOD for s in application.languages),
        "pledge": application.pledged_on is None,
        "modes": not application.modes,
        "hours": not any(application.hours),
        "reach": Mode.ON_SITE in application.modes
        and not application.towns
        and application.radius_km is None,
        "name": not application.name.strip(),
        "phone": len(re.findall(r"\d", application.phone)) < 6,
        "weekly_cap": not 1 <= application.weekly_cap <= MOST_A_WEEK,
        "quiet_hours": not (0 <= application.quiet_from < 24 and 0 <= application.quiet_until < 24),
    }
    return tuple(rule for rule, is_broken in broken.items() if is_broken)


async def apply_as_volunteer(
    session: AsyncSession, chat: Chat, application: Application, now: datetime, *, can_push: bool
) -> Volunteer:
    """Keep an application and tell the staff.

    Raises ``NoPush`` where the bot cannot write by itself, ``NotEligible``, ``AlreadyVolunteer``.
    """
    if not can_push:
        raise NoPush
    if broken := broken_rules(application):
        raise NotEligible(broken)
    if await find_volunteer(session, chat) is not None:
        raise AlreadyVolunteer
    volunteer = Volunteer(
        channel=chat.channel,
        chat_id=chat.id,
        consented_at=now,
        applied_at=now,
        state=VolunteerState.APPLIED.value,
        certified_until=None,
        paused_until=None,
        asked_at=None,
        seen_on=_day(now),
    )
    _fill(volunteer, application)
    session.add(volunteer)
    await session.flush()
    await _keep_languages(session, volunteer.id, application.languages)
    for staff in await chats_with(session, Role.DISPATCHER):
        owe(session, staff, "volunteer_applied", {"volunteer_id": volunteer.id}, now)
    return volunteer


async def change_application(
    session: AsyncSession, chat: Chat, application: Application, now: datetime
) -> Volunteer:
    """Replace what a volunteer told, by themselves.

    Languages, German or certificate are what staff approved: when one of them changes, staff
    look again. Raises ``NotVolunteer``, ``NotEligible``.
    """
    if broken := broken_rules(application):
        raise NotEligible(broken)
    volunteer = await demand_volunteer(session, chat)
    before = (
        {(s.language, s.level) for s in await languages_of(session, volunteer.id)},
        volunteer.german,
        volunteer.certificate,
        volunteer.certified_on,
    )
    _fill(volunteer, application)
    volunteer.seen_on = _day(now)
    await _keep_languages(session, volunteer.id, application.languages)
    after = (
        {(s.language, s.level) for s in application.languages},
        volunteer.german,
        volunteer.certificate,
        volunteer.certified_on,
    )
    if before != after and volunteer.state == VolunteerState.APPROVED:
        volunteer.state = VolunteerState.APPLIED.value
        for staff in await chats_with(session, Role.DISPATCHER):
            owe(session, staff, "volunteer_applied", {"volunteer_id": volunteer.id}, now)
    await session.flush()
    return volunteer


def _fill(volunteer: Volunteer, application: Application) -> None:
    volunteer.name = application.name.strip()[:120]
    volunteer.phone = application.phone.strip()[:40]
    volunteer.german = application.german.value
    volunteer.municipality = application.municipality
    volunteer.towns = sorted(application.towns)
    volunteer.radius_km = application.radius_km
    volunteer.on_site = Mode.ON_SITE in application.modes
    volunteer.by_phone = Mode.PHONE in application.modes
    volunteer.by_video = Mode.VIDEO in application.modes
    for day, bits in zip(DAYS, application.hours, strict=True):
        setattr(volunteer, day, bits)
    volunteer.quiet_from = application.quiet_from
    volunteer.quiet_until = application.quiet_until
    volunteer.weekly_cap = application.weekly_cap
    volunteer.excluded_topics = sorted(topic.value for topic in application.excluded_topics)
    volunteer.gender = application.gender.value if application.gender else None
    volunteer.certificate = application.certificate.strip()[:160]
    volunteer.certified_on = application.certified_on
    volunteer.pledged_on = application.pledged_on


async def _keep_languages(
    session: AsyncSession, volunteer_id: int, spoken: Iterable[Spoken]
) -> None:
    await session.execute(
        delete(VolunteerLanguage).where(VolunteerLanguage.volunteer_id == volunteer_id)
    )
    levels = {each.language: each.level.value for each in spoken}
    session.add_all(
        VolunteerLanguage(volunteer_id=volunteer_id, language=language, level=level)
        for language, level in sorted(levels.items())
    )
    await session.flush()


def _day(now: datetime) -> date:
    return now.astimezone(HOUSE_TIME).date()


async def find_volunteer(session: AsyncSession, chat: Chat) -> Volunteer | None:
    """The volunteer of a chat, in whatever state."""
    found: Volunteer | None = await session.scalar(
        select(Volunteer).where(Volunteer.channel == chat.channel, Volunteer.chat_id == chat.id)
    )
    return found


async def demand_volunteer(
    session: AsyncSession, chat: Chat, *, approved: bool = False
) -> Volunteer:
    """The volunteer of a chat. Raises ``NotVolunteer``, also for one who is not approved (now)."""
    volunteer = await find_volunteer(session, chat)
    if volunteer is None or (approved and volunteer.state != VolunteerState.APPROVED):
        raise NotVolunteer
    return volunteer


async def get_volunteer(session: AsyncSession, volunteer_id: int) -> Volunteer:
    """A volunteer by number. Raises ``NothingToDo`` when there is none."""
    volunteer = await session.get(Volunteer, volunteer_id)
    if volunteer is None:
        raise NothingToDo
    return volunteer


async def languages_of(session: AsyncSession, volunteer_id: int) -> list[Spoken]:
    """What a volunteer speaks, by language."""
    rows = await session.scalars(
        select(VolunteerLanguage)
        .where(VolunteerLanguage.volunteer_id == volunteer_id)
        .order_by(VolunteerLanguage.language)
    )
    return [Spoken(row.language, Level(row.level)) for row in rows]


async def applications(session: AsyncSession) -> list[Volunteer]:
    """Who waits for the staff, oldest first."""
    rows = await session.scalars(
        select(Volunteer)
        .where(Volunteer.state == VolunteerState.APPLIED.value)
        .order_by(Volunteer.applied_at, Volunteer.id)
    )
    return list(rows)


async def all_volunteers(session: AsyncSession) -> list[Volunteer]:
    """Everybody of the pool by name, for the staff's list."""
    return list(await session.scalars(select(Volunteer).order_by(Volunteer.name, Volunteer.id)))


async def volunteers_expiring(
    session: AsyncSession, today: date, within: timedelta = timedelta(days=60)
) -> list[Volunteer]:
    """Approved volunteers whose certificate has run out or will soon, soonest first."""
    rows = await session.scalars(
        select(Volunteer)
        .where(
            Volunteer.state == VolunteerState.APPROVED.value,
            Volunteer.certified_until <= today + within,
        )
        .order_by(Volunteer.certified_until, Volunteer.id)
    )
    return list(rows)


async def approve_volunteer(
    session: AsyncSession, volunteer_id: int, certified_until: date, now: datetime, by: Chat
) -> None:
    """Let a volunteer be asked, until the certificate runs out. Raises ``NothingToDo``.

    Also after a suspension, and again with a later day when a new certificate was shown.
    ``NotEligible`` when the day has passed.
    """
    if certified_until < _day(now):
        raise NotEligible(("certificate",))
    volunteer = await get_volunteer(session, volunteer_id)
    volunteer.state = VolunteerState.APPROVED.value
    volunteer.certified_until = certified_until
    await session.flush()
    await note(session, by, Action.APPROVE_VOLUNTEERS, f"#{volunteer_id}", now)
    chat = Chat(volunteer.channel, volunteer.chat_id)
    owe(session, chat, "volunteer_state", {"state": volunteer.state}, now)


async def suspend_volunteer(
    session: AsyncSession, volunteer_id: int, now: datetime, by: Chat
) -> None:
    """Let a volunteer not be asked any more; coming appointments look for somebody else.

    Raises ``NothingToDo``.
    """
    volunteer = await get_volunteer(session, volunteer_id)
    volunteer.state = VolunteerState.SUSPENDED.value
    await session.flush()
    await leave_seats(session, volunteer_id, now)
    await note(session, by, Action.APPROVE_VOLUNTEERS, f"suspended #{volunteer_id}", now)
    chat = Chat(volunteer.channel, volunteer.chat_id)
    owe(session, chat, "volunteer_state", {"state": volunteer.state}, now)


async def leave_seats(session: AsyncSession, volunteer_id: int, now: datetime | None) -> None:
    """Empty the seats of a volunteer in appointments to come; a job then fills them again.

    Without ``now`` (somebody said /forget) every seat is emptied and the job is due at once; it
    leaves alone what is over.
    """
    sits = or_(Request.interpreter_id == volunteer_id, Request.standby_id == volunteer_id)
    coming = sits if now is None else and_(sits, Request.ends_at > now)
    for request_id in await lock_all(session, coming):
        for seat in (Request.interpreter_id, Request.standby_id):
            await session.execute(
                update(Request)
                .where(Request.id == request_id, seat == volunteer_id)
                .values({seat: None})
            )
        opened_at = await session.scalar(select(Request.opened_at).where(Request.id == request_id))
        if opened_at is not None:
            await schedule(session, LOOK_AFTER, request_id, now or opened_at)


async def lock_all(session: AsyncSession, which: ColumnElement[bool]) -> list[int]:
    """Lock requests and give their numbers, always in this order: nobody waits in a ring."""
    rows = await session.scalars(
        select(Request.id).where(which).order_by(Request.id).with_for_update(key_share=True)
    )
    return list(rows)


async def pause(session: AsyncSession, chat: Chat, until: date | None, now: datetime) -> None:
    """Ask nothing before that day; with ``None`` ask again. Raises ``NotVolunteer``."""
    volunteer = await demand_volunteer(session, chat)
    volunteer.paused_until = until
    volunteer.seen_on = _day(now)
    await session.flush()


async def set_quiet_hours(
    session: AsyncSession, chat: Chat, quiet_from: int, quiet_until: int
) -> None:
    """Send no request between two hours of the day. Raises ``NotVolunteer``, ``NotEligible``."""
    if not (0 <= quiet_from < 24 and 0 <= quiet_until < 24):
        raise NotEligible(("quiet_hours",))
    volunteer = await demand_volunteer(session, chat)
    volunteer.quiet_from, volunteer.quiet_until = quiet_from, quiet_until
    await session.flush()


async def set_weekly_cap(session: AsyncSession, chat: Chat, most: int) -> None:
    """Send at most so many requests in seven days. Raises ``NotVolunteer``, ``NotEligible``."""
    if not 1 <= most <= MOST_A_WEEK:
        raise NotEligible(("weekly_cap",))
    volunteer = await demand_volunteer(session, chat)
    volunteer.weekly_cap = most
    await session.flush()
