"""Who holds which tab of the chat page: the hash of a secret and a chat number, nothing more."""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, date, datetime

from sqlalchemy import delete, select, update

from bot.db import Sessions
from bot.models import WebVisitor

_NUMBER_BITS = 52  # what JavaScript and Telegram's libraries hold exactly
_MOST_WAITING = 20_000


class WebVisitors:
    """The tabs of the chat page. The secret itself never comes here.

    A tab that was only opened is held in memory: a row is written when somebody first does
    something in it, so that looking at the page leaves nothing behind. Chat numbers are drawn by
    lot, so that an old number never meets a new visitor.
    """

    def __init__(
        self,
        sessions: Sessions,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
        quiet: Callable[[int], bool] = lambda chat_id: False,
    ) -> None:
        self._sessions = sessions
        self._today = today
        self._quiet = quiet
        self._only_opened: OrderedDict[int, bytes] = OrderedDict()
        self._number_of: dict[bytes, int] = {}

    async def chat_for(self, secret_hash: bytes) -> int | None:
        """The chat number that a secret opens, or nothing."""
        if secret_hash in self._number_of:
            return self._number_of[secret_hash]
        async with self._sessions.begin() as session:
            found: int | None = await session.scalar(
                select(WebVisitor.chat_id).where(WebVisitor.secret_hash == secret_hash)
            )
            return found

    async def open(self, secret_hash: bytes) -> int:
        """A new chat number for a new secret."""
        chat_id = 1 + secrets.randbits(_NUMBER_BITS)
        self._only_opened[chat_id] = secret_hash
        self._number_of[secret_hash] = chat_id
        while len(self._only_opened) > _MOST_WAITING:
            self._number_of.pop(self._only_opened.popitem(last=False)[1], None)
        return chat_id

    async def seen(self, chat_id: int) -> None:
        """Note the day on which somebody last wrote in a tab; not of a tab that is ``quiet``."""
        secret_hash = self._only_opened.get(chat_id)
        if secret_hash is None and self._quiet(chat_id):
            return
        async with self._sessions.begin() as session:
            if secret_hash is not None:
                session.add(
                    WebVisitor(chat_id=chat_id, secret_hash=secret_hash, last_seen_on=self._today())
                )
            else:
                await session.execute(
                    update(WebVisitor)
                    .where(WebVisitor.chat_id == chat_id, WebVisitor.last_seen_on < self._today())
                    .values(last_seen_on=self._today())
                )
        self._release(chat_id)

    def _release(self, chat_id: int) -> None:
        secret_hash = self._only_opened.pop(chat_id, None)
        if secret_hash is not None:
            self._number_of.pop(secret_hash, None)

    async def forget(self, chat_id: int) -> None:
        """Forget a tab; its secret opens nothing any more."""
        self._release(chat_id)
        async with self._sessions.begin() as session:
            await session.execute(delete(WebVisitor).where(WebVisitor.chat_id == chat_id))
