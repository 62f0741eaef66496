"""The buttons of a report and of a mailbox."""

from aiogram.filters.callback_data import CallbackData

from bot.texts import _
from handlers.buttons import Keys
from handlers.private import REPORT_PREFIX


class Report(CallbackData, prefix=REPORT_PREFIX):
    """One step; ``item`` is a choice, or the number of a part.

    ``language``: before a dialogue is open, the one that the message is written in.
    """

    do: str
    item: str = ""
    language: str = ""


def with_exit(keys: Keys) -> Keys:
    """The same keys and, last, the way out that stands on every screen."""
    return keys.row((_("Quick exit"), Report(do="exit")))
