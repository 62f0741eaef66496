"""How long, and in which hours of the week, as people type it: "90 min", "Mo-Fr 8-12, Sa 10-14"."""

import re
import unicodedata
from datetime import date, datetime

from bot.folding import fold
from bot.interpreting.moment_reading import MomentReader
from bot.interpreting.moment_words import MomentWords, vocabulary

Week = tuple[int, int, int, int, int, int, int]
"""The hours of a week, Monday first: bit *h* is from *h* to *h + 1* o'clock."""

_ALSO = ("de", "en")
_HOURS = re.compile(
    r"(?<!\d)(\d{1,2})(?::00|\.00)?\s*(?:uhr)?\s*[-–]\s*(\d{1,2})(?::00|\.00)?(?!\d)"
)
_CLOCK = re.compile(r"\b(\d{1,2}):(\d{2})\b")


def read_minutes(text: str, language: str) -> int | None:
    """A length in minutes: "45", "1,5 h", "1:30", "eine Stunde", "zwei Stunden 15".

    A bare number up to ten is hours. ``None`` when there is none.
    """
    plain = _plain(text)
    clock = _CLOCK.search(plain)
    if clock:
        return int(clock[1]) * 60 + int(clock[2])
    for code in dict.fromkeys((language, *_ALSO)):
        found = _minutes(plain, vocabulary(code))
        if found:
            return found
    return None


def _minutes(text: str, table: MomentWords) -> int | None:
    total, number, unit_seen = 0.0, 0.0, False
    for word in re.findall(r"\d+(?:[.,]\d+)?|[^\W\d_]+", text):
        if word[0].isdigit():
            number = float(word.replace(",", "."))
            continue
        folded = fold(word)
        if table.means("hours", folded) or folded == "h":
            total, number, unit_seen = total + 60 * (number or 1), 0.0, True
        elif table.means("minutes", folded):
            total, number, unit_seen = total + number, 0.0, True
        elif folded.startswith("anderthalb"):
            number = 1.5
        elif folded in table.numbers:
            number = float(table.numbers[folded])
        elif table.means("half", folded):
            number = 0.5
    if unit_seen:
        total += number if number >= 5 else 0
    else:
        total = number * 60 if 0 < number <= 10 else number
    return round(total) or None


def read_week(text: str, language: str) -> Week | None:
    """Hours of the week that a text names; ``None`` when it names no day or no hours.

    Days may be listed or spanned, each group followed by its hours.
    """
    plain = _plain(text)
    for code in dict.fromkeys((language, *_ALSO)):
        table = vocabulary(code)
        until = "|".join(map(re.escape, table.phrases("until")))
        found = _week(re.sub(rf"\b(?:{until})\b", "-", plain) if until else plain, table)
        if found is not None:
            return found
    return None


def _week(text: str, table: MomentWords) -> Week | None:
    bits = [0] * 7
    days: list[int] = []
    after_hours, spanning = False, False
    rest = 0
    for match in re.finditer(rf"{_HOURS.pattern}|([^\W\d_]+)\.?|([-–])", text):
        if match[1]:
            first, last = int(match[1]), int(match[2])
            if not days or not 0 <= first < last <= 24:
                return None
            for day in days:
                bits[day] |= (1 << last) - (1 << first)
            after_hours = True
        elif match[4]:
            spanning = True
            continue
        else:
            every = _days_of(fold(match[3]), table)
            if every:
                days, after_hours = every, False
                continue
            day_ = table.weekday(fold(match[3]))
            if day_ is None:
                rest += 1
                spanning = False
                continue
            if after_hours:
                days, after_hours = [], False
            if spanning and days:
                step = days[-1]
                while step != day_:
                    step = (step + 1) % 7
                    days.append(step)
            else:
                days.append(day_)
        spanning = False
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = bits
    week = (monday, tuesday, wednesday, thursday, friday, saturday, sunday)
    return week if any(week) and rest <= 4 else None


def _days_of(word: str, table: MomentWords) -> list[int]:
    if table.means("daily", word):
        return list(range(7))
    return list(range(5)) if table.means("weekdays", word) else []


def read_hours(text: str) -> tuple[int, int] | None:
    """Two hours of a day: "21-7", "von 21 bis 7 Uhr". ``None`` when there are not two."""
    numbers = [int(n) for n in re.findall(r"\d+", _CLOCK.sub(r"\1", _plain(text)))]
    if len(numbers) != 2 or not all(0 <= n <= 24 for n in numbers):
        return None
    return numbers[0] % 24, numbers[1] % 24


def read_day(text: str, language: str, now: datetime) -> date | None:
    """One day with its year, over or to come: "12.5.2024", "3 May 2025". ``None`` if unclear."""
    plain = _plain(text)
    if not re.search(r"\d{4}|\d{1,2}[./-]\d{1,2}[./-]\d{2}(?!\d)", plain):
        return None
    for code in dict.fromkeys((language, *_ALSO)):
        read = MomentReader(code, now, None).read(plain)
        if read.dated and len(read.days) == 1 and not read.impossible:
            return read.days[0]
    return None


def _plain(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text[:200]).casefold()
    return "".join(
        str(unicodedata.decimal(c)) if unicodedata.decimal(c, -1) >= 0 else c for c in normal
    )
