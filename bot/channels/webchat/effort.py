"""A small task for the page, so that whoever floods a door pays for it with time.

The page looks for a number whose SHA-256 together with a salt begins with so many zero bits
(hashcash). Nobody is identified by it; a phone needs about a second, and longer the more often
the door was used lately, by whomever.
"""

import asyncio
import hashlib
import secrets
import time
from collections import deque
from collections.abc import Callable

from bot.channels.webchat.rooms import Room

LEAST_BITS, MOST_BITS = 13, 19
_LATELY = 600.0  # seconds
_FOR_ONE_BIT = 4  # tasks done lately that double the work
PATIENCE = 60.0  # seconds that a page has


def solves(salt: str, nonce: int, bits: int) -> bool:
    """Whether the number is an answer: one hash, whatever the page needed."""
    digest = hashlib.sha256(f"{salt}:{nonce}".encode()).digest()
    return int.from_bytes(digest[:4]) >> (32 - bits) == 0


class Efforts:
    """The tasks that pages are at now."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._done: deque[float] = deque()
        self._waiting: dict[str, tuple[Room, int, asyncio.Future[None]]] = {}

    @property
    def bits(self) -> int:
        """How hard the next task is."""
        now = self._clock()
        while self._done and now - self._done[0] > _LATELY:
            self._done.popleft()
        return min(MOST_BITS, LEAST_BITS + len(self._done) // _FOR_ONE_BIT)

    async def ask(self, room: Room, patience: float = PATIENCE) -> bool:
        """Give the room's pages a task; whether one of them did it in time."""
        salt, bits = secrets.token_urlsafe(12), self.bits
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[salt] = (room, bits, answered)
        try:
            room.publish("work", salt=salt, bits=bits)
            await asyncio.wait({answered}, timeout=patience)
            if not answered.done() or answered.cancelled():
                return False
        finally:
            del self._waiting[salt]
        self._done.append(self._clock())
        return True

    def give_up(self, room: Room) -> None:
        """The visitor does something else: nothing waits any longer for a task of this room."""
        for asked, _bits, answered in self._waiting.values():
            if asked is room and not answered.done():
                answered.cancel()

    def open_for(self, room: Room) -> list[tuple[str, int]]:
        """Salt and bits of what a room's page has still to do, for a page that was drawn anew."""
        return [
            (salt, bits)
            for salt, (asked, bits, done) in self._waiting.items()
            if asked is room and not done.done()
        ]

    def take(self, room: Room, salt: str, nonce: int) -> bool:
        """A page's answer; whether it is one."""
        asked, bits, answered = self._waiting.get(salt, (None, 0, None))
        if asked is not room or answered is None or not solves(salt, nonce, bits):
            return False
        if not answered.done():
            answered.set_result(None)
        return True
