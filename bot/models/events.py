"""Events, who wants to hear of which, and who comes.

No row here refers to another by a foreign key: what hangs on an event goes by its own period, and
``bot/retention.py`` takes an event's texts and picture along with the event.
"""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Model
from bot.models.house import BIG_KEY, CHANNEL, LANGUAGE

TOPIC = String(32)
MUNICIPALITY = String(64)


class Event(Model):
    """Something people can go to. German title and text stand here, others in ``EventText``.

    A series has a ``rule`` (RFC 5545, without dates of its own) and begins with ``starts_at``; its
    times are those of the clock on the wall in the county. ``over_at`` is the end of the last date,
    nothing for a series without an end. An event without ``starts_at`` is still being prepared.
    """

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("uid"),
        CheckConstraint(
            "state IN ('draft', 'announced', 'changed', 'cancelled')", name="state_is_known"
        ),
        CheckConstraint("capacity IS NULL OR capacity > 0", name="capacity_is_positive"),
        CheckConstraint("places_taken >= 0", name="places_taken_is_a_count"),
        Index("ix_events_over_at", "over_at"),
        # A number is never given again: links to an event that is gone must not show another one.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    uid: Mapped[str] = mapped_column(String(255))  # the calendar's name of the event
    sequence: Mapped[int] = mapped_column(default=0)  # how often the date or place was changed
    state: Mapped[str] = mapped_column(String(16))
    topic: Mapped[str] = mapped_column(TOPIC)
    yearly_id: Mapped[str | None] = mapped_column(String(64))  # entry of knowledge/events
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    municipality: Mapped[str | None] = mapped_column(MUNICIPALITY)  # nothing: the whole county
    place: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    all_day: Mapped[bool] = mapped_column(default=False)  # whole days: from midnight to midnight
    rule: Mapped[str | None] = mapped_column(String(200))
    left_out: Mapped[str] = mapped_column(Text, default="")  # dates of the series that fall out
    over_at: Mapped[datetime | None]
    languages: Mapped[str] = mapped_column(String(64))  # spoken there: "de,tr"
    cost_cents: Mapped[int | None]  # nothing: not known; 0: free
    childcare: Mapped[bool | None]
    barrier_free: Mapped[bool | None]
    registration: Mapped[str] = mapped_column(String(16))  # "", "none", "here", "elsewhere"
    registration_at: Mapped[str] = mapped_column(String(300))  # link, e-mail or phone number
    capacity: Mapped[int | None]
    places_taken: Mapped[int] = mapped_column(default=0)
    places_taken_for: Mapped[datetime | None]  # the date of a series that places_taken counts
    notice: Mapped[str] = mapped_column(String(300), default="")  # what changed, why cancelled
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class EventText(Model):
    """An event's title and text in a language other than German."""

    __tablename__ = "event_texts"

    event_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    language: Mapped[str] = mapped_column(LANGUAGE, primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]


class EventPicture(Model):
    """An event's picture as JPEG, without what the camera wrote into it."""

    __tablename__ = "event_pictures"

    event_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    content: Mapped[bytes]
    file_id: Mapped[str | None] = mapped_column(String(200))  # Telegram's, once it was sent


class Subscription(Model):
    """Somebody wants to hear of a topic, everywhere or in one town only.

    ``municipality`` is empty for "everywhere": nothing would not be unique.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        UniqueConstraint("channel", "chat_id", "topic", "municipality"),
        Index("ix_subscriptions_topic", "topic", "municipality"),
    )

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    channel: Mapped[str] = mapped_column(CHANNEL)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    topic: Mapped[str] = mapped_column(TOPIC)
    municipality: Mapped[str] = mapped_column(MUNICIPALITY, default="")


class Attendance(Model):
    """Somebody is interested, comes, or waits for a place; for one date of one event.

    ``over_at`` is when that date is over: from there the row's period counts.
    """

    __tablename__ = "attendances"
    __table_args__ = (
        UniqueConstraint("event_id", "channel", "chat_id"),
        CheckConstraint("answer IN ('interested', 'comes', 'waiting')", name="answer_is_known"),
        CheckConstraint("places > 0", name="places_are_positive"),
        Index("ix_attendances_chat", "channel", "chat_id"),
        Index("ix_attendances_over_at", "over_at"),
    )

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    event_id: Mapped[int] = mapped_column(BigInteger)
    channel: Mapped[str] = mapped_column(CHANNEL)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    answer: Mapped[str] = mapped_column(String(16))
    places: Mapped[int]
    occurs_at: Mapped[datetime]
    over_at: Mapped[datetime]
    answered_at: Mapped[datetime]
    quiet: Mapped[bool] = mapped_column(default=False)  # said /stop: keeps the place, is not told


class Reminder(Model):
    """Somebody wants to be reminded of one date of an event on the day before."""

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint("event_id", "channel", "chat_id"),
        Index("ix_reminders_due_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    event_id: Mapped[int] = mapped_column(BigInteger)
    channel: Mapped[str] = mapped_column(CHANNEL)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    occurs_at: Mapped[datetime]
    due_at: Mapped[datetime]
