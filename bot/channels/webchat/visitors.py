"""Who holds which chat: the hash of a visitor's secret and the chat number that belongs to it."""

import hashlib
import secrets
from typing import Protocol


def hash_secret(secret: bytes) -> bytes:
    """The 32 bytes that may be stored in place of a visitor's 16 secret ones.

    A plain SHA-256 is enough: the secret is 128 random bits, so there is no list of likely ones
    to try. Looking a hash up needs no constant-time comparison either: what a timing could
    reveal is bits of the *hash*, and whoever wants to walk along those bits would have to find
    secrets with a chosen hash.
    """
    return hashlib.sha256(secret).digest()


class Visitors(Protocol):
    """The register of visitors. It never sees a secret, only its hash."""

    async def chat_for(self, secret_hash: bytes) -> int | None:
        """The chat number of this visitor; `None` for a stranger."""

    async def open(self, secret_hash: bytes) -> int:
        """A chat number for this hash: a new one, or the one it already has.

        Called once a visitor opens the page for the first time. An implementation may hold the
        number in memory and write its row when `seen` is called for the first time: then nothing
        is stored about someone who only looked at the greeting.
        """

    async def forget(self, chat_id: int) -> None:
        """Deletes the visitor; the secret opens nothing from now on. Unknown numbers are fine."""

    async def seen(self, chat_id: int) -> None:
        """The visitor wrote, pressed or sent something. Called at most once a day and room."""


class MemoryVisitors:
    """A register that lasts as long as the process."""

    def __init__(self) -> None:
        self._chats: dict[bytes, int] = {}
        self.days_seen: dict[int, int] = {}

    def clear(self) -> None:
        """Forgets everybody."""
        self._chats.clear()
        self.days_seen.clear()

    async def chat_for(self, secret_hash: bytes) -> int | None:
        """See `Visitors`."""
        return self._chats.get(secret_hash)

    async def open(self, secret_hash: bytes) -> int:
        """See `Visitors`. Numbers are random: they say nothing about how many visitors came."""
        chat_id = self._chats.get(secret_hash)
        while chat_id is None:
            number = secrets.randbelow(2**50) + 1
            if number not in self._chats.values():
                chat_id = self._chats[secret_hash] = number
        return chat_id

    async def forget(self, chat_id: int) -> None:
        """See `Visitors`."""
        self._chats = {key: number for key, number in self._chats.items() if number != chat_id}
        self.days_seen.pop(chat_id, None)

    async def seen(self, chat_id: int) -> None:
        """See `Visitors`."""
        self.days_seen[chat_id] = self.days_seen.get(chat_id, 0) + 1
