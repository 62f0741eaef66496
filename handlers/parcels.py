"""A letter on its way: what is sent, what it replaces, and what follows when it has arrived.

Nothing private stands in a letter: it is read when the letter is delivered, and only for who may
still see it. A letter that is no longer true says nothing and goes.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiogram.types import BufferedInputFile, InlineKeyboardMarkup

from bot.errors import Refusal
from bot.interpreting.messages import (
    OFFER,
    keep_message,
    offer_is_open,
    replace_late,
    replace_shown,
)
from bot.interpreting.tending import locked
from bot.models import Chat, Letter
from bot.outbox import owe


@dataclass(frozen=True)
class Parcel:
    """A message to send, or a message to replace, and what follows when it has arrived.

    ``supersedes``: earlier messages with details of this request are not true any more and are
    replaced in this chat.
    """

    text: str
    keys: InlineKeyboardMarkup | None = None
    document: BufferedInputFile | None = None
    replaces: int | None = None
    keep: tuple[int, str] | None = None
    then: tuple[str, ...] = ()
    supersedes: bool = False


Compose = Callable[[Any, Chat, dict[str, Any], datetime], Awaitable[Parcel | None]]
_COMPOSERS: dict[str, Compose] = {}


def is_ours(kind: str) -> bool:
    """Whether a letter is one of the pool's."""
    return kind in _COMPOSERS


async def compose(session: Any, owed: Letter, now: datetime) -> Parcel | None:
    """What to send for a letter now; ``None`` when it is not true any more."""
    chat = Chat(owed.channel, owed.chat_id)
    try:
        return await _COMPOSERS[owed.kind](session, chat, owed.content, now)
    except Refusal:
        return None  # the seat, the request or the right to see it is gone since


async def arrived(
    session: Any, owed: Letter, parcel: Parcel, message_id: int, now: datetime
) -> None:
    """Remember what has to be replaced later, and owe what follows.

    Whether it is still true is asked once more: a request may have ended while its message was on
    the wire, and nobody knew yet which message to replace.
    """
    chat = Chat(owed.channel, owed.chat_id)
    if parcel.supersedes:
        await replace_shown(session, owed.content["request_id"], now, chat)
    if parcel.keep is not None:
        request_id, kind = parcel.keep
        await locked(session, request_id)  # nobody ends it between this look and the note
        if kind == OFFER:
            true = await offer_is_open(session, owed.content["offer_id"])
        else:
            true = await compose(session, owed, now) is not None
        if not true:
            await replace_late(session, chat, owed.content, message_id, kind, now)
            return
        await keep_message(session, chat, request_id, message_id, kind)
    for kind in parcel.then:
        owe(session, chat, kind, {"request_id": owed.content["request_id"]}, now)


def letter(kind: str) -> Callable[[Compose], Compose]:
    """Make what follows the words of a kind of letter."""

    def take(compose_: Compose) -> Compose:
        _COMPOSERS[str(kind)] = compose_
        return compose_

    return take
