"""Messages in a right-to-left language: numbers, addresses and German names keep their order."""

from typing import Any

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

from bot.texts import is_right_to_left, spoken_language, with_runs_isolated

_LONGEST = {"text": 4096, "caption": 1024}
_WORDS = tuple(_LONGEST)


class Directions(BaseRequestMiddleware):
    """Isolates left-to-right runs in what is said in Arabic or Persian, whatever the screen."""

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Let the call pass with its words in order."""
        language = spoken_language()
        if language is not None and is_right_to_left(language):
            method = _in_order(method)
        return await make_request(bot, method)


def _in_order(method: TelegramMethod[TelegramType]) -> TelegramMethod[TelegramType]:
    changed: dict[str, Any] = {}
    for name in _WORDS:
        words = getattr(method, name, None)
        if isinstance(words, str) and words and not method.__api_method__.startswith("answer"):
            ordered = with_runs_isolated(words)
            if len(ordered) <= _LONGEST[name]:
                changed[name] = ordered
    return method.model_copy(update=changed) if changed else method
