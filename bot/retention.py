"""Every table has a period; what is older goes.

``docs/personal-data.md`` names the same periods.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, exists, or_
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Attendance,
    Broadcast,
    BroadcastAuthor,
    BroadcastScreen,
    BroadcastText,
    ChatHalt,
    Conversation,
    Delivery,
    Event,
    EventPicture,
    EventText,
    Feedback,
    Gap,
    Letter,
    Reminder,
    Resident,
    StaffAction,
    StaffInvitation,
    Subscription,
    UnreachableChat,
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
    ]
    gone = 0
    for model, condition in conditions:
        result = await session.execute(delete(model).where(condition))
        gone += int(getattr(result, "rowcount", 0) or 0)
    return gone
