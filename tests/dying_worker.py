"""``python -m tests.dying_worker DATABASE MOMENT STAGE``: a worker that waits to be killed.

It does due jobs as the bot does, and stands still at a stage: ``claimed`` (a lease and nothing
else), ``working`` (everything written, nothing committed), ``done`` (committed).
"""

import asyncio
import sys
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot import jobs
from bot.db import Sessions, create_engine
from bot.interpreting.work import WORKS
from bot.jobs import Work, do_due


async def _stand_still() -> None:
    sys.stdout.write("here\n")
    sys.stdout.flush()
    await asyncio.sleep(60)


def _slow(work: Work) -> Work:
    async def slow(session: AsyncSession, subject: int, now: datetime) -> None:
        await work.do(session, subject, now)
        await session.flush()
        await _stand_still()

    return Work(work.lock, slow)


async def _run(address: str, now: datetime, stage: str) -> None:
    sessions = Sessions(create_engine(address))
    if stage == "claimed":
        async with sessions.begin() as session:
            await jobs.claim_jobs(session, now)
        await _stand_still()
    works = {kind: _slow(work) if stage == "working" else work for kind, work in WORKS.items()}
    await do_due(sessions, works, now)
    await _stand_still()


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1], datetime.fromisoformat(sys.argv[2]), sys.argv[3]))
