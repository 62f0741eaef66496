"""How our calls to Telegram are made: in their turn, patiently, and never twice by accident."""

import asyncio
import math
from typing import Any

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiohttp import ClientConnectorError

from bot.broadcasts import Again, Gone, Outcome, Refused, TokenLost, Uncertain
from bot.pacing import Held, Lane, Pace, current_lane

LONGEST_WAIT = 30.0  # seconds a reply waits for a 429 before it is given up
_TRIES = 5
# What Telegram says about one chat; everything else it refuses is about the words.
_OF_THE_CHAT = ("chat not found", "peer_id_invalid", "user not found", "have no rights", "upgraded")
_OF_THE_MESSAGE = ("message to edit not found", "message can't be edited", "message_id_invalid")
# A server in front of the Bot API may answer in JSON, too; what it does not know stays unknown.
_OF_A_PROXY = ("bad gateway", "gateway time", "timeout")
_NETWORK_PAUSE = 2.0
_SERVER_PAUSE = 5.0


class Patience(BaseRequestMiddleware):
    """Waits as long as a 429 says, and tries again where the connection was never made.

    Anything else that went wrong on the way may have reached Telegram and is not repeated:
    a message twice is worse than an apology. Broadcasts are not tried again here: their ledger
    decides what becomes of them.
    """

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Make the call, again if that is safe."""
        if method.__api_method__ == "getUpdates":
            return await make_request(bot, method)
        pause = 0.2
        tries = _TRIES if current_lane() is Lane.REPLY else 1
        for attempt in range(1, tries + 1):
            try:
                return await make_request(bot, method)
            except ClientDecodeError:
                raise unreadable(method) from None
            except TelegramRetryAfter as error:
                if error.retry_after > LONGEST_WAIT or attempt == tries:
                    raise
                await asyncio.sleep(error.retry_after)
            except TelegramNetworkError as error:
                if not never_connected(error) or attempt == tries:
                    raise
                await asyncio.sleep(pause)
                pause *= 3
        raise AssertionError("unreachable: the last attempt returns or raises")


class UnreadableAnswer(TelegramServerError):
    """Not the Bot API answered but a server in front of it, with a page for people."""


def unreadable(method: TelegramMethod[Any]) -> UnreadableAnswer:
    """The error for an answer that the Bot API cannot have given."""
    return UnreadableAnswer(method=method, message="the answer is no JSON of the Bot API")


def never_connected(error: TelegramNetworkError) -> bool:
    """Whether the request cannot have left: only the cause tells, aiogram raises one error."""
    return isinstance(error.__cause__, ClientConnectorError)


class Pacing(BaseRequestMiddleware):
    """Lets a call leave when it is its turn, and notes what Telegram says against that.

    Raises ``TelegramRetryAfter`` for a reply that would have to wait too long, and ``Held`` for a
    broadcast that must not leave now.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Make the call in its turn."""
        if method.__api_method__ == "getUpdates":
            return await make_request(bot, method)
        chat = _chat_of(method)
        if current_lane() is Lane.BROADCAST and chat is not None:
            await self._pace.broadcast(chat)
        else:
            try:
                await self._pace.reply(chat, _messages_of(method), LONGEST_WAIT)
            except Held as held:
                seconds = math.ceil(held.seconds)
                raise TelegramRetryAfter(
                    method=method, message="the pace", retry_after=seconds
                ) from None
        try:
            return await make_request(bot, method)
        except TelegramRetryAfter as error:
            await self._pace.too_many(chat, error.retry_after)
            raise


def _chat_of(method: TelegramMethod[Any]) -> int | None:
    chat = getattr(method, "chat_id", None)
    return chat if isinstance(chat, int) else None


def _messages_of(method: TelegramMethod[Any]) -> int:
    """How many messages a call makes or changes, as Telegram counts them."""
    name = method.__api_method__
    if name == "sendChatAction" or not name.startswith(("send", "edit", "copy", "forward")):
        return 0
    many = getattr(method, "media", None) or getattr(method, "message_ids", None)
    return len(many) if isinstance(many, list) else 1


def outcome_of(error: Exception) -> Outcome:
    """What an error says about a message of a broadcast.

    Only what cannot have reached anybody may be tried again: a busy Telegram, a connection that was
    never made, an error that the Bot API itself reports. Anything else is uncertain.
    """
    match error:
        case Held():
            return Again(error.seconds, "pace")
        case TelegramRetryAfter():
            return Again(error.retry_after, "busy")
        case TelegramForbiddenError():
            return Gone("deleted" if "deactivated" in error.message.lower() else "blocked")
        case TelegramBadRequest():
            return _refusal(error.message)
        case TelegramUnauthorizedError() | TelegramNotFound():
            return TokenLost()
        case TelegramNetworkError():
            if never_connected(error):
                return Again(_NETWORK_PAUSE, "network")
            return Uncertain()
        case UnreadableAnswer():
            return Uncertain()
        case TelegramServerError():
            if any(words in error.message.lower() for words in _OF_A_PROXY):
                return Uncertain()
            return Again(_SERVER_PAUSE, "server")
        case TelegramAPIError():
            return Refused(error.message[:200])
        case _:
            return Uncertain()


def _refusal(message: str) -> Outcome:
    words = message.lower()
    if any(known in words for known in _OF_THE_CHAT):
        return Gone("deleted")
    if any(known in words for known in _OF_THE_MESSAGE):
        return Gone("message gone")
    return Refused(message[:200])
