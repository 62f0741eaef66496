"""What the office knows: articles, facts, contacts and municipalities, read from ``knowledge/``.

``load`` gives the knowledge, ``problems`` says what is wrong in the folder, ``stamp`` marks
translations. This package knows no channel; texts come out as Telegram's HTML subset or plain.
"""

from bot.knowledge.building import load
from bot.knowledge.checking import problems
from bot.knowledge.folder import KNOWLEDGE
from bot.knowledge.formatting import AsOfPhrase, format_as_of, format_fact
from bot.knowledge.records import (
    TOWN_HALL,
    Article,
    Contact,
    ContactsShown,
    Fact,
    Hours,
    Knowledge,
    Municipality,
    Phone,
    Problem,
    Scope,
    Source,
    Topic,
)
from bot.knowledge.rendering import render_html, render_plain
from bot.knowledge.stamping import stamp

__all__ = [
    "KNOWLEDGE",
    "TOWN_HALL",
    "Article",
    "AsOfPhrase",
    "Contact",
    "ContactsShown",
    "Fact",
    "Hours",
    "Knowledge",
    "Municipality",
    "Phone",
    "Problem",
    "Scope",
    "Source",
    "Topic",
    "format_as_of",
    "format_fact",
    "load",
    "problems",
    "render_html",
    "render_plain",
    "stamp",
]
