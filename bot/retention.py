"""Every table has a period; what is older goes.

``docs/personal-data.md`` names the same periods.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.interpreting.wishes import PRIVATE_DETAILS
from bot.models import (
    Assignment,
    ColleagueLanguage,
    Conversation,
    Feedback,
    Gap,
    Institution,
    Job,
    Letter,
    Offer,
    PoolInvitation,
    Request,
    RequestDetails,
    Resident,
    ShownMessage,
    StaffAction,
    StaffInvitation,
    Volunteer,
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
VOLUNTEERS = timedelta(days=730)
INSTITUTIONS = timedelta(days=730)
REQUESTS = timedelta(days=730)
ASSIGNMENTS = timedelta(days=3650)
COLLEAGUES = timedelta(days=730)
JOBS = timedelta(days=30)


async def delete_what_is_over(session: AsyncSession, now: datetime) -> int:
    """Delete every row whose period is over; returns how many went."""
    today = now.date()
    # What the job "erase" of bot.interpreting could not do.
    long_over = select(Request.id).where(Request.ends_at < now - PRIVATE_DETAILS)
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
        (Volunteer, Volunteer.seen_on < today - VOLUNTEERS),
        (Institution, Institution.seen_on < today - INSTITUTIONS),
        (
            PoolInvitation,
            or_(
                PoolInvitation.expires_at < now - INVITATIONS,
                PoolInvitation.closed_at < now - INVITATIONS,
            ),
        ),
        (ColleagueLanguage, ColleagueLanguage.checked_on < today - COLLEAGUES),
        (RequestDetails, RequestDetails.ends_at < now - PRIVATE_DETAILS),
        (Offer, Offer.request_id.in_(long_over)),
        (ShownMessage, ShownMessage.request_id.in_(long_over)),
        (Request, Request.ends_at < now - REQUESTS),
        (Assignment, Assignment.starts_at < now - ASSIGNMENTS),
        (Job, Job.due_at < now - JOBS),
    ]
    gone = 0
    for model, over in conditions:
        result = await session.execute(delete(model).where(over))
        gone += int(getattr(result, "rowcount", 0) or 0)
    await session.execute(
        update(Request)
        .where(
            Request.ends_at < now - PRIVATE_DETAILS,
            or_(Request.interpreter_id.is_not(None), Request.standby_id.is_not(None)),
        )
        .values(interpreter_id=None, standby_id=None)
    )
    return gone
