"""Tables of reports and cases: ciphertext, a week, and where the work on a case stands.

No column here leads to who reported. What leads to a colleague ends in ``staff_id``.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Model
from bot.models.house import BIG_KEY

CASE_ID = String(16)  # drawn by lot, see bot/reports/arrivals.py
WEEK = String(8)  # 2026-W48


class ReportArrival(Model):
    """Something sealed that waits for the next fixed hour, then moves to the cases.

    ``kind`` is ``report`` or ``addition``; ``lookup`` is derived from the receipt.
    """

    __tablename__ = "report_arrivals"
    __table_args__ = (Index("ix_report_arrivals_lookup", "lookup"),)

    id: Mapped[str] = mapped_column(CASE_ID, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    lookup: Mapped[bytes]
    week: Mapped[str] = mapped_column(WEEK)
    urgent: Mapped[bool]
    sealed: Mapped[bytes]


class ReportCase(Model):
    """A report: its week and ciphertext that only case workers can open."""

    __tablename__ = "report_cases"

    id: Mapped[str] = mapped_column(CASE_ID, primary_key=True)
    lookup: Mapped[bytes] = mapped_column(unique=True)
    week: Mapped[str] = mapped_column(WEEK)
    sealed: Mapped[bytes]


class CaseMessage(Model):
    """Something sealed that belongs to a case: ``to-reporter``, ``from-reporter`` or ``note``.

    ``noticed``: a case worker's machine fetched it, or a linked chat was told that it is there.
    """

    __tablename__ = "case_messages"
    __table_args__ = (Index("ix_case_messages_case_id", "case_id"),)

    id: Mapped[str] = mapped_column(CASE_ID, primary_key=True)
    case_id: Mapped[str] = mapped_column(CASE_ID)
    direction: Mapped[str] = mapped_column(String(16))
    week: Mapped[str] = mapped_column(WEEK)
    noticed: Mapped[bool]
    sealed: Mapped[bytes]


class CaseState(Model):
    """Where the work on a case stands, in words of the process guide; never what it is about."""

    __tablename__ = "case_states"

    case_id: Mapped[str] = mapped_column(CASE_ID, primary_key=True)
    state: Mapped[str] = mapped_column(String(32), index=True)
    substatus: Mapped[str | None] = mapped_column(String(32))
    urgent: Mapped[bool]
    due_on: Mapped[date | None]
    worker_staff_id: Mapped[int | None] = mapped_column(BigInteger)
    closing_staff_id: Mapped[int | None] = mapped_column(BigInteger)
    closed_on: Mapped[date | None] = mapped_column(index=True)


class CaseTask(Model):
    """A step of the process guide that is to be done for a case, and until when."""

    __tablename__ = "case_tasks"
    __table_args__ = (Index("ix_case_tasks_case_id", "case_id"),)

    id: Mapped[str] = mapped_column(CASE_ID, primary_key=True)
    case_id: Mapped[str] = mapped_column(CASE_ID)
    step: Mapped[str] = mapped_column(String(32))
    due_on: Mapped[date]
    done_on: Mapped[date | None]


class CaseOpening(Model):
    """Who of the case workers opened a case, and when."""

    __tablename__ = "case_openings"

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    case_id: Mapped[str] = mapped_column(CASE_ID, index=True)
    staff_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(index=True)


class CaseToken(Model):
    """The hash of the word with which a case worker's machine is let in."""

    __tablename__ = "case_tokens"

    id: Mapped[int] = mapped_column(BIG_KEY, primary_key=True)
    staff_id: Mapped[int] = mapped_column(BigInteger)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    made_at: Mapped[datetime]


class ReportLink(Model):
    """By choice only: the chat that is told "a message is ready", encrypted, apart from the case.

    ``tag`` and ``owner`` are keyed hashes of the look-up id and of the chat.
    """

    __tablename__ = "report_links"
    __table_args__ = (Index("ix_report_links_owner", "owner"),)

    tag: Mapped[bytes] = mapped_column(primary_key=True)
    owner: Mapped[bytes]
    sealed: Mapped[bytes]
    renewed_on: Mapped[date]


class PrivateHour(Model):
    """One of 256 buckets in which somebody (or nobody: most are decoys) is in a private dialogue.

    ``run`` is the run of the program in whose memory that dialogue is.
    """

    __tablename__ = "private_hours"

    bucket: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    run: Mapped[str] = mapped_column(String(16), primary_key=True)
    at: Mapped[datetime]


class Figure(Model):
    """A closed case as a number counts it. Holds no case id; ``month`` is its first day."""

    __tablename__ = "figures"

    id: Mapped[str] = mapped_column(CASE_ID, primary_key=True)
    form: Mapped[str] = mapped_column(String(32))
    motive: Mapped[str] = mapped_column(String(32))
    town: Mapped[str] = mapped_column(String(64))
    month: Mapped[date]
    release: Mapped[str | None] = mapped_column(String(8), index=True)


class FigureRelease(Model):
    """Tables as they were published: the same question always gets the same answer."""

    __tablename__ = "figure_releases"

    period: Mapped[str] = mapped_column(String(8), primary_key=True)
    released_on: Mapped[date]
    tables: Mapped[dict[str, Any]]
