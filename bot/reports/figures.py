"""Figures that identify nobody: one row a closed case, published once, never to be differenced.

A row holds form, motive, town and month, and nothing that leads to its case. Tables come from
these rows only. Each row is counted in exactly one *block* (a quarter, or a year of which no
quarter was published); the sums of a year are published as far as they give nothing away that a
block has hidden. What was published once is kept and answered again unchanged.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import FiguresHeldBack
from bot.models import Figure, FigureRelease
from bot.places import towns
from bot.reports.suppression import LEAST_ROWS, K, block_table, rounded, year_table
from bot.reports.told import Form, Motive

DIMENSIONS = ("form", "motive", "town", "month")
ELSEWHERE, ONLINE, UNKNOWN = "elsewhere", "online", "unknown"
EARLIER = "earlier"
_PERIOD = re.compile(r"(20\d\d)(?:-Q([1-4]))?")


@dataclass(frozen=True, slots=True)
class Period:
    """A year, or one of its quarters."""

    year: int
    quarter: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Period":
        """From ``2026`` or ``2026-Q3``. Raises ``ValueError``."""
        found = _PERIOD.fullmatch(text)
        if found is None:
            raise ValueError("a period is a year such as 2026, or a quarter such as 2026-Q3")
        return cls(int(found[1]), int(found[2]) if found[2] else None)

    @property
    def name(self) -> str:
        """``2026`` or ``2026-Q3``."""
        return f"{self.year}-Q{self.quarter}" if self.quarter else str(self.year)

    @property
    def months(self) -> list[date]:
        """The first days of its months."""
        first = 3 * (self.quarter - 1) if self.quarter else 0
        return [date(self.year, first + n + 1, 1) for n in range(3 if self.quarter else 12)]

    @property
    def end(self) -> date:
        """Its last day."""
        last = self.months[-1]
        return (last + timedelta(days=31)).replace(day=1) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Counted:
    """One closed case as a row of figures; ``month`` is the first day of the month it came in."""

    id: str
    form: str
    motive: str
    town: str
    month: date


def town_names() -> tuple[str, ...]:
    """The towns that figures know, and the three that are none."""
    return (*towns(), ELSEWHERE, ONLINE, UNKNOWN)


async def count(session: AsyncSession, rows: Sequence[Counted]) -> None:
    """Keep rows; one that came before is not counted twice. Raises ``ValueError``."""
    for row in rows:
        Form(row.form)
        Motive(row.motive)
        if row.town not in town_names() or row.month.day != 1:
            raise ValueError("unknown town, or not the first of a month")
        if await session.get(Figure, row.id) is None:
            session.add(
                Figure(id=row.id, form=row.form, motive=row.motive, town=row.town, month=row.month)
            )
    await session.flush()


async def release(session: AsyncSession, period: Period, today: date) -> dict[str, Any]:
    """The tables of a period as they are published, now or long ago.

    Raises ``FiguresHeldBack``: ``not-over``, ``too-few`` (they count in the next period), or
    ``year-published`` for a quarter of a year that was published as a whole.
    """
    found = await session.get(FigureRelease, period.name)
    if found is not None:
        return found.tables
    if today <= period.end:
        raise FiguresHeldBack("not-over")
    if period.quarter is not None:
        if await session.get(FigureRelease, str(period.year)) is not None:
            raise FiguresHeldBack("year-published")
        return await _release_block(session, period, today)
    blocks = [Period(period.year, quarter) for quarter in (1, 2, 3, 4)]
    names = [block.name for block in blocks]
    published = list(
        await session.scalars(select(FigureRelease).where(FigureRelease.period.in_(names)))
    )
    if not published:
        return await _release_block(session, period, today)
    last = blocks[-1]
    waiting = await _waiting(session, period)
    if last.name not in {one.period for one in published} and len(waiting) >= LEAST_ROWS:
        await _release_block(session, last, today)
    return await _release_sums(session, period, names, today)


async def releases(session: AsyncSession) -> list[FigureRelease]:
    """All that was ever published, in order of the periods."""
    return list(await session.scalars(select(FigureRelease).order_by(FigureRelease.period)))


async def _waiting(session: AsyncSession, period: Period) -> list[Figure]:
    """Rows up to the end of a period that no block has counted."""
    return list(
        await session.scalars(
            select(Figure)
            .where(Figure.release.is_(None), Figure.month <= period.end)
            .order_by(Figure.id)
            .with_for_update()
        )
    )


async def _release_block(session: AsyncSession, period: Period, today: date) -> dict[str, Any]:
    rows = await _waiting(session, period)
    if len(rows) < LEAST_ROWS:
        raise FiguresHeldBack("too-few")
    for row in rows:
        row.release = period.name
    cells = block_cells(rows, period)
    tables = _published(period, len(rows), {d: block_table(cells[d]) for d in DIMENSIONS})
    session.add(FigureRelease(period=period.name, released_on=today, tables=tables))
    await session.flush()
    return tables


async def _release_sums(
    session: AsyncSession, period: Period, names: Sequence[str], today: date
) -> dict[str, Any]:
    published = list(
        await session.scalars(
            select(FigureRelease)
            .where(FigureRelease.period.in_(names))
            .order_by(FigureRelease.period)
        )
    )
    blocks, total = [], 0
    for one in published:
        rows = list(await session.scalars(select(Figure).where(Figure.release == one.period)))
        total += len(rows)
        blocks.append((one, block_cells(rows, Period.parse(one.period))))
    shown: dict[str, dict[str, int | None]] = {}
    for dimension in DIMENSIONS[:3]:
        shown[dimension] = year_table(
            [(cells[dimension], one.tables["tables"][dimension]) for one, cells in blocks]
        )
    # Months lie in one block each: what the block shows and hides is said again.
    shown["month"] = {
        name if name != EARLIER else f"{EARLIER} ({one.period})": count
        for one, _cells in blocks
        for name, count in one.tables["tables"]["month"].items()
    }
    tables = _published(period, total, shown)
    session.add(FigureRelease(period=period.name, released_on=today, tables=tables))
    await session.flush()
    return tables


def block_cells(rows: Iterable[Figure], period: Period) -> dict[str, dict[str, int]]:
    """The true cells of a block in every dimension, zeros included."""
    kept = list(rows)
    months = [f"{month:%Y-%m}" for month in period.months]
    by_month = Counter(
        name if (name := f"{row.month:%Y-%m}") in months else EARLIER for row in kept
    )
    counts: dict[str, tuple[Sequence[str], Counter[str]]] = {
        "form": (list(Form), Counter(row.form for row in kept)),
        "motive": (list(Motive), Counter(row.motive for row in kept)),
        "town": (town_names(), Counter(row.town for row in kept)),
        "month": ([EARLIER, *months], by_month),
    }
    return {
        dimension: {str(name): found[name] for name in names}
        for dimension, (names, found) in counts.items()
    }


def _published(
    period: Period, total: int, tables: dict[str, dict[str, int | None]]
) -> dict[str, Any]:
    return {"period": period.name, "k": K, "about": rounded(total), "tables": tables}
