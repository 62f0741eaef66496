"""Every table has a period; what is older goes.

``docs/personal-data.md`` names the same periods.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Conversation,
    Feedback,
    Gap,
    Letter,
    Resident,
    StaffAction,
    StaffInvitation,
    WebVisitor,
)

RESIDENTS = timedelta(days=365)
WEB_VISITORS = timedelta(days=30)
CONVERSATIONS = timedelta(hours=24)
GAPS = timedelta(days=90)
FEEDBACK = timedelta(days=730)
INVITATIONS = timedelta(days=7)
STAFF_ACTIONS = timedelta(days=365)
LETTERS = timedelta(days=14)


async def delete_what_is_over(session: AsyncSession, now: datetime) -> int:
    """Delete every row whose period is over; returns how many went."""
    today = now.date()
    conditions = [
        (Resident, Resident.last_seen_on < today - RESIDENTS),
        # A chat page lives as long as its tab: its resident row goes with it.
        (
            Resident,
            and_(
                Resident.channel == "webchat",
                Resident.last_seen_on < today - WEB_VISITORS,
            ),
        ),
        (WebVisitor, WebVisitor.last_seen_on < today - WEB_VISITORS),
        (Conversation, Conversation.updated_at < now - CONVERSATIONS),
        (Gap, Gap.asked_on < today - GAPS),
        (Feedback, Feedback.month < today - FEEDBACK),
        (
            StaffInvitation,
            or_(
                StaffInvitation.expires_at < now - INVITATIONS,
                StaffInvitation.closed_at < now - INVITATIONS,
            ),
        ),
        (StaffAction, StaffAction.at < now - STAFF_ACTIONS),
        (Letter, Letter.due_at < now - LETTERS),
    ]
    gone = 0
    for model, over in conditions:
        result = await session.execute(delete(model).where(over))
        gone += int(getattr(result, "rowcount", 0) or 0)
    return gone
