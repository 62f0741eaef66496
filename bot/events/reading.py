"""An event out of one German message: date, time, place and the rest, found by rules.

What is found is shown to staff for correction; what is not found stays empty.
"""

import re
from datetime import date
from functools import lru_cache
from typing import Any

from babel import Locale
from pydantic import ValidationError

from bot.events.dating import DAYS, MONTHS, begins_a_date, read_when
from bot.events.editing import PLACE_LIMIT, TEXT_LIMIT, TITLE_LIMIT, EventDraft, plain
from bot.events.topics import topic_in
from bot.folding import fold
from bot.places import find_place

_NAMED = re.compile(
    r"^(?P<label>[A-Za-zÄÖÜäöüß /]{3,24}):\s*(?P<value>.+)$",
)
_LABELS = {
    "titel": "title", "was": "title", "thema": "topic", "ort": "place", "wo": "place",
    "treffpunkt": "place", "adresse": "address", "anschrift": "address", "wann": "when",
    "datum": "when", "uhrzeit": "when", "zeit": "when", "termin": "when", "kosten": "cost",
    "preis": "cost", "eintritt": "cost", "sprache": "languages", "sprachen": "languages",
    "anmeldung": "registration", "kinderbetreuung": "childcare", "barrierefrei": "access",
    "barrierefreiheit": "access", "plätze": "capacity", "text": "text", "beschreibung": "text",
}  # fmt: skip
_STREET = re.compile(
    r"[A-ZÄÖÜ][\wäöüß.\-]{0,40}(?:\s[A-ZÄÖÜ][\wäöüß.\-]{0,40}){0,3}"
    r"(?:\s?[Ss]tra(?:ß|ss)e|str\.|weg|platz|allee|gasse|ring|ufer|damm)\s?\d{1,4}\s?[a-z]?\b"
    r"|(?:Am|An der|Auf der|Im|In der)\s[A-ZÄÖÜ][\wäöüß\-]+\s\d{1,4}\s?[a-z]?\b"
)
_POSTCODE = re.compile(r"\b(6\d{4})\s+[A-ZÄÖÜ][\wäöüß\-]+(?:\s(?:am|an|der|Rhein|Main)\b)*")
_PLACE = re.compile(
    r"\b(?:im|in der|in dem|beim|bei der|auf dem)\s+"
    r"((?:[A-ZÄÖÜ][\wäöüß\-]{1,40})(?:\s(?:[A-ZÄÖÜ][\wäöüß\-]{1,40}|am|der|des|zum)){0,4})"
)
_FREE = re.compile(
    r"\b(?:kostenlos|kostenfrei|gratis|eintritt (?:ist )?frei|freier eintritt|keine kosten)\b",
    re.IGNORECASE,
)
_PRICE = re.compile(r"(\d{1,4})(?:[,.](\d{2}))?\s?(?:€|euro\b|eur\b)", re.IGNORECASE)
_SEATS = re.compile(
    r"(?:\bmax(?:\.|imal)?\s*|\bhöchstens\s*|\bnur\s*)?(\d{1,4})\s*"
    r"(?:freie\s+)?(?:plätze|personen|teilnehmende|teilnehmer\S*)\b",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    r"\b(?:auf|in) ((?!der|dem|den)[\wäöüß]+(?:(?:,| und) [\wäöüß]+)*)", re.IGNORECASE
)
_MAIL = re.compile(r"[\w.+\-]{1,64}@[\w\-]+(?:\.[\w\-]+)+")
_LINK = re.compile(r"https?://[^\s<>\"]{3,180}|www\.[^\s<>\"]{3,180}")
_PHONE = re.compile(r"(?<![\d.])(?:\+49[\s/\-]?|0)\d{2,5}[\s/\-]?\d[\d\s/\-]{3,12}\d")


@lru_cache(maxsize=1)
def _language_names() -> dict[str, str]:
    """German names of languages, folded: "arabisch" → "ar"."""
    names = {fold(name): code for code, name in Locale("de").languages.items() if len(code) <= 3}
    return {**names, "kurmanci": "ku", "kurmandschi": "ku", "dari": "fa-AF", "farsi": "fa"}


def languages_in(text: str) -> tuple[str, ...]:
    """The languages that a German text names, in its order."""
    found = []
    for word in re.findall(r"[\wäöüß\-]+", fold(text)):
        code = _language_names().get(word) or _language_names().get(word.removesuffix("e"))
        if code and code not in found and len(word) > 3:
            found.append(code)
    return tuple(found[:8])


def read_yes_or_no(text: str) -> bool | None:
    """What "ja", "nein" or a sentence around them means; nothing when it says neither."""
    said = fold(text).split()
    if {"nein", "no", "keine", "kein", "nicht", "ohne"}.intersection(said):
        return False
    if {"ja", "yes", "mit", "vorhanden", "gibt", "da"}.intersection(said):
        return True
    return None


def read_cost(text: str) -> int | None:
    """The price in cents that a text names; 0 for "kostenlos"; nothing when it says neither."""
    match = _PRICE.search(text)
    if match:
        return int(match[1]) * 100 + int(match[2] or 0)
    bare = re.fullmatch(r"\s*(\d{1,4})(?:[,.](\d{2}))?\s*", text)
    if bare:
        return int(bare[1]) * 100 + int(bare[2] or 0)
    return 0 if _FREE.search(text) or fold(text).strip() in {"nein", "keine", "nichts"} else None


def read_registration(text: str) -> tuple[str, str] | None:
    """Whether and where to register: "none", "here", or "elsewhere" with a link or number."""
    said = fold(text)
    if re.search(r"\b(?:ohne|keine) anmeldung|nicht (?:notig|notwendig|erforderlich)", said):
        return "none", ""
    for pattern in (_MAIL, _LINK, _PHONE):
        match = pattern.search(text)
        if match:
            return "elsewhere", match[0].strip().rstrip(".,;)")
    if re.search(r"\b(?:im bot|hier im chat|uber den bot|im chat)\b", said):
        return "here", ""
    return None


def read_message(text: str, today: date) -> EventDraft:
    """An event out of one message in German.

    The first line is the title. A line "Ort: …" or "Kosten: …" says what it is; the rest is found
    wherever it stands.
    """
    text = plain(text)
    labelled: dict[str, str] = {}
    lines: list[str] = []
    for line in text.split("\n"):
        match = _NAMED.match(line.strip())
        label = _LABELS.get(match["label"].strip().lower()) if match else None
        if match and label:
            labelled[label] = f"{labelled.get(label, '')} {match['value']}".strip()
        elif line.strip() or lines:
            lines.append(line.rstrip())
    title = labelled.get("title") or (lines.pop(0) if lines else "")
    if "title" not in labelled and (not lines or len(title) > TITLE_LIMIT):
        lines.insert(0, title)
        title = _first_words(title)
    body = labelled.get("text") or "\n".join(lines).strip() or title
    everything = body if body.startswith(title) else f"{title}\n{body}"
    values: dict[str, Any] = {
        "title": title[:TITLE_LIMIT].strip(),
        "text": body[:TEXT_LIMIT],
        "topic": topic_in(f"{labelled.get('topic', '')} {everything}"),
        **read_when(labelled.get("when") or everything, today).fields(today),
        **_where(labelled, everything),
        "languages": _spoken(labelled, everything),
        **_conditions(labelled, everything),
    }
    try:
        return EventDraft.model_validate(values)
    except ValidationError:
        # A rule found nonsense: better the words alone than nothing.
        return EventDraft(title=title[:TITLE_LIMIT].strip(), text=body[:TEXT_LIMIT])


def _first_words(line: str) -> str:
    """What a line is about: its first sentence, without the date and time that follow."""
    sentence = re.split(r"(?<=[^\d\s][.!?])\s", line)[0]
    head = sentence[: begins_a_date(sentence)]
    head = re.sub(r"(?:[\s,;:–-]+(?:am|um|von|vom|ab|der|den|immer)?)+$", "", head).strip(" .")
    return head if len(head) > 2 else sentence


def read_where(place: str) -> dict[str, Any]:
    """House, address and municipality of a place that is written in one line."""
    return _where({"place": place}, "")


def _where(labelled: dict[str, str], everything: str) -> dict[str, Any]:
    said = " ".join(labelled.get(name, "") for name in ("place", "address"))
    source = said.strip() or everything
    street, postcode = _STREET.search(source), _POSTCODE.search(source)
    town = find_place(postcode[0] if postcode else source)
    place = labelled.get("place", "")
    if not place:
        found = (match[1] for match in _PLACE.finditer(everything))
        place = next((name for name in found if fold(name.split()[0]) not in _NO_PLACE), "")
    elif street and street.start() > 0:
        place = place.split(street[0])[0]
    address = labelled.get("address") or (street[0] if street else "")
    if postcode and postcode[0] not in address and address:
        address = f"{address}, {postcode[0]}"
    return {
        "place": place.strip(" ,;–-")[:PLACE_LIMIT],
        "address": address.strip(" ,;")[:PLACE_LIMIT],
        "municipality": town.municipality if town else None,
    }


_NO_PLACE = frozenset(
    fold(word) for word in (*MONTHS, *DAYS, "Rahmen", "Anschluss", "Kreis", "Monat")
)


def _spoken(labelled: dict[str, str], everything: str) -> tuple[str, ...]:
    if "languages" in labelled:
        return languages_in(labelled["languages"])
    found: list[str] = []
    for match in _SPOKEN.finditer(everything):
        found.extend(code for code in languages_in(match[1]) if code not in found)
    return tuple(found)


def _conditions(labelled: dict[str, str], everything: str) -> dict[str, Any]:
    values: dict[str, Any] = {"cost_cents": read_cost(labelled.get("cost", "") or everything)}
    if "cost" not in labelled and not (_PRICE.search(everything) or _FREE.search(everything)):
        values["cost_cents"] = None
    said = fold(everything)
    if "childcare" in labelled:
        values["childcare"] = read_yes_or_no(labelled["childcare"])
    elif "kinderbetreuung" in said:
        values["childcare"] = not re.search(r"(?:keine|ohne) kinderbetreuung", said)
    if "access" in labelled:
        values["barrier_free"] = read_yes_or_no(labelled["access"])
    elif re.search(r"barrierefrei|rollstuhl", said):
        values["barrier_free"] = not re.search(r"nicht (?:barrierefrei|rollstuhl)", said)
    source = labelled.get("registration") or _about_registration(everything)
    registration = read_registration(source) if source else None
    if registration is not None:
        values["registration"], values["registration_at"] = registration
    seats = _SEATS.search(labelled.get("capacity", "") or everything)
    bare = re.search(r"\d{1,5}", labelled.get("capacity", ""))
    number = int(seats[1]) if seats else int(bare[0]) if bare else 0
    values["capacity"] = number or None
    return values


def _about_registration(everything: str) -> str:
    match = re.search(r"[^.\n]*anmeld[^\n]*", everything, re.IGNORECASE)
    return match[0] if match else ""
