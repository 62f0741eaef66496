"""The desk where reports are taken: keys, secret, private dialogues, budgets; seals in threads."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from bot.errors import NoSuchReport, ReportsNotReady, TooMuchTold
from bot.models import Chat
from bot.reports.arrivals import ADDITION, REPORT, Sealed, random_id, today, week_of
from bot.reports.drafts import Drafts
from bot.reports.gate import Budget, Tries
from bot.reports.receipts import (
    MailboxKey,
    NoReceipt,
    Receipt,
    draw_digits,
    draw_words,
    open_receipt,
    read_receipt,
)
from bot.reports.sealing import Recipients, TooLarge, read_recipients
from bot.reports.site import SiteSecret
from bot.reports.told import MOST_BYTES, MOST_LETTERS, Attachment, Told, pack, pack_parts

_AT_ONCE = 2  # derivations of 64 MiB each


class Reporting:
    """All that is needed to take reports; one a process, part of the office.

    ``recipients_file`` holds the public keys of the case workers and is read anew for each
    report, so that a key can be changed without a restart.
    """

    def __init__(self, site: SiteSecret, recipients_file: Path) -> None:
        self.site = site
        self.drafts = Drafts()
        self.budget = Budget()
        self.tries = Tries()
        self._recipients_file = recipients_file
        self._deriving = asyncio.Semaphore(_AT_ONCE)

    def recipients(self) -> Recipients:
        """The keys to seal to. Raises ``ReportsNotReady`` when there are none."""
        found = read_recipients(self._recipients_file)
        if found is None:
            raise ReportsNotReady
        return found

    @property
    def ready(self) -> bool:
        """Whether reports can be taken now; when not, the other ways are named."""
        return read_recipients(self._recipients_file) is not None

    @property
    def trial(self) -> bool:
        """Whether reports are only tried out: a private key lies on this machine."""
        found = read_recipients(self._recipients_file)
        return found is not None and found.trial

    async def seal_report(
        self, told: Told, now: datetime, *, words: bool = False, link: Chat | None = None
    ) -> Sealed:
        """Draw a receipt and seal what was told. Nothing is kept yet: first show the receipt.

        ``words``: six words of the report's language where there is a list, instead of digits.
        ``link``: the chat that chose to be told when a message is ready. Raises
        ``ReportsNotReady`` and ``TooMuchTold``; the draft is untouched by both.
        """
        recipients = self.recipients()
        receipt = (draw_words(told.language) if words else None) or draw_digits()
        key = await self._derive(receipt)
        day = today(now)

        def seal() -> bytes:
            return recipients.seal(pack(told, day, str(key.public)))

        try:
            sealed = await asyncio.to_thread(seal)
        except TooLarge:
            raise TooMuchTold from None
        return Sealed(
            random_id(), REPORT, key.lookup, week_of(day), told.urgent, sealed, receipt, link
        )

    async def seal_addition(
        self,
        key: MailboxKey,
        text: str,
        number: int,
        now: datetime,
        files: Sequence[Attachment] = (),
    ) -> Sealed:
        """Seal what a reporter adds, to the case workers and to the mailbox itself.

        ``number``: one more than the mailbox has messages. Raises ``ReportsNotReady`` and
        ``TooMuchTold``.
        """
        recipients = self.recipients()
        if len(text) > MOST_LETTERS or sum(len(file.data) for file in files) > MOST_BYTES:
            raise TooMuchTold
        day = today(now)
        packed = pack_message(text, number, now, files)
        try:
            sealed = await asyncio.to_thread(recipients.seal, packed, key.public)
        except TooLarge:
            raise TooMuchTold from None
        return Sealed(random_id(), ADDITION, key.lookup, week_of(day), False, sealed)

    async def try_receipt(self, chat: Chat, text: str) -> MailboxKey:
        """The key of a typed receipt; takes the same time whether it opens something or not.

        Raises ``WaitAWhile`` when there were too many tries, ``NoSuchReport`` for what has not
        the form of a receipt (its ``word`` is a word that is not known, if there is one). Tell
        ``opened`` afterwards whether there was a mailbox.
        """
        try:
            receipt = read_receipt(text)
        except NoReceipt as wrong:
            raise NoSuchReport(wrong.word) from None
        self.tries.take(chat)
        return await self._derive(receipt)

    def opened(self, chat: Chat, *, found: bool) -> None:
        """Whether the last try of this chat opened a mailbox."""
        if found:
            self.tries.was_right(chat)
        else:
            self.tries.was_wrong(chat)

    async def _derive(self, receipt: Receipt) -> MailboxKey:
        async with self._deriving:
            return await asyncio.to_thread(open_receipt, receipt, self.site.receipt_salt)


def pack_message(text: str, number: int, now: datetime, files: Sequence[Attachment] = ()) -> bytes:
    """A message of a mailbox, or a note, as bytes ready for sealing."""
    head = {
        "text": text,
        "number": number,
        "on": today(now).isoformat(),
        "files": [
            {
                "name": file.name,
                "media_type": file.media_type,
                "kind": file.kind,
                "size": len(file.data),
                "original": file.original,
            }
            for file in files
        ],
    }
    return pack_parts(head, [file.data for file in files])
