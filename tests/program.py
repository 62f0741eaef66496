"""The bot as a program of its own, as an operator starts it, on a fake Telegram."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.fake_telegram import TOKEN, FakeTelegram

ROOT = Path(__file__).parent.parent
_OPEN = re.compile(r"The chat is open: (http://\S+)")


@dataclass
class Program:
    """A running ``python bot.py`` and what it wrote to stderr so far."""

    process: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._family = [psutil.Process(self.process.pid)]
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            # A progress bar rewrites its line.
            self.lines += line.decode().rstrip("\n").replace("\r", "\n").split("\n")

    async def says(self, words: str, within: float = 40) -> str:
        """Wait for a line with these words; ``AssertionError`` when the program ends first."""
        async with asyncio.timeout(within):
            while True:
                for line in self.lines:
                    if words in line:
                        return line
                if self._reading.done():
                    raise AssertionError(f"no {words!r} in {self.lines}")
                await asyncio.sleep(0.02)

    async def page(self) -> str:
        """The address of the chat page, once it is open."""
        line = await self.says("The chat is open")
        found = _OPEN.search(line)
        assert found is not None
        self._family += self._family[0].children(recursive=True)
        return found.group(1)

    async def end(self, number: signal.Signals | None = signal.SIGTERM, within: float = 25) -> int:
        """Send a signal, wait for the end of all its processes; returns the exit code."""
        if number is not None:
            self.process.send_signal(number)
        async with asyncio.timeout(within):
            code = await self.process.wait()
            await self._reading
            while any(map(_lives, self._family)):  # noqa: ASYNC110 - processes send no events
                await asyncio.sleep(0.02)
        return code


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@asynccontextmanager
async def started(
    folder: Path, *arguments: str, server: FakeTelegram | None = None, **environment: str
) -> AsyncIterator[Program]:
    """Start the program with files in ``folder``; whatever is left of it is killed at the end."""
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "DATA_DIR": str(folder / "data"),
        "PORT": "0",
        "LOG_LEVEL": "DEBUG",
    }
    if server is not None:
        variables |= {"BOT_TOKEN": TOKEN, "BOT_API_BASE": server.url}
    program = Program(
        await asyncio.create_subprocess_exec(
            sys.executable,
            "bot.py",
            *arguments,
            cwd=ROOT,
            env=variables | environment,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
    )
    try:
        yield program
    finally:
        if program.process.returncode is None:
            await program.end(signal.SIGKILL)
