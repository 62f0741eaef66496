"""The directory finds somebody who can help, says what it left out, and keeps the office's list."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.answering.directory import (
    COLUMNS,
    SINKS_AFTER,
    Practice,
    as_row,
    from_row,
    read_table,
    search,
    shipped,
    write_table,
)
from bot.answering.slots import SPECIALTIES, Slots
from bot.app.practices import export_practices, import_practices
from bot.db import Sessions
from bot.places import towns
from bot.practices import imported_practices, practices
from tests.conftest import Meet

TODAY = date(2026, 11, 24)
DENTIST = Practice(
    id="zahnarzt-muster",
    name="Zahnarzt Muster",
    kind="practice",
    specialties=("dentist",),
    languages=("de", "tr"),
    street="Musterstraße 1",
    postcode="65428",
    town="Rüsselsheim am Main",
    municipality="Rüsselsheim am Main",
    phone="+49 6142 000000",
    email="",
    web="",
    barrier_free=("step_free",),
    verified_on=date(2026, 6, 1),
    source="office list",
    source_url="",
    note_de="",
    note_en="",
    sample=False,
)


def _variants() -> list[Practice]:
    return [
        DENTIST,
        replace(DENTIST, id="a", name="A", municipality="Raunheim", languages=("ar",)),
        replace(DENTIST, id="b", name="B", municipality="Gernsheim", barrier_free=()),
        replace(DENTIST, id="c", name="C", specialties=("ent",), municipality="Gernsheim"),
    ]


def test_all_wishes_at_once() -> None:
    """Specialty, language, town and access together."""
    slots = Slots("dentist", "tr", "Rüsselsheim am Main")
    found = search(_variants(), slots, today=TODAY, barrier_free=True)
    assert [p.id for p in found.results] == ["zahnarzt-muster"]
    assert found.relaxed == ()


def test_wishes_are_dropped_one_by_one_and_named() -> None:
    """Access first, then the town with the nearest first, then the language."""
    slots = Slots("dentist", "tr", "Gernsheim")
    found = search(_variants(), slots, today=TODAY, barrier_free=True)
    assert [p.id for p in found.results] == ["b"]
    assert found.relaxed == ("barrier_free",)
    found = search(_variants(), Slots("dentist", "tr", "Raunheim"), today=TODAY)
    assert found.results[0].id == "zahnarzt-muster"
    assert found.relaxed == ("municipality",)
    found = search(_variants(), Slots("dentist", "so", "Raunheim"), today=TODAY)
    assert found.relaxed == ("municipality", "language")


def test_the_specialty_is_never_dropped() -> None:
    """A skin doctor is no help with teeth."""
    found = search(_variants(), Slots("dermatology"), today=TODAY)
    assert found.results == ()


def test_old_entries_sink() -> None:
    """What nobody confirmed for a year and a half comes last."""
    old = replace(DENTIST, id="old", name="AAA", verified_on=TODAY - SINKS_AFTER - SINKS_AFTER / 9)
    found = search([old, DENTIST], Slots("dentist"), today=TODAY)
    assert [p.id for p in found.results] == ["zahnarzt-muster", "old"]


def test_what_ships_covers_every_specialty_and_town_and_invents_no_number() -> None:
    """Samples are marked, have no phone and no street, and are off without samples."""
    everything = shipped(samples=True)
    assert {name for p in everything for name in p.specialties} == set(SPECIALTIES)
    assert {p.municipality for p in everything} >= set(towns())
    for sample in (p for p in everything if p.sample):
        assert sample.name.startswith("Beispiel")
        assert (sample.phone, sample.street, sample.email) == ("", "", "")
    assert not [p for p in shipped(samples=False) if p.sample]
    assert all(p.source for p in shipped(samples=False))


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_table_comes_back_the_same(tmp_path: Path, ending: str) -> None:
    """Written, read and written again: the same practices, and for CSV the same bytes."""
    first, second = tmp_path / f"one{ending}", tmp_path / f"two{ending}"
    write_table(shipped(samples=False), first)
    table = read_table(first)
    assert table.faults == ()
    assert list(table.rows) == shipped(samples=False)
    write_table(table.rows, second)
    if ending == ".csv":
        assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", "Ä b"), ("name", ""), ("kind", "shop"), ("specialties", "dentist;magic"),
        ("specialties", ""), ("languages", "Türkisch"), ("postcode", "6542"),
        ("municipality", "Mainz"), ("phone", "call me"), ("email", "nobody"),
        ("web", "example.org"), ("barrier_free", "ramp"), ("verified_on", "24.11.2026"),
        ("sample", "1"), ("source", ""),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_row_and_column(tmp_path: Path, column: str, value: str) -> None:
    """And nothing is taken from a table with a mistake."""
    cells = dict(zip(COLUMNS, as_row(DENTIST), strict=True))
    good = ",".join(f'"{cells[name]}"' for name in COLUMNS)
    cells["id"] = "second"
    cells[column] = value
    bad = ",".join(f'"{cells[name]}"' for name in COLUMNS)
    path = tmp_path / "table.csv"
    path.write_text("\n".join([",".join(COLUMNS), good, bad]), encoding="utf-8")
    table = read_table(path)
    assert table.rows == ()
    assert (table.faults[0].row, table.faults[0].column) == (3, column)


def test_columns_must_be_known_and_complete(tmp_path: Path) -> None:
    """A table of another kind is not guessed at."""
    path = tmp_path / "table.csv"
    path.write_text("id,name,colour\n1,2,3\n", encoding="utf-8")
    columns = {fault.column for fault in read_table(path).faults}
    assert {"colour", "phone", "languages"} <= columns
    path.write_text("", encoding="utf-8")
    assert read_table(path).faults


def test_a_row_survives_the_database() -> None:
    """Cells and practice are the same thing."""
    assert from_row(dict(zip(COLUMNS, as_row(DENTIST), strict=True))) == DENTIST


async def test_the_office_imports_its_list(
    empty: Sessions, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dry run changes nothing, a fault changes nothing, an import replaces the whole list."""
    path, out = tmp_path / "in.csv", tmp_path / "out.csv"
    write_table([DENTIST], path)
    assert await import_practices(empty, path, dry_run=True) == 0
    async with empty.begin() as session:
        assert await imported_practices(session) == []
    assert await import_practices(empty, path, dry_run=False) == 0
    broken = tmp_path / "broken.csv"
    broken.write_text(path.read_text("utf-8").replace("dentist", "magic"), encoding="utf-8")
    assert await import_practices(empty, broken, dry_run=False) == 1
    assert "row 2, specialties" in capsys.readouterr().out
    async with empty.begin() as session:
        assert await imported_practices(session) == [DENTIST]
        assert DENTIST in await practices(session, samples=False)
    assert await export_practices(empty, out) == 0
    assert out.read_bytes() == path.read_bytes()


async def test_a_dentist_in_the_chat(meet: Meet) -> None:
    """By words, then by buttons: what was dropped is said, samples say that they are samples."""
    person = await meet().arrive(town="Rüsselsheim am Main")
    [reply] = await person.say("zahnarzt der türkisch spricht")
    assert "Zahnarzt" in reply.text
    assert "Türkisch" in reply.text
    assert "BEISPIEL" in reply.text
    await person.press("Anderer Arzt")
    await person.press("Hebamme")
    assert "Hebamme" in person.last.text
