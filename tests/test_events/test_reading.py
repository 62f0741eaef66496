"""An event out of one German message: what is found, and what is left empty."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events.dating import read_when
from bot.events.reading import languages_in, read_cost, read_message
from bot.texts import HOUSE_TIME

TODAY = date(2026, 11, 27)  # a Friday


def when(text: str) -> tuple[str, str, str | None]:
    """Beginning, end and rule as they stand on the wall."""
    fields = read_when(text, TODAY).fields(TODAY)
    moments = [fields.get("starts_at"), fields.get("ends_at")]
    begins, ends = (
        f"{m.astimezone(HOUSE_TIME):%d.%m.%y %H:%M}" if isinstance(m, datetime) else ""
        for m in moments
    )
    return begins, ends, fields.get("rule")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8.12.2026 von 10 bis 12 Uhr", ("08.12.26 10:00", "08.12.26 12:00", None)),
        ("am 8. Dezember um 18.30 Uhr", ("08.12.26 18:30", "", None)),
        ("08.12.26, 18:30 Uhr", ("08.12.26 18:30", "", None)),
        ("2027-03-02 18:00-20:00", ("02.03.27 18:00", "02.03.27 20:00", None)),
        ("am 3. März ab 9 Uhr", ("03.03.27 09:00", "", None)),
        ("15.9. 9:00–16:00", ("15.09.27 09:00", "15.09.27 16:00", None)),
        ("morgen 19 Uhr", ("28.11.26 19:00", "", None)),
        ("heute um 20 Uhr", ("27.11.26 20:00", "", None)),
        ("am Dienstag um 10 Uhr", ("01.12.26 10:00", "", None)),
        ("nächsten Freitag 17 Uhr", ("04.12.26 17:00", "", None)),
        ("am 31.12. von 20 bis 1 Uhr", ("31.12.26 20:00", "01.01.27 01:00", None)),
        ("15.3.2027 bis 28.3.2027", ("15.03.27 00:00", "29.03.27 00:00", None)),
        ("15.–28. März 2027", ("15.03.27 00:00", "29.03.27 00:00", None)),
        ("vom 15. bis 28. März 2027", ("15.03.27 00:00", "29.03.27 00:00", None)),
        ("jeden Dienstag 18 Uhr", ("01.12.26 18:00", "", "FREQ=WEEKLY;BYDAY=TU")),
        (
            "jeden Dienstag 18 Uhr ab 12.1.2027 bis 30.6.2027",
            ("12.01.27 18:00", "", "FREQ=WEEKLY;UNTIL=20270630;BYDAY=TU"),
        ),
        (
            "jeden ersten Montag im Monat, 16-18 Uhr",
            ("07.12.26 16:00", "07.12.26 18:00", "FREQ=MONTHLY;BYDAY=1MO"),
        ),
        ("alle zwei Wochen ab 5.12. 15 Uhr", ("05.12.26 15:00", "", "FREQ=WEEKLY;INTERVAL=2")),
        ("irgendwann", ("", "", None)),
        ("31.2.2027 um 10 Uhr", ("", "", None)),
        ("um 99 Uhr am 3.3.2027", ("03.03.27 00:00", "04.03.27 00:00", None)),
    ],
)
def test_the_time_is_understood(text: str, expected: tuple[str, str, str | None]) -> None:
    """As people write it; a day without a year is the next one."""
    assert when(text) == expected


def test_a_whole_message() -> None:
    """Everything is found wherever it stands."""
    found = read_message(
        "Frauencafé\nWir trinken Tee und reden.\n"
        "Am Dienstag, 8. Dezember 2026 von 10 bis 12 Uhr im Bürgerhaus, Haßlocher Straße 12, "
        "65479 Raunheim. Kostenlos, mit Kinderbetreuung. Nicht barrierefrei. "
        "Auf Deutsch und Arabisch. Max. 20 Plätze. Anmeldung: tina@example.org",
        TODAY,
    )
    expected: dict[str, Any] = {
        "title": "Frauencafé",
        "topic": "women",
        "municipality": "Raunheim",
        "place": "Bürgerhaus",
        "address": "Haßlocher Straße 12, 65479 Raunheim",
        "languages": ("de", "ar"),
        "cost_cents": 0,
        "childcare": True,
        "barrier_free": False,
        "registration": "elsewhere",
        "registration_at": "tina@example.org",
        "capacity": 20,
    }
    assert {name: getattr(found, name) for name in expected} == expected
    assert found.missing() == ()


def test_labels_say_what_a_line_is() -> None:
    """A form that staff copy is read line by line; its lines do not stand in the text again."""
    found = read_message(
        "Lesung mit Musik\nEine Autorin liest.\nWann: 3.3.2027, 18 Uhr\n"
        "Ort: Stadtbücherei, Am Markt 3, 64521 Groß-Gerau\nKosten: 3,50 Euro\n"
        "Sprache: Türkisch\nAnmeldung: nicht nötig\nBarrierefrei: ja\nPlätze: 30",
        TODAY,
    )
    assert found.text == "Eine Autorin liest."
    assert (found.place, found.municipality) == ("Stadtbücherei", "Groß-Gerau")
    assert (found.cost_cents, found.languages, found.registration) == (350, ("tr",), "none")
    assert (found.barrier_free, found.capacity) == (True, 30)


def test_what_nobody_said_stays_empty() -> None:
    """No price, no place, no access, no date is guessed."""
    found = read_message("Ein schönes Fest für alle", TODAY)
    assert found.title == "Ein schönes Fest für alle"
    assert found.missing() == ("starts_at",)
    unknown = ("municipality", "place", "cost_cents", "childcare", "barrier_free", "capacity")
    assert [getattr(found, name) or None for name in unknown] == [None] * 6
    assert found.registration == ""


def test_prices_and_languages() -> None:
    """As people write them."""
    prices = ["kostenlos", "5 Euro", "3,50 €", "Eintritt frei", "5", "weiß nicht"]
    assert [read_cost(price) for price in prices] == [0, 500, 350, 0, 500, None]
    assert languages_in("Arabisch, Türkisch und Ukrainisch") == ("ar", "tr", "uk")
    assert languages_in("Dari und Farsi") == ("fa-AF", "fa")


@given(st.text(max_size=400))
def test_any_message_becomes_a_draft(text: str) -> None:
    """However odd: the words are kept, nothing breaks, nothing ends before it begins."""
    found = read_message(text, TODAY)
    assert not found.ends_before_it_begins()
    assert "\x00" not in found.title + found.text
