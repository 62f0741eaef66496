"""The day, the time and the repetition that a German text names, found by rules."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from dateutil.rrule import rrulestr

from bot.errors import RuleNotUnderstood
from bot.events.recurring import check_rule
from bot.folding import fold
from bot.texts import HOUSE_TIME

MONTHS = (
    "januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september",
    "oktober", "november", "dezember",
)  # fmt: skip
DAYS = ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag")
_RULE_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WHICH = {"ersten": 1, "zweiten": 2, "dritten": 3, "vierten": 4, "letzten": -1}
_SHORT = ("jan", "feb", "mrz", "apr", "jun", "jul", "aug", "sept?", "okt", "nov", "dez")
_MONTH = "|".join([*MONTHS, *_SHORT])
_DAY = "|".join([*DAYS, "sonnabend"])
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
    return next(n for n, month in enumerate(MONTHS, start=1) if fold(month).startswith(short))


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
        ahead = (DAYS.index(name) - today.weekday()) % 7
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
        code = own_day if day == "woche" else _RULE_DAYS[DAYS.index(day)]
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
    plain_rule = ";".join(part for part in rule.split(";") if not part.startswith("UNTIL="))
    start = datetime.combine(today, time())
    horizon = start + timedelta(days=400)
    found = rrulestr(plain_rule, dtstart=start).replace(until=horizon)
    return next((moment.date() for moment in found), today)


def begins_a_date(line: str) -> int | None:
    """Where in a line the first date, time or repetition begins; nothing without one."""
    patterns = (_DATE, _TIMES, _TIME, _TIME_BARE, _EVERY, _EVERY_OTHER, _ADVERB, _RELATIVE)
    found = [match.start() for pattern in patterns if (match := pattern.search(line))]
    return min(found, default=None)
