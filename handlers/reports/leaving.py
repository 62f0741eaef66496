"""Ways out: at once and without a word, or thrown away on purpose; and coming back too late."""

from contextlib import suppress

from aiogram import Bot, html
from aiogram.exceptions import TelegramAPIError
from aiogram.filters import Filter
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.models import Chat, Resident
from bot.office import Office
from bot.reports import Private
from bot.texts import _
from handlers.buttons import Go, Keys, ShownButtons
from handlers.cards import article_card
from handlers.events import first_page
from handlers.menu import menu_keys
from handlers.middleware import gone_words
from handlers.private import clear_by_hand, close, pressed_message, throw_away, wipe
from handlers.reports.buttons import Report
from handlers.reports.stage import show

HARMLESS_TOPIC = "events"


def harmless_words(office: Office, language: str, place: str | None) -> str:
    """What stands on the screen after "quick exit": what is on in the county."""
    topic = office.knowledge.topics.get(HARMLESS_TOPIC)
    article = topic.article(language) if topic is not None else None
    if article is None:
        return html.bold(_("What do you need? Write your question, or choose:"))
    return article_card(office.knowledge, article, place)


async def _what_is_on(
    office: Office, language: str, place: str | None
) -> tuple[str, InlineKeyboardMarkup]:
    """The list of events; where it cannot be had, the article about them."""
    try:
        return await first_page(office, language)
    except Exception:
        # Switched off, or the database is slow: leaving does not wait for it.
        return harmless_words(office, language, place), menu_keys()


async def quick_exit(
    query: CallbackQuery,
    bot: Bot,
    office: Office,
    here: Chat,
    language: str,
    resident: Resident | None,
    private: Private | None,
    shown: ShownButtons,
) -> None:
    """Events take the place of this screen at once; then everything else of it goes."""
    message = pressed_message(query)
    held = office.door.held(here, office.now())
    if message is None:
        return
    shown.forget(bot.id, here.id)
    place = resident.municipality if resident else None
    text, keys = await _what_is_on(office, language, place)
    keep = [message.message_id]
    try:
        await message.edit_text(text, reply_markup=keys)
    except TelegramAPIError:
        # Too old to be changed: deleted with the rest, and events come below.
        keep = []
        with suppress(TelegramAPIError):
            keep = [(await message.answer(text, reply_markup=keys)).message_id]
    if private is not None:
        await throw_away(bot, office, here, private, keep=keep)
    else:
        close(office, here)
    if held:
        await wipe(bot, here.id, {one.message_id for one in held} - set(keep))


async def ask_away(query: CallbackQuery, private: Private) -> None:
    """Ask once before everything is thrown away."""
    message = pressed_message(query)
    if message is None:
        return
    keys = Keys().row((_("Yes, delete everything"), Report(do="away-now")))
    keys.row((_("No, back to my report"), Report(do="preview")))
    await show(message, private, _("Shall I delete your report? Nothing of it will be kept."), keys)


async def away(
    query: CallbackQuery,
    bot: Bot,
    office: Office,
    here: Chat,
    private: Private,
    shown: ShownButtons,
) -> None:
    """Nothing is kept, and the chat is cleared."""
    message = pressed_message(query)
    if message is None:
        return
    left = await throw_away(bot, office, here, private)
    shown.forget(bot.id, here.id)
    lines = [_("Your report is deleted. Nothing was kept."), cleared_words(here, left)]
    await message.answer("\n\n".join(lines), reply_markup=menu_keys())


async def shut(
    query: CallbackQuery,
    bot: Bot,
    office: Office,
    here: Chat,
    private: Private,
    shown: ShownButtons,
) -> None:
    """Close a mailbox: its messages go from the chat, its key from memory."""
    message = pressed_message(query)
    if message is None:
        return
    left = await throw_away(bot, office, here, private)
    shown.forget(bot.id, here.id)
    lines = [_("Your mailbox is closed."), cleared_words(here, left)]
    await message.answer("\n\n".join(lines), reply_markup=menu_keys())


def cleared_words(here: Chat, left: int) -> str:
    """What was deleted from the chat, and what must be deleted by hand."""
    lines = [_("I have deleted the messages of this conversation from the chat.")]
    if left:
        lines.append(
            _("Messages that I could not delete: {count}. Please delete them by hand.").format(
                count=left
            )
        )
    if here.channel == "telegram":
        lines.append(clear_by_hand())
    return " ".join(lines)


class Lost(Filter):
    """Somebody goes on with a private dialogue that is gone."""

    async def __call__(self, message: Message, lost: bool = False) -> bool:
        """Whether it is so; a command is obeyed before."""
        return lost and not (message.text or "").startswith("/")


async def come_back(message: Message, office: Office, here: Chat) -> None:
    """Said kindly, once: what happened, that nothing was kept, and how to go on."""
    close(office, here)
    lines = [
        gone_words(),
        _("I have not kept your last message, either. Was it a question? Please write it again."),
    ]
    keys = Keys().row((_("Report racism"), Report(do="door-new")))
    keys.row((_("I have a receipt"), Report(do="receipt")))
    await message.answer("\n\n".join(lines), reply_markup=with_menu(keys).markup())


def with_menu(keys: Keys) -> Keys:
    """The same keys and the menu."""
    return keys.row((_("Menu"), Go(screen="menu")))


async def gone(query: CallbackQuery, office: Office, here: Chat, private: Private | None) -> None:
    """A button of a private dialogue that is gone; one that never was ours does nothing.

    "Send" pressed twice is sent once, and the second press is passed over.
    """
    message = pressed_message(query)
    twice = office.door.has_just_sent(here, office.now())
    if message is None or private is not None or twice:
        return
    close(office, here)
    with suppress(TelegramAPIError):
        await message.delete()
    keys = Keys().row((_("Report racism"), Report(do="door-new")))
    keys.row((_("I have a receipt"), Report(do="receipt")))
    await message.answer(gone_words(), reply_markup=with_menu(keys).markup())


async def still_here(message: Message, private: Private) -> None:
    """Something that a report does not take: a sticker, a place, a phone number."""
    if message.location is not None or message.venue is not None:
        text = _("I cannot take a location here. Please write in words where it was.")
    elif message.contact is not None:
        text = _("I cannot take contacts here. I have not kept it.")
    else:
        text = _("I cannot take this. Please write, or send a picture, a voice message or a file.")
    await message.answer(text)
