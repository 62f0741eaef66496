"""A case as lines to read, and which cases lie close together: worked out on this machine only."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from rapidfuzz import fuzz

from bot.casework.machine import Message
from bot.reports.process import guide
from bot.reports.told import Form, Opened
from bot.texts import language_name

CLOSE_IN_TIME = timedelta(days=30)
_ALIKE = 80.0
_SAME_MOTIF = 65.0
_MOTIF_FORMS = frozenset({Form.SYMBOL, Form.PRINT})
_KEPT_CONTROLS = "\n"


def harmless(text: str) -> str:
    """What somebody wrote without anything that could command a terminal or turn lines around."""
    return "".join(
        letter
        for letter in text.replace("\r\n", "\n").replace("\t", " ")
        if letter in _KEPT_CONTROLS
        or unicodedata.category(letter) not in {"Cc", "Cf", "Co", "Cs"}
        or letter in "\u200c\u200d"  # joiners are part of how Persian and Hindi are written
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a case: a heading and what stands under it."""

    heading: str
    text: str


def entries(opened: Opened) -> Iterator[Entry]:
    """A report in the order of the interview; what was skipped is left out."""
    words = guide().words["heading"]
    told = opened.told

    def entry(key: str, text: str | None) -> Iterator[Entry]:
        if text:
            yield Entry(words[key], harmless(text))

    yield from entry("received_on", opened.received_on.isoformat())
    if told.urgent:
        yield from entry("urgent", words["yes"])
    yield from entry("language", language_name(told.language, "de"))
    if told.interpreter_may_read is not None:
        yield from entry("interpreter", words["yes" if told.interpreter_may_read else "no"])
    if told.part:
        yield from entry("part", guide().word("part", told.part))
    yield from entry("told", "\n\n".join(told.texts))
    yield from entry("when", told.when)
    if told.town:
        yield from entry("town", guide().word("town", told.town))
    yield from entry("place", told.place)
    yield from entry("forms", ", ".join(guide().word("form", form) for form in told.forms))
    motives = ", ".join(guide().word("motive", motive) for motive in told.motives)
    yield from entry("motives", motives)
    yield from entry("others", told.others_present)
    yield from entry("afterwards", told.afterwards)
    if told.police:
        yield from entry("police", guide().word("police", told.police))
    if told.wish:
        yield from entry("wish", guide().word("wish", told.wish))
    yield from entry("contact", told.contact)
    for number, file in enumerate(told.attachments, 1):
        note = f" ({words['original']})" if file.original else ""
        yield from entry("files", f"{number}. {file.name}, {len(file.data) // 1024 + 1} KiB{note}")


def message_entries(messages: list[Message]) -> Iterator[Entry]:
    """Messages and notes as they followed each other."""
    words = guide().words["heading"]
    for message in messages:
        day = message.on.isoformat() if message.on else ""
        names = "".join(f"\n+ {harmless(name)}" for name, _data in message.files)
        yield Entry(f"{words[message.direction]} {day}".strip(), harmless(message.text) + names)


def close_cases(opened: Mapping[str, Opened]) -> dict[str, list[tuple[str, str]]]:
    """Which cases lie close together: for each, the others and why.

    Same town, a form in common, within 30 days, and either the same place or, for stickers,
    symbols and prints, words that are alike. People are never compared.
    """
    found: dict[str, list[tuple[str, str]]] = {case_id: [] for case_id in opened}
    cases = sorted(opened.items())
    for number, (one_id, one) in enumerate(cases):
        for other_id, other in cases[number + 1 :]:
            why = _why_close(one, other)
            if why is not None:
                found[one_id].append((other_id, why))
                found[other_id].append((one_id, why))
    return found


def _why_close(one: Opened, other: Opened) -> str | None:
    apart = abs(one.received_on - other.received_on)
    forms = set(one.told.forms) & set(other.told.forms)
    if apart > CLOSE_IN_TIME or not forms or one.told.town is None:
        return None
    if one.told.town != other.told.town:
        return None
    if forms & _MOTIF_FORMS and _alike(_told(one), _told(other)) >= _SAME_MOTIF:
        return "same motif"
    if one.told.place and other.told.place and _alike(one.told.place, other.told.place) >= _ALIKE:
        return "same place"
    return None


def _told(opened: Opened) -> str:
    return " ".join(opened.told.texts)


def _alike(one: str, other: str) -> float:
    return float(fuzz.token_set_ratio(_plain(one), _plain(other)))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def month_of(day: date) -> date:
    """The first of the month of a day."""
    return day.replace(day=1)
