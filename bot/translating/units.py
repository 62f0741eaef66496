"""The texts of a language that need a person: missing, older than the German, or never read."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from babel.messages.catalog import Message

from bot.knowledge import Article, Knowledge
from bot.knowledge.records import GERMAN
from bot.texts import LOCALES, SOURCE_LANGUAGE
from bot.translating.catalogs import catalog_path, read_catalog


class State(StrEnum):
    """Why a text is handed to a translator."""

    MISSING = "missing"
    STALE = "stale"
    UNREVIEWED = "unreviewed"


@dataclass(frozen=True, slots=True)
class Unit:
    """One text. ``id`` says where it belongs: ``article/child-benefit/body``.

    ``german`` is translated, ``english`` helps; both are texts of today. ``text`` is what stands
    there now, or what a translator wrote; several forms of a plural are separated by a line with
    ``|`` alone. ``made_from`` is the German article's hash, for articles.
    """

    id: str
    state: State
    german: str
    english: str
    text: str
    made_from: str = ""


FORMS = "\n|\n"
"""Between the forms of a plural."""


def open_units(
    knowledge: Knowledge, language: str, *, unreviewed: bool = False, locales: Path = LOCALES
) -> list[Unit]:
    """What is missing or stale in a language; with ``unreviewed`` also what no person has read."""
    return [
        unit
        for unit in (
            *_articles(knowledge, language),
            *_contacts(knowledge, language),
            *_sentences(language, locales),
        )
        if unreviewed or unit.state is not State.UNREVIEWED
    ]


def article_state(german: Article, article: Article | None) -> State | None:
    """What a translation needs; ``None`` for one that a person has read and that is not older."""
    if article is None:
        return State.MISSING
    if article.translated_from != german.content_hash:
        return State.STALE
    return None if article.translation == "reviewed" else State.UNREVIEWED


def _articles(knowledge: Knowledge, language: str) -> Iterator[Unit]:
    for topic in knowledge.topics.values():
        german, english = topic.articles[GERMAN], topic.articles.get(SOURCE_LANGUAGE)
        article = topic.articles.get(language)
        state = article_state(german, article)
        if state is None or language == GERMAN:
            continue
        for part in ("title", "body"):
            yield Unit(
                id=f"article/{topic.id}/{part}",
                state=state,
                german=getattr(german, part),
                english=getattr(english, part) if english else "",
                text=getattr(article, part) if article else "",
                made_from=german.content_hash,
            )
        if article is None:
            for part in ("questions", "keywords"):
                yield Unit(
                    id=f"article/{topic.id}/{part}",
                    state=state,
                    german="\n".join(getattr(german, part)),
                    english="\n".join(getattr(english, part)) if english else "",
                    text="",
                    made_from=german.content_hash,
                )


def _contacts(knowledge: Knowledge, language: str) -> Iterator[Unit]:
    if language == GERMAN:
        return
    for contact in knowledge.contacts.values():
        for part, texts in (("name", contact.names), ("about", contact.about)):
            if texts.get(GERMAN) and not texts.get(language):
                yield Unit(
                    id=f"contact/{contact.id}/{part}",
                    state=State.MISSING,
                    german=texts[GERMAN],
                    english=texts.get(SOURCE_LANGUAGE, ""),
                    text="",
                )


def _sentences(language: str, locales: Path) -> Iterator[Unit]:
    """Sentences of screens without a translation; English is their source."""
    path = catalog_path(language, locales)
    if language == SOURCE_LANGUAGE or not path.exists():
        return
    german = {sentence_id(m): m for m in read_catalog(catalog_path(GERMAN, locales)) if m.id}
    for message in read_catalog(path):
        if message.id and not all(forms(message)):
            name = sentence_id(message)
            yield Unit(
                id=name,
                state=State.MISSING,
                german=FORMS.join(forms(german[name])) if name in german else "",
                english=FORMS.join(ids(message)),
                text=FORMS.join(forms(message)) if any(forms(message)) else "",
            )


def ids(message: Message) -> tuple[str, ...]:
    """The English sentence, or its two forms."""
    return tuple(message.id) if isinstance(message.id, list | tuple) else (str(message.id),)


def forms(message: Message) -> tuple[str, ...]:
    """The translated sentence, or all its forms; empty strings where there is none."""
    string = message.string
    return tuple(string) if isinstance(string, list | tuple) else (str(string or ""),)


def sentence_id(message: Message) -> str:
    """A sentence by its words: the same in every catalog."""
    context = f"{message.context}|" if message.context else ""
    return f"screen/{context}{ids(message)[0]}"
