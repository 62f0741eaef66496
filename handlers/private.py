"""The seam around private dialogues: a report being told, or a mailbox that is open.

What is said there is heard for danger and for commands like everything else, and then by the
private dialogue alone: no conversation row, no gap, no feedback, no log, and not even the day of
the last message is noted. All messages of the dialogue are remembered by number, in memory, so
that they can be deleted from the chat.
"""

from collections.abc import Collection, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import CallbackQuery, Message, Update

from bot.models import Chat
from bot.office import Office
from bot.pacing import unnoted
from bot.reports import Private, mark_is_due, mark_private, was_interrupted
from bot.reports.telling import Screen, Talk, talk_of
from bot.texts import _

REPORT_PREFIX = "rep"
QUICK_EXIT = f"{REPORT_PREFIX}:exit::"
_AT_ONCE = 100  # of deleteMessages
_ENDING = ("/start", "/menu", "/stop")
_ENDING_PRESSES = ("go:menu", "forget:1")


@dataclass(slots=True)
class _Talking:
    chat_id: int
    talk: Talk


_talking: ContextVar[_Talking | None] = ContextVar("talking", default=None)


class Tracing(BaseRequestMiddleware):
    """Remembers, in memory, which messages a private dialogue put into its chat."""

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Let the call pass and note the message that came of it."""
        result = await make_request(bot, method)
        message: object = result
        talking = _talking.get()
        if talking and isinstance(message, Message) and message.chat.id == talking.chat_id:
            talking.talk.trace(message.message_id)
        return result


def message_in(update: Update | None) -> Message | None:
    """The message somebody wrote or corrected."""
    return (update.message or update.edited_message) if update is not None else None


def enter(here: Chat, office: Office, update: Update | None) -> Private | None:
    """The private dialogue this update belongs to; its message is remembered for the wipe."""
    private = office.reporting.drafts.find(here, office.now())
    unnoted.set(private is not None)
    if private is None:
        _talking.set(None)
        return None
    talk = talk_of(private)
    _talking.set(_Talking(here.id, talk))
    office.door.inside(here, office.now())
    message = message_in(update)
    if message is not None:
        talk.trace(message.message_id)
    return private


def ends(update: Update | None) -> bool:
    """Whether this ends every dialogue: ``/menu``, ``/start``, ``/stop``, the menu's button."""
    message = message_in(update)
    if message is not None:
        word = (message.text or "").split(maxsplit=1)[:1]
        return bool(word) and word[0].partition("@")[0] in _ENDING
    press = update.callback_query if update is not None else None
    return press is not None and press_ends(press)


def press_ends(press: CallbackQuery) -> bool:
    """Whether this button ends every dialogue."""
    return (press.data or "").startswith(_ENDING_PRESSES)


def is_command(update: Update | None) -> bool:
    """Whether a command was written."""
    message = message_in(update)
    return message is not None and (message.text or "").startswith("/")


def is_other_press(update: Update | None) -> bool:
    """Whether a button was pressed that is none of a private dialogue."""
    press = update.callback_query if update is not None else None
    return press is not None and not (press.data or "").startswith(f"{REPORT_PREFIX}:")


async def was_lost(office: Office, here: Chat) -> bool:
    """Whether somebody comes back to a private dialogue that is gone: its hour, or a restart."""
    if office.door.is_inside(here):
        return True
    if not office.door.may_be_from_before(here, office.now()):
        return False
    reporting = office.reporting
    async with office.sessions.begin() as session:
        found = await was_interrupted(session, reporting.site, reporting.drafts, here, office.now())
    if found:
        office.door.inside(here, office.now())
    return found


async def begin(office: Office, here: Chat, language: str, screen: Screen) -> Private:
    """Open a private dialogue. Raises ``TooMuchTold`` when very many are open.

    The neutral mark is written now, not when something is sent.
    """
    reporting, now = office.reporting, office.now()
    private = reporting.drafts.open(here, language, now)
    talk = talk_of(private)
    talk.screen = screen
    _talking.set(_Talking(here.id, talk))
    unnoted.set(True)
    office.door.inside(here, now)
    if mark_is_due(private, now):
        async with office.sessions.begin() as session:
            await mark_private(session, reporting.site, reporting.drafts, private, here, now)
    return private


async def keep_marked(office: Office, here: Chat, private: Private) -> None:
    """Set the mark of a long dialogue again."""
    now, reporting = office.now(), office.reporting
    if mark_is_due(private, now):
        async with office.sessions.begin() as session:
            await mark_private(session, reporting.site, reporting.drafts, private, here, now)


def close(office: Office, here: Chat) -> None:
    """End a private dialogue: nothing of it stays, and nobody is expected back."""
    office.reporting.drafts.close(here)
    office.door.leave(here)
    _talking.set(None)


async def wipe(bot: Bot, chat_id: int, numbers: Collection[int]) -> int:
    """Delete messages of both sides from the chat; returns how many could not be deleted.

    Telegram lets a bot delete what is less than 48 hours old.
    """
    left = 0
    for some in batched(sorted(numbers), _AT_ONCE):
        try:
            await bot.delete_messages(chat_id, list(some))
        except TelegramAPIError:
            for number in some:
                left += not await _deleted(bot, chat_id, number)
    return left


async def _deleted(bot: Bot, chat_id: int, number: int) -> bool:
    try:
        return await bot.delete_message(chat_id, number)
    except TelegramBadRequest as error:
        return "not found" in error.message  # the person was faster
    except TelegramAPIError:
        return False


async def throw_away(
    bot: Bot, office: Office, here: Chat, private: Private, keep: Collection[int] = ()
) -> int:
    """End a dialogue and clear it from the chat; returns how many messages could not be deleted."""
    traces = set(talk_of(private).traces) - set(keep)
    close(office, here)
    return await wipe(bot, here.id, traces)


def batched(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """Some at a time."""
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]


def clear_by_hand() -> str:
    """What a bot cannot do in Telegram, and how to do it."""
    return _(
        "Telegram may keep copies. To be safe: go to your list of chats, hold your finger on "
        "this chat, and delete it."
    )


def pressed_message(query: CallbackQuery) -> Message | None:
    """The message whose button was pressed."""
    return query.message if isinstance(query.message, Message) else None
