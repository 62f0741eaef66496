"""The load: a fake Telegram that keeps time, and bots in processes of their own."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil
import telegram
from aiohttp import web

from bot.settings import Settings
from tests.benchmarks.figures import BenchmarkError
from tests.fake_telegram import TOKEN, FakeTelegram
from tests.people import Person

ROOT = Path(__file__).parents[2]
_PATIENCE = 120.0  # seconds after which a bot that does not answer ends the benchmark
_GOODBYE = 30.0
_came_in: ContextVar[float] = ContextVar("came_in")


class Wire(FakeTelegram):
    """The fake Telegram that notes when the first message to each chat came in.

    The moment is that of the call's arrival; what the fake then does to check it does not count.
    """

    def __post_init__(self) -> None:
        """Begin with nobody to wait for."""
        super().__post_init__()
        self._first: dict[int, float] = {}
        self._missing: set[int] = set()
        self._complete = asyncio.Event()

    def expect(self, people: Sequence[Person]) -> None:
        """Forget what came before and wait for a message to each of these from now on."""
        self._first.clear()
        self.calls.clear()
        self._missing = {person.id for person in people}
        self._complete.clear()

    async def answered(self) -> float:
        """When the last of the expected messages came in; ``TimeoutError`` when one never does."""
        async with asyncio.timeout(_PATIENCE):
            await self._complete.wait()
        return max(self._first.values())

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        _came_in.set(time.perf_counter())
        return await super()._receive(request)

    async def _do(self, method: str, call: dict[str, Any], names: Any) -> Any:
        chat = call.get("chat_id")
        if chat in self._missing and method.startswith("send") and method != "sendChatAction":
            self._first[chat] = _came_in.get()
            self._missing.discard(chat)
            if not self._missing:
                self._complete.set()
        return await super()._do(method, call, names)


@dataclass
class Running:
    """A bot in a process of its own, and the fake that it polls."""

    wire: Wire
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """Processor time so far of the process and of its children, also of those that ended."""
        ended = self.process.cpu_times()
        total = float(ended.children_user + ended.children_system)
        for process in self._processes():
            times = process.cpu_times()
            total += float(times.user + times.system)
        return total

    def megabytes(self) -> float:
        """Memory of all its processes, shared pages counted once (summed PSS)."""
        return float(sum(each.memory_full_info().pss for each in self._processes())) / 1e6

    def _processes(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


@dataclass(frozen=True, slots=True)
class Flood:
    """What a bot made of many updates at once.

    ``generator_busy``: share of the time in which the load generator itself worked; near 1 the
    figures would be its own, not the bot's.
    """

    updates_per_s: float
    cpu_us_per_update: float
    generator_busy: float


@asynccontextmanager
async def running(
    *command: str, environment: Mapping[str, str] | None = None, core: int | None = None
) -> AsyncIterator[tuple[Running, float]]:
    """A started bot, and the seconds until its first answer; it is ended at the end.

    ``environment``: more of the bot's settings. ``core``: the only one that its processes may use.
    Raises BenchmarkError with the last line of its log when it ends before it answers.
    """
    wire = Wire()
    await wire.start()
    with tempfile.TemporaryFile() as log:
        person = Person(wire)
        wire.expect([person])
        await wire.send({"message": person.message(text="Wo kann ich mich anmelden?").to_dict()})
        began = time.perf_counter()
        settings = {"BOT_TOKEN": TOKEN, "BOT_API_BASE": wire.url, **(environment or {})}
        process = await _started(command, settings, log, core)
        ended = asyncio.create_task(process.wait())
        answered = asyncio.create_task(wire.answered())
        try:
            await asyncio.wait({ended, answered}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done() or answered.exception() is not None:
                log.seek(0)
                lines = log.read().decode(errors="replace").split("\n")
                last = next((line.strip() for line in reversed(lines) if line.strip()), "no log")
                raise BenchmarkError(f"{' '.join(command)} does not answer: {last}")
            yield Running(wire, psutil.Process(process.pid)), answered.result() - began
        finally:
            answered.cancel()
            await _end(process, ended)
            await wire.stop()


async def _started(
    command: Sequence[str], environment: dict[str, str], log: IO[bytes], core: int | None
) -> asyncio.subprocess.Process:
    cores = os.sched_getaffinity(0)
    # A process inherits the cores it may use, so ours are given back right after.
    os.sched_setaffinity(0, cores if core is None else {core})
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            cwd=ROOT,
            env={**_environment(), **environment},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=log,
        )
    finally:
        os.sched_setaffinity(0, cores)


async def _end(process: asyncio.subprocess.Process, ended: "asyncio.Task[int]") -> None:
    if not ended.done():
        process.terminate()
        await asyncio.wait({ended}, timeout=_GOODBYE)
    if not ended.done():
        process.kill()
    await ended


def _environment() -> dict[str, str]:
    """The variables of this process without settings of a bot that somebody works with."""
    return {k: v for k, v in os.environ.items() if k.lower() not in Settings.model_fields}


async def latencies(bot: Running, texts: Sequence[str], warm_up: int = 5) -> list[float]:
    """Milliseconds from a question to its answer, asked one after the other by one resident."""
    wire = bot.wire
    person = Person(wire)
    await person.arrive()
    milliseconds = []
    for text in [*texts[:warm_up], *texts]:
        update = _message(person, text)
        wire.expect([person])
        began = time.perf_counter()
        number = await wire.send(update)
        milliseconds.append((await wire.answered() - began) * 1000)
        # Until it polls again: nobody asks in the millisecond in which the last answer came.
        await wire.handled(number)
    return milliseconds[len(texts[:warm_up]) :]


async def flood(bot: Running, texts: Sequence[str], size: int) -> Flood:
    """``size`` updates at once from as many people."""
    wire = bot.wire
    people = [Person(wire) for _ in range(size)]
    updates = [_message(person, texts[n % len(texts)]) for n, person in enumerate(people)]
    wire.expect(people)
    own, cpu, began = time.process_time(), bot.cpu_seconds(), time.perf_counter()
    for update in updates:
        number = await wire.send(update)
    took = await wire.answered() - began
    own = time.process_time() - own
    await wire.handled(number, within=_PATIENCE)
    return Flood(size / took, (bot.cpu_seconds() - cpu) / size * 1e6, own / took)


def _message(person: Person, text: str) -> dict[str, Any]:
    entities = None
    if text.startswith("/"):
        entities = [telegram.MessageEntity(type="bot_command", offset=0, length=len(text))]
    return {"message": person.message(text=text, entities=entities).to_dict()}
