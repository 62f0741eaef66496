"""The office's events of every year: known by name, without a date until staff give one."""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.errors import KnowledgeError
from bot.events.topics import Topic
from bot.knowledge.folder import KNOWLEDGE
from bot.texts import OFFICE_LANGUAGE, SOURCE_LANGUAGE

_FILE = KNOWLEDGE / "events" / "yearly.toml"


@dataclass(frozen=True, slots=True)
class Yearly:
    """An event of every year. ``month`` and ``day`` only where they are the same every year."""

    id: str
    topic: Topic
    titles: dict[str, str]
    texts: dict[str, str]
    month: int | None = None
    day: int | None = None

    def title(self, language: str) -> str:
        """The title for a reader with the German name beside it, or the German name alone."""
        german, own = self.titles[OFFICE_LANGUAGE], self.titles.get(language)
        return german if own is None or own.startswith(german) else f"{own} ({german})"

    def text(self, language: str) -> str:
        """The sentence for a reader, or in English, or in German; empty where there is none."""
        wishes = (language, SOURCE_LANGUAGE, OFFICE_LANGUAGE)
        return next((self.texts[wish] for wish in wishes if wish in self.texts), "")


@lru_cache(maxsize=1)
def yearly_events() -> dict[str, Yearly]:
    """All of them by name. Raises ``KnowledgeError`` that names the file and the entry."""
    table: dict[str, Any] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    found = {}
    for name, entry in table.items():
        try:
            found[name] = Yearly(
                id=name,
                topic=Topic(entry["topic"]),
                titles=dict(entry["title"]),
                texts=dict(entry.get("text", {})),
                month=entry.get("month"),
                day=entry.get("day"),
            )
        except (KeyError, ValueError) as error:
            raise KnowledgeError(f"knowledge/events/yearly.toml: [{name}]: {error}") from None
    return found


def without_a_date(dated: Collection[str | None]) -> list[Yearly]:
    """The events of every year for which nobody has named a date yet, by month, then by name."""
    open_ = [entry for name, entry in yearly_events().items() if name not in dated]
    return sorted(open_, key=lambda entry: (entry.month or 13, entry.titles[OFFICE_LANGUAGE]))
