"""Files of questions with what should come of them, to measure answers and to fit the decider.

One JSON object a line: ``{"text", "lang", "kind", "gold": [topic ids]}``, with ``style``, ``slots``
and ``split`` where known. Kinds are those of an understanding, with ``topic`` for a question that
an article answers and ``off`` for what the bot has nothing about. The split ``dev`` may be used to
choose and fit, ``hold`` only to report.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


class QuestionError(ValueError):
    """A line of a file of questions that cannot be read; the message names the line."""


@dataclass(frozen=True, slots=True)
class Question:
    """A message and what should come of it. `gold`: topic ids of which any is right."""

    text: str
    language: str | None = None
    kind: str = "topic"
    gold: tuple[str, ...] = ()
    style: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    split: str = ""
    place: str | None = None


def read_questions(path: Path, split: str | None = None) -> list[Question]:
    """The questions of a file, those of one split or all. Raises QuestionError with the line."""
    questions = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                question = question_of(line, f"{path.name}, line {number}")
                if split in (None, question.split):
                    questions.append(question)
    return questions


def question_of(line: str, where: str) -> Question:
    """The question of a line of JSON; `where` it stands is named in a QuestionError."""
    try:
        data = json.loads(line)
    except ValueError as error:
        raise QuestionError(f"{where}: no JSON") from error
    if not isinstance(data, dict) or not isinstance(data.get("text"), str):
        raise QuestionError(f"{where}: an object with a text is needed")
    kind = str(data.get("kind") or "topic")
    slots = data.get("slots") or {}
    return Question(
        text=data["text"],
        language=data.get("lang") or None,
        kind={"answer": "topic", "none": "off"}.get(kind, kind),
        gold=tuple(data.get("gold") or ()),
        style=data.get("style") or "",
        slots={name: value for name, value in slots.items() if value},
        split=data.get("split") or "",
        place=data.get("place") or None,
    )
