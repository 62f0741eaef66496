"""Looks for words and numbers in every byte that a database keeps: tables, journals, its log."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import select, text

from bot.db import Model, Sessions

CASE_TABLES = frozenset(
    {
        "report_arrivals",
        "report_cases",
        "case_messages",
        "case_states",
        "case_tasks",
        "case_openings",
        "report_links",
        "private_hours",
        "figures",
        "figure_releases",
    }
)


def forms_of(needle: str | int | bytes) -> set[bytes]:
    """A word or a number as it could lie on a disk; bytes as they are."""
    if isinstance(needle, bytes):
        return {needle}
    if isinstance(needle, int):
        forms = {str(needle).encode(), hex(needle)[2:].encode()}
        return forms | {needle.to_bytes(8, "big"), needle.to_bytes(8, "little")}
    return {needle.encode(), needle.casefold().encode(), needle.encode("utf-16-le")}


async def files_of(sessions: Sessions) -> list[Path]:
    """Every file of the database, its journals included."""
    if sessions.sqlite:
        database = Path(str(sessions.engine.url.database))
        return sorted(database.parent.glob(f"{database.name}*"))
    async with sessions.engine.connect() as connection:
        folder = Path(str(await connection.scalar(text("SHOW data_directory"))))
    return _all_files(folder)


def _all_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def traces(sessions: Sessions, needles: Iterable[str | int | bytes]) -> list[str]:
    """Where one of the needles lies: the file's name and the needle."""
    wanted = {form: needle for needle in needles for form in forms_of(needle)}
    found = []
    for file in await files_of(sessions):
        data = file.read_bytes()
        found += [f"{file.name}: {needle!r}" for form, needle in wanted.items() if form in data]
    return found


async def dump(sessions: Sessions) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    async with sessions.begin() as session:
        return {
            table.name: [dict(row) for row in (await session.execute(select(table))).mappings()]
            for table in Model.metadata.sorted_tables
        }
