"""The only files that are downloaded: staff's calendar files and pictures, with a limit first."""

import asyncio
from io import BytesIO

from aiogram import Bot
from aiogram.types import Message

from bot.errors import CalendarNotReadable, PictureNotUsable
from bot.events.calendar import LARGEST_FILE as LARGEST_CALENDAR
from bot.events.calendar import Row, read_calendar
from bot.events.pictures import LARGEST_FILE as LARGEST_PICTURE
from bot.events.pictures import small_picture


async def fetch(bot: Bot, file_id: str, most: int) -> bytes | None:
    """A file's bytes; nothing when it is larger than ``most``, or nobody knows how large it is."""
    file = await bot.get_file(file_id)
    if file.file_path is None or file.file_size is None or file.file_size > most:
        return None
    content = await bot.download_file(file.file_path, BytesIO())
    return content.read(most + 1) if content is not None else None


async def read_calendar_file(bot: Bot, file_id: str) -> list[Row]:
    """The rows of a calendar file that was sent. Raises ``CalendarNotReadable``."""
    content = await fetch(bot, file_id, LARGEST_CALENDAR)
    if content is None:
        raise CalendarNotReadable
    return await asyncio.to_thread(read_calendar, content)


async def read_files(bot: Bot, message: Message) -> list[Row]:
    """The rows of the calendar file in a message. Raises ``CalendarNotReadable``."""
    document = message.document
    # The size is looked at before anything is asked for: a large file is never even named.
    if document is None or (document.file_size or 0) > LARGEST_CALENDAR:
        raise CalendarNotReadable
    return await read_calendar_file(bot, document.file_id)


async def read_picture(bot: Bot, message: Message) -> bytes:
    """The picture in a message, made small. Raises ``PictureNotUsable``."""
    if message.photo:
        file_id, size = message.photo[-1].file_id, message.photo[-1].file_size or 0
    elif message.document is not None:
        file_id, size = message.document.file_id, message.document.file_size or 0
    else:
        raise PictureNotUsable
    content = await fetch(bot, file_id, LARGEST_PICTURE) if size <= LARGEST_PICTURE else None
    if content is None:
        raise PictureNotUsable
    return await asyncio.to_thread(small_picture, content)
