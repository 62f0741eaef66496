"""What staff are told about broadcasts when they look elsewhere."""

from aiogram import html
from aiogram.types import InlineKeyboardMarkup

from bot.models import Letter
from bot.texts import _, language_name
from handlers.buttons import Keys
from handlers.staff.broadcasts.screens import Cast


def broadcast_letter(letter: Letter) -> tuple[str, InlineKeyboardMarkup]:
    """A letter's words, and the way to the broadcast."""
    number = int(letter.content["broadcast_id"])
    name = html.bold(_("Announcement {number}").format(number=number))
    look = _("Look at it")
    match letter.kind:
        case "broadcast_waiting":
            text = _("A colleague asks you to read and approve an announcement.")
            keys = Keys().row((_("Read and approve"), Cast(what="read", id=number)))
            return f"{name}\n{text}", keys.markup()
        case "broadcast_approved":
            text = _("It is approved. You can send it now.")
            look = _("Send")
        case "broadcast_language":
            language = language_name(str(letter.content["language"]))
            text = _(
                "Telegram does not take the text in {language}. These people have not got it. "
                "The others get it. Please correct the text."
            ).format(language=language)
        case "broadcast_paused":
            text = _("Telegram does not know the bot's token any more. Please tell the operator.")
        case "broadcast_void":
            text = _("It was not sent: the event does not take place.")
        case "broadcast_changed":
            text = _("A colleague has changed an announcement that was sent.")
        case _done:
            text = _("Everything is sent.")
    keys = Keys().row((look, Cast(what="show", id=number)))
    return f"{name}\n{text}", keys.markup()
