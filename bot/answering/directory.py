"""Doctors, clinics and counselling by specialty, language, town and access.

A search relaxes one wish at a time and says which: access first, then the town (the nearest come
first), then the language. The specialty is never dropped: a skin doctor is no help with teeth.
What has not been confirmed for a year carries a mark; after a year and a half it sinks.
"""

import csv
import io
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.answering.slots import SPECIALTIES, Slots
from bot.knowledge.folder import KNOWLEDGE
from bot.knowledge.formatting import phone_display, phone_uri
from bot.places import distance_between, towns

FOLDER = KNOWLEDGE / "directory"
KINDS = ("practice", "hospital", "counselling", "public")
ACCESS = ("step_free", "lift", "toilet", "parking", "sign_language", "easy_language")
STALE_AFTER = timedelta(days=365)
"""From then on a reader is told that nobody has confirmed the entry for a year."""
SINKS_AFTER = timedelta(days=548)
"""From then on an entry comes after all others: a year and a half."""

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_PHONE = re.compile(r"\+?[0-9][0-9 ()/-]{2,}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LARGEST_TABLE = 10_000  # rows; more is a mistake


@dataclass(frozen=True, slots=True)
class Practice:
    """One place to go. Empty texts and ``None`` mean that nobody has told us."""

    id: str
    name: str
    kind: str
    specialties: tuple[str, ...]
    languages: tuple[str, ...]
    street: str
    postcode: str
    town: str
    municipality: str
    phone: str
    email: str
    web: str
    barrier_free: tuple[str, ...]
    verified_on: date | None
    source: str
    source_url: str
    note_de: str
    note_en: str
    sample: bool

    @property
    def phone_display(self) -> str:
        """The number for reading."""
        return phone_display(self.phone)

    @property
    def phone_uri(self) -> str:
        """The number for tapping."""
        return phone_uri(self.phone)

    def note(self, language: str) -> str:
        """The note for a reader: in their language where it is known, else English, else German."""
        if language == "de":
            return self.note_de
        return _translated_notes(language).get(self.note_de) or self.note_en or self.note_de


@lru_cache(maxsize=32)
def _translated_notes(language: str) -> Mapping[str, str]:
    """The notes of the list that ships with the bot in a language, by their German words."""
    try:
        table = tomllib.loads((KNOWLEDGE / "contacts" / f"{language}.toml").read_text("utf-8"))
    except FileNotFoundError:
        return {}
    notes = table.get("directory-notes", {})
    known = {each.id: each.note_de for each in shipped(samples=False)}
    return {known[name]: text for name, text in notes.items() if known.get(name)}


COLUMNS = tuple(field.name for field in fields(Practice))


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, best first, and the wishes that had to be dropped, in order."""

    results: tuple[Practice, ...]
    relaxed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one cell of a table; ``row`` counts as a spreadsheet does, from 1."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column}: {self.message}"


@dataclass(frozen=True, slots=True)
class Imported:
    """The rows of a table, or what is wrong in it: with any fault nothing counts."""

    rows: tuple[Practice, ...]
    faults: tuple[Fault, ...]


def search(
    practices: Iterable[Practice],
    slots: Slots,
    *,
    today: date,
    barrier_free: bool = False,
) -> Found:
    """Practices for these wishes, the nearest and best confirmed first."""
    able = [p for p in practices if slots.specialty is None or slots.specialty in p.specialties]
    tests: dict[str, Callable[[Practice], bool]] = {}
    if slots.language:
        wanted = slots.language
        tests["language"] = lambda p: wanted in p.languages
    if slots.municipality:
        town = slots.municipality
        tests["municipality"] = lambda p: p.municipality == town
    if barrier_free:
        tests["barrier_free"] = lambda p: bool(p.barrier_free)
    relaxed: list[str] = []
    while True:
        fitting = [p for p in able if all(test(p) for test in tests.values())]
        if fitting or not tests:
            return Found(tuple(_in_order(fitting, slots.municipality, today)), tuple(relaxed))
        dropped = list(tests)[-1]
        del tests[dropped]
        relaxed.append(dropped)


def is_stale(practice: Practice, today: date) -> bool:
    """Whether nobody has confirmed the entry for a year, or ever."""
    return practice.verified_on is None or today - practice.verified_on > STALE_AFTER


def _in_order(practices: list[Practice], near: str | None, today: date) -> list[Practice]:
    def rank(practice: Practice) -> tuple[bool, bool, float, str]:
        sunk = practice.verified_on is not None and today - practice.verified_on > SINKS_AFTER
        far = 0.0
        if near is not None:
            known = practice.municipality in towns()
            far = distance_between(near, practice.municipality) if known else 1_000.0
        return (sunk, practice.sample, far, practice.name.casefold())

    return sorted(practices, key=rank)


def shipped(*, samples: bool) -> list[Practice]:
    """The public institutions of the facts and, where wanted, the marked samples."""
    names = ["institutions.csv", "samples.csv"] if samples else ["institutions.csv"]
    found: list[Practice] = []
    for name in names:
        table = read_table(FOLDER / name, allow_samples=True)
        if table.faults:
            raise ValueError(f"{name}: {table.faults[0]}")
        found.extend(table.rows)
    return found


def read_table(path: Path, *, allow_samples: bool = False) -> Imported:
    """The practices of a CSV or XLSX file, or a fault for every cell that cannot be right.

    Raises ``OSError`` when the file cannot be read and ``ValueError`` for another kind of file.
    """
    rows = _xlsx_rows(path) if path.suffix.lower() == ".xlsx" else _csv_rows(path)
    if not rows:
        return Imported((), (Fault(1, "file", "the file is empty"),))
    heads = [str(cell).strip() for cell in rows[0]]
    missing = [name for name in COLUMNS if name not in heads]
    unknown = [name for name in heads if name and name not in COLUMNS]
    faults = [Fault(1, name, "this column is missing") for name in missing]
    faults += [Fault(1, name, "no such column is known") for name in unknown]
    if len(rows) > _LARGEST_TABLE:
        faults.append(Fault(len(rows), "file", f"more than {_LARGEST_TABLE} rows"))
    if faults:
        return Imported((), tuple(faults))
    practices: list[Practice] = []
    seen: dict[str, int] = {}
    for number, row in enumerate(rows[1:], 2):
        cells = {name: _text(cell) for name, cell in zip(heads, row, strict=False) if name}
        if not any(cells.values()):
            continue
        practice, wrong = _practice(cells, number, allow_samples)
        if cells.get("id") in seen:
            wrong.append(Fault(number, "id", f"stands in row {seen[cells['id']]} already"))
        seen.setdefault(cells.get("id", ""), number)
        faults.extend(wrong)
        if practice is not None:
            practices.append(practice)
    return Imported((), tuple(faults)) if faults else Imported(tuple(practices), ())


def _csv_rows(path: Path) -> list[list[Any]]:
    if path.suffix.lower() != ".csv":
        raise ValueError("only .csv and .xlsx files are read")
    text = path.read_text(encoding="utf-8-sig")
    # Spreadsheets of German offices write semicolons between cells.
    comma = text.partition("\n")[0].count(";") < len(COLUMNS) // 2
    return list(csv.reader(io.StringIO(text, newline=""), delimiter="," if comma else ";"))


def _xlsx_rows(path: Path) -> list[list[Any]]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError) as error:
        raise ValueError("this is no XLSX file") from error
    try:
        sheet = book.worksheets[0]
        return [list(row) for row in sheet.iter_rows(values_only=True)]
    finally:
        book.close()


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if hasattr(cell, "date") and callable(cell.date):
        cell = cell.date()
    return str(cell).strip()


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _practice(
    cells: Mapping[str, str], row: int, allow_samples: bool
) -> tuple[Practice | None, list[Fault]]:
    faults: list[Fault] = []

    def wrong(column: str, message: str) -> None:
        faults.append(Fault(row, column, message))

    def listed(column: str, known: Sequence[str]) -> tuple[str, ...]:
        values = _list(cells.get(column, ""))
        for value in values:
            if value not in known:
                wrong(column, f"{value!r} is not one of {', '.join(known)}")
        return values

    def shaped(column: str, pattern: re.Pattern[str], message: str) -> str:
        value = cells.get(column, "")
        if value and not pattern.fullmatch(value):
            wrong(column, message)
        return value

    for column in ("id", "name", "kind", "source"):
        if not cells.get(column):
            wrong(column, "must not be empty")
    shaped("id", _ID, "only small letters, digits and -")
    if cells.get("kind") and cells["kind"] not in KINDS:
        wrong("kind", f"must be one of {', '.join(KINDS)}")
    specialties = listed("specialties", SPECIALTIES)
    if not specialties:
        wrong("specialties", "at least one")
    languages = _list(cells.get("languages", ""))
    for code in languages:
        if not _LANGUAGE.fullmatch(code):
            wrong("languages", f"{code!r} is no language code such as ar or kmr")
    municipality = cells.get("municipality", "")
    if municipality and municipality not in towns():
        wrong("municipality", f"{municipality!r} is no municipality of the county")
    shaped("postcode", re.compile(r"\d{5}"), "five digits")
    shaped("phone", _PHONE, "digits, spaces and + only")
    shaped("email", _EMAIL, "no e-mail address")
    for column in ("web", "source_url"):
        shaped(column, re.compile(r"https?://\S+"), "must begin with https://")
    sample = cells.get("sample", "") or "0"
    if sample not in {"0", "1"}:
        wrong("sample", "0 or 1")
    if sample == "1" and not allow_samples:
        wrong("sample", "samples belong to the shipped data only")
    if sample == "1" and not cells.get("name", "").startswith("Beispiel"):
        wrong("name", "the name of a sample begins with Beispiel")
    verified_on = _day(cells.get("verified_on", ""), wrong)
    if faults:
        return None, faults
    return (
        Practice(
            **{
                name: cells.get(name, "")
                for name in COLUMNS
                if name not in {"specialties", "languages", "barrier_free", "verified_on", "sample"}
            },
            specialties=specialties,
            languages=languages,
            barrier_free=listed("barrier_free", ACCESS),
            verified_on=verified_on,
            sample=sample == "1",
        ),
        faults,
    )


def _day(text: str, wrong: Callable[[str, str], None]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        wrong("verified_on", f"{text!r} is no date such as 2026-11-24")
        return None


def as_row(practice: Practice) -> list[str]:
    """The cells of a practice in the order of the columns, as they stand in a file."""
    return [_cell(getattr(practice, name)) for name in COLUMNS]


def _cell(value: Any) -> str:
    if isinstance(value, tuple):
        return ";".join(value)
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value)


def from_row(cells: Mapping[str, str]) -> Practice:
    """A practice from the cells that ``as_row`` gave. Raises ``ValueError`` for others."""
    practice, faults = _practice(cells, 0, True)
    if practice is None:
        raise ValueError(str(faults[0]))
    return practice


def write_table(practices: Iterable[Practice], path: Path) -> None:
    """Write a CSV or XLSX file that ``read_table`` reads back to the same practices."""
    rows = [list(COLUMNS), *(as_row(practice) for practice in practices)]
    if path.suffix.lower() == ".xlsx":
        from openpyxl import Workbook

        book = Workbook(write_only=True)
        sheet = book.create_sheet("directory")
        for row in rows:
            sheet.append(row)
        book.save(path)
        return
    if path.suffix.lower() != ".csv":
        raise ValueError("only .csv and .xlsx files are written")
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
