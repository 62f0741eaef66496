"""The encoder may die, hang or be missing: callers get None and it is started again."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator

import numpy as np
import psutil
import pytest

from bot.answering.encoder import DIMENSIONS, Encoder


@pytest.fixture
async def encoder() -> AsyncIterator[Encoder]:
    """A running encoder of its own, because some tests kill it."""
    running = Encoder(threads=1)
    await running.start()
    assert running.up
    yield running
    await running.close()


async def wait_until_up(encoder: Encoder) -> None:
    async with asyncio.timeout(20):
        while not encoder.up:  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0.02)


async def test_messages_become_unit_vectors_and_like_is_near_like(encoder: Encoder) -> None:
    found = await encoder.queries(
        ["Wo melde ich meine Wohnung an?", "where do I register my flat", "der Hund bellt laut"]
    )
    assert found is not None
    assert found.shape == (3, DIMENSIONS)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-3)
    assert found[0] @ found[1] > found[0] @ found[2]


async def test_hostile_texts_do_not_harm_it(encoder: Encoder) -> None:
    before = encoder.pid
    hostile = ["\ufdfa" * 8, "\ud800\udfff", "\x00", "", "a" * 100_000, "\u0301" * 9999, "𝔘" * 500]
    for text in hostile:
        found = await encoder.queries([text])
        assert found is not None
        assert found.shape == (1, DIMENSIONS)
    assert await encoder.passages(hostile) is not None
    assert encoder.pid == before


async def test_killed_in_mid_question_it_answers_none_and_comes_back(encoder: Encoder) -> None:
    asked = asyncio.create_task(encoder.queries(["Wo melde ich meine Wohnung an?"] * 200))
    await asyncio.sleep(0.1)
    assert encoder.pid is not None
    os.kill(encoder.pid, signal.SIGKILL)
    assert await asked is None
    assert await encoder.queries(["noch da?"]) is None
    await wait_until_up(encoder)
    assert await encoder.queries(["wieder da"]) is not None


async def test_stopped_in_mid_question_it_is_started_again_after_the_time_limit() -> None:
    encoder = Encoder(threads=1, time_limit=0.3)
    await encoder.start()
    first = encoder.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    started = time.perf_counter()
    assert await encoder.queries(["Guten Tag"]) is None
    assert time.perf_counter() - started < 2
    await wait_until_up(encoder)
    assert encoder.pid != first
    await encoder.close()


async def test_many_at_once_all_get_their_own_vector(encoder: Encoder) -> None:
    texts = [f"Frage Nummer {number}" for number in range(40)]
    found = await asyncio.gather(*(encoder.queries([text]) for text in texts))
    again = await encoder.queries(texts)
    assert again is not None
    for one, row in zip(found, again, strict=True):
        assert one is not None
        assert np.allclose(one[0], row, atol=1e-4)


async def test_a_program_that_cannot_run_is_no_error_but_no_vectors() -> None:
    for command in (["/nonexistent/program"], [sys.executable, "-c", "raise SystemExit(3)"]):
        encoder = Encoder(command=command, start_limit=0.3)
        await encoder.start()
        assert not encoder.up
        assert await encoder.queries(["Guten Tag"]) is None
        await encoder.close()


async def test_nonsense_from_the_process_is_not_believed() -> None:
    noise = "import sys; sys.stdout.buffer.write(b'x' * 4096); sys.stdout.flush(); sys.stdin.read()"
    encoder = Encoder(command=[sys.executable, "-c", noise], start_limit=0.5)
    await encoder.start()
    assert not encoder.up
    await encoder.close()


async def test_closing_ends_the_process() -> None:
    encoder = Encoder(threads=1)
    await encoder.start()
    pid = encoder.pid
    assert pid is not None
    await encoder.close()
    assert not psutil.pid_exists(pid)
    assert await encoder.queries(["Guten Tag"]) is None


async def test_it_ends_when_the_bot_is_killed() -> None:
    program = (
        "import asyncio, sys\n"
        "from bot.answering.encoder import Encoder\n"
        "async def main():\n"
        "    encoder = Encoder(threads=1)\n"
        "    await encoder.start()\n"
        "    print(encoder.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE
    )
    assert bot.stdout is not None
    child = psutil.Process(int(await bot.stdout.readline()))
    bot.kill()
    await bot.wait()
    async with asyncio.timeout(5):
        while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
