"""``broadcast``: one announcement to many people, beside the usual loop and another library."""

import asyncio
import json
import os
import platform
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, insert, select, text
from tqdm import tqdm

from bot.broadcasts import create_broadcast, write_text
from bot.db import Sessions, create_engine, open_database
from bot.models import Broadcast, Chat, Delivery, Resident, Subscription
from tests.benchmarks.amounts import Amounts
from tests.benchmarks.figures import BenchmarkError, percentile
from tests.benchmarks.senders import FIRST_READER
from tests.benchmarks.wire import ROOT
from tests.databases import postgresql

PROMISED = frozenset({"runs"})
ROW = (
    "database",
    "workers",
    "recipients",
    "peer",
    "share_of_pace",
    "caused_429",
    "reply_p95_ms",
    "rss_growth_mb",
    "lost",
    "silent_duplicates",
    "uncertain",
    "first_send_after_restart_s",
)
"""What every run says; ``None`` where it was not measured."""

PACE = 28.0
_REPLIES = 5.0
_LIFTED = 2_000.0
_DELAY_MS = 100
_MANY = 1_000  # fewer readers are only a test of the benchmark: one kill
_BATCH = 5_000
_PATIENCE = 300.0


@dataclass
class Program:
    """A sender in a process of its own."""

    process: asyncio.subprocess.Process
    spawned_at: float

    async def ready(self) -> float:
        """When it began, in seconds since 1970."""
        assert self.process.stdout is not None
        async with asyncio.timeout(_PATIENCE):
            line = (await self.process.stdout.readline()).decode().split()
        if not line or line[0] != "ready":
            raise BenchmarkError("a sender ended before it began")
        return float(line[1])

    async def end(self, number: signal.Signals | None = signal.SIGTERM) -> dict[str, Any]:
        """Stop it, or wait for its end; what it measured. Nothing after SIGKILL."""
        if number is not None:
            self.process.send_signal(number)
        async with asyncio.timeout(_PATIENCE):
            output, _errors = await self.process.communicate()
        if number is signal.SIGKILL:
            return {}
        lines = output.decode().strip().splitlines()
        if not lines:
            raise BenchmarkError("a sender ended without figures")
        figures: dict[str, Any] = json.loads(lines[-1])
        return figures


async def _start(*arguments: str) -> Program:
    spawned_at = time.time()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.senders", *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return Program(process, spawned_at)


class Telegram:
    """The lean fake, as the benchmark asks it."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def stats(self) -> dict[str, Any]:
        """What came in so far."""
        async with httpx.AsyncClient(timeout=60) as client:
            found: dict[str, Any] = (await client.get(f"{self.url}/stats")).json()
        return found

    async def count(self) -> int:
        """How many broadcasts came in so far."""
        async with httpx.AsyncClient(timeout=60) as client:
            return int((await client.get(f"{self.url}/count")).json()["broadcasts"])


@asynccontextmanager
async def _telegram(*, flood: bool) -> AsyncIterator[Telegram]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.lean_telegram"),
        *(port, str(_DELAY_MS), str(int(flood))),
        cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    fake = Telegram(f"http://127.0.0.1:{port}")
    try:
        async with asyncio.timeout(_PATIENCE):
            while True:
                try:
                    await fake.stats()
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
        yield fake
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def _databases(folder: Path) -> AsyncIterator[dict[str, str]]:
    """Addresses in which ``{name}`` stands for a database's name."""
    with postgresql() as address:
        yield {
            "sqlite": f"sqlite+aiosqlite:///{folder}/{{name}}.sqlite",
            "postgresql": f"{address.rpartition('/')[0]}/{{name}}",
        }


async def _prepare(address: str, readers: int) -> None:
    """A database with readers and a released broadcast."""
    base, _slash, name = address.rpartition("/")
    if not address.startswith("sqlite"):
        engine = create_engine(f"{base}/postgres")
        async with engine.connect() as connection:
            plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await plain.execute(text(f"CREATE DATABASE {name}"))
        await engine.dispose()
    sessions = await open_database(address)
    now = datetime.now(UTC)
    for first in range(0, readers, _BATCH):
        numbers = range(FIRST_READER + first, FIRST_READER + min(first + _BATCH, readers))
        async with sessions.begin() as session:
            await session.execute(
                insert(Resident),
                [
                    {
                        "channel": "telegram",
                        "chat_id": number,
                        "language": "de" if number % 3 else "en",
                        "consent_version": "2026-11",
                        "last_seen_on": now.date(),
                    }
                    for number in numbers
                ],
            )
            await session.execute(
                insert(Subscription),
                [
                    {
                        "channel": "telegram",
                        "chat_id": number,
                        "topic": "courses",
                        "municipality": "",
                    }
                    for number in numbers
                ],
            )
    async with sessions.begin() as session:
        broadcast = await create_broadcast(session, Chat("telegram", 1), now)
        for language, words in (("de", "Der Kurs beginnt."), ("en", "The course begins.")):
            await write_text(session, broadcast.id, language, words, now)
        broadcast.topics, broadcast.urgent_reason = "courses", "measured at any hour"
        broadcast.state, broadcast.scheduled_at = "ready", now
        broadcast.ends_at = now + timedelta(days=1)
    await sessions.close()


async def _ledger(address: str) -> tuple[str, dict[str, int], set[int]]:
    """The broadcast's state, rows by state, and the chats that are uncertain."""
    sessions = Sessions(create_engine(address))
    async with sessions.begin() as session:
        state = await session.scalar(select(Broadcast.state).limit(1)) or ""
        rows = await session.execute(select(Delivery.state, func.count()).group_by(Delivery.state))
        counts = {name: int(count) for name, count in rows}
        uncertain = set(
            await session.scalars(select(Delivery.chat_id).where(Delivery.state == "uncertain"))
        )
    await sessions.engine.dispose()
    return state, counts, uncertain


def _row(**values: Any) -> dict[str, Any]:
    return {name: values.get(name) for name in ROW}


def _share(times: list[float], seconds: float) -> float:
    """The part of the pace that was used, from the first message on."""
    if not times:
        return 0.0
    end = times[0] + seconds
    return round(sum(1 for moment in times if moment < end) / (PACE * seconds), 3)


def _p95(figures: list[dict[str, Any]]) -> float | None:
    seconds = [second for one in figures for second in one["replies"]]
    return percentile([1000 * second for second in seconds], 95) if seconds else None


def _growth(figures: list[dict[str, Any]]) -> float:
    """How much memory grew after the first fifth of the run; the largest of the workers."""
    growth = 0.0
    for one in figures:
        samples = one["megabytes"]
        begun = samples[len(samples) // 5 :]
        growth = max(growth, max(begun) - begun[0]) if begun else growth
    return round(growth, 1)


async def _paced(address: str, database: str, workers: int, seconds: float) -> dict[str, Any]:
    """Our workers at the real pace, against a Telegram that punishes whoever is faster."""
    readers = int(seconds * PACE) + 100
    await _prepare(address, readers)
    async with _telegram(flood=True) as fake:
        crew = [
            # Whoever answers is one process; the others only send.
            await _start("ours", fake.url, address, str(PACE), str(0 if n else _REPLIES))
            for n in range(workers)
        ]
        for program in crew:
            await program.ready()
        await asyncio.sleep(seconds + 3)
        figures = [await program.end() for program in crew]
        stats = await fake.stats()
    _state, counts, uncertain = await _ledger(address)
    return _row(
        database=database,
        workers=workers,
        recipients=readers,
        # From when all of them work.
        share_of_pace=_share(stats["times"][int(PACE) :], seconds - 1),
        caused_429=stats["caused_429"] + stats["early"],
        reply_p95_ms=_p95(figures),
        rss_growth_mb=_growth(figures),
        silent_duplicates=_duplicates(stats),
        lost=_lost(stats, counts, uncertain),
        uncertain=len(uncertain),
    )


def _duplicates(stats: dict[str, Any]) -> int:
    return sum(count - 1 for chat, count in stats["counts"].items() if int(chat) >= FIRST_READER)


def _lost(stats: dict[str, Any], counts: dict[str, int], uncertain: set[int]) -> int:
    """Rows that say "sent" and of which Telegram knows nothing."""
    arrived = sum(1 for chat in stats["counts"] if int(chat) >= FIRST_READER)
    certain = arrived - sum(1 for chat in uncertain if str(chat) in stats["counts"])
    return max(0, counts.get("sent", 0) - certain)


async def _many(address: str, database: str, readers: int, workers: int) -> dict[str, Any]:
    """The pace lifted: many readers, for memory and growth; killed twice on the way."""
    await _prepare(address, readers)
    first_send: list[float] = []
    figures: list[dict[str, Any]] = []
    in_flight = 0
    async with _telegram(flood=False) as fake:

        async def start() -> list[Program]:
            crew = [
                await _start("ours", fake.url, address, str(_LIFTED), str(0 if n else _REPLIES))
                for n in range(workers)
            ]
            for program in crew:
                await program.ready()
            return crew

        crew = await start()
        for share in (0.2, 0.5) if readers > _MANY else (0.3,):
            await _until_sent(fake, int(readers * share))
            for program in crew:
                await program.end(signal.SIGKILL)
            killed_at = time.time()
            _state, counts, _uncertain = await _ledger(address)
            in_flight += counts.get("sending", 0)
            crew = await start()
            ready_at = time.time()
            await _until_sent(fake, await fake.count() + 1)
            times = (await fake.stats())["broadcast_times"]
            first = min(moment for moment in times if moment > killed_at)
            first_send.append(round(max(0.0, first - ready_at), 2))
        async with asyncio.timeout(_PATIENCE):
            while (await _ledger(address))[0] != "done":  # noqa: ASYNC110 - a row tells nobody
                await asyncio.sleep(0.5)
        figures = [await program.end() for program in crew]
        stats = await fake.stats()
    _state, counts, uncertain = await _ledger(address)
    missing = readers - counts.get("sent", 0) - len(uncertain)
    times = stats["broadcast_times"]
    return {
        **_row(
            database=database,
            workers=workers,
            recipients=readers,
            caused_429=stats["caused_429"],
            reply_p95_ms=_p95(figures),
            rss_growth_mb=_growth(figures),
            lost=missing + _lost(stats, counts, uncertain),
            silent_duplicates=_duplicates(stats),
            uncertain=len(uncertain),
            first_send_after_restart_s=max(first_send),
        ),
        "in_flight_at_kills": in_flight,
        "messages_per_s": round(len(times) / max(0.001, times[-1] - times[0]), 1),
    }


async def _until_sent(fake: Telegram, count: int) -> None:
    async with asyncio.timeout(_PATIENCE):
        while await fake.count() < count:  # noqa: ASYNC110 - another process counts
            await asyncio.sleep(0.05)


async def _peer(name: str, readers: int) -> dict[str, Any]:
    """Somebody else's way, against the same Telegram."""
    async with _telegram(flood=True) as fake:
        program = await _start(name, fake.url, str(readers))
        await program.ready()
        figures = await program.end(None)
        stats = await fake.stats()
    times = stats["times"]
    arrived = sum(1 for chat in stats["counts"] if int(chat) >= FIRST_READER)
    return _row(
        workers=1,
        recipients=readers,
        peer=name,
        share_of_pace=_share(times, max(1.0, times[-1] - times[0])) if times else 0.0,
        caused_429=stats["caused_429"] + stats["early"],
        reply_p95_ms=_p95([figures]),
        rss_growth_mb=_growth([figures]),
        lost=readers - arrived,
        silent_duplicates=_duplicates(stats),
        uncertain=0,
    )


async def measure_broadcast(amounts: Amounts) -> dict[str, Any]:
    """All runs, one after the other. Raises BenchmarkError when a sender does not do its part.

    ``share_of_pace`` is all that was sent (broadcasts and five replies a second beside them)
    against 28 a second. ``first_send_after_restart_s`` counts from the moment at which the new
    process is up. ``caused_429`` counts refusals that a pace of its own earned.
    """
    machine = {
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }
    runs: list[dict[str, Any]] = []
    steps = 2 + len(amounts.crews) + len(amounts.crowds)
    with (
        tempfile.TemporaryDirectory() as folder,
        tqdm(total=steps, file=sys.stderr, desc="broadcast", disable=None) as bar,
    ):
        async with _databases(Path(folder)) as addresses:
            for database, workers, seconds in amounts.crews:
                address = addresses[database].format(name=f"paced_{database}_{workers}")
                runs.append(await _paced(address, database, workers, seconds))
                bar.update()
            for database, workers, readers in amounts.crowds:
                address = addresses[database].format(name=f"many_{database}_{workers}")
                runs.append(await _many(address, database, readers, workers))
                bar.update()
            for name in ("naive", "ptb"):
                runs.append(await _peer(name, amounts.peer_readers))
                bar.update()
    return {"runs": runs, "machine": machine}
