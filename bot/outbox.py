"""Messages owed to others, written in the transaction of what causes them.

A letter holds no sentence: words are chosen when it is delivered, in the reader's language then.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Chat, Letter

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 8
_FIRST_PAUSE = timedelta(seconds=15)


def owe(
    session: AsyncSession, chat: Chat, kind: str, content: dict[str, Any], due_at: datetime
) -> None:
    """Owe a chat a message of a kind that ``handlers/delivery.py`` finds words for."""
    session.add(
        Letter(channel=chat.channel, chat_id=chat.id, kind=kind, content=content, due_at=due_at)
    )


async def claim_letters(
    session: AsyncSession, channels: Collection[str], now: datetime, most: int = 20
) -> list[Letter]:
    """Due letters of these channels, leased to the caller so that no other worker takes them.

    A worker that dies lets its lease run out; then the letter is due again.
    """
    due = (
        select(Letter.id)
        .where(
            Letter.channel.in_(channels),
            Letter.due_at <= now,
            or_(Letter.claimed_until.is_(None), Letter.claimed_until <= now),
        )
        .order_by(Letter.due_at, Letter.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    claimed = await session.scalars(
        update(Letter)
        .where(Letter.id.in_(due))
        .values(claimed_until=now + LEASE, attempts=Letter.attempts + 1)
        .returning(Letter)
    )
    return sorted(claimed, key=lambda letter: (letter.due_at, letter.id))


async def give_back_letters(session: AsyncSession, letters: Collection[Letter]) -> None:
    """Give letters back that were claimed and not tried: they are due, and have lost no attempt."""
    await session.execute(
        update(Letter)
        .where(Letter.id.in_([letter.id for letter in letters]))
        .values(claimed_until=None, attempts=Letter.attempts - 1)
        .execution_options(synchronize_session=False)
    )


async def still_owed(session: AsyncSession, letter_id: int) -> bool:
    """Whether a letter is still to be delivered: its reader may have said /stop meanwhile."""
    return await session.scalar(select(Letter.id).where(Letter.id == letter_id)) is not None


async def delivered(session: AsyncSession, letter_id: int) -> None:
    """Forget a letter that arrived or never can."""
    await session.execute(delete(Letter).where(Letter.id == letter_id))


async def postpone(
    session: AsyncSession, letter: Letter, now: datetime, wait: timedelta | None = None
) -> None:
    """Try a letter again later: after ``wait``, or after a pause that doubles each time.

    Whoever was told to wait has not been tried: that is no attempt.
    """
    if wait is None and letter.attempts >= MOST_ATTEMPTS:
        await delivered(session, letter.id)
        return
    pause = wait if wait is not None else _FIRST_PAUSE * 2 ** (letter.attempts - 1)
    await session.execute(
        update(Letter)
        .where(Letter.id == letter.id)
        .values(
            due_at=now + pause,
            claimed_until=None,
            attempts=Letter.attempts - (0 if wait is None else 1),
        )
        .execution_options(synchronize_session=False)
    )
