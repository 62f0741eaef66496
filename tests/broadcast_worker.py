"""Workers that send broadcasts, as processes of their own that die at a step.

``python -m tests.broadcast_worker API_BASE PER_SECOND DATABASE#STEP …`` forks one for each
database. With a step it kills itself (SIGKILL) there: ``planned``, ``claimed``, ``sending``,
``called``, ``noted``; without one it runs until SIGTERM.
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
from bot.broadcasts.planning import plan_batch
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
            small = partial(plan_batch, size=5)
            vars(running)["plan_batch"] = _dies_on(2, small, after=False)
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


def fork_each(database_and_step: list[tuple[str, str]], api_base: str, per_second: float) -> str:
    """Fork a process for each database, wait for all; their exit codes with commas.

    What takes long is to import everything; forked processes have it already.
    """
    children = []
    for database, step in database_and_step:
        child = os.fork()
        if child == 0:
            asyncio.run(work(database, api_base, per_second, step))
            os._exit(0)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    return ",".join(map(str, codes))


if __name__ == "__main__":
    api_base, per_second, *jobs = sys.argv[1:]
    pairs = [(job.rpartition("#")[0], job.rpartition("#")[2]) for job in jobs]
    sys.stdout.write(fork_each(pairs, api_base, float(per_second)))
