"""Danger comes before everything, in the middle of any dialogue, and does not end it."""

from aiogram import Router, html
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Filter
from aiogram.types import Message

from bot.answering.emergency import dangers
from bot.answering.emergency import kind as kind_of_danger
from bot.answering.understanding import Understanding
from bot.interpreting.moments import only_at_once
from bot.knowledge import Contact
from bot.office import Office
from bot.reports import Private
from bot.reports.telling import talk_of
from bot.texts import OFFICE_LANGUAGE, _, speaking, speaks
from handlers.buttons import Go, Keys, ShowTopic
from handlers.cards import phone_link
from handlers.conversations import TAKE_ALARMING_WORDS
from handlers.dialogue import ASKING
from handlers.middleware import Hearing


class InDanger(Filter):
    """Somebody writes of danger now."""

    async def __call__(
        self, message: Message, hearing: Hearing, raw_state: str | None
    ) -> bool | dict[str, Understanding]:
        """Hand on what was understood when it is danger; a command counts by its words alone.

        "Sofort" alone may be a cry, but not as the answer to "when?" in the middle of a dialogue.
        """
        if raw_state in ASKING and only_at_once(hearing.text):
            return False
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
    private: Private | None = None,
) -> None:
    """The emergency card; what was told in a dialogue is then taken up as well.

    In a private dialogue whoever tells of violence in several messages gets the card once for each
    kind of danger, and the number again in a line each time. What staff write for others is taken,
    too: both raise ``SkipHandler``, so that the next door gets the message.
    """
    if private is None:
        await show_card(message, office, understanding, language)
        if raw_state in TAKE_ALARMING_WORDS:
            raise SkipHandler
        return
    talk = talk_of(private)
    if talk.dangers.issuperset(understanding.dangers):
        await message.answer(
            _("Is it happening now? Call {number}.").format(number=phone_link("110", "tel:110"))
        )
    else:
        talk.dangers.update(understanding.dangers)
        await show_card(message, office, understanding, language, inside=True)
    raise SkipHandler


async def show_card(
    message: Message,
    office: Office,
    understanding: Understanding,
    language: str,
    *,
    inside: bool = False,
) -> None:
    """Numbers to tap first, then what to say, then what to read.

    ``inside`` a private dialogue there is no button to the menu: one tap would end it, and what
    was told would be gone.
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
        besides = [office.knowledge.topics[hit.topic_id] for hit in understanding.besides]
        titles = [found for topic in besides if (found := topic.article(theirs)) is not None]
        if titles:
            lines.append(_("Nobody is in danger? Then choose what your question is about:"))
        for article in titles:
            shown_in = "" if theirs == language else theirs
            keys.row((article.title, ShowTopic(topic_id=article.topic_id, language=shown_in)))
        if not inside:
            keys.row((_("Menu"), Go(screen="menu")))
        await message.answer(
            "\n\n".join(line for line in lines if line), reply_markup=keys.markup()
        )


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
