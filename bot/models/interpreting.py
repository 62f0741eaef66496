"""The Dolmetsch-Pool's tables: who interprets, who may ask, requests, offers, hours, and jobs."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Model
from bot.models.house import BIG_KEY, CHANNEL, LANGUAGE

STATE = String(16)
TOWN = String(64)


def _volunteer(*, primary_key: bool = False) -> Any:
    return mapped_column(ForeignKey("volunteers.id", ondelete="CASCADE"), primary_key=primary_key)


class Volunteer(Model):
    """Somebody who interprets for the pool: what they can do, when, where, and until when.

    ``monday`` … ``sunday`` hold the weekly availability: bit *h* is set when the volunteer can
    interpret from *h* to *h + 1* o'clock, county time. ``towns`` lists the municipalities they go
    to; when it is empty, ``radius_km`` around ``municipality`` counts.
    """

    __tablename__ = "volunteers"
    __table_args__ = (UniqueConstraint("channel", "chat_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    channel: Mapped[str] = mapped_column(CHANNEL)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str] = mapped_column(String(40))
    german: Mapped[str] = mapped_column(String(16))
    municipality: Mapped[str] = mapped_column(TOWN)
    towns: Mapped[list[str]] = mapped_column(JSON)
    radius_km: Mapped[int | None]
    on_site: Mapped[bool]
    by_phone: Mapped[bool]
    by_video: Mapped[bool]
    monday: Mapped[int]
    tuesday: Mapped[int]
    wednesday: Mapped[int]
    thursday: Mapped[int]
    friday: Mapped[int]
    saturday: Mapped[int]
    sunday: Mapped[int]
    quiet_from: Mapped[int]
    quiet_until: Mapped[int]
    weekly_cap: Mapped[int]
    excluded_topics: Mapped[list[str]] = mapped_column(JSON)
    gender: Mapped[str | None] = mapped_column(String(8))
    certificate: Mapped[str] = mapped_column(String(160))
    certified_on: Mapped[date | None]
    certified_until: Mapped[date | None]
    pledged_on: Mapped[date | None]
    consented_at: Mapped[datetime]
    applied_at: Mapped[datetime]
    # No index on state: nearly everybody has the same, and SQLite would begin with it.
    state: Mapped[str] = mapped_column(STATE)
    paused_until: Mapped[date | None]
    asked_at: Mapped[datetime | None]
    seen_on: Mapped[date] = mapped_column(index=True)


class VolunteerLanguage(Model):
    """A language, with its dialect, that a volunteer interprets, and how well."""

    __tablename__ = "volunteer_languages"
    __table_args__ = (Index("ix_volunteer_languages_spoken", "language", "volunteer_id"),)

    volunteer_id: Mapped[int] = _volunteer(primary_key=True)
    language: Mapped[str] = mapped_column(LANGUAGE, primary_key=True)
    level: Mapped[str] = mapped_column(String(16))


class VolunteerTally(Model):
    """How often a volunteer was asked, said yes and said no, in a part of the week. No request."""

    __tablename__ = "volunteer_tallies"

    volunteer_id: Mapped[int] = _volunteer(primary_key=True)
    part: Mapped[str] = mapped_column(String(24), primary_key=True)
    asked: Mapped[int]
    yes: Mapped[int]
    no: Mapped[int]


class Institution(Model):
    """A Kita, school, office or counselling centre that may ask for interpreters.

    ``channel`` and ``chat_id`` are those of the contact person who registered it; they and the
    contact's name and phone go when that person says /forget.
    """

    __tablename__ = "institutions"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    channel: Mapped[str | None] = mapped_column(CHANNEL)
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(160))
    municipality: Mapped[str] = mapped_column(TOWN)
    contact: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(STATE, index=True)
    registered_at: Mapped[datetime]
    seen_on: Mapped[date] = mapped_column(index=True)


class InstitutionMember(Model):
    """One chat that may ask in an institution's name."""

    __tablename__ = "institution_members"
    __table_args__ = (
        UniqueConstraint("institution_id", "channel", "chat_id"),
        Index("ix_institution_members_chat", "channel", "chat_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    institution_id: Mapped[int] = mapped_column(ForeignKey("institutions.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(CHANNEL)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    joined_at: Mapped[datetime]


class PoolInvitation(Model):
    """A one-time link: to join an institution, or (without one) to apply as a volunteer.

    Hashed, short-lived, and for an institution active only once its two digits were heard.
    """

    __tablename__ = "pool_invitations"
    __table_args__ = (
        CheckConstraint("digits BETWEEN 10 AND 99", name="digits_are_two"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    institution_id: Mapped[int | None] = mapped_column(
        ForeignKey("institutions.id", ondelete="CASCADE")
    )
    expires_at: Mapped[datetime] = mapped_column(index=True)
    digits: Mapped[int]
    inviter_channel: Mapped[str | None] = mapped_column(CHANNEL)
    inviter_chat_id: Mapped[int | None] = mapped_column(BigInteger)
    channel: Mapped[str | None] = mapped_column(CHANNEL)
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    closed_at: Mapped[datetime | None]


class ColleagueLanguage(Model):
    """A language that a colleague in the house speaks ("Sprachvielfalt im Haus")."""

    __tablename__ = "colleague_languages"
    __table_args__ = (Index("ix_colleague_languages_language", "language"),)

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    language: Mapped[str] = mapped_column(LANGUAGE)
    colleague: Mapped[str] = mapped_column(String(160))
    phone: Mapped[str] = mapped_column(String(40))
    added_by_staff_id: Mapped[int | None] = mapped_column(BigInteger)
    checked_on: Mapped[date] = mapped_column(index=True)


class Request(Model):
    """A wish for an interpreter: everything that may be shown before a yes, and nothing else.

    ``interpreter_id`` and ``standby_id`` are the two seats; who sits is decided by one statement.
    Both are emptied, and details and offers deleted, some days after the appointment; language,
    month and town stay for the coverage report. ``searched_from`` is when the search began that is
    going on: with the request, or when an interpreter left. ``case_id`` is the first of several
    requests for the same person: who knows that person is asked for none of them.
    """

    __tablename__ = "requests"
    __table_args__ = (
        Index("ix_requests_state", "state", "starts_at"),
        Index("ix_requests_seats", "interpreter_id", "starts_at"),
        Index("ix_requests_standby", "standby_id", "starts_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    institution_id: Mapped[int | None] = mapped_column(
        ForeignKey("institutions.id", ondelete="SET NULL")
    )
    language: Mapped[str] = mapped_column(LANGUAGE)
    substitutes: Mapped[list[str]] = mapped_column(JSON)
    lane: Mapped[str] = mapped_column(String(16))
    mode: Mapped[str] = mapped_column(String(16))
    municipality: Mapped[str] = mapped_column(TOWN)
    topic: Mapped[str] = mapped_column(String(32))
    gender_wish: Mapped[str | None] = mapped_column(String(8))
    wants_standby: Mapped[bool]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    opened_at: Mapped[datetime]
    searched_from: Mapped[datetime]
    state: Mapped[str] = mapped_column(STATE)
    reason: Mapped[str] = mapped_column(String(300), default="")
    wave: Mapped[int] = mapped_column(default=0)
    next_wave_at: Mapped[datetime | None]
    everyone_asked: Mapped[bool] = mapped_column(default=False)
    by_hand: Mapped[bool] = mapped_column(default=False)
    interpreter_id: Mapped[int | None] = mapped_column(
        ForeignKey("volunteers.id", ondelete="SET NULL")
    )
    standby_id: Mapped[int | None] = mapped_column(ForeignKey("volunteers.id", ondelete="SET NULL"))
    filled_at: Mapped[datetime | None]
    case_id: Mapped[int | None] = mapped_column(BigInteger, index=True)


class RequestDetails(Model):
    """The private part of a request, shown after a yes only and deleted after the appointment."""

    __tablename__ = "request_details"
    __table_args__ = (Index("ix_request_details_chat", "channel", "chat_id"),)

    request_id: Mapped[int] = mapped_column(
        ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True
    )
    channel: Mapped[str] = mapped_column(CHANNEL)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    address: Mapped[str] = mapped_column(String(300))
    reach: Mapped[str] = mapped_column(String(300))
    note: Mapped[str] = mapped_column(String(400))
    ends_at: Mapped[datetime] = mapped_column(index=True)


class RequestEvent(Model):
    """What happened to a request, as counts and states: the history that staff see. No person."""

    __tablename__ = "request_events"
    __table_args__ = (Index("ix_request_events_request", "request_id", "id"),)

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(32))
    number: Mapped[int]
    at: Mapped[datetime]


class Offer(Model):
    """A request shown to one volunteer, why them, and what they answered."""

    __tablename__ = "offers"
    __table_args__ = (
        UniqueConstraint("request_id", "volunteer_id"),
        Index("ix_offers_volunteer", "volunteer_id", "offered_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id", ondelete="CASCADE"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id", ondelete="CASCADE"))
    wave: Mapped[int]
    chance: Mapped[float]
    score: Mapped[float]
    reasons: Mapped[dict[str, Any]]
    offered_at: Mapped[datetime]
    part: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(STATE)
    answered_at: Mapped[datetime | None]


class Assignment(Model):
    """An appointment somebody interprets: the row of the allowance ledger.

    Written with the yes, deleted when it does not take place, and kept for its legal period once
    it did. Its names are copies: the row must stand by itself when the others are gone.
    """

    __tablename__ = "assignments"
    __table_args__ = (
        Index("ix_assignments_request", "request_id"),
        Index("ix_assignments_volunteer", "volunteer_id", "starts_at"),
        Index("ix_assignments_chat", "channel", "chat_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    # No key: the request goes long before the ledger's row.
    request_id: Mapped[int] = mapped_column(BigInteger)
    volunteer_id: Mapped[int | None] = mapped_column(
        ForeignKey("volunteers.id", ondelete="SET NULL")
    )
    channel: Mapped[str | None] = mapped_column(CHANNEL)
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    volunteer_name: Mapped[str] = mapped_column(String(120))
    institution_name: Mapped[str] = mapped_column(String(160))
    language: Mapped[str] = mapped_column(LANGUAGE)
    mode: Mapped[str] = mapped_column(String(16))
    municipality: Mapped[str] = mapped_column(TOWN)
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    planned_minutes: Mapped[int]
    volunteer_minutes: Mapped[int | None]
    institution_minutes: Mapped[int | None]
    no_show: Mapped[str | None] = mapped_column(String(16))
    settled_minutes: Mapped[int | None]


class ShownMessage(Model):
    """A message with an offer or with details, so that it can be replaced when it is over."""

    __tablename__ = "shown_messages"
    __table_args__ = (
        Index("ix_shown_messages_request", "request_id"),
        Index("ix_shown_messages_chat", "channel", "chat_id"),
    )

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(CHANNEL)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(16))


class Job(Model):
    """Something to do at a moment, written and cancelled with what causes it."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_due", "due_at"),
        # One of a kind for each subject: a request has one next wave.
        UniqueConstraint("kind", "subject"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    subject: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
