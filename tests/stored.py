"""What the database holds, row by row, for tests that look for what must not be there."""

from sqlalchemy import select

from bot.db import Model, Sessions


async def rows(sessions: Sessions) -> list[tuple[str, str]]:
    """Every row of every table as text, with the table's name."""
    found = []
    async with sessions.begin() as session:
        for table in Model.metadata.sorted_tables:
            found += [
                (table.name, repr(tuple(row))) for row in await session.execute(select(table))
            ]
    return found


async def tables_with(sessions: Sessions, word: str) -> list[str]:
    """The tables that hold a word anywhere."""
    return [name for name, row in await rows(sessions) if word in row]
