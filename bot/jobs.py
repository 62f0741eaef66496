"""What is to happen at a moment: written and cancelled in the transaction of what causes it.

A job names a kind and a subject (a request, say) and holds nothing else: whoever does it reads the
subject again and acts on what is true then. Its row goes in the transaction of its effect, so a
worker that dies at any moment leaves either both or neither, and two workers never do it twice.
"""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Sessions
from bot.models import Job

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
MOST_AT_ONCE = 20
_FIRST_PAUSE = timedelta(seconds=15)
_MOST_DOUBLINGS = 5  # 15 seconds … 8 minutes; a job is never given up before its period


@dataclass(frozen=True, slots=True)
class Work:
    """How a job of one kind is done.

    ``lock`` locks the subject, and only then the job's row is taken: everybody who plans or cancels
    jobs of a subject holds its lock, too, so two transactions never wait for each other in a ring.
    ``do`` (session, subject, now) may find that there is nothing to do.
    """

    lock: Callable[[AsyncSession, int], Awaitable[object]]
    do: Callable[[AsyncSession, int, datetime], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job leased to one worker. ``attempts`` tells this lease from a later one."""

    id: int
    kind: str
    subject: int
    attempts: int
    due_at: datetime


async def schedule(session: AsyncSession, kind: str, subject: int, due_at: datetime) -> None:
    """Do something at a moment, instead of any earlier job of this kind for this subject.

    Decided inside the statement: two transactions may plan the same at once. A worker that holds
    the earlier job finds that it is not its own any more (``attempts`` moved) and leaves it.
    """
    postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql_insert if postgresql else sqlite_insert
    await session.execute(
        insert(Job)
        .values(kind=kind, subject=subject, due_at=due_at, attempts=0)
        .on_conflict_do_update(
            index_elements=["kind", "subject"],
            set_={"due_at": due_at, "claimed_until": None, "attempts": Job.attempts + 1},
        )
    )


async def cancel(session: AsyncSession, subject: int, kinds: Collection[str]) -> None:
    """Do not do it after all."""
    await session.execute(delete(Job).where(Job.kind.in_(kinds), Job.subject == subject))


async def planned(session: AsyncSession, subject: int, kinds: Collection[str]) -> list[Job]:
    """What is to happen to a subject, soonest first."""
    rows = await session.scalars(
        select(Job).where(Job.kind.in_(kinds), Job.subject == subject).order_by(Job.due_at, Job.id)
    )
    return list(rows)


async def claim_jobs(
    session: AsyncSession, now: datetime, most: int = MOST_AT_ONCE
) -> list[Claimed]:
    """Due jobs, leased to the caller so that no other worker takes them.

    A worker that dies lets its lease run out; then the job is due again.
    """
    due = (
        select(Job.id)
        .where(Job.due_at <= now, or_(Job.claimed_until.is_(None), Job.claimed_until <= now))
        .order_by(Job.due_at, Job.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    rows = await session.execute(
        update(Job)
        .where(Job.id.in_(due))
        .values(claimed_until=now + LEASE, attempts=Job.attempts + 1)
        .returning(Job.id, Job.kind, Job.subject, Job.attempts, Job.due_at)
    )
    return sorted((Claimed(*row) for row in rows), key=lambda claimed: (claimed.due_at, claimed.id))


async def _take(session: AsyncSession, job: Claimed) -> bool:
    """Whether the job is still ours; its row goes with the effect."""
    gone = await session.scalar(
        delete(Job).where(Job.id == job.id, Job.attempts == job.attempts).returning(Job.id)
    )
    return gone is not None


async def do_due(sessions: Sessions, works: Mapping[str, Work], now: datetime) -> int:
    """Do what is due; returns how many jobs were claimed.

    Each is done in a transaction of its own. One that fails is tried again after a pause that
    doubles up to eight minutes and holds up no other.
    """
    async with sessions.begin() as session:
        jobs = await claim_jobs(session, now)
    for job in jobs:
        try:
            async with sessions.begin() as session:
                work = works[job.kind]
                await work.lock(session, job.subject)
                if await _take(session, job):
                    await work.do(session, job.subject, now)
        except Exception as error:
            # Its own words may hold what somebody wrote.
            logger.error("a job waits: %s (%s)", job.kind, type(error).__name__)
            await _postpone(sessions, job, now)
    return len(jobs)


async def _postpone(sessions: Sessions, job: Claimed, now: datetime) -> None:
    pause = _FIRST_PAUSE * 2 ** min(job.attempts - 1, _MOST_DOUBLINGS)
    async with sessions.begin() as session:
        # The moment it was due stays: jobs that are late go first, and the period counts from it.
        await session.execute(
            update(Job)
            .where(Job.id == job.id, Job.attempts == job.attempts)
            .values(claimed_until=now + pause)
        )
