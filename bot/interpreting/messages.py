"""Messages that showed an offer or details, so that they can be replaced when it is over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.interpreting.letters import Letter
from bot.models import Chat, Offer, Request, ShownMessage
from bot.outbox import owe

OFFER = "offer"
DETAILS = "details"


async def keep_message(
    session: AsyncSession, chat: Chat, request_id: int, message_id: int, kind: str
) -> None:
    """Remember which message shows an offer (``OFFER``) or details (``DETAILS``).

    Does nothing for a request that is gone.
    """
    if await session.get(Request, request_id) is None:
        return
    session.add(
        ShownMessage(
            request_id=request_id,
            channel=chat.channel,
            chat_id=chat.id,
            message_id=message_id,
            kind=kind,
        )
    )
    await session.flush()


async def messages_of(
    session: AsyncSession, request_id: int, kind: str, chat: Chat | None = None
) -> list[ShownMessage]:
    """The messages that show something of a request, everybody's or one chat's, oldest first."""
    statement = select(ShownMessage).where(
        ShownMessage.request_id == request_id, ShownMessage.kind == kind
    )
    if chat is not None:
        statement = statement.where(
            ShownMessage.channel == chat.channel, ShownMessage.chat_id == chat.id
        )
    return list(await session.scalars(statement.order_by(ShownMessage.id)))


async def replace_shown(
    session: AsyncSession, request_id: int, now: datetime, chat: Chat | None = None
) -> None:
    """Owe the replacement of every message with details, and forget which they were."""
    for shown in await messages_of(session, request_id, DETAILS, chat):
        content = {"request_id": request_id, "message_id": shown.message_id}
        owe(session, Chat(shown.channel, shown.chat_id), Letter.DETAILS_OVER, content, now)
        await session.execute(delete(ShownMessage).where(ShownMessage.id == shown.id))


async def replace_late(
    session: AsyncSession,
    chat: Chat,
    content: Mapping[str, Any],
    message_id: int,
    kind: str,
    now: datetime,
) -> None:
    """Owe the end of a message that was over before it arrived."""
    told = {"request_id": content["request_id"], "message_id": message_id}
    if kind == OFFER:
        closed = {**told, "offer_id": content["offer_id"], "why": "over"}
        owe(session, chat, Letter.OFFER_CLOSED, closed, now)
    else:
        owe(session, chat, Letter.DETAILS_OVER, told, now)


async def offer_is_open(session: AsyncSession, offer_id: int) -> bool:
    """Whether an offer may still be answered; asked before its letter is delivered."""
    state = await session.scalar(select(Offer.state).where(Offer.id == offer_id))
    return state in {"open", "later"}
