"""A worker that sends broadcasts, as a process of its own that can be killed at any step.

``python -m tests.broadcast_worker DATABASE API_BASE PER_SECOND [STEP]`` runs until SIGTERM. With a
step it kills itself (SIGKILL) there: ``planned``, ``claimed``, ``sending``, ``called``, ``noted``.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bot.broadcasts import Broadcaster, Outcome, Parcel, running
from bot.channels import telegram
from bot.db import Sessions, create_engine
from bot.pacing import Limits, Pace
from handlers.broadcasts import deliver_parcel
from tests.fake_telegram import TOKEN

_CALLS_BEFORE = 3


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _dies_on(call: int, function: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    """A function that kills the process at its ``call``-th call, before or after it is done."""
    calls = 0

    async def dying(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call and not after:
            _die()
        result = await function(*arguments, **named)
        if calls >= call:
            _die()
        return result

    return dying


def _prepare(step: str, worker: Broadcaster) -> None:
    """Let the process die at a step; the steps' own transactions are over or not begun."""
    match step:
        case "planned":
            small = partial(running.plan_batch, size=5)
            running.plan_batch = _dies_on(2, small, after=False)
        case "claimed":
            worker._fetch = _dies_on(1, worker._fetch, after=True)  # type: ignore[method-assign]
        case "sending":
            worker._send = _dies_on(_CALLS_BEFORE, worker._send, after=False)
        case "called":
            worker._send = _dies_on(_CALLS_BEFORE, worker._send, after=True)
        case "noted":
            finished = worker._finished
            worker._finished = _dies_on(_CALLS_BEFORE, finished, after=False)  # type: ignore[method-assign]


async def work(database: str, api_base: str, per_second: float, step: str = "") -> None:
    """Send what is released until told to stop."""
    sessions = Sessions(create_engine(database))
    limits = Limits(per_second=per_second, chat_per_second=max(1.0, per_second / 28))
    pace = Pace(sessions, telegram.NAME, limits)
    bot = telegram.create_bot(TOKEN, api_base, pace)
    send: Callable[[Parcel], Awaitable[Outcome]] = partial(deliver_parcel, bot)
    worker = Broadcaster(sessions, telegram.NAME, pace, send, lambda: datetime.now(UTC))
    _prepare(step, worker)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await worker.run(stop)
    await pace.leave()
    await bot.session.close()
    await sessions.close()


if __name__ == "__main__":
    database, api_base, per_second, *step = sys.argv[1:]
    asyncio.run(work(database, api_base, float(per_second), *step))
