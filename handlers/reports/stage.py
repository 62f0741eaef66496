"""Shows one screen at a time, so that a chat with a report stays short and quickly cleared."""

from contextlib import suppress

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import Message

from bot.reports import Private
from bot.reports.telling import talk_of
from handlers.buttons import Keys
from handlers.reports.buttons import with_exit


async def show(message: Message, private: Private, text: str, keys: Keys) -> None:
    """Show a screen with the way out.

    It takes the place of the last one; where something was written below that, it comes below.
    """
    talk = talk_of(private)
    markup = with_exit(keys).markup()
    bot = message.bot
    if bot is None:
        return
    if talk.shown is not None and talk.shown == talk.newest:
        try:
            await bot.edit_message_text(
                text, chat_id=message.chat.id, message_id=talk.shown, reply_markup=markup
            )
        except TelegramBadRequest as error:
            if "not modified" in error.message:
                return
        else:
            return
    old = talk.shown
    sent = await message.answer(text, reply_markup=markup)
    talk.shown = sent.message_id
    talk.trace(sent.message_id)
    if old is not None:
        with suppress(TelegramBadRequest):
            if await bot.delete_message(message.chat.id, old):
                talk.traces.pop(old, None)
