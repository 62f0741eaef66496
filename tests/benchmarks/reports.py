"""Reports under load: sealing for three, a thousand with pictures, and what leads back to anybody.

Everything runs as in the bot: receipts at full cost, one transaction a report, then the mover.
"""

import asyncio
import logging
import random
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from pyrage import x25519

from bot.db import open_database
from bot.models import Chat
from bot.reports import Attachment, Reporting, mark_private, send_sealed
from bot.reports.notices import move_and_tell
from bot.reports.site import read_secret
from bot.reports.told import pack
from bot.reports.traces import leave_no_trace
from tests.benchmarks.amounts import Amounts
from tests.benchmarks.figures import middle
from tests.case_reports import WORDS, told
from tests.traces import forms_of, traces

PROMISED = frozenset(
    {"seal_ms", "receipt_ms", "reports_per_s", "move_s", "rss_mb", "db_mb", "traces_found"}
)
_FIRST_CHAT = 0x5DEC0DE00000
_PICTURE_BYTES = 180 * 1024  # a photo as Telegram makes it
_AT_ONCE = 4
_MIB = 1024 * 1024


class _Heard(logging.Handler):
    """What the bot logs at its most talkative; a driver that repeats values is silent there, too.

    A test listens to the driver as well; here its lines would be most of the measured work.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.text: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it as it would be written."""
        self.text.append(self.format(record))


async def measure_reports(amounts: Amounts) -> dict[str, Any]:
    """Figures by name; ``traces_found`` counts chat numbers and words in tables and logs."""
    process = psutil.Process()
    pictures = random.Random(20261127)
    heard = _Heard()
    root = logging.getLogger()
    level = root.level
    driver = logging.getLogger("aiosqlite")
    driver_level = driver.level
    root.addHandler(heard)
    root.setLevel(logging.DEBUG)
    driver.setLevel(logging.WARNING)
    try:
        with tempfile.TemporaryDirectory(prefix="kreis-bot-bench-") as name:
            folder = Path(name)
            keys = [x25519.Identity.generate() for _ in range(3)]
            file = folder / "case-workers.txt"
            lines = [str(key.to_public()) for key in keys]
            await asyncio.to_thread(file.write_text, "\n".join(lines))
            desk = Reporting(read_secret(None, folder), file)
            sessions = await open_database(f"sqlite+aiosqlite:///{folder / 'bot.sqlite'}")
            before = _size(folder)
            seal_ms = _seal(desk, min(amounts.reports, 200))
            highest = process.memory_info().rss
            waiting = list(range(amounts.reports))
            receipts: list[float] = []

            async def reporter() -> None:
                nonlocal highest
                while waiting:
                    chat = Chat("telegram", _FIRST_CHAT + waiting.pop())
                    now = datetime.now(UTC)
                    draft = desk.drafts.open(chat, "de", now)
                    async with sessions.begin() as session:
                        await mark_private(session, desk.site, desk.drafts, draft, chat, now)
                    data = pictures.randbytes(_PICTURE_BYTES)
                    draft.told = told(
                        attachments=[Attachment("bild.jpg", "image/jpeg", "picture", data)]
                    )
                    begun = time.perf_counter()
                    sealed = await desk.seal_report(draft.told, now)
                    receipts.append((time.perf_counter() - begun) * 1000)
                    async with sessions.begin() as session:
                        await send_sealed(session, desk.site, sealed, now)
                    desk.drafts.close(chat)
                    highest = max(highest, process.memory_info().rss)

            begun = time.perf_counter()
            await asyncio.gather(*(reporter() for _ in range(_AT_ONCE)))
            took = time.perf_counter() - begun
            begun = time.perf_counter()
            async with sessions.begin() as session:
                await move_and_tell(session, desk.site, datetime.now(UTC))
            move_s = time.perf_counter() - begun
            highest = max(highest, process.memory_info().rss)
            await leave_no_trace(sessions)
            needles = [*WORDS, *_any_chat()]
            found = len(await traces(sessions, needles))
            found += _in_log(heard, needles)
            grown = _size(folder) - before
            await sessions.close()
    finally:
        root.removeHandler(heard)
        root.setLevel(level)
        driver.setLevel(driver_level)
    return {
        "seal_ms": round(seal_ms, 2),
        "receipt_ms": round(middle(receipts), 1),
        "reports_per_s": round(amounts.reports / took, 1),
        "move_s": round(move_s, 2),
        "rss_mb": round(highest / _MIB, 1),
        "db_mb": round(grown / _MIB, 1),
        "traces_found": found,
    }


def _seal(desk: Reporting, rounds: int) -> float:
    """Milliseconds to seal a report without a picture to three case workers."""
    recipients = desk.recipients()
    packed = pack(told(attachments=[]), datetime.now(UTC).date(), "age1")
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        recipients.seal(packed)
        taken.append((time.perf_counter() - begun) * 1000)
    return middle(taken)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("bot.sqlite*"))


def _any_chat() -> list[str | bytes]:
    """What the numbers of all chats have in common: as digits, as hex, in both orders of bytes."""
    big, small = _FIRST_CHAT.to_bytes(8, "big"), _FIRST_CHAT.to_bytes(8, "little")
    return [str(_FIRST_CHAT)[:-4], f"{_FIRST_CHAT:x}"[:-3], big[:-2], small[2:]]


def _in_log(heard: _Heard, needles: Sequence[str | bytes]) -> int:
    whole = "\n".join(heard.text).encode()
    return sum(1 for needle in needles if any(form in whole for form in forms_of(needle)))
