"""The pace of one process, in step with all others."""

import asyncio
import logging
import math
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import Enum
from time import monotonic
from uuid import uuid4

from bot.db import Sessions, undisturbed
from bot.pacing.chats import ChatPace
from bot.pacing.limits import Limits
from bot.pacing.meter import Draw, Known, Meter

logger = logging.getLogger(__name__)

_WINDOW = 1.0
_STALE_ALONE = 1.0  # seconds after which a place that nobody took is given up
_STALE_AMONG_OTHERS = 0.25
_TOGETHER = 1.0  # seconds within which two chats that must wait mean that all must
_AHEAD_OF_NEED = 0.06  # seconds before the last place at which the next ones are asked for
_SLACK = 0.06  # seconds after its place at which a message may still leave, among other workers
_PREPARE = 0.04  # seconds before its place at which a message may be made ready, among others
_FOR_ALL = 0.1  # replies a second that every worker's part is reckoned with, however idle
_MOST_ANEW = 5  # places for one message: on a machine that cannot keep up it leaves all the same


class Lane(Enum):
    """Who goes first: answers and offers, or announcements."""

    REPLY = "reply"
    BROADCAST = "broadcast"


class Held(Exception):
    """The call was not made: the pace would have kept it waiting for ``seconds``."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"held for {seconds:.1f} s")
        self.seconds = seconds


_lane: ContextVar[Lane] = ContextVar("lane", default=Lane.REPLY)
_place: ContextVar[float | None] = ContextVar("place", default=None)


def current_lane() -> Lane:
    """The lane of what is being sent in this task."""
    return _lane.get()


@contextmanager
def in_lane(lane: Lane, place: float | None = None) -> Iterator[None]:
    """Within the block everything is sent in this lane, on the place that `next_place` gave."""
    tokens = _lane.set(lane), _place.set(place)
    try:
        yield
    finally:
        _lane.reset(tokens[0])
        _place.reset(tokens[1])


class _Window:
    """How many messages left within the last second, or within another span of seconds."""

    def __init__(self, span: float = _WINDOW) -> None:
        self._span = span
        self._times: deque[float] = deque()

    def count(self, now: float) -> int:
        while self._times and self._times[0] <= now - self._span:
            self._times.popleft()
        return len(self._times)

    def wait(self, most: int, now: float) -> float:
        """Seconds until fewer than ``most`` left within the span."""
        if self.count(now) < most:
            return 0.0
        return max(0.0, self._times[-most] + self._span - now)

    def add(self, now: float, messages: int) -> None:
        self._times.extend([now] * messages)


unnoted: ContextVar[bool] = ContextVar("unnoted", default=False)
"""Whether nothing may be written down of the chat that is being answered: a private dialogue."""


class Pace:
    """Lets messages pass when it is their turn.

    ``worker`` is this process's name among all that send; ``clock`` gives monotonic seconds.
    Deadlines are kept on that clock, so that setting the wall clock ends none of them early.
    """

    def __init__(
        self,
        sessions: Sessions,
        channel: str,
        limits: Limits | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.limits = limits or Limits()
        self.worker = uuid4().hex
        self.meter = Meter(sessions, channel)
        self.workers = 1
        self._part = 1.0  # of what broadcasts leave to replies
        self._demand = 0.0  # replies a second, lately
        self._replies = _Window()
        # Another worker may have begun a moment ago: nobody can be sure to be alone.
        self._among_others = not sessions.sqlite
        self._clock = clock
        self._chats = ChatPace(self.limits)
        self._everything = _Window()
        self._free, self._free_in_two = _Window(), _Window(2 * _WINDOW)
        self._asked_for, self._left = _Window(), _Window()  # places, and what left on them
        self._halts: dict[int | None, float] = {}
        self._refused: tuple[float, int | None, float] = (float("-inf"), None, 0.0)
        self._noted: dict[int | None, float] = {}
        self._places: deque[float] = deque()
        self._drawing: asyncio.Task[None] | None = None
        self._reply_turn = asyncio.Lock()
        self._replies_waiting = 0
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()

    # What the channel said

    def halted(self, chat_id: int | None) -> float:
        """Seconds for which nothing may be sent to a chat; ``None`` asks for everybody."""
        now = self._clock()
        until = self._halts.get(None, 0.0)
        if chat_id is not None:
            until = max(until, self._halts.get(chat_id, 0.0))
        return max(0.0, until - now)

    async def too_many(self, chat_id: int | None, seconds: float) -> None:
        """The channel answered "too many" (429): note the deadline here and for all workers.

        The channel does not say whom it means. It is that chat, unless the call was to no chat, or
        another chat heard the same a moment ago and this one was hardly written to: then all wait
        for the later of the two.
        """
        now = self._clock()
        until = now + seconds
        before, self._refused = self._refused, (now, chat_id, until)
        if chat_id is not None:
            self._keep(chat_id, until)
            if not unnoted.get():
                await self._share(chat_id, seconds)
            at, other, their_until = before
            if other in (None, chat_id) or now - at > _TOGETHER or self._chats.busy(chat_id, now):
                return
            seconds = max(until, their_until) - now
        self._keep(None, now + seconds)
        self._places.clear()
        logger.warning("the channel asks everybody to wait for %.0f s", seconds)
        await self._share(None, seconds)

    async def _share(self, chat_id: int | None, seconds: float) -> None:
        """Let the other workers know; without the database it is kept here alone."""
        try:
            await undisturbed(self.meter.halt(chat_id, seconds))
        except Exception as error:
            logger.error("a deadline is not shared: %s", type(error).__name__)

    def _keep(self, chat_id: int | None, until: float) -> None:
        self._halts[chat_id] = max(self._halts.get(chat_id, 0.0), until)
        if len(self._halts) > 1_000:
            now = self._clock()
            self._halts = {chat: at for chat, at in self._halts.items() if at > now}

    async def refresh(self, now: datetime | None = None) -> None:
        """Learn from the others: deadlines, and how many they are; and be seen by them."""
        recent = self._replies.count(self._clock())
        self._demand = max(float(recent), self._demand * 0.8)
        known = await undisturbed(
            self.meter.look(self.worker, self._demand, now or datetime.now(UTC))
        )
        self._learn(known)

    def _learn(self, known: Known) -> None:
        now = self._clock()
        self.workers = known.workers
        # Who answers much gets most of it; nobody is left without any.
        self._part = (self._demand + _FOR_ALL) / (known.replies + _FOR_ALL * known.workers)
        for chat, (until, left) in known.halts.items():
            # A deadline is turned into our own clock once: afterwards no clock can move it.
            if until != self._noted.get(chat):
                if chat is None:
                    self._places.clear()
                self._noted[chat] = until
                self._keep(chat, now + left)
        self._noted = {chat: at for chat, at in self._noted.items() if chat in known.halts}
        self._looked_at = now

    async def leave(self) -> None:
        """The process ends: the others are told."""
        if self._drawing is not None:
            self._drawing.cancel()
            await asyncio.gather(self._drawing, return_exceptions=True)
        await undisturbed(self.meter.leave(self.worker))

    async def _look_first(self) -> None:
        """A process that has just started keeps the deadlines of the one before."""
        if self._looked_at > float("-inf"):
            return
        async with self._looking:
            if self._looked_at == float("-inf"):
                await self.refresh()

    # Replies

    async def reply(self, chat_id: int | None, messages: int = 1, longest: float = 30.0) -> None:
        """Wait for the turn of a reply. Raises ``Held`` when that would take too long.

        ``messages``: how many of them the call makes; 0 for one that only has to obey deadlines.
        """
        await self._look_first()
        while True:
            wait = self._wait_for_chat(chat_id, messages)
            if wait > longest:
                raise Held(wait)
            if wait > 0:
                await asyncio.sleep(wait)
                continue
            if messages == 0:
                return
            if chat_id is not None:
                self._chats.take(chat_id, self._clock(), messages)
            await self._take_turn(messages)
            if self.halted(chat_id) == 0:
                return

    def _wait_for_chat(self, chat_id: int | None, messages: int) -> float:
        wait = self.halted(chat_id)
        if chat_id is not None and messages:
            wait = max(wait, self._chats.wait(chat_id, self._clock()))
        return wait

    async def _take_turn(self, messages: int) -> None:
        self._replies_waiting += 1
        try:
            async with self._reply_turn:
                if not self._may_go_unasked(messages):
                    # Whoever waits for a place of its own holds up no broadcast that has one.
                    self._replies_waiting -= 1
                    try:
                        await self._ask_for_turn(messages)
                    finally:
                        self._replies_waiting += 1
                await self._until_room(max(1, self._ceiling - messages + 1))
                self._everything.add(self._clock(), messages)
                self._replies.add(self._clock(), messages)
        finally:
            self._replies_waiting -= 1

    @property
    def _ceiling(self) -> int:
        return int(self.limits.per_second) + 1

    def _may_go_unasked(self, messages: int) -> bool:
        """Whether the reply is within what this process may send without asking.

        Alone it knows of everything that is sent; among others it has its part of the reserve.
        """
        if self.workers == 1:
            return True
        ours = self.limits.kept_back * min(1.0, self._part)
        now = self._clock()
        # Two windows, so that a part of 4.7 a second is neither 4 nor, in any second, more than 5.
        if self._free.count(now) + messages > max(1, math.ceil(ours - 1e-6)):
            return False
        if self._free_in_two.count(now) + messages > max(1, int(2 * ours + 1e-6)):
            return False
        self._free.add(now, messages)
        self._free_in_two.add(now, messages)
        return True

    async def _ask_for_turn(self, messages: int) -> None:
        """Take places: those that this process has for broadcasts, else new ones."""
        self._drop_stale()
        while self._places and messages:
            place = self._places.popleft()
            messages -= 1
            if (wait := place - self._clock()) > 0:
                await asyncio.sleep(wait)
        if not messages:
            return
        try:
            draw = await undisturbed(self.meter.draw(messages, 1 / self.limits.shared, None))
        except Exception as error:
            # A reply does not depend on the database: this process still keeps its own pace.
            logger.warning("the pace is kept alone: %s", type(error).__name__)
            return
        if draw is None:
            return
        if draw.halted > 0:
            await self.refresh()
            return
        await asyncio.sleep(max(draw.lead - messages / self.limits.shared, 0.0))

    async def _until_room(self, most: int) -> None:
        while (wait := self._everything.wait(most, self._clock())) > 0:  # noqa: ASYNC110 - time
            await asyncio.sleep(wait)

    # Broadcasts

    def chat_wait(self, chat_id: int) -> float:
        """Seconds until a broadcast may go to this chat; 0 is now."""
        return self._wait_for_chat(chat_id, 1)

    async def next_place(self, wanted: int) -> float:
        """Wait for the next place that broadcasts may take; ``wanted``: how many are waiting.

        The place is used up when this returns; `broadcast` then counts the message. Returns the
        moment of the place on this process's clock, for `in_lane`: among other workers it lies a
        little ahead, so that the database can note the message before it leaves.
        """
        await self._look_first()
        while True:
            halted = self.halted(None)
            if halted > 0:
                self._places.clear()
                await asyncio.sleep(halted)
                continue
            now = self._clock()
            self._drop_stale()
            if not self._places:
                await self._draw(wanted)
                continue
            early = _PREPARE if self._among_others else 0.0
            if self._places[-1] - early - now < _AHEAD_OF_NEED and len(self._places) < wanted:
                self._draw_meanwhile(wanted)
            wait = max(
                self._places[0] - early - now,
                self._everything.wait(self._ceiling, now),
                self._asked_for.wait(int(self.limits.shared) + 1, now),
                0.002 if self._replies_waiting else 0.0,
            )
            if wait <= 0:
                self._asked_for.add(now, 1)
                return self._places.popleft()
            await asyncio.sleep(wait)

    def _drop_stale(self) -> None:
        """Give up places that nobody took in time: others have gone on since."""
        stale = self._clock() - (_STALE_AMONG_OTHERS if self._among_others else _STALE_ALONE)
        while self._places and self._places[0] < stale:
            self._places.popleft()

    async def broadcast(self, chat_id: int) -> None:
        """Count a broadcast's message that leaves now. Raises ``Held`` when it must not leave.

        Asked in the last moment, so that a deadline that came meanwhile is kept, and so that
        what was held up on its way (by the database, say) does not leave all at once: among other
        workers, who know nothing of it, it takes a new place.
        """
        place, anew = _place.get(), 0
        while True:
            wait = self._wait_for_chat(chat_id, 1)
            if wait > 0:
                raise Held(wait)
            now = self._clock()
            if place is not None and place > now:
                await asyncio.sleep(place - now)
                continue
            missed = self._among_others and place is not None and now - place > _SLACK
            if missed and anew < _MOST_ANEW:
                anew += 1
                place = await self._new_place()
                continue
            room = max(
                self._everything.wait(self._ceiling, now),
                self._left.wait(int(self.limits.shared) + 1, now),
            )
            if room <= 0:
                break
            await asyncio.sleep(room)
        self._chats.take(chat_id, now)
        self._everything.add(now, 1)
        self._left.add(now, 1)

    async def _new_place(self) -> float:
        """The next place after all that are given, waited for: its moment on our clock."""
        interval = 1 / self.limits.shared
        try:
            # No further ahead than broadcasts may be: replies must not wait behind latecomers.
            while (draw := await self._drawn(interval)) is None:  # noqa: ASYNC110 - a row
                await asyncio.sleep(self.limits.ahead / 5)
            if draw.halted > 0:
                await self.refresh()
        except Exception as error:
            # Marked as sending already: it leaves, spaced by what this process knows alone.
            logger.warning("the pace is kept alone: %s", type(error).__name__)
            return self._clock()
        place = self._clock() + draw.lead - interval
        await asyncio.sleep(max(0.0, place - self._clock()))
        return place

    async def _drawn(self, interval: float) -> Draw | None:
        return await undisturbed(self.meter.draw(1, interval, self.limits.ahead))

    def _draw_meanwhile(self, wanted: int) -> None:
        if self._drawing is None or self._drawing.done():
            self._drawing = asyncio.create_task(self._draw(wanted - len(self._places)))
            self._drawing.add_done_callback(_no_surprise)

    async def _draw(self, wanted: int) -> None:
        """Take places from the database: at most what ``ahead`` holds."""
        drawing = self._drawing
        if drawing is not None and drawing is not asyncio.current_task() and not drawing.done():
            await asyncio.wait({drawing})
            return
        interval = 1 / self.limits.shared
        places = max(1, min(wanted, round(self.limits.ahead / interval)))
        draw = await undisturbed(self.meter.draw(places, interval, self.limits.ahead))
        if draw is None:
            await asyncio.sleep(self.limits.ahead / 5)
            if self._clock() - self._looked_at > 1:
                await self.refresh()
            return
        now = self._clock()
        if draw.halted > 0:
            # Another worker was told to wait: the exact deadline is read, these places are void.
            await self.refresh()
            return
        first = now + draw.lead - places * interval
        self._places.extend(first + number * interval for number in range(places))


def _no_surprise(task: "asyncio.Task[None]") -> None:
    """Whoever needs the next place asks again and meets the error there."""
    if not task.cancelled():
        task.exception()
