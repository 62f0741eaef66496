"""What the documents promise is what the code does: columns, periods, settings, commands, links."""

import argparse
import ast
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest_asyncio
from markdown_it import MarkdownIt
from markdown_it.token import Token
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    Table,
    insert,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import JSON, TypeDecorator

import bot.models  # noqa: F401 - fills the metadata
from bot import retention
from bot.app import _parser
from bot.db import Model, Sessions, open_database
from bot.models import Chat
from bot.residents import forget, my_data
from bot.retention import delete_what_is_over
from bot.settings import Settings

ROOT = Path(__file__).parent.parent
TABLES = {table.name: table for table in Model.metadata.sorted_tables}
COLUMNS = {f"{table.name}.{column.name}" for table in TABLES.values() for column in table.columns}
CONSTANTS = {name: span for name, span in vars(retention).items() if isinstance(span, timedelta)}
START = datetime(2026, 11, 24, 12, tzinfo=UTC)
# What a row needs where any value of the type will not do.
REQUIRED: dict[str, Any] = {
    "role": "editor",
    "digits": 42,
    "urgent": True,
    "noticed": True,
    "events.state": "draft",
    "attendances.answer": "comes",
    "broadcasts.state": "done",
    "deliveries.state": "sent",
    "deliveries.task": "send",
    # A moment as a number, for arithmetic inside a statement.
    "chat_halts.halted_until": START.timestamp(),
}


def documents() -> list[Path]:
    """Every Markdown file of the project."""
    folders = ("docs", "bot", "handlers", "knowledge", "locales", "tests")
    return [
        *ROOT.glob("*.md"),
        *(path for name in folders for path in ROOT.glob(f"{name}/**/*.md")),
    ]


@cache
def read(path: str) -> str:
    """A document's text."""
    return (ROOT / path).read_text(encoding="utf-8")


def tables(path: str) -> list[list[list[str]]]:
    """The tables of a document: rows of cells, the head first."""
    found: list[list[list[str]]] = []
    inside = False
    for token in MarkdownIt("commonmark").enable("table").parse(read(path)):
        if token.type in {"table_open", "table_close"}:
            inside = token.type == "table_open"
            found.extend([[]] if inside else [])
        elif inside and token.type == "tr_open":
            found[-1].append([])
        elif inside and token.type == "inline":
            found[-1][-1].append(token.content)
    return found


def named(cell: str) -> str:
    """What stands in a cell in code type."""
    found = re.fullmatch(r"`([^`]+)`", cell.strip())
    assert found, f"not in code type: {cell}"
    return found[1]


# Personal data


@dataclass(frozen=True, slots=True)
class Listed:
    """A column as docs/personal-data.md lists it; claims only where it is personal."""

    column: str
    personal: bool
    period: str
    in_my_data: bool = False
    gone: bool = False


def _claim(cell: str) -> bool:
    assert cell == "yes" or re.fullmatch(r"no: .{10,}", cell), f"yes, or no with a reason: {cell}"
    return cell == "yes"


@cache
def listed() -> tuple[Listed, ...]:
    """Every row of the two tables."""
    personal, others = tables("docs/personal-data.md")
    rows = []
    for name, what, purpose, period, my, gone in personal[1:]:
        assert what, name
        assert purpose, name
        rows.append(Listed(named(name), True, period, _claim(my), _claim(gone)))
    for name, what, reason, period in others[1:]:
        assert what, name
        assert reason, name
        rows.append(Listed(named(name), False, period))
    return tuple(rows)


def periods(cell: str) -> list[str]:
    """The constants that a period names; each must be what the document says it is."""
    found = re.findall(r"(\d+) (days|hours) \(`([A-Z_]+)`\)", cell)
    assert len(found) == cell.count("`") // 2, f"a period that cannot be read: {cell}"
    for count, unit, name in found:
        assert CONSTANTS[name] == timedelta(**{unit: int(count)}), name
    return [name for _, _, name in found]


def test_every_column_is_listed_once() -> None:
    """A column that nobody listed, or one that is gone, is found."""
    names = [row.column for row in listed()]
    assert sorted(names) == sorted(COLUMNS)
    assert len(names) > 50


def test_a_table_is_personal_or_not() -> None:
    """And whatever leads to a chat or to a colleague is, also through a row that it names."""
    for name, table in TABLES.items():
        kinds = {row.personal for row in listed() if row.column.startswith(f"{name}.")}
        assert len(kinds) == 1, name
        leads = _leads(table) or any(map(_leads, _parents(table).values()))
        assert kinds == {leads}, name


def test_every_period_is_the_one_in_the_code() -> None:
    """Each constant is named somewhere, and what has none stays "until" something happens."""
    used = set()
    for row in listed():
        names = periods(row.period)
        used.update(names)
        assert names or row.period.startswith("until "), row.column
    assert used == set(CONSTANTS)


def _value(column: Column[Any], number: int) -> Any:
    """A value that no other cell of the row has."""
    for name in (f"{column.table.name}.{column.name}", column.name):
        if name in REQUIRED:
            return REQUIRED[name]
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, DateTime):
        return START + timedelta(seconds=number)
    if isinstance(kind, Date):
        return START.date()
    if isinstance(kind, Float):
        return number + 0.5
    if isinstance(kind, JSON):
        return {"word": f"word{number}"}
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, LargeBinary):
        return bytes([number]) * 32
    return number if isinstance(kind, Integer) else f"w{number}"


def _leaves(value: Any) -> Iterator[str]:
    """Everything that stands in an export or a row, as text."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, bytes):
        yield value.hex()
    elif isinstance(value, date | datetime):
        yield value.isoformat()
    elif value is not None:
        yield str(value)


def _parents(table: Table) -> dict[str, Table]:
    """The columns that name a row of another table, and that table."""
    return {c.name: key.column.table for c in table.columns for key in c.foreign_keys}


def _leads(table: Table) -> bool:
    """Whether a table's own columns lead to a chat or to a colleague."""
    return any(column.name.endswith(("chat_id", "staff_id")) for column in table.columns)


Row = tuple[Table, dict[str, Any]]


def _rows(table: Table) -> Iterator[tuple[Chat, list[Row], set[str]]]:
    """For each way in which a table can belong to a chat: rows to insert, and columns to judge.

    The last row is the table's; the ones before are those that it names. It belongs to a chat by
    columns of its own, or by a row of a volunteer, say, that belongs to one.
    """
    columns = list(table.columns)
    named = {name: parent for name, parent in _parents(table).items() if _leads(parent)}
    ways = [c.name.removesuffix("chat_id") for c in columns if c.name.endswith("chat_id")]
    channels = {c.name for c in columns if c.name.endswith("channel")}
    keys = {f"{way}{part}" for way in ways for part in ("channel", "chat_id")}
    plain = {c.name for c in columns} - keys - set(named)
    for way in ways or ([] if named else [""]):
        chat = Chat("telegram" if f"{way}channel" in channels else "webchat", 70_000)
        row = {c.name: _value(c, 100 + n) for n, c in enumerate(columns)}
        own = {f"{way}channel": chat.channel, f"{way}chat_id": chat.id}
        row.update({key: own.get(key) for key in keys if key in row})
        judged = plain if way == "" else set()
        yield chat, [*_named_by(table, row, None), (table, row)], judged | (own.keys() & row.keys())
    for number, name in enumerate(named):
        row = {c.name: _value(c, 100 + n) for n, c in enumerate(columns)}
        row.update(dict.fromkeys(keys & row.keys()))
        row.update(
            {k: v for k, v in {"channel": "telegram", "chat_id": 70_000}.items() if k in keys}
        )
        judged = {name} | (plain if number == 0 and not ways else set())
        yield Chat("telegram", 70_000), [*_named_by(table, row, name), (table, row)], judged


def _named_by(table: Table, row: dict[str, Any], own: str | None) -> Iterator[Row]:
    """The rows that a row names; the one in the column ``own`` belongs to the chat."""
    for number, (name, parent) in enumerate(_parents(table).items()):
        made = {
            column.name: None
            if column.name in _parents(parent)
            else False
            if isinstance(column.type, Boolean)
            else _value(column, 30 + n)
            for n, column in enumerate(parent.columns)
        }
        [key] = parent.primary_key.columns
        made[key.name] = row[name]
        if "chat_id" in made:
            made["channel"] = "telegram"
            made["chat_id"] = 70_000 if name == own else 80_000 + number
        yield parent, made


async def _empty(session: AsyncSession) -> None:
    for table in reversed(TABLES.values()):
        await session.execute(table.delete())


async def _insert(session: AsyncSession, rows: list[Row]) -> None:
    for table, row in rows:
        await session.execute(insert(table).values(row))


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Sessions]:
    """An empty database of our own."""
    sessions = await open_database(f"sqlite+aiosqlite:///{tmp_path / 'documents.sqlite'}")
    yield sessions
    await sessions.close()


async def _kept(session: AsyncSession, table: Table) -> set[str]:
    found = await session.execute(select(table))
    return {leaf for row in found for leaf in _leaves(tuple(row))}


async def test_mydata_and_forget_do_what_is_claimed(database: Sessions) -> None:
    """Column by column: shown in the file, and gone from the table, exactly where it says so."""
    claims = {row.column: row for row in listed() if row.personal}
    judged: set[str] = set()
    wrong: list[str] = []
    for name in sorted({column.partition(".")[0] for column in claims}):
        for chat, rows, columns in _rows(TABLES[name]):
            row = rows[-1][1]
            async with database.begin() as session:
                await _insert(session, rows)
            async with database.begin() as session:
                shown = set(_leaves(await my_data(session, chat)))
                before = await _kept(session, TABLES[name])
                await forget(session, chat)
                after = await _kept(session, TABLES[name])
                await _empty(session)
            for column in sorted(columns):
                [leaf, *_rest] = list(_leaves(row[column]))
                claim = claims[f"{name}.{column}"]
                judged.add(claim.column)
                assert leaf in before, claim.column
                if (leaf in shown) is not claim.in_my_data:
                    wrong.append(f"{claim.column}: /mydata")
                if (leaf not in after) is not claim.gone:
                    wrong.append(f"{claim.column}: /forget")
    assert wrong == []
    assert judged == set(claims)


async def test_every_row_goes_when_its_period_is_over(database: Sessions) -> None:
    """The documented period is what the clock keeps: not an hour less, not two days more."""
    for name, table in TABLES.items():
        [names] = {tuple(periods(r.period)) for r in listed() if r.column.startswith(f"{name}.")}
        _chat, rows, _columns = next(_rows(table))
        async with database.begin() as session:
            await _insert(session, rows)
        period = CONSTANTS[names[0]] if names else timedelta(days=3_000)
        for wait, stays in ((period, True), (period + timedelta(days=2), not names)):
            async with database.begin() as session:
                await delete_what_is_over(session, START + wait)
                assert bool(await _kept(session, table)) is stays, name
        async with database.begin() as session:
            await _empty(session)


# Settings and commands


def test_every_setting_is_explained_with_its_default() -> None:
    """docs/operations.md lists the environment variables, all of them and no other."""
    [rows] = [t for t in tables("docs/operations.md") if t[0][0] == "Variable"]
    explained = {named(row[0]): row for row in rows[1:]}
    assert set(explained) == {name.upper() for name in Settings.model_fields}
    assert len(explained) > 15
    for name, field in Settings.model_fields.items():
        default = field.default
        if default is None or isinstance(default, bool):
            continue
        assert f"`{default}`" in explained[name.upper()][1], name


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", read("Makefile"), re.MULTILINE))


def _verbs(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _code(path: Path) -> Iterator[str]:
    """What stands in code type in a document, line by line."""

    def walk(tokens: list[Token]) -> Iterator[str]:
        for token in tokens:
            if token.type in {"code_inline", "fence", "code_block"}:
                yield from token.content.splitlines()
            yield from walk(token.children or [])

    text = path.read_text(encoding="utf-8")
    return walk(MarkdownIt("commonmark").enable("table").parse(text))


def test_every_command_in_a_document_exists() -> None:
    """Targets of make, verbs of bot.py and their second words."""
    seen = 0
    for path in documents():
        for line in _code(path):
            for target in re.findall(r"\bmake ([a-z][a-z-]*)", line):
                seen += 1
                assert target in _targets(), f"{path.name}: make {target}"
            for words in re.findall(r"\bbot\.py((?: [a-z]+)+)", line):
                seen += 1
                parser = _parser()
                for word in words.split():
                    verbs = _verbs(parser)
                    if not verbs:
                        break
                    assert word in verbs, f"{path.name}: bot.py{words}"
                    parser = verbs[word]
    assert seen > 20


def test_the_readme_begins_with_the_two_commands() -> None:
    """A fresh clone needs no other."""
    fenced = re.findall(r"```\w*\n(.*?)```", read("README.md"), re.DOTALL)
    assert [line.split("#")[0].strip() for line in fenced[0].splitlines()] == [
        "make chat",
        "make test",
    ]


# Links, files and proofs


def _links(path: Path) -> Iterator[str]:
    def walk(tokens: list[Token]) -> Iterator[str]:
        for token in tokens:
            target = token.attrs.get("href") or token.attrs.get("src")
            if target:
                yield str(target)
            yield from walk(token.children or [])

    text = path.read_text(encoding="utf-8")
    return walk(MarkdownIt("commonmark").enable("table").parse(text))


def _anchors(path: Path) -> set[str]:
    """The anchors that a forge makes of the headings."""
    heads = re.findall(r"^#{1,6} (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", head.lower()) for head in heads)
    return {head.strip().replace(" ", "-") for head in plain}


def test_every_link_inside_the_project_leads_somewhere() -> None:
    """Files and headings alike."""
    seen = 0
    for path in documents():
        for target in _links(path):
            if re.match(r"[a-z]+:", target):
                continue
            seen += 1
            file, _, anchor = target.partition("#")
            there = (path.parent / file).resolve() if file else path
            assert there.is_relative_to(ROOT), f"{path.name}: {target}"
            assert there.exists(), f"{path.name}: {target}"
            assert not anchor or anchor in _anchors(there), f"{path.name}: {target}"
    assert seen > 15


def test_every_file_and_test_that_a_document_names_is_there() -> None:
    """Proofs that were renamed are no proofs."""
    seen = 0
    pattern = re.compile(
        r"((?:bot|handlers|knowledge|locales|tests|docs|\.ci)/[\w./-]*)(?:::(\w+))?"
    )
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")):
        for line in _code(path):
            for file, test in pattern.findall(line):
                seen += 1
                assert (ROOT / file).exists(), f"{path.name}: {file}"
                if test:
                    tree = ast.parse(read(file))
                    names = {getattr(node, "name", None) for node in ast.walk(tree)}
                    assert test in names, f"{path.name}: {file}::{test}"
    assert seen > 60


def test_every_measure_of_the_assessment_names_its_proof() -> None:
    """A test or a module, or it is said to be the office's own task."""
    lists = [t for t in tables("docs/dpia.md") if t[0][0] == "Nr." and "Nachweis" in t[0]]
    measures = [row for measures in lists for row in measures[1:]]
    assert len(measures) > 25
    assert len({row[0] for row in measures}) == len(measures)
    for number, what, proof in (row[:3] for row in measures):
        assert re.search(r"`(?:tests|bot|handlers|docs)/", proof) or "Aufgabe" in proof, (
            f"{number} {what}"
        )


def test_every_threat_names_what_holds_and_its_proof() -> None:
    """Or says plainly that nothing holds, that it is partly so, or that the dialogue does it."""
    threats = [row for table in tables("docs/threat-model.md") for row in table[1:]]
    assert len(threats) > 30
    for threat, holds, proof in threats:
        admitted = re.search(r"nothing (?:holds|the server can do)|partly", holds)
        assert re.search(r"`tests/[\w/]+\.py::\w+`", proof) or admitted, threat


def test_no_document_names_a_place_on_a_machine() -> None:
    """A path that exists on one machine helps nobody on another."""
    machine = re.compile(r"(?<![\w.:/}>-])/(?:home|root|work|tmp|opt|srv|var|usr|etc|mnt|Users)/")
    for path in (*documents(), ROOT / "Makefile", ROOT / "pyproject.toml", ROOT / ".ci" / "run"):
        if path.suffix == "" and path.name == "run":
            continue  # looks for Debian's PostgreSQL where Debian puts it
        assert machine.findall(path.read_text(encoding="utf-8")) == [], path


def test_the_licence_is_whole() -> None:
    """The EUPL 1.2 in English with its fifteen articles and its appendix."""
    text = read("LICENSE")
    assert text.strip().startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    assert re.findall(r"^(\d+)\. \w", text, re.MULTILINE) == [str(n) for n in range(1, 16)]
    assert text.strip().endswith("require the production of a new\nEUPL version.")
    assert 'license = "EUPL-1.2"' in read("pyproject.toml")
