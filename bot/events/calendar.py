"""Calendar files (.ics, RFC 5545): a feed is read row by row, and events are written.

A file comes from outside and may be anything. Its size, its lines and its nesting are looked at
before a parser sees it; of its parts only VEVENT is read, and each by itself: time zones with
rules of their own could keep the parser busy for hours, and one broken event must not hide the
next.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

import icalendar
from pydantic import ValidationError

from bot.errors import CalendarNotReadable, RuleNotUnderstood
from bot.events.editing import PLACE_LIMIT, TEXT_LIMIT, TITLE_LIMIT, EventDraft, plain
from bot.events.reading import read_where
from bot.events.recurring import check_rule
from bot.events.topics import Topic, topic_in
from bot.models import Event
from bot.places import towns
from bot.texts import HOUSE_TIME

LARGEST_FILE = 512 << 10
"""Bytes of a calendar file; a year of events takes about a tenth of it."""
MOST_EVENTS = 300
_MOST_LINES = 20_000
_LONGEST_LINE = 16_000  # characters of a line after it was unfolded
_DEEPEST = 4
_LONGEST_UID = 255
_LONGEST_PLACE = 300
_EARLIEST, _LATEST = 2000, 2100  # years
_LONGEST = timedelta(days=366)
_OURS = "X-KREISBOT-"
_EXTRA = {
    "TOPIC": "topic",
    "TOWN": "municipality",
    "PLACE": "place",
    "ADDRESS": "address",
    "LANGUAGES": "languages",
    "COST-CENTS": "cost_cents",
    "CHILDCARE": "childcare",
    "BARRIER-FREE": "barrier_free",
    "REGISTRATION": "registration",
    "REGISTRATION-AT": "registration_at",
    "CAPACITY": "capacity",
    "YEARLY": "yearly_id",
}

Fault = Literal[
    "broken", "no title", "no date", "date", "rule", "single date", "twice", "cancelled"
]
Note = Literal["title cut", "text cut", "place cut", "no topic", "no text"]


@dataclass(frozen=True, slots=True)
class Row:
    """One event of a file: a draft with what should be looked at, or why it cannot be taken."""

    number: int
    title: str
    draft: EventDraft | None = None
    fault: Fault | None = None
    notes: tuple[Note, ...] = ()


def read_calendar(content: bytes) -> list[Row]:
    """The events of a calendar file, in its order, each as a draft or with its fault.

    May take a second and is to be run in a thread. Raises ``CalendarNotReadable`` when it is no
    calendar, or larger or more nested than one may be.
    """
    if len(content) > LARGEST_FILE:
        raise CalendarNotReadable
    rows: list[Row] = []
    seen: set[str] = set()
    for number, block in enumerate(_events(_unfolded(_text(content))), start=1):
        if number > MOST_EVENTS:
            raise CalendarNotReadable
        row = _row(number, block)
        uid = row.draft.uid if row.draft is not None else None
        rows.append(Row(number, row.title, fault="twice") if uid in seen else row)
        if uid is not None:
            seen.add(uid)
    return rows


def _text(content: bytes) -> str:
    """The file's text. Old programs write Windows' letters; everything else is UTF-8."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text and text.lstrip()[:15].upper() == "BEGIN:VCALENDAR":
            return text
    raise CalendarNotReadable


def _unfolded(text: str) -> list[str]:
    lines: list[list[str]] = []
    length = 0
    for line in re.split(r"\r\n|\n|\r", text):
        if line[:1] in (" ", "\t") and lines:
            lines[-1].append(line[1:])
            length += len(line)
        else:
            lines.append([line])
            length = len(line)
        if length > _LONGEST_LINE or len(lines) > _MOST_LINES:
            raise CalendarNotReadable
    return ["".join(parts) for parts in lines]


def _events(lines: Sequence[str]) -> Iterator[list[str]]:
    """The lines of each VEVENT, without what is nested in it."""
    open_: list[str] = []
    block: list[str] = []
    for line in lines:
        word, _, name = line.strip().upper().partition(":")
        if word == "BEGIN":
            open_.append(name)
            if len(open_) > _DEEPEST:
                raise CalendarNotReadable
            if open_ == ["VCALENDAR", "VEVENT"]:
                block = [line]
        elif word == "END":
            if not open_ or open_[-1] != name:
                raise CalendarNotReadable
            if open_ == ["VCALENDAR", "VEVENT"]:
                yield [*block, line]
            open_.pop()
        elif open_ == ["VCALENDAR", "VEVENT"]:
            block.append(line)
    if open_:
        raise CalendarNotReadable


def _row(number: int, block: Sequence[str]) -> Row:
    try:
        found = icalendar.Event.from_ical("\r\n".join(block) + "\r\n")
    except Exception:  # a parser of other people's files: whatever it trips over, the row is told
        return Row(number, "", fault="broken")
    if not isinstance(found, icalendar.Event):
        return Row(number, "", fault="broken")
    title = plain(_words(found, "SUMMARY")).replace("\n", " ")
    try:
        return _read(number, title, found)
    except RuleNotUnderstood:
        return Row(number, title[:TITLE_LIMIT], fault="rule")
    except (ValidationError, ValueError, TypeError, AttributeError, KeyError, OverflowError):
        return Row(number, title[:TITLE_LIMIT], fault="broken")


def _read(number: int, title: str, found: Any) -> Row:
    shown = title[:TITLE_LIMIT]
    fault: Fault | None = None
    if not title:
        fault = "no title"
    elif "RECURRENCE-ID" in found:
        fault = "single date"
    elif _words(found, "STATUS").upper() == "CANCELLED":
        fault = "cancelled"
    elif "DTSTART" not in found:
        fault = "no date"
    if fault is not None:
        return Row(number, shown, fault=fault)
    starts_at, all_day = _moment(found["DTSTART"].dt)
    ends_at = _end(found, starts_at)
    if not _EARLIEST <= starts_at.year <= _LATEST or (
        ends_at is not None and not timedelta(0) < ends_at - starts_at <= _LONGEST
    ):
        return Row(number, shown, fault="date")
    notes: list[Note] = []
    text = plain(_words(found, "DESCRIPTION"))
    location = plain(_words(found, "LOCATION")).replace("\n", ", ")
    if len(title) > TITLE_LIMIT:
        notes.append("title cut")
    if len(text) > TEXT_LIMIT:
        notes.append("text cut")
    if len(location) > PLACE_LIMIT:
        notes.append("place cut")
    values: dict[str, Any] = {
        "title": shown,
        "text": text[:TEXT_LIMIT],
        "topic": topic_in(" ".join([_categories(found), title, text[:500]])),
        **read_where(location[:_LONGEST_PLACE]),
        "starts_at": starts_at,
        "ends_at": ends_at,
        "all_day": all_day,
        "rule": _rule(found),
        "left_out": ",".join(sorted(moment.isoformat() for moment in _left_out(found)))[:8000],
        "registration_at": "",
        "uid": _uid(found, title, starts_at),
    }
    values.update(_extra(found))
    if values["topic"] is None:
        notes.append("no topic")
    if not values["text"]:
        notes.append("no text")
    return Row(number, shown, EventDraft.model_validate(values), notes=tuple(notes))


def _uid(found: Any, title: str, starts_at: datetime) -> str:
    """The calendar's name of the event; without a usable one a name made of title and beginning.

    So the same file makes no second event, however often it is imported.
    """
    given = plain(_words(found, "UID"))
    if given and len(given) <= _LONGEST_UID:
        return given
    made = sha256(f"{title}|{given}|{starts_at.isoformat()}".encode()).hexdigest()
    return f"{made[:32]}@import"


def _words(found: Any, name: str) -> str:
    value = found.get(name)
    if isinstance(value, list):
        value = value[0]
    return "" if value is None else str(value)


def _categories(found: Any) -> str:
    value = found.get("CATEGORIES")
    names = value if isinstance(value, list) else [value] if value is not None else []
    return " ".join(name.to_ical().decode(errors="replace") for name in names)[:500]


def _moment(value: Any) -> tuple[datetime, bool]:
    """A moment in UTC, and whether it is a whole day. Without a zone it is the county's time."""
    if isinstance(value, datetime):
        zoned = value if value.tzinfo is not None else value.replace(tzinfo=HOUSE_TIME)
        return zoned.astimezone(UTC), False
    if isinstance(value, date):
        midnight = datetime(value.year, value.month, value.day, tzinfo=HOUSE_TIME)
        return midnight.astimezone(UTC), True
    raise ValueError("no moment")


def _end(found: Any, starts_at: datetime) -> datetime | None:
    if "DTEND" in found:
        ends_at, _whole = _moment(found["DTEND"].dt)
        return ends_at if ends_at != starts_at else None
    if "DURATION" in found:
        length: timedelta = found["DURATION"].dt
        return starts_at + length if length else None
    return None


def _rule(found: Any) -> str | None:
    value = found.get("RRULE")
    if value is None:
        return None
    if isinstance(value, list):
        raise RuleNotUnderstood("two rules")
    return check_rule(value.to_ical().decode())


def _left_out(found: Any) -> Iterator[datetime]:
    value = found.get("EXDATE")
    for group in value if isinstance(value, list) else [value] if value is not None else []:
        for one in group.dts:
            yield _moment(one.dt)[0]


def _extra(found: Any) -> dict[str, Any]:
    """What our own files say beside the standard, so that an export can be imported again."""
    values: dict[str, Any] = {}
    for name, field in _EXTRA.items():
        said = _words(found, _OURS + name)
        if not said:
            continue
        if field == "topic":
            if said in set(Topic):
                values[field] = Topic(said)
        elif field == "municipality":
            if said in towns():
                values[field] = said
        elif field == "languages":
            values[field] = tuple(said.split("+"))
        elif field in ("cost_cents", "capacity"):
            values[field] = int(said)
        elif field in ("childcare", "barrier_free"):
            values[field] = said == "YES"
        else:
            values[field] = plain(said)
    return values


# Writing

# The zone in the few lines that every calendar app reads; written out year by year it is longer
# than the events. A clock goes forward at two in winter time and back at three in summer time.
_BERLIN = b"\r\n".join(
    [
        b"BEGIN:VTIMEZONE",
        b"TZID:Europe/Berlin",
        b"BEGIN:DAYLIGHT",
        b"TZNAME:CEST",
        b"TZOFFSETFROM:+0100",
        b"TZOFFSETTO:+0200",
        b"DTSTART:19810329T020000",
        b"RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        b"END:DAYLIGHT",
        b"BEGIN:STANDARD",
        b"TZNAME:CET",
        b"TZOFFSETFROM:+0200",
        b"TZOFFSETTO:+0100",
        b"DTSTART:19961027T030000",
        b"RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        b"END:STANDARD",
        b"END:VTIMEZONE",
        b"",
    ]
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as it is written into a file: the words are in the reader's language."""

    event: Event
    title: str
    description: str
    location: str
    link: str = ""
    alarm: bool = False


def write_calendar(entries: Sequence[Entry], *, everything: bool = False) -> bytes:
    """A calendar file that any calendar app opens.

    Times of a series are those of Europe/Berlin, so that they stay by the clock on the wall in
    summer and in winter. ``everything`` also writes what only we read, for an import.
    """
    file = icalendar.Calendar()
    file.add("PRODID", "-//Büro für Integration Kreis Groß-Gerau//kreis-bot//DE")
    file.add("VERSION", "2.0")
    file.add("CALSCALE", "GREGORIAN")
    file.add("METHOD", "PUBLISH")
    for entry in entries:
        if entry.event.starts_at is not None:
            file.add_component(_vevent(entry, everything))
    written: bytes = file.to_ical()
    return written.replace(b"BEGIN:VEVENT", _BERLIN + b"BEGIN:VEVENT", 1)


def _vevent(entry: Entry, everything: bool) -> icalendar.Event:
    event, made = entry.event, icalendar.Event()
    made.add("UID", event.uid)
    made.add("DTSTAMP", event.changed_at.astimezone(UTC))
    made.add("LAST-MODIFIED", event.changed_at.astimezone(UTC))
    made.add("SEQUENCE", event.sequence)
    made.add("SUMMARY", entry.title)
    made.add("DESCRIPTION", entry.description)
    if entry.location:
        made.add("LOCATION", entry.location)
    if entry.link:
        made.add("URL", entry.link)
    made.add("STATUS", "CANCELLED" if event.state == "cancelled" else "CONFIRMED")
    made.add("DTSTART", _written(event.starts_at, event.all_day))
    if event.ends_at is not None:
        made.add("DTEND", _written(event.ends_at, event.all_day))
    if event.rule:
        made.add("RRULE", icalendar.vRecur.from_ical(event.rule))
        for moment in event.left_out.split(",") if event.left_out else ():
            made.add("EXDATE", _written(datetime.fromisoformat(moment), event.all_day))
    if entry.alarm and event.state != "cancelled":
        alarm = icalendar.Alarm()
        alarm.add("ACTION", "DISPLAY")
        alarm.add("DESCRIPTION", entry.title)
        alarm.add("TRIGGER", timedelta(days=-1))
        made.add_component(alarm)
    if everything:
        for name, field in _EXTRA.items():
            said = _said(getattr(event, field), field)
            if said:
                made.add(_OURS + name, said)
    return made


def _said(value: Any, field: str) -> str:
    if field == "languages":
        return str(value).replace(",", "+")
    if isinstance(value, bool):
        return "YES" if value else "NO"
    return "" if value is None else str(value)


def _written(moment: datetime | None, all_day: bool) -> datetime | date:
    local = (moment or datetime.min.replace(tzinfo=UTC)).astimezone(HOUSE_TIME)
    return local.date() if all_day else local
