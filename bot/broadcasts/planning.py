"""Writes down who gets a broadcast: once, when it is released, in batches."""

from datetime import datetime, timedelta

from sqlalchemy import (
    Integer,
    String,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bot.broadcasts.audience import Audience
from bot.db import UtcDateTime
from bot.models import Broadcast, Delivery, Resident, Subscription, UnreachableChat

BATCH = 2_000
MOST_A_WEEK = 3  # announcements a person gets in seven days; more wait and come as one digest
WEEK = timedelta(days=7)
_BEFORE_ALL = -(2**62)


async def plan_batch(
    session: AsyncSession, broadcast_id: int, channel: str, now: datetime, size: int = BATCH
) -> bool:
    """Write the rows of the next recipients; whether there may be more.

    Several workers take turns on the broadcast's row. A crash in between goes on after the last
    batch; nobody can have two rows.
    """
    broadcast = await session.scalar(
        select(Broadcast)
        .where(Broadcast.id == broadcast_id, Broadcast.state == "planning")
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if broadcast is None:
        return False
    after = _BEFORE_ALL if broadcast.planned_through is None else broadcast.planned_through
    batch = (
        select(Subscription.chat_id)
        .join(
            Resident,
            and_(
                Resident.channel == Subscription.channel,
                Resident.chat_id == Subscription.chat_id,
            ),
        )
        .where(
            Subscription.channel == channel,
            Subscription.chat_id > after,
            Audience.of(broadcast).wants,
        )
        .distinct()
        .order_by(Subscription.chat_id)
        .limit(size)
        .subquery()
    )
    count, last = (await session.execute(select(func.count(), func.max(batch.c.chat_id)))).one()
    if count:
        await _write(session, broadcast, channel, after, int(last), now)
        if not broadcast.urgent_reason:
            await _defer(session, broadcast, channel, after, int(last), now)
        broadcast.planned_through = int(last)
    if count < size:
        broadcast.state = "running"
    await session.flush()
    return bool(count == size)


async def _write(
    session: AsyncSession,
    broadcast: Broadcast,
    channel: str,
    after: int,
    last: int,
    now: datetime,
) -> None:
    unreachable = exists().where(
        UnreachableChat.channel == channel, UnreachableChat.chat_id == Subscription.chat_id
    )
    there = exists().where(
        Delivery.broadcast_id == broadcast.id,
        Delivery.channel == channel,
        Delivery.chat_id == Subscription.chat_id,
    )
    people = (
        select(
            literal(broadcast.id),
            literal(channel),
            Subscription.chat_id,
            case((unreachable, literal("left out")), else_=literal("planned")),
            literal("send"),
            # Not later than it was meant to leave: a clock that is set back must not delay it.
            literal(min(now, broadcast.scheduled_at or now), UtcDateTime()),
            false(),
            literal(0, Integer),
            literal(0, Integer),
            case((unreachable, literal("unreachable")), else_=literal("", String)),
        )
        .join(
            Resident,
            and_(
                Resident.channel == Subscription.channel,
                Resident.chat_id == Subscription.chat_id,
            ),
        )
        .where(
            Subscription.channel == channel,
            Subscription.chat_id > after,
            Subscription.chat_id <= last,
            Audience.of(broadcast).wants,
            ~there,
        )
        .distinct()
        .order_by(Subscription.chat_id)
    )
    await session.execute(
        insert(Delivery).from_select(
            [
                "broadcast_id",
                "channel",
                "chat_id",
                "state",
                "task",
                "due_at",
                "digest",
                "attempts",
                "version",
                "reason",
            ],
            people,
        )
    )


async def _defer(
    session: AsyncSession,
    broadcast: Broadcast,
    channel: str,
    after: int,
    last: int,
    now: datetime,
) -> None:
    """Who has had enough this week gets it later, together with what else waits then."""
    # A digest is one message of several rows: it counts once.
    got = (
        select(Delivery.chat_id, func.min(Delivery.sent_at).label("sent_at"))
        .where(
            Delivery.channel == channel,
            Delivery.chat_id > after,
            Delivery.chat_id <= last,
            Delivery.sent_at > now - WEEK,
        )
        .group_by(Delivery.chat_id, Delivery.message_id)
        .subquery()
    )
    rank = func.row_number().over(partition_by=got.c.chat_id, order_by=got.c.sent_at.desc())
    ranked = select(got.c.chat_id, got.c.sent_at, rank.label("rank")).subquery()
    full = await session.execute(
        select(ranked.c.chat_id, ranked.c.sent_at).where(ranked.c.rank == MOST_A_WEEK)
    )
    later = [
        {"row_chat": chat_id, "later": sent_at + WEEK, "row_broadcast": broadcast.id}
        for chat_id, sent_at in full.all()
    ]
    if later:
        await (await session.connection()).execute(
            _DEFER, [{**values, "row_channel": channel} for values in later]
        )


# One statement for many rows.
_DEFER = (
    update(Delivery.__table__)  # type: ignore[arg-type]
    .where(
        Delivery.broadcast_id == bindparam("row_broadcast"),
        Delivery.channel == bindparam("row_channel"),
        Delivery.chat_id == bindparam("row_chat"),
        Delivery.state == "planned",
        Delivery.task == "send",
    )
    .values(due_at=bindparam("later", type_=Delivery.due_at.type), digest=True)
)
