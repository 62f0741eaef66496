"""Calendar files: whatever comes from outside is read row by row, and what we write comes back."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import CalendarNotReadable
from bot.events import EventDraft, Topic
from bot.events.calendar import LARGEST_FILE, Entry, Row, read_calendar, write_calendar
from bot.events.editing import preview
from bot.places import towns
from bot.texts import HOUSE_TIME

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
WHEN = "DTSTART;TZID=Europe/Berlin:20270302T180000"


def file(*events: str, head: str = "") -> bytes:
    """A calendar file with these events; their lines are separated by ``|``."""
    blocks = ["\r\n".join(["BEGIN:VEVENT", *event.split("|"), "END:VEVENT"]) for event in events]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//", *([head] if head else [])]
    return "\r\n".join([*lines, *blocks, "END:VCALENDAR", ""]).encode()


def draft(row: Row) -> EventDraft:
    """The draft of a row that has one."""
    assert row.draft is not None, row
    return row.draft


def test_a_feed_is_read() -> None:
    """Title, text with line breaks, place with its town, topic by words, time in its zone."""
    [row] = read_calendar(
        file(
            "UID:a@kreis|SUMMARY:Frauencafé\\, offen|DESCRIPTION:Tee\\nund Gespräche|"
            f"LOCATION:Bürgerhaus\\, 65479 Raunheim|{WHEN}|DURATION:PT2H|RRULE:FREQ=WEEKLY;COUNT=4"
        )
    )
    found = draft(row)
    assert (found.title, found.text) == ("Frauencafé, offen", "Tee\nund Gespräche")
    assert (found.municipality, found.topic) == ("Raunheim", Topic.WOMEN)
    assert found.starts_at == datetime(2027, 3, 2, 17, tzinfo=UTC)
    assert found.ends_at == datetime(2027, 3, 2, 19, tzinfo=UTC)
    assert found.rule == "FREQ=WEEKLY;COUNT=4"
    assert row.notes == ()


def test_each_broken_row_says_what_is_wrong_and_hides_no_other() -> None:
    """The good one is read though everything around it is broken."""
    rows = read_calendar(
        file(
            f"SUMMARY:Gut|DESCRIPTION:x|{WHEN}|UID:1",
            f"{WHEN}|UID:2",
            "SUMMARY:Ohne Datum|UID:3",
            "SUMMARY:Falsches Datum|DTSTART:2027",
            f"SUMMARY:Zurück|{WHEN}|DTEND;TZID=Europe/Berlin:20270302T170000",
            "SUMMARY:Vor langer Zeit|DTSTART:19000101T100000Z",
            f"SUMMARY:Jede Sekunde|{WHEN}|RRULE:FREQ=SECONDLY",
            f"SUMMARY:Ein Termin|{WHEN}|RECURRENCE-ID:20270309T170000Z",
            f"SUMMARY:Abgesagt|{WHEN}|STATUS:CANCELLED",
            f"SUMMARY:Noch einmal|{WHEN}|UID:1",
        )
    )
    assert [row.fault for row in rows] == [
        None, "no title", "no date", "broken", "date", "date", "rule", "single date", "cancelled",
        "twice",
    ]  # fmt: skip
    assert draft(rows[0]).title == "Gut"
    assert [row.number for row in rows] == list(range(1, 11))


def test_a_whole_day_and_a_time_without_a_zone() -> None:
    """Without a zone it is the time of the county; a day is a day there."""
    [day, floating] = read_calendar(
        file(
            "SUMMARY:Wochen|DTSTART;VALUE=DATE:20270315|DTEND;VALUE=DATE:20270329|UID:1",
            "SUMMARY:Frei|DTSTART:20270701T180000|UID:2",
        )
    )
    assert draft(day).all_day
    assert draft(day).starts_at == datetime(2027, 3, 15, tzinfo=HOUSE_TIME)
    assert draft(day).ends_at == datetime(2027, 3, 29, tzinfo=HOUSE_TIME)
    assert draft(floating).starts_at == datetime(2027, 7, 1, 16, tzinfo=UTC)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_umlauts_survive_every_usual_encoding(encoding: str) -> None:
    """Old programs write Windows' letters, others UTF-16."""
    text = file(f"SUMMARY:Frühstück für Mütter|{WHEN}").decode()
    [row] = read_calendar(text.encode(encoding))
    assert row.title == "Frühstück für Mütter"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7",
        b"\xff\xfe\xff",
        b"BEGIN:VCALENDAR\r\n" + b"A" * LARGEST_FILE,
        b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 5_000,
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\nEND:VEVENT\r\n",
        b"BEGIN:VCALENDAR\r\nSUMMARY:x" + b"\r\n y" * 20_000,
        b"BEGIN:VCALENDAR\r\n" + b"X:1\n" * 30_000,
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:x\x00y\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        file(*[f"SUMMARY:x|{WHEN}"] * 301),
    ],
    ids=[
        "empty", "pdf", "no text", "too large", "nested", "crossed", "one long line", "many lines",
        "zero bytes", "too many",
    ],
)  # fmt: skip
def test_a_bomb_is_refused_at_once(content: bytes) -> None:
    """Before any parser unpacks it."""
    began = time.perf_counter()
    with pytest.raises(CalendarNotReadable):
        read_calendar(content)
    assert time.perf_counter() - began < 2


def test_a_zone_with_a_rule_for_every_second_is_not_even_looked_at() -> None:
    """A parser that worked out all its changes would be busy for hours."""
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:Evil\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        "TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=SECONDLY\r\nEND:STANDARD\r\n"
        "END:VTIMEZONE"
    )
    began = time.perf_counter()
    [row] = read_calendar(file("SUMMARY:x|DTSTART;TZID=Evil:20270302T180000", head=zone))
    assert draft(row).starts_at == datetime(2027, 3, 2, 17, tzinfo=UTC), "the county's time"
    assert time.perf_counter() - began < 2


def test_markup_and_long_words_stay_words() -> None:
    """What is too long is cut and said; nothing is run."""
    [row] = read_calendar(
        file(f"SUMMARY:<b>{'x' * 300}|DESCRIPTION:{'y ' * 3000}|LOCATION:{'z' * 300}|{WHEN}")
    )
    found = draft(row)
    assert found.title.startswith("<b>xxx")
    assert set(row.notes) >= {"title cut", "text cut", "place cut"}
    assert (len(found.title), len(found.place)) == (120, 120)
    assert len(found.text) <= 2000


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=300).map(lambda t: file(t, f"{t}|{WHEN}")))
def test_nothing_that_is_sent_breaks_the_reader(content: bytes) -> None:
    """It is read, or refused."""
    try:
        rows = read_calendar(content)
    except CalendarNotReadable:
        return
    assert all((row.draft is None) is (row.fault is not None) for row in rows)


_words = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]), min_size=1, max_size=60
).map(lambda text: " ".join(text.split()) or "x")
_drafts = st.builds(
    EventDraft,
    title=_words,
    text=_words,
    topic=st.sampled_from(Topic),
    municipality=st.none() | st.sampled_from(sorted(towns())),
    place=_words,
    address=_words,
    starts_at=st.integers(0, 1_500_000).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    rule=st.none() | st.sampled_from(["FREQ=WEEKLY;BYDAY=MO", "FREQ=MONTHLY;COUNT=3;BYDAY=1TU"]),
    languages=st.lists(st.sampled_from(["de", "ar", "tr"]), unique=True).map(tuple),
    cost_cents=st.none() | st.integers(0, 5000),
    childcare=st.none() | st.booleans(),
    barrier_free=st.none() | st.booleans(),
    registration=st.sampled_from(["", "none", "here", "elsewhere"]),
    registration_at=st.just("") | _words,
    capacity=st.none() | st.integers(1, 500),
    uid=st.just("a@b"),
)


@settings(max_examples=100, deadline=None)
@given(_drafts)
def test_what_is_exported_comes_back_the_same(original: EventDraft) -> None:
    """Every field, in any letters."""
    event = preview(original, NOW)
    content = write_calendar([Entry(event, event.title, event.text, event.place)], everything=True)
    [row] = read_calendar(content)
    assert draft(row) == original


def test_the_file_says_what_a_calendar_app_needs() -> None:
    """Read with an independent reader: zone, series, alarm, name and state."""
    event = preview(
        EventDraft(
            title="Kurs",
            text="x",
            topic=Topic.COURSES,
            starts_at=datetime(2027, 3, 21, 9, tzinfo=UTC),
            ends_at=datetime(2027, 3, 21, 11, tzinfo=UTC),
            rule="FREQ=WEEKLY;COUNT=3",
            uid="kurs@bot",
        ),
        NOW,
    )
    link = "https://t.me/bot?start=event_1"
    content = write_calendar([Entry(event, "Kurs", "x", "Haus", link=link, alarm=True)])
    read: Any = icalendar.Calendar.from_ical(content)
    [found] = read.walk("VEVENT")
    assert found["DTSTART"].dt.utcoffset() == timedelta(hours=1)
    assert found["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert (found["UID"], found["STATUS"]) == ("kurs@bot", "CONFIRMED")
    assert found["URL"] == link
    [alarm] = found.walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(days=-1)
    [zone] = read.walk("VTIMEZONE")
    berlin = zone.to_tz()
    for moment in (datetime(2027, 1, 1, 12), datetime(2027, 7, 1, 12)):  # noqa: DTZ001 wall clock
        ours = moment.replace(tzinfo=HOUSE_TIME).utcoffset()
        assert moment.replace(tzinfo=berlin).utcoffset() == ours
    event.state = "cancelled"
    read = icalendar.Calendar.from_ical(write_calendar([Entry(event, "Kurs", "x", "")]))
    [gone] = read.walk("VEVENT")
    assert gone["STATUS"] == "CANCELLED"
    event.all_day = True
    read = icalendar.Calendar.from_ical(write_calendar([Entry(event, "Kurs", "x", "")]))
    [whole] = read.walk("VEVENT")
    assert whole["DTSTART"].dt == date(2027, 3, 21)
