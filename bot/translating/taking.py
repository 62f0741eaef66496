"""Texts that came back from a translator are checked and written where they belong."""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from string import Formatter

from bot.errors import KnowledgeError
from bot.knowledge import KNOWLEDGE, Article, Knowledge
from bot.knowledge.prose import loose_figures
from bot.knowledge.records import GERMAN, content_hash
from bot.knowledge.rendering import PLACEHOLDER
from bot.knowledge.translating import differences, numbers_in
from bot.texts import LOCALES
from bot.translating.catalogs import catalog_path, read_catalog, written_catalog
from bot.translating.units import FORMS, Unit, forms, ids, sentence_id

_TAG = re.compile(r"</?[a-z][^>]*>")
_COMMAND = re.compile(r"/[a-z]+\b")
_LOOSE = re.compile(r"</?[a-z][^<>]*>")
_FENCES = frozenset({"+++", "## Questions", "## Keywords"})


@dataclass
class Taken:
    """What came of a file: the ids of texts that were written, and what was wrong with others."""

    written: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    unchanged: int = 0

    def refuse(self, unit: Unit, why: str) -> None:
        """Note why a text is not taken."""
        self.refused.append((unit.id, why))


def take(
    knowledge: Knowledge,
    language: str,
    units: Sequence[Unit],
    *,
    today: date,
    reviewer: str = "",
    dry_run: bool = False,
    folder: Path = KNOWLEDGE,
    locales: Path = LOCALES,
) -> Taken:
    """Write what is sound; what is not is named and changes nothing.

    ``reviewer``: the role of the person who has read all of it; then articles are noted as read on
    this day. An article whose German has changed since the file was made is refused.
    """
    taken = Taken()
    articles: dict[str, dict[str, Unit]] = defaultdict(dict)
    contacts: list[Unit] = []
    sentences: list[Unit] = []
    for unit in units:
        kind, _slash, rest = unit.id.partition("/")
        name, _slash, part = rest.rpartition("/")
        if kind == "article" and name in knowledge.topics:
            articles[name][part] = unit
        elif kind == "contact" and name in knowledge.contacts and part in {"name", "about"}:
            contacts.append(unit)
        elif kind == "screen":
            sentences.append(unit)
        else:
            taken.refuse(unit, "there is no such text")
    for topic_id, parts in articles.items():
        _take_article(knowledge, language, topic_id, parts, taken, today, reviewer, dry_run, folder)
    _take_contacts(knowledge, language, contacts, taken, dry_run, folder)
    _take_sentences(language, sentences, taken, dry_run, locales)
    return taken


def _take_article(
    knowledge: Knowledge,
    language: str,
    topic_id: str,
    parts: dict[str, Unit],
    taken: Taken,
    today: date,
    reviewer: str,
    dry_run: bool,
    folder: Path,
) -> None:
    topic = knowledge.topics[topic_id]
    german, old = topic.articles[GERMAN], topic.articles.get(language)
    first = next(iter(parts.values()))

    def text(part: str) -> str:
        given = parts[part].text if part in parts else ""
        return given or (getattr(old, part) if old and part in {"title", "body"} else "")

    title, body = text("title"), text("body")
    if not title and not body:
        taken.unchanged += len(parts)
        return
    if not all(unit.made_from for unit in parts.values()):
        taken.refuse(
            first, "the column or note that says which German text it was made from is gone"
        )
        return
    if any(unit.made_from != german.content_hash for unit in parts.values()):
        taken.refuse(first, "the German text has changed since the file was made")
        return
    if old and (title, body) == (old.title, old.body) and not reviewer:
        taken.unchanged += len(parts)  # handed back as it was: a stale one stays stale
        return
    questions = text("questions").splitlines() if not old else list(old.questions)
    keywords = re.split(r"[\n,]+", text("keywords")) if not old else list(old.keywords)
    new = Article(
        topic_id=topic_id,
        language=language,
        title=title,
        body=body,
        questions=tuple(line.strip("- ").strip() for line in questions if line.strip("- ")),
        keywords=tuple(word.strip() for word in keywords if word.strip()),
        translation="reviewed" if reviewer else "machine",
        translated_from=german.content_hash,
        content_hash=content_hash(title, body),
        reviewer=reviewer,
        reviewed_on=today if reviewer else None,
    )
    if new == old:
        taken.unchanged += len(parts)
        return
    faults = list(_faults(german, new))
    if faults:
        taken.refuse(first, " ".join(faults))
        return
    if not dry_run:
        path = folder / "articles" / topic_id / f"{language}.md"
        path.write_text(_article_text(new), encoding="utf-8")
    taken.written.extend(unit.id for unit in parts.values())


def _faults(german: Article, new: Article) -> list[str]:
    found = list(differences(german, new))
    blank = PLACEHOLDER.sub(lambda match: "_" * len(match[0]), f"{new.title}\n{new.body}")
    found += [f"„{words}“ ist {kind}." for _at, words, kind in loose_figures(blank, new.language)]
    if "\n" in new.title:
        found.append("The title is one line.")
    if any(line.strip() in _FENCES for line in new.body.splitlines()):
        found.append("A line of the text is a mark of the file itself.")
    if not new.questions or not new.keywords:
        found.append("Questions and keywords are missing.")
    return found


def _article_text(article: Article) -> str:
    head = [
        f"title = {_quoted(article.title)}",
        f'translation = "{article.translation}"',
        f'translated_from = "{article.translated_from}"',
    ]
    if article.reviewed_on is not None:
        head += [f"reviewer = {_quoted(article.reviewer)}", f"reviewed_on = {article.reviewed_on}"]
    questions = "\n".join(f"- {question}" for question in article.questions)
    return (
        "+++\n" + "\n".join(head) + f"\n+++\n{article.body.strip()}\n\n## Questions\n{questions}"
        f"\n\n## Keywords\n{', '.join(article.keywords)}\n"
    )


def _quoted(text: str) -> str:
    """A TOML string: JSON's escapes are TOML's, too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _take_contacts(
    knowledge: Knowledge,
    language: str,
    units: Sequence[Unit],
    taken: Taken,
    dry_run: bool,
    folder: Path,
) -> None:
    path = folder / "contacts" / f"{language}.toml"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for unit in units:
        _kind, name, part = unit.id.split("/")
        contact = knowledge.contacts[name]
        german = (contact.names if part == "name" else contact.about).get(GERMAN, "")
        if not unit.text:
            taken.unchanged += 1
            continue
        if "\n" in unit.text or numbers_in(unit.text) != numbers_in(german):
            taken.refuse(unit, "one line, with the figures of the German")
            continue
        if not dry_run:
            _put(lines, name, part, unit.text)
        taken.written.append(unit.id)
    if units and not dry_run:
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def _put(lines: list[str], section: str, key: str, text: str) -> None:
    """Set a text in a TOML table of such texts, where it stands or at the end of its section."""
    head = f"[{section}]"
    if head not in lines:
        lines += ["", head]
    start = lines.index(head) + 1
    end = next((n for n in range(start, len(lines)) if lines[n].startswith("[")), len(lines))
    line = f"{key} = {_quoted(text)}"
    for number in range(start, end):
        if lines[number].startswith(f"{key} ="):
            lines[number] = line
            return
    while end > start and not lines[end - 1].strip():
        end -= 1
    lines.insert(end, line)


def _take_sentences(
    language: str, units: Sequence[Unit], taken: Taken, dry_run: bool, locales: Path
) -> None:
    if not units:
        return
    path = catalog_path(language, locales)
    if not path.exists():
        raise KnowledgeError(f"{path.name} of {language} is missing: run make texts")
    catalog = read_catalog(path)
    known = {sentence_id(message): message for message in catalog if message.id}
    for unit in units:
        message = known.get(unit.id)
        if message is None:
            taken.refuse(unit, "this sentence is gone")
            continue
        given = tuple(form.strip("\n") for form in unit.text.split(FORMS))
        if not any(given) or given == forms(message):
            taken.unchanged += 1
            continue
        many = isinstance(message.id, list | tuple)
        wanted = catalog.num_plurals if many else 1
        fault = _sentence_fault(given, ids(message)[-1], wanted)
        if fault:
            taken.refuse(unit, fault)
            continue
        message.string = given if many else given[0]
        taken.written.append(unit.id)
    if not dry_run:
        path.write_bytes(written_catalog(catalog))


def _sentence_fault(given: Sequence[str], source: str, wanted: int) -> str:
    if len(given) != wanted or not all(given):
        return f"{wanted} forms are needed, a line with | alone between them"
    for text in given:
        try:
            fields = _fields(text)
        except ValueError:
            return "a brace stands alone"
        if fields != _fields(source):
            return "the words in braces must stay"
        if _in_order(text) != _in_order(source) or _LOOSE.sub("", text).count("<"):
            return "the tags must stay, in an order that can be drawn"
        if any(text.count(sign) != source.count(sign) for sign in "<>&"):
            return "the signs < > & must stay as they are"
        if sorted(_TAG.findall(text)) != sorted(_TAG.findall(source)):
            return "the tags must stay"
        if sorted(_COMMAND.findall(text)) != sorted(_COMMAND.findall(source)):
            return "the commands must stay"
    return ""


def _fields(text: str) -> set[tuple[str, str | None, str | None]]:
    return {(name, spec, form) for _text, name, spec, form in Formatter().parse(text) if name}


def _in_order(text: str) -> bool:
    """Whether every tag that is opened is closed, the last one first."""
    opened: list[str] = []
    for tag in _TAG.findall(text):
        name = tag.strip("</>").split()[0]
        if not tag.startswith("</"):
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    return not opened
