"""Where each dialogue stands, kept in our database so that a restart loses nothing.

What somebody tells in a report never comes here; see ``bot/reports``.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Chat, Conversation


async def read_conversation(session: AsyncSession, chat: Chat) -> tuple[str | None, dict[str, Any]]:
    """The dialogue's state and its data; ``(None, {})`` when nothing is under way."""
    row = await session.get(Conversation, (chat.channel, chat.id))
    return (None, {}) if row is None else (row.state, dict(row.data))


async def write_conversation(
    session: AsyncSession,
    chat: Chat,
    now: datetime,
    *,
    state: str | None,
    data: Mapping[str, Any],
) -> None:
    """Keep a dialogue's state and data; nothing stays when both are empty."""
    if state is None and not data:
        await session.execute(
            delete(Conversation).where(
                Conversation.channel == chat.channel, Conversation.chat_id == chat.id
            )
        )
        return
    row = await session.get(Conversation, (chat.channel, chat.id))
    if row is None:
        row = Conversation(channel=chat.channel, chat_id=chat.id)
        session.add(row)
    row.state, row.data, row.updated_at = state, dict(data), now
