"""Who fits a request, and whom to ask first. Rules only; the benchmark runs these very functions.

A candidate passes every hard condition or is not asked. Those who pass are ordered by a score of
four parts between 0 and 1: the chance of a yes, rest since the last request, fairness of load, and
nearness. The parts are kept with the offer, so that it can be said in words why somebody was asked.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from bot.places import EARTH_RADIUS_KM, towns
from bot.texts import HOUSE_TIME
from bot.volunteers import Gender, Mode, Topic

PRIOR_YES, PRIOR_ASKED = 1.4, 4.0
"""What is believed of a volunteer whom nobody has asked: 35 in 100, as firmly as four answers."""

PART_WEIGHT = 6.0
"""How many answers in one part of the week the volunteer's own average counts for."""

REST = timedelta(days=7)
"""After so long without a request a volunteer is fully rested."""

KM_BY_FOOT_OF_AN_HOUR = 25.0
"""Kilometres of great circle an hour, door to door, by bus and train in the county; an estimate."""

WEIGHTS = {"chance": 0.33, "rest": 0.05, "fairness": 0.57, "nearness": 0.05}
"""How much each part counts; set by the simulation in ``tests/benchmarks/simulated_pool.py``."""


class Hard(StrEnum):
    """A condition without which nobody is asked, named for the reason why somebody is not."""

    STATE = "state"
    CERTIFICATE = "certificate"
    LANGUAGE = "language"
    MODE = "mode"
    GENDER = "gender"
    TOPIC = "topic"
    PAUSE = "pause"
    DISTANCE = "distance"
    AVAILABILITY = "availability"
    OVERLAP = "overlap"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What matching has to know about a request."""

    languages: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    mode: Mode
    municipality: str
    topic: Topic
    gender_wish: Gender | None = None

    @property
    def day(self) -> date:
        """The day of the appointment in the county."""
        return self.starts_at.astimezone(HOUSE_TIME).date()


@dataclass(slots=True)
class Candidate:
    """What matching has to know about a volunteer.

    ``busy`` are spans of appointments, standby included. ``asked_recently`` are the moments of the
    requests of the last seven days. ``load`` counts appointments of the last 90 days and to come.
    ``tallies`` has (asked, yes) by part of the week.
    """

    id: int
    languages: Mapping[str, str]
    municipality: str
    towns: frozenset[str]
    radius_km: int | None
    modes: frozenset[Mode]
    hours: tuple[int, ...]
    quiet_from: int = 0
    quiet_until: int = 0
    weekly_cap: int = 20
    excluded_topics: frozenset[str] = frozenset()
    gender: str | None = None
    certified_until: date | None = None
    approved: bool = True
    paused_until: date | None = None
    asked_at: datetime | None = None
    asked_recently: tuple[datetime, ...] = ()
    already_asked: bool = False
    busy: tuple[tuple[datetime, datetime], ...] = ()
    load: int = 0
    tallies: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A fitting candidate: the chance of a yes, the score and its parts, and where it comes from.

    ``askable_at`` is the first moment at which a message may be sent: later than now in quiet
    hours or when the weekly cap is reached.
    """

    candidate: Candidate
    language: str
    chance: float
    score: float
    parts: Mapping[str, float]
    km: float | None
    askable_at: datetime

    def reasons(self) -> dict[str, object]:
        """Why this volunteer is asked, as kept with the offer; handlers make sentences of it."""
        return {
            "language": self.language,
            "km": None if self.km is None else round(self.km, 1),
            "load": self.candidate.load,
            "asked_before": self.candidate.asked_at is not None,
            **{name: round(value, 3) for name, value in self.parts.items()},
        }


def part_of_week(moment: datetime) -> str:
    """The part of the week a message arrives in: workday or weekend, and which six hours."""
    local = moment.astimezone(HOUSE_TIME)
    day = "weekend" if local.weekday() >= 5 else "workday"
    return f"{day}-{('night', 'morning', 'afternoon', 'evening')[local.hour // 6]}"


def chance_of_yes(tallies: Mapping[str, tuple[int, int]], part: str) -> float:
    """The smoothed chance that a volunteer says yes to a message in this part of the week.

    A Beta prior of the whole pool, moved by the volunteer's answers, is in turn the prior for the
    part of the week. A volunteer with few answers is thus judged by the pool, not by bad luck.
    """
    asked = sum(count for count, _ in tallies.values())
    yes = sum(count for _, count in tallies.values())
    overall = (yes + PRIOR_YES) / (asked + PRIOR_ASKED)
    asked_then, yes_then = tallies.get(part, (0, 0))
    return (yes_then + PART_WEIGHT * overall) / (asked_then + PART_WEIGHT)


@lru_cache(maxsize=1024)
def kilometres(here: str, there: str) -> float | None:
    """The great circle between the middles of two municipalities; ``None`` for one outside."""
    first, second = towns().get(here), towns().get(there)
    if first is None or second is None:
        return None
    lat1, lon1, lat2, lon2 = map(math.radians, (first.lat, first.lon, second.lat, second.lon))
    arc = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(arc))


def travel_time(km: float | None, mode: Mode) -> timedelta:
    """The buffer before and after an appointment: none by phone, on site at least 15 minutes."""
    if mode is not Mode.ON_SITE:
        return timedelta(0)
    minutes = 15 if km is None else max(15, 5 * math.ceil(km / KM_BY_FOOT_OF_AN_HOUR * 12))
    return timedelta(minutes=minutes)


@lru_cache(maxsize=4096)
def hours_between(first: datetime, last: datetime) -> tuple[tuple[int, int], ...]:
    """The (weekday, hour) pairs of the county's clock that a span touches.

    It walks in UTC: in the night when clocks change, an hour comes twice or never.
    """
    touched: list[tuple[int, int]] = []
    moment = first.replace(minute=0, second=0, microsecond=0)
    while moment < last:
        local = moment.astimezone(HOUSE_TIME)
        if (local.weekday(), local.hour) not in touched:
            touched.append((local.weekday(), local.hour))
        moment += timedelta(hours=1)
    return tuple(touched)


def _is_free(hours: tuple[int, ...], touched: Iterable[tuple[int, int]]) -> bool:
    return all(hours[day] >> hour & 1 for day, hour in touched)


def _reaches(candidate: Candidate, municipality: str, km: float | None) -> bool:
    if candidate.towns:
        return municipality in candidate.towns
    return candidate.radius_km is not None and km is not None and km <= candidate.radius_km


def what_is_missing(candidate: Candidate, wanted: Wanted) -> list[Hard]:
    """The hard conditions a candidate does not meet; none means they may be asked.

    Quiet hours, the weekly cap and a pause that ends before the appointment are not among them:
    they pass, see ``askable_at``.
    """
    return list(_missing(candidate, wanted))


def fits(candidate: Candidate, wanted: Wanted) -> bool:
    """Whether a candidate meets every hard condition; the same as nothing missing, but sooner."""
    return next(_missing(candidate, wanted), None) is None


def _missing(candidate: Candidate, wanted: Wanted) -> Iterator[Hard]:
    """What is missing, the cheapest to find out first."""
    if not candidate.approved:
        yield Hard.STATE
    if candidate.already_asked:
        yield Hard.ASKED
    if wanted.mode not in candidate.modes:
        yield Hard.MODE
    if wanted.gender_wish is not None and candidate.gender != wanted.gender_wish:
        yield Hard.GENDER
    if wanted.topic in candidate.excluded_topics:
        yield Hard.TOPIC
    if language_for(candidate, wanted) is None:
        yield Hard.LANGUAGE
    day = wanted.day
    if candidate.certified_until is None or candidate.certified_until < day:
        yield Hard.CERTIFICATE
    if candidate.paused_until is not None and candidate.paused_until > day:
        yield Hard.PAUSE
    km = kilometres(candidate.municipality, wanted.municipality)
    if wanted.mode is Mode.ON_SITE and not _reaches(candidate, wanted.municipality, km):
        yield Hard.DISTANCE
    buffer = travel_time(km, wanted.mode)
    begins, ends = wanted.starts_at - buffer, wanted.ends_at + buffer
    if not _is_free(candidate.hours, hours_between(begins, ends)):
        yield Hard.AVAILABILITY
    if any(last > begins and first < ends for first, last in candidate.busy):
        yield Hard.OVERLAP


def language_for(candidate: Candidate, wanted: Wanted) -> str | None:
    """The first of the wanted languages that the candidate speaks well enough."""
    for language in wanted.languages:
        if candidate.languages.get(language) in {"native", "fluent"}:
            return language
    return None


def askable_at(candidate: Candidate, now: datetime) -> datetime:
    """The first moment from now at which the candidate may get a message.

    A pause, quiet hours and the weekly cap hold also when it is urgent: they are the volunteer's
    word.
    """
    moment = now
    if candidate.paused_until is not None:
        pause_ends = datetime.combine(candidate.paused_until, time(0), HOUSE_TIME)
        moment = max(moment, pause_ends.astimezone(UTC))
    recent = sorted(candidate.asked_recently)
    if len(recent) >= candidate.weekly_cap:
        moment = max(moment, recent[-candidate.weekly_cap] + timedelta(days=7))
    return after_quiet_hours(candidate.quiet_from, candidate.quiet_until, moment)


@lru_cache(maxsize=4096)
def after_quiet_hours(first: int, last: int, moment: datetime) -> datetime:
    """The first moment from ``moment`` that is not between two hours of the county's clock.

    The same hour twice means there are no quiet hours.
    """
    if first == last:
        return moment
    for _ in range(26):  # a day has 25 hours once a year
        hour = moment.astimezone(HOUSE_TIME).hour
        quiet = first <= hour < last if first < last else hour >= first or hour < last
        if not quiet:
            return moment
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return moment


def rank(candidates: Iterable[Candidate], wanted: Wanted, now: datetime) -> list[Ranked]:
    """Who fits, the best first. Ties go by id, so the order is always the same."""
    fitting = [each for each in candidates if fits(each, wanted)]
    if not fitting:
        return []
    average = sum(each.load for each in fitting) / len(fitting)
    ranked = [_ranked(each, wanted, now, average) for each in fitting]
    return sorted(ranked, key=lambda each: (-each.score, each.candidate.id))


def _ranked(candidate: Candidate, wanted: Wanted, now: datetime, average: float) -> Ranked:
    language = language_for(candidate, wanted) or wanted.languages[0]
    askable = askable_at(candidate, now)
    km = kilometres(candidate.municipality, wanted.municipality)
    chance = chance_of_yes(candidate.tallies, part_of_week(askable))
    rested = 1.0 if candidate.asked_at is None else min((now - candidate.asked_at) / REST, 1.0)
    parts = {
        "chance": chance,
        "rest": max(rested, 0.0),
        # One half for the average load of those who fit, near 1 for nobody's, near 0 for much more.
        "fairness": 1.0 / (1.0 + (candidate.load + 0.5) / (average + 0.5)),
        "nearness": 1.0
        if wanted.mode is not Mode.ON_SITE
        else 1.0 / (1.0 + (km if km is not None else 30.0) / 10.0),
    }
    score = sum(WEIGHTS[name] * value for name, value in parts.items())
    # Who speaks the language itself comes before every substitute.
    score -= wanted.languages.index(language)
    return Ranked(candidate, language, chance, score, parts, km, askable)
