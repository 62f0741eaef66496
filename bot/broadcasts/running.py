"""The worker that sends broadcasts: claims, sends in its turn, and notes what became of it.

Three things happen at the same time: rows get their place in the pace; what has its place is
marked as *sending* and leaves; answers are noted. Marking and noting gather what comes within a
few milliseconds into one transaction, so that a slow pace notes every message by itself and a
fast one does not drown the database.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, time, timedelta
from heapq import heappop, heappush
from time import monotonic

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.broadcasts.ledger import (
    Result,
    adopt_orphans,
    claim,
    finish,
    forget_begun,
    note_results,
    plan_edits,
    tell_author,
)
from bot.broadcasts.outcomes import Again, Outcome, Sent, Uncertain
from bot.broadcasts.parcels import Claimed, Parcel, Texts, begin_sending, give_back
from bot.broadcasts.planning import plan_batch
from bot.db import Sessions, undisturbed
from bot.models import Broadcast, Delivery, Event
from bot.pacing import Lane, Pace, in_lane
from bot.switches import Module, switched_off
from bot.texts import HOUSE_TIME

logger = logging.getLogger(__name__)

QUIET_FROM, QUIET_UNTIL = time(20), time(8)  # in the county's time
_LOOK_EVERY = 0.5  # seconds between two looks for something to send
_KEEP_HOUSE_EVERY = 1.0
_GATHER = 0.01  # seconds for which marks and notes are gathered
_MARK_SECONDS = 0.05  # rows for so long are marked at a time
_CLAIM_SECONDS = 0.5  # so much work is claimed at a time
_MOST_CLAIMED = 500
_LONGEST_TROUBLE = 30.0
_GOODBYE_SECONDS = 15.0

Send = Callable[[Parcel], Awaitable[Outcome]]


def is_quiet(now: datetime) -> bool:
    """Whether people in the county sleep or rest: only what is urgent is sent."""
    local = now.astimezone(HOUSE_TIME).time()
    return local >= QUIET_FROM or local < QUIET_UNTIL


def quiet_until(now: datetime) -> datetime:
    """When the quiet hours that are now end."""
    local = now.astimezone(HOUSE_TIME)
    day = local.date() + timedelta(days=1 if local.time() >= QUIET_FROM else 0)
    return datetime.combine(day, QUIET_UNTIL, tzinfo=HOUSE_TIME)


class Broadcaster:
    """Sends what is released, until it is told to stop.

    ``send`` makes the call and never raises for what the channel answers. ``now`` is the office's
    clock: for schedules, quiet hours and leases; the pace has its own.
    """

    def __init__(
        self,
        sessions: Sessions,
        channel: str,
        pace: Pace,
        send: Send,
        now: Callable[[], datetime],
    ) -> None:
        self._sessions = sessions
        self._channel = channel
        self._pace = pace
        self._send = send
        self._now = now
        self._texts = Texts()
        self._ready: deque[Claimed] = deque()
        self._later: list[tuple[float, int, Claimed]] = []
        # With the moment of its place: what goes to one chat as one message.
        self._placed: list[tuple[float, list[Claimed]]] = []
        self._results: list[Result] = []
        self._marking = asyncio.Event()
        self._noting = asyncio.Event()
        self._room = asyncio.Condition()
        self._under_way: set[asyncio.Task[None]] = set()
        self._sending: set[int] = set()  # rows that may be under way
        self._begun = 0  # rows that have their place and are not noted yet
        self._trouble = 0.0
        self._hold_until = 0.0
        self._ending = False

    @property
    def most_under_way(self) -> int:
        """So many messages may wait for Telegram's answer at the same time."""
        return max(32, int(self._pace.limits.per_second))

    async def run(self, stop: asyncio.Event) -> None:
        """Send until ``stop``; then what is under way is finished and noted."""
        self._ending = False
        helpers = [
            asyncio.create_task(self._mark_all()),
            asyncio.create_task(self._note_all()),
            asyncio.create_task(self._keep_house(stop)),
        ]
        placing = asyncio.create_task(self._place_all(stop))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({placing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            placing.cancel()
            stopping.cancel()
            await asyncio.gather(placing, stopping, return_exceptions=True)
            await self._end(helpers)

    async def _end(self, helpers: "list[asyncio.Task[None]]") -> None:
        """Nothing new; what is under way may end, what only was claimed goes back."""
        async with self._room:
            with suppress(TimeoutError):
                async with asyncio.timeout(_GOODBYE_SECONDS):
                    await self._room.wait_for(lambda: self._begun <= 0)
        self._ending = True
        self._marking.set()
        self._noting.set()
        helpers[2].cancel()
        await asyncio.gather(*helpers, return_exceptions=True)
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        left = [row.id for row in self._ready] + [row.id for _at, _id, row in self._later]
        self._ready.clear()
        self._later.clear()
        async with self._sessions.begin() as session:
            await give_back(session, left, self._pace.worker)

    # Places

    async def _place_all(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                if not await self._place_next():
                    await asyncio.sleep(_LOOK_EVERY)
            except Exception as error:
                # The database may be gone for a moment; what was claimed is still ours.
                logger.error("broadcasts wait: %s", type(error).__name__)
                await asyncio.sleep(_LOOK_EVERY)

    async def _place_next(self) -> bool:
        """Give the next row its place; whether there was one."""
        held = self._hold_until - monotonic()
        if held > 0:
            await asyncio.sleep(min(held, _LOOK_EVERY))
            return True
        if not self._ready and not await undisturbed(self._fetch()):
            return False
        async with self._room:
            await self._room.wait_for(lambda: self._begun < self.most_under_way)
        place = await self._pace.next_place(len(self._ready))
        now = monotonic()
        while self._later and self._later[0][0] <= now:
            self._ready.appendleft(heappop(self._later)[2])
        while self._ready:
            row = self._ready.popleft()
            wait = self._pace.chat_wait(row.chat_id)
            if wait > 0:
                heappush(self._later, (now + wait, row.id, row))
                continue
            bundle = [row, *self._same_digest(row)]
            self._begun += len(bundle)
            self._placed.append((place, bundle))
            self._marking.set()
            break
        return True

    def _same_digest(self, row: Claimed) -> list[Claimed]:
        """What else waits for the same chat and leaves together with it."""
        if not row.digest:
            return []
        same = [one for one in self._ready if one.digest and one.chat_id == row.chat_id]
        for one in same:
            self._ready.remove(one)
        return same

    async def _fetch(self) -> bool:
        now = self._now()
        if self._later and not self._ready:
            due = self._later[0][0] - monotonic()
            if due <= 0:
                self._ready.append(heappop(self._later)[2])
                return True
        most = int(min(max(4, self._pace.limits.shared * _CLAIM_SECONDS), _MOST_CLAIMED))
        async with self._sessions.begin() as session:
            running = await running_broadcasts(session, now)
            if running:
                rows = await claim(session, running, self._channel, self._pace.worker, now, most)
                self._ready.extend(rows)
        return bool(self._ready)

    # Sending

    async def _mark_all(self) -> None:
        while not (self._ending and not self._placed):
            await self._marking.wait()
            await asyncio.sleep(_GATHER if len(self._placed) > 1 else 0)
            self._marking.clear()
            # After a stall many have their place at once: no more are marked than leave at once.
            most = max(3, int(self._pace.limits.shared * _MARK_SECONDS))
            bundles, self._placed = self._placed[:most], self._placed[most:]
            rows = [row for _place, bundle in bundles for row in bundle]
            places = {row.id: place for place, bundle in bundles for row in bundle}
            if self._placed:
                self._marking.set()
            if not rows:
                continue
            self._sending.update(row.id for row in rows)
            try:
                async with self._sessions.begin() as session:
                    parcels = await begin_sending(
                        session, rows, self._channel, self._pace.worker, self._texts
                    )
            except Exception as error:
                logger.error("messages of a broadcast wait: %s", type(error).__name__)
                self._sending.difference_update(row.id for row in rows)
                await self._finished(len(rows))
                self._ready.extend(rows)
                await asyncio.sleep(_LOOK_EVERY)
                continue
            began = {row_id for parcel in parcels for row_id in parcel.ids}
            self._sending.difference_update(row.id for row in rows if row.id not in began)
            if len(began) < len(rows):
                await self._finished(len(rows) - len(began))
            for parcel in parcels:
                place = max(places[row_id] for row_id in parcel.ids)
                task = asyncio.create_task(self._deliver(parcel, place))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)

    async def _deliver(self, parcel: Parcel, place: float) -> None:
        outcome: Outcome = Uncertain()
        try:
            with in_lane(Lane.BROADCAST, place):
                outcome = await self._send(parcel)
        except Exception as error:
            logger.error("a message of a broadcast is uncertain: %s", type(error).__name__)
        self._judge(outcome)
        self._results.append(Result(parcel, outcome))
        self._noting.set()

    def _judge(self, outcome: Outcome) -> None:
        """When the network or the server fails, all wait a little, longer each time."""
        if isinstance(outcome, Sent):
            self._trouble = 0.0
        elif isinstance(outcome, Again) and outcome.reason in {"network", "server"}:
            if monotonic() >= self._hold_until:
                self._trouble = min(max(0.5, self._trouble * 2), _LONGEST_TROUBLE)
            self._hold_until = monotonic() + self._trouble

    async def _note_all(self) -> None:
        while not (self._ending and not self._results):
            await self._noting.wait()
            await asyncio.sleep(_GATHER if len(self._results) > 1 else 0)
            self._noting.clear()
            results, self._results = self._results, []
            if not results:
                continue
            try:
                async with self._sessions.begin() as session:
                    await note_results(session, results, self._pace.worker, self._now())
            except Exception as error:
                # Nothing is lost: the answers are noted as soon as the database is back.
                logger.error("answers wait to be noted: %s", type(error).__name__)
                self._results = results + self._results
                self._noting.set()
                if self._ending:
                    return
                await asyncio.sleep(_LOOK_EVERY)
                continue
            noted = [row_id for result in results for row_id in result.parcel.ids]
            self._sending.difference_update(noted)
            await self._finished(len(noted))

    async def _finished(self, rows: int) -> None:
        self._begun -= rows
        async with self._room:
            self._room.notify_all()

    # Keeping house

    async def _keep_house(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                again = await undisturbed(self.keep_house())
            except Exception as error:
                logger.error("broadcasts are not looked after: %s", type(error).__name__)
                again = False
            await asyncio.sleep(0 if again else _KEEP_HOUSE_EVERY)

    async def keep_house(self) -> bool:
        """Begin what is due, write down audiences, adopt orphans, end what is through.

        Whether there is more to do at once.
        """
        now = self._now()
        await self._pace.refresh(now)
        async with self._sessions.begin() as session:
            await begin_due(session, now)
            lost = await adopt_orphans(session, self._pace.worker, now, alone=self._sessions.sqlite)
            await forget_begun(session, self._pace.worker, self._sending)
            planning = list(
                await session.scalars(
                    select(Broadcast.id).where(Broadcast.state == "planning").order_by(Broadcast.id)
                )
            )
        if sum(lost):
            logger.warning("a worker left %d rows planned and %d uncertain", *lost)
        more = False
        for broadcast_id in planning:
            async with self._sessions.begin() as session:
                more = await plan_batch(session, broadcast_id, self._channel, now) or more
        async with self._sessions.begin() as session:
            running = list(
                await session.scalars(
                    select(Broadcast.id).where(Broadcast.state == "running").order_by(Broadcast.id)
                )
            )
            await leave_out_late(session, now)
            if running:
                more = await plan_edits(session, running, now) > 0 or more
            for broadcast_id in running:
                await finish(session, broadcast_id, now)
        return more


async def running_broadcasts(session: AsyncSession, now: datetime) -> list[int]:
    """Whose messages may leave now: what is urgent first, then in the order of release.

    Nobody's while staff have switched events off.
    """
    if Module.EVENTS in await switched_off(session):
        return []
    conditions = [Broadcast.state == "running"]
    if is_quiet(now):
        conditions.append(Broadcast.urgent_reason != "")
    return list(
        await session.scalars(
            select(Broadcast.id)
            .where(*conditions)
            .order_by((Broadcast.urgent_reason == ""), Broadcast.released_at, Broadcast.id)
        )
    )


async def begin_due(session: AsyncSession, now: datetime) -> list[int]:
    """Release what was approved for now; in quiet hours only what is urgent.

    What is about an event that was cancelled meanwhile ends here, and its author is told.
    """
    if Module.EVENTS in await switched_off(session):
        return []
    conditions = [
        Broadcast.state == "ready",
        Broadcast.scheduled_at.is_not(None),
        Broadcast.scheduled_at <= now,
    ]
    if is_quiet(now):
        conditions.append(Broadcast.urgent_reason != "")
    void = await session.scalars(
        update(Broadcast)
        .where(
            *conditions,
            exists().where(Event.id == Broadcast.event_id, Event.state == "cancelled"),
        )
        .values(state="cancelled", changed_at=now)
        .returning(Broadcast.id)
        .execution_options(synchronize_session=False)
    )
    for broadcast_id in void.all():
        await tell_author(session, broadcast_id, "broadcast_void", now)
    begun = await session.scalars(
        update(Broadcast)
        .where(*conditions)
        .values(state="planning", released_at=now)
        .returning(Broadcast.id)
        .execution_options(synchronize_session=False)
    )
    return list(begun)


async def leave_out_late(session: AsyncSession, now: datetime) -> None:
    """What nobody needs any more is not sent: the event is over, or the broadcast was cancelled.

    When it was cancelled, a message may have been on its way and have come back to be tried again.
    """
    await session.execute(
        update(Delivery)
        .where(
            Delivery.broadcast_id.in_(select(Broadcast.id).where(Broadcast.state == "cancelled")),
            Delivery.state == "planned",
            Delivery.task == "send",
        )
        .values(state="left out", reason="cancelled", claimed_by=None)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(Delivery)
        .where(
            Delivery.broadcast_id.in_(
                select(Broadcast.id).where(Broadcast.state == "running", Broadcast.ends_at <= now)
            ),
            Delivery.state == "planned",
            Delivery.task == "send",
        )
        .values(state="left out", reason="over")
        .execution_options(synchronize_session=False)
    )
