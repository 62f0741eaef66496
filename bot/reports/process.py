"""The process guide as data: the states of a case, the tasks of each, and until when."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from bot.errors import KnowledgeError
from bot.knowledge.folder import KNOWLEDGE
from bot.reports.workdays import after_workdays

_FILE = KNOWLEDGE / "process.toml"
RECEIVED, CLOSED = "received", "closed"


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do in a state, within so many working days."""

    id: str
    name: str
    due_workdays: int

    def due_on(self, reached_on: date) -> date:
        """Until when it is to be done when the state was reached on this day."""
        return after_workdays(reached_on, self.due_workdays)


@dataclass(frozen=True, slots=True)
class State:
    """Where a case stands. ``closes``: from here it may be closed, by two people."""

    id: str
    name: str
    next: tuple[str, ...]
    tasks: tuple[Task, ...]
    closes: bool = False


@dataclass(frozen=True, slots=True)
class Guide:
    """The whole guide."""

    states: dict[str, State]
    substatuses: dict[str, str]
    words: dict[str, dict[str, str]]

    def word(self, kind: str, key: str | None) -> str:
        """What case workers read for a key; the key itself where there is no word for it."""
        if key is None:
            return self.words["heading"]["none"]
        return self.words[kind].get(key, key)

    def may_go(self, now: str, then: str) -> bool:
        """Whether a case may go from one state to the other."""
        return then in self.states[now].next

    def task(self, task_id: str) -> Task | None:
        """A task by its id."""
        return next((t for s in self.states.values() for t in s.tasks if t.id == task_id), None)


@cache
def guide(file: Path = _FILE) -> Guide:
    """The guide in ``knowledge/process.toml``. Raises ``KnowledgeError`` naming what is wrong."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        states = {
            one["id"]: State(
                id=one["id"],
                name=one["name"],
                next=tuple(one["next"]),
                tasks=tuple(
                    Task(task["id"], task["name"], int(task["due_workdays"]))
                    for task in one.get("task", ())
                ),
                closes=bool(one.get("closes", False)),
            )
            for one in data["state"]
        }
        substatuses = {one["id"]: str(one["name"]) for one in data["substatus"]}
        words = {kind: dict(named) for kind, named in data["words"].items()}
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise KnowledgeError(f"{file.name}: {type(error).__name__} {error}") from None
    for state in states.values():
        for then in state.next:
            if then not in states:
                raise KnowledgeError(f"{file.name}: {state.id} leads to {then}, which is not there")
    for needed in (RECEIVED, CLOSED):
        if needed not in states:
            raise KnowledgeError(f"{file.name}: the state {needed} is missing")
    return Guide(states, substatuses, words)
