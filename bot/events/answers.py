"""Who comes: places, a waiting list that moves up, and nobody promised a place that is not there.

``events.places_taken`` is the one figure that decides: a place is taken by an UPDATE that looks
whether it is still there. It counts the date in ``places_taken_for``; answers are always about
the date that comes next.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import case, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import EventCancelled, EventGone
from bot.events.recurring import Date, next_date
from bot.models import Attendance, Chat, Event, Reminder
from bot.outbox import owe

MOST_PLACES = 6
"""How many places one chat can take: a family, and not a bus."""


class Answer(StrEnum):
    """What somebody said to an event."""

    INTERESTED = "interested"
    COMES = "comes"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of an answer: the answer that counts now, the places, and the date meant.

    ``wished`` is how many places were asked for; it is more than ``places`` when somebody who
    already comes asked for more than there are.
    """

    answer: Answer
    places: int
    date: Date
    wished: int


async def my_answer(
    session: AsyncSession, event_id: int, chat: Chat, now: datetime
) -> Attendance | None:
    """What somebody answered about a date that is not over, or nothing."""
    mine = await _mine(session, event_id, chat)
    return mine if mine is not None and mine.over_at > now else None


async def _mine(session: AsyncSession, event_id: int, chat: Chat) -> Attendance | None:
    found: Attendance | None = await session.scalar(
        select(Attendance).where(
            Attendance.event_id == event_id,
            Attendance.channel == chat.channel,
            Attendance.chat_id == chat.id,
        )
    )
    return found


async def _locked(session: AsyncSession, event_id: int, now: datetime) -> tuple[Event, Date]:
    """The event, kept for us until the end of the transaction, and its next date.

    Answers to one event go one by one: somebody who is put on the waiting list must not miss the
    place that becomes free at the same moment.
    """
    event = await session.scalar(select(Event).where(Event.id == event_id).with_for_update())
    if event is None or event.state == "draft":
        raise EventGone
    if event.state == "cancelled":
        raise EventCancelled
    date = next_date(event, now)
    if date is None:
        raise EventGone
    return event, date


async def say_interested(
    session: AsyncSession, event_id: int, chat: Chat, now: datetime
) -> Answered:
    """Note that somebody is interested; a place that was taken before is given back.

    Raises ``EventGone`` and ``EventCancelled``.
    """
    _event, date = await _locked(session, event_id, now)
    await _give_up(session, event_id, chat, now)
    _note(session, event_id, chat, Answer.INTERESTED, 1, date, now)
    await session.flush()
    return Answered(Answer.INTERESTED, 1, date, 1)


async def come(
    session: AsyncSession, event_id: int, chat: Chat, places: int, now: datetime
) -> Answered:
    """Take places, or a place on the waiting list when there are not enough.

    Whoever already comes and asks for more than there are keeps what they have. Raises
    ``EventGone`` and ``EventCancelled``.
    """
    _event, date = await _locked(session, event_id, now)
    places = max(1, min(places, MOST_PLACES))
    mine = await _mine(session, event_id, chat)
    comes = mine is not None and mine.answer == Answer.COMES and mine.occurs_at == date.starts_at
    had = mine.places if mine is not None and comes else 0
    if places > had:
        won = await _take(session, event_id, date.starts_at, places - had)
        if not won and comes:
            return Answered(Answer.COMES, had, date, places)
        answer = Answer.COMES if won else Answer.WAITING
    else:
        answer = Answer.COMES
        await _release(session, event_id, date.starts_at, had - places)
    if mine is not None and answer is Answer.WAITING and mine.answer == Answer.WAITING:
        # Who waits keeps the turn, whatever the number of places.
        since = mine.answered_at if mine.occurs_at == date.starts_at else now
    else:
        since = now
    await session.execute(delete(Attendance).where(Attendance.id == (mine.id if mine else -1)))
    _note(session, event_id, chat, answer, places, date, since)
    await session.flush()
    if places < had:
        await _move_up(session, event_id, date.starts_at, now)
    return Answered(answer, places, date, places)


async def take_back(session: AsyncSession, event_id: int, chat: Chat, now: datetime) -> bool:
    """Take an answer back, and the reminder with it; whoever waits moves up and is told.

    Whether there was an answer.
    """
    # Also for a cancelled event: the answer is the person's own.
    await session.scalar(select(Event.id).where(Event.id == event_id).with_for_update())
    await session.execute(
        delete(Reminder).where(
            Reminder.event_id == event_id,
            Reminder.channel == chat.channel,
            Reminder.chat_id == chat.id,
        )
    )
    return await _give_up(session, event_id, chat, now)


async def _give_up(session: AsyncSession, event_id: int, chat: Chat, now: datetime) -> bool:
    mine = await _mine(session, event_id, chat)
    if mine is None:
        return False
    answer, places, occurs_at = mine.answer, mine.places, mine.occurs_at
    await session.execute(delete(Attendance).where(Attendance.id == mine.id))
    if answer == Answer.COMES:
        await _release(session, event_id, occurs_at, places)
        await _move_up(session, event_id, occurs_at, now)
    return True


async def give_up_all(session: AsyncSession, chat: Chat) -> None:
    """Delete every answer of a chat; its places become free, and the clock fills them."""
    rows = await session.scalars(
        delete(Attendance)
        .where(Attendance.channel == chat.channel, Attendance.chat_id == chat.id)
        .returning(Attendance)
    )
    for row in rows.all():
        if row.answer == Answer.COMES:
            await _release(session, row.event_id, row.occurs_at, row.places)


def _note(
    session: AsyncSession,
    event_id: int,
    chat: Chat,
    answer: Answer,
    places: int,
    date: Date,
    since: datetime,
) -> None:
    session.add(
        Attendance(
            event_id=event_id,
            channel=chat.channel,
            chat_id=chat.id,
            answer=answer.value,
            places=places,
            occurs_at=date.starts_at,
            over_at=date.ends_at,
            answered_at=since,
            quiet=False,
        )
    )


async def _take(session: AsyncSession, event_id: int, occurs_at: datetime, places: int) -> bool:
    """Take places when they are there; decided in this one statement."""
    taken = case((Event.places_taken_for == occurs_at, Event.places_taken), else_=0)
    won = await session.scalar(
        update(Event)
        .where(
            Event.id == event_id,
            Event.state.in_(("announced", "changed")),
            or_(Event.capacity.is_(None), taken + places <= Event.capacity),
        )
        .values(places_taken=taken + places, places_taken_for=occurs_at)
        .returning(Event.id)
        .execution_options(synchronize_session=False)
    )
    return won is not None


async def _release(session: AsyncSession, event_id: int, occurs_at: datetime, places: int) -> None:
    await session.execute(
        update(Event)
        .where(Event.id == event_id, Event.places_taken_for == occurs_at)
        .values(
            places_taken=case((Event.places_taken > places, Event.places_taken - places), else_=0)
        )
        .execution_options(synchronize_session=False)
    )


async def _move_up(session: AsyncSession, event_id: int, occurs_at: datetime, now: datetime) -> int:
    """Give free places to those who wait, in their order, and owe them the news.

    Who waits for more places than are free is passed over: better than an empty chair.
    """
    waiting = await session.scalars(
        select(Attendance)
        .where(
            Attendance.event_id == event_id,
            Attendance.answer == Answer.WAITING.value,
            Attendance.occurs_at == occurs_at,
        )
        .order_by(Attendance.answered_at, Attendance.id)
    )
    moved = 0
    for row in waiting.all():
        if await _take(session, event_id, occurs_at, row.places):
            row.answer = Answer.COMES.value
            moved += 1
            content = {"event_id": event_id, "places": row.places}
            owe(session, Chat(row.channel, row.chat_id), "event_moved_up", content, now)
    await session.flush()
    return moved


async def fill_places(session: AsyncSession, now: datetime) -> int:
    """Let those who wait move up wherever places became free; returns how many did.

    Done by the clock: a place also becomes free when somebody says /forget, or when staff find a
    larger room.
    """
    waiting = await session.execute(
        select(Attendance.event_id, Attendance.occurs_at)
        .where(Attendance.answer == Answer.WAITING.value, Attendance.over_at > now)
        .distinct()
        .order_by(Attendance.event_id, Attendance.occurs_at)
    )
    moved = 0
    for event_id, occurs_at in waiting.all():
        await session.scalar(select(Event.id).where(Event.id == event_id).with_for_update())
        moved += await _move_up(session, event_id, occurs_at, now)
    return moved
