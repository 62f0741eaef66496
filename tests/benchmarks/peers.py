"""The least a bot can be: what one update costs without any of our work.

``python -m tests.benchmarks.peers aiogram|ptb|raw`` answers every text with the same text, polling
``BOT_API_BASE`` with ``BOT_TOKEN``. ``aiogram`` and ``ptb`` are bare bots of these libraries;
``raw`` is no bot at all but writes the same calls onto sockets, to see what the fake can carry.
"""

import asyncio
import json
import os
import sys
from typing import Any
from urllib.parse import urlencode, urlsplit

_CONNECTIONS = 16


async def aiogram_echo() -> None:
    """A bare aiogram bot."""
    from aiogram import Bot, Dispatcher
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import Message

    session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ["BOT_API_BASE"]))
    bot, dispatcher = Bot(os.environ["BOT_TOKEN"], session=session), Dispatcher()

    @dispatcher.message()
    async def echo(message: Message) -> None:
        await message.answer(message.text or "-")

    await dispatcher.start_polling(bot)


def ptb_echo() -> None:
    """A bare python-telegram-bot bot.

    Its defaults handle one update after the other. That is also its fastest way here: with
    ``concurrent_updates`` an update costs two to three times the processor time, because httpx
    looks through all its connections at every call.
    """
    from telegram import Update
    from telegram.ext import Application, ContextTypes, MessageHandler, filters

    async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        if update.message is not None:
            await update.message.reply_text(update.message.text or "-")

    builder = Application.builder().token(os.environ["BOT_TOKEN"])
    application = builder.base_url(f"{os.environ['BOT_API_BASE']}/bot").build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling()


class _Line:
    """One connection to the fake that is kept open."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls) -> "_Line":
        parts = urlsplit(os.environ["BOT_API_BASE"])
        return cls(*await asyncio.open_connection(parts.hostname, parts.port))

    async def call(self, method: str, **parameters: Any) -> bytes:
        """Make a call and return the body of the answer."""
        body = urlencode(parameters).encode()
        head = (
            f"POST /bot{os.environ['BOT_TOKEN']}/{method} HTTP/1.1\r\nHost: fake\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length:")[2].split(None, 1)[0])
        return await self._reader.readexactly(length)


async def raw_echo() -> None:
    """Echo without a library: sixteen connections that send, one that polls."""
    texts: asyncio.Queue[tuple[int, str]] = asyncio.Queue()

    async def send() -> None:
        line = await _Line.open()
        while True:
            chat, text = await texts.get()
            await line.call("sendMessage", chat_id=chat, text=text)

    async def poll() -> None:
        line, offset = await _Line.open(), 0
        while True:
            answer = json.loads(await line.call("getUpdates", offset=offset, timeout=20))
            for update in answer["result"]:
                offset = update["update_id"] + 1
                message = update["message"]
                texts.put_nowait((message["chat"]["id"], message["text"]))

    await asyncio.gather(poll(), *(send() for _ in range(_CONNECTIONS)))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["aiogram"]:
            asyncio.run(aiogram_echo())
        case ["ptb"]:
            ptb_echo()
        case ["raw"]:
            asyncio.run(raw_echo())
        case _:
            raise SystemExit("python -m tests.benchmarks.peers aiogram|ptb|raw")
