"""Right to left: numbers, addresses, commands and German names keep their own order."""

import pytest

from bot.texts import with_runs_isolated
from tests.conftest import Meet

_OPEN, _CLOSE = "\u2066", "\u2069"


@pytest.mark.parametrize(
    ("said", "run"),
    [
        ("اتصلوا على 116 117 الآن", "116 117"),
        ("اكتبوا /stop لإنهاء كل شيء", "/stop"),
        ("القيمة <b>259 €</b> شهريًا", "259 €"),
        ("تسجيل السكن (Anmeldung bei der Stadt)", "Anmeldung bei der Stadt"),
        ("من 10:00–12:00", "10:00–12:00"),
        ("اكتبوا mein_name@web.de لنا", "mein_name@web.de"),
        (
            "افتحوا https://t.me/kreis_gg_bot?start=house_1 الآن",
            "https://t.me/kreis_gg_bot?start=house_1",
        ),
    ],
)
def test_a_run_is_isolated(said: str, run: str) -> None:
    """Once, and nothing else changes."""
    shown = with_runs_isolated(said)
    assert f"{_OPEN}{run}{_CLOSE}" in shown
    assert shown.replace(_OPEN, "").replace(_CLOSE, "") == said
    assert with_runs_isolated(shown) == shown


@pytest.mark.parametrize(
    "said",
    [
        "اتصلوا على 112",
        "<a href='tel:+49 6152'>هنا</a>",
        "كلمة Termin",
        "<code>/start pool_Ab-12_x</code>",
        "مكتب &lt; 18 سنة",
        "نعم &amp; Café",
    ],
)
def test_one_word_or_number_and_the_inside_of_tags_are_left_alone(said: str) -> None:
    """The direction of a single word is clear by itself."""
    assert with_runs_isolated(said) == said


async def test_messages_in_arabic_are_isolated_and_german_ones_are_not(meet: Meet) -> None:
    """Through the front door: the card with the emergency numbers."""
    shown = {}
    for language in ("العربية", "Deutsch"):
        person = await meet().arrive(language)
        await person.say("/help")
        shown[language] = person.last.text
    assert _OPEN in shown["العربية"]
    assert _OPEN not in shown["Deutsch"]
