"""The preview: everything as it would be sent, with what may reveal somebody marked."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from aiogram import html
from aiogram.types import CallbackQuery, Message

from bot.reports import Private
from bot.reports.interview import Answer, Probe
from bot.reports.redaction import Reveals, passages
from bot.reports.telling import Draft, Kept, Screen, Talk, talk_of
from bot.reports.told import Attachment
from bot.texts import _, isolated
from handlers.buttons import Keys
from handlers.private import pressed_message
from handlers.reports.buttons import Report
from handlers.reports.stage import show
from handlers.reports.telling import missed_words
from handlers.reports.words import choice_words, hidden_words, left_out_words, title

_PAGE_LETTERS = 2_600
_CHUNK = 1_200
_ROOM_FOR_FILES = 1_200  # letters that leave room on a page for ten files
_MARKS_A_PAGE = 12


@dataclass(slots=True)
class Page:
    """What fits on one screen: its text as HTML, and the marked passages on it."""

    parts: list[str] = field(default_factory=list)
    letters: int = 0
    marks: dict[str, Reveals] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Bit:
    """A bit of the preview: plain words, or one marked passage; ``opens`` begins a paragraph."""

    text: str
    reveals: Reveals | None = None
    opens: str = ""


def _bits(draft: Draft) -> Iterator[_Bit]:
    """Everything in the order in which it will be read."""
    for number, piece in enumerate(draft.pieces, 1):
        yield from _marked(piece.text, html.bold(_("Message {number}").format(number=number)))
    for probe in Probe:
        answer = draft.answers.get(probe, Answer())
        if not answer.empty:
            chosen = "; ".join(choice_words(probe, choice) for choice in answer.chosen)
            head = html.bold(title(probe))
            noted = _("from your words") if probe in draft.noticed else ""
            said = chosen + (f" ({noted})" if noted and chosen else "")
            yield _Bit(said, opens=head)
            if answer.words and answer.words not in answer.chosen:
                yield from _marked((" – " if chosen else "") + answer.words, "")


def _marked(text: str, opens: str) -> Iterator[_Bit]:
    last = 0
    yield _Bit("", opens=opens)
    for passage in passages(text):
        yield from _plain(text[last : passage.start])
        yield _Bit(passage.words, passage.reveals)
        last = passage.end
    yield from _plain(text[last:])


def _plain(text: str) -> Iterator[_Bit]:
    for start in range(0, len(text), _CHUNK):
        yield _Bit(text[start : start + _CHUNK])


def pages_of(draft: Draft) -> list[Page]:
    """The preview in pages; every marked passage has its button on the page it stands on."""
    pages = [Page()]
    for bit in _bits(draft):
        page = pages[-1]
        full = page.letters + len(bit.text) > _PAGE_LETTERS
        marks = bit.reveals and bit.text not in page.marks and len(page.marks) >= _MARKS_A_PAGE
        if (full or marks) and page.parts:
            page = Page()
            pages.append(page)
        if bit.opens:
            page.parts.append(("\n\n" if page.parts else "") + bit.opens + "\n")
        page.letters += len(bit.text) + len(bit.opens)
        if bit.reveals is None:
            page.parts.append(html.quote(bit.text))
            continue
        page.marks[bit.text] = bit.reveals
        if bit.text in draft.left_out:
            page.parts.append(html.italic(f"[{left_out_words(bit.reveals)}]"))
        else:
            page.parts.append(html.underline(html.bold(html.quote(bit.text))))
    if pages[-1].letters > _ROOM_FOR_FILES and draft.files:
        pages.append(Page())  # the list of files gets a page of its own
    return pages


def code_of(words: str) -> str:
    """A short code for a passage, for its button."""
    return f"{zlib.crc32(words.encode()):08x}"


async def show_preview(message: Message, private: Private, note: str = "") -> None:
    """One page of everything, with what can be done."""
    talk = talk_of(private)
    talk.screen, talk.changing, talk.probe = Screen.PREVIEW, "", None
    draft, pages = talk.draft, pages_of(talk.draft)
    talk.page = max(0, min(talk.page, len(pages) - 1))
    page, last = pages[talk.page], talk.page == len(pages) - 1
    lines = [note] if note else []
    lines.append(html.bold(_("This is your report. It is not sent yet.")))
    if len(pages) > 1:
        lines.append(_("Page {number} of {count}").format(number=talk.page + 1, count=len(pages)))
    words = "".join(page.parts).strip()
    lines += [words] if words or draft.files else [_("There is nothing in your report yet.")]
    if page.marks:
        lines.append(
            _(
                "Marked: what may show who somebody is. "
                "You decide what stays. Press to leave it out."
            )
        )
    if last:
        lines += [file_line(kept) for kept in draft.files]
        lines += missed_words(talk)
        lines += settled(talk)
    await show(message, private, "\n\n".join(lines), preview_keys(talk, page, len(pages)))


def file_line(kept: Kept) -> str:
    """A file in the preview."""
    attachment = kept.attachment
    if attachment is None:
        return _("Picture {number}: not taken").format(number=kept.number)
    line = html.bold(_("File {number}").format(number=kept.number)) + ": " + kind_of(attachment)
    if kept.hidden:
        line += "; " + _("taken out: {details}").format(details=hidden_words(kept.hidden))
    if kept.original is not None:
        line += "; " + _("the original goes along, with everything hidden in it")
    return line


def kind_of(attachment: Attachment) -> str:
    """What kind of file it is, in words."""
    if attachment.kind == "picture":
        return _("picture as it is") if attachment.original else _("picture")
    return _("voice message as it is") if attachment.kind == "voice" else _("file as it is")


def settled(talk: Talk) -> list[str]:
    """What was decided: who may read it, how an answer arrives, whether it is urgent."""
    draft, lines = talk.draft, []
    if draft.interpreter_may_read is not None:
        lines.append(
            _("An interpreter may read it.")
            if draft.interpreter_may_read
            else _("No interpreter may read it.")
        )
    if draft.linked is not None:
        lines.append(
            _("Answer: I write to you here that a message is ready.")
            if draft.linked
            else _("Answer: only with the receipt.")
        )
    if draft.urgent:
        lines.append(_("Urgent: the case workers are told at once. This is not an emergency call."))
    return lines


def preview_keys(talk: Talk, page: Page, count: int) -> Keys:
    """Leave out, turn the page, change, send, throw away."""
    keys, draft = Keys(), talk.draft
    for words in page.marks:
        label = _("Take in again: {words}") if words in draft.left_out else _("Leave out: {words}")
        keys.row((label.format(words=isolated(words)), Report(do="leave", item=code_of(words))))
    turns = []
    if talk.page > 0:
        turns.append((_("Page before"), Report(do="page", item=str(talk.page - 1))))
    if talk.page < count - 1:
        turns.append((_("Next page"), Report(do="page", item=str(talk.page + 1))))
    keys.row(*turns)
    keys.row((_("Change or delete"), Report(do="change")), (_("Tell more"), Report(do="more")))
    if talk.page == count - 1:
        label = _("It is not urgent") if draft.urgent else _("It is urgent")
        keys.row((label, Report(do="urgent")))
        keys.row((_("Send"), Report(do="send")))
    keys.row((_("Delete everything"), Report(do="away")))
    return keys


async def leave_out(query: CallbackQuery, callback_data: Report, private: Private) -> None:
    """One tap: a passage is left out wherever it stands, or taken in again."""
    message, talk = pressed_message(query), talk_of(private)
    if message is None or talk.screen is not Screen.PREVIEW:
        return
    known = {code_of(words): words for page in pages_of(talk.draft) for words in page.marks}
    words = known.get(callback_data.item)
    if words is not None:
        talk.draft.left_out ^= {words}
    await show_preview(message, private)


async def turn_page(query: CallbackQuery, callback_data: Report, private: Private) -> None:
    """Another page."""
    message, talk = pressed_message(query), talk_of(private)
    if message is not None and callback_data.item.isdecimal():
        talk.page = int(callback_data.item)
        await show_preview(message, private)


async def turn_urgent(query: CallbackQuery, private: Private) -> None:
    """Urgent or not."""
    message, talk = pressed_message(query), talk_of(private)
    if message is not None and talk.screen is Screen.PREVIEW:
        talk.draft.urgent = not talk.draft.urgent
        await show_preview(message, private)


async def back_to_preview(query: CallbackQuery, private: Private) -> None:
    """To the preview."""
    message = pressed_message(query)
    if message is not None:
        await show_preview(message, private)


async def preview_again(message: Message, private: Private) -> None:
    """Something was written below the preview: it becomes part of the telling, visibly."""
    talk = talk_of(private)
    if message.text:
        talk.draft.tell(message.text, message.message_id)
    await show_preview(message, private, _("I have added this to your report."))
