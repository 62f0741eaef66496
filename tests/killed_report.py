"""A program that tells, sends and moves a report and is killed at a step of one's choice."""

import asyncio
import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from bot.db import Sessions, create_engine
from bot.models import Chat
from bot.reports import Reporting, mark_private, send_sealed
from bot.reports.notices import move_and_tell
from bot.reports.site import SiteSecret
from tests.case_reports import told

CHAT = Chat("telegram", 777_000_222)
SECRET = b"k" * 32
STEPS = ("told", "sealed", "flushed", "sent", "moving", "moved")


def die_at(step: str, wanted: str) -> None:
    """The machine is gone from one moment to the next."""
    if step == wanted:
        os.kill(os.getpid(), signal.SIGKILL)


async def tell(address: str, keys: str, wanted: str, now: datetime) -> None:
    """All steps of a report, until the one at which the process dies."""
    sessions = Sessions(create_engine(address))
    desk = Reporting(SiteSecret(SECRET), Path(keys))
    draft = desk.drafts.open(CHAT, "de", now)
    async with sessions.begin() as session:
        await mark_private(session, desk.site, desk.drafts, draft, CHAT, now)
    draft.told = told()
    die_at("told", wanted)
    sealed = await desk.seal_report(draft.told, now)
    assert sealed.receipt is not None
    sys.stdout.write(sealed.receipt.shown + "\n")
    sys.stdout.flush()
    die_at("sealed", wanted)
    async with sessions.begin() as session:
        await send_sealed(session, desk.site, sealed, now)
        die_at("flushed", wanted)
    die_at("sent", wanted)
    async with sessions.begin() as session:
        await move_and_tell(session, desk.site, now)
        die_at("moving", wanted)
    die_at("moved", wanted)


if __name__ == "__main__":
    asyncio.run(tell(sys.argv[1], sys.argv[2], sys.argv[3], datetime.fromisoformat(sys.argv[4])))
