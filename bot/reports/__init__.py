"""Incident reports that cannot be traced: told in private, sealed on arrival, found by a receipt.

The way of a report, for who builds the dialogue (``office.reporting`` is a ``Reporting``):

1. ``reporting.ready`` — else say so and name the other ways.
2. ``draft = reporting.drafts.open(here, language, now)``, then at each step
   ``reporting.drafts.find(here, now)``; ``draft.told`` is a ``Told``. Nothing of it goes into
   aiogram's state. When ``mark_is_due(draft, now)``: ``mark_private(session, …)``.
3. ``draft.sealed = await reporting.seal_report(draft.told, now, words=…, link=…)``. Show
   ``draft.sealed.receipt.shown`` once with "not sent yet", and a button "I have noted it: send".
4. On that button: ``reporting.budget.take(channel)``, then in a transaction
   ``await send_sealed(session, reporting.site, draft.sealed, now)``. Pressing twice sends once.
   After the block: ``sent``; then ``reporting.drafts.close(here)``. If ``draft.told.urgent``:
   ``bot.reports.notices.move_and_tell`` in a transaction of its own.

A killed process: before the commit nothing is kept and ``was_interrupted`` lets the bot say so;
after it the receipt, which was noted before, opens a complete report.

The mailbox: ``key = await reporting.try_receipt(here, text)`` (no transaction open: it takes a
moment), then ``open_mailbox(session, reporting.site, key)`` and ``reporting.opened(here,
found=…)``. ``seal_addition`` and ``send_sealed`` add to it, ``withdraw`` deletes the report,
``link_chat`` and ``unlink_case`` choose and end the push.

``/forget`` also calls ``unlink_chat``.
"""

from bot.reports.arrivals import Moved, Sealed, move_arrivals, send_sealed
from bot.reports.desk import Reporting
from bot.reports.drafts import Drafts, Private
from bot.reports.links import link_chat, unlink_case, unlink_chat
from bot.reports.mailbox import Mailbox, MailboxMessage, open_mailbox, withdraw
from bot.reports.private import clear_marks, mark_is_due, mark_private, was_interrupted
from bot.reports.receipts import MailboxKey, Receipt, word_list
from bot.reports.site import read_secret
from bot.reports.told import Attachment, Form, Motive, Part, Police, Told, Wish
from bot.settings import Settings


def open_desk(settings: Settings) -> Reporting:
    """The desk of these settings. Raises ``SettingsError`` when secret or keys cannot be used."""
    given = settings.reports_secret.get_secret_value() if settings.reports_secret else None
    desk = Reporting(read_secret(given, settings.data_dir), settings.recipients_file)
    _ = desk.ready  # a private key in the file of public ones is found at the start
    return desk


__all__ = [
    "Attachment",
    "Drafts",
    "Form",
    "Mailbox",
    "MailboxKey",
    "MailboxMessage",
    "Motive",
    "Moved",
    "Part",
    "Police",
    "Private",
    "Receipt",
    "Reporting",
    "Sealed",
    "Told",
    "Wish",
    "clear_marks",
    "link_chat",
    "mark_is_due",
    "mark_private",
    "move_arrivals",
    "open_desk",
    "open_mailbox",
    "send_sealed",
    "unlink_case",
    "unlink_chat",
    "was_interrupted",
    "withdraw",
    "word_list",
]
