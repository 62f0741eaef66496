"""A broadcast that has left: corrected, withdrawn, or following the event that it is about.

Every message that stands in a chat is edited, through the same ledger that sent it.
"""

from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.broadcasts.drafting import load_texts, text_row
from bot.broadcasts.ledger import leave_out_rest
from bot.errors import AlreadyTaken, NothingToDo
from bot.models import Broadcast, BroadcastText, Delivery, Event

_LIVE = ("planning", "running", "paused", "done")


async def correct_text(
    session: AsyncSession,
    broadcast_id: int,
    language: str,
    html: str,
    now: datetime,
    *,
    card: bool = False,
) -> None:
    """Change words that have left: every message that stands in a chat is edited.

    Rows that waited for a corrected text of this language go on.
    """
    broadcast = await session.scalar(
        update(Broadcast)
        .where(Broadcast.id == broadcast_id, Broadcast.state.in_(_LIVE))
        .values(version=Broadcast.version + 1, changed_at=now)
        .returning(Broadcast)
        .execution_options(populate_existing=True)
    )
    if broadcast is None:
        raise NothingToDo
    broadcast.approved_version = broadcast.version
    text = await text_row(session, broadcast_id, language)
    text.html, text.approved, text.fallback = html, html, None
    text.stopped, text.card, text.changed_at = "", card, now
    await session.flush()
    await _start_again(session, broadcast_id, now)
    await session.execute(
        update(Delivery)
        .where(Delivery.broadcast_id == broadcast_id, Delivery.state == "held")
        .values(state="planned", due_at=now)
        .execution_options(synchronize_session=False)
    )


async def _start_again(session: AsyncSession, broadcast_id: int, now: datetime) -> None:
    """A broadcast that was through runs again, to edit what stands in the chats."""
    await session.execute(
        update(Broadcast)
        .where(Broadcast.id == broadcast_id, Broadcast.state == "done")
        .values(state="running", finished_at=None, changed_at=now)
        .execution_options(synchronize_session=False)
    )


async def withdraw(session: AsyncSession, broadcast_id: int, now: datetime) -> None:
    """Mark every message that stands in a chat as cancelled, and send no more of them.

    Raises ``AlreadyTaken`` when that has been done.
    """
    taken = await session.scalar(
        update(Broadcast)
        .where(
            Broadcast.id == broadcast_id,
            Broadcast.state.in_(_LIVE),
            Broadcast.withdrawn.is_(False),
        )
        .values(withdrawn=True, version=Broadcast.version + 1, changed_at=now)
        .returning(Broadcast.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        raise AlreadyTaken
    await _start_again(session, broadcast_id, now)
    await leave_out_rest(session, broadcast_id, "cancelled")


async def changed_events(
    session: AsyncSession,
) -> list[tuple[int, int, dict[str, BroadcastText]]]:
    """Broadcasts that left and whose event was changed since: number, event, words."""
    rows = await session.execute(
        select(Broadcast.id, Broadcast.event_id)
        .join(Event, Event.id == Broadcast.event_id)
        .where(
            Broadcast.state.in_(_LIVE),
            Broadcast.withdrawn.is_(False),
            Event.changed_at > Broadcast.followed_at,
        )
        .order_by(Broadcast.id)
    )
    return [
        (number, int(event_id or 0), await load_texts(session, number))
        for number, event_id in rows.all()
    ]


async def followed(session: AsyncSession, broadcast_id: int, now: datetime) -> bool:
    """Note that a broadcast's words are those of its event as it is now; one worker wins."""
    won = await session.scalar(
        update(Broadcast)
        .where(
            Broadcast.id == broadcast_id,
            exists().where(
                Event.id == Broadcast.event_id, Event.changed_at > Broadcast.followed_at
            ),
        )
        .values(followed_at=now)
        .returning(Broadcast.id)
        .execution_options(synchronize_session=False)
    )
    return won is not None
