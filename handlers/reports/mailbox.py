"""The mailbox: what a receipt opens, in any chat."""

from collections.abc import Sequence
from dataclasses import replace

from aiogram import Bot, html
from aiogram.filters import Filter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.channels import Channel
from bot.errors import NoSuchReport, Refusal, WaitAWhile
from bot.models import Chat
from bot.office import Office
from bot.reports import (
    Attachment,
    Mailbox,
    MailboxMessage,
    Private,
    link_chat,
    open_mailbox,
    send_sealed,
    unlink_case,
    withdraw,
)
from bot.reports.arrivals import today
from bot.reports.mailbox import WAITING
from bot.reports.pictures import MOST_BYTES, FileTooLarge
from bot.reports.receipts import DIGITS, NoReceipt, read_receipt
from bot.reports.telling import TELLS, Screen, talk_of
from bot.reports.traces import leave_no_trace
from bot.retention import CLOSED_CASES
from bot.texts import _, day, listing
from handlers.buttons import Keys
from handlers.middleware import Hearing
from handlers.private import begin, pressed_message
from handlers.reports.buttons import Report
from handlers.reports.files import Announced, fetched, refused_words, taken_words
from handlers.reports.stage import show
from handlers.reports.telling import show_telling

_PAGE_LETTERS = 3_000
_LONGEST_ADDITION = 4_000


class LooksLikeReceipt(Filter):
    """Somebody typed a receipt without being asked."""

    async def __call__(self, message: Message) -> bool:
        """Nineteen digits, also mistyped; or six words of one list."""
        text = message.text or ""
        if not text or text.startswith("/") or len(text) > 120:
            return False
        digits = sum(letter.isdecimal() for letter in text)
        if digits and not any(letter.isalpha() for letter in text):
            return abs(digits - DIGITS) <= 2
        try:
            read_receipt(text)
        except NoReceipt:
            return False
        return True


async def ask_for_receipt(
    message: Message,
    office: Office,
    here: Chat,
    channel: Channel,
    language: str,
    state: FSMContext,
    private: Private | None,
) -> None:
    """``/receipt``, or the button: ask for it. A report that is being told is not lost by that."""
    if private is not None and talk_of(private).screen in TELLS:
        note = _("Your report is not sent yet. Please send it or delete it first.")
        await show_telling(message, private, note)
        return
    await state.clear()
    begun = await begin(office, here, language, Screen.OPENING)
    talk = talk_of(begun)
    talk.can_push = channel.can_push
    talk.trace(message.message_id)
    lines = [html.bold(_("Please write your receipt.")), _("It has 19 digits or 6 words.")]
    if channel.name == "telegram":
        lines.append(
            _("Telegram can read this chat. You can also use our web chat with your receipt.")
        )
    await show(message, begun, "\n\n".join(lines), Keys())


async def receipt_pressed(
    query: CallbackQuery,
    office: Office,
    here: Chat,
    channel: Channel,
    language: str,
    state: FSMContext,
    private: Private | None,
) -> None:
    """The button "I have a receipt"."""
    message = pressed_message(query)
    if message is not None:
        await ask_for_receipt(message, office, here, channel, language, state, private)


async def receipt_typed(
    message: Message,
    office: Office,
    here: Chat,
    channel: Channel,
    language: str,
    state: FSMContext,
) -> None:
    """A receipt out of the blue opens its mailbox, too."""
    await state.clear()
    private = await begin(office, here, language, Screen.OPENING)
    talk = talk_of(private)
    talk.can_push = channel.can_push
    talk.trace(message.message_id)
    await try_receipt(message, office, here, private)


async def try_receipt(message: Message, office: Office, here: Chat, private: Private) -> None:
    """Open the mailbox of a typed receipt, or say why not. Wrong ones slow down."""
    reporting = office.reporting
    try:
        key = await reporting.try_receipt(here, message.text or "")
        async with office.sessions.begin() as session:
            mailbox = await open_mailbox(session, reporting.site, key)
    except WaitAWhile as wait:
        await show(message, private, wait_words(wait.seconds), Keys())
        return
    except NoSuchReport as wrong:
        reporting.opened(here, found=False)
        await show(message, private, wrong_words(wrong.word), Keys())
        return
    reporting.opened(here, found=True)
    private.key = key
    talk_of(private).page = 0
    await show_mailbox(message, private, mailbox)


def wait_words(seconds: int) -> str:
    """Too many tries."""
    return _("Please wait {seconds} seconds. Then write your receipt again.").format(
        seconds=seconds
    )


def wrong_words(word: str | None) -> str:
    """Nothing belongs to this receipt."""
    lines = [html.bold(_("I find no report with this receipt."))]
    if word is not None:
        lines.append(_("I do not know this word: {word}").format(word=html.quote(word)))
    lines.append(
        _(
            "Please compare it with your note and write it again. "
            "Perhaps the report was deleted: by you, or because its time was over."
        )
    )
    return "\n\n".join(lines)


def state_words(mailbox: Mailbox) -> str:
    """Where the report stands, in a word and a sentence that explains it."""
    return {
        WAITING: _("It has arrived. It is locked and waits for the case workers."),
        "received": _("It has arrived. A case worker plans to read it in the next working days."),
        "first-check": _("A case worker has read it and is thinking about what can be done."),
        "conversation-offered": _("A case worker offers you a conversation. You decide."),
        "measures": _("The case workers are taking steps."),
        "documented": _("It is written down. The case workers will close it soon."),
        "closed": _("It is closed. You can still read the messages until it is deleted."),
    }.get(mailbox.state, _("A case worker is working on it."))


def substatus_words(substatus: str | None) -> str:
    """How it ended, in a sentence."""
    return {
        "advised": _("You were given advice."),
        "referred": _("The case workers have named a counselling centre."),
        "only-documented": _("It was written down and counted."),
        "no-answer": _("No further answer came. That is all right."),
        "not-our-task": _("I am sorry: the Fachstelle is not the right place for this."),
    }.get(substatus or "", "")


def deletion_words(mailbox: Mailbox) -> str:
    """When it is deleted."""
    if mailbox.delete_on is not None:
        return _("It will be deleted on {day}.").format(day=day(mailbox.delete_on))
    return _("It will be deleted {days} days after it is closed.").format(days=CLOSED_CASES.days)


def _message_words(message: MailboxMessage) -> str:
    sender = _("You") if message.mine else _("Case worker")
    head = html.bold(f"{sender}, {day(message.on) if message.on else message.week}:")
    text = html.quote(message.text) or _("I cannot open this message.")
    files = _("Files: {names}").format(names=html.quote(listing(message.files)))
    return "\n".join([head, text, *([files] if message.files else [])])


def _pages(mailbox: Mailbox) -> list[list[str]]:
    """The messages in pages, the newest page last; long ones are cut into several."""
    pages: list[list[str]] = [[]]
    room = _PAGE_LETTERS
    for message in mailbox.messages:
        for start in range(0, max(1, len(message.text)), _PAGE_LETTERS):
            part = message.text[start : start + _PAGE_LETTERS]
            words = _message_words(replace(message, text=part))
            if len(part) > room and pages[-1]:
                pages.append([])
                room = _PAGE_LETTERS
            pages[-1].append(words)
            room -= len(part)
    return pages


async def show_mailbox(
    message: Message, private: Private, mailbox: Mailbox, note: str = ""
) -> None:
    """State, messages, what can be done, and when it is deleted."""
    talk = talk_of(private)
    talk.screen = Screen.MAILBOX
    pages = _pages(mailbox)
    talk.page = max(0, min(talk.page, len(pages) - 1))
    # Counted from the end: page 0 holds the newest messages.
    shown = pages[len(pages) - 1 - talk.page]
    lines = [note] if note else []
    lines.append(html.bold(_("Your report of week {week}").format(week=mailbox.week)))
    lines.append(" ".join(filter(None, [state_words(mailbox), substatus_words(mailbox.substatus)])))
    lines += shown or [_("There are no messages yet.")]
    lines.append(deletion_words(mailbox))
    if mailbox.linked:
        lines.append(_("A chat gets a note when a message is ready."))
    keys = Keys()
    if talk.page < len(pages) - 1:
        keys.row((_("Older messages"), Report(do="mail-page", item=str(talk.page + 1))))
    if talk.page > 0:
        keys.row((_("Newer messages"), Report(do="mail-page", item=str(talk.page - 1))))
    keys.row((_("Write something more"), Report(do="add")))
    if mailbox.linked:
        keys.row((_("No more notes to a chat"), Report(do="unlink")))
    elif talk.can_push:
        keys.row((_("Tell me here when a message is ready"), Report(do="link")))
    keys.row((_("Delete my report"), Report(do="delete")))
    keys.row((_("Close"), Report(do="shut")))
    await show(message, private, "\n\n".join(lines), keys)


async def _mailbox(office: Office, private: Private) -> Mailbox:
    if private.key is None:
        raise NoSuchReport
    async with office.sessions.begin() as session:
        return await open_mailbox(session, office.reporting.site, private.key)


async def back_to_mailbox(
    query: CallbackQuery, callback_data: Report, office: Office, private: Private
) -> None:
    """The mailbox as it is now; another page of it."""
    message = pressed_message(query)
    if message is None or private.key is None:
        return
    if callback_data.item.isdecimal():
        talk_of(private).page = int(callback_data.item)
    await show_mailbox(message, private, await _mailbox(office, private))


async def ask_addition(query: CallbackQuery, private: Private) -> None:
    """Ask what shall be added."""
    message = pressed_message(query)
    if message is None or private.key is None:
        return
    talk_of(private).screen = Screen.ADDING
    keys = Keys().row((_("Back"), Report(do="mail")))
    text = _(
        "Please write what you would like to add, or send a picture or a file. "
        "I send it to the case workers at once."
    )
    await show(message, private, text, keys)


async def add(message: Message, hearing: Hearing, office: Office, private: Private) -> None:
    """Seal and keep an addition."""
    if private.key is None:
        return
    await _add(message, office, private, hearing.text[:_LONGEST_ADDITION])


async def _add(
    message: Message,
    office: Office,
    private: Private,
    text: str,
    files: Sequence[Attachment] = (),
    said: str = "",
) -> None:
    if private.key is None:
        return
    mailbox = await _mailbox(office, private)
    number, now = len(mailbox.messages) + 1, office.now()
    sealed = await office.reporting.seal_addition(private.key, text, number, now, files)
    async with office.sessions.begin() as session:
        await send_sealed(session, office.reporting.site, sealed, now)
    talk_of(private).page = 0
    lines = [html.bold(_("Your message has arrived.")), *([said] if said else [])]
    mailbox = await _mailbox(office, private)
    await show_mailbox(message, private, mailbox, "\n\n".join(lines))


async def add_file(
    message: Message, file: Announced, bot: Bot, office: Office, private: Private
) -> None:
    """A picture or a file is added, cleaned as in a report; what cannot be cleaned is not."""
    try:
        if file.size > MOST_BYTES:
            raise FileTooLarge
        kept = await fetched(bot, file, message.message_id, 1)
    except Refusal as refusal:
        note = refused_words(refusal)
        await show_mailbox(message, private, await _mailbox(office, private), note)
        return
    if kept.attachment is None:
        note = _(
            "I could not take the picture: I cannot take out what is hidden "
            "in it. Please send it as a photo."
        )
        await show_mailbox(message, private, await _mailbox(office, private), note)
        return
    words = message.caption or _("A file, without words")
    await _add(message, office, private, words, [kept.attachment], taken_words(kept))


async def listen(message: Message, office: Office, private: Private) -> None:
    """Something was written below the mailbox: it is not sent by accident."""
    note = _("I have not sent this. Press “Write something more” first.")
    await show_mailbox(message, private, await _mailbox(office, private), note)


async def ask_link(query: CallbackQuery, private: Private) -> None:
    """Say what the push means before it is chosen."""
    message = pressed_message(query)
    if message is None or private.key is None:
        return
    text = _(
        "I write “A message is ready”, nothing else. For that I keep a locked link from your "
        "report to this chat. Whoever runs our computer could open this link, for example when "
        "a court orders it. You can end it at any time."
    )
    keys = Keys().row((_("Yes, tell me here"), Report(do="link-now")))
    keys.row((_("No"), Report(do="mail")))
    await show(message, private, text, keys)


async def link(
    query: CallbackQuery, office: Office, here: Chat, channel: Channel, private: Private
) -> None:
    """From now on this chat is told."""
    message = pressed_message(query)
    if message is None or private.key is None or not channel.can_push:
        return
    mailbox = await _mailbox(office, private)
    async with office.sessions.begin() as session:
        await link_chat(
            session, office.reporting.site, private.key.lookup, here, today(office.now())
        )
    mailbox = await _mailbox(office, private)
    await show_mailbox(message, private, mailbox, _("I write to you here when a message is ready."))


async def unlink(query: CallbackQuery, office: Office, private: Private) -> None:
    """No more pushes; the link is deleted."""
    message = pressed_message(query)
    if message is None or private.key is None:
        return
    async with office.sessions.begin() as session:
        await unlink_case(session, office.reporting.site, private.key.lookup)
    mailbox = await _mailbox(office, private)
    await show_mailbox(message, private, mailbox, _("No chat gets a note any more."))


async def ask_delete(query: CallbackQuery, private: Private) -> None:
    """Ask once before a report is deleted."""
    message = pressed_message(query)
    if message is None or private.key is None:
        return
    keys = Keys().row((_("Yes, delete my report"), Report(do="delete-now")))
    keys.row((_("No"), Report(do="mail")))
    text = _(
        "Shall I delete your report with all messages? This cannot be undone. "
        "If the case workers have read it already, they delete it on their side, too."
    )
    await show(message, private, text, keys)


async def delete(query: CallbackQuery, office: Office, private: Private) -> None:
    """The report is gone."""
    message = pressed_message(query)
    if message is None or private.key is None:
        return
    async with office.sessions.begin() as session:
        await withdraw(session, office.reporting.site, private.key)
    await leave_no_trace(office.sessions)
    private.key = None
    keys = Keys().row((_("Close"), Report(do="shut")))
    await show(
        message, private, _("Your report is deleted. The receipt no longer opens anything."), keys
    )
