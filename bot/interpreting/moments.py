"""Days and times as people type them: "morgen 14 uhr", "Do 4.12. 9:30", "next tuesday 3pm".

Nothing is guessed: what can be read two ways gives both, a weekday that does not fit its date
gives both days, an hour that the clock leaves out in spring is no moment. Words stand in
knowledge/words/moments.toml, months and weekdays come from CLDR; a new language is data.
"""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.folding import WORD, fold
from bot.interpreting.moment_figures import Read
from bot.interpreting.moment_reading import MomentReader
from bot.interpreting.moment_words import words_for_now
from bot.texts import HOUSE_TIME

FARTHEST = timedelta(days=365)
"""Nobody plans an appointment farther ahead; a later day is a slip."""
_MOST_CHOICES = 6
_ALSO = ("de", "en")  # read after the reader's own language

PARTS: dict[str, tuple[int, ...]] = {
    "morning": (8, 9, 10),
    "forenoon": (9, 10, 11),
    "noon": (12, 13),
    "afternoon": (13, 14, 15, 16),
    "evening": (17, 18, 19),
}
"""Full hours that are offered when only a part of the day was named."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What somebody may have meant.

    ``moments`` are in UTC; exactly one is clear, several are choices. Without them ``days`` may
    tell the day or days, and the hour is missing. ``problem`` says why there is nothing:
    ``unclear``, ``past``, ``far`` (more than a year ahead) or ``gap`` (the clock leaves it out;
    then even a single moment is only a choice).
    """

    moments: tuple[datetime, ...] = ()
    days: tuple[date, ...] = ()
    at_once: bool = False
    problem: str = ""


def read_moment(text: str, language: str, now: datetime, day: date | None = None) -> Meant:
    """What a typed day and time mean for a reader of ``language``.

    ``day`` is the day that is already known: then a bare number is an hour.
    """
    plain = _plain(text)
    readings = [
        MomentReader(code, now, day).read(plain) for code in dict.fromkeys((language, *_ALSO))
    ]
    return _meant(max(readings, key=lambda read: read.score), now, day)


def only_at_once(text: str) -> bool:
    """Whether a text says "now" in some language and nothing else: "sofort", "jetzt", "сейчас"."""
    said = WORD.findall(fold(text[:40]))
    return bool(said) and all(word in words_for_now() for word in said)


def in_the_county(day: date, at: time) -> tuple[datetime, ...]:
    """The moments, in UTC, at which the county's clocks show a time.

    One, as a rule. None in the hour that is left out in spring; two in the one that comes twice
    in autumn, the earlier first.
    """
    found = []
    for fold_ in (0, 1):
        local = datetime.combine(day, at, HOUSE_TIME).replace(fold=fold_)
        moment = local.astimezone(UTC)
        if moment.astimezone(HOUSE_TIME).replace(tzinfo=None) == local.replace(tzinfo=None):
            found.append(moment)
    return tuple(dict.fromkeys(found))


def _plain(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text[:200]).casefold()
    return "".join(
        str(unicodedata.decimal(c)) if unicodedata.decimal(c, -1) >= 0 else c for c in normal
    )


def _meant(read: Read, now: datetime, known_day: date | None) -> Meant:
    if read.at_once:
        return Meant(at_once=True)
    if read.exact is not None:
        return Meant(moments=(read.exact,))
    if read.impossible:
        return Meant(problem="unclear")
    today = now.astimezone(HOUSE_TIME).date()
    days = read.days or ([known_day] if known_day else [])
    times = read.times or [time(hour) for hour in PARTS.get(read.part, ())]
    if not days and not times:
        return Meant(problem="unclear")
    if not days:
        days = [today, today + timedelta(days=1)]
    ahead = [day for day in days if day >= today]
    if not ahead:
        return Meant(problem="past")
    if all(day > today + FARTHEST for day in ahead):
        return Meant(problem="far")
    if not times:
        return Meant(days=tuple(dict.fromkeys(ahead))[:_MOST_CHOICES])
    found = [in_the_county(day, at) for day in ahead for at in times]
    problem = "" if all(found) else "gap"
    moments = tuple(dict.fromkeys(moment for some in found for moment in some if moment > now))
    if not moments:
        return Meant(problem=problem or "past")
    return Meant(moments=moments[:_MOST_CHOICES], problem=problem)
