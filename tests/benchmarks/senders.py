"""Programs that send one text to many people and answer somebody meanwhile, ours and others'.

``python -m tests.benchmarks.senders ours|naive|ptb API_BASE …`` prints "ready" when it begins, and
at the end (``ours``: at SIGTERM) one line of JSON: the seconds each reply took, and memory.
"""

import asyncio
import contextlib
import json
import random
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import psutil

from tests.benchmarks.lean_telegram import REPLY_CHATS
from tests.fake_telegram import TOKEN

FIRST_READER = 1_000_000
_REPLIES_A_SECOND = 5.0
_TEXT = "Der Kurs beginnt am Montag um 18 Uhr."


class Measured:
    """Replies as they happen, and memory once a second."""

    def __init__(self, reply: Callable[[int], Awaitable[Any]], a_second: float) -> None:
        self._reply, self._a_second = reply, a_second
        self.seconds: list[float] = []
        self.megabytes: list[float] = []
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Answer at an even pace, each time somebody else; until told to stop."""
        process, numbers = psutil.Process(), random.Random(7)
        began, count, looked = time.monotonic(), 0, 0.0
        while not stop.is_set():
            if time.monotonic() - looked > 1:
                looked = time.monotonic()
                self.megabytes.append(process.memory_info().rss / 1e6)
            if self._a_second:
                count += 1
                task = asyncio.create_task(self._timed(numbers.randrange(1, REPLY_CHATS)))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)
                pause = began + count / self._a_second - time.monotonic()
            else:
                pause = 0.2
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), max(0.0, pause))

    async def _timed(self, chat: int) -> None:
        began = time.monotonic()
        with contextlib.suppress(Exception):
            await self._reply(chat)
            self.seconds.append(time.monotonic() - began)

    async def end(self) -> None:
        """Wait for the last replies and print the figures."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=10)
        print(json.dumps({"replies": self.seconds, "megabytes": self.megabytes}))  # noqa: T201


def _ready() -> None:
    sys.stdout.write(f"ready {time.time()}\n")
    sys.stdout.flush()


async def ours(api_base: str, database: str, per_second: float, replies: float) -> None:
    """Our worker, until SIGTERM."""
    from bot.broadcasts import Broadcaster
    from bot.channels import telegram
    from bot.db import Sessions, create_engine
    from bot.pacing import Limits, Pace
    from handlers.broadcasts import deliver_parcel

    sessions = Sessions(create_engine(database))
    pace = Pace(sessions, telegram.NAME, Limits(per_second=per_second))
    bot = telegram.create_bot(TOKEN, api_base, pace)
    worker = Broadcaster(
        sessions, telegram.NAME, pace, partial(deliver_parcel, bot), lambda: datetime.now(UTC)
    )
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    measured = Measured(lambda chat: bot.send_message(chat, "Antwort"), replies)
    _ready()
    await asyncio.gather(worker.run(stop), measured.run(stop))
    await measured.end()
    await pace.leave()
    await bot.session.close()
    await sessions.close()


async def naive(api_base: str, readers: int) -> None:
    """The usual loop: send, sleep a twentieth of a second, send again."""
    from bot.channels import telegram

    bot = telegram.create_bot(TOKEN, api_base)

    async def broadcast() -> None:
        for number in range(readers):
            await bot.send_message(FIRST_READER + number, _TEXT)
            await asyncio.sleep(0.05)

    await _beside(broadcast(), lambda chat: bot.send_message(chat, "Antwort"))
    await bot.session.close()


async def ptb(api_base: str, readers: int) -> None:
    """python-telegram-bot with its own rate limiter, everything handed to it at once."""
    from telegram.ext import AIORateLimiter, ExtBot
    from telegram.request import HTTPXRequest

    bot: ExtBot[Any] = ExtBot(
        TOKEN,
        base_url=f"{api_base}/bot",
        request=HTTPXRequest(connection_pool_size=256, pool_timeout=600),
        rate_limiter=AIORateLimiter(max_retries=5),
    )
    await bot.initialize()

    async def broadcast() -> None:
        sending = [bot.send_message(FIRST_READER + number, _TEXT) for number in range(readers)]
        await asyncio.gather(*sending, return_exceptions=True)

    await _beside(broadcast(), lambda chat: bot.send_message(chat, "Antwort"))
    await bot.shutdown()


async def _beside(broadcast: Awaitable[None], reply: Callable[[int], Awaitable[Any]]) -> None:
    stop = asyncio.Event()
    measured = Measured(reply, _REPLIES_A_SECOND)
    _ready()
    replying = asyncio.create_task(measured.run(stop))
    await broadcast
    stop.set()
    await replying
    await measured.end()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["ours", api_base, database, per_second, replies]:
            asyncio.run(ours(api_base, database, float(per_second), float(replies)))
        case ["naive", api_base, readers]:
            asyncio.run(naive(api_base, int(readers)))
        case ["ptb", api_base, readers]:
            asyncio.run(ptb(api_base, int(readers)))
        case _:
            raise SystemExit("python -m tests.benchmarks.senders ours|naive|ptb API_BASE …")
