"""Killed with SIGKILL at every step of the ledger, on both databases: nobody lost, nobody twice."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text

from bot.db import Sessions, create_engine, open_database
from bot.pacing import DEAD_AFTER
from tests.conftest import BOTH, Clock
from tests.fake_telegram import FakeTelegram
from tests.program import ROOT
from tests.test_broadcasts.conftest import Office

READERS = 80
# Whether any message may be under way when a worker dies there.
STEPS = {"planned": False, "claimed": False, "sending": True, "called": True, "noted": True}


@pytest_asyncio.fixture(params=BOTH)
async def databases(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[list[str]]:
    """A fresh database for each step."""
    if request.param == "sqlite":
        yield [f"sqlite+aiosqlite:///{tmp_path / step}.sqlite" for step in STEPS]
        return
    address: str = request.getfixturevalue("postgres_address")
    names = [f"killing_{step}_{datetime.now(UTC):%H%M%S%f}" for step in STEPS]
    engine = create_engine(address)
    async with engine.connect() as connection:
        plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
        for name in names:
            await plain.execute(text(f"CREATE DATABASE {name}"))
    await engine.dispose()
    yield [f"{address.rpartition('/')[0]}/{name}" for name in names]


async def test_a_kill_at_any_step_loses_nothing(
    databases: list[str], server: FakeTelegram, clock: Clock
) -> None:
    """What may have left is shown as uncertain, and no more than was under way."""
    # The workers that are killed live by the real time; what is urgent leaves at any hour.
    clock.ahead = timedelta(0)
    prepared = [await _prepared(address, server) for address in databases]
    server.delay = 0.05
    await _kill(databases, server)
    server.delay = 0
    for address, step, (readers, number) in zip(databases, STEPS, prepared, strict=True):
        sessions = Sessions(create_engine(address))
        office = Office(sessions, server, clock)
        left = await office.rows(number)
        under_way = {row.chat_id for row in left if row.state == "sending"}
        assert bool(under_way) == STEPS[step], step
        assert sum(row.state in {"sent", "sending"} for row in left) < READERS, step
        # On PostgreSQL the others must wait until a worker counts as dead.
        clock.ahead += DEAD_AFTER * 2
        async with office.at_work():
            await office.until_state(number, "done")
        clock.ahead -= DEAD_AFTER * 2
        uncertain = {row.chat_id for row in await office.rows(number) if row.state == "uncertain"}
        counts = office.got(*readers)
        assert all(counts[chat] == 1 for chat in readers if chat not in uncertain), step
        assert all(counts[chat] <= 1 for chat in uncertain), step
        assert uncertain == under_way, step
        counted = await office.tally(number)
        assert counted.sent + counted.uncertain == READERS, step
        await office.close()
        await sessions.close()


async def _prepared(address: str, server: FakeTelegram) -> tuple[list[int], int]:
    """A database with readers and a broadcast that is due."""
    sessions = await open_database(address)
    office = Office(sessions, server, Clock())
    readers = await office.readers(READERS)
    number = await office.release(urgent="at any hour")
    await sessions.close()
    return readers, number


async def _kill(databases: list[str], server: FakeTelegram) -> None:
    """A worker for each database, each of which dies at another step."""
    jobs = [f"{address}#{step}" for address, step in zip(databases, STEPS, strict=True)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.broadcast_worker", server.url, "60", *jobs),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(120):
        output, _errors = await process.communicate()
    assert output.decode() == ",".join([str(-signal.SIGKILL.value)] * len(jobs))
