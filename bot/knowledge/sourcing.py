"""Says what is wrong with one fact or one contact: values, sources, dates, places, numbers.

Nothing without a source and a date may be shown, and nothing of low confidence.
"""

import re
from collections.abc import Iterator
from datetime import date, time

from bot.knowledge.formatting import DURATIONS, UNITS, parse_day
from bot.knowledge.records import REQUIRED_LANGUAGES, Contact, Fact, Knowledge

_CONFIDENCES = frozenset({"high", "medium"})
_DAYS = frozenset({"mon", "tue", "wed", "thu", "fri", "sat", "sun"})
_AS_OF = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_PHONE = re.compile(
    r"\+\d{1,3} \d[\d ]{4,14}|0800 \d[\d ]{4,9}|0180\d \d{4,9}|11\d|116 ?\d{3}|[1-9]\d{4}"
)
_WEB = re.compile(r"https?://[^\s/]+\.[^\s]+")
_EMAIL = re.compile(r"[\w.+-]+@[\w.-]+\.\w{2,}")


def wrong_with_fact(fact: Fact) -> Iterator[str]:
    """What is missing or does not fit in a fact, one sentence each."""
    if fact.unit not in UNITS:
        yield f"unit „{fact.unit}“ gibt es nicht ({', '.join(sorted(UNITS))})."
    elif not _value_fits(fact):
        yield f"value {fact.value!r} passt nicht zu unit „{fact.unit}“."
    if not fact.source:
        yield "hat keine Quelle (source)."
    yield from _wrong_with_trust(fact.confidence, fact.as_of)
    if fact.confidence == "medium" and fact.as_of == "undated":
        yield "ist medium und braucht ein Datum in as_of."


def _wrong_with_trust(confidence: str, as_of: str) -> Iterator[str]:
    if confidence == "low":
        yield "ist „low“ und darf nicht gezeigt werden."
    elif confidence not in _CONFIDENCES:
        yield "confidence muss „high“ oder „medium“ sein."
    if not as_of:
        yield "hat keinen Stand (as_of)."
    elif as_of != "undated" and not _is_as_of(as_of):
        yield f"as_of „{as_of}“ ist kein Jahr, Monat oder Tag."


def _is_as_of(as_of: str) -> bool:
    if not _AS_OF.fullmatch(as_of):
        return False
    try:
        date.fromisoformat((as_of + "-01-01")[: len("2026-01-01")])
    except ValueError:
        return False
    return True


def _value_fits(fact: Fact) -> bool:
    if fact.unit in ("date", "time", "text"):
        if not isinstance(fact.value, str) or not fact.value.strip():
            return False
        try:
            if fact.unit == "date":
                parse_day(fact.value)
            elif fact.unit == "time":
                time.fromisoformat(fact.value)
        except ValueError:
            return False
        return True
    if isinstance(fact.value, str) or fact.value < 0:
        return False
    whole = float(fact.value).is_integer()
    return whole or fact.unit not in DURATIONS | {"lesson"}


def wrong_with_contact(contact: Contact, knowledge: Knowledge) -> Iterator[str]:
    """What is missing or does not fit in a contact, one sentence each."""
    missing = [language for language in REQUIRED_LANGUAGES if not contact.names.get(language)]
    if missing:
        yield f"hat keinen Namen auf {', '.join(missing)}."
    if not contact.sources:
        yield "hat keine Quelle (sources)."
    yield from _wrong_with_trust(contact.confidence, contact.as_of)
    yield from _wrong_with_place(contact, knowledge)
    for phone in contact.phones:
        if not _PHONE.fullmatch(phone.number):
            yield f"Telefonnummer „{phone.number}“: bitte als +49 6152 123 oder 0800 123."
    if contact.web and not _WEB.fullmatch(contact.web):
        yield f"web „{contact.web}“ muss mit https:// beginnen."
    if contact.email and not _EMAIL.fullmatch(contact.email):
        yield f"„{contact.email}“ ist keine E-Mail-Adresse."
    for hours in contact.hours:
        if not hours.days or not set(hours.days) <= _DAYS:
            yield f"Tage {list(hours.days)}: erlaubt sind mon, tue, wed, thu, fri, sat, sun."
        if not _is_clock(hours.start) or not _is_clock(hours.end) or hours.start >= hours.end:
            yield f"Zeit „{hours.start}“ bis „{hours.end}“ ist keine Spanne wie 08:00 bis 12:00."


def _wrong_with_place(contact: Contact, knowledge: Knowledge) -> Iterator[str]:
    towns = knowledge.municipalities
    owner = next((name for name, town in towns.items() if contact.postcode in town.postcodes), "")
    if contact.postcode and not re.fullmatch(r"\d{5}", contact.postcode):
        yield f"„{contact.postcode}“ ist keine Postleitzahl."
    if owner and contact.town != owner:
        yield f"Die Postleitzahl {contact.postcode} gehört zu {owner}, nicht zu „{contact.town}“."
    elif contact.town in towns and contact.postcode and not owner:
        yield f"Die Postleitzahl {contact.postcode} gibt es in {contact.town} nicht."
    if (contact.lat is None) != (contact.lon is None):
        yield "lat und lon gehören zusammen."
    if contact.serves and contact.serves_not:
        yield "serves und serves_not schließen sich aus."
    for name in (*contact.serves, *contact.serves_not):
        if name not in towns:
            yield f"„{name}“ ist keine Gemeinde aus municipalities.toml."


def _is_clock(text: str) -> bool:
    return bool(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d|24:00", text))
