"""The knowledge that the bot ships with keeps the rules."""

import csv

import pytest

from bot.knowledge import KNOWLEDGE, Knowledge, Problem, problems


@pytest.fixture(scope="module")
def real_problems() -> list[Problem]:
    return problems(KNOWLEDGE)


def test_the_shipped_knowledge_has_no_errors(real_problems: list[Problem]) -> None:
    assert [str(problem) for problem in real_problems if problem.severity == "error"] == []


def test_the_shipped_knowledge_knows_the_county(knowledge: Knowledge) -> None:
    assert len(knowledge.municipalities) == 14
    assert len(knowledge.topics) == 112
    for name, municipality in knowledge.municipalities.items():
        assert knowledge.contacts[municipality.town_hall].town == name


@pytest.mark.parametrize("kind", ["immigration_office", "youth_welfare", "housing_benefit_office"])
def test_each_town_has_exactly_one_office_of_a_kind(kind: str, knowledge: Knowledge) -> None:
    offices = [contact for name, contact in knowledge.contacts.items() if name.startswith(kind)]
    assert len(offices) == 2
    for town in knowledge.municipalities:
        serving = [office.id for office in offices if office.scope.includes(town)]
        ending = "ruesselsheim" if town == "Rüsselsheim am Main" else "county"
        assert serving == [f"{kind}_{ending}"]


def test_the_directory_marks_its_samples(knowledge: Knowledge) -> None:
    with (KNOWLEDGE / "directory" / "samples.csv").open(encoding="utf-8", newline="") as file:
        samples = list(csv.DictReader(file))
    with (KNOWLEDGE / "directory" / "institutions.csv").open(encoding="utf-8", newline="") as file:
        institutions = list(csv.DictReader(file))
    assert {row["municipality"] for row in samples} == set(knowledge.municipalities)
    for row in samples:
        assert row["name"].startswith("Beispiel ")
        assert (row["sample"], row["source"], row["phone"], row["street"]) == (
            "1",
            "Beispiel",
            "",
            "",
        )
    for row in institutions:
        assert row["sample"] == "0"
        assert row["source"]
        assert not row["name"].startswith("Beispiel")
    ids = [row["id"] for row in samples + institutions]
    assert len(ids) == len(set(ids))


def test_births_are_never_sent_to_the_county_hospital(knowledge: Knowledge) -> None:
    with (KNOWLEDGE / "directory" / "institutions.csv").open(encoding="utf-8", newline="") as file:
        hospital = next(row for row in csv.DictReader(file) if "Kreisklinik" in row["name"])
    assert not {"gynaecology", "midwife"} & set(hospital["specialties"].split(";"))
    assert "Keine Geburten" in hospital["note_de"]
    births = knowledge.topics.get("pregnancy-and-midwife")
    assert births is None or "hospital_kreisklinik" not in births.contacts
