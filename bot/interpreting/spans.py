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
_TOKEN = re.compile(r"\d+(?:[:.]\d+)*|[^\W\d_]+|[-–—]")
_HYPHEN = re.compile(r"([^\W\d_]+)-([^\W\d_]+)")
_HOUR = re.compile(r"(\d{1,2})(?::([0-5]\d)|\.(00|15|30|45))?")
_LATE = ("afternoon", "evening")
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
    adding, sign = False, 1
    for word in table.joined(re.findall(r"\d+(?:[.,]\d+)?|[^\W\d_]+", fold(text))):
        added, adding = adding, False
        if word[0].isdecimal():
            number = float(word.replace(",", "."))
        elif table.means("hours", word) or word == "h":
            total, number, unit_seen = total + 60 * (number or 1), 0.0, True
        elif table.means("minutes", word):
            total, number, unit_seen = total + number, 0.0, True
        elif table.means("two_hours", word):
            total, number, unit_seen = total + 120, 0.0, True
        elif table.means("half_hour", word):
            total, number, unit_seen = total + 30, 0.0, True
        elif word.startswith(("anderthalb", "eineinhalb")) or word in table.and_a_half:
            number = table.and_a_half.get(word, 1) + 0.5
        elif part := _part_of_an_hour(word, table):
            more = added or table.means("quarter_after", word)
            more = more or (table.means("half_after", word) and not table.means("half", word))
            if more and unit_seen and not number:
                total += 60 * part * sign
            elif more:
                number += part * sign
            else:
                number = part * (number or 1) if part < 0.5 else part
        elif word in table.numbers:
            after_tens = number in (20, 30, 40, 50)
            number = number + table.numbers[word] if after_tens else number or table.numbers[word]
            adding = added  # "two and a half"
        elif word in table.minutes_said:
            number = table.minutes_said[word] + (number if number < 10 else 0)
        elif table.means("and", word) or table.means("less", word):
            adding, sign = True, -1 if table.means("less", word) else 1
        else:
            adding = added and word in table.fillers
    if unit_seen:
        total += number if number >= 5 else 0
    else:
        total = number * 60 if 0 < number <= 10 else number
    return round(total) or None


def _part_of_an_hour(word: str, table: MomentWords) -> float:
    if table.means("half", word) or table.means("half_after", word):
        return 0.5
    quarter = table.means("quarter", word) or table.means("quarter_after", word)
    return 0.25 if quarter else 0


def read_week(text: str, language: str) -> Week | None:
    """Hours of the week that a text names; ``None`` when it names no day or no hours.

    Days may be listed or spanned, each group followed by its hours. A figure that is no hour, the
    end of a span that is no day, or hours after a word that may be a day, make the whole unclear.
    Only full hours count: "8:30-12:30" is from 9 to 12.
    """
    plain = _plain(text)
    for code in dict.fromkeys((language, *_ALSO)):
        found = _WeekReader(plain, vocabulary(code)).read()
        if found is not None:
            return found
    return None


class _WeekReader:
    """Reads a text with the words of one language; ``unclear`` as soon as one thing is."""

    def __init__(self, text: str, table: MomentWords) -> None:
        self.table = table
        self.bits = [0] * 7
        self.days: list[int] = []
        self.after_hours = False
        self.last = ""  # what stood before: a day, hours, or a word that was not understood
        self.span = ""  # after a dash: what stood before it
        self.lost = False  # days or hours that are near were not understood
        self.part = ""
        self.part_after_day = False
        self.unknown = 0
        self.tokens = self._tokens(text)

    def _tokens(self, text: str) -> list[str]:
        """Figures, words and dashes; "bis" is a dash, and so is the end of "Cuma'dan"."""
        found: list[str] = []
        for part in self.table.joined(_TOKEN.findall(_HYPHEN.sub(self._compound, fold(text)))):
            after_figure = bool(found) and found[-1][0].isdecimal()
            ends = after_figure and self.table.means("from", part)
            if ends or part in "-–—" or self.table.means("until", part):
                found.append("-")
            else:
                found.extend(self._without_ending(part))
        return found

    def _compound(self, match: re.Match[str]) -> str:
        word = match[1] + match[2]
        return word if word in self.table.known else match[0]

    def _without_ending(self, word: str) -> list[str]:
        if self.table.weekday(word) is None:
            for ending in self.table.words.get("from", ()):
                name = word.removesuffix(ending)
                if name != word and self.table.weekday(name) is not None:
                    return [name, "-"]
        return [word]

    def read(self) -> Week | None:
        """The week, or ``None``."""
        place = 0
        while place < len(self.tokens):
            if self.tokens[place][0].isdecimal():
                place = self._hours(place)
                if not place:
                    return None
            elif self.tokens[place] == "-":
                self.span = self.last or "-"
                place += 1
            elif not self._word(self.tokens[place]):
                return None
            else:
                place += 1
        monday, tuesday, wednesday, thursday, friday, saturday, sunday = self.bits
        week = (monday, tuesday, wednesday, thursday, friday, saturday, sunday)
        return week if any(week) and self.unknown <= 4 else None

    def _word(self, word: str) -> bool:
        """Take a word; whether all is clear so far."""
        table = self.table
        several = _days_of(word, table)
        day = table.weekday(word)
        if several or day is not None:
            if table.means("weekly", word):
                self.span = ""  # "по вторникам" is each Tuesday, no end of a span
            if self.span == "unknown":
                return False  # "XX-Fr": one of the days is not known
            if self.after_hours:
                self.days, self.after_hours, self.span = [], False, ""
            elif self.part and self.part_after_day:
                return False  # "Mo evening, Tu 8-12"
            if several or day is None:
                self.days.extend(several)
            elif self.span == "day":
                while self.days[-1] != day:
                    self.days.append((self.days[-1] + 1) % 7)
            else:
                self.days.append(day)
            self.span, self.last, self.lost = "", "day", False
        elif word in table.parts or table.means("am", word) or table.means("pm", word):
            self.part_after_day = bool(self.days) and not self.after_hours
            self.part = table.parts.get(word, "am" if table.means("am", word) else "afternoon")
        elif not self._small(word):
            if self.span == "day":
                return False  # "Mo-XX"
            self.lost = self.lost or self.after_hours
            self.unknown += 1
            self.span, self.last = "", "unknown"
        return True

    def _small(self, word: str) -> bool:
        names = ("and", "at", "clock", "hours", "from", "in")
        return word in self.table.fillers or any(self.table.means(name, word) for name in names)

    def _hours(self, place: int) -> int:
        """Take "8-12", "8 h bis 12 h", "2-6 pm"; the place after it, 0 where it is unclear."""
        first, place, first_part = self._hour(place)
        dash = place
        while place < len(self.tokens) and (
            self.tokens[place] == "-" or self._small(self.tokens[place])
        ):
            place += 1
        if "-" not in self.tokens[dash:place]:
            return 0
        last, place, last_part = self._hour(place)
        if first is None or last is None or self.lost or not self.days:
            return 0
        first_part = first_part or self.part
        part = last_part or first_part
        start, end = _late(first[0], first_part), _late(last[0], part)
        if not first_part and last_part in _LATE and first[0] < last[0] < 12:
            start = _late(first[0], last_part)
        if part == "evening" and last[0] == 12:
            start, end = _late(first[0], part), 24
        start += bool(first[1])  # only full hours
        if not 0 <= start < end <= 24:
            return 0
        for day in self.days:
            self.bits[day] |= (1 << end) - (1 << start)
        self.after_hours, self.span, self.last, self.part = True, "", "hours", ""
        return place

    def _hour(self, place: int) -> tuple[tuple[int, int] | None, int, str]:
        """An hour with its minutes, the place after it, and the part of the day that it names."""
        match = _HOUR.fullmatch(self.tokens[place]) if place < len(self.tokens) else None
        if match is None:
            return None, place, ""
        place += 1
        part = ""
        while place < len(self.tokens):
            word = self.tokens[place]
            if word in self.table.parts or any(self.table.means(n, word) for n in ("am", "pm")):
                part = self.table.parts.get(word, "afternoon")
                part = "am" if self.table.means("am", word) else part
            elif not (self.table.means("clock", word) or word in ("h", "uhr")):
                break
            place += 1
        return (int(match[1]), int(match[2] or match[3] or 0)), place, part


def _late(hour: int, part: str) -> int:
    """The hour of the day: "2 pm" is 14, "1 in the noon" is 13."""
    if (part in _LATE and hour < 12) or (part == "noon" and 1 <= hour <= 5):
        return hour + 12
    return hour


def _days_of(word: str, table: MomentWords) -> list[int]:
    if table.means("daily", word):
        return list(range(7))
    if table.means("weekend", word):
        return [5, 6]
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
