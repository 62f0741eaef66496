"""What is wrong in the knowledge folder is found, with file and line."""

from pathlib import Path

import pytest

from bot.knowledge import load, problems
from tests.test_knowledge.knowledge_folder import (
    BODY,
    FILE,
    QUESTIONS,
    TOPIC,
    article,
    change,
    german_body,
    line_of,
    said,
)

LOOSE = {
    "phone number": ("Rufen Sie an: 06152 98 96 30.", "Telefonnummer"),
    "international phone": ("Rufen Sie +49 6142 83-1415 an.", "Telefonnummer"),
    "euro sign": ("Das kostet 50 € im Jahr.", "Geldbetrag"),
    "euro in words": ("Das kostet fünfzehn Euro.", "Geldbetrag"),
    "small amount": ("Das kostet 5 Euro.", "Geldbetrag"),
    "cents": ("Das sind 25ct.", "Geldbetrag"),
    "emergency number as amount": ("Das kostet 110 Euro.", "Geldbetrag"),
    "numeric date": ("Das gilt seit 1.3.2020.", "Datum"),
    "iso date": ("Das gilt seit 2020-03-01.", "Datum"),
    "date in words": ("Das gilt ab 1. Mai.", "Datum"),
    "month and year": ("Das gilt seit Mai 2020.", "Datum"),
    "year": ("Das gilt seit 2020.", "Zahl mit drei"),
    "long number": ("Der Kurs hat 600 Stunden.", "Zahl mit drei"),
    "grouped number": ("Es gibt 1 000 Plätze.", "Zahl mit drei"),
    "decimal": ("Der Wert ist 13,90.", "Zahl mit drei"),
    "street": ("Das Amt ist in der Wilhelm-Seipp-Straße 4.", "Anschrift"),
    "e-mail": ("Schreiben Sie an bfi@kreisgg.de.", "E-Mail"),
    "web": ("Lesen Sie www.kreisgg.de.", "Internet"),
    "domain": ("Lesen Sie awv-gg.de.", "Internet"),
    "opening hour": ("Das Amt ist ab 8 Uhr offen.", "Uhrzeit"),
    "clock": ("Das Amt ist bis 18:30 offen.", "Uhrzeit"),
}


@pytest.mark.parametrize(("sentence", "word"), LOOSE.values(), ids=LOOSE.keys())
def test_a_loose_figure_in_a_text_is_found_with_its_line(
    folder: Path, sentence: str, word: str
) -> None:
    german_body(folder, f"{BODY}\n\n{sentence}")
    line = line_of(folder, "articles/child-benefit/de.md", sentence)
    found = [problem for problem in problems(folder) if word in problem.message]
    assert [(problem.path.name, problem.line) for problem in found] == [("de.md", line)]
    assert found[0].severity == "error"


@pytest.mark.parametrize(
    "sentence",
    [
        "Rufen Sie 110, 112 oder 115 an. Oder 116 117, 116117 und 116 016.",
        "Das steht in § 24 und in §§ 218, 219a.",
        "Sie brauchen B1. Ihr Kind geht zur U1 und zur J1.",
        "Das Kind ist 6 Jahre alt. Der Kurs dauert 12 bis 18 Monate.",
        "Ein Kita-Platz 6 Monate vorher. Montag 3 am Tag.",
        "Im Mai geht es los. Das sind 50 Prozent.",
        "Die 14 Gemeinden helfen, auch am Sonntag.",
    ],
)
def test_numbers_that_everybody_needs_may_stand_in_a_text(folder: Path, sentence: str) -> None:
    german_body(folder, f"{BODY}\n\n{sentence}")
    assert not [
        problem
        for problem in problems(folder)
        if problem.path.name == "de.md" and problem.severity == "error"
    ]


WRONG: dict[str, tuple[str, str, str, str]] = {
    "unknown fact": (f"{FILE}de.md", "{child_benefit}", "{no_such_fact}", "steht nicht in facts"),
    "broken braces": (f"{FILE}de.md", "{child_benefit}", "{child benefit}", "kein Name"),
    "unit twice": (f"{FILE}de.md", "{child_benefit} pro", "{child_benefit} Euro pro", "doppelt"),
    "figure in title": (f"{FILE}de.md", "Geld für Kinder", "259 Euro", "Geldbetrag"),
    "heading": (f"{FILE}de.md", "Sie müssen", "# Sie müssen", "erlaubt (heading)"),
    "link": (f"{FILE}de.md", "Brief.", "[Brief](brief).", "erlaubt (link)"),
    "italics": (f"{FILE}de.md", "einen Brief", "einen *Brief*", "erlaubt (em)"),
    "numbered list": (f"{FILE}de.md", "Das Amt", "1. Das Amt", "erlaubt (ordered_list)"),
    "table": (f"{FILE}de.md", "Das Amt", "| Das Amt", "erlaubt (|)"),
    "html": (f"{FILE}de.md", "Brief.", "<i>Brief</i>.", "erlaubt (<i)"),
    "too short": (f"{FILE}de.md", BODY[80:], "Kurz.", "es sollen 40 bis 120"),
    "too long": (f"{FILE}de.md", "Das Amt", "gut. " * 90, "es sollen 40 bis 120"),
    "few questions": (f"{FILE}de.md", "- wo?\n", "", "5 Fragen"),
    "no keywords": (f"{FILE}de.md", "Kindergeld, Kind", "", "Schlagwörter"),
    "German translated": (f"{FILE}de.md", '"original"', '"machine"', "original"),
    "English original": (f"{FILE}en.md", '"machine"', '"original"', "„machine“ oder"),
    "stale translation": (f"{FILE}de.md", "Das Amt", "Ein Amt", "deutsche Text ist neuer"),
    "no parts": (f"{FILE}de.md", "## Questions", "## Fragen", "„## Questions“"),
    "no head": (f"{FILE}de.md", "+++\n", "", "Kopf"),
    "broken head": (f"{FILE}de.md", 'title = "', 'title = ', "kein gültiges TOML"),
    "no title": (f"{FILE}de.md", "title =", "titel =", "hat kein „title“"),
    "free line": (f"{FILE}de.md", "- wo?", "wo?", "beginnt"),
    "unknown contact": (f"{FILE}topic.toml", '"helpline"', '"nobody"', "Kontakt „nobody“"),
    "contact twice": (f"{FILE}topic.toml", '"helpline"', '"@town_hall"', "doppelt"),
    "unknown related": (f"{FILE}topic.toml", "related = []", 'related = ["x"]', "Thema „x“"),
    "related to itself": (f"{FILE}topic.toml", "[]", '["child-benefit"]', "Thema selbst"),
    "not reviewed": (f"{FILE}topic.toml", "reviewed_on = 2026-11-24", "", "reviewed_on"),
    "broken topic": (f"{FILE}topic.toml", "contacts = [", "contacts = ", "kein gültiges TOML"),
    "not a list": (f"{FILE}topic.toml", "related = []", "related = [1]", "keine Liste"),
    "broken facts": ("facts.toml", "value = 5", "value = ", "kein gültiges TOML"),
    "no value": ("facts.toml", "value = 5", "", "hat kein „value“"),
    "no source": ("facts.toml", 'source = "Bundesrecht"', "", "keine Quelle"),
    "low fact": ("facts.toml", '"medium"', '"low"', "darf nicht gezeigt"),
    "odd confidence": ("facts.toml", '"medium"', '"sure"', "„high“ oder „medium“"),
    "no as-of": ("facts.toml", 'as_of = "2025"', "", "keinen Stand"),
    "medium undated": ("facts.toml", '"2025"', '"undated"', "braucht ein Datum"),
    "odd as-of": ("facts.toml", '"2025"', '"2025-13"', "kein Jahr"),
    "unknown unit": ("facts.toml", 'unit = "EUR"\nper', 'unit = "Kilo"\nper', "gibt es nicht"),
    "no date": ("facts.toml", 'unit = "EUR"\nper', 'unit = "date"\nper', "passt nicht"),
    "half a year": ("facts.toml", '5\nunit = "EUR"', '2.5\nunit = "year"', "passt nicht"),
    "number as text": ("facts.toml", "value = 5", 'value = "5"', "passt nicht"),
    "no contact source": ("contacts.toml", "sources = [", "others = [", "keine Quelle"),
    "low contact": ("contacts.toml", '"medium"', '"low"', "darf nicht gezeigt"),
    "no English name": ("contacts.toml", "name.en", "name.fr", "keinen Namen auf en"),
    "odd phone": ("contacts.toml", "+49 6152 9890", "06152/9890", "Telefonnummer"),
    "no phone number": ("contacts.toml", "{ number =", "{ nummer =", "hat kein „number“"),
    "odd web": ("contacts.toml", "https://example.org", "example.org", "https://"),
    "odd e-mail": ("contacts.toml", "rathaus@example.org", "rathaus", "E-Mail"),
    "odd day": ("contacts.toml", '["mon"]', '["montag"]', "erlaubt sind"),
    "odd hours": ("contacts.toml", '"12:00"', '"07:00"', "keine Spanne"),
    "wrong postcode": ("contacts.toml", '"10001"', '"20001"', "gehört zu Dort"),
    "foreign postcode": ("contacts.toml", '"10001"', '"30001"', "gibt es in Hier nicht"),
    "half a place": ("contacts.toml", 'town = "Hier"', 'town = "Hier"\nlat = 1.0', "zusammen"),
    "unknown town": ("contacts.toml", 'serves = ["Dort"]', 'serves = ["Da"]', "keine Gemeinde"),
    "both serves": ("contacts.toml", "serves_not", 'serves = ["Dort"]\nserves_not', "schließen"),
    "no town hall": ("municipalities.toml", '"town_hall_there"', '"nobody"', "gibt es nicht"),
    "shared postcode": ("municipalities.toml", '"20001"', '"10001"', "gehört schon zu Hier"),
    "no postcode": ("municipalities.toml", '["20001"]', "[]", "hat keine Postleitzahl"),
    "no place": ("municipalities.toml", "lat = 49.8", "", "lat"),
    "no topics": ("topics.csv", "child-benefit", "", "kein Thema"),
    "topic without folder": ("topics.csv", "child-benefit", "a,b,c,d,e\nchild-benefit", "Ordner"),
    "folder without topic": ("topics.csv", "child-benefit", "other", "nicht in topics.csv"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "words"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_found(folder: Path, name: str, old: str, new: str, words: str) -> None:
    change(folder / name, old, new)
    found = [problem for problem in problems(folder) if words in problem.message]
    assert found
    assert {problem.severity for problem in found} == {"error"}
    assert all(str(problem.path).startswith("knowledge/") for problem in found)


def test_a_problem_names_the_line(folder: Path) -> None:
    change(folder / "facts.toml", 'as_of = "2025"\nconfidence = "medium"', 'confidence = "low"')
    change(folder / "contacts.toml", 'postcode = "10001"', 'postcode = "20001"')
    assert line_of(folder, "facts.toml", "[copayment]") == 11
    assert "knowledge/facts.toml:11: Fehler: [copayment] ist „low“" in said(folder)
    assert "knowledge/contacts.toml:2: Fehler: [town_hall_here] Die Postleitzahl" in said(folder)


def test_missing_files_are_found(folder: Path) -> None:
    (folder / FILE / "en.md").unlink()
    (folder / "facts.toml").unlink()
    assert "child-benefit/en.md:1: Fehler: Dieser Artikel fehlt." in said(folder)
    assert "facts.toml:1: Fehler: Diese Datei fehlt." in said(folder)
    (folder / FILE / "topic.toml").unlink()
    assert "topic.toml:1: Fehler: Diese Datei fehlt." in said(folder)


def test_a_question_may_not_belong_to_two_topics(folder: Path) -> None:
    change(folder / "topics.csv", "child-benefit", "other,b,c,d,e\nchild-benefit")
    other = folder / "articles" / "other"
    other.mkdir()
    (other / "topic.toml").write_text(TOPIC)
    (other / "de.md").write_text(article(questions=["WO", *(f"{ask} o" for ask in QUESTIONS)]))
    change(folder / FILE / "en.md", "- wo? en", "- wo?")  # another language is no conflict
    found = [problem for problem in problems(folder) if "steht schon in" in problem.message]
    assert [str(problem.path) for problem in found] == ["knowledge/articles/other/de.md"]


def test_phrasings_belong_to_topics_that_exist(folder: Path) -> None:
    (folder / "phrasings").mkdir()
    (folder / "phrasings" / "de.toml").write_text(
        '["child-benefit"]\nasks = ["geld fürs kind"]\n["no-topic"]\nasks = ["wie geht das"]\n'
    )
    found = {problem.message: problem for problem in problems(folder)}
    assert found["Das Thema „no-topic“ gibt es nicht."].line == 3
    assert found["„wie geht das“ steht auch in child-benefit."].severity == "warning"
    assert load(folder).phrasings["de"]["child-benefit"] == ("geld fürs kind",)


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("facts.toml", "[copayment]", "[unused]", "wird in keinem Artikel gebraucht"),
        (f"{FILE}de.md", "Das Amt", f"Und {'sehr ' * 14}lang Das Amt", "Ein Satz hat"),
        (f"{FILE}topic.toml", "related", "colour = 1\nrelated", "unbekannte Angabe „colour“"),
    ],
)
def test_what_should_be_looked_at_is_a_warning(
    folder: Path, name: str, old: str, new: str, words: str
) -> None:
    change(folder / name, old, new)
    found = [problem for problem in problems(folder) if words in problem.message]
    assert [problem.severity for problem in found] == ["warning"]
