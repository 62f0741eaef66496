"""Lengths, hours of the week and days as people type them; calendar files; glossaries."""

from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar

from bot.interpreting.calendars import appointment_file
from bot.interpreting.glossaries import MACHINE, REVIEWED, glossaries, glossary_for
from bot.interpreting.moments import only_at_once
from bot.interpreting.spans import read_day, read_hours, read_minutes, read_week
from bot.volunteers import Topic, hours_of, spans_of

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("45", 45),
        ("2", 120),
        ("1,5 h", 90),
        ("1:30", 90),
        ("eine Stunde", 60),
        ("halbe stunde", 30),
        ("anderthalb Stunden", 90),
        ("1 stunde 15 minuten", 75),
        ("two hours", 120),
        ("٩٠", 90),
        ("lange", None),
        ("", None),
    ],
)
def test_a_length_is_read(typed: str, minutes: int | None) -> None:
    """A small bare number is hours."""
    assert read_minutes(typed, "de") == minutes


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Mo-Fr 8-12, Sa 10-14", "8-12 8-12 8-12 8-12 8-12 10-14 "),
        ("Montag bis Mittwoch 9 bis 11 Uhr", "9-11 9-11 9-11    "),
        ("mo di 8-10 do 14-18", "8-10 8-10  14-18   "),
        ("Mo, Mi 8:00-12:00 und 14-16", "8-12,14-16  8-12,14-16    "),
        ("täglich 0-24", "0-24 0-24 0-24 0-24 0-24 0-24 0-24"),
        ("weekdays 9-17", "9-17 9-17 9-17 9-17 9-17  "),
        ("Sa-Mo 10-11", "10-11     10-11 10-11"),
    ],
)
def test_hours_of_the_week_are_read(typed: str, shown: str) -> None:
    """Days may be listed or spanned, each group followed by its hours."""
    week = read_week(typed, "de")
    assert week is not None
    days = [",".join(f"{first}-{last}" for first, last in spans_of(bits)) for bits in week]
    assert " ".join(days) == shown


@pytest.mark.parametrize("typed", ["8-12", "Montag", "Mo 12-8", "Mo 8-30", "", "blabla 3-4"])
def test_without_a_day_or_hours_nothing_is_read(typed: str) -> None:
    """Nobody is offered hours that they did not name."""
    assert read_week(typed, "de") is None


def test_quiet_hours_are_two_hours() -> None:
    """Over midnight, too."""
    assert read_hours("von 22 bis 6 Uhr") == (22, 6)
    assert read_hours("20:00 - 8:00") == (20, 8)
    assert read_hours("nie") is None
    assert read_hours("25-7") is None


def test_the_day_of_a_certificate_needs_its_year() -> None:
    """And has to be one that the calendar has."""
    assert read_day("12.5.2024", "de", NOW) == date(2024, 5, 12)
    assert read_day("3 May 2025", "en", NOW) == date(2025, 5, 3)
    assert read_day("12.5.", "de", NOW) is None
    assert read_day("31.2.2024", "de", NOW) is None


def test_only_now_is_now() -> None:
    """The word alone; a cry with it is a cry."""
    assert only_at_once("sofort!")
    assert only_at_once("сейчас")
    assert not only_at_once("sofort hilfe")
    assert not only_at_once("")


def test_a_calendar_file_keeps_the_countys_clock() -> None:
    """Before and after the clocks change, and it is the same appointment when opened twice."""
    for start, shown in (
        (datetime(2027, 3, 27, 9, tzinfo=UTC), "10:00+01:00"),
        (datetime(2027, 3, 29, 9, tzinfo=UTC), "11:00+02:00"),
    ):
        content = appointment_file(
            7, start, start + timedelta(hours=1), title="Dari", place="Raunheim"
        )
        [event] = Calendar.from_ical(content).walk("VEVENT")
        assert event.decoded("dtstart").isoformat().endswith(shown.replace("+", ":00+"))
        assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(hours=1)
        assert str(event["uid"]).startswith("request-7@")
        assert len(event.walk("VALARM")) == 2


def test_every_topic_has_terms_to_prepare_with() -> None:
    """Fifteen to twenty, none twice, each column marked as reviewed or made by a machine."""
    for topic in Topic:
        if topic is Topic.OTHER:
            continue
        for language in ("tr", "ar", "uk", "ru", "ro", "bg", "el", "pl", "fa", "prs", "kmr", "ti"):
            glossary = glossary_for(topic, language)
            assert glossary is not None, (topic, language)
            assert 15 <= len(glossary.terms) <= 20
            assert len({german for german, _other in glossary.terms}) == len(glossary.terms)
            assert glossary.status in {REVIEWED, MACHINE}
    assert {topic for topic, _language in glossaries()} <= set(Topic)
    assert glossary_for("office", "prs") != glossary_for("office", "fa")  # Dari is not Farsi
    assert glossary_for("school", "so") is None
    assert glossary_for("school", "apc") == glossary_for("school", "ar")
    assert hours_of([(8, 12)]) == 0b111100000000
