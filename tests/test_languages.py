"""What a reader of another language meets: titles where the bot is not sure of itself."""

import pytest

from bot.answering import offering
from bot.app.serving import House
from handlers import menu, questions
from tests.conftest import Meet


async def test_a_language_nobody_speaks_here_gets_titles_and_an_honest_word(meet: Meet) -> None:
    """Somebody writes Tigrinya and has chosen English: answered in English, with a choice."""
    person = await meet().arrive("English")
    await person.say("ቆልዓይ ኣብ መዋእለ ህጻናት ቦታ የብሉን")
    assert "Tigrinya" in person.last.text
    assert "I do not speak it yet" in person.last.text
    assert "None of these" in person.last.labels or "Menu" in person.last.labels


async def test_a_language_below_the_gate_gets_titles_alone(
    meet: Meet, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even when the bot is sure; and the list of languages says so."""
    sure = await meet().arrive("Türkçe")
    await sure.say("Kindergeld nasıl alırım")
    assert "Kindergeld" in sure.last.text
    assert "Bunların hiçbiri" not in sure.last.labels
    monkeypatch.setattr(questions, "answers_alone", lambda language: language != "tr")
    monkeypatch.setattr(menu, "answers_alone", lambda language: language != "tr")
    unsure = await meet().arrive("Türkçe")
    await unsure.say("Kindergeld nasıl alırım")
    assert any("Kindergeld" in label for label in unsure.last.labels)
    await unsure.say("/language")
    assert [label for label in unsure.last.labels if label.startswith("Türkçe (")]


def test_every_language_that_is_spoken_was_measured() -> None:
    """The gate's decision is committed for each."""
    assert set(offering.offers()) == {
        "de", "en", "tr", "ar", "uk", "ru", "ro", "bg", "el", "pl", "fa"
    }  # fmt: skip
