"""What all workers must know of the pace: what is given out, who waits, who works."""

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Model
from bot.models.house import CHANNEL


class PaceMeter(Model):
    """How far ahead a channel's messages are given out, and until when everything must wait.

    Moments are seconds since 1970 by the database's clock, as numbers: the arithmetic happens
    inside one statement, on both databases alike. ``halt_seconds`` is what the channel asked for.
    """

    __tablename__ = "pace_meters"

    channel: Mapped[str] = mapped_column(CHANNEL, primary_key=True)
    free_at: Mapped[float] = mapped_column(default=0.0)
    halted_until: Mapped[float] = mapped_column(default=0.0)
    halt_seconds: Mapped[float] = mapped_column(default=0.0)


class ChatHalt(Model):
    """A chat that must be left alone for a while, because the channel said so (HTTP 429)."""

    __tablename__ = "chat_halts"

    channel: Mapped[str] = mapped_column(CHANNEL, primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    halted_until: Mapped[float]
    halt_seconds: Mapped[float]


class Worker(Model):
    """A running process that sends; who has not been seen for a while is dead.

    ``replies``: how many a second it sends lately; its part of what broadcasts leave to replies.
    """

    __tablename__ = "workers"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    seen_at: Mapped[datetime]
    replies: Mapped[float] = mapped_column(default=0.0)
