"""Slips are put right by our own words, and nothing else is touched."""

import pytest

from bot.answering.entries import Entry, Source
from bot.answering.spelling import Speller

ARTICLES = "Kindergeld beantragen. Wohngeld und Kündigung der Wohnung. Deutschlandticket kaufen."


@pytest.fixture(scope="module")
def speller() -> Speller:
    sentences = [Entry(ARTICLES, "de", "child-benefit", Source.PASSAGE)]
    sentences += [Entry("mei wohnunk is kaputt", "de", "tenants-rights", Source.PHRASING)]
    return Speller(sentences, {"housing"})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("kindergelt", "kindergeld"),
        ("Kuendigung bekommen", "kündigung bekommen"),
        ("deutschlantiket", "deutschlandticket"),
        ("deutschlandtiket", "deutschlandticket"),
        ("Wongeld?", "wohngeld?"),
        ("wohnunk", "wohnunk"),
        ("housing", "housing"),
        ("Büro", "Büro"),
        ("Krankenhaus", "Krankenhaus"),
        ("", ""),
    ],
)
def test_unknown_words_near_a_known_one_become_it(speller: Speller, typed: str, meant: str) -> None:
    assert speller.corrected(typed) == meant
