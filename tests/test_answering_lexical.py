"""Search by pieces of words: slips, compounds and other scripts are found, and quickly."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.lexical import GramIndex, grams, joined, message_grams

TEXTS = [
    "Wo melde ich meine neue Wohnung an?",
    "Sperrmüll abholen lassen, altes Sofa",
    "Kindergeld beantragen bei der Familienkasse",
    "Führerschein umschreiben lassen",
]


@pytest.fixture(scope="module")
def index() -> GramIndex:
    return GramIndex(message_grams(TEXTS))


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("wohnunk anmelden", 0),
        ("sperrmuell", 1),
        ("SPERMÜLL", 1),
        ("kindergelt antrag", 2),
        ("fuehrerschein", 3),
        ("fuhrerschein umtauschen", 3),
    ],
)
def test_a_slip_or_a_missing_accent_does_not_hide_the_text(
    index: GramIndex, message: str, found: int
) -> None:
    scores = index.scores(message_grams([message]).hashes)
    assert int(scores.argmax()) == found


def test_scores_are_shares_of_the_best_possible(index: GramIndex) -> None:
    same = index.scores(message_grams([TEXTS[1]]).hashes)
    nothing = index.scores(message_grams(["xyzzyx"]).hashes)
    assert 0.3 < same.max() <= 1
    assert same.argmax() == 1
    assert nothing.max() == 0


def test_pieces_do_not_reach_from_one_word_or_text_into_the_next() -> None:
    together = grams(["ab cd"])
    apart = grams(["ab", "cd"])
    assert sorted(together.hashes) == sorted(apart.hashes)
    assert apart.of(0).size == apart.of(1).size == 3


def test_texts_put_together_are_found_as_one() -> None:
    pieces = message_grams(TEXTS)
    index = GramIndex(pieces.regrouped(np.array([0, 1, 0, 1], dtype=np.int32), 2))
    assert index.scores(message_grams(["kindergeld"]).hashes).argmax() == 0
    assert index.scores(message_grams(["führerschein"]).hashes).argmax() == 1


@given(st.lists(st.text(max_size=80), max_size=6), st.text(st.characters(), max_size=200))
def test_any_texts_and_any_message_have_scores(texts: list[str], message: str) -> None:
    scores = GramIndex(message_grams(texts)).scores(message_grams([message]).hashes)
    assert scores.shape == (len(texts),)
    assert np.isfinite(scores).all()


def test_ten_thousand_texts_are_searched_in_milliseconds() -> None:
    random = np.random.default_rng(1)
    words = ["".join(random.choice(list("abdeginorstu"), 7)) for _ in range(5000)]
    texts = [" ".join(random.choice(words, 60)) for _ in range(10_000)]
    index = GramIndex(joined([grams(texts)]))
    message = grams([" ".join(texts[77].split()[:8])]).hashes
    started = time.perf_counter()
    for _ in range(10):
        scores = index.scores(message)
    assert scores.argmax() == 77
    assert (time.perf_counter() - started) / 10 < 0.1
