"""When an event takes place: one date, or the dates of a series by the clock on the wall.

A course at ten is at ten in winter and in summer. A time that the clock skips in the night of the
change counts as the moment that follows; a time that comes twice is the first of both.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice

from dateutil.rrule import rrule, rrulestr

from bot.errors import RuleNotUnderstood
from bot.models import Event
from bot.texts import HOUSE_TIME

LENGTH_UNKNOWN = timedelta(hours=3)
"""How long an event counts as going on when nobody said when it ends."""
LONGEST_SERIES = timedelta(days=3660)
_LONGEST_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SOME_DAY = datetime(2026, 1, 1, 12, tzinfo=UTC).replace(tzinfo=None)  # to try a rule with
_MOST_COUNT = 400
_MOST_INTERVAL = 52
_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
# What a rule may hold. Hours, minutes and seconds are left out on purpose: they make one day into
# thousands of dates. The order is the one in which a rule is written down.
_PARTS = {
    "FREQ": re.compile("|".join(sorted(_FREQUENCIES))),
    "INTERVAL": re.compile(r"\d{1,2}"),
    "COUNT": re.compile(r"\d{1,3}"),
    "UNTIL": re.compile(r"\d{8}(T\d{6}Z?)?"),
    "BYMONTH": re.compile(r"\d{1,2}(,\d{1,2}){0,11}"),
    "BYMONTHDAY": re.compile(r"-?\d{1,2}(,-?\d{1,2}){0,30}"),
    "BYDAY": re.compile(
        r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)(,([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)){0,13}"
    ),
    "BYSETPOS": re.compile(r"-?[1-4](,-?[1-4]){0,7}"),
    "WKST": re.compile("MO|TU|WE|TH|FR|SA|SU"),
}


@dataclass(frozen=True, slots=True)
class Date:
    """One date of an event, from and until, in UTC."""

    starts_at: datetime
    ends_at: datetime


def check_rule(rule: str) -> str:
    """The rule in one spelling, its parts in one order. Raises ``RuleNotUnderstood``.

    Refused is whatever would make more than one date a day or a series that is too long.
    """
    parts: dict[str, str] = {}
    for part in rule.strip().upper().removeprefix("RRULE:").strip(";").split(";"):
        name, separator, value = part.partition("=")
        if not separator or name in parts or name not in _PARTS:
            raise RuleNotUnderstood(f"{name[:20]}")
        if not _PARTS[name].fullmatch(value):
            raise RuleNotUnderstood(f"{name}={value[:20]}")
        parts[name] = value
    if "FREQ" not in parts or {"COUNT", "UNTIL"} <= parts.keys():
        raise RuleNotUnderstood("FREQ")
    if not 1 <= int(parts.get("INTERVAL", 1)) <= _MOST_INTERVAL:
        raise RuleNotUnderstood("INTERVAL")
    if not 1 <= int(parts.get("COUNT", 1)) <= _MOST_COUNT:
        raise RuleNotUnderstood("COUNT")
    _refuse_empty(parts)
    text = ";".join(f"{name}={parts[name]}" for name in _PARTS if name in parts)
    if len(text) > 200:
        raise RuleNotUnderstood("length")
    try:
        _built(text, _SOME_DAY, _SOME_DAY)
        _until(text)
    except (ValueError, TypeError) as error:
        raise RuleNotUnderstood(type(error).__name__) from None
    return text


def _refuse_empty(parts: dict[str, str]) -> None:
    """Refuse rules that may never come to a date: the library looks for one to the year 9999.

    The end of a series does not help: it is compared with dates, and there are none.
    """
    more_than_one = int(parts.get("INTERVAL", 1)) > 1
    match parts["FREQ"]:
        case "DAILY":
            useless = {"BYMONTHDAY", "BYSETPOS"} | ({"BYDAY"} if more_than_one else set())
        case "WEEKLY":
            useless = {"BYMONTHDAY", "BYSETPOS"}
        case "MONTHLY":
            useless = {"BYMONTH"} if more_than_one else set()
        case _yearly:
            useless = set()
    found = useless.intersection(parts)
    if found or ("BYSETPOS" in parts and ("BYMONTHDAY" in parts or "BYDAY" not in parts)):
        raise RuleNotUnderstood(", ".join(sorted(found)) or "BYSETPOS")
    days_of_week = parts.get("BYDAY", "").split(",")
    if all(day[:-2] for day in days_of_week) and any(
        # "The fourth of the first Mondays": each numbered day comes once at most.
        abs(int(place)) > len(days_of_week)
        for place in parts.get("BYSETPOS", "1").split(",")
    ):
        raise RuleNotUnderstood("BYSETPOS")
    months = [int(month) for month in parts.get("BYMONTH", "1").split(",")]
    days = [abs(int(day)) for day in parts.get("BYMONTHDAY", "1").split(",")]
    if not all(1 <= month <= 12 for month in months) or not all(1 <= day <= 31 for day in days):
        raise RuleNotUnderstood("BYMONTH, BYMONTHDAY")
    if min(days) > max(_LONGEST_MONTH[month - 1] for month in months):
        raise RuleNotUnderstood("BYMONTHDAY")


def _part(rule: str, name: str) -> str | None:
    found = re.search(rf"(?:^|;){name}=([^;]+)", rule)
    return found[1] if found else None


def _until(rule: str) -> datetime | None:
    """The last moment of a rule on the wall clock; a day alone counts to its end."""
    value = _part(rule, "UNTIL")
    if value is None:
        return None
    if len(value) == 8:
        return datetime.strptime(value, "%Y%m%d") + timedelta(days=1, seconds=-1)  # noqa: DTZ007 wall clock
    until = datetime.strptime(value.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 wall clock
    return _wall(until.replace(tzinfo=UTC)) if value.endswith("Z") else until


def _built(rule: str, start: datetime, horizon: datetime) -> rrule:
    """The rule from a start up to a horizon: without one some rules are never done."""
    plain = ";".join(part for part in rule.split(";") if not part.startswith(("COUNT=", "UNTIL=")))
    built = rrulestr(plain, dtstart=start)
    if not isinstance(built, rrule):
        raise TypeError("a set of rules")
    return built.replace(until=horizon)


def _wall(moment: datetime) -> datetime:
    """What the clock on the wall shows."""
    return moment.astimezone(HOUSE_TIME).replace(tzinfo=None)


def _moment(wall: datetime) -> datetime:
    return wall.replace(tzinfo=HOUSE_TIME).astimezone(UTC)


def end_of(
    starts_at: datetime, first_start: datetime, first_end: datetime | None, all_day: bool
) -> datetime:
    """When a date is over that begins at a moment, as long on the wall clock as the first one."""
    wall = _wall(starts_at)
    if first_end is not None:
        return _moment(wall + (_wall(first_end) - _wall(first_start)))
    return _moment(wall + timedelta(days=1)) if all_day else starts_at + LENGTH_UNKNOWN


def dates(event: Event, after: datetime, before: datetime) -> Iterator[Date]:
    """The dates of an event that are not over at ``after`` and begin before ``before``."""
    if event.starts_at is None:
        return
    first, ends, whole = event.starts_at, event.ends_at, event.all_day
    if event.rule is None:
        date = Date(first, end_of(first, first, ends, whole))
        if date.ends_at > after and date.starts_at < before:
            yield date
        return
    left_out = set(event.left_out.split(",")) if event.left_out else set()
    for start in _starts(first, event.rule, before):
        date = Date(start, end_of(start, first, ends, whole))
        if date.ends_at > after and start < before and start.isoformat() not in left_out:
            yield date


def _starts(first: datetime, rule: str, before: datetime) -> Iterator[datetime]:
    return (start for start in _year_of_starts(first, rule, before.year) if start < before)


@lru_cache(maxsize=256)
def _year_of_starts(first: datetime, rule: str, year: int) -> tuple[datetime, ...]:
    """Every beginning up to the end of a year: worked out once, asked for with every list."""
    start = _wall(first)
    new_year = start.replace(year=year + 1, month=1, day=2)
    horizon = min(new_year, start + LONGEST_SERIES, _until(rule) or new_year)
    found = _built(rule, start, horizon)
    count = int(_part(rule, "COUNT") or 0)
    return tuple(_moment(wall) for wall in (islice(found, count) if count else found))


def next_date(event: Event, now: datetime) -> Date | None:
    """The date that is going on or comes next; nothing when all are over."""
    horizon = now + LONGEST_SERIES if event.rule is None else now + timedelta(days=800)
    return next(dates(event, now, horizon), None)


def date_of(event: Event, starts_at: datetime) -> Date | None:
    """The date that begins at a moment, if the event has such a date."""
    around = timedelta(seconds=1)
    for date in dates(event, starts_at, starts_at + around):
        if date.starts_at == starts_at:
            return date
    return None


def over_at(
    starts_at: datetime | None, ends_at: datetime | None, all_day: bool, rule: str | None
) -> datetime | None:
    """When the last date is over; nothing without a date and for a series without an end."""
    if starts_at is None:
        return None
    if rule is None:
        return end_of(starts_at, starts_at, ends_at, all_day)
    if _part(rule, "COUNT") is None and _part(rule, "UNTIL") is None:
        return None
    last = starts_at
    for start in _starts(starts_at, rule, starts_at + LONGEST_SERIES):
        last = start
    return end_of(last, starts_at, ends_at, all_day)
