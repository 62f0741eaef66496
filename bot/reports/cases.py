"""Work on cases as the server sees it: states, tasks, who does what. Never what they are about."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NothingToDo, NotStaff, NotYourCase
from bot.models import (
    CaseMessage,
    CaseOpening,
    CaseState,
    CaseTask,
    CaseToken,
    ReportCase,
    StaffAction,
    StaffMember,
)
from bot.reports.arrivals import FROM_REPORTER, NOTE, TO_REPORTER, random_id, week_of
from bot.reports.mailbox import delete_on
from bot.reports.process import CLOSED, guide
from bot.retention import CASE_TOKENS
from bot.staff import Role


@dataclass(frozen=True, slots=True)
class CaseTaskLine:
    """A task as lists show it."""

    task: str
    due_on: date
    done_on: date | None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case as lists show it, in the chat and on the case worker's machine."""

    id: str
    week: str
    state: str
    substatus: str | None
    urgent: bool
    due_on: date | None
    worker: int | None
    closing: int | None
    delete_on: date | None
    unread: int
    tasks: tuple[CaseTaskLine, ...]


async def case_lines(session: AsyncSession) -> list[CaseLine]:
    """All cases: urgent ones first, then by week."""
    rows = await session.execute(
        select(ReportCase.id, ReportCase.week, CaseState)
        .join(CaseState, CaseState.case_id == ReportCase.id)
        .order_by(CaseState.urgent.desc(), ReportCase.week, ReportCase.id)
    )
    counted = await session.execute(
        select(CaseMessage.case_id, func.count())
        .where(CaseMessage.direction == FROM_REPORTER, CaseMessage.noticed.is_(False))
        .group_by(CaseMessage.case_id)
    )
    unread = {case_id: count for case_id, count in counted}
    tasks: dict[str, list[CaseTaskLine]] = {}
    for task in await session.scalars(select(CaseTask).order_by(CaseTask.due_on, CaseTask.step)):
        line = CaseTaskLine(task.step, task.due_on, task.done_on)
        tasks.setdefault(task.case_id, []).append(line)
    return [
        CaseLine(
            id=case_id,
            week=week,
            state=state.state,
            substatus=state.substatus,
            urgent=state.urgent,
            due_on=state.due_on,
            worker=state.worker_staff_id,
            closing=state.closing_staff_id,
            delete_on=delete_on(state.closed_on),
            unread=unread.get(case_id, 0),
            tasks=tuple(tasks.get(case_id, ())),
        )
        for case_id, week, state in rows
    ]


# Who is let in


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


async def make_token(session: AsyncSession, staff_id: int, now: datetime) -> str:
    """A new word for a case worker's machine; the older one of the same person is void.

    Raises ``NotStaff`` when the number is no case worker's.
    """
    member = await session.get(StaffMember, staff_id)
    if member is None or member.role != Role.CASE_WORKER:
        raise NotStaff
    await session.execute(delete(CaseToken).where(CaseToken.staff_id == staff_id))
    token = secrets.token_urlsafe(32)
    session.add(CaseToken(staff_id=staff_id, token_hash=_hash(token), made_at=now))
    _note(session, staff_id, "case token", "", now)
    return token


async def worker_of(session: AsyncSession, token: str, now: datetime) -> int:
    """The case worker whose machine knows this word. Raises ``NotStaff``.

    The role is looked up each time: who is not a case worker any more is out at once.
    """
    staff_id = await session.scalar(
        select(CaseToken.staff_id)
        .join(StaffMember, StaffMember.id == CaseToken.staff_id)
        .where(
            CaseToken.token_hash == _hash(token),
            CaseToken.made_at > now - CASE_TOKENS,
            StaffMember.role == Role.CASE_WORKER.value,
        )
    )
    if staff_id is None:
        raise NotStaff
    return int(staff_id)


def _note(session: AsyncSession, staff_id: int, action: str, detail: str, now: datetime) -> None:
    session.add(StaffAction(staff_id=staff_id, action=action, detail=detail, at=now))


# Reading and writing what is sealed


async def open_case(session: AsyncSession, case_id: str, staff_id: int, now: datetime) -> bytes:
    """The sealed report; that it was opened is written down. Raises ``NothingToDo``."""
    sealed = await session.scalar(select(ReportCase.sealed).where(ReportCase.id == case_id))
    if sealed is None:
        raise NothingToDo
    await log_opening(session, case_id, staff_id, now)
    return bytes(sealed)


async def log_opening(session: AsyncSession, case_id: str, staff_id: int, now: datetime) -> None:
    """Write down that a case worker opened a case."""
    session.add(CaseOpening(case_id=case_id, staff_id=staff_id, at=now))
    await session.flush()


async def openings(session: AsyncSession, case_id: str) -> list[CaseOpening]:
    """Who opened a case and when, first opening first."""
    return list(
        await session.scalars(
            select(CaseOpening).where(CaseOpening.case_id == case_id).order_by(CaseOpening.id)
        )
    )


async def messages_of(session: AsyncSession, case_id: str) -> list[CaseMessage]:
    """All that is sealed beside the report; the reporter's additions count as fetched now."""
    await session.execute(
        update(CaseMessage)
        .where(CaseMessage.case_id == case_id, CaseMessage.direction == FROM_REPORTER)
        .values(noticed=True)
    )
    return list(
        await session.scalars(
            select(CaseMessage)
            .where(CaseMessage.case_id == case_id)
            .order_by(CaseMessage.week, CaseMessage.id)
        )
    )


async def add_message(
    session: AsyncSession,
    case_id: str,
    message_id: str,
    direction: str,
    sealed: bytes,
    today: date,
) -> None:
    """Keep a reply or a note that was sealed on a case worker's machine; twice is once.

    Raises ``NothingToDo`` when the case is gone, ``ValueError`` for another direction.
    """
    if direction not in {TO_REPORTER, NOTE}:
        raise ValueError("a case worker replies or notes")
    if await session.get(CaseMessage, message_id) is not None:
        return
    await _state(session, case_id)
    session.add(
        CaseMessage(
            id=message_id,
            case_id=case_id,
            direction=direction,
            week=week_of(today),
            noticed=False,
            sealed=sealed,
        )
    )
    await session.flush()


# The process


async def _state(session: AsyncSession, case_id: str) -> CaseState:
    state = await session.get(CaseState, case_id, with_for_update=True)
    if state is None:
        raise NothingToDo
    return state


async def take_step(
    session: AsyncSession, case_id: str, to: str, staff_id: int, now: datetime, today: date
) -> None:
    """Bring a case to the next state; its open tasks are done and the new state's begin.

    Raises ``NotYourCase`` when the guide does not lead there, ``NothingToDo`` when it is there.
    """
    state = await _state(session, case_id)
    if state.state == to:
        raise NothingToDo
    if to == CLOSED or not guide().may_go(state.state, to):
        raise NotYourCase
    await _enter(session, state, to, today)
    if state.worker_staff_id is None:
        state.worker_staff_id = staff_id
    state.closing_staff_id = None
    _note(session, staff_id, "case step", f"{case_id} {to}", now)


async def _enter(session: AsyncSession, state: CaseState, to: str, today: date) -> None:
    await session.execute(
        update(CaseTask)
        .where(CaseTask.case_id == state.case_id, CaseTask.done_on.is_(None))
        .values(done_on=today)
    )
    tasks = guide().states[to].tasks
    dues = [task.due_on(today) for task in tasks]
    for task, due in zip(tasks, dues, strict=True):
        session.add(CaseTask(id=random_id(), case_id=state.case_id, step=task.id, due_on=due))
    state.state, state.due_on = to, min(dues, default=None)


async def finish_task(session: AsyncSession, case_id: str, task: str, today: date) -> None:
    """A task is done. Raises ``NothingToDo`` when there is no such open task."""
    state = await _state(session, case_id)
    done = await session.execute(
        update(CaseTask)
        .where(CaseTask.case_id == case_id, CaseTask.step == task, CaseTask.done_on.is_(None))
        .values(done_on=today)
        .returning(CaseTask.id)
    )
    if not done.all():
        raise NothingToDo
    state.due_on = await session.scalar(
        select(func.min(CaseTask.due_on)).where(
            CaseTask.case_id == case_id, CaseTask.done_on.is_(None)
        )
    )


async def hand_over(
    session: AsyncSession, case_id: str, to: int, staff_id: int, now: datetime
) -> None:
    """Another case worker has the case now. Raises ``NotStaff`` when that is none."""
    state = await _state(session, case_id)
    member = await session.get(StaffMember, to)
    if member is None or member.role != Role.CASE_WORKER:
        raise NotStaff
    state.worker_staff_id = to
    _note(session, staff_id, "case handed over", f"{case_id} to #{to}", now)


async def ask_closing(
    session: AsyncSession, case_id: str, substatus: str, staff_id: int, now: datetime
) -> None:
    """The first of two people closes a case; a second one must confirm.

    Raises ``NotYourCase`` from a state that does not close, or for an unknown substatus.
    """
    state = await _state(session, case_id)
    if state.state == CLOSED:
        raise NothingToDo
    if not guide().states[state.state].closes or substatus not in guide().substatuses:
        raise NotYourCase
    state.closing_staff_id, state.substatus = staff_id, substatus
    _note(session, staff_id, "case closing asked", case_id, now)


async def confirm_closing(
    session: AsyncSession, case_id: str, staff_id: int, now: datetime, today: date
) -> None:
    """The second of two people closes a case; from this day its period counts.

    Raises ``NotYourCase`` when nobody asked or the same person did.
    """
    state = await _state(session, case_id)
    if state.state == CLOSED:
        raise NothingToDo
    if state.closing_staff_id is None or state.closing_staff_id == staff_id:
        raise NotYourCase
    await _enter(session, state, CLOSED, today)
    state.closed_on = today
    _note(session, staff_id, "case closed", case_id, now)


# Keys


@dataclass(frozen=True, slots=True)
class Resealed:
    """A ciphertext and what takes its place. ``message_id`` is nothing for the report itself."""

    case_id: str
    message_id: str | None
    was: bytes
    sealed: bytes


async def reseal(session: AsyncSession, items: Sequence[Resealed]) -> int:
    """Put new ciphertext where the old one still is; returns how many were replaced.

    ``was`` is the SHA-256 of the old one: what changed meanwhile is left alone.
    """
    replaced = 0
    for item in items:
        row: ReportCase | CaseMessage | None
        if item.message_id is None:
            row = await session.get(ReportCase, item.case_id, with_for_update=True)
        else:
            row = await session.get(CaseMessage, item.message_id, with_for_update=True)
        if row is not None and hashlib.sha256(row.sealed).digest() == item.was:
            row.sealed = item.sealed
            replaced += 1
    await session.flush()
    return replaced
