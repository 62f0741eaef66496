"""The ledger: who got a broadcast, step by step, so that a crash at any moment can be explained.

Every step is decided inside one statement that names the state before it: a worker that was taken
for dead, or whose clock was set, changes nothing any more that another one has taken over.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, case, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.broadcasts.outcomes import (
    Again,
    Gone,
    Outcome,
    Refused,
    Sent,
    TokenLost,
    Uncertain,
)
from bot.broadcasts.parcels import Claimed, Parcel, mine
from bot.models import (
    Broadcast,
    BroadcastAuthor,
    BroadcastText,
    Chat,
    Delivery,
    UnreachableChat,
    Worker,
)
from bot.outbox import owe
from bot.pacing import DEAD_AFTER

MOST_ATTEMPTS = 10
_UNDER_WAY = ("planned", "claimed", "sending")
_NEVER_AGAIN = ("message gone", "blocked", "deleted")  # why a message cannot be edited
_quietly = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a parcel."""

    parcel: Parcel
    outcome: Outcome


async def claim(
    session: AsyncSession,
    broadcasts: Sequence[int],
    channel: str,
    worker: str,
    now: datetime,
    most: int,
) -> list[Claimed]:
    """Due rows of these broadcasts for this worker, in the order of the broadcasts.

    Rows of a digest bring along what else waits for the same chats.
    """
    claimed: list[Claimed] = []
    for broadcast_id in broadcasts:
        if len(claimed) >= most:
            break
        due = (
            select(Delivery.id)
            .where(
                Delivery.broadcast_id == broadcast_id,
                Delivery.state == "planned",
                Delivery.due_at <= now,
                Delivery.channel == channel,
            )
            .order_by(Delivery.due_at, Delivery.id)
            .limit(most - len(claimed))
            .with_for_update(skip_locked=True)
        )
        claimed += await _claim(session, worker, Delivery.id.in_(due))
    joined = {row.chat_id for row in claimed if row.digest}
    if joined:
        others = (
            select(Delivery.id)
            .where(
                Delivery.channel == channel,
                Delivery.chat_id.in_(joined),
                Delivery.broadcast_id.in_(broadcasts),
                Delivery.state == "planned",
                Delivery.digest,
                Delivery.task == "send",
            )
            .with_for_update(skip_locked=True)
        )
        claimed += await _claim(session, worker, Delivery.id.in_(others))
    return sorted(claimed, key=lambda row: row.id)


async def _claim(session: AsyncSession, worker: str, which: Any) -> list[Claimed]:
    rows = await session.execute(
        update(Delivery)
        .where(which, Delivery.state == "planned")
        .values(state="claimed", claimed_by=worker)
        .returning(Delivery.id, Delivery.broadcast_id, Delivery.chat_id, Delivery.digest)
        .execution_options(**_quietly)
    )
    return [Claimed(*row) for row in rows]


async def note_results(
    session: AsyncSession, results: Sequence[Result], worker: str, now: datetime
) -> None:
    """Write down what became of messages.

    A row that was taken for uncertain meanwhile becomes certain.
    """
    sent: list[dict[str, Any]] = []
    for result in results:
        match result.outcome:
            case Sent(message_id=message_id):
                versions = {part.delivery_id: part.version for part in result.parcel.parts}
                sent += [
                    {"row": row, "message": message_id, "words": versions[row]}
                    for row in result.parcel.ids
                ]
            case _:
                await _note(session, result, worker, now)
    if sent:
        await (await session.connection()).execute(
            _NOTE_SENT, [{**values, "worker": worker, "moment": now} for values in sent]
        )


_NOTE_SENT = (
    update(Delivery.__table__)  # type: ignore[arg-type]
    .where(
        Delivery.id == bindparam("row"),
        Delivery.claimed_by == bindparam("worker"),
        # No list: many rows are written by one statement.
        or_(Delivery.state == "sending", Delivery.state == "uncertain"),
    )
    .values(
        state="sent",
        message_id=bindparam("message"),
        version=bindparam("words"),
        sent_at=func.coalesce(Delivery.sent_at, bindparam("moment", type_=Delivery.sent_at.type)),
        claimed_by=None,
        reason="",
    )
)


async def _note(session: AsyncSession, result: Result, worker: str, now: datetime) -> None:
    parcel, outcome = result.parcel, result.outcome
    editing = parcel.message_id is not None
    version = max(part.version for part in parcel.parts)
    values: dict[str, Any]
    match outcome:
        case Again(seconds=seconds, reason=reason):
            values = _again(now + timedelta(seconds=seconds), reason, editing, version)
        case Gone(reason=reason):
            values = {"state": "failed", "reason": reason}
            if reason != "message gone":
                await note_unreachable(session, Chat(parcel.channel, parcel.chat_id), reason, now)
        case Refused(why=why):
            values = await _refused(session, parcel, why, now)
        case TokenLost():
            values = _again(now, "token", editing, version)
            await _stop_all(session, parcel, now)
        case _:
            # To edit twice does no harm; to send twice does.
            values = (
                _again(now + timedelta(seconds=5), "server", editing, version)
                if editing
                else {"state": "uncertain", "reason": ""}
            )
    if editing and isinstance(outcome, Gone):
        # The message was sent, whatever became of it since.
        values["state"] = "sent"
    keep = isinstance(outcome, Uncertain) and not editing
    await session.execute(
        update(Delivery)
        .where(mine(parcel.ids, worker), Delivery.state.in_(("sending", "uncertain")))
        .values(**values, claimed_by=Delivery.claimed_by if keep else None)
        .execution_options(**_quietly)
    )


def _again(due_at: datetime, reason: str, editing: bool, version: int) -> dict[str, Any]:
    """Planned again. Only errors of the server count: whoever must wait has not been tried."""
    if reason != "server":
        return {
            "state": "planned",
            "due_at": due_at,
            "reason": reason,
            "attempts": Delivery.attempts - 1,
        }
    given_up = Delivery.attempts >= MOST_ATTEMPTS
    values: dict[str, Any] = {
        "state": case((given_up, "sent" if editing else "failed"), else_="planned"),
        "due_at": due_at,
        "reason": reason,
    }
    if editing:
        # Not tried again before the words change again.
        values["version"] = case((given_up, version), else_=Delivery.version)
    return values


async def _refused(
    session: AsyncSession, parcel: Parcel, why: str, now: datetime
) -> dict[str, Any]:
    """Words that the channel does not take: their language stops, and staff are told once."""
    if len(parcel.parts) > 1:
        # Which of them it was shows when each is sent by itself.
        return {
            "state": "planned",
            "digest": False,
            "due_at": now,
            "attempts": Delivery.attempts - 1,
        }
    part = parcel.parts[0]
    stopped = await session.scalar(
        update(BroadcastText)
        .where(
            BroadcastText.broadcast_id == part.broadcast_id,
            BroadcastText.language == part.language,
            BroadcastText.stopped == "",
        )
        .values(stopped=why or "?")
        .returning(BroadcastText.language)
        .execution_options(**_quietly)
    )
    if stopped is not None:
        await tell_author(
            session, part.broadcast_id, "broadcast_language", now, language=part.language
        )
    return {"state": "held", "attempts": Delivery.attempts - 1}


async def _stop_all(session: AsyncSession, parcel: Parcel, now: datetime) -> None:
    paused = await session.scalars(
        update(Broadcast)
        .where(Broadcast.state == "running")
        .values(state="paused", pause_reason="token")
        .returning(Broadcast.id)
        .execution_options(**_quietly)
    )
    for broadcast_id in paused.all():
        await tell_author(session, broadcast_id, "broadcast_paused", now)


async def tell_author(
    session: AsyncSession, broadcast_id: int, kind: str, now: datetime, **content: Any
) -> None:
    """Owe a letter to whoever changed a broadcast last."""
    row = await session.get(BroadcastAuthor, broadcast_id)
    if row is not None:
        author = Chat(row.channel, row.chat_id)
        owe(session, author, kind, {"broadcast_id": broadcast_id, **content}, now)


async def note_unreachable(session: AsyncSession, chat: Chat, reason: str, now: datetime) -> None:
    """Remember that a chat blocked the bot or is deleted, so that it is left out."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite_insert if sqlite else postgresql_insert
    await session.execute(
        insert(UnreachableChat)
        .values(channel=chat.channel, chat_id=chat.id, reason=reason, since=now)
        .on_conflict_do_nothing()
    )


async def adopt_orphans(
    session: AsyncSession, worker: str, now: datetime, *, alone: bool
) -> tuple[int, int]:
    """What a dead worker left: claimed rows are planned again, rows under way are uncertain.

    ``alone``: there can be no other worker. Returns how many rows each.
    """
    alive = select(Worker.name).where(Worker.seen_at.between(now - DEAD_AFTER, now + DEAD_AFTER))
    dead = Delivery.claimed_by != worker if alone else Delivery.claimed_by.not_in(alive)
    lost = and_(
        Delivery.broadcast_id.in_(
            select(Broadcast.id).where(
                Broadcast.state.in_(("running", "planning", "paused", "cancelled"))
            )
        ),
        or_(dead, Delivery.claimed_by.is_(None)),
        Delivery.claimed_by.is_distinct_from(worker),
    )
    again = await session.execute(
        update(Delivery)
        .where(
            lost,
            or_(
                Delivery.state == "claimed",
                and_(Delivery.state == "sending", Delivery.task == "edit"),
            ),
        )
        .values(state="planned", claimed_by=None)
        .execution_options(**_quietly)
    )
    unknown = await session.execute(
        update(Delivery)
        .where(lost, Delivery.state == "sending")
        .values(state="uncertain")
        .execution_options(**_quietly)
    )
    return int(getattr(again, "rowcount", 0)), int(getattr(unknown, "rowcount", 0))


async def forget_begun(session: AsyncSession, worker: str, under_way: Collection[int]) -> int:
    """Plan again what stands as under way and is not: this worker knows what it has sent.

    So it is when the database broke in the very moment in which it wrote that messages leave.
    """
    before = frozenset(under_way)
    begun = set(
        await session.scalars(
            select(Delivery.id).where(
                Delivery.broadcast_id.in_(
                    select(Broadcast.id).where(Broadcast.state.in_(("running", "paused")))
                ),
                Delivery.state == "sending",
                Delivery.claimed_by == worker,
            )
        )
    )
    lost = begun - before - set(under_way)
    if lost:
        await session.execute(
            update(Delivery)
            .where(mine(lost, worker), Delivery.state == "sending")
            .values(state="planned", claimed_by=None)
            .execution_options(**_quietly)
        )
    return len(lost)


async def plan_edits(
    session: AsyncSession, broadcast_ids: Collection[int], now: datetime, most: int = 2_000
) -> int:
    """Plan the edit of messages whose words have changed since they were sent."""
    old = (
        select(Delivery.id)
        .join(Broadcast, Broadcast.id == Delivery.broadcast_id)
        .where(
            Delivery.broadcast_id.in_(broadcast_ids),
            Delivery.state == "sent",
            Delivery.message_id.is_not(None),
            Delivery.reason.not_in(_NEVER_AGAIN),
            Delivery.version < Broadcast.version,
        )
        .limit(most)
    )
    planned = await session.execute(
        update(Delivery)
        .where(Delivery.id.in_(old), Delivery.state == "sent")
        .values(state="planned", task="edit", due_at=now, attempts=0)
        .execution_options(**_quietly)
    )
    return int(getattr(planned, "rowcount", 0))


async def finish(session: AsyncSession, broadcast_id: int, now: datetime) -> bool:
    """End a broadcast of which nothing is under way any more; whether it ended now.

    Its row is locked first: who decides meanwhile to send an uncertain message again is then seen.
    """
    await session.execute(
        select(Broadcast.id).where(Broadcast.id == broadcast_id).with_for_update()
    )
    ended = await session.scalar(
        update(Broadcast)
        .where(
            Broadcast.id == broadcast_id,
            Broadcast.state == "running",
            ~exists().where(Delivery.broadcast_id == broadcast_id, Delivery.state.in_(_UNDER_WAY)),
            ~exists().where(
                Delivery.broadcast_id == broadcast_id,
                Delivery.state == "sent",
                Delivery.message_id.is_not(None),
                Delivery.reason.not_in(_NEVER_AGAIN),
                Delivery.version < Broadcast.version,
            ),
        )
        .values(state="done", finished_at=now)
        .returning(Broadcast.id)
        .execution_options(**_quietly)
    )
    if ended is None:
        return False
    await tell_author(session, broadcast_id, "broadcast_done", now)
    return True


async def leave_out_rest(session: AsyncSession, broadcast_id: int, reason: str) -> None:
    """Nobody else gets it. What is *sending* has left already and is noted when it is known."""
    await session.execute(
        update(Delivery)
        .where(
            Delivery.broadcast_id == broadcast_id,
            Delivery.state.in_(("planned", "claimed", "held")),
            Delivery.task == "send",
        )
        .values(state="left out", reason=reason, claimed_by=None)
        .execution_options(**_quietly)
    )
