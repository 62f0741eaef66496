"""What a broadcast looks like in a chat, and the message that shows staff how far it is."""

from datetime import datetime

from aiogram import Bot
from aiogram.types import InlineKeyboardMarkup

from bot.broadcasts import Outcome, Parcel, Part, Refused, Sent
from bot.channels.calls import outcome_of
from bot.db import Sessions
from bot.texts import _, speaking

_BETWEEN = "\n\n— — —\n\n"


def _words(part: Part) -> str:
    if not part.withdrawn:
        return part.html
    return f"<b>{_('This is cancelled.')}</b>\n\n{part.html}"


def wording(parcel: Parcel) -> tuple[str, InlineKeyboardMarkup | None]:
    """What a message of a broadcast says, and its buttons; in the language being spoken."""
    return _BETWEEN.join(_words(part) for part in parcel.parts), None


async def deliver_parcel(bot: Bot, parcel: Parcel) -> Outcome:
    """Send a message of a broadcast, or edit the one that stands in the chat."""
    with speaking(parcel.language):
        text, keys = wording(parcel)
    try:
        if parcel.message_id is None:
            message = await bot.send_message(parcel.chat_id, text, reply_markup=keys)
            return Sent(message.message_id)
        await bot.edit_message_text(
            text, chat_id=parcel.chat_id, message_id=parcel.message_id, reply_markup=keys
        )
    except Exception as error:
        outcome = outcome_of(error)
        if isinstance(outcome, Refused) and "not modified" in outcome.why and parcel.message_id:
            return Sent(parcel.message_id)
        return outcome
    return Sent(parcel.message_id)


async def show_progress(sessions: Sessions, bot: Bot, channel: str, now: datetime) -> int:
    """Renew the messages that show how far broadcasts are; how many."""
    return 0
