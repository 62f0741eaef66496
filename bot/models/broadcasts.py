"""Broadcasts: what staff announce, in which words, and the ledger of who got it.

The ledger has one row for each recipient of a broadcast. A row is *planned*, then *claimed* by a
worker, then *sending* from just before the call until its answer is noted, then *sent*, *failed*
or *uncertain*: Telegram has no idempotency key, so what happened to a call whose answer never came
cannot be known. *held* waits for a corrected text, *left out* was ended by the recipient.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Model
from bot.models.house import BIG_KEY, CHANNEL, LANGUAGE


class Broadcast(Model):
    """An announcement. ``topics`` and ``towns`` are lists with commas; an empty one means "all".

    ``version`` counts changes of its words; an approval is of one version. ``planned_through`` is
    the last chat whose row has been planned, while the audience is being written down.
    """

    __tablename__ = "broadcasts"
    __table_args__ = (
        CheckConstraint(
            "state IN ('draft', 'waiting', 'ready', 'planning', 'running', 'paused', 'done', "
            "'cancelled')",
            name="state_is_known",
        ),
        # A number is never given again: old buttons must not reach another broadcast.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    event_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    topics: Mapped[str] = mapped_column(Text, default="")
    towns: Mapped[str] = mapped_column(Text, default="")
    ends_at: Mapped[datetime | None]  # after this nobody needs it any more
    urgent_reason: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(default=1)
    approved_version: Mapped[int | None]
    scheduled_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    changed_at: Mapped[datetime] = mapped_column(index=True)
    followed_at: Mapped[datetime]  # its words are those of the event as it was then
    planned_through: Mapped[int | None] = mapped_column(BigInteger)
    withdrawn: Mapped[bool] = mapped_column(default=False)
    pause_reason: Mapped[str] = mapped_column(String(16), default="")
    uncertain_choice: Mapped[str | None] = mapped_column(String(8))
    outcome: Mapped[dict[str, Any] | None]


class BroadcastText(Model):
    """A broadcast's words in one language, or which other language stands in for it.

    ``card``: the words are those of the event's card and follow it when the event is changed.
    ``approved`` is what the second person last agreed to. ``stopped`` says why Telegram did not
    take these words; nobody else gets them until they are corrected.
    """

    __tablename__ = "broadcast_texts"

    broadcast_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    language: Mapped[str] = mapped_column(LANGUAGE, primary_key=True)
    html: Mapped[str | None] = mapped_column(Text)
    fallback: Mapped[str | None] = mapped_column(LANGUAGE)
    card: Mapped[bool] = mapped_column(default=False)
    approved: Mapped[str | None] = mapped_column(Text)
    stopped: Mapped[str] = mapped_column(String(200), default="")
    changed_at: Mapped[datetime]


class BroadcastAuthor(Model):
    """Who last changed a broadcast: somebody else must approve it, and this person is told."""

    __tablename__ = "broadcast_authors"

    broadcast_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    channel: Mapped[str] = mapped_column(CHANNEL)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime]


class BroadcastScreen(Model):
    """The message that shows staff how far a broadcast is; there is one, and it renews itself."""

    __tablename__ = "broadcast_screens"

    broadcast_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    channel: Mapped[str] = mapped_column(CHANNEL)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    shown_at: Mapped[datetime]


class Delivery(Model):
    """One recipient of one broadcast: a row of the ledger.

    ``task`` is "send" until the message stands in the chat; from then on a row that is planned
    again has the task "edit", which may be repeated without harm. ``version`` is that of the words
    which stand in the chat. ``digest``: joined with others that wait for the same chat.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("broadcast_id", "channel", "chat_id"),
        CheckConstraint(
            "state IN ('planned', 'claimed', 'sending', 'sent', 'failed', 'uncertain', 'held', "
            "'left out')",
            name="state_is_known",
        ),
        CheckConstraint("task IN ('send', 'edit')", name="task_is_known"),
        Index("ix_deliveries_due", "broadcast_id", "state", "due_at", "id"),
        Index("ix_deliveries_chat", "channel", "chat_id", "sent_at"),
    )

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    broadcast_id: Mapped[int] = mapped_column(BigInteger)
    channel: Mapped[str] = mapped_column(CHANNEL)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16))
    task: Mapped[str] = mapped_column(String(8), default="send")
    due_at: Mapped[datetime]
    digest: Mapped[bool] = mapped_column(default=False)
    claimed_by: Mapped[str | None] = mapped_column(String(32))
    attempts: Mapped[int] = mapped_column(default=0)
    language: Mapped[str | None] = mapped_column(LANGUAGE)
    version: Mapped[int] = mapped_column(default=0)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(32), default="")
    sent_at: Mapped[datetime | None]


class UnreachableChat(Model):
    """A chat that blocked the bot or is deleted; left out until somebody writes from it again."""

    __tablename__ = "unreachable_chats"

    channel: Mapped[str] = mapped_column(CHANNEL, primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime]
