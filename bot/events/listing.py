"""What is on: by date, by week, near a town, regularly; and how many said that they come."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.events.recurring import Date, dates, next_date
from bot.events.topics import Topic
from bot.models import Attendance, Chat, Event, EventPicture, EventText
from bot.places import distance_between
from bot.texts import HOUSE_TIME, OFFICE_LANGUAGE, SOURCE_LANGUAGE

SHOWN = ("announced", "changed", "cancelled")
NEAR_KM = 20.0
"""How far "near me" reaches, from the middle of a town: the county is 45 km long."""
VALID_FOR = timedelta(days=60)
"""How far ahead the events lie that somebody who subscribes is told of at once."""
_MOST = 1_000


class Scope(StrEnum):
    """Which events somebody wants to see."""

    ALL = "all"
    WEEK = "week"
    NEAR = "near"
    SERIES = "series"
    MINE = "mine"
    YEARLY = "yearly"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for. ``week`` counts from this one (0); ``town`` is a municipality."""

    scope: Scope = Scope.ALL
    topic: Topic | None = None
    week: int = 0
    town: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """An event with the date that is meant, and the kilometres from a town where one is known.

    ``mine`` is what the person who looks answered, in the list of their own events.
    """

    event: Event
    date: Date
    distance_km: float | None = None
    mine: Attendance | None = None


@dataclass(frozen=True, slots=True)
class LoadedEvent:
    """An event with its texts in other languages than German."""

    event: Event
    texts: Mapping[str, EventText] = field(default_factory=dict)
    has_picture: bool = False

    def language_for(self, language: str) -> str:
        """The language in which a reader sees title and text: own, else English, else German."""
        wishes = [language] if language == OFFICE_LANGUAGE else [language, SOURCE_LANGUAGE]
        return next((wish for wish in wishes if wish in self.texts), OFFICE_LANGUAGE)

    def words(self, language: str) -> tuple[str, str]:
        """Title and text in exactly this language; in German where there are none."""
        own = self.texts.get(language)
        return (self.event.title, self.event.text) if own is None else (own.title, own.text)


def week_of(now: datetime, week: int) -> tuple[datetime, datetime]:
    """Monday of a week, counted from the one that ``now`` lies in, and the Monday after."""
    today = now.astimezone(HOUSE_TIME).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=week)
    return monday, monday + timedelta(weeks=1)


async def whats_on(session: AsyncSession, wanted: Wanted, now: datetime) -> list[Listed]:
    """The events that fit, with the date that comes next (in a week: with every date), in order.

    Near a town the nearest come first. Cancelled ones stay until their date is over, so that
    nobody goes there in vain.
    """
    query = _shown(now).order_by(Event.starts_at, Event.id).limit(_MOST)
    if wanted.topic not in (None, Topic.MY_TOWN):
        query = query.where(Event.topic == wanted.topic)
    if wanted.topic is Topic.MY_TOWN and wanted.town is not None:
        query = query.where(Event.municipality == wanted.town)
    if wanted.scope is Scope.SERIES:
        query = query.where(Event.rule.is_not(None))
    events = list(await session.scalars(query))
    found: list[Listed] = []
    for event in events:
        away = _distance(event, wanted.town)
        if wanted.scope is Scope.NEAR and (away is None or away > NEAR_KM):
            continue
        if wanted.scope is Scope.WEEK:
            monday, next_monday = week_of(now, wanted.week)
            days = list(dates(event, max(monday, now), next_monday))
        else:
            coming = next_date(event, now)
            days = [] if coming is None else [coming]
        found.extend(Listed(event, date, away) for date in days)
    nearest = wanted.scope is Scope.NEAR
    return sorted(
        found,
        key=lambda one: (
            one.distance_km or 0.0 if nearest else 0.0,
            one.date.starts_at,
            one.event.id,
        ),
    )


def _shown(now: datetime) -> Select[Event]:
    return select(Event).where(
        Event.state.in_(SHOWN),
        Event.starts_at.is_not(None),
        or_(Event.over_at.is_(None), Event.over_at > now),
    )


def _distance(event: Event, town: str | None) -> float | None:
    if town is None or event.municipality is None:
        return None
    return distance_between(town, event.municipality)


async def still_valid(
    session: AsyncSession, topic: Topic, town: str | None, now: datetime
) -> list[Listed]:
    """What somebody who subscribes now would have been told already and can still go to."""
    events = await whats_on(session, Wanted(topic=topic, town=town), now)
    return [
        one
        for one in events
        if one.event.state != "cancelled"
        and one.date.starts_at < now + VALID_FOR
        and (town is None or one.event.municipality in (None, town))
    ]


async def dated_yearly(session: AsyncSession, now: datetime) -> set[str | None]:
    """Which events of every year have a date now that is not over."""
    return set(
        await session.scalars(_shown(now).with_only_columns(Event.yearly_id).order_by(Event.id))
    )


async def my_events(session: AsyncSession, chat: Chat, now: datetime) -> list[Listed]:
    """The events that somebody is interested in, comes to or waits for, the next one first."""
    rows = await session.execute(
        select(Event, Attendance)
        .join(Attendance, Attendance.event_id == Event.id)
        .where(
            Attendance.channel == chat.channel,
            Attendance.chat_id == chat.id,
            Attendance.over_at > now,
            Event.state.in_(SHOWN),
        )
        .order_by(Attendance.occurs_at, Event.id)
    )
    return [Listed(event, Date(mine.occurs_at, mine.over_at), mine=mine) for event, mine in rows]


async def load_event(session: AsyncSession, event_id: int) -> LoadedEvent | None:
    """An event with its texts, drafts too; nothing when there is none."""
    event = await session.get(Event, event_id)
    if event is None:
        return None
    texts = await session.scalars(
        select(EventText).where(EventText.event_id == event_id).order_by(EventText.language)
    )
    picture = await session.scalar(
        select(EventPicture.event_id).where(EventPicture.event_id == event_id)
    )
    return LoadedEvent(event, {text.language: text for text in texts}, picture is not None)


async def titles(session: AsyncSession, events: Collection[Event], language: str) -> dict[int, str]:
    """The titles of events for a reader, by number."""
    found = {event.id: event.title for event in events}
    if language == OFFICE_LANGUAGE or not found:
        return found
    for wish in dict.fromkeys((SOURCE_LANGUAGE, language)):
        rows = await session.execute(
            select(EventText.event_id, EventText.title)
            .where(EventText.event_id.in_(found), EventText.language == wish)
            .order_by(EventText.event_id)
        )
        found.update({event_id: title for event_id, title in rows})
    return found


async def load_picture(session: AsyncSession, event_id: int) -> EventPicture | None:
    """An event's picture."""
    return await session.get(EventPicture, event_id)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many people answered about the date that comes: people, and the places they want."""

    interested: int = 0
    coming: int = 0
    places: int = 0
    waiting: int = 0


async def tallies(
    session: AsyncSession, event_ids: Collection[int], now: datetime
) -> dict[int, Tally]:
    """The answers to events by number, without people; nothing for events nobody answered to."""
    rows = await session.execute(
        select(Attendance.event_id, Attendance.answer, func.count(), func.sum(Attendance.places))
        .where(Attendance.event_id.in_(event_ids), Attendance.over_at > now)
        .group_by(Attendance.event_id, Attendance.answer)
        .order_by(Attendance.event_id, Attendance.answer)
    )
    counts: dict[int, dict[str, tuple[int, int]]] = {}
    for event_id, answer, people, places in rows:
        counts.setdefault(event_id, {})[answer] = (int(people), int(places))
    return {
        event_id: Tally(
            interested=by.get("interested", (0, 0))[0],
            coming=by.get("comes", (0, 0))[0],
            places=by.get("comes", (0, 0))[1],
            waiting=by.get("waiting", (0, 0))[0],
        )
        for event_id, by in counts.items()
    }
