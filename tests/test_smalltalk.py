"""Small talk is recognised when a message is nothing else."""

import time
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.smalltalk import KINDS, MOST_WORDS, smalltalk
from bot.folding import words
from bot.knowledge import KNOWLEDGE, Knowledge

_ASKS_WHO_WE_ARE = "integration-office"
"""The one topic whose questions ("who are you", "help") are small talk as well."""


def test_every_listed_message_has_the_kind_it_is_listed_under(knowledge: Knowledge) -> None:
    for language, wishes in knowledge.wishes.items():
        for wish, messages in wishes.items():
            kind = wish.removeprefix("smalltalk_")
            if kind == wish:
                continue
            assert kind in KINDS
            for message in messages:
                if 0 < len(words(message)) <= MOST_WORDS:
                    assert smalltalk(message, language) == kind, (language, message)


def test_every_language_has_every_kind(knowledge: Knowledge) -> None:
    for language, wishes in knowledge.wishes.items():
        assert {f"smalltalk_{kind}" for kind in KINDS} <= wishes.keys(), language


def test_nothing_else_that_people_ask_is_small_talk(knowledge: Knowledge) -> None:
    asked = [
        (language, message)
        for language, wishes in knowledge.wishes.items()
        for wish, messages in wishes.items()
        if not wish.startswith("smalltalk_")
        for message in messages
    ]
    asked += [
        (language, message)
        for language, topics in knowledge.phrasings.items()
        for topic_id, messages in topics.items()
        for message in messages
        if topic_id != _ASKS_WHO_WE_ARE
    ]
    asked += [
        (language, message)
        for topic in knowledge.topics.values()
        if topic.id != _ASKS_WHO_WE_ARE
        for language, article in topic.articles.items()
        for message in (article.title, *article.questions, *article.keywords)
    ]
    taken = [
        (language, message, found)
        for language, message in asked
        for found in (smalltalk(message, language), smalltalk(message))
        if found
    ]
    assert taken == []


def test_no_cry_for_help_is_small_talk() -> None:
    found = [
        (path.stem, message)
        for path in sorted((KNOWLEDGE / "emergency").glob("??.toml"))
        for kind in tomllib.loads(path.read_text(encoding="utf-8")).values()
        for message in kind.get("phrases", ())
        if smalltalk(message, path.stem) or smalltalk(message)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Hallo!", "hello"),
        ("HELLOOOO", "hello"),
        ("hallo, guten Tag", "hello"),
        ("ok danke", "thanks"),
        ("danke tschüss", "thanks"),
        ("thank yuo", "thanks"),
        ("dankeschoen", "thanks"),
        ("hi, are you a robot?", "human"),
        ("wer bist du??", "who"),
        ("wer bsit du", "who"),
        ("you are stupid", "insult"),
        ("was kannst du", "help"),
        ("شكرا", "thanks"),
        ("شُكراً جزيلاً", "thanks"),
        ("shukran", "thanks"),
        ("Дякую!", "thanks"),
        ("dyakuyu", "thanks"),
        ("Привет", "hello"),
        ("privet", "hello"),
        ("teşekkürler", "thanks"),
        ("tesekkurler", "thanks"),
        ("γεια σας", "hello"),
        ("efharisto", "thanks"),
        ("mersi", "thanks"),
        ("ممنون", "thanks"),
        ("mulțumesc", "thanks"),
        ("multumesc", "thanks"),
        ("dzień dobry", "hello"),
        ("благодаря", "thanks"),
    ],
)
def test_what_people_type(text: str, kind: str) -> None:
    assert smalltalk(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "👍",
        "?",
        "hello, where do I register",
        "hallo kindergeld",
        "danke, und wo ist das Rathaus?",
        "ok arzt",
        "tanke",
        "bank",
        "halle",
        "merhaba oturum izni",
        "مرحبا وين بسجل عنواني",
        "sim",
        "hilfe hilfe",
        "good morning and a very good evening to you",
    ],
)
def test_what_is_not_or_not_only_small_talk(text: str) -> None:
    assert smalltalk(text) is None


def test_a_word_means_what_it_means_in_the_language() -> None:
    assert smalltalk("ciao", "de") == "bye"
    assert smalltalk("ciao", "it") == "hello"


def test_an_unknown_language_is_no_reason_to_give_up() -> None:
    assert smalltalk("hallo", "xx") == "hello"
    assert smalltalk("merhaba", "de") == "hello"


@given(st.text(alphabet=st.characters(), max_size=200), st.none() | st.text(max_size=5))
def test_no_text_is_too_odd(text: str, language: str | None) -> None:
    assert smalltalk(text, language) in (None, *KINDS)


@pytest.mark.parametrize("text", ["\ud800\udfff", "\ufdfa" * 60, "a" * 100_000, "\u200b" * 99, "é́́́"])
def test_odd_signs(text: str) -> None:
    assert smalltalk(text) is None


def test_it_takes_less_than_a_millisecond() -> None:
    smalltalk("warm up")
    texts = ["where do i register now please", "hallo", "dnake", "wo ist das amt bitte sehr"] * 25
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        for text in texts:
            smalltalk(text)
        best = min(best, time.perf_counter() - start)
    assert best / len(texts) < 0.001
