"""Offers: what a volunteer sees of a request before a yes, and the four answers."""

from datetime import datetime
from typing import Any

from aiogram import F, Router, html
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.interpreting.letters import offer_content
from bot.interpreting.offers import Offered, accept_offer, decline_offer
from bot.interpreting.wishes import Answer, Lane, Seat
from bot.models import Chat
from bot.office import Office
from bot.texts import _, isolated
from bot.volunteers import Mode
from handlers.buttons import Go, Keys, drop_keys
from handlers.pool_names import gender_name, language_label, length, mode_name, topic_name, when


class Reply(CallbackData, prefix="offer"):
    """An answer to an offer: yes, no, knows, later."""

    answer: str
    offer: int


def offer_keys(offer_id: int) -> InlineKeyboardMarkup:
    """Yes, no, "I know this person", later."""
    return (
        Keys()
        .row((_("Yes, I will do it"), Reply(answer="yes", offer=offer_id)))
        .row(
            (_("No"), Reply(answer="no", offer=offer_id)),
            (_("Later"), Reply(answer="later", offer=offer_id)),
        )
        .row((_("No, I know this person"), Reply(answer="knows", offer=offer_id)))
        .markup()
    )


def offer_text(content: dict[str, Any], asked_for: str) -> str:
    """An offer in words, from what its letter holds; ``asked_for`` is the request's language.

    Nothing private.
    """
    starts = datetime.fromisoformat(content["starts_at"])
    ends = datetime.fromisoformat(content["ends_at"])
    now = content["lane"] == Lane.NOW
    minutes = int((ends - starts).total_seconds()) // 60
    title = _("Can you interpret now?") if now else _("Can you interpret?")
    where = mode_name(content["mode"])
    if content["mode"] == Mode.ON_SITE:
        where = f"{isolated(html.quote(content['municipality']))} ({where})"
    lines = [
        html.bold(title),
        _("Language: {language}").format(
            language=html.bold(html.quote(language_label(content["language"])))
        ),
        _("When: {when}").format(when=html.bold(_("now") if now else when(starts))),
        _("How long: {length}").format(length=length(minutes)),
        _("Where: {towns}").format(towns=where),
        _("About: {topic}").format(topic=topic_name(content["topic"])),
    ]
    if asked_for != content["language"]:
        lines.insert(
            2,
            _("The person speaks {language}. The institution agreed to your language.").format(
                language=html.quote(language_label(asked_for))
            ),
        )
    if content.get("gender_wish"):
        lines.append(_("Woman or man: {wish}").format(wish=gender_name(content["gender_wish"])))
    if content.get("seat") == Seat.STANDBY:
        lines.append(
            _("Somebody said yes already. You would stand by, in case this person falls ill.")
        )
    return "\n".join(lines)


def offer_of_request(offered: Offered) -> str:
    """An open offer in words, from its rows."""
    return offer_text(offer_content(offered.request, offered.offer), offered.request.language)


async def say_yes(query: CallbackQuery, callback_data: Reply, office: Office, here: Chat) -> None:
    """The first yes gets it. The details come in a message of their own."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        seat = await accept_offer(session, here, callback_data.offer, office.now())
    await drop_keys(query.message)
    text = (
        _("Thank you! It is yours. The details come in the next message.")
        if seat is Seat.INTERPRETER
        else _("Thank you! You stand by. I tell you at once if you are needed.")
    )
    await query.message.answer(text, reply_markup=_page())


def _page() -> InlineKeyboardMarkup:
    return Keys().row((_("My page"), Go(screen="volunteer"))).markup()


async def say_no(query: CallbackQuery, callback_data: Reply, office: Office, here: Chat) -> None:
    """No, for whatever reason; nobody is told who said so."""
    if not isinstance(query.message, Message):
        return
    answer = Answer(callback_data.answer)
    async with office.sessions.begin() as session:
        await decline_offer(session, here, callback_data.offer, answer, office.now())
    if answer is Answer.LATER:
        await query.message.answer(
            _(
                "Good. The buttons stay. I do not wait for you: whoever says yes first gets it. "
                "You also find it here:"
            ),
            reply_markup=_page(),
        )
        return
    await drop_keys(query.message)
    text = (
        _("Good to know. Nobody is told. I ask you again for other requests.")
        if answer is Answer.KNOWS
        else _("All right. Thank you for answering!")
    )
    await query.message.answer(text)


def build_offers_router() -> Router:
    """The four answers. Every action checks by itself whose offer it is."""
    router = Router(name="offers")
    router.callback_query.register(say_yes, Reply.filter(F.answer == "yes"))
    router.callback_query.register(say_no, Reply.filter(F.answer.in_({"no", "knows", "later"})))
    return router
