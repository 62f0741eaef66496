"""``directory import`` and ``directory export``: the office's list as a table."""

import asyncio
import sys
from pathlib import Path

from tqdm import tqdm

from bot.answering.directory import Imported, read_table, write_table
from bot.db import Sessions
from bot.errors import SettingsError
from bot.practices import imported_practices, replace_practices


async def import_practices(sessions: Sessions, path: Path, dry_run: bool) -> int:
    """Replace the list by a table; with any fault, or on a dry run, nothing changes."""
    try:
        table: Imported = await asyncio.to_thread(read_table, path)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise SettingsError(f"directory: {path} cannot be read ({error})") from None
    if table.faults:
        for fault in table.faults:
            print(f"{path}: {fault}")
        print(f"{len(table.faults)} faults; nothing was imported.")
        return 1
    async with sessions.begin() as session:
        old = {practice.id: practice for practice in await imported_practices(session)}
        new = {practice.id: practice for practice in table.rows}
        added, gone = new.keys() - old.keys(), old.keys() - new.keys()
        changed = [name for name in new.keys() & old.keys() if new[name] != old[name]]
        if not dry_run:
            rows = tqdm(table.rows, desc="importing", file=sys.stderr, disable=None)
            await replace_practices(session, list(rows))
    print(f"{len(added)} new, {len(changed)} changed, {len(gone)} gone, {len(new)} in all.")
    if dry_run:
        print("This was a dry run; nothing was imported.")
    return 0


async def export_practices(sessions: Sessions, path: Path) -> int:
    """Write the office's list to a table that can be imported again."""
    async with sessions.begin() as session:
        rows = await imported_practices(session)
    try:
        await asyncio.to_thread(write_table, rows, path)
    except (OSError, ValueError) as error:
        raise SettingsError(f"directory: {path} cannot be written ({error})") from None
    print(f"{len(rows)} entries written to {path}.")
    return 0
