"""What events are about: the topics that somebody can subscribe to."""

import tomllib
from enum import StrEnum
from functools import lru_cache

from bot.folding import words
from bot.knowledge.folder import KNOWLEDGE


class Topic(StrEnum):
    """A topic of events. ``MY_TOWN`` stands for everything that takes place in a town."""

    COURSES = "courses"
    WOMEN = "women"
    FAMILIES = "families"
    HEALTH = "health"
    AGAINST_RACISM = "against-racism"
    WORK = "work"
    CULTURE = "culture"
    SPORT = "sport"
    VOLUNTEERING = "volunteering"
    PROFESSIONALS = "professionals"
    MY_TOWN = "my-town"


@lru_cache(maxsize=1)
def _vocabulary() -> dict[str, frozenset[str]]:
    """Words by topic, and by "next_week" and the like, folded."""
    table = tomllib.loads((KNOWLEDGE / "events" / "words.toml").read_text(encoding="utf-8"))
    return {
        name: frozenset(_folded(phrase) for phrase in phrases) for name, phrases in table.items()
    }


def _folded(text: str) -> str:
    return " ".join(words(text))


def mentions(text: str, name: str) -> bool:
    """Whether a message holds one of the words or phrases that stand for a name."""
    said = f" {_folded(text[:2000])} "
    return any(f" {phrase} " in said for phrase in _vocabulary()[name])


def says_only(text: str, name: str) -> bool:
    """Whether a message is one of the phrases that stand for a name, and nothing else."""
    return _folded(text[:200]) in _vocabulary()[name]


def topic_in(text: str) -> Topic | None:
    """The topic that a message names; the one named most often, the first one of a tie."""
    said = f" {_folded(text[:4000])} "
    counts = {
        topic: sum(said.count(f" {phrase} ") for phrase in _vocabulary().get(topic, ()))
        for topic in Topic
    }
    best = max(counts, key=lambda topic: counts[topic])
    return best if counts[best] else None
