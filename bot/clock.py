"""What happens by the clock: a few regular tasks, each alone, none of which can stop the others."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Regular:
    """Something done again and again; returns how much it did: more than nothing means "again"."""

    name: str
    every: timedelta
    do: Callable[[], Awaitable[int]]


async def keep_time(tasks: list[Regular], stop: asyncio.Event) -> None:
    """Run every task at its pace until ``stop``; what is under way then is finished."""
    await asyncio.gather(*(_repeat(task, stop) for task in tasks))


async def _repeat(task: Regular, stop: asyncio.Event) -> None:
    while not stop.is_set():
        again = False
        try:
            again = await task.do() > 0
        except Exception as error:
            # The next round tries again; the error's words may hold what somebody wrote.
            logger.error("%s failed: %s", task.name, type(error).__name__)
        if not again:
            try:
                await asyncio.wait_for(stop.wait(), task.every.total_seconds())
            except TimeoutError:
                continue
