"""Rooms: what one visitor and the bot said lately, who looks at it now, and what still waits.

Everything here is memory. A room keeps recent messages to draw them again, and numbered events
so that a page that was away gets exactly what it missed.
"""

import asyncio
import json
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.channels.webchat.files import Files
from bot.channels.webchat.settings import WebChatSettings

GOING_AWAY = 1012
TRY_LATER = 1013
GONE = 4410
TOO_MANY = 4408

_MESSAGE_IDS_PER_SECOND = 1_000
_CALLBACKS_KEPT = 200
_CLIENT_IDS_KEPT = 400
_DEPARTED_KEPT = 2000
_FAREWELL_SECONDS = 60
_MESSAGE = '{"kind":"message"'


class HouseFull(Exception):
    """No further room now; whoever knocks is asked to come back later."""


def packed(kind: str, **data: Any) -> str:
    """One event as the JSON text that goes over the wire."""
    return json.dumps({"kind": kind, **data}, ensure_ascii=False, separators=(",", ":"))


class Allowance:
    """So many things at once and so many a second from then on."""

    def __init__(self, per_second: float, at_once: int) -> None:
        self._per_second = per_second
        self._at_once = float(at_once)
        self._left = float(at_once)
        self._since = time.monotonic()

    def take(self) -> float:
        """Takes one and returns 0.0, or takes nothing and returns the seconds to wait."""
        now = time.monotonic()
        gained = (now - self._since) * self._per_second
        self._left, self._since = min(self._at_once, self._left + gained), now
        if self._left >= 1:
            self._left -= 1
            return 0.0
        return (1 - self._left) / self._per_second


class Listener:
    """One open page (a tab) and the events on their way to it."""

    def __init__(self, most: int = 500) -> None:
        self._waiting: deque[str] = deque()
        self._ready = asyncio.Event()
        self._most = most
        self.closing: int | None = None

    def offer(self, events: Iterable[str]) -> None:
        """Puts events in line.

        A page that reads too slowly is closed: it reconnects and gets what it missed by number.
        """
        self._waiting.extend(events)
        if len(self._waiting) > self._most:
            self._waiting.clear()
            self.close(TRY_LATER)
        if self._waiting:
            self._ready.set()

    def close(self, code: int) -> None:
        """Ends the line after what is already in it."""
        self.closing = self.closing or code
        self._ready.set()

    async def take(self) -> list[str]:
        """All events in line, as soon as there is one; none when the line has been closed."""
        await self._ready.wait()
        self._ready.clear()
        events = list(self._waiting)
        self._waiting.clear()
        if self.closing is not None:
            self._ready.set()
        return events


@dataclass(slots=True)
class Entry:
    """One message: as the Bot API shows it, as the page draws it, and what its buttons sent."""

    message: dict[str, Any]
    view: dict[str, Any] | None
    offered: frozenset[str] = frozenset()
    from_bot: bool = True
    editable: bool = True
    bytes: int = 0


@dataclass(slots=True, eq=False)
class Room:
    """One conversation."""

    chat_id: int
    secret_hash: bytes | None
    settings: WebChatSettings
    epoch: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    language: str | None = None
    proposed_language: str | None = None
    keyboard: dict[str, Any] | None = None
    started: bool = False
    leaving_at: float | None = None
    seen_on: int = 0
    left_at: float = field(default_factory=time.monotonic)
    polled_at: float | None = None
    messages: OrderedDict[int, Entry] = field(default_factory=OrderedDict)
    listeners: set[Listener] = field(default_factory=set)
    client_ids: OrderedDict[str, int] = field(default_factory=OrderedDict)
    callbacks: OrderedDict[str, str] = field(default_factory=OrderedDict)
    last_event: int = 0
    last_message_id: int = field(default_factory=lambda: int(time.time() * _MESSAGE_IDS_PER_SECOND))
    _events: deque[tuple[int, str, int | None]] = field(default_factory=deque)
    _event_bytes: int = 0
    _message_bytes: int = 0
    allowance: Allowance = field(init=False)
    allowance_for_files: Allowance = field(init=False)

    def __post_init__(self) -> None:
        rate, at_once = self.settings.frames_per_second, self.settings.frames_at_once
        self.allowance = Allowance(rate, at_once)
        # A redrawn page fetches all its pictures at once.
        self.allowance_for_files = Allowance(rate, at_once * 5)

    def next_message_id(self) -> int:
        """A message number that rises even over restarts: it begins with the room's first moment.

        So a number that a dialogue remembers can never mean another message: no room takes or
        makes a thousand messages a second.
        """
        self.last_message_id += 1
        return self.last_message_id

    def add(self, entry: Entry) -> None:
        """Keeps a message and shows it on every open page; the oldest leave where it gets tight."""
        self.messages[entry.message["message_id"]] = entry
        self._weigh(entry)
        while len(self.messages) > 1 and (
            len(self.messages) > self.settings.messages_per_room
            or self._message_bytes > self.settings.bytes_per_room
        ):
            _, oldest = self.messages.popitem(last=False)
            self._message_bytes -= oldest.bytes
        if entry.view is not None:
            self.publish("message", message=entry.view)

    def change(self, entry: Entry) -> None:
        """Shows a message anew after it was edited."""
        self._weigh(entry)
        if entry.view is not None:
            self._rewrite(entry.message["message_id"], entry.view)
            self.publish("edit", message=entry.view)

    def _weigh(self, entry: Entry) -> None:
        weight = len(json.dumps(entry.message, ensure_ascii=False)) * 2
        self._message_bytes += weight - entry.bytes
        entry.bytes = weight

    def remove(self, message_ids: Iterable[int]) -> list[int]:
        """Takes messages away, here and on the pages; returns those that were there."""
        gone = []
        for message_id in message_ids:
            entry = self.messages.pop(message_id, None)
            if entry is not None:
                self._message_bytes -= entry.bytes
                gone.append(message_id)
                self._rewrite(message_id, None)
        if gone:
            self.publish("delete", ids=gone)
        return gone

    def _rewrite(self, message_id: int, view: dict[str, Any] | None) -> None:
        """Take the old words of a message out of the events that wait for pages away.

        What was deleted or changed must not live on in memory: it may be a report.
        """
        for at, (number, text, about) in enumerate(self._events):
            if about != message_id:
                continue
            kind = "message" if view is not None and text.startswith(_MESSAGE) else "past"
            content: dict[str, Any] = {"message": view} if kind == "message" else {}
            new = packed(kind, n=number, **content)
            self._event_bytes += (len(new) - len(text)) * 2
            self._events[at] = (number, new, about)

    def publish(self, kind: str, **data: Any) -> None:
        """A numbered event: kept until newer ones push it out, so a page away gets it later."""
        self.last_event += 1
        text = packed(kind, n=self.last_event, **data)
        about = data["message"]["id"] if "message" in data else None
        self._events.append((self.last_event, text, about))
        self._event_bytes += len(text) * 2
        while len(self._events) > 1 and self._event_bytes > self.settings.bytes_per_room:
            _, oldest, _about = self._events.popleft()
            self._event_bytes -= len(oldest) * 2
        for listener in self.listeners:
            listener.offer([text])

    def whisper(self, kind: str, **data: Any) -> None:
        """A passing event (someone is typing) for the pages open now; nobody gets it later."""
        text = packed(kind, **data)
        for listener in self.listeners:
            listener.offer([text])

    def join(self, listener: Listener, epoch: str | None, last: int) -> None:
        """Adds a page and hands it what it missed after event number `last`.

        A page that knows another life of this room (the process was restarted) keeps what it
        shows and gets everything that is here; one that was away too long is drawn anew.
        """
        if len(self.listeners) >= self.settings.connections_per_room:
            next(iter(self.listeners)).close(TOO_MANY)
        first = self._events[0][0] if self._events else self.last_event + 1
        if epoch == self.epoch and first - 1 <= last <= self.last_event:
            listener.offer(text for number, text, _about in self._events if number > last)
        else:
            listener.offer([self._redraw(keep=epoch is not None and epoch != self.epoch)])
        self.listeners.add(listener)

    def _redraw(self, *, keep: bool) -> str:
        shown = [entry.view for entry in self.messages.values() if entry.view is not None]
        return packed(
            "redraw", n=self.last_event, keep=keep, messages=shown, keyboard=self.keyboard
        )

    @property
    def visited(self) -> bool:
        """Whether a page has ever come in; else only a message waits here."""
        return self.secret_hash is not None or self.leaving_at is not None

    @property
    def is_open(self) -> bool:
        """Whether somebody has the page open; a polling page is heard only every few seconds."""
        if self.listeners or self.polled_at is None:
            return bool(self.listeners)
        return time.monotonic() - self.polled_at < self.settings.absent_after.total_seconds()

    def leave(self, listener: Listener) -> None:
        """A page was closed or lost its connection."""
        self.listeners.discard(listener)
        self.left_at = time.monotonic()

    def remember_client_id(self, client_id: str, message_id: int) -> None:
        """So that the same message sent again after a reconnect is not taken twice."""
        self.client_ids[client_id] = message_id
        if len(self.client_ids) > _CLIENT_IDS_KEPT:
            self.client_ids.popitem(last=False)

    def open_callback(self, client_id: str) -> str:
        """A number for a pressed button, by which the bot answers the press."""
        callback_id = f"{self.chat_id}-{secrets.randbits(62)}"
        self.callbacks[callback_id] = client_id
        if len(self.callbacks) > _CALLBACKS_KEPT:
            self.callbacks.popitem(last=False)
        return callback_id

    def wipe(self) -> None:
        """Forgets everything that was said; open pages stay joined."""
        self.messages.clear()
        self._events.clear()
        self._event_bytes = self._message_bytes = 0
        self.client_ids.clear()
        self.callbacks.clear()
        self.keyboard = None


class Rooms:
    """All open rooms, found by chat number or by the hash of a visitor's secret."""

    def __init__(self, settings: WebChatSettings) -> None:
        self.settings = settings
        self.files = Files(
            most_bytes=settings.files_bytes, most_bytes_per_room=settings.files_per_room_bytes
        )
        self._rooms: dict[int, Room] = {}
        self._by_hash: dict[bytes, int] = {}
        self._departed: OrderedDict[bytes, int] = OrderedDict()
        self._opening = Allowance(settings.rooms_per_minute / 60, settings.rooms_per_minute)
        self._opened_at = time.monotonic()

    def __len__(self) -> int:
        return len(self._rooms)

    def __iter__(self) -> Iterator[Room]:
        return iter(list(self._rooms.values()))

    def get(self, chat_id: int) -> Room | None:
        """The open room of this chat."""
        return self._rooms.get(chat_id)

    def of(self, secret_hash: bytes) -> Room | None:
        """The open room of the visitor with this secret."""
        return self._rooms.get(self._by_hash.get(secret_hash, 0))

    def open(self, chat_id: int, secret_hash: bytes | None) -> Room:
        """The room of this chat, opened if need be. Raises `HouseFull`."""
        room = self._rooms.get(chat_id)
        if room is None:
            self.make_place()
            room = self._rooms[chat_id] = Room(chat_id, secret_hash, self.settings)
        if secret_hash is not None:
            room.secret_hash = secret_hash
            self._by_hash[secret_hash] = chat_id
        return room

    def knock(self) -> None:
        """Counts a stranger at the door. Raises `HouseFull` when too many come at once."""
        if self._opening.take():
            raise HouseFull
        self.make_place()

    def make_place(self) -> None:
        """In a full house closes the room left longest ago.

        Raises `HouseFull` if all are in use or were until lately.
        """
        if len(self._rooms) < self.settings.max_rooms:
            return
        empty = [room for room in self._rooms.values() if not room.is_open]
        # Rooms that only wait for a page from before a restart go first.
        oldest = min(empty, key=lambda room: (room.visited, room.left_at), default=None)
        spare = time.monotonic() - self.settings.spare_after.total_seconds()
        if oldest is None or (oldest.visited and oldest.left_at > spare):
            raise HouseFull
        self.drop(oldest.chat_id)

    def waiting(self, chat_id: int) -> Room | None:
        """The room for a message to this chat.

        Shortly after a start a room is opened for it: its visitor's page is just coming back.
        """
        room = self._rooms.get(chat_id)
        if room is not None:
            return room
        if time.monotonic() - self._opened_at > self.settings.restart_grace.total_seconds():
            return None
        if chat_id in self._departed.values():
            return None
        try:
            return self.open(chat_id, None)
        except HouseFull:
            return None

    def drop(self, chat_id: int, code: int = GONE) -> None:
        """Closes a room: its pages are sent away, its messages and files leave the memory."""
        room = self._rooms.pop(chat_id, None)
        if room is None:
            return
        if room.secret_hash is not None:
            self._by_hash.pop(room.secret_hash, None)
        self.files.clear(chat_id)
        for listener in room.listeners:
            listener.close(code)

    def detach(self, room: Room) -> None:
        """From now on the room's secret opens nothing; pages that are open see the farewell."""
        if room.secret_hash is not None:
            self._by_hash.pop(room.secret_hash, None)
            self._departed[room.secret_hash] = room.chat_id
            if len(self._departed) > _DEPARTED_KEPT:
                self._departed.popitem(last=False)
        room.leaving_at = time.monotonic()
        room.wipe()
        self.files.clear(room.chat_id)

    def departed(self, secret_hash: bytes) -> bool:
        """Whether this secret was given up a while ago: its pages must make a new one."""
        return secret_hash in self._departed

    def farewell(self, secret_hash: bytes) -> Room | None:
        """The room of a visitor who is just leaving, for their other pages to see the end of."""
        room = self._rooms.get(self._departed.get(secret_hash, 0))
        return room if room is not None and room.leaving_at is not None else None

    def close(self) -> None:
        """Sends every page away for a restart; what waits in the rooms is lost with the process."""
        for room in self:
            for listener in room.listeners:
                listener.close(GOING_AWAY)

    def sweep(self) -> int:
        """Closes rooms without visitor for too long, and those taken leave of; returns how many."""
        now = time.monotonic()
        over = [room.chat_id for room in self if self._is_over(room, now)]
        for chat_id in over:
            self.drop(chat_id)
        return len(over)

    def _is_over(self, room: Room, now: float) -> bool:
        if room.leaving_at is not None:
            return now - room.leaving_at > _FAREWELL_SECONDS
        absent = now - room.left_at
        return not room.listeners and absent > self.settings.room_ttl.total_seconds()
