"""The sentences that search compares a message with, collected from the knowledge.

Each topic gives its title, its example questions and keywords and one to three passages of its
text, in every language there is. Wishes (a doctor, an interpreter, a report, small talk, nothing
we have …) give their example messages and stand beside the topics as classes of their own, and so
do the kinds of danger.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

import regex

from bot.answering.cleaning import clean, clean_all
from bot.answering.emergency import Examples
from bot.knowledge import Article, Knowledge

WISH = "@"
"""A label that begins so is a wish, any other the id of a topic."""

DANGER = "!"
"""A label that begins so is a kind of danger; alone it is a near miss, which is none."""

ANY_DANGER = WISH + "danger"
"""All kinds of danger as one wish."""

PASSAGE_LENGTH = 420
MOST_PASSAGES = 3

_LONGEST_PARAGRAPH = 2000

_FACT = regex.compile(r"\{([a-z0-9_]+)\}")
_MARKUP = regex.compile(r"\*\*|^\s*[-*]\s+", regex.MULTILINE)
_PARAGRAPHS = regex.compile(r"\n\s*\n")


class Source(StrEnum):
    """Where a sentence comes from; passages are encoded otherwise than messages."""

    TITLE = "title"
    QUESTION = "question"
    PHRASING = "phrasing"
    KEYWORD = "keyword"
    PASSAGE = "passage"
    WISH = "wish"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Entry:
    """One sentence, its language, and what it stands for: a topic id or "@" and a wish."""

    text: str
    language: str
    label: str
    source: Source

    @property
    def column(self) -> str:
        """The label it stands for among topics and wishes: all kinds of danger are one.

        So are those of small talk. Empty for a near miss, which may be about anything.
        """
        return _column(self.label, self.source)

    @property
    def is_passage(self) -> bool:
        """Whether it is a piece of an answer and no message."""
        return self.source is Source.PASSAGE


@lru_cache(maxsize=4096)
def _column(label: str, source: Source) -> str:
    if source is Source.WISH:
        return label.partition("_")[0]
    if source is Source.DANGER:
        return ANY_DANGER if label != DANGER else ""
    return label


def entries(
    knowledge: Knowledge, examples: Examples | None = None, language: str | None = None
) -> list[Entry]:
    """Every sentence of one language or of all, without repeats, in a fixed order.

    `examples`: messages of danger and near misses, if they are wanted too.
    """
    found: dict[tuple[str, str, str, bool], Entry] = {}
    listed = [each for each in _all(knowledge, examples) if language in (None, each.language)]
    for entry in _cleaned(listed):
        if entry.text:
            place = (entry.language, entry.label, entry.text.casefold(), entry.is_passage)
            found.setdefault(place, entry)
    return sorted(found.values(), key=lambda e: (e.language, e.label, e.source, e.text))


def _cleaned(listed: Sequence[Entry]) -> Iterator[Entry]:
    texts = iter(clean_all([entry.text for entry in listed if not entry.is_passage]))
    for entry in listed:
        # Passages are clean already, and may be longer than a message.
        text = entry.text if entry.is_passage else next(texts)
        yield entry if text == entry.text else replace(entry, text=text)


def _all(knowledge: Knowledge, examples: Examples | None) -> Iterator[Entry]:
    for topic in knowledge.topics.values():
        for language, article in topic.articles.items():
            yield from _of_article(article, language)
    for language, topics in knowledge.phrasings.items():
        for topic_id, asks in topics.items():
            for ask in asks:
                yield Entry(ask, language, topic_id, Source.PHRASING)
    for language, wishes in knowledge.wishes.items():
        for wish, messages in wishes.items():
            for message in messages:
                yield Entry(message, language, WISH + wish, Source.WISH)
    if examples is not None:
        for language, kinds in examples.danger.items():
            for kind, messages in kinds.items():
                for message in messages:
                    yield Entry(message, language, DANGER + kind, Source.DANGER)
        for language, messages in examples.no_danger.items():
            for message in messages:
                yield Entry(message, language, DANGER, Source.DANGER)


def _of_article(article: Article, language: str) -> Iterator[Entry]:
    label = article.topic_id
    yield Entry(article.title, language, label, Source.TITLE)
    for question in article.questions:
        yield Entry(question, language, label, Source.QUESTION)
    for keyword in article.keywords:
        yield Entry(keyword, language, label, Source.KEYWORD)
    for passage in passages(article):
        yield Entry(passage, language, label, Source.PASSAGE)


def passages(article: Article) -> list[str]:
    """One to three pieces of an article of about equal length, each begun by its title."""
    paragraphs = _PARAGRAPHS.split(_plain(article.body))
    cleaned = clean_all([" ".join(part.split()) for part in paragraphs], _LONGEST_PARAGRAPH)
    parts = [part for part in cleaned if part]
    total = sum(map(len, parts))
    number = min(MOST_PASSAGES, max(1, round(total / PASSAGE_LENGTH)))
    pieces: list[str] = []
    piece = ""
    for part in parts:
        piece = f"{piece} {part}".strip()
        if len(piece) >= total / number and len(pieces) < number - 1:
            pieces.append(piece)
            piece = ""
    if piece:
        pieces.append(piece)
    return [f"{clean(article.title)}. {piece}" for piece in pieces]


def _plain(body: str) -> str:
    return _MARKUP.sub("", _FACT.sub(lambda match: match[1].replace("_", " "), body))


def fingerprint(listed: list[Entry], *more: str) -> str:
    """A hash of sentences and their labels: equal as long as nothing has changed."""
    digest = hashlib.blake2b(digest_size=16)
    for part in (*more, *(f"{e.language}\t{e.label}\t{e.source}\t{e.text}" for e in listed)):
        digest.update(part.encode() + b"\n")
    return digest.hexdigest()
