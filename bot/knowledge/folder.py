"""Reads the knowledge folder: TOML tables and articles, each with the lines where they stand.

What cannot be read becomes a ``Problem`` with its line and is left out, so that one broken file
does not hide the next one.
"""

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.knowledge.records import Problem

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
"""The folder that the bot ships with."""

Table = dict[str, Any]
_TOML_LINE = re.compile(r" \(at line (\d+), column \d+\)| \(at end of document\)")
_HEADER = re.compile(r"""^\s*\[\[?\s*["']?([^"'\]]+)["']?\s*\]""")


@dataclass(slots=True)
class Pages:
    """The folder while it is being read: its place, and what was found wrong so far."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)

    def short(self, path: Path) -> Path:
        """A path as it is shown to people: "knowledge/facts.toml"."""
        return path.relative_to(self.folder.parent)

    def wrong(self, path: Path, line: int, message: str) -> None:
        """Notes an error."""
        self.problems.append(Problem(self.short(path), line, message))

    def doubtful(self, path: Path, line: int, message: str) -> None:
        """Notes something that should be looked at."""
        self.problems.append(Problem(self.short(path), line, message, "warning"))

    def text(self, path: Path) -> str | None:
        """The text of a file; None (and a problem) when it is missing or not UTF-8."""
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError:
            self.wrong(path, 1, "Diese Datei fehlt.")
        except UnicodeDecodeError as error:
            line = path.read_bytes()[: error.start].count(b"\n") + 1
            self.wrong(path, line, "Die Datei ist nicht als UTF-8 gespeichert.")
        return None

    def toml(self, path: Path, text: str, first_line: int = 1) -> Table | None:
        """The tables of a TOML text that starts at ``first_line`` of a file; None when broken."""
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            found = _TOML_LINE.search(str(error))
            last = text.rstrip("\n").count("\n")
            line = int(found[1]) - 1 if found and found[1] else last
            reason = _TOML_LINE.sub("", str(error))
            self.wrong(path, first_line + line, f"Das ist kein gültiges TOML: {reason}.")
            return None


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A TOML file of named tables, and the line of each name."""

    path: Path
    tables: Mapping[str, Table]
    lines: Mapping[str, int]

    def line(self, name: str) -> int:
        """The line of a table's header; 1 when it is not found."""
        return self.lines.get(name, 1)


def toml_file(pages: Pages, path: Path) -> TomlFile:
    """Reads a file of named tables; empty (with a problem) when it cannot be read."""
    text = pages.text(path)
    tables = None if text is None else pages.toml(path, text)
    if text is None or tables is None:
        return TomlFile(path, {}, {})
    lines: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        name = header[1] if header else line.partition("=")[0].strip().strip("\"'")
        if name in tables:
            lines.setdefault(name, number)
    good = {}
    for name, table in tables.items():
        if isinstance(table, dict):
            good[name] = table
        else:
            pages.wrong(path, lines.get(name, 1), f"[{name}] ist kein Abschnitt.")
    return TomlFile(path, good, lines)


class Reader:
    """Takes typed values out of one table and notes what is missing, of the wrong type or unknown.

    Usable as ``with Reader(...) as take``: at the end it reports names nobody asked for.
    """

    def __init__(self, pages: Pages, path: Path, line: int, name: str, table: Table) -> None:
        self.pages = pages
        self.path = path
        self.line = line
        self.name = name
        self.table = table
        self.failed = False
        self._asked: set[str] = set()

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        for key in self.table.keys() - self._asked:
            self.pages.doubtful(
                self.path, self.line, f"[{self.name}] hat die unbekannte Angabe „{key}“."
            )

    def inside(self, table: Table) -> "Reader":
        """A reader for a table inside this one: one phone, say."""
        return Reader(self.pages, self.path, self.line, self.name, table)

    def fail(self, message: str) -> None:
        """Notes an error in this table."""
        self.failed = True
        self.pages.wrong(self.path, self.line, f"[{self.name}] {message}")

    def value(self, key: str, kinds: tuple[type, ...], fallback: Any = None) -> Any:
        """The value of a key; without ``fallback`` the key must be there."""
        self._asked.add(key)
        if key not in self.table:
            if fallback is None:
                self.fail(f"hat kein „{key}“.")
            return fallback
        found = self.table[key]
        if not isinstance(found, kinds) or (isinstance(found, bool) and bool not in kinds):
            self.fail(f"„{key}“ hat die falsche Art: {found!r}.")
            return fallback
        return found

    def text(self, key: str, *, needed: bool = False) -> str:
        """A text, trimmed; "" when it may be missing and is."""
        return str(self.value(key, (str,), None if needed else "") or "").strip()

    def number(self, key: str) -> float | None:
        """A number that may be missing."""
        found = self.value(key, (int, float), "")
        return None if found == "" else float(found)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty when missing."""
        found = self.value(key, (list,), [])
        if not all(isinstance(item, str) and item.strip() for item in found):
            self.fail(f"„{key}“ ist keine Liste von Texten.")
            return ()
        return tuple(item.strip() for item in found)

    def tables(self, key: str) -> list[Table]:
        """A list of tables; empty when missing."""
        found = self.value(key, (list,), [])
        if not all(isinstance(item, dict) for item in found):
            self.fail(f"„{key}“ ist keine Liste von {{ … }}.")
            return []
        return list(found)

    def by_language(self, key: str) -> dict[str, str]:
        """Texts by language (``name.de``, ``name.en``); empty when missing."""
        found = self.value(key, (dict,), {})
        if not all(isinstance(item, str) for item in found.values()):
            self.fail(f"„{key}“ braucht je Sprache einen Text: {key}.de = …")
            return {}
        return {language: str(text).strip() for language, text in found.items()}


@dataclass(frozen=True, slots=True)
class ArticleFile:
    """An article as it stands in its file, with the lines of its parts.

    ``questions`` are (line, text). ``body`` starts at ``body_line``.
    """

    path: Path
    head: Table
    body: str
    body_line: int
    questions: tuple[tuple[int, str], ...]
    keywords: tuple[str, ...]
    keywords_line: int


def article_file(pages: Pages, path: Path) -> ArticleFile | None:
    """Reads one article; None (and a problem) when its parts are not where they belong."""
    text = pages.text(path)
    if text is None:
        return None
    lines = text.splitlines()
    fences = [number for number, line in enumerate(lines) if line.strip() == "+++"][:2]
    if len(fences) != 2 or fences[0] != 0:
        pages.wrong(path, 1, "Der Artikel muss mit dem Kopf zwischen zwei Zeilen +++ beginnen.")
        return None
    head = pages.toml(path, "\n".join(lines[1 : fences[1]]), first_line=2)
    questions = _heading(lines, "## Questions")
    keywords = _heading(lines, "## Keywords")
    if questions is None or keywords is None or not fences[1] < questions < keywords:
        pages.wrong(path, 1, "Nach dem Text braucht es „## Questions“ und dann „## Keywords“.")
        return None
    if head is None:
        return None
    start = fences[1] + 1
    while start < questions and not lines[start].strip():
        start += 1
    return ArticleFile(
        path=path,
        head=head,
        body="\n".join(lines[start:questions]).rstrip(),
        body_line=start + 1,
        questions=tuple(_questions(pages, path, lines, questions + 1, keywords)),
        keywords=tuple(_keywords(lines[keywords + 1 :])),
        keywords_line=keywords + 1,
    )


def _heading(lines: list[str], heading: str) -> int | None:
    return next((number for number, line in enumerate(lines) if line.strip() == heading), None)


def _questions(
    pages: Pages, path: Path, lines: list[str], start: int, end: int
) -> Iterator[tuple[int, str]]:
    for number in range(start, end):
        line = lines[number].strip()
        if line.startswith("- ") and line[2:].strip():
            yield number + 1, line[2:].strip()
        elif line:
            pages.wrong(path, number + 1, "Jede Frage steht in einer Zeile, die mit „- “ beginnt.")


def _keywords(lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield from (word.strip() for word in line.split(",") if word.strip())


def asks_by_name(pages: Pages, file: TomlFile) -> dict[str, tuple[str, ...]]:
    """The lists of example messages in a file: ``["name"]`` with ``asks = […]``."""
    found: dict[str, tuple[str, ...]] = {}
    for name, table in file.tables.items():
        with Reader(pages, file.path, file.line(name), name, table) as take:
            found[name] = take.texts("asks")
    return found


def topic_rows(pages: Pages) -> dict[str, tuple[int, dict[str, str]]]:
    """The rows of topics.csv by topic id, each with its line."""
    path = pages.folder / "topics.csv"
    text = pages.text(path)
    if text is None:
        return {}
    reader = csv.DictReader(text.splitlines())
    rows = {row["id"]: (reader.line_num, row) for row in reader if row.get("id")}
    if not rows:
        pages.wrong(path, 1, "In der Liste der Themen steht kein Thema (Spalte id).")
    return rows
