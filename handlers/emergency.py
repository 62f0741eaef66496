"""Danger comes before everything, in the middle of any dialogue, and does not end it."""

from aiogram import Router, html
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Filter
from aiogram.types import Message

from bot.answering.emergency import dangers
from bot.answering.emergency import kind as kind_of_danger
from bot.answering.understanding import Understanding
from bot.knowledge import Contact
from bot.office import Office
from bot.texts import OFFICE_LANGUAGE, _, speaking, speaks
from handlers.buttons import Go, Keys, ShowTopic
from handlers.cards import phone_link
from handlers.conversations import TAKE_ALARMING_WORDS
from handlers.middleware import Hearing


class InDanger(Filter):
    """Somebody writes of danger now."""

    async def __call__(self, message: Message, hearing: Hearing) -> bool | dict[str, Understanding]:
        """Hand on what was understood when it is danger; a command counts by its words alone."""
        if not hearing.text or (hearing.text.startswith("/") and not dangers(hearing.text)):
            return False
        understanding = await hearing.understanding()
        return {"understanding": understanding} if understanding.kind == "emergency" else False


async def help_now(
    message: Message,
    office: Office,
    understanding: Understanding,
    language: str,
    raw_state: str | None,
) -> None:
    """The emergency card: numbers to tap first, then what to say, then what to read.

    What staff write for others is taken besides: raises ``SkipHandler``, so that the next door
    gets the message too.
    """
    theirs = understanding.language if speaks(understanding.language) else language
    with speaking(theirs):
        kinds = [kind_of_danger(name) for name in understanding.dangers]
        calls = [call for kind in kinds for call in kind.calls]
        first, *others = dict.fromkeys(calls)
        contacts = office.knowledge.contacts
        number = contacts[first].phones[0]
        lines = [
            html.bold(_("Call {number} now!").format(number=phone_link(number.display, number.uri)))
            + "\n"
            + html.quote(contacts[first].name(theirs)),
            _(
                "Say: Where are you? What happened? How many people are hurt? "
                "Then wait for questions."
            )
            if first in {"ambulance_112", "police_110"}
            else "",
            "\n".join(_short(contacts[name], theirs) for name in others),
        ]
        keys = Keys()
        for topic_id in dict.fromkeys(topic for kind in kinds for topic in kind.topics):
            article = office.knowledge.topics[topic_id].article(theirs)
            if article is not None:
                shown_in = "" if theirs == language else theirs
                keys.row((article.title, ShowTopic(topic_id=topic_id, language=shown_in)))
        if theirs != OFFICE_LANGUAGE:
            keys.row(
                (
                    _("Show in German"),
                    ShowTopic(topic_id="emergency-numbers", language=OFFICE_LANGUAGE),
                )
            )
        keys.row((_("Menu"), Go(screen="menu")))
        await message.answer(
            "\n\n".join(line for line in lines if line), reply_markup=keys.markup()
        )
    if raw_state in TAKE_ALARMING_WORDS:
        raise SkipHandler


def _short(contact: Contact, language: str) -> str:
    """A number to tap and whose it is, in one line: nobody reads a card in danger."""
    numbers = ", ".join(phone_link(phone.display, phone.uri) for phone in contact.phones)
    return f"{html.bold(numbers)} {html.quote(contact.name(language))}"


def build_emergency_router() -> Router:
    """The first door of all."""
    router = Router(name="emergency")
    router.message.register(help_now, InDanger())
    router.edited_message.register(help_now, InDanger())
    return router
