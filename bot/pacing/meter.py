"""The part of the pace that all workers share: one row of the database that gives out places."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    case,
    cast,
    delete,
    extract,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Sessions
from bot.models import ChatHalt, PaceMeter, Worker

DEAD_AFTER = timedelta(seconds=15)  # a worker that was not seen for so long is dead
_SEEN_EVERY = timedelta(seconds=3)
# A place cannot be further ahead: more would be a clock that was set back.
_FURTHEST = 60.0
_CLOCK_SLACK = 1.0  # seconds by which a deadline may seem further away than it ever was


@dataclass(frozen=True, slots=True)
class Draw:
    """What the meter gave: the next free place after them is ``lead`` seconds from now.

    ``halted``: seconds for which everything must wait.
    """

    lead: float
    halted: float


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows of the pace.

    ``halts``: by chat (``None`` for all): the deadline as the database keeps it, which tells two
    deadlines apart, and the seconds from now. ``replies``: how many a second all workers send.
    """

    halts: dict[int | None, tuple[float, float]]
    workers: int
    replies: float


class Meter:
    """The shared row of one channel. Moments are the database's own clock, where it has one.

    SQLite has one process, whose clock is the same; a clock that is set back costs a minute at
    the most, or a deadline's length once more; one that is set forward ends no deadline that this
    process has noted.
    """

    def __init__(self, sessions: Sessions, channel: str) -> None:
        self._sessions = sessions
        self._channel = channel

    def _now(self) -> Any:
        if self._sessions.sqlite:
            return literal(time.time(), Float)
        return cast(extract("epoch", func.clock_timestamp()), Float)

    def _insert(self, model: type[PaceMeter | ChatHalt | Worker]) -> Any:
        return sqlite_insert(model) if self._sessions.sqlite else postgresql_insert(model)

    async def draw(self, places: int, interval: float, ahead: float | None) -> Draw | None:
        """Take places, each ``interval`` seconds after the other.

        ``ahead``: nothing is given (``None``) while the next free place is further away than this.
        """
        now = self._now()
        free_at = case(
            (PaceMeter.free_at < now, now),
            (PaceMeter.free_at > now + _FURTHEST, now + _FURTHEST),
            else_=PaceMeter.free_at,
        )
        conditions = [PaceMeter.channel == self._channel]
        if ahead is not None:
            conditions.append(free_at < now + ahead)
        async with self._sessions.begin() as session:
            row = (
                await session.execute(
                    update(PaceMeter)
                    .where(*conditions)
                    .values(free_at=free_at + places * interval)
                    .returning(PaceMeter.free_at - now, PaceMeter.halted_until - now)
                    .execution_options(synchronize_session=False)
                )
            ).first()
        return None if row is None else Draw(float(row[0]), max(0.0, float(row[1])))

    async def halt(self, chat_id: int | None, seconds: float) -> None:
        """Write down how long a chat, or everybody, must wait; a later deadline stays."""
        now = self._now()
        async with self._sessions.begin() as session:
            if chat_id is None:
                meter = self._insert(PaceMeter).values(
                    channel=self._channel,
                    free_at=0.0,
                    halted_until=now + seconds,
                    halt_seconds=seconds,
                )
                await session.execute(
                    meter.on_conflict_do_update(
                        index_elements=[PaceMeter.channel],
                        set_={
                            "halted_until": meter.excluded.halted_until,
                            "halt_seconds": meter.excluded.halt_seconds,
                        },
                        where=_earlier_or_of_another_clock(PaceMeter, meter.excluded, now),
                    )
                )
                return
            added = self._insert(ChatHalt).values(
                channel=self._channel,
                chat_id=chat_id,
                halted_until=now + seconds,
                halt_seconds=seconds,
            )
            await session.execute(
                added.on_conflict_do_update(
                    index_elements=[ChatHalt.channel, ChatHalt.chat_id],
                    set_={
                        "halted_until": added.excluded.halted_until,
                        "halt_seconds": added.excluded.halt_seconds,
                    },
                    where=_earlier_or_of_another_clock(ChatHalt, added.excluded, now),
                )
            )

    async def look(self, worker: str, replies: float, now: datetime) -> Known:
        """What is known; the worker is noted as alive and as sending so many replies a second."""
        clock = self._now()
        async with self._sessions.begin() as session:
            await self._seen(session, worker, replies, now)
            meter = (
                await session.execute(
                    select(
                        PaceMeter.halted_until,
                        PaceMeter.halted_until - clock,
                        PaceMeter.halt_seconds,
                    ).where(PaceMeter.channel == self._channel)
                )
            ).first()
            if meter is None:
                await session.execute(
                    self._insert(PaceMeter)
                    .values(channel=self._channel, free_at=0.0, halted_until=0.0, halt_seconds=0.0)
                    .on_conflict_do_nothing()
                )
            elif meter[1] > meter[2] + _CLOCK_SLACK:
                meter = await self._set_right(session, clock)
            rows = await session.execute(
                select(
                    ChatHalt.chat_id,
                    ChatHalt.halted_until,
                    ChatHalt.halted_until - clock,
                    ChatHalt.halt_seconds,
                ).where(ChatHalt.channel == self._channel, ChatHalt.halted_until > clock)
            )
            halts: dict[int | None, tuple[float, float]] = {
                chat: (until, min(left, seconds)) for chat, until, left, seconds in rows
            }
            if meter is not None and meter[1] > 0:
                halts[None] = (meter[0], min(meter[1], meter[2]))
            alive, together = (
                await session.execute(
                    select(func.count(), func.sum(Worker.replies)).where(
                        # Not by a clock that was set back since: the dead would live on.
                        Worker.seen_at.between(now - DEAD_AFTER, now + DEAD_AFTER)
                    )
                )
            ).one()
        return Known(halts, max(1, int(alive)), float(together or 0.0))

    async def _set_right(self, session: AsyncSession, clock: Any) -> Any:
        """The clock was set back during a deadline for all: it lasts its length once more."""
        return (
            await session.execute(
                update(PaceMeter)
                .where(PaceMeter.channel == self._channel)
                .values(halted_until=clock + PaceMeter.halt_seconds)
                .returning(
                    PaceMeter.halted_until, PaceMeter.halted_until - clock, PaceMeter.halt_seconds
                )
                .execution_options(synchronize_session=False)
            )
        ).first()

    async def _seen(
        self, session: AsyncSession, worker: str, replies: float, now: datetime
    ) -> None:
        await session.execute(
            self._insert(Worker)
            .values(name=worker, seen_at=now, replies=replies)
            .on_conflict_do_update(
                index_elements=[Worker.name],
                set_={"seen_at": now, "replies": replies},
                # Not at every look: an idle bot need not write every second.
                where=~Worker.seen_at.between(now - _SEEN_EVERY, now),
            )
        )

    async def leave(self, worker: str) -> None:
        """The worker ends in good order: the others need not wait until it counts as dead."""
        async with self._sessions.begin() as session:
            await session.execute(delete(Worker).where(Worker.name == worker))


def _earlier_or_of_another_clock(
    model: type[PaceMeter | ChatHalt], excluded: Any, now: Any
) -> ColumnElement[bool]:
    """Whether a new deadline replaces the one that stands: it is later, or the clock was set back.

    A deadline that is further away than it is long was written before the clock was set.
    """
    return or_(
        model.halted_until < excluded.halted_until,
        model.halted_until > now + model.halt_seconds + _CLOCK_SLACK,
    )
