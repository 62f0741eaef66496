"""A photo of a letter, a voice message, a file: we cannot read them, but we can ask who wrote."""

from collections import OrderedDict

from aiogram import Router
from aiogram.filters import Filter
from aiogram.fsm.context import FSMContext
from aiogram.types import InlineKeyboardMarkup, Message

from bot.channels import Channel
from bot.models import Chat, Resident
from bot.office import Office
from bot.texts import _
from handlers.buttons import Keys, ShowTopic
from handlers.menu import menu_keys
from handlers.middleware import Hearing
from handlers.questions import ask


def sender_keys() -> InlineKeyboardMarkup:
    """Who writes letters to newcomers, and the article that explains each of them."""
    senders = [
        (_("Jobcenter"), "jobcenter-benefits"),
        (_("Family benefits office (Familienkasse)"), "child-benefit"),
        (_("Broadcasting fee (Rundfunk)"), "broadcasting-fee"),
        (_("Health insurance (Krankenkasse)"), "health-insurance"),
        (_("Immigration office (Ausländerbehörde)"), "residence-permit"),
        (_("BAMF (asylum)"), "asylum-procedure"),
        (_("Court (Gericht)"), "legal-aid"),
        (_("Debt collector or reminder (Inkasso, Mahnung)"), "debt-advice"),
        (_("Tax office (Finanzamt)"), "tax-id"),
        (_("Landlord (Vermieter)"), "tenants-rights"),
        (_("School or Kita"), "school-system"),
        (_("Employer"), "workers-rights"),
        (_("Police"), "police-and-reporting-crime"),
        (_("Somebody else, or I do not know"), "integration-office"),
    ]
    return Keys().grid([(name, ShowTopic(topic_id=topic)) for name, topic in senders]).markup()


class PictureOrVoice(Filter):
    """Something we cannot read: a photo, a voice message, a video, a file."""

    async def __call__(self, message: Message) -> bool:
        """Whether there is such a thing in the message."""
        if message.animation is not None:
            return False  # Telegram sends a moving picture as a document, too
        return any(
            part is not None
            for part in (
                message.photo,
                message.live_photo,
                message.document,
                message.voice,
                message.audio,
                message.video,
                message.video_note,
            )
        )


class FirstOfAlbum(Filter):
    """One answer for all pages of a letter: Telegram sends an album as a message a picture."""

    _MOST_ALBUMS = 1_000

    def __init__(self) -> None:
        self._answered: OrderedDict[str, None] = OrderedDict()

    async def __call__(self, message: Message) -> bool:
        """Whether this is a single picture, or the first one of its album."""
        album = message.media_group_id
        if album is None:
            return True
        if album in self._answered:
            return False
        self._answered[album] = None
        while len(self._answered) > self._MOST_ALBUMS:
            self._answered.popitem(last=False)
        return True


class SharedContact(Filter):
    """A phone number was shared."""

    async def __call__(self, message: Message) -> bool:
        """Whether there is a contact in the message."""
        return message.contact is not None


class Playful(Filter):
    """Stickers, animations, dice, games, polls, stories, lists, and words in boxes."""

    async def __call__(self, message: Message) -> bool:
        """Whether there is such a thing in the message."""
        return any(
            part is not None
            for part in (
                message.sticker,
                message.animation,
                message.dice,
                message.game,
                message.poll,
                message.story,
                message.checklist,
                message.paid_media,
                message.rich_message,
            )
        )


async def whose_letter(
    message: Message,
    office: Office,
    here: Chat,
    hearing: Hearing,
    language: str,
    resident: Resident | None,
    state: FSMContext,
    raw_state: str | None,
    channel: Channel,
) -> None:
    """Nothing is downloaded; words under the picture, or the sender, lead to the right article."""
    if hearing.text and (await hearing.understanding()).kind not in {"none", "smalltalk"}:
        await ask(message, office, here, hearing, language, resident, state, raw_state, channel)
        return
    if message.voice or message.audio or message.video_note:
        first = _("I cannot listen to voice messages yet. Please write to me.")
    else:
        first = _("I cannot read pictures or files yet. I have not opened it.")
    await message.answer(
        first + "\n\n" + _("Is it about a letter? Who sent the letter?"),
        reply_markup=sender_keys(),
    )


async def no_contacts(message: Message) -> None:
    """Phone numbers are not wanted here."""
    await message.answer(
        _("I do not need phone numbers. I did not keep this one. Please delete it from this chat."),
        reply_markup=menu_keys(),
    )


async def only_words(message: Message) -> None:
    """Anything else that is not words."""
    await message.answer(
        _("I only understand words. Please write to me."), reply_markup=menu_keys()
    )


def build_letters_router() -> Router:
    """What is not text. Captions were heard for danger before."""
    router = Router(name="letters")
    router.message.register(whose_letter, PictureOrVoice(), FirstOfAlbum())
    router.message.register(no_contacts, SharedContact())
    router.message.register(only_words, Playful())
    return router


async def not_known(message: Message) -> None:
    """A command we do not have, or a kind of message we have never met: the menu."""
    if message.text:
        await message.answer(
            _("I do not know this command. Please write your question, or choose:"),
            reply_markup=menu_keys(),
        )


def build_rest_router() -> Router:
    """The very last door."""
    router = Router(name="rest")
    router.message.register(not_known)
    return router
