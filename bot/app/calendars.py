"""``events import`` and ``events export``: what is on as a calendar file."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from bot.db import Sessions
from bot.errors import CalendarNotReadable, SettingsError
from bot.events.calendar import LARGEST_FILE, Row, read_calendar
from bot.events.importing import Imported, export_events, import_rows
from bot.texts import HOUSE_TIME


def _read(path: Path) -> list[Row]:
    if path.stat().st_size > LARGEST_FILE:
        raise CalendarNotReadable
    return read_calendar(path.read_bytes())


async def import_events(sessions: Sessions, path: Path, dry_run: bool) -> int:
    """Take over a calendar file row by row; new events are drafts that staff publish.

    Rows that cannot be taken are named and left out; then the exit code is 1.
    """
    try:
        rows = await asyncio.to_thread(_read, path)
    except OSError as error:
        raise SettingsError(f"events: {path} cannot be read ({error.strerror})") from None
    except CalendarNotReadable:
        raise SettingsError(
            f"events: {path} is no calendar file, or larger than {LARGEST_FILE >> 10} KB"
        ) from None
    async with sessions.begin() as session:
        done = await import_rows(session, rows, datetime.now(UTC), dry_run=dry_run)
    for one in done:
        print(f"{path}: {_line(one)}")
    counts = Counter(one.outcome for one in done)
    print(
        f"{counts['new']} new (as drafts), {counts['changed']} changed, {counts['same']} the same, "
        f"{counts['fault']} left out."
    )
    told = sum(one.told for one in done)
    if told:
        print(f"{told} people who come are told.")
    if dry_run:
        print("This was a dry run; nothing was imported.")
    return 1 if counts["fault"] else 0


def _line(one: Imported) -> str:
    row = one.row
    if row.draft is None or row.draft.starts_at is None:
        return f"event {row.number} ({row.title or 'no title'}): left out: {row.fault}"
    local = row.draft.starts_at.astimezone(HOUSE_TIME)
    remarks = f" ({', '.join(row.notes)})" if row.notes else ""
    return f"event {row.number} ({row.title}): {local:%Y-%m-%d %H:%M}: {one.outcome}{remarks}"


async def export_to(sessions: Sessions, path: Path) -> int:
    """Write every event with a date that is not over; the file can be imported again."""
    async with sessions.begin() as session:
        content, count = await export_events(session, datetime.now(UTC))
    try:
        await asyncio.to_thread(path.write_bytes, content)
    except OSError as error:
        raise SettingsError(f"events: {path} cannot be written ({error.strerror})") from None
    print(f"{count} events written to {path}.")
    return 0
