"""Staff are told at fixed times with jitter, and without content: "2 new reports".

Nobody can match the hour of a notice with somebody who typed in the waiting room. Only a report
that its teller called urgent does not wait, and the bot said so before.
"""

import secrets
from datetime import datetime, time, timedelta

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import CaseMessage, CaseState, Chat, Letter, ReportCase, StaffMember
from bot.outbox import owe
from bot.reports.arrivals import TO_REPORTER, Moved, move_arrivals, today
from bot.reports.links import PUSH, linked_chat, renew_link
from bot.reports.process import RECEIVED
from bot.reports.site import SiteSecret
from bot.reports.workdays import is_workday
from bot.staff import Role
from bot.texts import HOUSE_TIME

FIXED_TIMES = (time(7, 30), time(12, 30), time(17, 30))
"""When arrivals move to the cases, in the county's time, every day."""

WAITING, READY = "reports_waiting", PUSH
_LEAST_JITTER, _MOST_JITTER = 60, 40 * 60  # seconds
_LOCK = 7_203_115  # any number of our own, see bot/db.py


def last_fixed_time(now: datetime) -> datetime:
    """The latest fixed time that is not after ``now``."""
    local = now.astimezone(HOUSE_TIME)
    for day in (local.date(), local.date() - timedelta(days=1)):
        for hour in reversed(FIXED_TIMES):
            moment = datetime.combine(day, hour, HOUSE_TIME)
            if moment <= local:
                return moment
    raise AssertionError("some fixed time of yesterday is before now")


def next_fixed_time(now: datetime) -> datetime:
    """The first fixed time after ``now``: from then on the case workers can open what waits."""
    local = now.astimezone(HOUSE_TIME)
    for day in (local.date(), local.date() + timedelta(days=1)):
        for hour in FIXED_TIMES:
            moment = datetime.combine(day, hour, HOUSE_TIME)
            if moment > local:
                return moment
    raise AssertionError("some fixed time of tomorrow is after now")


class FixedTimes:
    """Says once for each fixed time that it has come. What waited during a stop waits on."""

    def __init__(self, now: datetime) -> None:
        self._last = last_fixed_time(now)

    def has_come(self, now: datetime) -> bool:
        """Whether a fixed time has passed since the last look."""
        before, self._last = self._last, last_fixed_time(now)
        return self._last > before


async def move_and_tell(
    session: AsyncSession, site: SiteSecret, now: datetime, *, urgent: bool = False
) -> Moved:
    """Move what waits, and owe the case workers and the linked chats their notices.

    ``urgent``: right after an urgent report was kept; the case workers are told at once and
    nobody else is told anything.
    """
    if session.get_bind().dialect.name == "postgresql":
        # Two processes have the same clock: the second one finds the notices owed already.
        await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    moved = await move_arrivals(session)
    if urgent:
        if moved.urgent:
            await _tell_staff(session, moved, now, timedelta(0))
        elif moved.reports or moved.additions:
            await _tell_staff(session, moved, now, _jitter())
        return moved
    await _tell_linked(session, site, now)
    if moved.reports or moved.additions:
        await _tell_staff(session, moved, now, _jitter())
    elif _is_first_of_a_workday(now):
        await _remind(session, now)
    return moved


def _jitter() -> timedelta:
    return timedelta(seconds=_LEAST_JITTER + secrets.randbelow(_MOST_JITTER - _LEAST_JITTER))


async def _tell_staff(
    session: AsyncSession, moved: Moved, now: datetime, wait: timedelta, *, again: bool = False
) -> None:
    content = {
        "reports": moved.reports,
        "messages": moved.additions,
        "urgent": moved.urgent,
        "again": again,
    }
    rows = await session.execute(
        select(StaffMember.channel, StaffMember.chat_id)
        .where(StaffMember.role == Role.CASE_WORKER.value)
        .order_by(StaffMember.id)
    )
    for channel, chat_id in rows:
        owe(session, Chat(channel, chat_id), WAITING, content, now + wait)


def _is_first_of_a_workday(now: datetime) -> bool:
    moment = last_fixed_time(now)
    return moment.time() == FIXED_TIMES[0] and is_workday(moment.date())


async def _remind(session: AsyncSession, now: datetime) -> None:
    """Every working day as long as a report waits for its first check: two days are allowed."""
    pending = await session.scalar(
        select(func.count()).select_from(Letter).where(Letter.kind == WAITING)
    )
    waiting = await session.execute(
        select(func.count(), func.count().filter(CaseState.urgent)).where(
            CaseState.state == RECEIVED
        )
    )
    reports, urgent = waiting.one()
    if reports and not pending:
        await _tell_staff(session, Moved(reports, 0, urgent), now, _jitter(), again=True)


async def _tell_linked(session: AsyncSession, site: SiteSecret, now: datetime) -> None:
    """Chats that chose it are told that a message is ready: in random order, each at its time."""
    rows = await session.scalars(
        update(CaseMessage)
        .where(CaseMessage.direction == TO_REPORTER, CaseMessage.noticed.is_(False))
        .values(noticed=True)
        .returning(CaseMessage.case_id)
    )
    cases = sorted(set(rows))
    secrets.SystemRandom().shuffle(cases)
    for case_id in cases:
        lookup = await session.scalar(select(ReportCase.lookup).where(ReportCase.id == case_id))
        chat = await linked_chat(session, site, lookup) if lookup is not None else None
        if lookup is not None and chat is not None:
            await renew_link(session, site, lookup, today(now))
            owe(session, chat, READY, {}, now + _jitter())
