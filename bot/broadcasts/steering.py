"""A broadcast while it runs: pause, go on, cancel; what is uncertain; how far it is."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.broadcasts.audience import SMALLEST, about
from bot.broadcasts.drafting import find_broadcast
from bot.broadcasts.ledger import leave_out_rest
from bot.errors import ChangedMeanwhile
from bot.models import (
    Broadcast,
    BroadcastScreen,
    BroadcastText,
    Chat,
    Delivery,
    UnreachableChat,
)

_quietly = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Tally:
    """The rows of a broadcast, counted. Exact figures; what staff see of them is rounded.

    ``sent`` includes messages that are being edited; ``editing`` are those that still have the old
    words. ``later``: waiting for the reader's next digest.
    """

    waiting: int = 0
    later: int = 0
    sent: int = 0
    editing: int = 0
    blocked: int = 0
    deleted: int = 0
    failed: int = 0
    uncertain: int = 0
    held: int = 0
    left_out: int = 0

    @property
    def total(self) -> int:
        """All rows."""
        return self.waiting + self.later + self.through

    @property
    def through(self) -> int:
        """Rows that no longer wait to be sent."""
        ended = self.blocked + self.deleted + self.failed + self.uncertain
        return self.sent + ended + self.held + self.left_out


@dataclass(frozen=True, slots=True)
class Report:
    """How a broadcast went, as it may be shown and kept: rounded, small groups without a figure.

    ``shares``: by the readers' language, the share of those who were to get it and did, from 0 to
    100; ``None`` for fewer than five people.
    """

    sent: int | None
    total: int | None
    tally: Tally
    shares: dict[str, float | None] = field(default_factory=dict)


async def tally(session: AsyncSession, broadcast_id: int, now: datetime) -> Tally:
    """Count the rows of a broadcast."""
    rows = await session.execute(
        select(Delivery.state, Delivery.task, Delivery.reason, func.count())
        .where(Delivery.broadcast_id == broadcast_id)
        .group_by(Delivery.state, Delivery.task, Delivery.reason)
    )
    counts: dict[str, int] = {}
    for state, task, reason, count in rows:
        for name in _names(state, task, reason):
            counts[name] = counts.get(name, 0) + int(count)
    later = await session.scalar(
        select(func.count()).where(
            Delivery.broadcast_id == broadcast_id,
            Delivery.state == "planned",
            Delivery.task == "send",
            Delivery.due_at > now,
            Delivery.digest,
        )
    )
    counts["later"] = int(later or 0)
    counts["waiting"] = counts.get("waiting", 0) - counts["later"]
    return Tally(**counts)


def _names(state: str, task: str, reason: str) -> list[str]:
    if state in {"planned", "claimed", "sending"}:
        return ["sent", "editing"] if task == "edit" else ["waiting"]
    if state == "failed" and reason in {"blocked", "deleted"}:
        return [reason]
    return ["left_out" if state == "left out" else state]


async def report(session: AsyncSession, broadcast_id: int, now: datetime) -> Report:
    """How it went."""
    counted = await tally(session, broadcast_id, now)
    rows = await session.execute(
        select(Delivery.language, Delivery.state, Delivery.task, func.count())
        .where(Delivery.broadcast_id == broadcast_id, Delivery.language.is_not(None))
        .group_by(Delivery.language, Delivery.state, Delivery.task)
        .order_by(Delivery.language)
    )
    sums: dict[str, list[int]] = {}
    shares: dict[str, float | None] = {}
    for language, state, task, count in rows:
        if language is None:
            continue
        of_language = sums.setdefault(language, [0, 0])
        of_language[0] += count if state == "sent" or task == "edit" else 0
        of_language[1] += count
    for language, (got, everybody) in sums.items():
        shares[language] = None if everybody < SMALLEST else round(100 * got / everybody)
    return Report(about(counted.sent), about(counted.total), counted, shares)


async def pause(session: AsyncSession, broadcast_id: int, now: datetime) -> None:
    """Stop for now; what is under way still arrives. Raises ``ChangedMeanwhile``."""
    await _turn(session, broadcast_id, ("planning", "running"), "paused", now, "staff")


async def go_on(session: AsyncSession, broadcast_id: int, now: datetime) -> None:
    """Go on after a pause; the audience is written down to its end first."""
    await _turn(session, broadcast_id, ("paused",), "planning", now)


async def _turn(
    session: AsyncSession,
    broadcast_id: int,
    before: tuple[str, ...],
    after: str,
    now: datetime,
    reason: str = "",
) -> None:
    turned = await session.scalar(
        update(Broadcast)
        .where(Broadcast.id == broadcast_id, Broadcast.state.in_(before))
        .values(state=after, pause_reason=reason, changed_at=now)
        .returning(Broadcast.id)
        .execution_options(**_quietly)
    )
    if turned is None:
        raise ChangedMeanwhile


async def cancel(session: AsyncSession, broadcast_id: int, now: datetime) -> None:
    """End it: who has not got it gets nothing; what stands in chats stays."""
    await _turn(session, broadcast_id, ("planning", "running", "paused"), "cancelled", now)
    await session.execute(
        update(Broadcast).where(Broadcast.id == broadcast_id).values(finished_at=now)
    )
    await leave_out_rest(session, broadcast_id, "cancelled")


async def decide_uncertain(
    session: AsyncSession, broadcast_id: int, again: bool, now: datetime
) -> int:
    """Staff choose once what becomes of uncertain messages; how many there were.

    Sent again, some people may read it twice; left, some may never read it. Raises
    ``ChangedMeanwhile`` for a second choice.
    """
    chosen = await session.scalar(
        update(Broadcast)
        .where(
            Broadcast.id == broadcast_id,
            Broadcast.uncertain_choice.is_(None),
            Broadcast.state.in_(("done", "running", "paused", "planning")),
        )
        .values(uncertain_choice="again" if again else "leave", changed_at=now)
        .returning(Broadcast.id)
        .execution_options(**_quietly)
    )
    if chosen is None:
        raise ChangedMeanwhile
    values: dict[str, Any] = (
        {"state": "planned", "due_at": now, "reason": "again"} if again else {"reason": "left"}
    )
    decided = await session.execute(
        update(Delivery)
        .where(Delivery.broadcast_id == broadcast_id, Delivery.state == "uncertain")
        .values(**values, claimed_by=None)
        .execution_options(**_quietly)
    )
    if again:
        await session.execute(
            update(Broadcast)
            .where(Broadcast.id == broadcast_id, Broadcast.state == "done")
            .values(state="running", finished_at=None)
            .execution_options(**_quietly)
        )
    return int(getattr(decided, "rowcount", 0))


async def stopped_languages(session: AsyncSession, broadcast_id: int) -> dict[str, str]:
    """The languages whose words Telegram did not take, and what it said."""
    rows = await session.execute(
        select(BroadcastText.language, BroadcastText.stopped)
        .where(BroadcastText.broadcast_id == broadcast_id, BroadcastText.stopped != "")
        .order_by(BroadcastText.language)
    )
    return {language: stopped for language, stopped in rows}


async def reachable_again(session: AsyncSession, chat: Chat) -> None:
    """Somebody writes from a chat again: it is no longer left out."""
    row = await session.get(UnreachableChat, (chat.channel, chat.id))
    if row is not None:
        await session.delete(row)


async def keep_outcome(session: AsyncSession, broadcast_id: int, now: datetime) -> Report:
    """Keep the figures of a broadcast that has ended; its rows go after a while."""
    shown = await report(session, broadcast_id, now)
    broadcast = await find_broadcast(session, broadcast_id)
    broadcast.outcome = {"sent": shown.sent, "total": shown.total, "shares": shown.shares}
    return shown


async def put_screen(
    session: AsyncSession, broadcast_id: int, chat: Chat, message_id: int, now: datetime
) -> None:
    """Remember the message that shows how far it is; there is one."""
    row = await session.get(BroadcastScreen, broadcast_id)
    if row is None:
        row = BroadcastScreen(broadcast_id=broadcast_id)
        session.add(row)
    row.channel, row.chat_id, row.message_id, row.shown_at = chat.channel, chat.id, message_id, now


async def due_screens(
    session: AsyncSession, channel: str, before: datetime, now: datetime
) -> list[tuple[BroadcastScreen, Broadcast]]:
    """The messages that were last renewed before a moment; they are yours now."""
    rows = await session.scalars(
        update(BroadcastScreen)
        .where(
            BroadcastScreen.channel == channel,
            BroadcastScreen.shown_at < before,
            BroadcastScreen.broadcast_id.in_(
                select(Broadcast.id).where(Broadcast.state.not_in(("draft", "waiting", "ready")))
            ),
        )
        .values(shown_at=now)
        .returning(BroadcastScreen)
        .execution_options(populate_existing=True)
    )
    screens = sorted(rows, key=lambda screen: screen.broadcast_id)
    return [(screen, await find_broadcast(session, screen.broadcast_id)) for screen in screens]


async def put_away_screen(session: AsyncSession, broadcast_id: int) -> None:
    """The progress message is final: nothing changes any more."""
    await session.execute(
        delete(BroadcastScreen).where(BroadcastScreen.broadcast_id == broadcast_id)
    )
