"""Every table has a period; what is older goes.

``docs/personal-data.md`` names the same periods.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    CaseMessage,
    CaseOpening,
    CaseState,
    CaseTask,
    CaseToken,
    Conversation,
    Feedback,
    Gap,
    Letter,
    PrivateHour,
    ReportCase,
    ReportLink,
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
CLOSED_CASES = timedelta(days=60)
CASE_OPENINGS = timedelta(days=365)
CASE_TOKENS = timedelta(days=365)
REPORT_LINKS = timedelta(days=90)
PRIVATE_HOURS = timedelta(hours=1)


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
        (CaseOpening, CaseOpening.at < now - CASE_OPENINGS),
        (CaseToken, CaseToken.made_at < now - CASE_TOKENS),
        (ReportLink, ReportLink.renewed_on < today - REPORT_LINKS),
        (PrivateHour, PrivateHour.at < now - PRIVATE_HOURS),
        *_closed_cases(today),
    ]
    gone = 0
    for model, over in conditions:
        result = await session.execute(delete(model).where(over))
        gone += int(getattr(result, "rowcount", 0) or 0)
    return gone


def _closed_cases(today: date) -> list[tuple[Any, ColumnElement[bool]]]:
    """Closed cases with all that belongs to them; the state, by which they are found, goes last."""
    over = CaseState.closed_on < today - CLOSED_CASES
    cases = select(CaseState.case_id).where(over).scalar_subquery()
    return [
        (ReportCase, ReportCase.id.in_(cases)),
        (CaseMessage, CaseMessage.case_id.in_(cases)),
        (CaseTask, CaseTask.case_id.in_(cases)),
        (CaseState, over),
    ]
