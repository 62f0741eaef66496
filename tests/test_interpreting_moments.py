"""Days and times as people type them: not guessed, not in the past, no hour that is not."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.interpreting.moments import Meant, in_the_county, read_moment
from bot.texts import HOUSE_TIME

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)  # a Friday, nine o'clock in the county


def _shown(meant: Meant) -> list[str]:
    return [moment.astimezone(HOUSE_TIME).strftime("%d.%m.%y %H:%M") for moment in meant.moments]


@pytest.mark.parametrize(
    ("language", "typed", "shown"),
    [
        ("de", "morgen 14 uhr", "28.11.26 14:00"),
        ("de", "Fr 4.12. 9:30", "04.12.26 09:30"),
        ("de", "4.12 9.30", "04.12.26 09:30"),
        ("de", "am 4. Dezember 2026 um 9:30", "04.12.26 09:30"),
        ("de", "04.12.2026, 09:30 Uhr", "04.12.26 09:30"),
        ("de", "Mo 30.11 14h", "30.11.26 14:00"),
        ("de", "halb zehn am Montag", "30.11.26 09:30"),
        ("de", "Dienstag viertel nach 9", "01.12.26 09:15"),
        ("de", "Mittwoch nächste Woche um 9", "02.12.26 09:00"),
        ("de", "heute in 14 tagen 10:00", "11.12.26 10:00"),
        ("de", "in 2 stunden", "27.11.26 11:00"),
        ("de", "donerstag 15 uhr", "03.12.26 15:00"),
        ("de", "morgen 14-15 uhr", "28.11.26 14:00"),
        ("de", "3 Uhr nachmittags morgen", "28.11.26 15:00"),
        ("en", "tomorrow 9:30 am", "28.11.26 09:30"),
        ("en", "december 4th 10:30", "04.12.26 10:30"),
        ("en", "half past nine monday", "30.11.26 09:30"),
        ("en", "2026-12-04 09:30", "04.12.26 09:30"),
        ("en", "morgen 14 uhr", "28.11.26 14:00"),
        ("tr", "yarın saat 14:00", "28.11.26 14:00"),
        ("ar", "غدا ٩:٣٠ صباحا", "28.11.26 09:30"),
        ("uk", "завтра о 14:00", "28.11.26 14:00"),
        ("ru", "в среду в 10:00", "02.12.26 10:00"),
        ("ro", "joi 14:30", "03.12.26 14:30"),
        ("bg", "утре в 10", "28.11.26 10:00"),
        ("el", "την Πέμπτη 11:00", "03.12.26 11:00"),
        ("pl", "4 grudnia 9:30", "04.12.26 09:30"),
        ("fa", "فردا ساعت ۱۰", "28.11.26 10:00"),
    ],
)
def test_a_clear_day_and_time_is_one_moment(language: str, typed: str, shown: str) -> None:
    """In the reader's own way of writing."""
    assert _shown(read_moment(typed, language, NOW)) == [shown]


@pytest.mark.parametrize(
    ("language", "typed", "shown"),
    [
        ("de", "Do 4.12. 9:30", ["04.12.26 09:30", "03.12.26 09:30"]),
        ("de", "nächsten Dienstag 10 Uhr", ["01.12.26 10:00", "08.12.26 10:00"]),
        ("en", "next tuesday 3pm", ["01.12.26 15:00", "08.12.26 15:00"]),
        ("de", "freitag 14 uhr", ["27.11.26 14:00", "04.12.26 14:00"]),
        ("de", "morgen um 3", ["28.11.26 15:00", "28.11.26 03:00"]),
        ("de", "14 uhr", ["27.11.26 14:00", "28.11.26 14:00"]),
        ("en", "12/4 10:00", ["12.04.27 10:00", "04.12.26 10:00"]),
        ("de", "übermorgen vormittag", ["29.11.26 09:00", "29.11.26 10:00", "29.11.26 11:00"]),
    ],
)
def test_what_can_be_read_two_ways_gives_both(language: str, typed: str, shown: list[str]) -> None:
    """A weekday that does not fit its date, "next Tuesday", "at 3": the person chooses."""
    assert _shown(read_moment(typed, language, NOW)) == shown


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("1.11.2026 10:00", "past"),
        ("1.11. 10:00", "past"),
        ("heute 8 uhr", "past"),
        ("31.2. 9 uhr", "unclear"),
        ("1.3.2030 10 uhr", "far"),
        ("blabla", "unclear"),
        ("", "unclear"),
        ("28.3.2027 02:30", "gap"),
    ],
)
def test_what_cannot_be_says_why(typed: str, problem: str) -> None:
    """Over, too far away, no such day, or an hour that the clock leaves out."""
    meant = read_moment(typed, "de", NOW)
    assert (meant.problem, meant.moments, meant.days) == (problem, (), ())


def test_a_day_without_an_hour_asks_for_the_hour() -> None:
    """And then a bare number is an hour."""
    assert read_moment("montag", "de", NOW).days == (date(2026, 11, 30),)
    assert _shown(read_moment("15", "de", NOW, date(2026, 11, 30))) == ["30.11.26 15:00"]
    assert _shown(read_moment("930", "de", NOW, date(2026, 11, 30))) == ["30.11.26 09:30"]


def test_now_is_now() -> None:
    """The lane for the telephone."""
    assert read_moment("sofort", "de", NOW).at_once
    assert read_moment("jetzt bitte", "de", NOW).at_once


def test_the_hour_that_comes_twice_is_asked_for() -> None:
    """On the last Sunday of October half past two happens twice."""
    twice = read_moment("31.10.2027 02:30", "de", datetime(2027, 10, 1, tzinfo=UTC)).moments
    assert [m.isoformat() for m in twice] == [
        "2027-10-31T00:30:00+00:00",
        "2027-10-31T01:30:00+00:00",
    ]
    assert in_the_county(date(2027, 3, 28), time(2, 30)) == ()
    assert len(in_the_county(date(2027, 3, 28), time(3, 0))) == 1


@given(text=st.text(max_size=60), language=st.sampled_from(["de", "en", "ar", "uk", "tr"]))
def test_no_text_breaks_it_and_no_moment_is_over(text: str, language: str) -> None:
    """Whatever is typed: no error, and only what lies ahead."""
    meant = read_moment(text, language, NOW)
    assert all(NOW < moment < NOW + timedelta(days=400) for moment in meant.moments)


@given(
    at=st.integers(1, 356 * 288).map(
        lambda n: (NOW + timedelta(days=1, minutes=5 * n)).replace(tzinfo=None)
    )
)
def test_a_written_date_is_read_as_it_was_written(at: datetime) -> None:
    """Every local time that exists comes back the same."""
    expected = list(in_the_county(at.date(), at.time()))
    assert list(read_moment(f"{at:%d.%m.%Y %H:%M}", "de", NOW).moments) == expected
