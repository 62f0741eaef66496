"""An aiogram session whose other end is a web page: every handler works there unchanged."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import GetFile, TelegramMethod
from aiogram.methods.base import TelegramType

from bot.channels.webchat import words
from bot.channels.webchat.calls import Calls
from bot.channels.webchat.effort import Efforts
from bot.channels.webchat.formatting import language_direction
from bot.channels.webchat.messages import Refused
from bot.channels.webchat.rooms import Room, Rooms
from bot.channels.webchat.settings import WebChatSettings

_FILE_SCHEME = "webchat:"


class WebChatSession(BaseSession):
    """Carries out a bot's calls in the rooms of the web chat.

    Results are bound to the bot exactly as Telegram's are, and what Telegram refuses is refused
    here with aiogram's own exceptions, so that a fault is seen on this channel too. A message to
    someone who left the page raises `TelegramForbiddenError`: it was not delivered.

        bot = Bot("1:webchat", session=WebChatSession(), default=DefaultBotProperties(...))
    """

    def __init__(
        self,
        settings: WebChatSettings | None = None,
        *,
        strings: words.Strings = words.english,
    ) -> None:
        super().__init__(
            api=TelegramAPIServer(
                base=_FILE_SCHEME + "{method}",
                file=_FILE_SCHEME + "{path}",
            )
        )
        self.settings = settings or WebChatSettings()
        self.strings = strings
        self.rooms = Rooms(self.settings)
        self.calls = Calls(self.rooms)
        self.efforts = Efforts()
        self._drains: list[Callable[[], Awaitable[None]]] = []

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109 aiogram's signature
    ) -> TelegramType:
        """Carries out one call. Raises aiogram's exceptions for what Telegram would refuse."""
        answer: dict[str, Any]
        status = 200
        call = self.calls.known.get(type(method))
        try:
            if call is None:
                raise Refused(f"method {method.__api_method__} is not available in the web chat")
            answer = {"ok": True, "result": await call(bot, method)}
        except Refused as refused:
            status = refused.status
            answer = {"ok": False, "error_code": status, "description": refused.description}
        response = self.check_response(
            bot=bot, method=method, status_code=status, content=json.dumps(answer)
        )
        return cast(TelegramType, response.result)

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,  # noqa: ASYNC109 aiogram's signature
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        """The bytes of a file someone sent in a room, for `bot.download`.

        No other address is ever fetched. Raises `TelegramNetworkError` for an unknown one.
        """
        file_id = url.removeprefix(_FILE_SCHEME).removeprefix("rooms/")
        file = self.rooms.files.get(file_id) if url.startswith(_FILE_SCHEME) else None
        if file is None:
            raise TelegramNetworkError(method=GetFile(file_id=""), message="404, Not Found")
        for start in range(0, len(file.data), chunk_size):
            yield file.data[start : start + chunk_size]

    async def close(self) -> None:
        """Sends every page away with "back in a moment" and waits for what is under way."""
        self.rooms.close()
        for drain in self._drains:
            await drain()

    def at_close(self, drain: Callable[[], Awaitable[None]]) -> None:
        """Adds something that `close` waits for."""
        self._drains.append(drain)

    # What the page is told besides messages

    async def announce_language(self, chat_id: int, language: str) -> None:
        """The page and its messages from now on are in this language (BCP 47), also in direction.

        Without an open room nothing happens.
        """
        room = self.rooms.get(chat_id)
        if room is not None and room.language != language:
            room.language = language
            room.publish("page", page=self.page(room))

    async def forget(self, chat_id: int) -> None:
        """Clears a chat: what was said leaves memory and page, the secret opens nothing more.

        Call it before the farewell, which pages still open are shown for a minute. Deleting the
        visitor's row is the caller's part, together with everything else that is forgotten.
        """
        room = self.rooms.get(chat_id)
        if room is not None:
            self.rooms.detach(room)
            room.publish("forgotten")

    async def effort(self, chat_id: int) -> bool:
        """Let the visitor's page do a task against floods; whether it did."""
        room = self.rooms.get(chat_id)
        return room is not None and await self.efforts.ask(room)

    def is_open(self, chat_id: int) -> bool:
        """Whether the visitor has the page open at this moment."""
        room = self.rooms.get(chat_id)
        return room is not None and room.is_open

    def page(self, room: Room) -> dict[str, Any]:
        """What the page needs to speak the room's language: words, direction, commands."""
        language = room.language or self.settings.spoken(room.proposed_language)
        return {
            "language": language,
            "dir": language_direction(language),
            "strings": words.complete(self.strings, language),
            "commands": self.calls.commands_for(room.chat_id, language),
        }
