"""From "send" to a case: sealed arrivals wait, then move in random order at fixed hours.

A case is written by the mover, together with all that waited: neither its place in the table nor
the number of its transaction lies beside anything that the reporter's chat caused.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import delete, exists, func, insert, literal, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import WaitAWhile
from bot.models import CaseMessage, CaseState, Chat, ReportArrival, ReportCase
from bot.reports.links import link_chat
from bot.reports.receipts import Receipt
from bot.reports.site import SiteSecret
from bot.texts import HOUSE_TIME

REPORT, ADDITION = "report", "addition"
FROM_REPORTER, TO_REPORTER, NOTE = "from-reporter", "to-reporter", "note"
RECEIVED = "received"
MOST_WAITING_BYTES = 1024 * 1024 * 1024
_TRY_LATER_SECONDS = 3600
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LETTERS = 10


def random_id() -> str:
    """Ten letters and digits drawn by lot, easy to read out: 50 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS))


def week_of(day: date) -> str:
    """A day's week, such as ``2026-W48``."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02}"


def today(now: datetime) -> date:
    """The day in the county."""
    return now.astimezone(HOUSE_TIME).date()


@dataclass(frozen=True, slots=True)
class Sealed:
    """A report or an addition that is ready to be kept; sending it twice keeps it once.

    ``receipt`` is there for a report only, and only until it was shown.
    """

    id: str
    kind: str
    lookup: bytes = field(repr=False)
    week: str
    urgent: bool
    sealed: bytes = field(repr=False)
    receipt: Receipt | None = field(default=None, repr=False)
    link: Chat | None = field(default=None, repr=False)


async def send_sealed(
    session: AsyncSession, site: SiteSecret, sealed: Sealed, now: datetime
) -> None:
    """Keep a sealed report or addition until the next fixed hour.

    Repeating it changes nothing. Raises ``WaitAWhile`` when more waits than the disk should hold.
    """
    if await _is_kept(session, sealed):
        return
    waiting = await session.scalar(select(func.sum(func.length(ReportArrival.sealed)))) or 0
    if int(waiting) + len(sealed.sealed) > MOST_WAITING_BYTES:
        raise WaitAWhile(_TRY_LATER_SECONDS)
    session.add(
        ReportArrival(
            id=sealed.id,
            kind=sealed.kind,
            lookup=sealed.lookup,
            week=sealed.week,
            urgent=sealed.urgent,
            sealed=sealed.sealed,
        )
    )
    if sealed.link is not None:
        await link_chat(session, site, sealed.lookup, sealed.link, today(now))
    await session.flush()


async def _is_kept(session: AsyncSession, sealed: Sealed) -> bool:
    waits = select(ReportArrival.id).where(ReportArrival.id == sealed.id)
    if await session.scalar(waits) is not None:
        return True
    if sealed.kind != REPORT:
        return await session.get(CaseMessage, sealed.id) is not None
    moved = select(ReportCase.id).where(ReportCase.lookup == sealed.lookup)
    return await session.scalar(moved) is not None


@dataclass(frozen=True, slots=True)
class Moved:
    """What came to the cases at a fixed hour."""

    reports: int = 0
    additions: int = 0
    urgent: int = 0


async def move_arrivals(session: AsyncSession) -> Moved:
    """Move everything that waits into the case tables, in random order, under new ids."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    if postgresql:
        # Nobody may add a row between the reading and the emptying of the table.
        await session.execute(text("LOCK TABLE report_arrivals IN ACCESS EXCLUSIVE MODE"))
    rows = (
        await session.execute(
            select(ReportArrival.id, ReportArrival.kind, ReportArrival.lookup, ReportArrival.urgent)
        )
    ).all()
    if not rows:
        return Moved()
    shuffled = list(rows)
    secrets.SystemRandom().shuffle(shuffled)
    reports = [row for row in shuffled if row.kind == REPORT]
    additions = [row for row in shuffled if row.kind == ADDITION]
    moved = []
    for row in reports:
        if await _move_report(session, row.id, row.urgent):
            moved.append(row)
        if not postgresql:
            # At once, so that the file need not hold everything twice.
            await session.execute(delete(ReportArrival).where(ReportArrival.id == row.id))
    cases = await _cases_of(session, {bytes(row.lookup) for row in additions})
    added = 0
    for row in additions:
        if bytes(row.lookup) in cases:
            added += await _move_addition(session, row.id, cases[bytes(row.lookup)])
    if postgresql:
        # A new file: the old rows, and who wrote them when, are gone with the old one.
        await session.execute(text("TRUNCATE report_arrivals"))
    else:
        await session.execute(delete(ReportArrival))
    return Moved(len(moved), added, sum(1 for row in moved if row.urgent))


async def _move_report(session: AsyncSession, arrival_id: str, urgent: bool) -> bool:
    """By the database itself: a thousand reports with pictures never are in memory at once.

    A report that was sent twice, once before and once after the last move, is one case.
    """
    case_id = random_id()
    arrival = select(
        literal(case_id), ReportArrival.lookup, ReportArrival.week, ReportArrival.sealed
    ).where(
        ReportArrival.id == arrival_id,
        ~exists().where(ReportCase.lookup == ReportArrival.lookup),
    )
    await session.execute(
        insert(ReportCase).from_select(["id", "lookup", "week", "sealed"], arrival)
    )
    found = await session.scalar(select(ReportCase.id).where(ReportCase.id == case_id))
    if found is None:
        return False
    session.add(CaseState(case_id=case_id, state=RECEIVED, urgent=urgent))
    await session.flush()
    return True


async def _move_addition(session: AsyncSession, arrival_id: str, case_id: str) -> bool:
    # Its id stays: it was drawn by lot, and lets a repeated "send" be noticed.
    if await session.scalar(select(CaseMessage.id).where(CaseMessage.id == arrival_id)):
        return False
    arrival = select(
        ReportArrival.id,
        literal(case_id),
        literal(FROM_REPORTER),
        ReportArrival.week,
        literal(False),
        ReportArrival.sealed,
    ).where(ReportArrival.id == arrival_id)
    await session.execute(
        insert(CaseMessage).from_select(
            ["id", "case_id", "direction", "week", "noticed", "sealed"], arrival
        )
    )
    return True


async def _cases_of(session: AsyncSession, lookups: Collection[bytes]) -> dict[bytes, str]:
    found = await session.execute(
        select(ReportCase.lookup, ReportCase.id).where(ReportCase.lookup.in_(lookups))
    )
    return {bytes(lookup): case_id for lookup, case_id in found}
