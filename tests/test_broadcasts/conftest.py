"""An announcement ready to leave, people who want it, and workers that may die."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial

import pytest
import pytest_asyncio
from aiogram import Bot
from sqlalchemy import select

from bot.broadcasts import Broadcaster, Tally, create_broadcast, tally, write_text
from bot.channels import telegram
from bot.db import Sessions
from bot.models import Broadcast, Chat, Delivery, Resident, Subscription
from bot.pacing import Limits, Pace
from handlers.broadcasts import deliver_parcel
from tests.conftest import Clock
from tests.fake_telegram import TOKEN, FakeTelegram

_numbers = itertools.count(500_001)
FAST = Limits(per_second=2_000, chat_per_second=1_000)
NOON = 12


class Office:
    """Broadcasts, their readers, and the workers that send."""

    def __init__(self, sessions: Sessions, fake: FakeTelegram, clock: Clock) -> None:
        self.sessions = sessions
        self.fake = fake
        self.clock = clock
        self.bots: list[Bot] = []

    async def readers(
        self, count: int, language: str = "de", topic: str = "courses", town: str = ""
    ) -> list[int]:
        """People who want a topic; the fake Telegram knows their chats."""
        numbers = [next(_numbers) for _ in range(count)]
        async with self.sessions.begin() as session:
            for number in numbers:
                session.add(
                    Resident(
                        channel="telegram",
                        chat_id=number,
                        language=language,
                        consent_version="2026-11",
                        last_seen_on=self.clock().date(),
                    )
                )
                session.add(
                    Subscription(channel="telegram", chat_id=number, topic=topic, municipality=town)
                )
        for number in numbers:
            self.fake.chats.meet({"id": number, "type": "private", "first_name": "A"})
        return numbers

    async def release(self, topics: str = "courses", urgent: str = "", **texts: str) -> int:
        """A broadcast that leaves now; returns its number."""
        now = self.clock()
        async with self.sessions.begin() as session:
            broadcast = await create_broadcast(session, Chat("telegram", 1), now)
            for language, html in (texts or {"de": "Hallo"}).items():
                await write_text(session, broadcast.id, language, html, now)
            broadcast.topics, broadcast.urgent_reason = topics, urgent
            broadcast.state, broadcast.scheduled_at = "ready", now
            return broadcast.id

    def worker(self, limits: Limits = FAST) -> Broadcaster:
        """A worker with connections of its own to Telegram."""
        pace = Pace(self.sessions, "telegram", limits)
        bot = telegram.create_bot(TOKEN, self.fake.url, pace)
        self.bots.append(bot)
        send = partial(deliver_parcel, bot)
        return Broadcaster(self.sessions, "telegram", pace, send, self.clock)

    @asynccontextmanager
    async def at_work(
        self, *workers: Broadcaster, limits: Limits = FAST
    ) -> AsyncIterator[Broadcaster]:
        """Workers that run, and end in good order."""
        stop = asyncio.Event()
        crew = workers or (self.worker(limits),)
        tasks = [asyncio.create_task(worker.run(stop)) for worker in crew]
        try:
            yield crew[0]
        finally:
            stop.set()
            await asyncio.gather(*tasks)

    async def tally(self, broadcast_id: int) -> Tally:
        """The broadcast's rows, counted."""
        async with self.sessions.begin() as session:
            return await tally(session, broadcast_id, self.clock())

    async def state(self, broadcast_id: int) -> str:
        """Where the broadcast stands."""
        async with self.sessions.begin() as session:
            found = await session.get(Broadcast, broadcast_id, populate_existing=True)
            assert found is not None
            return found.state

    async def rows(self, broadcast_id: int) -> list[Delivery]:
        """The ledger's rows."""
        async with self.sessions.begin() as session:
            return list(
                await session.scalars(
                    select(Delivery)
                    .where(Delivery.broadcast_id == broadcast_id)
                    .order_by(Delivery.id)
                    .execution_options(populate_existing=True)
                )
            )

    async def until(self, condition: Callable[[], bool], within: float = 20) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(within):
            while not condition():  # noqa: ASYNC110 - what is waited for knows no events
                await asyncio.sleep(0.01)

    async def until_state(self, broadcast_id: int, state: str, within: float = 20) -> None:
        """Wait until the broadcast stands there."""
        async with asyncio.timeout(within):
            while await self.state(broadcast_id) != state:  # noqa: ASYNC110 - a row tells nobody
                await asyncio.sleep(0.03)

    def got(self, *chats: int) -> Counter[int]:
        """How many messages each chat got."""
        return Counter(
            {
                chat: len([c for c in self.fake.sent_to(chat) if c.method == "sendMessage"])
                for chat in chats
            }
        )

    async def close(self) -> None:
        """Close the workers' connections, without aiogram's pause for encrypted ones."""
        for bot in self.bots:
            session = getattr(bot.session, "_session", None)
            if session is not None:
                await session.close()

    def reads(self, chat: int) -> list[str]:
        """What stands in a chat now."""
        return [
            message["text"]
            for (where, _number), message in sorted(self.fake.messages.items())
            if where == chat and "text" in message
        ]


def at_noon(clock: Clock) -> datetime:
    """Set the clock to noon in the county: no quiet hours."""
    from bot.texts import HOUSE_TIME

    now = clock().astimezone(HOUSE_TIME)
    clock.ahead += now.replace(hour=NOON, minute=0) - now
    return clock()


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers look for something to do more often here."""
    monkeypatch.setattr("bot.broadcasts.running._LOOK_EVERY", 0.03)
    monkeypatch.setattr("bot.broadcasts.running._KEEP_HOUSE_EVERY", 0.05)


@pytest_asyncio.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    """A Telegram of the test's own."""
    server = FakeTelegram()
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture
async def office(empty: Sessions, server: FakeTelegram, clock: Clock) -> AsyncIterator[Office]:
    """The office at noon."""
    at_noon(clock)
    office = Office(empty, server, clock)
    yield office
    clock.ahead -= clock.ahead
    await office.close()
