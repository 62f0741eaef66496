"""The receipt: enough chance, easy to copy, kept nowhere, and slow to guess."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein

from bot.errors import NoSuchReport, WaitAWhile
from bot.models import Chat
from bot.reports import Reporting
from bot.reports.gate import LONGEST_WAIT, Budget, Tries
from bot.reports.receipts import (
    DIGITS,
    LEAST_BITS,
    LEAST_WORDS,
    NoReceipt,
    Receipt,
    bits,
    draw_digits,
    draw_words,
    folded,
    open_receipt,
    read_receipt,
    word_list,
)
from bot.reports.site import SiteSecret

LATIN = ("de", "en", "tr", "ro", "pl")
LANGUAGES = (*LATIN, "ar", "uk", "ru", "bg", "el", "fa")
SALT = SiteSecret(b"s" * 32).receipt_salt
HERE, THERE = Chat("telegram", 1), Chat("telegram", 2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_words_can_be_confused(language: str) -> None:
    """At least 1,024 words, two letters apart from each other, none the beginning of another."""
    words = [folded(word) for word in word_list(language)]
    assert len(words) == len(set(words)) >= LEAST_WORDS
    # Words one letter apart have a shortened form in common.
    shortened: dict[str, set[str]] = {}
    for word in words:
        for form in {word, *(word[:n] + word[n + 1 :] for n in range(len(word)))}:
            shortened.setdefault(form, set()).add(word)
    pairs = {pair for near in shortened.values() for pair in itertools.combinations(near, 2)}
    assert pairs
    for one, other in pairs:
        assert DamerauLevenshtein.distance(one, other) > 1, (one, other)
    assert all(word.isalpha() for word in words)
    assert all(word.isascii() for word in words) == (language in LATIN)


@pytest.mark.parametrize("language", [None, *LANGUAGES])
def test_a_receipt_holds_sixty_bits(language: str | None) -> None:
    """Whichever form it has."""
    assert bits(language) >= LEAST_BITS


def test_digits_come_in_groups() -> None:
    """Nineteen of them, drawn anew each time."""
    drawn = {draw_digits().shown for _ in range(200)}
    assert len(drawn) == 200
    for shown in drawn:
        assert [len(group) for group in shown.split()] == [4, 4, 4, 4, 3]
        assert read_receipt(shown).shown == shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_six_words_in_the_readers_language(language: str) -> None:
    """As the list has them, and read back however they are typed."""
    receipt = draw_words(language)
    assert receipt is not None
    words = receipt.shown.split()
    assert len(words) == 6
    assert read_receipt("  " + " - ".join(word.upper() for word in words)) == receipt


def test_a_language_without_a_list_gets_digits() -> None:
    """No words in a language nobody checked."""
    assert draw_words("ti") is None


@given(st.integers(0, 10**DIGITS // 7 - 1), st.data())
def test_a_wrong_digit_is_noticed_before_anything_is_computed(number: int, data: object) -> None:
    """Every slip but the few that the remainder by seven lets through."""
    assert isinstance(data, st.DataObject)
    code = f"{number * 7:0{DIGITS}d}"
    place = data.draw(st.integers(0, DIGITS - 1))
    wrong = data.draw(st.sampled_from("0123456789"))
    typed = code[:place] + wrong + code[place + 1 :]
    if (int(wrong) - int(code[place])) % 7 == 0:
        assert read_receipt(typed).canonical == f"d:{typed}"
    else:
        with pytest.raises(NoReceipt):
            read_receipt(typed)


def test_one_slip_in_a_word_is_forgiven() -> None:
    """A missing, wrong or swapped letter; umlauts or not; digits of another script."""
    receipt = read_receipt("abenteuer bügeleisen schmetterling tintenfisch giraffe laterne")
    typed = read_receipt("Abentuer Buegeleisen Schmeterling tintenfsich giraffe Laterne")
    assert typed == receipt
    arabic = draw_digits().canonical[2:].translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert len(read_receipt(arabic).canonical) == DIGITS + 2


def test_a_word_of_no_list_is_named() -> None:
    """So that the bot can say which one."""
    with pytest.raises(NoReceipt) as wrong:
        read_receipt("abenteuer bügeleisen schmetterling tintenfisch giraffe xyzzyqux")
    assert wrong.value.word == "xyzzyqux"


def test_the_key_comes_from_the_receipt_and_the_place_alone() -> None:
    """Another site's secret gives another mailbox; the receipt's own words never show."""
    receipt = Receipt("d:0000000000000000007")
    here, again = open_receipt(receipt, SALT), open_receipt(receipt, SALT)
    there = open_receipt(receipt, SiteSecret(b"t" * 32).receipt_salt)
    assert here.lookup == again.lookup != there.lookup
    assert str(here.public) == str(again.public) != str(there.public)
    assert "7" not in repr(receipt)
    assert here.lookup.hex() not in repr(here)


def test_guessing_gets_slower_and_slower() -> None:
    """Two free tries, then 2, 4, 8 … 42 seconds; a right one ends it; others are not held up."""
    now = [0.0]
    tries = Tries(lambda: now[0])
    waits = []
    for _ in range(9):
        try:
            tries.take(HERE)
        except WaitAWhile as wait:
            waits.append(wait.seconds)
            now[0] += wait.seconds
            tries.take(HERE)
        tries.was_wrong(HERE)
    assert waits == [3, 5, 9, 17, 33, LONGEST_WAIT + 1, LONGEST_WAIT + 1]
    tries.take(THERE)
    now[0] += 100
    tries.take(HERE)
    tries.was_right(HERE)
    tries.take(HERE)


def test_many_chats_do_not_guess_faster() -> None:
    """All together have so many tries a minute."""
    now = [0.0]
    tries = Tries(lambda: now[0])
    for number in range(30):
        tries.take(Chat("webchat", number))
    with pytest.raises(WaitAWhile):
        tries.take(Chat("webchat", 99))
    now[0] += 60
    tries.take(Chat("webchat", 99))


def test_a_flood_on_one_channel_leaves_the_other_open() -> None:
    """A budget an hour for each channel, whoever sends."""
    now = [0.0]
    budget = Budget(3, lambda: now[0])
    for _ in range(3):
        budget.take("webchat")
    with pytest.raises(WaitAWhile) as wait:
        budget.take("webchat")
    assert 3000 < wait.value.seconds <= 3601
    budget.take("telegram")
    now[0] += 3600
    budget.take("webchat")


async def test_what_is_no_receipt_costs_nothing() -> None:
    """It is refused like a receipt that opens nothing, and keeps nobody from trying."""
    desk = Reporting(SiteSecret(b"s" * 32), Path("nowhere"))
    for _ in range(40):
        with pytest.raises(NoSuchReport):
            await desk.try_receipt(HERE, "hello")
    desk.tries.take(HERE)
