"""The parts of an event that staff fill in one by one, and what their typed words mean."""

from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from bot.errors import RuleNotUnderstood
from bot.events.dating import read_when
from bot.events.editing import EventDraft, plain
from bot.events.reading import languages_in, read_cost, read_registration, read_yes_or_no
from bot.events.topics import Topic, topic_in
from bot.folding import fold
from bot.places import find_place, towns


class Field(StrEnum):
    """A part of an event as staff fill it in, in the order of the steps."""

    TITLE = "title"
    TEXT = "text"
    WHEN = "when"
    PLACE = "place"
    ADDRESS = "address"
    TOWN = "town"
    TOPIC = "topic"
    LANGUAGES = "languages"
    COST = "cost"
    CHILDCARE = "childcare"
    ACCESS = "access"
    REGISTRATION = "registration"
    CAPACITY = "capacity"


CHOICES = frozenset({Field.TOWN, Field.TOPIC, Field.CHILDCARE, Field.ACCESS, Field.REGISTRATION})
"""What is chosen by a button; everything else is written."""
_EMPTY: dict[Field, dict[str, Any]] = {
    Field.TITLE: {"title": ""},
    Field.TEXT: {"text": ""},
    Field.WHEN: {
        "starts_at": None,
        "ends_at": None,
        "all_day": False,
        "rule": None,
        "left_out": "",
    },
    Field.PLACE: {"place": ""},
    Field.ADDRESS: {"address": ""},
    Field.TOWN: {"municipality": None},
    Field.TOPIC: {"topic": None},
    Field.LANGUAGES: {"languages": ()},
    Field.COST: {"cost_cents": None},
    Field.CHILDCARE: {"childcare": None},
    Field.ACCESS: {"barrier_free": None},
    Field.REGISTRATION: {"registration": "", "registration_at": ""},
    Field.CAPACITY: {"capacity": None},
}


def cleared(draft: EventDraft, field: Field) -> EventDraft:
    """The draft with a part left empty: "not known"."""
    return draft.model_copy(update=_EMPTY[field])


def filled(draft: EventDraft, field: Field, words: str, today: date) -> EventDraft | None:
    """The draft with a part filled by what was written; nothing when it is not understood."""
    update = _meant(field, plain(words), today)
    if update is None:
        return None
    try:
        new = EventDraft.model_validate({**draft.model_dump(), **_EMPTY[field], **update})
    except (ValidationError, RuleNotUnderstood):
        return None
    return None if new.ends_before_it_begins() else new


def _meant(field: Field, words: str, today: date) -> dict[str, Any] | None:
    match field:
        case Field.TITLE | Field.PLACE | Field.ADDRESS:
            one_line = " ".join(words.split())
            return {field.value: one_line} if one_line else None
        case Field.TEXT:
            return {"text": words} if words else None
        case Field.WHEN:
            return read_when(words, today).fields(today) or None
        case Field.TOPIC:
            topic = Topic(words) if words in set(Topic) else topic_in(words)
            return {"topic": topic} if topic else None
        case Field.TOWN:
            if words in towns():
                return {"municipality": words}
            town = find_place(words)
            return {"municipality": town.municipality} if town else None
        case Field.LANGUAGES:
            found = languages_in(words)
            return {"languages": found} if found else None
        case Field.COST:
            cents = read_cost(words)
            return None if cents is None else {"cost_cents": cents}
        case Field.CHILDCARE | Field.ACCESS:
            answer = read_yes_or_no(words)
            name = "childcare" if field is Field.CHILDCARE else "barrier_free"
            return None if answer is None else {name: answer}
        case Field.REGISTRATION:
            return _registration(words)
        case Field.CAPACITY:
            number = "".join(c for c in words if c.isdecimal())
            return {"capacity": int(number)} if 1 <= len(number) <= 6 and int(number) else None


def _registration(words: str) -> dict[str, Any] | None:
    if words in ("none", "here"):
        return {"registration": words}
    found = read_registration(words)
    if found is None and fold(words) in ("nein", "no", "keine"):
        found = ("none", "")
    return {"registration": found[0], "registration_at": found[1]} if found else None
