"""Before every handler: who writes, in which language, how fast, and what was pressed."""

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiogram import BaseMiddleware, Bot, Dispatcher
from aiogram.exceptions import TelegramAPIError
from aiogram.types import (
    CallbackQuery,
    ErrorEvent,
    InaccessibleMessage,
    Message,
    TelegramObject,
    Update,
    User,
)

from bot.answering.emergency import dangers
from bot.answering.understanding import Understanding
from bot.channels import Channel
from bot.limits import Verdict
from bot.models import Chat, Resident
from bot.office import Office
from bot.reports import Private
from bot.reports.telling import talk_of
from bot.residents import CONSENT_VERSION, find_resident, seen
from bot.texts import OFFICE_LANGUAGE, _, nearest_language, speaking
from handlers.buttons import ShownButtons, answering, typed_number
from handlers.conversations import EXPECT_NUMBERS
from handlers.dialogue import Room
from handlers.pages import page_speaks
from handlers.private import (
    QUICK_EXIT,
    ends,
    enter,
    is_command,
    is_other_press,
    keep_marked,
    message_in,
    press_ends,
    throw_away,
    was_lost,
)

logger = logging.getLogger(__name__)
TYPED = "typed"  # the id of a press that came as typed words; there is nothing to acknowledge

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


@dataclass
class Hearing:
    """What a message means; worked out once, however many doors ask."""

    office: Office
    text: str
    language: str
    municipality: str | None
    _understanding: Understanding | None = field(default=None, repr=False)

    async def understanding(self) -> Understanding:
        """The message understood."""
        if self._understanding is None:
            self._understanding = await self.office.answerer.understand(
                self.text, language=self.language, municipality=self.municipality
            )
        return self._understanding


@dataclass
class Toast:
    """The short word shown when a button was pressed; sent as a message when it was typed."""

    text: str | None = None


class Reception(BaseMiddleware):
    """Private chats only; finds the resident and speaks their language.

    Of somebody in a private dialogue not even the day is noted; see ``handlers/private.py``.
    """

    def __init__(self, office: Office, channels: dict[int, Channel], shown: ShownButtons) -> None:
        self._office = office
        self._channels = channels
        self._shown = shown

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Hand on ``here``, ``resident``, ``channel``, ``language``, ``private`` and ``lost``.

        ``room`` holds what the steps of a dialogue need of these.
        """
        bot: Bot = data["bot"]
        chat = data.get("event_chat")
        user: User | None = data.get("event_from_user")
        update = event if isinstance(event, Update) else None
        private = chat is None or chat.type == "private"
        if not private and not (update and update.my_chat_member):
            return None  # groups and channels: nothing is read there
        if private and user is not None and user.is_bot:
            return None  # two bots that answer each other would never stop
        channel = self._channels[bot.id]
        number = chat.id if chat is not None and private else (user.id if user else 0)
        here = Chat(channel.name, number)
        answering.set(number if private else None)
        resident: Resident | None = None
        dialogue = enter(here, self._office, update) if private and number else None
        if private and number:
            async with self._office.sessions.begin() as session:
                resident = await find_resident(session, here)
                old = resident is not None and resident.last_seen_on < self._office.today()
                if old and dialogue is None:
                    await seen(session, here, self._office.today())
        proposed = nearest_language(user.language_code if user else None)
        language = resident.language if resident else (proposed or OFFICE_LANGUAGE)
        if dialogue is not None:
            language = dialogue.told.language
        if resident is not None and resident.consent_version != CONSENT_VERSION:
            # Answered as before, but told and asked anew before anything more is kept.
            resident = None
        data.update(here=here, resident=resident, channel=channel, language=language)
        data["room"] = Room(self._office, here, channel, language, bot)
        with speaking(language):
            if private:
                await page_speaks(bot, number, language)
                data.update(await self._in_private(bot, here, update, dialogue))
                if data["private"] is not None:
                    # Inside it no other dialogue has a state that could take its words.
                    data["raw_state"] = None
            return await handler(event, data)

    async def _in_private(
        self, bot: Bot, here: Chat, update: Update | None, dialogue: Private | None
    ) -> dict[str, Any]:
        """``private`` is the private dialogue; ``lost`` says that there was one and it is gone."""
        office = self._office
        if dialogue is not None and ends(update):
            await end_private(bot, office, here, dialogue, self._shown)
            return {"private": None, "lost": False}
        if dialogue is not None:
            await keep_marked(office, here, dialogue)
            return {"private": dialogue, "lost": False}
        if ends(update):
            office.door.turn_away(here)
        said = update is not None and (message_in(update) or update.callback_query)
        lost = bool(said) and here.id != 0 and await was_lost(office, here)
        if lost and (is_command(update) or is_other_press(update)):
            office.door.leave(here)
            await bot.send_message(here.id, gone_words())
            lost = False
        return {"private": None, "lost": lost}


async def end_private(
    bot: Bot, office: Office, here: Chat, dialogue: Private, shown: ShownButtons
) -> None:
    """A command or the menu ended a private dialogue: it is thrown away, and that is said."""
    await throw_away(bot, office, here, dialogue)
    shown.forget(bot.id, here.id)
    await bot.send_message(here.id, _("The private conversation is over. Nothing of it was kept."))


def gone_words() -> str:
    """What somebody reads who comes back to a private dialogue that is gone.

    Some read it who had none: it must be harmless, and it names no report.
    """
    return _(
        "Were you in a private conversation with me? It is gone. I "
        "delete it after one hour, and whenever the program restarts. "
        "What you had not sent was not kept. Do you have a receipt? It "
        "tells you whether something has arrived: /receipt"
    )


class ErrorLanguage(BaseMiddleware):
    """aiogram runs error handlers outside the other middleware: an apology needs the language."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Speak the language that ``Reception`` found, if it came that far."""
        if isinstance(event, ErrorEvent):
            with speaking(data.get("language", OFFICE_LANGUAGE)):
                return await handler(event, data)
        return await handler(event, data)


class Listening(BaseMiddleware):
    """Keeps the pace of a chat and turns typed numbers and words into presses of a button."""

    def __init__(self, office: Office, shown: ShownButtons, dispatcher: Dispatcher) -> None:
        self._office = office
        self._shown = shown
        self._dispatcher = dispatcher

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Hand on ``hearing``; danger is heard whatever the pace."""
        if not isinstance(event, Message):
            return await handler(event, data)
        if event.edit_date is not None and event.location is not None:
            return None  # a live location moves by itself: nobody writes fast, nothing is asked
        text = event.text or event.caption or ""
        resident: Resident | None = data["resident"]
        data["hearing"] = hearing = Hearing(
            self._office,
            text,
            data["language"],
            resident.municipality if resident else None,
        )
        verdict = self._office.pace.judge(data["here"])
        dialogue: Private | None = data["private"]
        plain = bool(text) and not text.startswith("/")
        press = self._pressed(event, text, data) if plain else None
        leaving = press is not None and press.data == QUICK_EXIT
        if verdict is not Verdict.HEARD and not dangers(text) and not leaving:
            if dialogue is not None:
                talk_of(dialogue).missed += 1  # said in the preview: it is not in the report
            if verdict is Verdict.TOLD:
                await event.answer(
                    _("You are writing very fast. Please wait a minute and write again.")
                )
            return None
        # In a private dialogue the words of a button are that button: "attack" is an answer.
        if press is not None and (
            dialogue is not None
            or typed_number(text) is not None
            or (await hearing.understanding()).kind != "emergency"
        ):
            if dialogue is not None and press_ends(press):
                bot: Bot = data["bot"]
                await end_private(bot, self._office, data["here"], dialogue, self._shown)
                data["private"] = None
            return await self._dispatcher.propagate_event(
                update_type="callback_query", event=press, **data
            )
        return await handler(event, data)

    def _pressed(self, message: Message, text: str, data: dict[str, Any]) -> CallbackQuery | None:
        bot: Bot = data["bot"]
        if message.from_user is None or data.get("raw_state") in EXPECT_NUMBERS:
            return None
        meant = self._shown.meant(bot.id, message.chat.id, text)
        if meant is None:
            return None
        shown, pressed = meant
        return CallbackQuery(
            id=TYPED,
            from_user=message.from_user,
            chat_instance=TYPED,
            message=shown,
            data=pressed,
        ).as_(bot)


def _stand_in(old: InaccessibleMessage) -> Message:
    """A message that Telegram no longer shows us: its chat is known, and its button's meaning."""
    long_ago = datetime.fromtimestamp(0, UTC)
    return Message(message_id=old.message_id, date=long_ago, chat=old.chat).as_(old.bot)


class Acknowledging(BaseMiddleware):
    """Every press of a button is acknowledged, with a short word where a handler has one."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Hand on ``toast``; acknowledge when the handler is through, even if it failed."""
        if not isinstance(event, CallbackQuery):
            return await handler(event, data)
        data["toast"] = toast = Toast()
        if isinstance(event.message, InaccessibleMessage):
            event = event.model_copy(update={"message": _stand_in(event.message)})
        try:
            return await handler(event, data)
        finally:
            # A press that is too old to be acknowledged was still carried out.
            with suppress(TelegramAPIError):
                if event.id != TYPED:
                    await event.answer(toast.text)
                elif toast.text and isinstance(event.message, Message):
                    await event.message.answer(toast.text)
