"""The gate: measured answers decide what a language gets."""

from pathlib import Path

import pytest

from bot.answering.offering import (
    AT_LEAST,
    AT_MOST,
    Offer,
    decide,
    offers,
    page_of,
    still_right,
    table_of,
)

GOOD = {**AT_LEAST, **AT_MOST, "questions": 100}


def test_a_language_that_reaches_everything_is_full() -> None:
    """On the very limits, too."""
    assert decide(GOOD) is Offer.FULL


@pytest.mark.parametrize("measure", AT_LEAST)
def test_one_measure_too_low_means_choices(measure: str) -> None:
    """Also one that was not measured."""
    assert decide({**GOOD, measure: AT_LEAST[measure] - 0.1}) is Offer.CHOICES
    assert decide({**GOOD, measure: None}) is Offer.CHOICES


def test_too_many_good_questions_refused_means_choices() -> None:
    """Whoever asks well must not be sent away."""
    assert decide({**GOOD, "refused_wrong": AT_MOST["refused_wrong"] + 0.1}) is Offer.CHOICES


def test_what_was_decided_is_read_again(tmp_path: Path) -> None:
    """And stands in the page for people."""
    measured = {"de": GOOD, "tr": {**GOOD, "hit3": 10.0}}
    (tmp_path / "languages.toml").write_text(table_of(measured))
    assert offers(tmp_path) == {"de": Offer.FULL, "tr": Offer.CHOICES}
    page = page_of({**measured, "ti": GOOD}, {"de": "Deutsch", "tr": "Türkçe"})
    assert "| Türkçe (tr) | choices |" in page
    assert "| ti (ti) | not spoken |" in page


def test_without_a_decision_nothing_is_held_back(tmp_path: Path) -> None:
    """A fresh folder, before anybody has measured."""
    assert offers(tmp_path) == {}


@pytest.mark.parametrize(
    ("hit1", "right"),
    [(99.0, {Offer.FULL}), (80.5, set(Offer)), (79.5, set(Offer)), (70.0, {Offer.CHOICES})],
)
def test_a_decision_holds_on_another_machine(hit1: float, right: set[Offer]) -> None:
    """A point more or less turns nothing over; what was never decided does not hold."""
    far = {**{name: 100.0 for name in AT_LEAST}, "refused_wrong": 0.0, "hit1": hit1}
    assert {offer for offer in Offer if still_right(offer, far)} == right
    assert not still_right(None, far)
