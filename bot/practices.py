"""The directory: what ships with the bot, and the office's own imported list from the database."""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.answering.directory import COLUMNS, Practice, as_row, from_row, shipped
from bot.models import Practice as PracticeRow


@lru_cache(maxsize=2)
def _shipped(samples: bool) -> tuple[Practice, ...]:
    return tuple(shipped(samples=samples))


async def imported_practices(session: AsyncSession) -> list[Practice]:
    """The office's own list, in the order of its table."""
    rows = await session.scalars(select(PracticeRow).order_by(PracticeRow.position))
    return [from_row(row.columns) for row in rows]


async def practices(session: AsyncSession, *, samples: bool) -> list[Practice]:
    """Everything a search may find; an imported entry replaces a shipped one of the same id."""
    found = {practice.id: practice for practice in _shipped(samples)}
    for practice in await imported_practices(session):
        found[practice.id] = practice
    return list(found.values())


async def replace_practices(session: AsyncSession, new: Sequence[Practice]) -> None:
    """Replace the office's list by another one, all or nothing."""
    await session.execute(delete(PracticeRow))
    session.add_all(
        PracticeRow(
            id=practice.id,
            position=number,
            columns=dict(zip(COLUMNS, as_row(practice), strict=True)),
        )
        for number, practice in enumerate(new)
    )
