"""The office as tests meet it: one fake Telegram and one running house a database."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text

from bot.answering.encoder import Encoder
from bot.answering.understanding import Answerer
from bot.app.furnishing import furnished
from bot.app.serving import House
from bot.db import Sessions, open_database
from bot.knowledge import Knowledge, load
from bot.settings import Settings, read_settings
from tests.databases import postgresql
from tests.fake_telegram import TOKEN, FakeTelegram
from tests.people import Person

Meet = Callable[..., Person]
BOTH = ("sqlite", "postgresql")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Two processes share the work (`make test`): a house each, one on either database.

    Everything that needs no house is handed out file by file to whoever has time.
    """
    for item in items:
        params = item.callspec.params.values() if hasattr(item, "callspec") else ()
        databases = [value for value in params if isinstance(value, str) and value in BOTH]
        group = databases[0] if databases else item.path.name
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: not _group(item).startswith(BOTH))


def _group(item: pytest.Item) -> str:
    marker = item.get_closest_marker("xdist_group")
    return str(marker.args[0]) if marker else ""


class Clock:
    """Time that a test can move."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        """Now, in the test's time."""
        return datetime.now(UTC) + self.ahead


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """A real PostgreSQL."""
    with postgresql() as address:
        yield address


@pytest_asyncio.fixture(scope="session")
async def encoder() -> AsyncIterator[Encoder]:
    """The real sentence encoder in its own process."""
    encoder = Encoder()
    await encoder.start()
    yield encoder
    await encoder.close()


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """The shipped knowledge."""
    return load()


@pytest_asyncio.fixture(scope="session")
async def answerer(knowledge: Knowledge, encoder: Encoder) -> Answerer:
    """What understands messages, with the real encoder."""
    return Answerer.build(knowledge, encoder)


@pytest_asyncio.fixture(scope="session")
async def fake() -> AsyncIterator[FakeTelegram]:
    """The stand-in for Telegram."""
    fake = FakeTelegram()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture(scope="session", params=BOTH)
def settings(
    request: pytest.FixtureRequest, fake: FakeTelegram, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """Settings for each database."""
    folder: Path = tmp_path_factory.mktemp(request.param)
    environment = {
        "BOT_TOKEN": TOKEN,
        "BOT_API_BASE": fake.url,
        "DATA_DIR": str(folder),
        "MESSAGES_PER_MINUTE": "600",
        # People in tests write fast, and the fake asks nobody to wait unless a test says so.
        "TELEGRAM_PER_SECOND": "10000",
        "TELEGRAM_CHAT_PER_SECOND": "10000",
    }
    if request.param == "postgresql":
        environment["DATABASE_URL"] = request.getfixturevalue("postgres_address")
    return read_settings(environment)


@pytest_asyncio.fixture(scope="session")
async def sessions(settings: Settings) -> AsyncIterator[Sessions]:
    """The migrated database."""
    sessions = await open_database(settings.database)
    yield sessions
    await sessions.close()


@pytest.fixture(scope="session")
def clock() -> Clock:
    """The house's clock."""
    return Clock()


@pytest_asyncio.fixture(scope="session")
async def house(
    settings: Settings,
    sessions: Sessions,
    knowledge: Knowledge,
    answerer: Answerer,
    clock: Clock,
) -> AsyncIterator[House]:
    """A running bot that polls the fake Telegram."""
    office = replace(furnished(settings, sessions, knowledge, answerer), now=clock)
    house = House(office)
    house.add_telegram(TOKEN, settings.bot_api_base)
    stop = asyncio.Event()
    polling = asyncio.create_task(house.poll(stop))
    yield house
    stop.set()
    await polling
    await house.close()


@pytest_asyncio.fixture
async def meet(house: House, fake: FakeTelegram, clock: Clock) -> AsyncIterator[Meet]:
    """Makes people; at the end nothing may have been refused by Telegram."""
    fake.refused.clear()
    fake.faults.clear()
    clock.ahead = timedelta(0)

    def somebody(language_code: str | None = "de") -> Person:
        return Person(fake, language_code)

    yield somebody
    assert fake.refused == []


@pytest_asyncio.fixture
async def empty(sessions: Sessions) -> Sessions:
    """The database without a row, for tests that count."""
    from bot.db import Model

    async with sessions.begin() as session:
        for table in reversed(Model.metadata.sorted_tables):
            await session.execute(text(f'DELETE FROM "{table.name}"'))  # noqa: S608 our own names
    return sessions
