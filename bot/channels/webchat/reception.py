"""Lets visitors in by their secret and hands what they do to the bot, one thing after another."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from aiogram import Bot
from aiogram.types import Update

from bot.channels.webchat.files import NoSpace
from bot.channels.webchat.frames import (
    Close,
    Frame,
    Hello,
    Located,
    Ping,
    Pressed,
    Said,
    Worked,
)
from bot.channels.webchat.rooms import Room, packed
from bot.channels.webchat.session import WebChatSession
from bot.channels.webchat.settings import TEXT_LIMIT
from bot.channels.webchat.updates import Updates
from bot.channels.webchat.visitors import Visitors, hash_secret

logger = logging.getLogger(__name__)

_SWEEP_SECONDS = 60.0
_DRAIN_SECONDS = 8.0

Feed = Callable[[Update], Awaitable[object]]
"""Takes an update bound to the bot and returns when it has been handled; what it returns is
ignored. Called one at a time for each visitor."""


class Departed(Exception):
    """The secret was given up with /forget; the page must make a new one."""


class Reception:
    """The way from a frame to the bot."""

    def __init__(self, bot: Bot, feed: Feed, session: WebChatSession, visitors: Visitors) -> None:
        self.session = session
        self.rooms = session.rooms
        self.settings = session.settings
        self._feed = feed
        self._visitors = visitors
        self._updates = Updates(bot, self.rooms)
        self._waiting: dict[Room, deque[tuple[Update, str | None]]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._entering: dict[bytes, asyncio.Lock] = {}
        self._sweeper: asyncio.Task[None] | None = None

    async def admit(self, secret: bytes, hello: Hello) -> Room:
        """The visitor's room; a new one opens with /start. Raises `HouseFull` or `Departed`."""
        secret_hash = hash_secret(secret)
        if self.rooms.departed(secret_hash):
            raise Departed
        room = self.rooms.of(secret_hash)
        if room is None:
            # Two tabs of one visitor (a duplicated tab has the same secret) open one room.
            lock = self._entering.setdefault(secret_hash, asyncio.Lock())
            try:
                async with lock:
                    room = self.rooms.of(secret_hash) or await self._open(secret_hash)
            finally:
                self._entering.pop(secret_hash, None)
        self._keep_sweeping()
        room.proposed_language = hello.language or room.proposed_language
        self._greet(room, hello)
        return room

    async def _open(self, secret_hash: bytes) -> Room:
        chat_id = await self._visitors.chat_for(secret_hash)
        if chat_id is None:
            self.rooms.knock()
            chat_id = await self._visitors.open(secret_hash)
        return self.rooms.open(chat_id, secret_hash)

    def _greet(self, room: Room, hello: Hello) -> None:
        """Feeds /start where the page is empty or was opened by a link with a start word.

        A page that still shows a conversation (only the process was restarted) goes on with it:
        its visitor may be in the middle of a dialogue.
        """
        if hello.start is not None and hello.client_id is not None:
            if hello.client_id not in room.client_ids:
                room.remember_client_id(hello.client_id, 0)
                room.started = True
                self._enqueue(room, self._updates.text(room, f"/start {hello.start}", None), None)
        elif not room.started:
            room.started = True
            if hello.epoch is None or hello.last == 0:
                self._enqueue(room, self._updates.text(room, "/start", None), None)

    def known(self, secret: bytes) -> Room | None:
        """The open room of this secret, for uploads and downloads."""
        return self.rooms.of(hash_secret(secret))

    def leaving(self, secret: bytes) -> Room | None:
        """The room that this secret had until a moment ago."""
        return self.rooms.farewell(hash_secret(secret))

    async def take(self, room: Room, frame: Frame) -> list[str]:
        """Acts on a frame and returns events for the page that sent it alone."""
        if isinstance(frame, Ping):
            return [packed("pong")]
        if isinstance(frame, Close):
            await self._part(room)
            return []
        await self._see(room)
        if room.leaving_at is not None:
            return [packed("forgotten")]
        if frame.client_id in room.client_ids:
            return [packed("taken", cid=frame.client_id)]
        if isinstance(frame, Worked):
            self.session.efforts.take(room, frame.salt, frame.nonce)
            return [packed("taken", cid=frame.client_id)]
        # Somebody who leaves in a hurry, or is in danger, does not wait for a task.
        self.session.efforts.give_up(room)
        if room.allowance.take() or self._crowded(room):
            return [packed("refused", cid=frame.client_id, reason="fast")]
        if isinstance(frame, Said):
            if not frame.text or len(frame.text) > TEXT_LIMIT:
                reason = "long" if frame.text else "empty"
                return [packed("refused", cid=frame.client_id, reason=reason)]
            update: Update | None = self._updates.text(room, frame.text, frame.client_id)
        elif isinstance(frame, Located):
            update = self._updates.location(room, frame)
        else:
            update = self._updates.press(room, frame)
        if update is None:
            return [packed("refused", cid=frame.client_id, reason="gone")]
        self._enqueue(room, update, frame.client_id if isinstance(frame, Pressed) else None)
        return [packed("taken", cid=frame.client_id)]

    async def upload(self, room: Room, client_id: str, name: str, data: bytes) -> str | None:
        """Takes a file; returns why not: `fast`, `large` or `empty`."""
        await self._see(room)
        if client_id in room.client_ids:
            return None
        if not data:
            return "empty"
        if room.allowance.take() or self._crowded(room) or room.leaving_at is not None:
            return "fast"
        try:
            file = self.rooms.files.keep(room.chat_id, data, name)
        except NoSpace:
            return "large"
        self._enqueue(room, self._updates.upload(room, file, client_id), None)
        return None

    def _crowded(self, room: Room) -> bool:
        return len(self._waiting.get(room, ())) >= self.settings.waiting_updates

    async def _see(self, room: Room) -> None:
        today = datetime.now(UTC).toordinal()
        if room.seen_on != today and room.leaving_at is None:
            room.seen_on = today
            await self._visitors.seen(room.chat_id)

    async def _part(self, room: Room) -> None:
        """The visitor closed the chat: the bot learns it as if blocked, the row goes."""
        self.session.efforts.give_up(room)
        if room.leaving_at is None:
            update = self._updates.left(room)
            self.rooms.detach(room)
            self.rooms.drop(room.chat_id)
            self._enqueue(room, update, None, last=True)
        else:
            self.rooms.drop(room.chat_id)

    def _enqueue(
        self, room: Room, update: Update, pressed: str | None, *, last: bool = False
    ) -> None:
        waiting = self._waiting.get(room)
        if waiting is None:
            waiting = self._waiting[room] = deque()
            worker = asyncio.create_task(self._work(room, waiting))
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        elif last:
            waiting.clear()
        waiting.append((update, pressed))

    async def _work(self, room: Room, waiting: deque[tuple[Update, str | None]]) -> None:
        """Feeds one visitor's updates in order until none is left."""
        try:
            while waiting:
                update, pressed = waiting.popleft()
                try:
                    await self._feed(update)
                except Exception as error:
                    # Neither the message nor the traceback: both may quote what was said.
                    logger.error("web chat: an update failed: %s", type(error).__name__)
                if pressed is not None:
                    room.whisper("answered", cid=pressed)
                if update.my_chat_member is not None:
                    await self._visitors.forget(room.chat_id)
        finally:
            self._waiting.pop(room, None)

    def _keep_sweeping(self) -> None:
        """Rooms left too long ago are closed every minute, as long as there are rooms."""
        if self._sweeper is None or self._sweeper.done():
            self._sweeper = asyncio.create_task(self._sweep())

    async def _sweep(self) -> None:
        while len(self.rooms):
            await asyncio.sleep(_SWEEP_SECONDS)
            self.rooms.sweep()

    async def drain(self) -> None:
        """Waits for what is under way, a few seconds at most; what then still runs is cancelled."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        if self._workers:
            await asyncio.wait(self._workers, timeout=_DRAIN_SECONDS)
        rest = list(self._workers)
        for worker in rest:
            worker.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
