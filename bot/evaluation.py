"""How good the answers are, measured on files of questions; and questions answered by the line.

`bot.answering.questions` says what such a file looks like.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.answering.questions import Question, question_of
from bot.answering.understanding import Answerer, Understanding

MOST_HITS = 5
CHOICES = 3

_SERVED = frozenset({"topic", "directory", "report", "interpreter", "event"})
_REFUSALS = frozenset({"none", "smalltalk"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question beside what was understood."""

    question: Question
    understood: Understanding

    @property
    def refused(self) -> bool:
        """Nothing was offered: an honest no, or small talk."""
        return self.understood.kind in _REFUSALS

    def right_within(self, number: int) -> bool:
        """Whether the right thing is among the first `number` offered."""
        wanted, found = self.question, self.understood
        if wanted.kind == "directory":
            return found.kind == "directory" and self.slots_right
        if wanted.kind == "off":
            return self.refused
        if wanted.kind == "smalltalk":
            return found.kind == "smalltalk"
        if wanted.kind == "emergency" and not wanted.gold:
            return found.kind == "emergency"
        if self.refused:
            return False
        return any(hit.topic_id in wanted.gold for hit in found.hits[:number])

    @property
    def slots_right(self) -> bool:
        """Specialty, language and municipality are those that the text names."""
        named = slot_values(self.understood)
        return named == {name: value for name, value in self.question.slots.items() if value}

    @property
    def kind_right(self) -> bool:
        """Whether it was taken for what it is; an answer and a choice of answers are one kind."""
        wanted = {"topic": "answer", "off": "none"}.get(self.question.kind, self.question.kind)
        return wanted == self.understood.kind


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    @property
    def percent(self) -> float | None:
        """In percent; None of none."""
        return round(100 * self.count / self.of, 2) if self.of else None

    def __str__(self) -> str:
        return f"{self.percent:.1f}" if self.percent is not None else "–"


MEASURES: dict[str, str] = {
    "hit1": "hit@1",
    "hit3": "hit@3",
    "sure": "sure",
    "sure_right": "right when sure",
    "refused_right": "off refused",
    "refused_wrong": "good refused",
    "emergency_recall": "emergency recall",
    "false_alarms": "false alarms",
    "slots_right": "slots right",
    "kind_right": "kind right",
}
"""The measures by name and as a table calls them, all in percent.

``hit1``, ``hit3``: of the questions that have an answer, directory and wishes included. ``sure``:
share of them answered without choices, ``sure_right``: how many of those were right.
``refused_right``: off-topic messages refused. ``refused_wrong``: good questions refused.
``false_alarms``: messages that are no emergency and were taken for one.
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """The measures over some of the questions."""

    questions: int
    shares: Mapping[str, Share]

    def as_json(self) -> dict[str, Any]:
        """Percent by measure (None where there was nothing to measure), and the count."""
        return {
            "questions": self.questions,
            **{name: share.percent for name, share in self.shares.items()},
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The measures over all questions, by language and by style, with every outcome."""

    total: Figures
    by_language: Mapping[str, Figures]
    by_style: Mapping[str, Figures]
    outcomes: tuple[Outcome, ...]

    def as_json(self) -> dict[str, Any]:
        """The figures without the questions."""
        return {
            "total": self.total.as_json(),
            "by_language": {name: each.as_json() for name, each in self.by_language.items()},
            "by_style": {name: each.as_json() for name, each in self.by_style.items()},
        }

    def table(self) -> str:
        """The figures as a table for people, one line a language and a style."""
        rows = [("all", self.total), *self.by_language.items(), *self.by_style.items()]
        heads = ["", "questions", *MEASURES.values()]
        cells = [
            [name, str(each.questions), *(str(each.shares[measure]) for measure in MEASURES)]
            for name, each in rows
        ]
        widths = [max(len(row[column]) for row in (heads, *cells)) for column in range(len(heads))]
        lines = [
            "  ".join(
                cell.ljust(width) if column == 0 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in (heads, *cells)
        ]
        lines.insert(1, "-" * len(lines[0]))
        return "\n".join(lines)


async def evaluate(questions: Sequence[Question], answerer: Answerer) -> Report:
    """Understand every question and measure what came of it."""
    understood = await answerer.understand_many(
        [question.text for question in questions],
        languages=[question.language for question in questions],
        municipalities=[question.place for question in questions],
    )
    outcomes = tuple(map(Outcome, questions, understood))
    return Report(
        total=figures(outcomes),
        by_language=_grouped(outcomes, lambda outcome: outcome.question.language or "?"),
        by_style=_grouped(outcomes, lambda outcome: outcome.question.style or "?"),
        outcomes=outcomes,
    )


def _grouped(outcomes: Iterable[Outcome], name_of: Callable[[Outcome], str]) -> dict[str, Figures]:
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(name_of(outcome), []).append(outcome)
    return {name: figures(groups[name]) for name in sorted(groups)}


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """The measures over some outcomes."""
    served = [each for each in outcomes if each.question.kind in _SERVED]
    sure = [each for each in served if each.understood.sure and not each.refused]
    off = [each for each in outcomes if each.question.kind == "off"]
    danger = [each for each in outcomes if each.question.kind == "emergency"]
    calm = [each for each in outcomes if each.question.kind != "emergency"]
    directory = [each for each in outcomes if each.question.kind == "directory"]
    shares = {
        "hit1": _share(served, lambda each: each.right_within(1)),
        "hit3": _share(served, lambda each: each.right_within(CHOICES)),
        "sure": Share(len(sure), len(served)),
        "sure_right": _share(sure, lambda each: each.right_within(1)),
        "refused_right": _share(off, lambda each: each.refused),
        "refused_wrong": _share(served, lambda each: each.refused),
        "emergency_recall": _share(danger, lambda each: each.understood.kind == "emergency"),
        "false_alarms": _share(calm, lambda each: each.understood.kind == "emergency"),
        "slots_right": _share(directory, lambda each: each.slots_right),
        "kind_right": _share(outcomes, lambda each: each.kind_right),
    }
    return Figures(len(outcomes), shares)


def _share(outcomes: Sequence[Outcome], right: Callable[[Outcome], bool]) -> Share:
    return Share(sum(map(right, outcomes)), len(outcomes))


def slot_values(understood: Understanding) -> dict[str, str]:
    """What a message named of specialty, language and municipality."""
    slots = understood.slots
    named = {
        "specialty": slots.specialty,
        "language": slots.language,
        "municipality": slots.municipality,
    }
    return {name: value for name, value in named.items() if value}


def answer_object(text: str, language: str | None, understood: Understanding) -> dict[str, Any]:
    """One answer as ``ask --jsonl`` prints it; `language` is the one given with the message."""
    return {
        "text": text,
        "lang": language or understood.language,
        "kind": understood.kind,
        "sure": understood.sure,
        "hits": [
            {"id": hit.topic_id, "score": round(hit.score, 4)}
            for hit in understood.hits[:MOST_HITS]
        ],
        "slots": slot_values(understood) if understood.kind == "directory" else {},
    }


async def ask_lines(lines: Iterable[str], answerer: Answerer) -> list[str]:
    """One JSON line for each line ``{"text", "lang"?, "place"?}``, in the same order.

    Empty lines are left out. Raises QuestionError with the number of a line that cannot be read.
    """
    questions = [
        question_of(line, f"line {number}") for number, line in enumerate(lines, 1) if line.strip()
    ]
    understood = await answerer.understand_many(
        [question.text for question in questions],
        languages=[question.language for question in questions],
        municipalities=[question.place for question in questions],
    )
    return [
        json.dumps(answer_object(question.text, question.language, each), ensure_ascii=False)
        for question, each in zip(questions, understood, strict=True)
    ]
