"""Any part of a report can be changed or deleted before it is sent."""

from aiogram import html
from aiogram.types import CallbackQuery, Message

from bot.office import Office
from bot.reports import Private
from bot.reports.interview import Answer, Probe
from bot.reports.telling import Screen, talk_of
from bot.texts import _
from handlers.buttons import Keys
from handlers.middleware import Hearing
from handlers.private import pressed_message
from handlers.reports.buttons import Report
from handlers.reports.preview import file_line, show_preview
from handlers.reports.probing import show_question
from handlers.reports.stage import show
from handlers.reports.words import title

_BEGINNING = 30


async def list_parts(query: CallbackQuery, private: Private) -> None:
    """Every part as a button."""
    message, talk = pressed_message(query), talk_of(private)
    if message is None:
        return
    talk.screen = Screen.CHANGING
    draft, keys = talk.draft, Keys()
    for number, piece in enumerate(draft.pieces):
        words = " ".join(piece.text.split())
        short = words if len(words) <= _BEGINNING else words[:_BEGINNING] + "…"
        label = _("Message {number}: {words}").format(number=number + 1, words=short)
        keys.row((label, Report(do="piece", item=str(number))))
    answered = [probe for probe in Probe if not draft.answers.get(probe, Answer()).empty]
    keys.grid([(title(probe), Report(do="answer-of", item=probe)) for probe in answered])
    keys.grid(
        [
            (_("File {number}").format(number=kept.number), _file(str(kept.number)))
            for kept in draft.files
        ]
    )
    empty = [probe for probe in Probe if probe not in answered and probe is not Probe.CONTACT]
    if empty:
        keys.row((_("Answer more questions"), Report(do="open-ones")))
    if draft.interpreter_may_read is not None:
        keys.row((_("Who may read it"), Report(do="consent-again")))
    if draft.linked is not None:
        keys.row((_("How an answer arrives"), Report(do="way-again")))
    keys.row((_("Back"), Report(do="preview")))
    await show(message, private, _("What would you like to change or delete?"), keys)


def _file(number: str) -> Report:
    return Report(do="file", item=number)


async def open_piece(query: CallbackQuery, callback_data: Report, private: Private) -> None:
    """One message of the telling: write it anew, or delete it."""
    message, talk = pressed_message(query), talk_of(private)
    number = int(callback_data.item) if callback_data.item.isdecimal() else -1
    if message is None or not 0 <= number < len(talk.draft.pieces):
        return
    talk.screen, talk.changing = Screen.REWRITING, str(number)
    keys = Keys().row((_("Delete this message"), Report(do="del-piece", item=str(number))))
    keys.row((_("Back"), Report(do="preview")))
    text = talk.draft.pieces[number].text
    short = text if len(text) <= 3000 else text[:3000] + "…"
    lines = [html.quote(short), html.bold(_("Write it anew, or delete it."))]
    await show(message, private, "\n\n".join(lines), keys)


async def rewrite(message: Message, hearing: Hearing, private: Private) -> None:
    """New words for a message of the telling."""
    talk = talk_of(private)
    number = int(talk.changing) if talk.changing.isdecimal() else -1
    if 0 <= number < len(talk.draft.pieces):
        piece = talk.draft.pieces[number]
        talk.draft.tell(hearing.text, piece.message_id)
        piece.message_id = message.message_id
    await show_preview(message, private)


async def delete_piece(query: CallbackQuery, callback_data: Report, private: Private) -> None:
    """Delete one message of the telling."""
    message, talk = pressed_message(query), talk_of(private)
    number = int(callback_data.item) if callback_data.item.isdecimal() else -1
    if message is None or not 0 <= number < len(talk.draft.pieces):
        return
    del talk.draft.pieces[number]
    await show_preview(message, private)


async def open_answer(
    query: CallbackQuery, callback_data: Report, office: Office, private: Private
) -> None:
    """Ask a question again."""
    message, talk = pressed_message(query), talk_of(private)
    if message is None or callback_data.item not in set(Probe):
        return
    talk.changing = callback_data.item
    await show_question(message, office, private, Probe(callback_data.item))


async def ask_open_ones(query: CallbackQuery, office: Office, private: Private) -> None:
    """Ask once more what was passed over."""
    message, talk = pressed_message(query), talk_of(private)
    if message is None:
        return
    draft = talk.draft
    draft.answers = {probe: answer for probe, answer in draft.answers.items() if not answer.empty}
    talk.changing = ""
    probe = next((p for p in Probe if p not in draft.answers), None)
    if probe is not None:
        await show_question(message, office, private, probe)


async def open_file(query: CallbackQuery, callback_data: Report, private: Private) -> None:
    """One file: leave it out; a picture's original may go along, on an explicit yes."""
    message, talk = pressed_message(query), talk_of(private)
    kept = next((k for k in talk.draft.files if str(k.number) == callback_data.item), None)
    if message is None or kept is None:
        return
    keys, number = Keys(), str(kept.number)
    lines = [file_line(kept)]
    attachment = kept.attachment
    if attachment is not None and attachment.kind == "picture" and not attachment.original:
        lines.append(
            _(
                "The original can be proof: it holds hidden details, such as the place, the time "
                "and your camera. Only the case workers can open it. It may show who you are."
            )
        )
        if kept.original is None:
            keys.row((_("Send the original, too"), Report(do="asis", item=number)))
        else:
            keys.row((_("Do not send the original"), Report(do="no-original", item=number)))
    elif attachment is None:
        keys.row((_("Keep it as it is"), Report(do="asis", item=number)))
    keys.row((_("Leave this file out"), Report(do="drop", item=number)))
    keys.row((_("Back"), Report(do="preview")))
    await show(message, private, "\n\n".join(lines), keys)


async def without_original(query: CallbackQuery, callback_data: Report, private: Private) -> None:
    """The original stays here and is forgotten."""
    message, talk = pressed_message(query), talk_of(private)
    for kept in talk.draft.files:
        if str(kept.number) == callback_data.item:
            kept.original = None
    private.told.attachments = talk.draft.attachments
    if message is not None:
        await show_preview(message, private)


async def consent_again(query: CallbackQuery, private: Private) -> None:
    """Turn the answer about the interpreter."""
    message, talk = pressed_message(query), talk_of(private)
    if message is not None and talk.draft.interpreter_may_read is not None:
        talk.draft.interpreter_may_read = not talk.draft.interpreter_may_read
        await show_preview(message, private)
