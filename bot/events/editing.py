"""Staff write events: drafts, publishing, changing, cancelling; who comes is told what counts."""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import EventGone, EventIncomplete, NothingToDo
from bot.events.answers import Answer, fill_places
from bot.events.recurring import check_rule, date_of, next_date, over_at
from bot.events.reminding import reminder_due
from bot.events.topics import Topic
from bot.models import Attendance, Chat, Event, EventPicture, EventText, Reminder
from bot.outbox import owe
from bot.places import towns

TITLE_LIMIT, TEXT_LIMIT, PLACE_LIMIT = 120, 2000, 120
"""Characters: the card of an event with every line must fit into one message of 4,096."""
_MATERIAL = frozenset({"starts_at", "ends_at", "all_day", "rule", "left_out", "place", "address"})
"""What changes where or when somebody has to be: those who come are told."""


def plain(text: str) -> str:
    """Words without control characters, which no database and no calendar takes; trimmed."""
    kept = "".join(
        c for c in text.replace("\r\n", "\n") if c == "\n" or unicodedata.category(c) not in _BAD
    )
    return kept.strip()


_BAD = frozenset({"Cc", "Cs", "Cn"})
Words = Annotated[str, AfterValidator(plain)]


def _known_town(name: str | None) -> str | None:
    if name is not None and name not in towns():
        raise ValueError("no municipality of the county")
    return name


class EventDraft(BaseModel):
    """What an event says, before it is in the database or after it was changed.

    Moments are aware. ``None`` and empty words mean "not known": nothing is guessed.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    title: Annotated[Words, Field(max_length=TITLE_LIMIT)] = ""
    text: Annotated[Words, Field(max_length=TEXT_LIMIT)] = ""
    topic: Topic | None = None
    municipality: Annotated[str | None, AfterValidator(_known_town)] = None
    place: Annotated[Words, Field(max_length=PLACE_LIMIT)] = ""
    address: Annotated[Words, Field(max_length=PLACE_LIMIT)] = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    all_day: bool = False
    rule: Annotated[str | None, AfterValidator(lambda r: r and check_rule(r))] = None
    left_out: Annotated[str, Field(max_length=8000)] = ""
    languages: tuple[str, ...] = ()
    cost_cents: Annotated[int | None, Field(ge=0, le=1_000_000)] = None
    childcare: bool | None = None
    barrier_free: bool | None = None
    registration: Literal["", "none", "here", "elsewhere"] = ""
    registration_at: Annotated[Words, Field(max_length=200)] = ""
    capacity: Annotated[int | None, Field(ge=1, le=100_000)] = None
    yearly_id: str | None = None
    uid: Annotated[str | None, Field(max_length=255)] = None

    def missing(self) -> tuple[str, ...]:
        """The fields without which nobody can be told of the event, in the order of the card."""
        needed = ("title", "text", "topic", "starts_at")
        return tuple(name for name in needed if not getattr(self, name))

    def ends_before_it_begins(self) -> bool:
        """Whether the end was given and is not after the beginning."""
        return None not in (self.starts_at, self.ends_at) and self.ends_at <= self.starts_at  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Change:
    """What a change came to: the fields that differ, and how many people are told."""

    fields: tuple[str, ...]
    told: int


def draft_of(event: Event) -> EventDraft:
    """An event as a draft, to be changed."""
    values: dict[str, Any] = {
        name: getattr(event, name) for name in EventDraft.model_fields if name != "languages"
    }
    spoken = tuple(event.languages.split(",")) if event.languages else ()
    values["topic"] = event.topic or None
    return EventDraft(**values, languages=spoken)


def _put(event: Event, draft: EventDraft) -> None:
    """Write a draft's values into a row."""
    for name in EventDraft.model_fields:
        if name not in {"languages", "uid", "topic"}:
            setattr(event, name, getattr(draft, name))
    event.topic = draft.topic.value if draft.topic else ""
    event.languages = ",".join(draft.languages)[:64]
    event.over_at = over_at(draft.starts_at, draft.ends_at, draft.all_day, draft.rule)


def new_uid() -> str:
    """A name for an event that no calendar gave one."""
    return f"{secrets.token_hex(12)}@kreis-bot"


def preview(draft: EventDraft, now: datetime) -> Event:
    """A draft as an event that is in no database, to be looked at."""
    event = Event(
        uid=draft.uid or "",
        state="draft",
        sequence=0,
        places_taken=0,
        notice="",
        created_at=now,
        changed_at=now,
    )
    _put(event, draft)
    return event


async def create_event(session: AsyncSession, draft: EventDraft, now: datetime) -> Event:
    """A new event that only staff see. Raises ``EventIncomplete`` without a title.

    A draft with a name (UID) that is there already was saved before, by a process that died before
    it could say so: the event is given as it is.
    """
    if not draft.title:
        raise EventIncomplete("title")
    saved = await find_by_uid(session, draft.uid) if draft.uid else None
    if saved is not None:
        return saved
    event = preview(draft, now)
    event.uid = draft.uid or new_uid()
    session.add(event)
    await session.flush()
    return event


async def _locked(session: AsyncSession, event_id: int) -> Event:
    event = await session.scalar(
        select(Event)
        .where(Event.id == event_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if event is None:
        raise EventGone
    return event


async def publish_event(session: AsyncSession, event_id: int, now: datetime) -> Event:
    """Show an event to everybody. Raises ``EventIncomplete``, ``EventGone`` and ``NothingToDo``."""
    event = await _locked(session, event_id)
    if event.state != "draft":
        raise NothingToDo
    draft = draft_of(event)
    if draft.missing():
        raise EventIncomplete(*draft.missing())
    if next_date(event, now) is None:
        raise EventGone
    event.state, event.changed_at = "announced", now
    await session.flush()
    return event


async def change_event(
    session: AsyncSession, event_id: int, draft: EventDraft, now: datetime
) -> Change:
    """Change an event; those who come are told when it is elsewhere or at another time.

    Answers and reminders go along to the new date. Raises ``EventGone``, and ``EventIncomplete``
    when something that is announced would lose what people must know.
    """
    event = await _locked(session, event_id)
    old = draft_of(event)
    fields = tuple(
        name
        for name in EventDraft.model_fields
        if name != "uid" and getattr(old, name) != getattr(draft, name)
    )
    if not fields:
        return Change((), 0)
    if event.state != "draft" and draft.missing():
        raise EventIncomplete(*draft.missing())
    _put(event, draft)
    event.changed_at = now
    told = 0
    if event.state != "draft":
        event.sequence += 1
        if event.state == "announced":
            event.state = "changed"
        await session.flush()
        await _move_along(session, event, now)
        if event.state == "changed" and _MATERIAL.intersection(fields):
            told = await _tell(session, event, "event_changed", now)
    await session.flush()
    if "capacity" in fields or "starts_at" in fields:
        await fill_places(session, now)
    return Change(fields, told)


async def _move_along(session: AsyncSession, event: Event, now: datetime) -> None:
    """Answers and reminders of dates that are no more belong to the next date now."""
    coming = next_date(event, now)
    if coming is None:
        return
    answers = await session.scalars(
        select(Attendance)
        .where(Attendance.event_id == event.id, Attendance.over_at > now)
        .order_by(Attendance.id)
        .with_for_update()
    )
    taken = 0
    for row in answers.all():
        date = date_of(event, row.occurs_at) or coming
        row.occurs_at, row.over_at = date.starts_at, date.ends_at
        if row.answer == Answer.COMES and row.occurs_at == coming.starts_at:
            taken += row.places
    event.places_taken, event.places_taken_for = taken, coming.starts_at
    reminders = await session.scalars(
        select(Reminder).where(Reminder.event_id == event.id).order_by(Reminder.id)
    )
    for reminder in reminders.all():
        date = date_of(event, reminder.occurs_at) or coming
        due = reminder_due(date, now)
        if due is None:
            await session.delete(reminder)
        else:
            reminder.occurs_at, reminder.due_at = date.starts_at, due


async def _tell(session: AsyncSession, event: Event, kind: str, now: datetime) -> int:
    """Owe a notice to everybody who comes or waits and has not said /stop; returns how many."""
    rows = await session.execute(
        select(Attendance.channel, Attendance.chat_id)
        .where(
            Attendance.event_id == event.id,
            Attendance.answer.in_((Answer.COMES.value, Answer.WAITING.value)),
            Attendance.over_at > now,
            Attendance.quiet.is_(False),
        )
        .order_by(Attendance.id)
    )
    people = [Chat(channel, chat_id) for channel, chat_id in rows]
    for chat in people:
        owe(session, chat, kind, {"event_id": event.id}, now)
    return len(people)


async def cancel_event(session: AsyncSession, event_id: int, reason: str, now: datetime) -> Change:
    """Cancel an event with a reason in German; those who come or wait are told, reminders go.

    It stays in the list until its date is over. Raises ``EventGone`` and ``NothingToDo``.
    """
    event = await _locked(session, event_id)
    if event.state not in ("announced", "changed"):
        raise NothingToDo
    event.state, event.notice = "cancelled", plain(reason)[:300]
    event.sequence += 1
    event.changed_at = now
    told = await _tell(session, event, "event_cancelled", now)
    await session.execute(delete(Reminder).where(Reminder.event_id == event_id))
    await session.flush()
    return Change(("state",), told)


async def revive_event(session: AsyncSession, event_id: int, now: datetime) -> Change:
    """Take a cancellation back; those who still come or wait are told.

    Raises ``NothingToDo`` when it is not cancelled, ``EventGone`` when its date is over.
    """
    event = await _locked(session, event_id)
    if event.state != "cancelled":
        raise NothingToDo
    if next_date(event, now) is None:
        raise EventGone
    event.state, event.notice = "changed", ""
    event.sequence += 1
    event.changed_at = now
    await session.flush()
    return Change(("state",), await _tell(session, event, "event_changed", now))


async def delete_draft(session: AsyncSession, event_id: int) -> None:
    """Delete an event that nobody was told of. Raises ``NothingToDo`` for any other."""
    gone = await session.scalar(
        delete(Event).where(Event.id == event_id, Event.state == "draft").returning(Event.id)
    )
    if gone is None:
        raise NothingToDo
    await session.execute(delete(EventText).where(EventText.event_id == event_id))
    await session.execute(delete(EventPicture).where(EventPicture.event_id == event_id))


async def set_text(
    session: AsyncSession, event_id: int, language: str, title: str, text: str, now: datetime
) -> None:
    """Put an event's title and text in a language other than German.

    Empty words take the language away. Raises ``EventGone``.
    """
    event = await _locked(session, event_id)
    title, text = plain(title)[:TITLE_LIMIT], plain(text)[:TEXT_LIMIT]
    row = await session.get(EventText, (event_id, language))
    if not title:
        if row is not None:
            await session.delete(row)
    elif row is None:
        session.add(
            EventText(event_id=event_id, language=language, title=title, text=text, changed_at=now)
        )
    else:
        row.title, row.text, row.changed_at = title, text, now
    event.changed_at = now
    await session.flush()


async def set_picture(
    session: AsyncSession, event_id: int, content: bytes | None, now: datetime
) -> None:
    """Put an event's picture (JPEG), or take it away. Raises ``EventGone``."""
    event = await _locked(session, event_id)
    await session.execute(delete(EventPicture).where(EventPicture.event_id == event_id))
    if content is not None:
        session.add(EventPicture(event_id=event_id, content=content, file_id=None))
    event.changed_at = now
    await session.flush()


async def staff_events(session: AsyncSession, now: datetime) -> list[Event]:
    """Every event that is not over: drafts first, then by date."""
    rows = await session.scalars(
        select(Event)
        .where(or_(Event.over_at.is_(None), Event.over_at > now))
        .order_by(Event.state != "draft", Event.starts_at, Event.id)
        .limit(500)
    )
    return list(rows)


async def find_by_uid(session: AsyncSession, uid: str) -> Event | None:
    """The event that a calendar calls by this name."""
    found: Event | None = await session.scalar(select(Event).where(Event.uid == uid))
    return found


async def keep_file_id(session: AsyncSession, event_id: int, file_id: str) -> None:
    """Note Telegram's name of a picture that was sent, so that it is uploaded only once."""
    picture = await session.get(EventPicture, event_id)
    if picture is not None:
        picture.file_id = file_id[:200]


async def count_events(session: AsyncSession) -> int:
    """How many events there are."""
    return int(await session.scalar(select(func.count()).select_from(Event)) or 0)
