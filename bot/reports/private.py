"""The neutral mark: "somebody in this bucket is in a private dialogue, at most 60 minutes".

A row names one of 256 buckets of chats and stands among decoys, so it leads to nobody. Its only
use: after the process was killed, who comes back is told that nothing half told was kept.
"""

import secrets
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Chat, PrivateHour
from bot.reports.drafts import LASTS, MARK_AGAIN, Drafts, Private
from bot.reports.site import SiteSecret

_DECOYS = 3


def mark_is_due(dialogue: Private, now: datetime) -> bool:
    """Whether the mark of a dialogue is to be set now, or again."""
    return dialogue.marked_at is None or now - dialogue.marked_at >= MARK_AGAIN


async def mark_private(
    session: AsyncSession,
    site: SiteSecret,
    drafts: Drafts,
    dialogue: Private,
    chat: Chat,
    now: datetime,
) -> None:
    """Set the mark of a dialogue, among decoys. Set when a private door opens, never at sending."""
    buckets = {site.bucket(chat.channel, chat.id)}
    buckets.update(secrets.randbelow(256) for _ in range(_DECOYS))
    rows = [{"bucket": bucket, "run": drafts.run, "at": now} for bucket in sorted(buckets)]
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(PrivateHour).values(rows)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["bucket", "run"], set_={"at": statement.excluded.at}
        )
    )
    dialogue.marked_at = now


async def was_interrupted(
    session: AsyncSession, site: SiteSecret, drafts: Drafts, chat: Chat, now: datetime
) -> bool:
    """Whether an earlier run of the program may have had a private dialogue with this chat.

    One chat in 64 or so is asked in vain; the sentence it reads must be harmless.
    """
    found = await session.scalar(
        select(PrivateHour.bucket)
        .where(
            PrivateHour.bucket == site.bucket(chat.channel, chat.id),
            PrivateHour.run != drafts.run,
            PrivateHour.at > now - LASTS,
        )
        .limit(1)
    )
    return found is not None


async def clear_marks(session: AsyncSession, now: datetime) -> None:
    """Forget marks that are over."""
    await session.execute(delete(PrivateHour).where(PrivateHour.at <= now - LASTS))
