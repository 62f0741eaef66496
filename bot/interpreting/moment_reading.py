"""What the words and figures of a text say about a day and a time, read in one language."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, partial

from bot.folding import WORD, fold
from bot.interpreting.moment_words import vocabulary
from bot.texts import HOUSE_TIME

_NEXT_YEAR_FROM = timedelta(days=180)
"""A day without a year that would lie farther ahead was meant as one that is over."""
_LIKELY_PM = range(1, 7)  # "um 3" is rarely the night, but it is asked
_LONGEST_PHRASE = 3


@dataclass(slots=True)
class Read:
    """Candidates for day and time, and how much of the text was understood."""

    days: list[date] = field(default_factory=list)
    times: list[time] = field(default_factory=list)
    exact: datetime | None = None
    at_once: bool = False
    part: str = ""
    weekday: int | None = None
    dated: bool = False  # the day came as a date, so a weekday beside it only confirms
    impossible: bool = False  # a date that no calendar has
    unknown: int = 0

    @property
    def score(self) -> float:
        """How much was understood, to choose between languages."""
        known = bool(self.days) + bool(self.times or self.part) + 2 * (self.exact is not None)
        return known + 2 * self.at_once - 0.1 * self.unknown


_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?:t|(?!\d))")
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.(?:\s?(\d{4})|(\d{2}))?(?![\d:.])")
_SLASHED = re.compile(r"(?<![\d/])(\d{1,2})([/-])(\d{1,2})(?:\2(\d{4}|\d{2}))?(?![\d/])")
_HALF_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.(\d{1,2})(?![\d.])")
_CLOCK = re.compile(r"(?<![\d.:])(\d{1,2})(?::|\.(?=\d\d(?!\d)))(\d{2})(?::00)?(?![\d])")


@lru_cache(maxsize=16)
def _span_patterns(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What makes figures hours, and two hours with a word for "to" between them."""
    table = vocabulary(language)
    units = {"uhr", "h", "am", "pm"}.union(*map(table.phrases, ("clock", "am", "pm")))
    until = {"bis", "to", "until"}.union(table.phrases("until")) - {*table.phrases("at")}
    unit, to = ("|".join(re.escape(w.casefold()) for w in sorted(ws)) for ws in (units, until))
    return (
        re.compile(rf"\d\s?(?:{unit})(?![^\W\d_])|:\d\d"),
        re.compile(
            rf"(?<![\d./-])(\d{{1,2}}(?:[:.]\d{{2}})?)(?:\s*(?:{unit})(?![^\W\d_])\.?)?"
            rf"\s*(?:-|–|(?<![^\W\d_])(?:{to})(?![^\W\d_]))\s*"
            rf"\d{{1,2}}(?:[:.]\d{{2}})?(?=\s*(?:{unit})(?![^\W\d_])|[^\d./]|$)"
        ),
    )


class MomentReader:
    """Reads a text with the words of one language."""

    def __init__(self, language: str, now: datetime, day: date | None) -> None:
        self.table = vocabulary(language)
        self.language = language
        self.now = now
        self.today = now.astimezone(HOUSE_TIME).date()
        self.day = day
        self.read_so_far = Read()

    def read(self, text: str) -> Read:
        """Everything that was understood of a text in plain figures and lower case."""
        read = self.read_so_far
        text = _ISO.sub(lambda m: self._dated(m[1], m[2], m[3]), text)
        text = self._spans(text)
        text = _DOTTED.sub(lambda m: self._dated(m[3] or m[4] or "", m[2], m[1]), text)
        text = _SLASHED.sub(self._slashed, text)
        text = self._clock_words(text)
        text = _HALF_DOTTED.sub(self._half_dotted, text)
        text = _CLOCK.sub(self._clock, text)
        self._words(WORD.findall(fold(_joined_marks(text))))
        if read.weekday is not None:
            self._settle_weekday(read.weekday)
        return read

    # Dates in figures

    def _dated(self, year: str, month: str, day: str) -> str:
        found = self._date(year, int(month), int(day))
        if found is None:
            self.read_so_far.impossible = True
            return " "
        self._take_date(found)
        return " "

    def _take_date(self, found: date) -> None:
        read = self.read_so_far
        if found not in read.days:
            read.days.append(found)
        read.dated = True

    def _date(self, year: str, month: int, day: int) -> date | None:
        """The date; without a year the next one that is not over, unless that is far away."""
        try:
            if year:
                return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
            this_year = date(self.today.year, month, day)
            if this_year >= self.today:
                return this_year
            coming = date(self.today.year + 1, month, day)
            return coming if coming - self.today <= _NEXT_YEAR_FROM else this_year
        except ValueError:
            return None

    def _slashed(self, match: re.Match[str]) -> str:
        first, second, year = int(match[1]), int(match[3]), match[4] or ""
        if match[2] == "-" and not year:
            return match[0]  # "9-10" is a span of hours
        orders = [(second, first)]
        if self.language == "en" and match[2] == "/":
            orders.append((first, second))  # 12/4 is April to some and December to others
        dates = [found for month, day in orders if (found := self._date(year, month, day))]
        for found in dates:
            self._take_date(found)
        return " " if dates else match[0]

    def _half_dotted(self, match: re.Match[str]) -> str:
        """4.12 is a date unless there is one already, or no such month."""
        if self.read_so_far.days or self.day or (len(match[2]) == 2 and int(match[2]) > 12):
            return match[0]
        found = self._date("", int(match[2]), int(match[1]))
        if found is None:
            return match[0]
        self._take_date(found)
        return " "

    # Times in figures

    def _clock(self, match: re.Match[str]) -> str:
        sure = match[1].startswith("0")  # "03:00" is the night
        return " " if self._take_time(int(match[1]), int(match[2]), sure=sure) else match[0]

    def _spans(self, text: str) -> str:
        """Of "14-15 uhr" and "9:00 bis 10:30" the beginning counts."""
        timed, span = _span_patterns(self.language)
        return span.sub(r"\1", text, count=1) if timed.search(text) else text

    def _clock_words(self, text: str) -> str:
        """Numbers before "uhr", "pm", "h": the words that make them a time."""
        for kind in ("am", "pm", "clock"):
            words = sorted(self.table.phrases(kind), key=len, reverse=True)
            if not words:
                continue
            either = "|".join(re.escape(word) for word in words)
            pattern = rf"(?<![\d.:])(\d{{1,2}})(?:[:.](\d{{2}}))?\s?(?:{either})(?![^\W\d_])\.?" + (
                r"(?:\s?(\d{2})(?![\d.:]))?" if kind == "clock" else ""
            )
            text = re.sub(pattern, partial(self._said, kind=kind), text)
        return text

    def _said(self, match: re.Match[str], *, kind: str) -> str:
        hour = int(match[1])
        if kind == "clock":
            before = WORD.findall(fold(match.string[: match.start()]))[-1:]
            if before and self.table.means("in", before[0]):
                return match[0]  # "через 2 часа" is no hour
            if not match[2] and not match[3] and self._more_follows(match.string[match.end() :]):
                return f" {match[1]} "
        minute = int(match[2] or (match[3] if kind == "clock" else "") or 0)
        if kind in ("am", "pm"):
            if not 1 <= hour <= 12:
                return match[0]
            hour = hour % 12 + (12 if kind == "pm" else 0)
            return " " if self._take_time(hour, minute, sure=True) else match[0]
        sure = match[1].startswith("0")
        return " " if self._take_time(hour, minute, sure=sure) else match[0]

    def _more_follows(self, text: str) -> bool:
        """Whether a half or a quarter comes after an hour: "9 ч. и половина"."""
        words, table = self.table.joined(WORD.findall(fold(text[:60]))), self.table
        joined = less = False
        while words and (table.means("and", words[0]) or table.means("less", words[0])):
            joined, less, words = True, less or table.means("less", words[0]), words[1:]
        return bool(words) and self._minute_after(words, joined=joined, less=less)[0] != 0

    def _take_time(self, hour: int, minute: int, *, sure: bool = False) -> bool:
        """Take a time; one to six may be the afternoon, which is likelier."""
        if not (0 <= hour <= 24 and 0 <= minute < 60) or (hour == 24 and minute):
            return False
        times = [time(hour % 24, minute)]
        if hour in _LIKELY_PM and not sure:
            times.insert(0, time(hour + 12, minute))
        self.read_so_far.times.extend(at for at in times if at not in self.read_so_far.times)
        return True

    # Words

    def _words(self, said: list[str]) -> None:
        said = self.table.joined(said)
        place = 0
        while place < len(said):
            place += self._phrase(said, place)
        read = self.read_so_far
        if read.part in ("afternoon", "evening"):
            read.times = [
                at.replace(hour=at.hour + 12) if at.hour < 12 else at for at in read.times
            ]
        elif read.part in ("morning", "forenoon"):
            read.times = [at for at in read.times if at.hour < 12] or read.times
        read.times = list(dict.fromkeys(read.times))

    def _phrase(self, said: list[str], place: int) -> int:
        """Understand what begins at a word; returns how many words it took."""
        beside = self._beside_its_hour(said, place)
        if beside:
            return beside
        for length in range(min(_LONGEST_PHRASE, len(said) - place), 0, -1):
            joined = "".join(said[place : place + length])
            taken = self._meaning(joined, said, place, length)
            if taken:
                return taken
        if said[place].isdecimal():
            return self._bare_number(said, place)
        self.read_so_far.unknown += said[place] not in self.table.fillers
        return 1

    def _meaning(self, word: str, said: list[str], place: int, length: int) -> int:
        read, table, rest = self.read_so_far, self.table, said[place + length :]
        has_day = bool(read.days) or read.weekday is not None or self.day is not None
        after_day = table.after_day.get(word)
        if after_day and has_day:
            read.part = after_day
            return length
        for name, days in (("today", 0), ("tomorrow", 1), ("overmorrow", 2)):
            if table.means(name, word):
                read.days.append(self.today + timedelta(days=days))
                return length
        if table.means("now", word):
            read.at_once = True
            return length
        part = table.parts.get(word)
        if part:
            read.part = part
            return length
        if table.means("three_quarters", word) and (hour := self._hour(rest)):
            return length + self._minutes_before(hour, 15)
        if table.means("less", word) and len(rest) > 1 and table.means("quarter", rest[0]):
            hour = self._hour(rest[1:])  # "без четверти десять"
            if hour:
                return length + 1 + self._minutes_before(hour, 15)
        hour = table.and_a_half.get(word)  # "εννιάμιση"; "полтора" is not said of the clock
        if hour and (hour > 1 or (place and table.means("at", said[place - 1]))):
            self._take_time(hour, 30)
            return length
        if table.means("half", word):
            return self._half(rest, length)
        if table.means("quarter", word) and rest:
            return self._quarter(rest, length)
        if table.means("next", word) or table.means("this", word):
            return self._next(rest, length, this=table.means("this", word))
        taken = self._span(said, place, length, word)
        if taken:
            return taken
        if length == 1:
            return self._name(word, said, place)
        return 0

    def _half(self, rest: list[str], length: int) -> int:
        if self.table.half_before:
            hour = self._hour(rest)
            return length + self._minutes_before(hour, 30) if hour else 0
        if rest and self.table.means("past", rest[0]) and (hour := self._hour(rest[1:])):
            self._take_time(hour, 30)
            return length + 2
        return 0

    def _beside_its_hour(self, said: list[str], place: int) -> int:
        """What comes after its hour: "9 buçuk", "9 și un sfert", "10 без четверти", "10 тридцать".

        Returns how many words it took with the hour.
        """
        table, hour, end = self.table, self._hour(said[place:]), place + 1
        if not hour:
            return 0
        less = False
        while end < len(said) and (table.means("and", said[end]) or table.means("less", said[end])):
            less, end = less or table.means("less", said[end]), end + 1
        rest, joined = said[end:], end > place + 1
        if not rest:
            return 0
        minute, more = self._minute_after(rest, joined=joined, less=less)
        after = [word for word in rest[more : more + 3] if word not in table.fillers]
        in_hours = bool(after) and table.means("hours", after[0])
        later = len(after) > 1 and table.means("later", after[1])
        before = place > 0 and table.means("in", said[place - 1])
        length = table.means("half", rest[0]) and table.means("half_after", rest[0])
        if in_hours and (later or before or length):
            return 0  # "2 buçuk saat sonra", "la 9 jumătate de oră" are spans
        if minute > 0:
            self._take_time(hour, minute)
        elif minute < 0:
            self._minutes_before(hour, -minute)
        return end + more - place if minute else 0

    def _minute_after(self, rest: list[str], *, joined: bool, less: bool) -> tuple[int, int]:
        """The minutes after an hour, below zero before it, and how many words they took."""
        table, word = self.table, rest[0]
        after = rest[1] if len(rest) > 1 else ""
        past, to = table.means("past", after), table.means("to", after)
        if (past or to) and self._hour(rest[2:]):
            return 0, 0  # "nine and half past ten"
        idiom = joined and not table.half_before
        if table.means("half_after", word) or (idiom and table.means("half", word)):
            return (0 if less else 30), 1
        if table.means("quarter_after", word):
            return 15, 1
        if table.means("quarter", word):
            if less or table.means("less", after):
                return -15, 1 + (not less)
            return (15, 1 + past) if idiom or past else (0, 0)
        minute, taken = table.minutes_said.get(word, 0), 1
        if minute % 10 == 0 and minute > 10 and 1 <= table.numbers.get(after, 0) <= 9:
            minute, taken = minute + table.numbers[after], 2
        if not minute and joined and word.isdecimal() and len(word) == 2 and int(word) < 60:
            likely = word in ("30", "45") and after not in table.months
            minute = int(word) if likely or table.means("minutes", after) else 0
        return (-minute if less else minute), taken

    def _quarter(self, rest: list[str], length: int) -> int:
        if self.table.half_before:  # "четверть десятого", "чверть на десяту" are before the hour
            skipped = int(rest[0] in self.table.fillers)
            if hour := self._hour(rest[skipped:]):
                return length + skipped + self._minutes_before(hour, 45)
        hour = self._hour(rest[1:])
        if not hour:
            return 0
        if self.table.means("past", rest[0]):
            self._take_time(hour, 15)
            return length + 2
        return length + 1 + self._minutes_before(hour, 15) if self.table.means("to", rest[0]) else 0

    def _minutes_before(self, hour: int, minutes: int) -> int:
        self._take_time((hour - 1) or 12, 60 - minutes)  # "halb eins" is after noon
        return 1

    def _hour(self, rest: list[str]) -> int | None:
        number = self._number(rest[0]) if rest else None
        return number if number is not None and 1 <= number <= 24 else None

    def _number(self, word: str) -> int | None:
        return int(word) if word.isdecimal() and len(word) <= 2 else self.table.numbers.get(word)

    def _next(self, rest: list[str], length: int, *, this: bool) -> int:
        """Both days of "nächsten Dienstag": the coming one and the one of next week."""
        read = self.read_so_far
        if rest and self.table.means("weeks", rest[0]):
            monday = self.today - timedelta(days=self.today.weekday())
            week = monday + timedelta(weeks=0 if this else 1)
            day = self.table.weekday(rest[1]) if len(rest) > 1 else None
            if day is None and read.weekday is not None:
                day, read.weekday = read.weekday, None
                read.days.append(week + timedelta(days=day))
                return length + 1
            read.days.extend(
                week + timedelta(days=n) for n in ([day] if day is not None else range(5))
            )
            return length + (1 if day is None else 2)
        day = self.table.weekday(rest[0]) if rest else None
        if day is None:
            if read.weekday is not None and not this:  # the word comes after: "الخميس القادم"
                day, read.weekday = read.weekday, None
                self._both(day)
                return length
            return 0
        if this:
            read.weekday = day
        else:
            self._both(day)
        return length + 1

    def _both(self, weekday: int) -> None:
        coming = self._coming(weekday)
        self.read_so_far.days.extend([coming, coming + timedelta(weeks=1)])

    def _coming(self, weekday: int) -> date:
        ahead = (weekday - self.today.weekday()) % 7 or 7
        return self.today + timedelta(days=ahead)

    def _span(self, said: list[str], place: int, length: int, word: str) -> int:
        """Take a span: "in 3 Tagen", "in einer Woche", "heute in 14 Tagen", "2 gün sonra"."""
        table, rest = self.table, said[place + length :]
        if len(rest) > 2 and rest[1] in table.fillers and self._number(rest[0]):
            rest = [rest[0], *rest[2:]]  # "peste 20 de minute"
            length += 1
        if table.means("in", word) and len(rest) >= 2:
            number, unit, more = self._number(rest[0]), rest[1], 2
        elif (
            table.means("in", word)
            and rest
            and any(table.means(name, rest[0]) for name in ("hours", "days", "weeks"))
        ):
            number, unit, more = 1, rest[0], 1
        elif len(rest) >= 2 and table.means("later", rest[1]):
            number, unit, more = self._number(word), rest[0], 2
        else:
            return 0
        if number is None:
            return 0
        read = self.read_so_far
        for name, span in (
            ("minutes", timedelta(minutes=number)),
            ("hours", timedelta(hours=number)),
        ):
            if table.means(name, unit):
                read.exact = _to_five_minutes(self.now + span)
                return length + more
        for name, span in (("days", timedelta(days=number)), ("weeks", timedelta(weeks=number))):
            if table.means(name, unit):
                read.days = [self.today + span]
                return length + more
        return 0

    def _name(self, word: str, said: list[str], place: int) -> int:
        """A weekday, or a month with the day before or after it."""
        table, read = self.table, self.read_so_far
        month = table.months.get(word)
        after = said[place + 1] if place + 1 < len(said) else ""
        if month and after.rstrip("ndrsth").isdecimal():
            day = int(after.rstrip("ndrsth"))
            found = self._date("", month, day) if day <= 31 else None
            if found:
                self._take_date(found)
                return 2
        if table.means("at", word) and (taken := self._beside_its_hour(said, place + 1)):
            return 1 + taken
        second = said[place + 2] if place + 2 < len(said) else ""
        other = second in table.months or any(table.means(n, second) for n in ("half", "quarter"))
        if table.means("at", word) and not other and (hour := self._hour(said[place + 1 :])):
            self._take_time(hour, 0)
            return 2
        weekday = table.weekday(word)
        if weekday is not None:
            read.weekday = weekday
            return 1
        return 0

    def _bare_number(self, said: list[str], place: int) -> int:
        """A number is the day of a month if a month follows, else an hour where that is clear."""
        word, rest = said[place], said[place + 1 :]
        month = self.table.months.get(rest[0]) if rest else None
        if rest and month is None and rest[0] in {*self.table.fillers, "th", "st", "nd", "rd"}:
            month = self.table.months.get(rest[1]) if len(rest) > 1 else None
            rest = rest[1:] if month else rest
        if month and len(word) <= 2:
            year = rest[1] if len(rest) > 1 and len(rest[1]) == 4 and rest[1].isdecimal() else ""
            found = self._date(year, month, int(word))
            if found:
                self._take_date(found)
                return 1 + (said.index(rest[0], place) - place) + bool(year)
        read = self.read_so_far
        day_known = bool(read.days) or read.weekday is not None or self.day is not None
        if day_known and len(word) <= 2 and not read.times and self._take_time(int(word), 0):
            return 1
        timed = len(word) in (3, 4) and day_known and not read.times
        if timed and self._take_time(int(word[:-2]), int(word[-2:])):
            return 1  # "930", "1430"
        read.unknown += 1
        return 1

    def _settle_weekday(self, weekday: int) -> None:
        """A weekday beside a date confirms it, or both days are shown; alone it is the next one."""
        read = self.read_so_far
        if read.days:
            fitting = [day for day in read.days if day.weekday() == weekday]
            if fitting:
                read.days = fitting
            elif read.dated:
                near = read.days[0]
                ahead = (weekday - near.weekday()) % 7
                other = near + timedelta(days=ahead if ahead <= 3 else ahead - 7)
                read.days.append(other if other >= self.today else near + timedelta(days=ahead))
            return
        if weekday == self.today.weekday():
            read.days = [self.today, self.today + timedelta(weeks=1)]
        else:
            read.days = [self._coming(weekday)]


def _to_five_minutes(moment: datetime) -> datetime:
    over = timedelta(
        minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond
    )
    return (moment - over + (timedelta(minutes=5) if over else timedelta(0))).astimezone(UTC)


def _joined_marks(text: str) -> str:
    """Numbers apart from the letters around them: "4th" stays, "um9" does not."""
    return re.sub(r"(?<=[^\W\d_])(?=\d)", " ", text)
