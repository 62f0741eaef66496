"""Facts, phone numbers and articles become words that a reader can use."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge import Fact, Phone, format_as_of, format_fact, load, render_html, render_plain

BOT_LANGUAGES = ("de", "en", "tr", "ar", "uk", "ru", "ro", "bg", "el", "pl", "fa")


@pytest.mark.parametrize(
    ("number", "display", "uri"),
    [
        ("+49 6152 989630", "+49 6152 989630", "tel:+496152989630"),
        ("06152/989-630", "06152 989 630", "tel:+496152989630"),
        ("116 117", "116 117", "tel:116117"),
        ("112", "112", "tel:112"),
        ("0800 1110111", "0800 1110111", "tel:08001110111"),
    ],
)
def test_a_phone_number_can_be_read_and_tapped(number: str, display: str, uri: str) -> None:
    assert (Phone(number).display, Phone(number).uri) == (display, uri)


def fact(value: int | float | str, unit: str, **changed: str) -> Fact:
    return Fact(
        name="it", value=value, unit=unit, per="", source="x", source_url="",
        as_of=changed.get("as_of", "2026"), confidence=changed.get("confidence", "high"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "unit", "language", "words"),
    [
        (259, "EUR", "de", "259 €"),
        (259, "EUR", "en", "€259"),
        (13.9, "EUR", "de", "13,90 €"),
        (0.25, "EUR", "tr", "€0,25"),
        (25000, "EUR", "de", "25.000 €"),
        (18.6, "percent", "de", "18,6 %"),
        (60, "percent", "en", "60%"),
        (36, "month", "de", "36 Monate"),
        (36, "month", "tr", "36 ay"),
        (3, "month", "ar", "3 أشهر"),
        (14, "month", "fa", "14 ماه"),
        (1, "week", "en", "1 week"),
        (281712, "count", "de", "281.712"),
        (0.5, "count", "de", "0,5"),
        (700, "lesson", "en", "700"),
        (150, "cm", "de", "150 cm"),
        ("2026-01-01", "date", "de", "1. Januar 2026"),
        ("--09-15", "date", "de", "15. September"),
        ("22:00", "time", "de", "22:00 Uhr"),
        ("22:00", "time", "en", "22:00"),
        ("2026", "text", "ar", "2026"),
    ],
)
def test_a_fact_is_written_as_the_language_writes_it(
    value: int | float | str, unit: str, language: str, words: str
) -> None:
    assert format_fact(fact(value, unit), language).replace("\xa0", " ") == words


def test_every_fact_can_be_said_in_every_language() -> None:
    for known in load().facts.values():
        for language in BOT_LANGUAGES:
            words = format_fact(known, language)
            assert words
            assert "duration" not in words


def test_an_as_of_is_put_in_words() -> None:
    assert format_as_of("2025", "de") == "2025"
    assert format_as_of("2026-03", "de") == "März 2026"
    assert format_as_of("2026-03-31", "de") == "31. März 2026"
    assert format_as_of("undated", "de") == ""


MEDIUM = {
    "low_end": fact(5, "EUR", confidence="medium", as_of="2025"),
    "high_end": fact(10, "EUR", confidence="medium", as_of="2025"),
    "sure": fact(259, "EUR"),
}


def stand(words: str) -> str:
    return f"Stand: {words}"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Es kostet {sure}.", "Es kostet 259 €."),
        ("Es kostet {low_end}.", "Es kostet 5 € (Stand: 2025)."),
        ("Von {low_end} bis **{high_end}**.", "Von 5 € bis 10 € (Stand: 2025)."),
        ("{low_end}. Oder {high_end}.", "5 € (Stand: 2025). Oder 10 € (Stand: 2025)."),
    ],
)
def test_an_uncertain_figure_carries_its_date(body: str, text: str) -> None:
    assert render_plain(body, MEDIUM, "de", stand).replace("\xa0", " ") == text


def test_a_body_becomes_telegram_html() -> None:
    body = "Eins **zwei**\nweiter.\n\nMit:\n- A & B\n- **C**\n\nEnde <b>."
    html = "Eins <b>zwei</b> weiter.\n\nMit:\n• A &amp; B\n• <b>C</b>\n\nEnde &lt;b&gt;."
    assert render_html(body, {}, "de", stand) == html
    assert render_plain(body, {}, "de", stand).splitlines()[3:5] == ["• A & B", "• C"]


class _Tags(HTMLParser):
    """Collects the tags of a text."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)


@given(body=st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_no_body_brings_in_html_of_its_own(body: str) -> None:
    html = render_html(body, MEDIUM, "de", lambda words: f"<i>{words}</i>")
    tags = _Tags()
    tags.feed(html)
    assert set(tags.seen) <= {"b"}
    assert html.count("<b>") == html.count("</b>")
