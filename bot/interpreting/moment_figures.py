"""Dates and times in figures, taken out of a text: "24.12.", "9:30", "14 Uhr"."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache, partial

from bot.folding import WORD, fold
from bot.interpreting.moment_minutes import more_follows
from bot.interpreting.moment_words import vocabulary
from bot.texts import HOUSE_TIME

_NEXT_YEAR_FROM = timedelta(days=180)
"""A day without a year that would lie farther ahead was meant as one that is over."""
_LIKELY_PM = range(1, 7)  # "um 3" is rarely the night, but it is asked


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


class FigureReader:
    """Takes dates and times in figures out of a text and keeps what they say."""

    def __init__(self, language: str, now: datetime, day: date | None) -> None:
        self.table = vocabulary(language)
        self.language = language
        self.today = now.astimezone(HOUSE_TIME).date()
        self.day = day
        self.found = Read()

    def rest_of(self, text: str) -> str:
        """The text without what was understood; that stands in ``found``."""
        text = _ISO.sub(lambda m: self._figured(m[1], m[2], m[3]), text)
        text = self._spans(text)
        text = _DOTTED.sub(lambda m: self._figured(m[3] or m[4] or "", m[2], m[1]), text)
        text = _SLASHED.sub(self._slashed, text)
        text = self._clock_words(text)
        text = _HALF_DOTTED.sub(self._half_dotted, text)
        return _CLOCK.sub(self._clock, text)

    def _figured(self, year: str, month: str, day: str) -> str:
        found = self.dated(year, int(month), int(day))
        if found is None:
            self.found.impossible = True
            return " "
        self.take_date(found)
        return " "

    def take_date(self, found: date) -> None:
        """Keep a day that came as a date."""
        read = self.found
        if found not in read.days:
            read.days.append(found)
        read.dated = True

    def dated(self, year: str, month: int, day: int) -> date | None:
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
        dates = [found for month, day in orders if (found := self.dated(year, month, day))]
        for found in dates:
            self.take_date(found)
        return " " if dates else match[0]

    def _half_dotted(self, match: re.Match[str]) -> str:
        """4.12 is a date unless there is one already, or no such month."""
        if self.found.days or self.day or (len(match[2]) == 2 and int(match[2]) > 12):
            return match[0]
        found = self.dated("", int(match[2]), int(match[1]))
        if found is None:
            return match[0]
        self.take_date(found)
        return " "

    def _clock(self, match: re.Match[str]) -> str:
        sure = match[1].startswith("0")  # "03:00" is the night
        return " " if self.take_time(int(match[1]), int(match[2]), sure=sure) else match[0]

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
            if (
                not match[2]
                and not match[3]
                and more_follows(self.table, match.string[match.end() :])
            ):
                return f" {match[1]} "
        minute = int(match[2] or (match[3] if kind == "clock" else "") or 0)
        if kind in ("am", "pm"):
            if not 1 <= hour <= 12:
                return match[0]
            hour = hour % 12 + (12 if kind == "pm" else 0)
            return " " if self.take_time(hour, minute, sure=True) else match[0]
        sure = match[1].startswith("0")
        return " " if self.take_time(hour, minute, sure=sure) else match[0]

    def take_time(self, hour: int, minute: int, *, sure: bool = False) -> bool:
        """Take a time; one to six may be the afternoon, which is likelier."""
        if not (0 <= hour <= 24 and 0 <= minute < 60) or (hour == 24 and minute):
            return False
        times = [time(hour % 24, minute)]
        if hour in _LIKELY_PM and not sure:
            times.insert(0, time(hour + 12, minute))
        self.found.times.extend(at for at in times if at not in self.found.times)
        return True
