"""Languages and dialects as people type them; nothing is replaced in silence."""

import pytest

from bot.interpreting.languages import (
    named_languages,
    pool_language_name,
    pool_languages,
    substitutes,
)
from bot.texts import languages


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("dari", "prs"),
        ("دری", "prs"),
        ("Дари", "prs"),
        ("Persisch Afghanistan", "prs"),
        ("farsi", "fa"),
        ("Kurdisch (Kurmandschi)", "kmr"),
        ("kurmanci bitte", "kmr"),
        ("سورانی", "ckb"),
        ("Tigrina", "ti"),
        ("ትግርኛ", "ti"),
        ("amharisch", "am"),
        ("arabisch marokko", "ary"),
        ("عربي سوري", "apc"),
        ("arabic (levantine)", "apc"),
        ("türkçe", "tr"),
        ("українська", "uk"),
        ("ukrainsch", "uk"),
        ("Rumaenisch", "ro"),
        ("DGS", "gsg"),
        ("Wir brauchen jemanden für Paschtu", "ps"),
    ],
)
def test_a_clear_name_is_one_language(typed: str, code: str) -> None:
    """In any script, with a slip, with words around it."""
    named = named_languages(typed)
    assert (named.codes, named.sure) == ((code,), True)


@pytest.mark.parametrize(
    ("typed", "among"),
    [
        ("Kurdisch", {"kmr", "ckb"}),
        ("کوردی", {"kmr", "ckb"}),
        ("арабська", {"apc", "acm", "arz", "ary"}),
        ("Arabisch", {"apc", "acm", "arz", "ary", "arq", "aeb"}),
        ("Maghrebinisch", {"ary", "arq", "aeb"}),
        ("فارسی", {"fa", "prs"}),
        ("Persisch", {"fa", "prs"}),
        ("Farsi Afghanistan", {"fa", "prs"}),
        ("afghanisch", {"prs", "ps"}),
        ("Serbisch/Kroatisch", {"sr", "hr"}),
        ("syrisch", {"apc", "kmr"}),
        ("kurdisch irak", {"ckb", "kmr"}),
        ("Ukrainisch oder Russisch", {"uk", "ru"}),
    ],
)
def test_an_unclear_name_gives_choices(typed: str, among: set[str]) -> None:
    """Kurdish is two languages; the bot asks which."""
    named = named_languages(typed)
    assert not named.sure
    assert among <= set(named.codes)


def test_a_slip_in_a_short_name_is_a_question() -> None:
    """Four letters with one wrong could be another language."""
    assert named_languages("darri").codes == ("prs",)
    assert not named_languages("darri").sure


@pytest.mark.parametrize("typed", ["hallo", "", "12", "Termin morgen", "🙂", "x" * 5000])
def test_other_words_name_no_language(typed: str) -> None:
    """Nothing is made up."""
    assert named_languages(typed).codes == ()


def test_more_than_thirty_languages_with_their_dialects() -> None:
    """Dialects are languages of their own, named for every reader, found by their own names."""
    assert len(pool_languages()) > 60
    kept_apart = {"prs", "fa", "kmr", "ckb", "apc", "ary", "arz", "acm", "ti", "am", "gsg"}
    assert kept_apart <= set(pool_languages())
    for code, language in pool_languages().items():
        names = {pool_language_name(code, reader) for reader in languages()}
        assert all(names), code
        assert code in named_languages(language.names["de"]).codes, code
        assert code in named_languages(language.names["en"]).codes, code
        assert code in named_languages(language.native).codes, code


def test_names_of_different_languages_are_different() -> None:
    """A button that could mean two languages is none."""
    for reader in ("de", "en"):
        names = [pool_language_name(code, reader) for code in pool_languages()]
        assert len(names) == len(set(names))


def test_substitutes_are_declared_and_known() -> None:
    """Only pairs that the table names; never a Kurdish for another."""
    assert substitutes("prs") == ("fa",)
    assert substitutes("kmr") == ()
    assert substitutes("ti") == ()
    for code in pool_languages():
        assert set(substitutes(code)) <= set(pool_languages())
        assert code not in substitutes(code)
