"""What the words and figures of a text say about a day and a time, read in one language."""

import re
from datetime import UTC, date, datetime, timedelta

from bot.folding import WORD, fold
from bot.interpreting.moment_figures import FigureReader, Read
from bot.interpreting.moment_minutes import hour_of, minute_after, number_of
from bot.interpreting.moment_words import vocabulary

_LONGEST_PHRASE = 3


class MomentReader:
    """Reads a text with the words of one language."""

    def __init__(self, language: str, now: datetime, day: date | None) -> None:
        self.table = vocabulary(language)
        self.now = now
        self.day = day
        self.figures = FigureReader(language, now, day)
        self.today = self.figures.today
        self.read_so_far = self.figures.found

    def read(self, text: str) -> Read:
        """Everything that was understood of a text in plain figures and lower case."""
        read = self.read_so_far
        self._words(WORD.findall(fold(_joined_marks(self.figures.rest_of(text)))))
        if read.weekday is not None:
            self._settle_weekday(read.weekday)
        return read

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
        if table.means("three_quarters", word) and (hour := hour_of(self.table, rest)):
            return length + self._minutes_before(hour, 15)
        if table.means("less", word) and len(rest) > 1 and table.means("quarter", rest[0]):
            hour = hour_of(self.table, rest[1:])  # "без четверти десять"
            if hour:
                return length + 1 + self._minutes_before(hour, 15)
        hour = table.and_a_half.get(word)  # "εννιάμιση"; "полтора" is not said of the clock
        if hour and (hour > 1 or (place and table.means("at", said[place - 1]))):
            self.figures.take_time(hour, 30)
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
            hour = hour_of(self.table, rest)
            return length + self._minutes_before(hour, 30) if hour else 0
        if rest and self.table.means("past", rest[0]) and (hour := hour_of(self.table, rest[1:])):
            self.figures.take_time(hour, 30)
            return length + 2
        return 0

    def _beside_its_hour(self, said: list[str], place: int) -> int:
        """What comes after its hour: "9 buçuk", "9 și un sfert", "10 без четверти", "10 тридцать".

        Returns how many words it took with the hour.
        """
        table, hour, end = self.table, hour_of(self.table, said[place:]), place + 1
        if not hour:
            return 0
        less = False
        while end < len(said) and (table.means("and", said[end]) or table.means("less", said[end])):
            less, end = less or table.means("less", said[end]), end + 1
        rest, joined = said[end:], end > place + 1
        if not rest:
            return 0
        minute, more = minute_after(self.table, rest, joined=joined, less=less)
        after = [word for word in rest[more : more + 3] if word not in table.fillers]
        in_hours = bool(after) and table.means("hours", after[0])
        later = len(after) > 1 and table.means("later", after[1])
        before = place > 0 and table.means("in", said[place - 1])
        length = table.means("half", rest[0]) and table.means("half_after", rest[0])
        if in_hours and (later or before or length):
            return 0  # "2 buçuk saat sonra", "la 9 jumătate de oră" are spans
        if minute > 0:
            self.figures.take_time(hour, minute)
        elif minute < 0:
            self._minutes_before(hour, -minute)
        return end + more - place if minute else 0

    def _quarter(self, rest: list[str], length: int) -> int:
        if self.table.half_before:  # "четверть десятого", "чверть на десяту" are before the hour
            skipped = int(rest[0] in self.table.fillers)
            if hour := hour_of(self.table, rest[skipped:]):
                return length + skipped + self._minutes_before(hour, 45)
        hour = hour_of(self.table, rest[1:])
        if not hour:
            return 0
        if self.table.means("past", rest[0]):
            self.figures.take_time(hour, 15)
            return length + 2
        return length + 1 + self._minutes_before(hour, 15) if self.table.means("to", rest[0]) else 0

    def _minutes_before(self, hour: int, minutes: int) -> int:
        self.figures.take_time((hour - 1) or 12, 60 - minutes)  # "halb eins" is after noon
        return 1

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
        if len(rest) > 2 and rest[1] in table.fillers and number_of(self.table, rest[0]):
            rest = [rest[0], *rest[2:]]  # "peste 20 de minute"
            length += 1
        if table.means("in", word) and len(rest) >= 2:
            number, unit, more = number_of(self.table, rest[0]), rest[1], 2
        elif (
            table.means("in", word)
            and rest
            and any(table.means(name, rest[0]) for name in ("hours", "days", "weeks"))
        ):
            number, unit, more = 1, rest[0], 1
        elif len(rest) >= 2 and table.means("later", rest[1]):
            number, unit, more = number_of(self.table, word), rest[0], 2
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
            found = self.figures.dated("", month, day) if day <= 31 else None
            if found:
                self.figures.take_date(found)
                return 2
        if table.means("at", word) and (taken := self._beside_its_hour(said, place + 1)):
            return 1 + taken
        second = said[place + 2] if place + 2 < len(said) else ""
        other = second in table.months or any(table.means(n, second) for n in ("half", "quarter"))
        if (
            table.means("at", word)
            and not other
            and (hour := hour_of(self.table, said[place + 1 :]))
        ):
            self.figures.take_time(hour, 0)
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
            found = self.figures.dated(year, month, int(word))
            if found:
                self.figures.take_date(found)
                return 1 + (said.index(rest[0], place) - place) + bool(year)
        read = self.read_so_far
        day_known = bool(read.days) or read.weekday is not None or self.day is not None
        if day_known and len(word) <= 2 and not read.times and self.figures.take_time(int(word), 0):
            return 1
        timed = len(word) in (3, 4) and day_known and not read.times
        if timed and self.figures.take_time(int(word[:-2]), int(word[-2:])):
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
