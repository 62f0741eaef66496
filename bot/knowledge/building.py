"""Builds the knowledge from its folder: tables become facts and contacts, files become articles."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from bot.errors import KnowledgeError
from bot.knowledge.folder import (
    KNOWLEDGE,
    ArticleFile,
    Pages,
    Reader,
    Table,
    TomlFile,
    article_file,
    asks_by_name,
    toml_file,
    topic_rows,
)
from bot.knowledge.records import (
    GERMAN,
    Article,
    Contact,
    Fact,
    Hours,
    Knowledge,
    Municipality,
    Phone,
    Source,
    Topic,
    content_hash,
)

_Record = TypeVar("_Record")

PHONE_NOTES = "phone-notes"
DIRECTORY_NOTES = "directory-notes"
"""Two sections of ``contacts/<language>.toml`` that are no contact: German note = translation."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The knowledge together with the files it came from, for checks that name file and line."""

    knowledge: Knowledge
    facts: TomlFile
    contacts: TomlFile
    municipalities: TomlFile
    topic_lines: Mapping[str, int]
    topic_files: Mapping[str, Path]
    articles: Mapping[tuple[str, str], ArticleFile]
    phrasings: Mapping[str, TomlFile]
    spoken: Mapping[str, TomlFile]


def load(folder: Path = KNOWLEDGE) -> Knowledge:
    """Everything the office knows, read from a knowledge folder.

    Raises KnowledgeError with file and line when something cannot be read. A name that does not
    exist (a fact in a text, a contact of a topic) is no reason to stop: it is left out when it is
    shown, and ``problems`` reports it.
    """
    pages = Pages(folder)
    knowledge = read(pages).knowledge
    broken = [problem for problem in pages.problems if problem.severity == "error"]
    if broken:
        raise KnowledgeError(str(broken[0]))
    return knowledge


def read(pages: Pages) -> Reading:
    """Reads the whole folder; what is broken is noted in ``pages`` and left out."""
    facts = toml_file(pages, pages.folder / "facts.toml")
    contacts = toml_file(pages, pages.folder / "contacts.toml")
    spoken = _by_language(pages, "contacts")
    for language, file in spoken.items():
        _add_translation(pages, contacts, language, file)
    municipalities = toml_file(pages, pages.folder / "municipalities.toml")
    rows = topic_rows(pages)
    topics: dict[str, Topic] = {}
    topic_files: dict[str, Path] = {}
    articles: dict[tuple[str, str], ArticleFile] = {}
    for folder in _folders(pages.folder / "articles"):
        topic_files[folder.name] = folder / "topic.toml"
        row = rows.get(folder.name)
        if row is None:
            pages.wrong(folder, 1, "Dieses Thema steht nicht in topics.csv.")
            continue
        found = _articles(pages, folder, articles)
        if (topic := _topic(pages, folder, row[1], found)) is not None:
            topics[topic.id] = topic
    phrasings = _by_language(pages, "phrasings")
    wishes = _by_language(pages, "wishes")
    knowledge = Knowledge(
        topics={topic_id: topics[topic_id] for topic_id in rows if topic_id in topics},
        facts=_each(pages, facts, _fact),
        contacts=_each(pages, contacts, _contact),
        municipalities=_each(pages, municipalities, _municipality),
        phrasings={name: asks_by_name(pages, file) for name, file in phrasings.items()},
        wishes={name: asks_by_name(pages, file) for name, file in wishes.items()},
    )
    lines = {topic_id: line for topic_id, (line, _) in rows.items()}
    return Reading(
        knowledge, facts, contacts, municipalities, lines, topic_files, articles, phrasings, spoken
    )


def _add_translation(pages: Pages, contacts: TomlFile, language: str, file: TomlFile) -> None:
    """Put a language's names, lines and notes of contacts beside the German ones."""
    for name, table in file.tables.items():
        if name == DIRECTORY_NOTES:
            continue  # the directory reads them itself
        if name == PHONE_NOTES:
            for contact in contacts.tables.values():
                for phone in contact.get("phones", []):
                    note = phone.get("note") if isinstance(phone, dict) else None
                    if isinstance(note, dict) and note.get(GERMAN) in table:
                        note[language] = table[note[GERMAN]]
            continue
        if name not in contacts.tables:
            pages.wrong(file.path, file.line(name), f"Den Kontakt „{name}“ gibt es nicht.")
            continue
        with Reader(pages, file.path, file.line(name), name, table) as take:
            words = {key: take.text(key) for key in ("name", "about")}
        for key, text in words.items():
            told = contacts.tables[name].setdefault(key, {}) if text else None
            if isinstance(told, dict):
                told[language] = text


def _folders(parent: Path) -> list[Path]:
    return sorted(path for path in parent.glob("*") if path.is_dir())


def _by_language(pages: Pages, name: str) -> dict[str, TomlFile]:
    files = sorted((pages.folder / name).glob("*.toml"))
    return {path.stem: toml_file(pages, path) for path in files}


def _each(
    pages: Pages, file: TomlFile, build: Callable[[Reader], _Record | None]
) -> dict[str, _Record]:
    records: dict[str, _Record] = {}
    for name, table in file.tables.items():
        with Reader(pages, file.path, file.line(name), name, table) as take:
            record = build(take)
        if record is not None and not take.failed:
            records[name] = record
    return records


def _fact(take: Reader) -> Fact:
    return Fact(
        name=take.name,
        value=take.value("value", (int, float, str)),
        unit=take.text("unit", needed=True),
        per=take.text("per"),
        source=take.text("source"),
        source_url=take.text("source_url"),
        as_of=take.text("as_of"),
        confidence=take.text("confidence"),
        note=take.text("note"),
    )


def _contact(take: Reader) -> Contact:
    return Contact(
        id=take.name,
        names=take.by_language("name"),
        street=take.text("street"),
        postcode=take.text("postcode"),
        town=take.text("town"),
        lat=take.number("lat"),
        lon=take.number("lon"),
        phones=tuple(filter(None, (_phone(take, table) for table in take.tables("phones")))),
        email=take.text("email"),
        web=take.text("web"),
        hours=tuple(filter(None, (_hours(take, table) for table in take.tables("hours")))),
        serves=take.texts("serves"),
        serves_not=take.texts("serves_not"),
        about=take.by_language("about"),
        sources=tuple(filter(None, (_source(take, table) for table in take.tables("sources")))),
        as_of=take.text("as_of"),
        confidence=take.text("confidence"),
    )


def _phone(take: Reader, table: Table) -> Phone | None:
    with take.inside(table) as phone:
        number, notes = phone.text("number", needed=True), phone.by_language("note")
    return None if phone.failed else Phone(number, notes)


def _hours(take: Reader, table: Table) -> Hours | None:
    with take.inside(table) as hours:
        days = hours.texts("days")
        start, end = hours.text("from", needed=True), hours.text("to", needed=True)
    return None if hours.failed else Hours(days, start, end)


def _source(take: Reader, table: Table) -> Source | None:
    with take.inside(table) as source:
        title, url = source.text("title", needed=True), source.text("url")
    return None if source.failed else Source(title, url)


def _municipality(take: Reader) -> Municipality | None:
    lat, lon = take.number("lat"), take.number("lon")
    if lat is None or lon is None:
        take.fail("braucht „lat“ und „lon“.")
        return None
    return Municipality(
        name=take.name,
        postcodes=take.texts("postcodes"),
        lat=lat,
        lon=lon,
        districts=take.texts("districts"),
        aliases=take.texts("aliases"),
        town_hall=take.text("town_hall", needed=True),
    )


def _topic(
    pages: Pages, folder: Path, row: Mapping[str, str], articles: Mapping[str, Article]
) -> Topic | None:
    path = folder / "topic.toml"
    if not path.exists():  # `problems` reports it; the other topics can be read
        return None
    text = pages.text(path)
    table = None if text is None else pages.toml(path, text)
    if table is None:
        return None
    with Reader(pages, path, 1, folder.name, table) as take:
        contacts, related = take.texts("contacts"), take.texts("related")
        reviewed_on = take.value("reviewed_on", (date,))
    if take.failed:
        return None
    return Topic(
        id=folder.name,
        book=row.get("book") or "",
        chapter=row.get("chapter") or "",
        contacts=contacts,
        related=related,
        reviewed_on=reviewed_on,
        articles=articles,
    )


def _articles(
    pages: Pages, folder: Path, files: dict[tuple[str, str], ArticleFile]
) -> dict[str, Article]:
    found: dict[str, Article] = {}
    for path in sorted(folder.glob("*.md")):
        file = article_file(pages, path)
        if file is None:
            continue
        language = path.stem
        with Reader(pages, path, 1, f"{folder.name}/{language}", file.head) as take:
            title = take.text("title", needed=True)
            translation = take.text("translation", needed=True)
            translated_from = take.text("translated_from")
            reviewer = take.text("reviewer")
            reviewed_on = take.value("reviewed_on", (date,), "") or None
        if take.failed:
            continue
        files[folder.name, language] = file
        found[language] = Article(
            topic_id=folder.name,
            language=language,
            title=title,
            body=file.body,
            questions=tuple(text for _, text in file.questions),
            keywords=file.keywords,
            translation=translation,
            translated_from=translated_from,
            content_hash=content_hash(title, file.body),
            reviewer=reviewer,
            reviewed_on=reviewed_on,
        )
    return found
