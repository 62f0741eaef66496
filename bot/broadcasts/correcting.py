"""A broadcast that has left: corrected, withdrawn, or following the event that it is about.

Every message that stands in a chat is edited, through the same ledger that sent it.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.broadcasts.drafting import load_texts, text_row
from bot.broadcasts.ledger import leave_out_rest
from bot.errors import ChangedMeanwhile, NothingToDo
from bot.models import Broadcast, BroadcastText, Delivery, Event

FOLLOWS = "event"  # the reason of what was withdrawn because its event was cancelled
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


async def withdraw(
    session: AsyncSession, broadcast_id: int, now: datetime, reason: str = ""
) -> None:
    """Mark every message that stands in a chat as cancelled, and send no more of them.

    ``reason`` is ``FOLLOWS`` where its event was cancelled. Raises ``ChangedMeanwhile`` when
    that has been done.
    """
    taken = await session.scalar(
        update(Broadcast)
        .where(
            Broadcast.id == broadcast_id,
            Broadcast.state.in_(_LIVE),
            Broadcast.withdrawn.is_(False),
        )
        .values(
            withdrawn=True,
            version=Broadcast.version + 1,
            pause_reason=reason,
            changed_at=now,
        )
        .returning(Broadcast.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        raise ChangedMeanwhile
    await _start_again(session, broadcast_id, now)
    await leave_out_rest(session, broadcast_id, "cancelled")


async def restore(session: AsyncSession, broadcast_id: int, now: datetime) -> None:
    """The cancellation of its event was taken back: messages say so, and the rest is sent.

    What staff withdrew by themselves stays withdrawn.
    """
    back = await session.scalar(
        update(Broadcast)
        .where(
            Broadcast.id == broadcast_id,
            Broadcast.withdrawn,
            Broadcast.pause_reason == FOLLOWS,
        )
        .values(withdrawn=False, version=Broadcast.version + 1, pause_reason="", changed_at=now)
        .returning(Broadcast.id)
        .execution_options(synchronize_session=False)
    )
    if back is None:
        return
    await _start_again(session, broadcast_id, now)
    await session.execute(
        update(Delivery)
        .where(
            Delivery.broadcast_id == broadcast_id,
            Delivery.state == "left out",
            Delivery.reason == "cancelled",
        )
        .values(state="planned", reason="", due_at=now)
        .execution_options(synchronize_session=False)
    )


async def changed_events(
    session: AsyncSession,
) -> list[tuple[Broadcast, dict[str, BroadcastText]]]:
    """Broadcasts that left and whose event was changed since, with their words."""
    rows = await session.scalars(
        select(Broadcast)
        .join(Event, Event.id == Broadcast.event_id)
        .where(
            Broadcast.state.in_(_LIVE),
            # What staff withdrew by themselves does not come back because the event is changed.
            or_(Broadcast.withdrawn.is_(False), Broadcast.pause_reason == FOLLOWS),
            Event.changed_at > Broadcast.followed_at,
        )
        .order_by(Broadcast.id)
        .execution_options(populate_existing=True)
    )
    return [(broadcast, await load_texts(session, broadcast.id)) for broadcast in rows.all()]


async def _followed(session: AsyncSession, broadcast_id: int, now: datetime) -> bool:
    """Note that a broadcast says what its event says now; one worker wins."""
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


async def follow_event(
    session: AsyncSession,
    broadcast: Broadcast,
    words: Mapping[str, str],
    now: datetime,
    *,
    cancelled: bool,
) -> bool:
    """Let a broadcast say what its event says now: ``words`` by language; whether it does so now.

    What is cancelled is sent to nobody else, and what takes place after all goes on.
    """
    if not await _followed(session, broadcast.id, now):
        return False
    if cancelled and not broadcast.withdrawn:
        await withdraw(session, broadcast.id, now, FOLLOWS)
    elif broadcast.withdrawn and not cancelled:
        await restore(session, broadcast.id, now)
    for language, html in words.items():
        await correct_text(session, broadcast.id, language, html, now, card=True)
    return True
