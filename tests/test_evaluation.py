"""The answers are measured on questions of other people, and do not get worse."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.answering.questions import Question, QuestionError, question_of, read_questions
from bot.answering.slots import Slots
from bot.answering.understanding import Answerer, Hit, Kind, Understanding
from bot.evaluation import Outcome, answer_object, ask_lines, evaluate, figures

QUESTIONS = Path(__file__).parent / "questions"
FLOOR = QUESTIONS / "floor.json"
LANGUAGES = ("de", "en")


def understood(
    kind: Kind, *topics: str, sure: bool = True, slots: Slots | None = None
) -> Understanding:
    hits = tuple(Hit(topic, 0.5) for topic in topics)
    return Understanding(kind, sure, "de", hits, slots or Slots())


def test_a_topic_among_three_choices_counts_as_third() -> None:
    question = Question("x", kind="topic", gold=("pension",))
    outcome = Outcome(question, understood("answer", "tax-id", "pension", sure=False))
    assert not outcome.right_within(1)
    assert outcome.right_within(3)


def test_a_directory_question_needs_the_kind_and_all_slots() -> None:
    question = Question("x", kind="directory", gold=("doctor-search",), slots={"specialty": "ent"})
    right = understood("directory", "doctor-search", slots=Slots(specialty="ent"))
    more = understood("directory", "doctor-search", slots=Slots(specialty="ent", language="tr"))
    assert Outcome(question, right).right_within(1)
    assert not Outcome(question, more).right_within(3)
    assert not Outcome(question, understood("answer", "doctor-search")).right_within(3)


def test_figures_count_refusals_and_alarms_on_their_own_questions() -> None:
    off, good, grave = (Question("x", kind=kind) for kind in ("off", "topic", "emergency"))
    found = figures(
        [
            Outcome(off, understood("none")),
            Outcome(off, understood("answer", "pension")),
            Outcome(good, understood("none")),
            Outcome(good, understood("emergency", "emergency-numbers")),
            Outcome(grave, understood("emergency", "emergency-numbers")),
        ]
    ).as_json()
    assert found["refused_right"] == 50
    assert found["refused_wrong"] == 50
    assert found["emergency_recall"] == 100
    assert found["false_alarms"] == 25


def test_measures_of_nothing_are_empty() -> None:
    assert figures([]).as_json()["hit1"] is None


@pytest.mark.parametrize("line", ["{", "[]", '"text"', '{"lang": "de"}', '{"text": 3}'])
def test_a_line_that_is_no_question_is_named(line: str) -> None:
    with pytest.raises(QuestionError, match="line 7"):
        question_of(line, "line 7")


def test_kinds_go_by_both_of_their_names() -> None:
    assert question_of('{"text": "a", "kind": "answer"}', "").kind == "topic"
    assert question_of('{"text": "a", "kind": "none"}', "").kind == "off"


def test_an_answer_is_printed_as_agreed() -> None:
    found = understood("directory", *"abcdef", slots=Slots("ent", "tr", None))
    assert answer_object("hno türkisch", None, found) == {
        "text": "hno türkisch",
        "lang": "de",
        "kind": "directory",
        "sure": True,
        "hits": [{"id": name, "score": 0.5} for name in "abcde"],
        "slots": {"specialty": "ent", "language": "tr"},
    }
    assert answer_object("x", "en", understood("none"))["lang"] == "en"


async def test_lines_are_answered_in_their_order(answerer: Answerer) -> None:
    lines = [
        '{"text": "danke", "lang": "de"}',
        "",
        '{"text": "wo ist die kita", "place": "Raunheim"}',
    ]
    first, second = (json.loads(line) for line in await ask_lines(lines, answerer))
    assert (first["text"], first["kind"], first["hits"], first["slots"]) == (
        "danke",
        "smalltalk",
        [],
        {},
    )
    assert second["hits"][0]["id"] == "kindergarten"
    with pytest.raises(QuestionError, match="line 2"):
        await ask_lines(['{"text": "a"}', "nonsense"], answerer)


async def test_the_answers_are_no_worse_than_the_floor(answerer: Answerer) -> None:
    """The floor is raised by hand when answers get better; it never goes down.

    Only questions that nothing was learnt from or chosen by count.
    """
    questions: Sequence[Question] = [
        question
        for name in LANGUAGES
        for question in read_questions(QUESTIONS / f"{name}.jsonl", split="hold")
    ]
    assert len(questions) >= 400
    report = await evaluate(questions, answerer)
    floor = json.loads(FLOOR.read_text(encoding="utf-8"))
    found = report.total.as_json()
    for measure, least in floor["at_least"].items():
        assert found[measure] >= least, f"{measure}\n{report.table()}"
    for measure, most in floor["at_most"].items():
        assert found[measure] <= most, f"{measure}\n{report.table()}"
    assert json.dumps(report.as_json())
