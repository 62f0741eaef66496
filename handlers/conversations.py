"""Dialogues: where they stand is kept in our database, and one chat is handled at a time."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from weakref import WeakValueDictionary

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseEventIsolation, BaseStorage, StateType, StorageKey

from bot.conversations import read_conversation, write_conversation
from bot.db import Sessions
from bot.models import Chat

# Dialogues in which a typed number is an answer and not the number of a button.
EXPECT_NUMBERS: set[str] = set()
# Staff's dialogues whose answers may sound like danger ("Die Autorin ist krank", a course on first
# aid): the card is shown first as always, and the text is taken all the same.
TAKE_ALARMING_WORDS: set[str] = set()


class DatabaseStorage(BaseStorage):
    """Conversation state in our own table.

    aiogram's default is memory: after a restart the next line of a half-finished dialogue would
    arrive as a question. ``channel_of`` turns a bot's id into the channel's name.
    """

    def __init__(
        self, sessions: Sessions, channel_of: Callable[[int], str], now: Callable[[], datetime]
    ) -> None:
        self._sessions = sessions
        self._channel_of = channel_of
        self._now = now

    def _chat(self, key: StorageKey) -> Chat:
        return Chat(self._channel_of(key.bot_id), key.chat_id)

    async def _read(self, key: StorageKey) -> tuple[str | None, dict[str, Any]]:
        async with self._sessions.begin() as session:
            return await read_conversation(session, self._chat(key))

    async def _write(
        self, key: StorageKey, *, state: str | None = None, data: Mapping[str, Any] | None = None
    ) -> None:
        async with self._sessions.begin() as session:
            old_state, old_data = await read_conversation(session, self._chat(key))
            await write_conversation(
                session,
                self._chat(key),
                self._now(),
                state=old_state if data is not None else state,
                data=old_data if data is None else data,
            )

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        """Keep the state's name."""
        await self._write(key, state=state.state if isinstance(state, State) else state)

    async def get_state(self, key: StorageKey) -> str | None:
        """The state's name, or nothing."""
        return (await self._read(key))[0]

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        """Keep what the dialogue knows so far."""
        await self._write(key, data=data)

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        """What the dialogue knows so far."""
        return (await self._read(key))[1]

    async def close(self) -> None:
        """Nothing to give back: the sessions belong to the program."""


class ChatIsolation(BaseEventIsolation):
    """Handles the messages of one chat in order, one at a time.

    The same as aiogram's ``SimpleEventIsolation`` but locks of quiet chats disappear, so that
    memory does not grow with everybody who ever wrote.
    """

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[StorageKey, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def lock(self, key: StorageKey) -> AsyncGenerator[None, None]:
        """Wait for this chat's turn; ``asyncio.Lock`` wakes who waits in order."""
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        async with lock:
            yield

    async def close(self) -> None:
        """Forget all locks."""
        self._locks.clear()
