"""Buttons: numbered, typed, and answerable by typing their number or their words."""

import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Annotated

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters.callback_data import CallbackData
from aiogram.methods import EditMessageReplyMarkup, EditMessageText, Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Message
from pydantic import Field

_LABEL_LIMIT = 60  # longer labels are cut by phones anyway
_NUMBER_MARK = " · "
_WORDS = ("text", "entities", "caption", "caption_entities")


class LanguageChosen(CallbackData, prefix="lang"):
    """A language was chosen; ``then`` says what the person was doing."""

    code: str
    then: str = ""


class PlaceChosen(CallbackData, prefix="place"):
    """A municipality was chosen by its position in the list; -1 means "skip", -2 "forget it"."""

    index: int


class Go(CallbackData, prefix="go"):
    """A screen of the menu."""

    screen: str
    item: str = ""


class ShowTopic(CallbackData, prefix="topic"):
    """An article; ``language`` is empty for the reader's own."""

    topic_id: str
    language: str = ""


class Judged(CallbackData, prefix="ok"):
    """The article helped, or it did not."""

    topic_id: str
    language: str
    helpful: bool


class NoneOfThese(CallbackData, prefix="none"):
    """None of the offered titles is what was meant."""


class Find(CallbackData, prefix="find"):
    """A search of the directory; empty means "any". ``place`` is a position in the list."""

    specialty: str = ""
    language: str = ""
    place: int = -1
    access: bool = False
    page: int = 0


class Events(CallbackData, prefix="ev"):
    """A list of events. ``place`` is a position in the list of towns, ``week`` counts from now."""

    scope: str = "all"
    topic: str = ""
    place: int = -1
    week: Annotated[int, Field(ge=0, le=60)] = 0
    page: Annotated[int, Field(ge=0, le=500)] = 0


class EventDo(CallbackData, prefix="evd"):
    """One event: look at it, or answer to it; ``count`` is a number of places."""

    what: str
    event: Annotated[int, Field(ge=1, le=2**53)]
    count: Annotated[int, Field(ge=0, le=99)] = 0


class Hear(CallbackData, prefix="hear"):
    """Messages about a topic of events: look, begin, end. ``place`` as in ``Events``."""

    what: str = "list"
    topic: str = ""
    place: int = -1


class Forget(CallbackData, prefix="forget"):
    """Deleting everything was confirmed or not."""

    sure: bool


@dataclass(frozen=True, slots=True)
class Button:
    """A button as it was shown: its words without the number, and what it does."""

    words: str
    data: str


class Keys:
    """Builds an inline keyboard whose buttons are numbered from 1."""

    def __init__(self) -> None:
        self._rows: list[list[InlineKeyboardButton]] = []
        self._count = 0

    def row(self, *buttons: tuple[str, CallbackData]) -> "Keys":
        """Add a row of (label, what it does)."""
        row = []
        for label, data in buttons:
            self._count += 1
            words = label if len(label) <= _LABEL_LIMIT else label[: _LABEL_LIMIT - 1] + "…"
            row.append(
                InlineKeyboardButton(
                    text=f"{self._count}{_NUMBER_MARK}{words}", callback_data=data.pack()
                )
            )
        if row:
            self._rows.append(row)
        return self

    def grid(self, buttons: Sequence[tuple[str, CallbackData]], columns: int = 2) -> "Keys":
        """Add many short buttons in columns."""
        for start in range(0, len(buttons), columns):
            self.row(*buttons[start : start + columns])
        return self

    def markup(self) -> InlineKeyboardMarkup:
        """The keyboard."""
        return InlineKeyboardMarkup(inline_keyboard=self._rows)


def without(markup: InlineKeyboardMarkup, kind: type[CallbackData]) -> InlineKeyboardMarkup | None:
    """A keyboard without the buttons of one kind, numbered anew; ``None`` if it has none."""
    prefix = f"{kind.__prefix__}{kind.__separator__}"
    rows: list[list[InlineKeyboardButton]] = []
    dropped, count = False, 0
    for row in markup.inline_keyboard:
        kept = []
        for button in row:
            if (button.callback_data or "").startswith(prefix):
                dropped = True
                continue
            count += 1
            words = button.text.partition(_NUMBER_MARK)[2] or button.text
            text = f"{count}{_NUMBER_MARK}{words}"
            kept.append(button.model_copy(update={"text": text}))
        if kept:
            rows.append(kept)
    return InlineKeyboardMarkup(inline_keyboard=rows) if dropped else None


def buttons_of(markup: InlineKeyboardMarkup) -> list[Button]:
    """The buttons of a keyboard in the order of their numbers."""
    return [
        Button(button.text.partition(_NUMBER_MARK)[2] or button.text, button.callback_data)
        for row in markup.inline_keyboard
        for button in row
        if button.callback_data
    ]


def typed_number(text: str) -> int | None:
    """The number somebody typed, in any script's digits: "2", "2.", "٢"; nothing otherwise."""
    digits = text.strip().rstrip(".)").strip()
    if not 1 <= len(digits) <= 2 or not all(unicodedata.digit(d, -1) >= 0 for d in digits):
        return None
    return int("".join(str(unicodedata.digit(d)) for d in digits))


async def drop_keys(message: Message) -> None:
    """Take the buttons off a message: what they were for is over.

    A message that is gone or has none is left alone. One that is too old for Telegram to show us
    (a stand-in of 1970) is tried.
    """
    if message.reply_markup is None and message.date.year > 1970:
        return
    with suppress(TelegramBadRequest):
        await message.edit_reply_markup(reply_markup=None)


# The chat whose update is being answered; nothing for what is sent by the clock.
answering: ContextVar[int | None] = ContextVar("answering", default=None)


def _nobody(_bot_id: int, _chat_id: int) -> bool:
    return False


class ShownButtons(BaseRequestMiddleware):
    """Remembers the last keyboard each chat was shown, in memory, for typed answers.

    After a restart a typed number finds no keyboard and the person is shown the menu.
    ``in_private`` says whether a chat is in a private dialogue: what nobody there has asked for,
    an offer or an announcement, does not take its typed answers.
    """

    def __init__(
        self, most_chats: int = 20_000, in_private: Callable[[int, int], bool] = _nobody
    ) -> None:
        self._shown: OrderedDict[tuple[int, int], tuple[Message, list[Button]]] = OrderedDict()
        self._most_chats = most_chats
        self._in_private = in_private

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Let the call pass and look at the message that came of it."""
        result = await make_request(bot, method)
        message: object = result
        if isinstance(message, Message):
            if message.reply_markup is not None:
                self._remember(bot.id, message)
            elif isinstance(method, EditMessageReplyMarkup | EditMessageText):
                self._drop(bot.id, message)
        return result

    def _remember(self, bot_id: int, message: Message) -> None:
        markup = message.reply_markup
        if markup is None:
            return
        key = (bot_id, message.chat.id)
        if answering.get() != message.chat.id and self._in_private(*key):
            return
        self._shown.pop(key, None)
        # Without its words: what was said, a report above all, does not wait in memory.
        bare = message.model_copy(update=dict.fromkeys(_WORDS))
        self._shown[key] = (bare, buttons_of(markup))
        while len(self._shown) > self._most_chats:
            self._shown.popitem(last=False)

    def _drop(self, bot_id: int, message: Message) -> None:
        shown = self._shown.get((bot_id, message.chat.id))
        if shown and shown[0].message_id == message.message_id:
            del self._shown[bot_id, message.chat.id]

    def forget(self, bot_id: int, chat_id: int) -> None:
        """Forget what a chat was shown."""
        self._shown.pop((bot_id, chat_id), None)

    def meant(self, bot_id: int, chat_id: int, text: str) -> tuple[Message, str] | None:
        """The message and callback data that a typed number or typed words stand for."""
        message, buttons = self._shown.get((bot_id, chat_id), (None, []))
        if message is None:
            return None
        number = typed_number(text)
        if number is not None:
            return (message, buttons[number - 1].data) if 0 < number <= len(buttons) else None
        words = _plain(text)
        matching = [button for button in buttons if words and _plain(button.words) == words]
        return (message, matching[0].data) if len(matching) == 1 else None


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in folded).split())
