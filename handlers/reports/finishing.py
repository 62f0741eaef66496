"""After the questions: who may read it, and how an answer shall arrive."""

from aiogram import html
from aiogram.types import CallbackQuery, Message

from bot.office import Office
from bot.reports import Private
from bot.reports.telling import Screen, talk_of
from bot.texts import _, language_name, listing
from handlers.buttons import Keys
from handlers.private import pressed_message
from handlers.reports.buttons import Report
from handlers.reports.preview import show_preview
from handlers.reports.stage import show


async def after_questions(message: Message, office: Office, private: Private) -> None:
    """Ask for the interpreter where one is needed, then for the way of an answer."""
    draft = talk_of(private).draft
    language = draft.told_language or private.told.language
    foreign = draft.pieces and language not in office.settings.read_languages
    if foreign and draft.interpreter_may_read is None:
        await ask_interpreter(message, office, private, language)
    elif draft.linked is None and talk_of(private).can_push:
        await ask_way(message, private)
    else:
        await show_preview(message, private)


async def ask_interpreter(
    message: Message, office: Office, private: Private, language: str
) -> None:
    """May an interpreter read it? Nothing is preselected."""
    talk_of(private).screen = Screen.CONSENT
    read = listing([language_name(code) for code in office.settings.read_languages])
    lines = [
        _("I think your text is in: {language}. The case workers read: {languages}.").format(
            language=language_name(language), languages=read
        ),
        html.bold(_("May an interpreter read your text?")),
        _(
            "Interpreters must keep everything to themselves. You may say "
            "no. Then perhaps nobody can understand your text. What you "
            "chose in the questions can always be read."
        ),
    ]
    keys = Keys().row((_("Yes, an interpreter may read it"), Report(do="consent", item="yes")))
    keys.row((_("No, nobody else"), Report(do="consent", item="no")))
    await show(message, private, "\n\n".join(lines), keys)


async def take_consent(
    query: CallbackQuery, callback_data: Report, office: Office, private: Private
) -> None:
    """Yes or no; it travels with the report."""
    message, talk = pressed_message(query), talk_of(private)
    if message is None or talk.screen is not Screen.CONSENT:
        return
    talk.draft.interpreter_may_read = callback_data.item == "yes"
    await after_questions(message, office, private)


async def ask_way(message: Message, private: Private) -> None:
    """Only the receipt, or a message here: with what that means. Both are equal buttons."""
    talk_of(private).screen = Screen.WAY
    lines = [
        html.bold(_("How would you like to hear about an answer?")),
        _(
            "With the receipt only: nothing leads from your report to this chat. "
            "You come back by yourself and look."
        ),
        _(
            "With a message here: I write “A message is ready”, nothing else. For that I keep a "
            "locked link from your report to this chat. Whoever runs our computer could open "
            "this link, for example when a court orders it. You can end it at any time."
        ),
    ]
    keys = Keys().row((_("With the receipt only"), Report(do="answer", item="receipt")))
    keys.row((_("With a message here"), Report(do="answer", item="here")))
    await show(message, private, "\n\n".join(lines), keys)


async def take_way(query: CallbackQuery, callback_data: Report, private: Private) -> None:
    """The choice; it can be changed in the preview."""
    message, talk = pressed_message(query), talk_of(private)
    if message is None or talk.screen is not Screen.WAY:
        return
    talk.draft.linked = callback_data.item == "here"
    await show_preview(message, private)


async def change_way(query: CallbackQuery, private: Private) -> None:
    """Choose again how an answer arrives."""
    message = pressed_message(query)
    if message is not None and talk_of(private).can_push:
        await ask_way(message, private)
