"""Terms for an appointment, by topic and language, to prepare with: knowledge/glossaries."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from bot.knowledge.folder import KNOWLEDGE

FOLDER = KNOWLEDGE / "glossaries"
REVIEWED, MACHINE = "reviewed", "machine"

# In which written language a dialect's terms stand. Dari has words of its own and is not Farsi.
_WRITTEN = dict.fromkeys(("apc", "acm", "arz", "apd", "ary", "arq", "aeb", "ayl"), "ar")


@dataclass(frozen=True, slots=True)
class Glossary:
    """Terms in German and another language; ``status``: ``reviewed`` by a person or ``machine``."""

    topic: str
    language: str
    status: str
    terms: tuple[tuple[str, str], ...]


def glossary_for(topic: str, language: str) -> Glossary | None:
    """The terms for a topic in a pool language; ``None`` where we have none."""
    written = _WRITTEN.get(language, language)
    return glossaries().get((topic, written))


@lru_cache(maxsize=1)
def glossaries() -> Mapping[tuple[str, str], Glossary]:
    """All glossaries, by topic and written language. Raises ``ValueError`` for a broken line."""
    found: dict[tuple[str, str], Glossary] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        columns: list[str] = data["columns"]
        lines = [line for line in data["terms"].splitlines() if line.strip()]
        rows = [[cell.strip() for cell in line.split("|")] for line in lines]
        if any(len(row) != len(columns) or not row[0] for row in rows):
            raise ValueError(f"{path.name}: a line has not {len(columns)} columns")
        for number, language in enumerate(columns[1:], start=1):
            terms = tuple((row[0], row[number]) for row in rows if row[number])
            status = data["status"].get(language, MACHINE)
            found[path.stem, language] = Glossary(path.stem, language, status, terms)
    return found
