"""Private dialogues: a report half told, or an open mailbox. In memory only, at most 60 minutes.

Never in a conversation row, a log or a file: when the process ends they are gone, and a neutral
mark (``bot/reports/private.py``) lets the bot say so.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.errors import TooMuchTold
from bot.models import Chat
from bot.reports.receipts import MailboxKey
from bot.reports.told import (
    MOST_ATTACHMENT_BYTES,
    MOST_ATTACHMENTS,
    MOST_BYTES,
    MOST_LETTERS,
    Attachment,
    Told,
)

LASTS = timedelta(minutes=60)
MARK_AGAIN = timedelta(minutes=20)
MOST_TOGETHER = 256 * 1024 * 1024
_MOST_DIALOGUES = 2_000


@dataclass(slots=True)
class Private:
    """One private dialogue.

    ``step`` and ``data`` belong to the dialogue in ``handlers/``: where it stands and what it
    remembers, such as the numbers of messages to wipe. ``key`` is there while a mailbox is open.
    ``sealed`` is what waits, sealed and with its receipt, for the last "send".
    """

    told: Told = field(repr=False)
    touched_at: datetime
    step: str | None = None
    data: dict[str, Any] = field(default_factory=dict, repr=False)
    key: MailboxKey | None = field(default=None, repr=False)
    sealed: Any = field(default=None, repr=False)
    marked_at: datetime | None = None


class Drafts:
    """The private dialogues of this process, one a chat."""

    def __init__(self) -> None:
        self.run = secrets.token_hex(8)
        self._dialogues: dict[Chat, Private] = {}

    def __contains__(self, chat: object) -> bool:
        return chat in self._dialogues

    def open(self, chat: Chat, language: str, now: datetime) -> Private:
        """Begin a private dialogue; an older one of this chat is thrown away.

        Raises ``TooMuchTold`` when very many are open at once.
        """
        self.sweep(now)
        if chat not in self._dialogues and len(self._dialogues) >= _MOST_DIALOGUES:
            raise TooMuchTold
        self._dialogues[chat] = Private(Told(language=language), now)
        return self._dialogues[chat]

    def find(self, chat: Chat, now: datetime) -> Private | None:
        """The private dialogue of a chat; nothing when there is none or an hour has passed.

        Looking counts as a sign of life: the hour begins anew.
        """
        found = self._dialogues.get(chat)
        if found is None:
            return None
        if now - found.touched_at >= LASTS:
            del self._dialogues[chat]
            return None
        found.touched_at = now
        return found

    def close(self, chat: Chat) -> None:
        """Throw a private dialogue away."""
        self._dialogues.pop(chat, None)

    def sweep(self, now: datetime) -> int:
        """Throw away what is over; returns how many went."""
        over = [chat for chat, one in self._dialogues.items() if now - one.touched_at >= LASTS]
        for chat in over:
            del self._dialogues[chat]
        return len(over)

    def add_text(self, draft: Private, text: str) -> None:
        """Add something told. Raises ``TooMuchTold`` and leaves the draft as it was."""
        if draft.told.letters + len(text) > MOST_LETTERS:
            raise TooMuchTold
        draft.told.texts.append(text)

    def room_for(self, draft: Private, size: int) -> bool:
        """Whether a file of this many bytes still fits; to be asked before it is downloaded."""
        return (
            len(draft.told.attachments) < MOST_ATTACHMENTS
            and size <= MOST_ATTACHMENT_BYTES
            and draft.told.size + size <= MOST_BYTES
            and sum(self._sizes()) + size <= MOST_TOGETHER
        )

    def add_attachment(self, draft: Private, attachment: Attachment) -> None:
        """Add a file. Raises ``TooMuchTold`` and leaves the draft as it was."""
        if not self.room_for(draft, len(attachment.data)):
            raise TooMuchTold
        draft.told.attachments.append(attachment)

    def _sizes(self) -> Iterator[int]:
        return (one.told.size for one in self._dialogues.values())
