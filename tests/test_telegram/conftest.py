"""A fake Telegram of its own for each test here, and our bot's side of the line to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from aiogram import Bot
from aiogram.types import Update
from aiogram.utils.backoff import BackoffConfig

from bot.channels import telegram
from tests.fake_telegram import TOKEN, FakeTelegram

ALLOWED = ["message", "callback_query"]


def text_update(text: str, chat_id: int = 7) -> dict[str, Any]:
    """A message in the JSON of the wire."""
    chat = {"id": chat_id, "type": "private", "first_name": "A"}
    return {
        "message": {
            "message_id": 1,
            "date": int(datetime.now(UTC).timestamp()),
            "chat": chat,
            "from": {"id": chat_id, "is_bot": False, "first_name": "A"},
            "text": text,
        }
    }


@dataclass
class Handled:
    """A feed that remembers what it was given; ``first`` is done before an update counts."""

    first: Callable[[Update], Awaitable[None]] | None = None
    numbers: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    async def __call__(self, update: Update) -> None:
        """Handle one update."""
        if self.first is not None:
            await self.first(update)
        self.numbers.append(update.update_id)
        message = update.message
        self.texts.append((message.text if message else None) or "")


@asynccontextmanager
async def polling(
    bot: Bot, feed: telegram.Feed, stop: asyncio.Event | None = None
) -> AsyncIterator["asyncio.Task[None]"]:
    """Our polling, told to stop at the end; its error is raised then."""
    stop = stop or asyncio.Event()
    task = asyncio.create_task(telegram.poll(bot, feed, ALLOWED, stop))
    try:
        yield task
    finally:
        stop.set()
        async with asyncio.timeout(10):
            await asyncio.gather(task, return_exceptions=True)
    task.result()


async def until(condition: Callable[[], bool], within: float = 8) -> None:
    """Wait until something is so; ``TimeoutError`` when it does not become so."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - what is waited for knows no events
            await asyncio.sleep(0.01)


async def close(bot: Bot) -> None:
    """Close a bot's connections without aiogram's pause for encrypted ones."""
    session = getattr(bot.session, "_session", None)
    if session is not None:
        await session.close()


@pytest_asyncio.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    """A Telegram of the test's own."""
    server = FakeTelegram()
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture
async def bot(server: FakeTelegram) -> AsyncIterator[Bot]:
    """Our bot as the program makes it."""
    bot = telegram.create_bot(TOKEN, server.url)
    yield bot
    await close(bot)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses after failures are short here."""
    quick = BackoffConfig(min_delay=0.02, max_delay=0.2, factor=2.0, jitter=0.1)
    monkeypatch.setattr(telegram, "_BACKOFF", quick)
