"""The house's own tables: residents, staff, letters, gaps."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Model

CHANNEL = String(16)
LANGUAGE = String(16)
BIG_KEY = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up INTEGER keys only


@dataclass(frozen=True, slots=True)
class Chat:
    """Where somebody writes to us: the channel's name and the chat's number there."""

    channel: str
    id: int


class Resident(Model):
    """Somebody who writes to us and agreed that we remember language and place. Nothing else."""

    __tablename__ = "residents"
    __table_args__ = (UniqueConstraint("channel", "chat_id"),)

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    channel: Mapped[str] = mapped_column(CHANNEL)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    language: Mapped[str] = mapped_column(LANGUAGE)
    municipality: Mapped[str | None] = mapped_column(String(64))
    consent_version: Mapped[str] = mapped_column(String(16))
    last_seen_on: Mapped[date]


class WebVisitor(Model):
    """A browser tab of the chat page: the hash of its secret and the chat number it opens."""

    __tablename__ = "web_visitors"

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    secret_hash: Mapped[bytes] = mapped_column(unique=True)
    last_seen_on: Mapped[date]


class Conversation(Model):
    """Where a dialogue stands, so that a restart loses nothing. Never holds a report."""

    __tablename__ = "conversations"

    channel: Mapped[str] = mapped_column(CHANNEL, primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    state: Mapped[str | None] = mapped_column(String(128))
    data: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime] = mapped_column(index=True)


class Gap(Model):
    """A question nobody could answer, as known words only, counted for one day.

    ``residents`` counts different people of that day and that run of the program (a salt that
    lives in memory tells them apart), so it can only be too low.
    """

    __tablename__ = "gaps"
    __table_args__ = (UniqueConstraint("terms", "language", "asked_on", "run"),)

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    terms: Mapped[str] = mapped_column(String(400))
    language: Mapped[str] = mapped_column(LANGUAGE)
    asked_on: Mapped[date] = mapped_column(index=True)
    run: Mapped[str] = mapped_column(String(16))
    residents: Mapped[int]


class Feedback(Model):
    """How often an article helped, by month. No person stands beside it."""

    __tablename__ = "feedback"

    topic_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    language: Mapped[str] = mapped_column(LANGUAGE, primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    helpful: Mapped[int]
    unhelpful: Mapped[int]


class Practice(Model):
    """A practice or counselling centre of the office's own imported list."""

    __tablename__ = "practices"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int] = mapped_column(unique=True)
    columns: Mapped[dict[str, Any]]


class StaffMember(Model):
    """One of the office's people, in one chat and one role."""

    __tablename__ = "staff_members"
    __table_args__ = (
        UniqueConstraint("channel", "chat_id", "role"),
        Index("ix_staff_members_chat", "channel", "chat_id"),
        # A removed colleague's number is never given again: old actions would point to the new one.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    channel: Mapped[str] = mapped_column(CHANNEL)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    role: Mapped[str] = mapped_column(String(16))
    added_at: Mapped[datetime]


class StaffInvitation(Model):
    """A one-time link to a role: hashed, short-lived, active once its two digits were heard."""

    __tablename__ = "staff_invitations"
    __table_args__ = (
        CheckConstraint("digits BETWEEN 10 AND 99", name="digits_are_two"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    role: Mapped[str] = mapped_column(String(16))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    digits: Mapped[int]
    inviter_channel: Mapped[str | None] = mapped_column(CHANNEL)
    inviter_chat_id: Mapped[int | None] = mapped_column(BigInteger)
    channel: Mapped[str | None] = mapped_column(CHANNEL)
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    closed_at: Mapped[datetime | None]


class ModuleSwitch(Model):
    """A part of the bot that staff switched off, and the reason residents and staff are told."""

    __tablename__ = "module_switches"

    module: Mapped[str] = mapped_column(String(32), primary_key=True)
    reason: Mapped[str] = mapped_column(String(300))
    off_since: Mapped[datetime]


class StaffAction(Model):
    """What staff did and when, without a name: a role and a number."""

    __tablename__ = "staff_actions"

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    staff_id: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(String(64))
    detail: Mapped[str] = mapped_column(String(400))
    at: Mapped[datetime] = mapped_column(index=True)


class Letter(Model):
    """A message owed to somebody else, written in the transaction of what causes it."""

    __tablename__ = "letters"
    __table_args__ = (Index("ix_letters_due", "channel", "due_at"),)

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    channel: Mapped[str] = mapped_column(CHANNEL)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(64))
    content: Mapped[dict[str, Any]]
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)


class BotName(Model):
    """The public name of the bot on a channel, kept for the links that the command line prints."""

    __tablename__ = "bot_names"

    channel: Mapped[str] = mapped_column(CHANNEL, primary_key=True)
    username: Mapped[str] = mapped_column(String(64))
