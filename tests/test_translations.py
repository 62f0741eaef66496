"""What a translator gets, and what of it comes back: nothing unsound, nothing lost."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.knowledge import load, problems
from bot.translating import State, Unit, open_units, read_units, take, write_units
from bot.translating.catalogs import catalog_path, read_catalog
from tests.test_knowledge.knowledge_folder import BODY, FILE, QUESTIONS, article, build, change

TODAY = date(2026, 11, 27)
TURKISH = BODY.replace("Sie bekommen {child_benefit} pro Monat.", "Ayda {child_benefit} alırsınız.")
CATALOG = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: {language}\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Write to {{office}} or /stop"
msgstr "{first}"

msgid "{{count}} day"
msgid_plural "{{count}} days"
msgstr[0] "{one}"
msgstr[1] "{many}"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small knowledge folder with a Turkish article that is not older than the German."""
    root = build(tmp_path)
    german = load(root).topics["child-benefit"].articles["de"]
    asks = [f"{ask} tr" for ask in QUESTIONS]
    text = article(
        german.body.replace("Sie bekommen", "Alırsınız"),
        questions=asks,
        translation="machine",
        translated_from=german.content_hash,
        title="Çocuk parası",
    )
    (root / FILE / "tr.md").write_text(text)
    return root


@pytest.fixture
def locales(tmp_path: Path) -> Path:
    """Two catalogs, of which the Turkish one lacks everything."""
    for language, first, one, many in (
        ("de", "Schreiben Sie {office} oder /stop", "{count} Tag", "{count} Tage"),
        ("tr", "", "", ""),
    ):
        path = catalog_path(language, tmp_path / "locales")
        path.parent.mkdir(parents=True)
        path.write_text(CATALOG.format(language=language, first=first, one=one, many=many))
    return tmp_path / "locales"


def test_only_what_is_open_is_handed_out(folder: Path, locales: Path) -> None:
    """An article that is of today is not, unless nobody has read it; a stale one is."""
    knowledge = load(folder)
    kinds = {unit.id.partition("/")[0] for unit in open_units(knowledge, "tr", locales=locales)}
    assert kinds == {"contact", "screen"}
    unread = open_units(knowledge, "tr", unreviewed=True, locales=locales)
    assert State.UNREVIEWED in {unit.state for unit in unread}
    change(folder / FILE / "de.md", "kostet nichts", "kostet Sie nichts")
    stale = open_units(load(folder), "tr", locales=locales)
    assert {u.id for u in stale if u.state is State.STALE} == {
        "article/child-benefit/title",
        "article/child-benefit/body",
    }
    missing = open_units(load(folder), "ro", locales=locales)
    parts = [unit.id.rpartition("/")[2] for unit in missing if unit.id.startswith("article/")]
    assert parts == ["title", "body", "questions", "keywords"]


@pytest.mark.parametrize("ending", ["xlsx", "xlf"])
def test_a_file_comes_back_as_it_went(
    folder: Path, locales: Path, tmp_path: Path, ending: str
) -> None:
    """With line breaks, braces, tags and words that look like a formula."""
    units = open_units(load(folder), "tr", unreviewed=True, locales=locales)
    units = [replace(units[0], text='=1+1 <b>"ş"</b>\nikinci & son'), *units[1:]]
    path = tmp_path / f"tr.{ending}"
    write_units(units, "tr", path)
    back = read_units(path)
    assert [(u.id, u.state, u.text, u.made_from) for u in back] == [
        (u.id, u.state, u.text, u.made_from) for u in units
    ]


def test_what_a_person_has_read_is_noted(folder: Path, locales: Path) -> None:
    """With the role and the day; the folder then has no error."""
    knowledge = load(folder)
    units = open_units(knowledge, "tr", unreviewed=True, locales=locales)
    articles = [unit for unit in units if unit.id.startswith("article/")]
    done = take(knowledge, "tr", articles, today=TODAY, reviewer="translator", folder=folder)
    assert len(done.written) == 2
    found = load(folder).topics["child-benefit"].articles["tr"]
    assert (found.translation, found.reviewer, found.reviewed_on) == (
        "reviewed",
        "translator",
        TODAY,
    )
    assert found.questions == tuple(f"{ask} tr" for ask in QUESTIONS)
    errors = [str(p) for p in problems(folder) if p.severity == "error" and "tr.md" in str(p.path)]
    assert errors == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (TURKISH.replace("{child_benefit}", "259 €"), "child_benefit"),
        (TURKISH + " {copayment}" * 2 + " Arayın: 06152 989630.", "Telefonnummer"),
        (TURKISH.replace("{child_benefit}", "{child_benefit} {invented}"), "invented"),
        (TURKISH * 2, "lang"),
    ],
)
def test_what_is_unsound_changes_nothing(folder: Path, locales: Path, body: str, why: str) -> None:
    """A lost fact, a phone number in the text, an invented name, a text twice as long."""
    knowledge = load(folder)
    before = (folder / FILE / "tr.md").read_bytes()
    units = open_units(knowledge, "tr", unreviewed=True, locales=locales)
    wrong = [replace(u, text=body) for u in units if u.id == "article/child-benefit/body"]
    done = take(knowledge, "tr", wrong, today=TODAY, folder=folder)
    assert done.written == []
    assert why in done.refused[0][1]
    assert (folder / FILE / "tr.md").read_bytes() == before


def test_a_german_text_that_changed_meanwhile_is_noticed(folder: Path, locales: Path) -> None:
    """The translation was made from other words: it is not taken."""
    units = open_units(load(folder), "tr", unreviewed=True, locales=locales)
    change(folder / FILE / "de.md", "kostet nichts", "kostet Sie nichts")
    body = [u for u in units if u.id == "article/child-benefit/body"]
    done = take(load(folder), "tr", body, today=TODAY, reviewer="translator", folder=folder)
    assert [why for _id, why in done.refused] == [
        "the German text has changed since the file was made"
    ]


def test_a_stale_text_that_comes_back_untouched_stays_stale(folder: Path, locales: Path) -> None:
    """Nobody has looked at it."""
    change(folder / FILE / "de.md", "kostet nichts", "kostet Sie nichts")
    knowledge = load(folder)
    stale = [u for u in open_units(knowledge, "tr", locales=locales) if u.state is State.STALE]
    done = take(knowledge, "tr", stale, today=TODAY, folder=folder)
    assert (done.written, done.unchanged) == ([], 2)
    lost = [replace(unit, made_from="", text=unit.text + "!") for unit in stale]
    assert take(knowledge, "tr", lost, today=TODAY, folder=folder).refused


def test_signs_of_the_file_format_do_no_harm(folder: Path, locales: Path) -> None:
    """A backslash, quotation marks and a line that looks like a heading."""
    knowledge = load(folder)
    units = open_units(knowledge, "tr", unreviewed=True, locales=locales)
    title = [replace(u, text='Para \\d "çok"') for u in units if u.id.endswith("/title")]
    name = [replace(u, text='Yardım \\Amt "x"') for u in units if u.id == "contact/helpline/name"]
    done = take(knowledge, "tr", [*title, *name], today=TODAY, folder=folder)
    assert len(done.written) == 2
    again = load(folder)
    assert again.topics["child-benefit"].articles["tr"].title == 'Para \\d "çok"'
    assert again.contacts["helpline"].name("tr") == 'Yardım \\Amt "x"'
    body = [replace(u, text=u.text + "\n## Questions") for u in units if u.id.endswith("/body")]
    assert take(again, "tr", body, today=TODAY, folder=folder).refused


def test_contacts_and_sentences_are_taken(folder: Path, locales: Path) -> None:
    """Names into the language's file, sentences and plural forms into its catalog."""
    knowledge = load(folder)
    words = {
        "contact/helpline/name": "Yardım hattı",
        "screen/Write to {office} or /stop": "{office} adresine yazın ya da /stop",
        "screen/{count} day": "{count} gün\n|\n{count} gün",
    }
    units = [
        replace(unit, text=words[unit.id])
        for unit in open_units(knowledge, "tr", locales=locales)
        if unit.id in words
    ]
    assert len(units) == 3
    dry = take(knowledge, "tr", units, today=TODAY, dry_run=True, folder=folder, locales=locales)
    assert not (folder / "contacts").exists()
    done = take(knowledge, "tr", units, today=TODAY, folder=folder, locales=locales)
    assert sorted(done.written) == sorted(dry.written) == sorted(words)
    assert load(folder).contacts["helpline"].name("tr") == "Yardım hattı"
    strings = [m.string for m in read_catalog(catalog_path("tr", locales)) if m.id]
    assert ("{count} gün", "{count} gün") in strings


@pytest.mark.parametrize(
    "text",
    [
        "yazın ya da /stop",
        "{office} yazın",
        "{office /stop",
        "{office} <b>/stop</b>",
        "{office} <3 /stop",
        "</b>{office}<b> /stop",
        "{office:99999999} /stop",
    ],
)
def test_a_sentence_keeps_braces_tags_and_commands(folder: Path, locales: Path, text: str) -> None:
    """Else it is refused with the reason."""
    knowledge = load(folder)
    unit = Unit("screen/Write to {office} or /stop", State.MISSING, "", "", text)
    done = take(knowledge, "tr", [unit], today=TODAY, folder=folder, locales=locales)
    assert (done.written, len(done.refused)) == ([], 1)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.xlsx", b"no table"),
        ("a.xlf", b"<xliff"),
        ("a.xlf", b'<!DOCTYPE x [<!ENTITY a "b">]><xliff/>'),
        ("a.xlf", b"<xliff/>"),
        ("a.txt", b""),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(tmp_path: Path, name: str, data: bytes) -> None:
    """Named, and nothing else happens."""
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SettingsError, match=name.replace(".", r"\.")):
        read_units(tmp_path / name)
