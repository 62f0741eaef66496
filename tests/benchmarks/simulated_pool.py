"""A year of a made-up Dolmetsch-Pool, to compare ways of asking. Seeded: the same every time.

What volunteers declare (towns, hours, modes) is known to the rules. What they are really like is
hidden from them: how often they say yes, and the shifts in which they read no message. Whether and
when a volunteer answers a request is drawn from (seed, request, volunteer), so that every way of
asking meets the same world. The rules are the bot's own (``matching``, ``waves``, ``wishes``).
"""

import heapq
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count

from bot.interpreting.matching import (
    Candidate,
    Ranked,
    Wanted,
    part_of_week,
    rank,
)
from bot.interpreting.waves import Waiting, plan_wave
from bot.interpreting.wishes import Lane, is_urgent, last_useful_yes
from bot.places import towns
from bot.texts import HOUSE_TIME
from bot.volunteers import Gender, Mode, Topic, hours_of

SEED = 20261127
BEGINS = datetime(2026, 1, 5, tzinfo=UTC)
YEAR = timedelta(days=364)
LANGUAGES = tuple(f"l{number:02}" for number in range(1, 31))
LOAD_COUNTS_FOR = timedelta(days=90)
_TURN = timedelta(hours=2)  # how long "one by one" waits for one volunteer


@dataclass(slots=True)
class Member:
    """A volunteer: what is declared, what is hidden, and what happened so far."""

    candidate: Candidate
    yes_rate: float
    shift: str
    seats: list[datetime] = field(default_factory=list)
    asked: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """A request and the moment it is opened."""

    number: int
    opened_at: datetime
    wanted: Wanted
    lane: Lane

    @property
    def deadline(self) -> datetime:
        """The last useful yes."""
        starts_at = self.wanted.starts_at
        return last_useful_yes(self.lane, self.wanted.mode, starts_at, self.opened_at)


@dataclass(slots=True)
class Outcome:
    """What became of the requests under one way of asking."""

    cases: int
    messages: int = 0
    minutes_to_yes: list[float] = field(default_factory=list)
    gini: float = 0.0
    gini_of_messages: float = 0.0

    @property
    def fill_rate(self) -> float:
        """The share of requests that found somebody, in a hundred."""
        return 100 * len(self.minutes_to_yes) / self.cases

    @property
    def messages_per_filled(self) -> float:
        """Offers sent for each request that found somebody."""
        return self.messages / max(len(self.minutes_to_yes), 1)

    @property
    def median_minutes(self) -> float:
        """The median time to the yes."""
        return statistics.median(self.minutes_to_yes) if self.minutes_to_yes else 0.0


def zipf_weights() -> list[float]:
    """The share of each language: one over its rank."""
    weights = [1 / rank for rank in range(1, len(LANGUAGES) + 1)]
    return [weight / sum(weights) for weight in weights]


def languages_of(members: int) -> list[str]:
    """The language of each volunteer by Zipf's law, with largest remainders."""
    exact = [share * members for share in zipf_weights()]
    counts = [int(each) for each in exact]
    by_rest = sorted(range(len(exact)), key=lambda n: counts[n] - exact[n])
    for number in by_rest[: members - sum(counts)]:
        counts[number] += 1
    return [name for name, n in zip(LANGUAGES, counts, strict=True) for _ in range(n)]


def made_candidate(identity: int, language: str, draw: random.Random) -> Candidate:
    """What a volunteer declares."""
    blocks = [(8, 12), (12, 16), (16, 19)]
    week = []
    for day in range(7):
        share = 0.7 if day < 5 else 0.2
        spans = [(max(first - 1, 0), last) for first, last in blocks if draw.random() < share]
        week.append(hours_of(spans))
    modes = {Mode.PHONE} | ({Mode.ON_SITE} if draw.random() < 0.85 else set())
    modes |= {Mode.VIDEO} if draw.random() < 0.6 else set()
    return Candidate(
        id=identity,
        languages={language: draw.choice(("native", "fluent"))},
        municipality=draw.choice(sorted(towns())),
        towns=frozenset(),
        radius_km=draw.choice((15, 20, 30, 40)),
        modes=frozenset(modes),
        hours=tuple(week),
        quiet_from=21,
        quiet_until=7,
        weekly_cap=draw.choice((2, 3, 3, 5)),
        excluded_topics=frozenset({Topic.VIOLENCE}) if draw.random() < 0.15 else frozenset(),
        gender=draw.choice((Gender.WOMAN, Gender.WOMAN, Gender.MAN, None)),
        certified_until=date(2028, 1, 1),
    )


def made_members(number: int, seed: int = SEED) -> list[Member]:
    """The pool."""
    draw = random.Random(seed)
    return [
        Member(
            made_candidate(identity, language, draw),
            draw.betavariate(2.1, 3.9),
            draw.choice(("none", "none", "early", "late", "night", "turns")),
        )
        for identity, language in enumerate(languages_of(number), start=1)
    ]


def made_cases(number: int, seed: int = SEED) -> list[Case]:
    """The requests of a year: opened in office hours, one in ten "now by phone"."""
    draw = random.Random(seed + 1)
    weights = zipf_weights()
    cases = []
    for each in range(number):
        opened_at = _in_office_hours(draw, BEGINS + YEAR * draw.random())
        lane = Lane.NOW if draw.random() < 0.1 else Lane.APPOINTMENT
        if lane is Lane.NOW:
            starts_at, mode = opened_at, Mode.PHONE
        else:
            lead = 1.2 + 1.5 * draw.random() if draw.random() < 0.3 else 2 + 19 * draw.random()
            starts_at = _in_office_hours(draw, opened_at + timedelta(days=lead))
            mode = draw.choices((Mode.ON_SITE, Mode.PHONE, Mode.VIDEO), (6, 3, 1))[0]
        wanted = Wanted(
            languages=(draw.choices(LANGUAGES, weights)[0],),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=draw.choice((30, 45, 60, 60, 90))),
            mode=mode,
            municipality=draw.choice(sorted(towns())),
            topic=draw.choice(tuple(Topic)),
            gender_wish=Gender.WOMAN if draw.random() < 0.08 else None,
        )
        cases.append(Case(each, opened_at, wanted, lane))
    return sorted(cases, key=lambda case: (case.opened_at, case.number))


def _in_office_hours(draw: random.Random, moment: datetime) -> datetime:
    local = moment.astimezone(HOUSE_TIME)
    while local.weekday() >= 5:
        local += timedelta(days=1)
    local = local.replace(
        hour=draw.randrange(8, 17), minute=draw.choice((0, 15, 30, 45)), second=0, microsecond=0
    )
    return local.astimezone(UTC)


# What a volunteer is really like


def answer_of(member: Member, case: Case, at: datetime) -> tuple[str, datetime] | None:
    """What a volunteer answers to a message sent at a moment, and when; ``None`` is silence."""
    draw = random.Random(f"{SEED} {case.number} {member.candidate.id}")
    yes_rate = member.yes_rate
    if works(member.shift, case.wanted.starts_at):
        yes_rate *= 0.3
    luck, delay = draw.random(), timedelta(minutes=draw.lognormvariate(3.2, 1.2))
    if luck >= yes_rate and luck >= yes_rate + 0.6 * (1 - yes_rate):
        return None
    answers_at = at + delay
    while works(member.shift, answers_at) or sleeps(member.shift, answers_at):
        answers_at += timedelta(minutes=20 + 20 * draw.random())
    return ("yes" if luck < yes_rate else "no", answers_at)


def works(shift: str, moment: datetime) -> bool:
    """Whether somebody is at work and reads nothing; whoever "turns" changes every week."""
    local = moment.astimezone(HOUSE_TIME)
    if local.weekday() == 6:
        return False
    if shift == "turns":
        shift = ("early", "late", "night")[local.isocalendar().week % 3]
    hour = local.hour
    return {
        "early": 6 <= hour < 14,
        "late": 14 <= hour < 22,
        "night": hour >= 22 or hour < 6,
        "none": False,
    }[shift]


def sleeps(shift: str, moment: datetime) -> bool:
    """Whether somebody sleeps: at night, after a night shift in the morning."""
    local = moment.astimezone(HOUSE_TIME)
    if shift == "turns":
        shift = ("early", "late", "night")[local.isocalendar().week % 3]
    return 7 <= local.hour < 13 if shift == "night" else local.hour >= 23 or local.hour < 6


# The ways of asking

Choice = tuple[Sequence[Ranked], datetime | None]
Way = Callable[[list[Ranked], list[Waiting], Case, datetime], Choice]
"""Whom to ask now and when to look again, from who fits, who is silent, the case and the time."""


def in_waves(ranked: list[Ranked], waiting: list[Waiting], case: Case, now: datetime) -> Choice:
    """The bot's own way."""
    urgent = is_urgent(case.lane, case.wanted.starts_at, now)
    plan = plan_wave(ranked, waiting, now, case.deadline, urgent=urgent)
    return plan.ask, plan.look_again_at


def all_at_once(ranked: list[Ranked], waiting: list[Waiting], case: Case, now: datetime) -> Choice:
    """Everybody who fits, at once, whatever they said about quiet hours and limits."""
    return ranked, case.deadline


def one_by_one(ranked: list[Ranked], waiting: list[Waiting], case: Case, now: datetime) -> Choice:
    """The best, then the next, when two hours are over or there was a no."""
    turn = timedelta(minutes=3) if case.lane is Lane.NOW else _TURN
    if not ranked:
        return (), case.deadline
    if waiting and now < waiting[-1].offered_at + turn:
        return (), min(waiting[-1].offered_at + turn, case.deadline)
    return ranked[:1], min(now + turn, case.deadline)


class Simulation:
    """One year under one way of asking."""

    def __init__(self, members: list[Member], cases: list[Case], way: Way) -> None:
        self.members = {member.candidate.id: member for member in members}
        self.cases = {case.number: case for case in cases}
        self.way = way
        self.outcome = Outcome(len(cases))
        self._order = count()
        self._events: list[tuple[datetime, int, str, int, int]] = []
        self._silent: dict[int, dict[int, Waiting]] = {case.number: {} for case in cases}
        self._asked: dict[int, set[int]] = {case.number: set() for case in cases}
        self._done: set[int] = set()
        self._looks: dict[int, int] = {}
        self._speaking: dict[str, list[Member]] = {}
        for member in members:
            for language in member.candidate.languages:
                self._speaking.setdefault(language, []).append(member)

    def run(self) -> Outcome:
        """Let the year pass."""
        for case in self.cases.values():
            self._plan(case.opened_at, "look", case.number)
        while self._events:
            now, order, kind, number, member_id = heapq.heappop(self._events)
            if number in self._done or (kind == "look" and self._looks[number] != order):
                continue
            if kind == "look":
                self._look(self.cases[number], now)
            else:
                self._answered(self.cases[number], self.members[member_id], kind, now)
        self._count_load()
        return self.outcome

    def _plan(self, at: datetime, kind: str, number: int, member_id: int = 0) -> None:
        order = next(self._order)
        if kind == "look":
            self._looks[number] = order  # instead of any earlier one, as the job table does
        heapq.heappush(self._events, (at, order, kind, number, member_id))

    def _look(self, case: Case, now: datetime) -> None:
        if now >= case.deadline:
            self._done.add(case.number)
            return
        ranked = self._ranked(case, now)
        ask, again = self.way(ranked, list(self._silent[case.number].values()), case, now)
        for each in ask:
            self._send(case, self.members[each.candidate.id], each, now)
        if again is None:
            self._done.add(case.number)
        else:
            self._plan(again, "look", case.number)

    def _ranked(self, case: Case, now: datetime) -> list[Ranked]:
        candidates = []
        for member in self._speaking.get(case.wanted.languages[0], []):
            candidate = member.candidate
            if candidate.id in self._asked[case.number]:
                continue
            candidate.load = sum(seat > now - LOAD_COUNTS_FOR for seat in member.seats)
            week = now - timedelta(days=7)
            candidate.asked_recently = tuple(m for m in candidate.asked_recently if m > week)
            candidates.append(candidate)
        return rank(candidates, case.wanted, now)

    def _send(self, case: Case, member: Member, ranked: Ranked, now: datetime) -> None:
        candidate = member.candidate
        self.outcome.messages += 1
        member.asked += 1
        self._asked[case.number].add(candidate.id)
        self._silent[case.number][candidate.id] = Waiting(ranked.chance, now)
        candidate.asked_at = now
        candidate.asked_recently += (now,)
        self._tally(candidate, part_of_week(now), asked=1)
        answer = answer_of(member, case, now)
        if answer is not None:
            self._plan(answer[1], f"{answer[0]} {part_of_week(now)}", case.number, candidate.id)

    def _tally(self, candidate: Candidate, part: str, asked: int = 0, yes: int = 0) -> None:
        before = candidate.tallies.get(part, (0, 0))
        candidate.tallies = {**candidate.tallies, part: (before[0] + asked, before[1] + yes)}

    def _answered(self, case: Case, member: Member, kind: str, now: datetime) -> None:
        answer, _, part = kind.partition(" ")
        candidate = member.candidate
        span = (case.wanted.starts_at, case.wanted.ends_at)
        free = all(last <= span[0] or first >= span[1] for first, last in candidate.busy)
        if answer == "yes" and now < case.deadline and free:
            self._done.add(case.number)
            self._tally(candidate, part, yes=1)
            member.seats.append(span[0])
            candidate.busy = (*(each for each in candidate.busy if each[1] > now), span)
            self.outcome.minutes_to_yes.append((now - case.opened_at).total_seconds() / 60)
            return
        self._silent[case.number].pop(candidate.id, None)
        self._look(case, now)

    def _count_load(self) -> None:
        seats, messages, total = 0.0, 0.0, 0
        for group in self._speaking.values():
            seats += len(group) * gini([len(member.seats) for member in group])
            messages += len(group) * gini([member.asked for member in group])
            total += len(group)
        self.outcome.gini = seats / total
        self.outcome.gini_of_messages = messages / total


def gini(values: Sequence[int]) -> float:
    """0 when all have the same, near 1 when one has it all; 0 where there is nothing."""
    ordered, total = sorted(values), sum(values)
    if total == 0:
        return 0.0
    ranks = sum(number * value for number, value in enumerate(ordered, start=1))
    return 2 * ranks / (len(ordered) * total) - (len(ordered) + 1) / len(ordered)


def simulate(members: int, cases: int, way: Way, seed: int = SEED) -> Outcome:
    """A fresh year under a way of asking."""
    return Simulation(made_members(members, seed), made_cases(cases, seed), way).run()
