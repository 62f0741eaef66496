"""Writes into translations which German text they were made from."""

import re
from collections.abc import Collection
from pathlib import Path

from bot.errors import KnowledgeError
from bot.knowledge.building import read
from bot.knowledge.folder import KNOWLEDGE, Pages
from bot.knowledge.records import GERMAN

_LINE = re.compile(r'^translated_from\s*=\s*"[^"]*"[^\S\n]*$', re.MULTILINE)


def stamp(folder: Path = KNOWLEDGE, renewed: Collection[str] = ()) -> list[Path]:
    """Fills ``translated_from`` where it is empty; the files that were changed.

    A translation that is older than its German text keeps its old stamp, so that the check goes on
    saying so, unless its topic is in ``renewed``: then somebody has looked at it.

    Raises KnowledgeError when an article has no ``translated_from`` line to fill.
    """
    pages = Pages(folder)
    reading = read(pages)
    changed: list[Path] = []
    for (topic_id, language), file in reading.articles.items():
        topic = reading.knowledge.topics.get(topic_id)
        german = topic.articles.get(GERMAN) if topic else None
        if topic is None or german is None or language == GERMAN:
            continue
        old = topic.articles[language].translated_from
        if old == german.content_hash or (old and topic_id not in renewed):
            continue
        text = file.path.read_text(encoding="utf-8")
        stamped, found = _LINE.subn(f'translated_from = "{german.content_hash}"', text, count=1)
        if not found:
            raise KnowledgeError(f"{pages.short(file.path)}:1: translated_from fehlt im Kopf.")
        file.path.write_text(stamped, encoding="utf-8")
        changed.append(file.path)
    return changed
