"""The knowledge folder is read, and people get the offices of their own town."""

import re
from pathlib import Path

import pytest

from bot.errors import KnowledgeError
from bot.knowledge import Knowledge, load, render_plain, stamp
from tests.test_knowledge.knowledge_folder import (
    FILE,
    QUESTIONS,
    change,
    said,
)


def test_a_good_folder_has_no_problems(folder: Path) -> None:
    assert said(folder) == ""
    knowledge = load(folder)
    assert knowledge.languages == ("de", "en")
    assert knowledge.topics["child-benefit"].chapter == "children"
    assert knowledge.municipalities["Hier"].districts == ("Unterhier",)
    german = knowledge.articles("de")[0]
    assert german.questions == tuple(QUESTIONS)
    assert german.keywords == ("Kindergeld", "Kind")
    assert german.body.startswith("Sie bekommen {child_benefit}")


def test_wishes_are_read(folder: Path) -> None:
    (folder / "wishes").mkdir()
    (folder / "wishes" / "tr.toml").write_text('[doctor]\nasks = ["doktor lazım"]\n')
    assert load(folder).wishes == {"tr": {"doctor": ("doktor lazım",)}}


@pytest.mark.parametrize("name", ["facts.toml", "contacts.toml", f"{FILE}de.md"])
def test_what_cannot_be_read_stops_the_start_with_file_and_line(folder: Path, name: str) -> None:
    lines = (folder / name).read_text().splitlines()
    lines[2] = "this is not TOML"
    (folder / name).write_text("\n".join(lines))
    with pytest.raises(KnowledgeError, match=rf"{re.escape(name)}:3: "):
        load(folder)


def test_a_file_in_another_encoding_is_named(folder: Path) -> None:
    (folder / "facts.toml").write_bytes("# eins\n# für\n".encode("latin-1"))
    with pytest.raises(KnowledgeError, match=r"facts\.toml:2: .*UTF-8"):
        load(folder)


def test_a_name_that_does_not_exist_is_left_out_for_residents(folder: Path) -> None:
    change(folder / FILE / "de.md", "{child_benefit}", "{gone}")
    change(folder / FILE / "topic.toml", '"helpline"', '"gone"')
    knowledge = load(folder)
    assert [contact.id for contact, _ in knowledge.contacts_for("child-benefit", "Hier")] == [
        "town_hall_here"
    ]
    body = knowledge.articles("de")[0].body
    assert render_plain(body, knowledge.facts, "de", str).startswith("Sie bekommen … pro")


def ids(knowledge: Knowledge, municipality: str | None) -> list[str]:
    return [contact.id for contact, _ in knowledge.contacts_for("child-benefit", municipality)]


def test_people_see_the_offices_of_their_own_town(folder: Path) -> None:
    knowledge = load(folder)
    assert ids(knowledge, "Hier") == ["town_hall_here", "helpline"]
    assert ids(knowledge, "Dort") == ["town_hall_there", "office_for_the_rest", "helpline"]
    assert not knowledge.contacts_for("child-benefit", "Hier").ask_place


@pytest.mark.parametrize("municipality", [None, "Köln", ""])
def test_without_a_town_both_are_shown_and_the_town_is_asked_for(
    folder: Path, municipality: str | None
) -> None:
    change(folder / FILE / "topic.toml", '"helpline"', '"town_hall_here", "helpline"')
    found = load(folder).contacts_for("child-benefit", municipality)
    assert [(contact.id, scope.kind, scope.municipalities) for contact, scope in found] == [
        ("office_for_the_rest", "all_but", ("Hier",)),
        ("town_hall_here", "only", ("Hier",)),
        ("helpline", "everyone", ()),
    ]
    assert found.ask_place
    assert len(found) == 3


def test_the_town_is_not_asked_for_where_it_changes_nothing(folder: Path) -> None:
    change(folder / FILE / "topic.toml", '"@town_hall", "office_for_the_rest", ', "")
    knowledge = load(folder)
    assert not knowledge.needs_place("child-benefit")
    assert not knowledge.contacts_for("child-benefit", None).ask_place
    assert not knowledge.needs_place("no-such-topic")


def test_a_stamp_says_which_german_text_was_translated(folder: Path) -> None:
    english = folder / FILE / "en.md"
    german = load(folder).topics["child-benefit"].articles["de"]
    assert (
        load(folder).topics["child-benefit"].articles["en"].translated_from == german.content_hash
    )
    assert stamp(folder) == []
    change(folder / FILE / "de.md", "Das Amt", "Ein Amt")
    assert stamp(folder) == []  # an old stamp stays, so that the check goes on saying so
    assert stamp(folder, renewed=["child-benefit"]) == [english]
    assert said(folder) == ""
    change(english, "translated_from", "from")
    with pytest.raises(KnowledgeError, match=r"en\.md:1"):
        stamp(folder)


def test_other_questions_do_not_make_a_translation_stale(folder: Path) -> None:
    change(folder / FILE / "de.md", "- wo?", "- wohin?")
    assert said(folder) == ""
