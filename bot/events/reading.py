"""An event out of one German message: date, time, place and the rest, found by rules.

What is found is shown to staff for correction; what is not found stays empty.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from babel import Locale
from pydantic import ValidationError

from bot.errors import RuleNotUnderstood
from bot.events.editing import PLACE_LIMIT, TEXT_LIMIT, TITLE_LIMIT, EventDraft, plain
from bot.events.recurring import check_rule
from bot.events.topics import topic_in
from bot.folding import fold
from bot.places import find_place
from bot.texts import HOUSE_TIME

_MONTHS = (
    "januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september",
    "oktober", "november", "dezember",
)  # fmt: skip
_DAYS = ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag")
_RULE_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WHICH = {"ersten": 1, "zweiten": 2, "dritten": 3, "vierten": 4, "letzten": -1}
_SHORT = ("jan", "feb", "mrz", "apr", "jun", "jul", "aug", "sept?", "okt", "nov", "dez")
_MONTH = "|".join([*_MONTHS, *_SHORT])
_DAY = "|".join([*_DAYS, "sonnabend"])
_DATE = re.compile(
    rf"(?<![\d.])(?:(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})"
    rf"|(?P<day>\d{{1,2}})\.\s?(?:(?P<month>\d{{1,2}})\.\s?|(?P<name>{_MONTH})\b\.?\s?)"
    rf"(?P<year>\d{{4}}|\d{{2}}(?![\d:.]|\s?uhr))?)",
    re.IGNORECASE,
)
# "16.–29. März" and "16. bis 29. März": the first day has the month of the second one.
_FIRST_OF_TWO = re.compile(
    rf"(?<![\d.])(\d{{1,2}})\.\s?(?:-|–|bis(?: zum)?)\s?(?=\d{{1,2}}\.\s?(?:\d|{_MONTH}))",
    re.IGNORECASE,
)
_CLOCK = r"(?P<{0}>\d{{1,2}})(?:[:.](?P<{0}m>\d{{2}}))?"
_TIMES = re.compile(
    rf"(?<![\d.,]){_CLOCK.format('a')}\s?(?:uhr)?\s?(?:-|–|bis)\s?{_CLOCK.format('b')}\s?uhr",
    re.IGNORECASE,
)
_TIMES_BARE = re.compile(
    r"(?<![\d.,])(?P<a>\d{1,2}):(?P<am>\d{2})\s?(?:-|–|bis)\s?(?P<b>\d{1,2}):(?P<bm>\d{2})(?!\d)"
)
_TIME = re.compile(rf"(?<![\d.,]){_CLOCK.format('a')}\s?uhr", re.IGNORECASE)
_TIME_BARE = re.compile(r"(?<![\d.,])(?P<a>\d{1,2}):(?P<am>\d{2})(?![\d:])")
_EVERY = re.compile(
    rf"\bjede[nr]?\s+(?:(?P<which>{'|'.join(_WHICH)})\s+)?(?P<day>{_DAY}|tag|monat|woche)\b",
    re.IGNORECASE,
)
_EVERY_OTHER = re.compile(
    r"\balle (?P<count>zwei|drei|vier|\d) wochen\b|\b14-?tägig\b", re.IGNORECASE
)
_ADVERB = re.compile(r"\b(?P<how>täglich|wöchentlich|monatlich)\b", re.IGNORECASE)
_RELATIVE = re.compile(rf"\b(?:heute|morgen|übermorgen|{_DAY})s?\b", re.IGNORECASE)
_UNTIL = re.compile(r"\bbis\s+(?:zum\s+|ende\s+)?$", re.IGNORECASE)
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
    r"[A-ZÄÖÜ][\wäöüß.\-]*(?:\s[A-ZÄÖÜ][\wäöüß.\-]*){0,3}"
    r"(?:\s?[Ss]tra(?:ß|ss)e|str\.|weg|platz|allee|gasse|ring|ufer|damm)\s?\d{1,4}\s?[a-z]?\b"
    r"|(?:Am|An der|Auf der|Im|In der)\s[A-ZÄÖÜ][\wäöüß\-]+\s\d{1,4}\s?[a-z]?\b"
)
_POSTCODE = re.compile(r"\b(6\d{4})\s+[A-ZÄÖÜ][\wäöüß\-]+(?:\s(?:am|an|der|Rhein|Main)\b)*")
_PLACE = re.compile(
    r"\b(?:im|in der|in dem|beim|bei der|auf dem)\s+"
    r"((?:[A-ZÄÖÜ][\wäöüß\-]+)(?:\s(?:[A-ZÄÖÜ][\wäöüß\-]+|am|der|des|zum)){0,4})"
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


@dataclass(frozen=True, slots=True)
class When:
    """What a text says about time, on the clock on the wall."""

    first: date | None = None
    last: date | None = None
    begins: time | None = None
    ends: time | None = None
    rule: str | None = None

    def fields(self, today: date) -> dict[str, Any]:
        """As fields of a draft; nothing without a day."""
        first = self.first
        if first is None and self.rule is not None:
            first = _first_of_rule(self.rule, today)
        if first is None:
            return {}
        last = self.last if self.rule is None else None
        if self.begins is None:
            ends = (last or first) + timedelta(days=1)
            return {
                "starts_at": _at(first, time()),
                "ends_at": _at(ends, time()),
                "all_day": True,
                "rule": self.rule,
            }
        starts_at, ends_at = _at(first, self.begins), None
        if self.ends is not None:
            ends_at = _at(last or first, self.ends)
            if ends_at <= starts_at:
                ends_at += timedelta(days=1)  # "von 20 bis 1 Uhr"
        return {"starts_at": starts_at, "ends_at": ends_at, "all_day": False, "rule": self.rule}


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=HOUSE_TIME).astimezone(UTC)


def read_when(text: str, today: date) -> When:
    """The day or days, the time and the repetition that a German text names.

    A day without a year is the next one of that name.
    """
    found = list(_dates(text, today))
    days = list(dict.fromkeys(day for day, until in found if not until))
    until = next((day for day, is_until in found if is_until), None)
    if not days:
        days = list(_named_days(text, today))
    begins, ends = _times(text)
    when = When(begins=begins, ends=ends)
    rule = _repetition(text, days[0] if days else today)
    if rule is not None:
        if until is not None or len(days) > 1:
            last = until or max(days)
            rule += f";UNTIL={last:%Y%m%d}"
        return replace(when, first=days[0] if days else None, rule=_checked(rule))
    if not days:
        return when
    end = until or (max(days) if len(days) > 1 else None)
    return replace(when, first=days[0], last=end if end and end > days[0] else None)


def _checked(rule: str) -> str | None:
    try:
        return check_rule(rule)
    except RuleNotUnderstood:
        return None


def _dates(text: str, today: date) -> Iterator[tuple[date, bool]]:
    """The days that are written as dates, and whether "bis" stands before them."""
    range_starts = {match.end(): int(match[1]) for match in _FIRST_OF_TWO.finditer(text)}
    for match in _DATE.finditer(text):
        try:
            day = _day(match, today)
            if match.start() in range_starts:
                yield day.replace(day=range_starts[match.start()]), False
        except ValueError:
            continue  # the 31st of February
        until = match.start() in range_starts or bool(_UNTIL.search(text[: match.start()]))
        yield day, until


def _day(match: re.Match[str], today: date) -> date:
    if match["iso"]:
        return date.fromisoformat(match["iso"])
    month = int(match["month"]) if match["month"] else _month(match["name"])
    day = int(match["day"])
    if match["year"]:
        year = int(match["year"])
        return date(year + 2000 if year < 100 else year, month, day)
    this_year = date(today.year, month, day)
    return this_year if this_year >= today else date(today.year + 1, month, day)


def _month(name: str) -> int:
    short = fold(name)[:3]
    short = {"mrz": "mar"}.get(short, short)
    return next(n for n, month in enumerate(_MONTHS, start=1) if fold(month).startswith(short))


def _named_days(text: str, today: date) -> Iterator[date]:
    low = text.lower()
    for word, ahead in (("übermorgen", 2), ("heute", 0)):
        if re.search(rf"\b{word}\b", low):
            yield today + timedelta(days=ahead)
            return
    if re.search(r"(?<!am )\bmorgen\b(?!s)", low) and "guten morgen" not in low:
        yield today + timedelta(days=1)
        return
    match = re.search(rf"(?<!jeden )\b({_DAY})\b", low)
    if match and not _EVERY.search(text):
        name = match[1].replace("sonnabend", "samstag")
        ahead = (_DAYS.index(name) - today.weekday()) % 7
        yield today + timedelta(days=ahead or 7)


def _times(text: str) -> tuple[time | None, time | None]:
    for pattern in (_TIMES, _TIMES_BARE):
        match = pattern.search(text)
        if match:
            return _clock(match["a"], match["am"]), _clock(match["b"], match["bm"])
    for pattern in (_TIME, _TIME_BARE):
        match = pattern.search(text)
        if match:
            return _clock(match["a"], match["am"]), None
    return None, None


def _clock(hour: str, minute: str | None) -> time | None:
    if int(hour) == 24 and not int(minute or 0):
        return time()
    if int(hour) > 23 or int(minute or 0) > 59:
        return None
    return time(int(hour), int(minute or 0))


def _repetition(text: str, first: date) -> str | None:
    own_day = _RULE_DAYS[first.weekday()]
    match = _EVERY_OTHER.search(text)
    if match:
        weeks = {"zwei": 2, "drei": 3, "vier": 4, None: 2}.get(match["count"])
        return f"FREQ=WEEKLY;INTERVAL={weeks or int(match['count'])}"
    match = _EVERY.search(text)
    if match:
        day, which = match["day"].lower().replace("sonnabend", "samstag"), match["which"]
        if day == "tag":
            return "FREQ=DAILY"
        if day == "monat":
            return "FREQ=MONTHLY"
        code = own_day if day == "woche" else _RULE_DAYS[_DAYS.index(day)]
        if which:
            return f"FREQ=MONTHLY;BYDAY={_WHICH[which.lower()]}{code}"
        return f"FREQ=WEEKLY;BYDAY={code}"
    match = _ADVERB.search(text)
    if match:
        freq = {"täglich": "DAILY", "wöchentlich": "WEEKLY", "monatlich": "MONTHLY"}
        return f"FREQ={freq[match['how'].lower()]}"
    return None


def _first_of_rule(rule: str, today: date) -> date:
    """The first day of a series that was given without one: its first date from today on."""
    from dateutil.rrule import rrulestr

    plain_rule = ";".join(part for part in rule.split(";") if not part.startswith("UNTIL="))
    start = datetime.combine(today, time())
    horizon = start + timedelta(days=400)
    found = rrulestr(plain_rule, dtstart=start).replace(until=horizon)
    return next((moment.date() for moment in found), today)


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
    begins = [
        match.start()
        for pattern in (_DATE, _TIMES, _TIME, _TIME_BARE, _EVERY, _EVERY_OTHER, _ADVERB, _RELATIVE)
        if (match := pattern.search(sentence))
    ]
    head = sentence[: min(begins, default=len(sentence))]
    head = re.sub(r"(?:[\s,;:–-]+(?:am|um|von|vom|ab|der|den|immer)?)+$", "", head).strip(" .")
    return head if len(head) > 2 else sentence


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
    fold(word) for word in (*_MONTHS, *_DAYS, "Rahmen", "Anschluss", "Kreis", "Monat")
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
