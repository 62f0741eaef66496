"""The menu and the list of languages: what is shown from everywhere."""

from aiogram import html
from aiogram.types import InlineKeyboardMarkup, Message

from bot.answering.offering import answers_alone
from bot.models import Resident
from bot.office import Office
from bot.texts import N_, _, gettext_in, languages, native_name
from handlers.buttons import Events, Find, Go, Keys, LanguageChosen, ShowTopic
from handlers.notices import introduction

_ONLY_TITLES = N_("titles to choose from")


def language_keys(then: str = "") -> InlineKeyboardMarkup:
    """All languages by their own names."""
    choices = [(_offered(code), LanguageChosen(code=code, then=then)) for code in languages()]
    return Keys().grid(choices).markup()


def _offered(code: str) -> str:
    """A language's own name, and what it does not get yet."""
    name = native_name(code)
    return name if answers_alone(code) else f"{name} ({gettext_in(code, _ONLY_TITLES)})"


def menu_keys() -> InlineKeyboardMarkup:
    """The menu. Every entry can also be typed."""
    return (
        Keys()
        .row((_("All topics"), Go(screen="books")), (_("Find a doctor"), Find()))
        .row(
            (_("Interpreter"), Go(screen="interpreter")),
            (_("Report racism"), Go(screen="report")),
        )
        .row(
            (_("Events"), Events()),
            (_("Emergency numbers"), ShowTopic(topic_id="emergency-numbers")),
        )
        .row((_("My town"), Go(screen="place")), (_("Language"), Go(screen="language")))
        .row((_("Help"), Go(screen="help")), (_("Privacy"), Go(screen="privacy")))
        .markup()
    )


async def show_menu(message: Message) -> None:
    """Show the menu below what was said."""
    await message.answer(
        _("What do you need? Write your question, or choose:"), reply_markup=menu_keys()
    )


async def ask_language(message: Message, office: Office, resident: Resident | None) -> None:
    """Offer all languages by their own names; a stranger is told first what choosing means."""
    if resident is None:
        text, then = introduction(office) + "\n\n", "start"
    else:
        text, then = "", ""
    await message.answer(
        text + html.bold(_("Please choose your language:")), reply_markup=language_keys(then)
    )
