"""Every table has a period; what is older goes.

``docs/personal-data.md`` names the same periods.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.interpreting.wishes import PRIVATE_DETAILS
from bot.models import (
    Assignment,
    Attendance,
    Broadcast,
    BroadcastAuthor,
    BroadcastScreen,
    BroadcastText,
    CaseMessage,
    CaseOpening,
    CaseState,
    CaseTask,
    CaseToken,
    ChatHalt,
    ColleagueLanguage,
    Conversation,
    Delivery,
    Event,
    EventPicture,
    EventText,
    Feedback,
    Gap,
    Institution,
    Job,
    Letter,
    Offer,
    PoolInvitation,
    PrivateHour,
    Reminder,
    ReportCase,
    ReportLink,
    Request,
    RequestDetails,
    Resident,
    ShownMessage,
    StaffAction,
    StaffInvitation,
    Subscription,
    UnreachableChat,
    Volunteer,
    WebVisitor,
    Worker,
)

RESIDENTS = timedelta(days=365)
WEB_VISITORS = timedelta(days=30)
CONVERSATIONS = timedelta(hours=24)
GAPS = timedelta(days=90)
FEEDBACK = timedelta(days=730)
INVITATIONS = timedelta(days=7)
STAFF_ACTIONS = timedelta(days=365)
LETTERS = timedelta(days=14)
EVENTS = timedelta(days=365)
EVENT_ANSWERS = timedelta(days=14)
VOLUNTEERS = timedelta(days=730)
INSTITUTIONS = timedelta(days=730)
REQUESTS = timedelta(days=730)
ASSIGNMENTS = timedelta(days=3650)
COLLEAGUES = timedelta(days=730)
JOBS = timedelta(days=30)
CLOSED_CASES = timedelta(days=60)
CASE_OPENINGS = timedelta(days=365)
CASE_TOKENS = timedelta(days=365)
REPORT_LINKS = timedelta(days=90)
PRIVATE_HOURS = timedelta(hours=1)
DELIVERIES = timedelta(days=14)
BROADCASTS = timedelta(days=365)
UNREACHABLE = timedelta(days=365)
PACE = timedelta(hours=24)


async def delete_what_is_over(session: AsyncSession, now: datetime) -> int:
    """Delete every row whose period is over; returns how many went."""
    today = now.date()
    quiet_for_long = or_(
        Resident.last_seen_on < today - RESIDENTS,
        # A chat page lives as long as its tab: its resident row goes with it.
        and_(Resident.channel == "webchat", Resident.last_seen_on < today - WEB_VISITORS),
    )
    over = Event.over_at < now - EVENTS
    # What the job "erase" of bot.interpreting could not do.
    long_over = select(Request.id).where(Request.ends_at < now - PRIVATE_DETAILS)
    kept = exists().where(Broadcast.changed_at >= now - BROADCASTS)
    # A chat beside what it was told stays two weeks after that is over; the figures stay longer.
    still_matters = exists().where(
        Broadcast.id == Delivery.broadcast_id, Broadcast.ends_at >= now - DELIVERIES
    )
    conditions = [
        # Before their residents: whoever has not written for so long is not written to either.
        (
            Subscription,
            exists().where(
                Resident.channel == Subscription.channel,
                Resident.chat_id == Subscription.chat_id,
                quiet_for_long,
            ),
        ),
        (Resident, quiet_for_long),
        (Attendance, Attendance.over_at < now - EVENT_ANSWERS),
        (Reminder, Reminder.due_at < now - EVENT_ANSWERS),
        (EventText, exists().where(Event.id == EventText.event_id, over)),
        (EventPicture, exists().where(Event.id == EventPicture.event_id, over)),
        (Event, over),
        (Delivery, and_(Delivery.due_at < now - DELIVERIES, ~still_matters)),
        *(
            (part, and_(moment < now - BROADCASTS, ~kept.where(Broadcast.id == part.broadcast_id)))
            for part, moment in (
                (BroadcastText, BroadcastText.changed_at),
                (BroadcastAuthor, BroadcastAuthor.changed_at),
                (BroadcastScreen, BroadcastScreen.shown_at),
            )
        ),
        (Broadcast, Broadcast.changed_at < now - BROADCASTS),
        (UnreachableChat, UnreachableChat.since < now - UNREACHABLE),
        (ChatHalt, ChatHalt.halted_until < (now - PACE).timestamp()),
        (Worker, Worker.seen_at < now - PACE),
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
        (CaseOpening, CaseOpening.at < now - CASE_OPENINGS),
        (CaseToken, CaseToken.made_at < now - CASE_TOKENS),
        (ReportLink, ReportLink.renewed_on < today - REPORT_LINKS),
        (PrivateHour, PrivateHour.at < now - PRIVATE_HOURS),
        *_closed_cases(today),
    ]
    gone = 0
    for model, condition in conditions:
        result = await session.execute(delete(model).where(condition))
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
