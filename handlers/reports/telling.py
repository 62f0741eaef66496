"""Free telling: as many messages as somebody likes, pictures, voice and files."""

from aiogram import html
from aiogram.types import CallbackQuery, Message

from bot.reports import Private
from bot.reports.interview import noticed
from bot.reports.telling import Screen, Talk, talk_of
from bot.texts import _, ngettext
from handlers.buttons import Keys
from handlers.middleware import Hearing
from handlers.private import pressed_message
from handlers.reports.buttons import Report
from handlers.reports.stage import show


async def show_telling(message: Message, private: Private, note: str = "") -> None:
    """The invitation to tell, or what has come so far."""
    talk = talk_of(private)
    talk.screen = Screen.TELLING
    lines = [note] if note else []
    if talk.draft.empty:
        lines += [
            html.bold(_("Please tell it in your own words.")),
            _(
                "As much as you like. Several messages are fine. You can also send pictures, "
                "voice messages and files. I do not interrupt you."
            ),
            _("One hour after your last message I delete everything that you have not sent."),
        ]
    else:
        lines += [so_far(talk), _("You can go on. Or press: “That is everything”.")]
    lines += missed_words(talk)
    keys = Keys().row((_("That is everything"), Report(do="done")))
    await show(message, private, "\n\n".join(lines), keys)


def so_far(talk: Talk) -> str:
    """How much is in the report."""
    texts, files = len(talk.draft.pieces), len(talk.draft.attachments)
    parts = [ngettext("{count} message", "{count} messages", texts).format(count=texts)]
    if files:
        parts.append(ngettext("{count} file", "{count} files", files).format(count=files))
    return _("In your report: {parts}").format(parts=", ".join(parts))


def missed_words(talk: Talk) -> list[str]:
    """What came too fast and is not in the report."""
    if not talk.missed:
        return []
    return [
        ngettext(
            "{count} message came too fast. It is not in the report. Please send it again.",
            "{count} messages came too fast. They are not in the report. Please send them again.",
            talk.missed,
        ).format(count=talk.missed)
    ]


async def hear(message: Message, private: Private, hearing: Hearing) -> None:
    """One more message of the telling, or a correction of one."""
    talk = talk_of(private)
    draft = talk.draft
    draft.tell(hearing.text, message.message_id)
    if all(len(piece.text) <= len(hearing.text) for piece in draft.pieces):
        # The longest message tells best which language it is.
        draft.told_language = (await hearing.understanding()).language
    await show_telling(message, private, _("I have it."))


async def correct(message: Message, private: Private) -> None:
    """A message was edited in the chat: the report holds the new words, nothing is said twice."""
    text = message.text or message.caption or ""
    draft = talk_of(private).draft
    if text and any(piece.message_id == message.message_id for piece in draft.pieces):
        draft.tell(text, message.message_id)


async def tell_more(query: CallbackQuery, private: Private) -> None:
    """Back from the preview to telling."""
    message = pressed_message(query)
    if message is not None:
        await show_telling(message, private)


def notice(talk: Talk) -> None:
    """Take over what was told already, so that it is not asked again."""
    draft = talk.draft
    for probe, answer in noticed([piece.text for piece in draft.pieces]).items():
        if probe not in draft.answers:
            draft.answers[probe] = answer
            draft.noticed.add(probe)
