"""Reminders on the day before, at an hour when people are awake."""

from datetime import datetime, time, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import EventCancelled, EventGone
from bot.events.recurring import Date, next_date
from bot.models import Chat, Event, Reminder
from bot.outbox import owe
from bot.texts import HOUSE_TIME

_HOUR = time(17)
_SHORT_NOTICE = timedelta(hours=2)


def reminder_due(date: Date, now: datetime) -> datetime | None:
    """When to remind of a date: the day before at five in the afternoon.

    When that has passed two hours before it begins; nothing when that has passed, too.
    """
    local = date.starts_at.astimezone(HOUSE_TIME)
    eve = datetime.combine(local.date() - timedelta(days=1), _HOUR, tzinfo=HOUSE_TIME)
    if eve > now:
        return eve
    shortly = date.starts_at - _SHORT_NOTICE
    return shortly if shortly > now else None


async def remind(session: AsyncSession, event_id: int, chat: Chat, now: datetime) -> datetime:
    """Remind somebody of the date that comes; returns when.

    Raises ``EventCancelled``, and ``EventGone`` also when the event begins within two hours.
    """
    event = await session.get(Event, event_id)
    if event is None or event.state == "draft":
        raise EventGone
    if event.state == "cancelled":
        raise EventCancelled
    date = next_date(event, now)
    due = None if date is None else reminder_due(date, now)
    if date is None or due is None:
        raise EventGone
    await unremind(session, event_id, chat)
    session.add(
        Reminder(
            event_id=event_id,
            channel=chat.channel,
            chat_id=chat.id,
            occurs_at=date.starts_at,
            due_at=due,
        )
    )
    await session.flush()
    return due


async def unremind(session: AsyncSession, event_id: int, chat: Chat) -> bool:
    """Do not remind somebody after all; whether there was a reminder."""
    gone = await session.scalars(
        delete(Reminder)
        .where(
            Reminder.event_id == event_id,
            Reminder.channel == chat.channel,
            Reminder.chat_id == chat.id,
        )
        .returning(Reminder.id)
    )
    return bool(gone.all())


async def reminded(session: AsyncSession, event_id: int, chat: Chat) -> bool:
    """Whether somebody will be reminded of an event."""
    found = await session.scalar(
        select(Reminder.id).where(
            Reminder.event_id == event_id,
            Reminder.channel == chat.channel,
            Reminder.chat_id == chat.id,
        )
    )
    return found is not None


async def owe_due_reminders(session: AsyncSession, now: datetime, most: int = 200) -> int:
    """Turn the reminders that are due into letters; returns how many there were.

    One transaction takes a reminder away and owes the letter: nothing is lost and nobody is
    reminded twice. What came too late, after the event began, is only taken away.
    """
    due = (
        select(Reminder.id)
        .where(Reminder.due_at <= now)
        .order_by(Reminder.due_at, Reminder.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    rows = await session.scalars(delete(Reminder).where(Reminder.id.in_(due)).returning(Reminder))
    taken = rows.all()
    for row in taken:
        if row.occurs_at > now:
            content = {"event_id": row.event_id, "occurs_at": row.occurs_at.isoformat()}
            owe(session, Chat(row.channel, row.chat_id), "event_reminder", content, now)
    return len(taken)
