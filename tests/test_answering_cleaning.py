"""Any text at all is made safe and comparable, quickly and without an error."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.cleaning import LIMIT, clean, clean_all, fold, folded, plain, shorten, words
from bot.answering.romanising import ROMANISED, romanised, skeleton

ANY_TEXT = st.text(st.characters(), max_size=600)


@given(ANY_TEXT)
def test_a_clean_text_is_short_normal_and_free_of_control_signs(text: str) -> None:
    found = clean(text)
    assert len(found) <= LIMIT
    assert not any(unicodedata.category(sign) in ("Cc", "Cs", "Co", "Cf") for sign in found)
    assert unicodedata.is_normalized("NFKC", found)
    assert found == found.strip()
    found.encode()


@given(ANY_TEXT, st.sampled_from(sorted(ROMANISED)))
def test_no_spelling_raises(text: str, language: str) -> None:
    for spelling in (fold, folded, plain, words):
        spelling(text)
    romanised(text, language)
    skeleton(text, language)


_ODD_PARTS = st.sampled_from(
    ["a", "b ", " ", "\u200c", "é", "e\u0301", "ﷺ", "…", "\n", "111", "aaa", "بِّ", "ha ", "\ud800"]
)


@given(st.lists(st.one_of(st.text(), st.lists(_ODD_PARTS, max_size=12).map("".join)), max_size=6))
def test_many_texts_are_cleaned_as_each_of_them(texts: list[str]) -> None:
    assert clean_all(texts) == [clean(text) for text in texts]


def test_what_would_crash_the_encoder_is_gone() -> None:
    assert "\ufdfa" not in clean("\ufdfa" * 8)
    assert clean("a\x00b\ud800c") == "abc"
    assert clean("\ud800" * 50) == ""


def test_direction_marks_and_invisible_signs_are_dropped() -> None:
    assert clean("\u202eWo\u202c ist\u200b das \u2066Amt\u2069?\ufeff") == "Wo ist das Amt?"


@pytest.mark.parametrize(
    "text",
    [
        "\ufdfa" * 100_000,
        "a" * 100_000,
        "x\u0301" * 100_000,
        "wo ist das amt " * 7_000,
        "1" * 100_000,
    ],
    ids=["ligatures", "one letter", "marks", "sentences", "digits"],
)
def test_a_hundred_thousand_characters_take_no_time(text: str) -> None:
    started = time.perf_counter()
    found = clean(text)
    folded(found)
    assert len(found) <= LIMIT
    assert time.perf_counter() - started < 1.0


def test_repeats_shrink_but_numbers_stay() -> None:
    assert clean("Hilfeeeeeee!!!!!! 1000 Euro") == "Hilfee!! 1000 Euro"


def test_a_long_message_keeps_its_start_and_its_end() -> None:
    found = clean("Guten Tag. " + "".join(f"Satz {i}. " for i in range(200)) + "Wo ist das Amt?")
    assert found.startswith("Guten Tag.")
    assert found.endswith("Wo ist das Amt?")


@given(st.text(max_size=300), st.integers(20, 200))
def test_shortening_keeps_to_its_limit(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Kuendigung", "Kündigung"),
        ("strasse", "Straße"),
        ("MUELL", "müll"),
        ("lodz", "Łódź"),
        ("اقامه", "إقامة"),
        ("کودک", "كودك"),
        ("۱۲۳", "123"),
        ("αρρωστος", "άρρωστος"),
        ("елка", "ёлка"),
    ],
)
def test_spellings_that_mean_the_same_fold_to_the_same(typed: str, meant: str) -> None:
    assert fold(typed) == fold(meant)


@pytest.mark.parametrize(
    ("typed", "written", "language"),
    [
        ("gde pomenyat voditelskie prava", "где поменять водительские права", "ru"),
        ("yak zareyestruvaty dytynu v shkolu", "як зареєструвати дитину в школу", "uk"),
        ("pou kano eksetaseis", "που κάνω εξετάσεις", "el"),
    ],
)
def test_typed_in_latin_letters_it_reads_like_its_own_script(
    typed: str, written: str, language: str
) -> None:
    assert romanised(typed, language) == romanised(written, language)


def test_arabizi_has_the_consonants_of_arabic() -> None:
    assert skeleton("wein bsajjel 3enwani", "ar") == skeleton("وين بسجل عنواني", "ar")
