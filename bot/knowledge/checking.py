"""Says what is wrong in the knowledge folder, with file and line: what ``bot.py check`` prints.

``error``: residents would read something wrong, unsourced or unfinished. ``warning``: look at it.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from bot.knowledge.building import Reading, read
from bot.knowledge.folder import KNOWLEDGE, ArticleFile, Pages
from bot.knowledge.prose import loose_figures
from bot.knowledge.records import (
    GERMAN,
    REQUIRED_LANGUAGES,
    TOWN_HALL,
    Article,
    Knowledge,
    Problem,
    Topic,
)
from bot.knowledge.rendering import PLACEHOLDER, parse
from bot.knowledge.sourcing import wrong_with_contact, wrong_with_fact
from bot.knowledge.translating import differences, wrong_with_translation

WORDS = range(40, 121)
QUESTIONS = range(6, 13)
GERMAN_SENTENCE = 15
"""Leichte Sprache: a longer sentence should be two."""

_TRANSLATIONS = frozenset({"machine", "reviewed"})
_BRACES = re.compile(r"\{[^}\n]*\}?|\}")
_SENTENCE_END = re.compile(r"(?<=[.!?:])\s+|\n\s*\n|\n(?=\s*-)")
_ALLOWED_TOKENS = frozenset(
    {"paragraph_open", "paragraph_close", "inline"}
    | {f"{kind}_{end}" for kind in ("bullet_list", "list_item") for end in ("open", "close")}
)
_ALLOWED_INLINE = frozenset({"text", "softbreak", "strong_open", "strong_close"})
_TAG_OR_TABLE = re.compile(r"</?[a-zA-Z]|^\s*\||&\w+;|\]\(", re.MULTILINE)
# What a fact's own words already say; "{child_benefit} Euro" would be read as "259 € Euro".
_UNIT_WORDS = {
    "EUR": "euros?|eur|€|евро|євро|ευρώ|يورو|یورو|avro",
    "percent": "prozent|percent|per cent|%",
    "hour": "stunden?|hours?",
    "day": "tage?n?|days?",
    "week": "wochen?|weeks?",
    "month": "monate?n?|months?",
    "year": "jahre?n?|years?",
    "cm": "cm|zentimetern?|centimet(?:re|er)s?",
    "time": "uhr|o'clock",
}


def problems(folder: Path = KNOWLEDGE) -> list[Problem]:
    """Everything that is wrong in a knowledge folder, ordered by file and line."""
    pages = Pages(folder)
    reading = read(pages)
    check = _Check(pages, reading, reading.knowledge)
    check.facts()
    check.contacts()
    check.municipalities()
    check.topics()
    check.articles()
    check.questions()
    check.examples()
    return sorted(pages.problems, key=lambda problem: (str(problem.path), problem.line))


@dataclass(frozen=True, slots=True)
class _Check:
    pages: Pages
    reading: Reading
    knowledge: Knowledge

    def facts(self) -> None:
        """Every fact has a value that fits its unit, a source and a date, and is used."""
        used = set(
            chain.from_iterable(
                PLACEHOLDER.findall(f"{article.title}\n{article.body}")
                for topic in self.knowledge.topics.values()
                for article in topic.articles.values()
            )
        )
        path = self.reading.facts.path
        for name, fact in self.knowledge.facts.items():
            line = self.reading.facts.line(name)
            for message in wrong_with_fact(fact):
                self.pages.wrong(path, line, f"[{name}] {message}")
            if name not in used:
                self.pages.doubtful(path, line, f"[{name}] wird in keinem Artikel gebraucht.")

    def contacts(self) -> None:
        """Every contact has a name, a source and a date, and its place exists."""
        path = self.reading.contacts.path
        for name, contact in self.knowledge.contacts.items():
            for message in wrong_with_contact(contact, self.knowledge):
                self.pages.wrong(path, self.reading.contacts.line(name), f"[{name}] {message}")
        for language, file in self.reading.spoken.items():
            for name, contact in self.knowledge.contacts.items():
                for message in wrong_with_translation(contact, language):
                    self.pages.wrong(file.path, file.line(name), f"[{name}] {message}")

    def municipalities(self) -> None:
        """Every municipality has postcodes of its own and a town hall."""
        path = self.reading.municipalities.path
        holders: dict[str, str] = {}
        for name, municipality in self.knowledge.municipalities.items():
            line = self.reading.municipalities.line(name)
            if not municipality.postcodes:
                self.pages.wrong(path, line, f"[{name}] hat keine Postleitzahl.")
            for postcode in municipality.postcodes:
                other = holders.setdefault(postcode, name)
                if not re.fullmatch(r"\d{5}", postcode):
                    self.pages.wrong(path, line, f"[{name}] {postcode} ist keine Postleitzahl.")
                if other != name:
                    self.pages.wrong(path, line, f"[{name}] {postcode} gehört schon zu {other}.")
            if municipality.town_hall not in self.knowledge.contacts:
                self.pages.wrong(
                    path, line, f"[{name}] Kontakt „{municipality.town_hall}“ gibt es nicht."
                )

    def topics(self) -> None:
        """Every topic of topics.csv is there in the required languages, with names that exist."""
        listed = self.reading.topic_lines
        for topic_id, line in listed.items():
            path = self.reading.topic_files.get(topic_id)
            if path is None:
                self.pages.wrong(
                    self.pages.folder / "topics.csv", line, f"Zu „{topic_id}“ fehlt der Ordner."
                )
                continue
            if not path.exists():
                self.pages.wrong(path, 1, "Diese Datei fehlt.")
            for language in self._wanted:
                article = path.with_name(f"{language}.md")
                if not article.exists():
                    self.pages.wrong(article, 1, "Dieser Artikel fehlt.")
        for topic in self.knowledge.topics.values():
            for message in _wrong_with_topic(topic, self.knowledge, frozenset(listed)):
                self.pages.wrong(self.reading.topic_files[topic.id], 1, message)

    @property
    def _wanted(self) -> tuple[str, ...]:
        """The languages in which every topic needs an article: a language is whole or not there."""
        begun = {language for _topic, language in self.reading.articles}
        return tuple(sorted(begun | set(REQUIRED_LANGUAGES)))

    def articles(self) -> None:
        """Every article keeps to the rules of length, form, figures and translation."""
        for (topic_id, language), file in self.reading.articles.items():
            topic = self.knowledge.topics.get(topic_id)
            if topic is None:
                continue
            article = topic.articles[language]
            self._text(file, article)
            self._form(file, article)
            self._translation(file, article, topic.articles.get(GERMAN))

    def questions(self) -> None:
        """No way of asking stands in two topics: the search could not tell them apart."""
        first: dict[tuple[str, str], str] = {}
        for (topic_id, language), file in self.reading.articles.items():
            if len(file.questions) not in QUESTIONS:
                self.pages.wrong(
                    file.path,
                    file.questions[0][0] if file.questions else file.keywords_line,
                    f"{len(file.questions)} Fragen; es sollen {_span(QUESTIONS)} sein.",
                )
            for line, question in file.questions:
                other = first.setdefault((language, _folded(question)), f"{topic_id}:{line}")
                if other != f"{topic_id}:{line}":
                    where = other.partition(":")[0]
                    self.pages.wrong(
                        file.path, line, f"Diese Frage steht schon in „{where}“: {question}"
                    )

    def examples(self) -> None:
        """Further ways of asking belong to topics that exist and not to two at once."""
        topics_of: dict[tuple[str, str], set[str]] = {}
        for topic_id, language, ask in self._all_ways_of_asking():
            topics_of.setdefault((language, _folded(ask)), set()).add(topic_id)
        for language, by_topic in self.knowledge.phrasings.items():
            file = self.reading.phrasings[language]
            for topic_id, asks in by_topic.items():
                line = file.line(topic_id)
                if topic_id not in self.reading.topic_lines:
                    self.pages.wrong(file.path, line, f"Das Thema „{topic_id}“ gibt es nicht.")
                for ask in asks:
                    others = topics_of[language, _folded(ask)] - {topic_id}
                    if others:
                        self.pages.doubtful(
                            file.path,
                            line,
                            f"„{ask}“ steht auch in {', '.join(sorted(others))}.",
                        )

    def _all_ways_of_asking(self) -> Iterator[tuple[str, str, str]]:
        for (topic_id, language), file in self.reading.articles.items():
            for _, question in file.questions:
                yield topic_id, language, question
        for language, by_topic in self.knowledge.phrasings.items():
            for topic_id, asks in by_topic.items():
                for ask in asks:
                    yield topic_id, language, ask

    def _text(self, file: ArticleFile, article: Article) -> None:
        """Figures in the title and body, and names in braces."""
        lines = [(1, article.title), *enumerate(article.body.splitlines(), file.body_line)]
        for line, text in lines:
            blanked = text
            for match in _BRACES.finditer(text):
                blanked = blanked.replace(match[0], "_" * len(match[0]), 1)
                self._placeholder(file, line, text, match)
            for _, found, kind in loose_figures(blanked, article.language):
                self.pages.wrong(file.path, line, f"„{found}“ ist {kind}.")

    def _placeholder(self, file: ArticleFile, line: int, text: str, match: re.Match[str]) -> None:
        name = match[0].strip("{}")
        fact = self.knowledge.facts.get(name)
        if not PLACEHOLDER.fullmatch(match[0]):
            self.pages.wrong(file.path, line, f"„{match[0]}“ ist kein Name in Klammern.")
        elif fact is None:
            if name not in self.reading.facts.tables:
                self.pages.wrong(file.path, line, f"{match[0]} steht nicht in facts.toml.")
        elif words := _UNIT_WORDS.get(fact.unit):
            after = re.match(rf"\s*({words})(?!\w)", text[match.end() :], re.IGNORECASE)
            if after:
                self.pages.wrong(
                    file.path, line, f"Nach {match[0]} steht „{after[1]}“ doppelt: es kommt mit."
                )

    def _form(self, file: ArticleFile, article: Article) -> None:
        """Length, Markdown, keywords and, in German, the length of sentences."""
        words = len(re.findall(r"\S*\w\S*", article.body))
        if words not in WORDS:
            self.pages.wrong(
                file.path, file.body_line, f"{words} Wörter; es sollen {_span(WORDS)} sein."
            )
        for line, what in _foreign_markdown(article.body):
            self.pages.wrong(
                file.path,
                file.body_line + line,
                f"Nur Absätze, Listen mit „- “ und **fett** sind erlaubt ({what}).",
            )
        if not file.keywords:
            self.pages.wrong(file.path, file.keywords_line, "Es fehlen die Schlagwörter.")
        if article.language == GERMAN:
            for line, sentence in _sentences(article.body):
                count = len(re.findall(r"\S*\w\S*", sentence))
                if count > GERMAN_SENTENCE:
                    self.pages.doubtful(
                        file.path,
                        file.body_line + line,
                        f"Ein Satz hat {count} Wörter (höchstens {GERMAN_SENTENCE}): {sentence}",
                    )

    def _translation(self, file: ArticleFile, article: Article, german: Article | None) -> None:
        if article.language == GERMAN:
            if article.translation != "original" or article.translated_from:
                self.pages.wrong(
                    file.path,
                    1,
                    'In de.md steht translation = "original" und kein translated_from.',
                )
            return
        if article.translation not in _TRANSLATIONS:
            self.pages.wrong(file.path, 1, "translation muss „machine“ oder „reviewed“ sein.")
        if german and not article.translated_from:
            self.pages.wrong(file.path, 1, "translated_from ist leer (python bot.py stamp).")
        elif german and article.translated_from != german.content_hash:
            self.pages.wrong(
                file.path, 1, "Der deutsche Text ist neuer als diese Übersetzung: bitte anpassen."
            )
        elif german:
            for message in differences(german, article):
                self.pages.wrong(file.path, file.body_line, message)
        if article.translation == "reviewed" and not (article.reviewer and article.reviewed_on):
            self.pages.wrong(
                file.path, 1, "reviewed braucht reviewer (Rolle) und reviewed_on (Tag)."
            )


def _wrong_with_topic(topic: Topic, knowledge: Knowledge, listed: frozenset[str]) -> Iterator[str]:
    for name in topic.contacts:
        if name != TOWN_HALL and name not in knowledge.contacts:
            yield f"Den Kontakt „{name}“ gibt es nicht."
    for name in topic.related:
        if name not in listed:
            yield f"Das Thema „{name}“ in related gibt es nicht."
        if name == topic.id:
            yield "related nennt das Thema selbst."
    for key, names in (("contacts", topic.contacts), ("related", topic.related)):
        for name, times in Counter(names).items():
            if times > 1:
                yield f"{key} nennt „{name}“ doppelt."


def _foreign_markdown(body: str) -> Iterator[tuple[int, str]]:
    """Markdown beyond paragraphs, lists and bold: (line within the body, what it is)."""
    for token in parse(body):
        line = token.map[0] if token.map else 0
        if token.type not in _ALLOWED_TOKENS and not token.type.endswith("_close"):
            yield line, token.type.removesuffix("_open")
        for child in token.children or []:
            if child.type not in _ALLOWED_INLINE and not child.type.endswith("_close"):
                yield line, child.type.removesuffix("_open")
    for match in _TAG_OR_TABLE.finditer(body):
        yield body.count("\n", 0, match.start()), match[0].strip()


def _sentences(body: str) -> Iterator[tuple[int, str]]:
    """The sentences of a body: (line within the body, the words without Markdown)."""
    body = body.replace("**", "")
    start = 0
    for end in chain(_SENTENCE_END.finditer(body), [None]):
        stop = end.start() if end else len(body)
        text = body[start:stop]
        if text.strip():
            line = body.count("\n", 0, start + len(text) - len(text.lstrip()))
            yield line, " ".join(text.split()).removeprefix("- ")
        start = end.end() if end else stop


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _span(numbers: range) -> str:
    return f"{numbers.start} bis {numbers.stop - 1}"
