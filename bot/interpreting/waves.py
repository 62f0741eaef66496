"""How many to ask now, and when to look again. Rules only; the benchmark runs these functions.

A wave is the smallest set that brings the chance of a yes by the deadline to what is wished for,
counting those who were asked before and may still answer. Their silence makes a yes of theirs less
likely from hour to hour; the next wave opens at the moment when it must.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.interpreting.matching import Ranked

WISHED_CHANCE = 0.9
REOPEN_BELOW = 0.6
"""The next wave must open when silence has made a yes by the deadline less likely than this. Were
it WISHED_CHANCE itself, every quarter of an hour of silence would ask somebody more. Set by the
simulation in ``tests/benchmarks/interpreting.py``."""

ANSWER_TIME = timedelta(minutes=45)
"""After so long, 63 in 100 of those who will answer have answered; an exponential law."""

SHORTEST_WAIT = {False: timedelta(minutes=20), True: timedelta(minutes=3)}
"""The least time between two waves; the second when it is urgent."""

LONGEST_WAIT = timedelta(hours=12)
MOST_AT_ONCE = 25


@dataclass(frozen=True, slots=True)
class Waiting:
    """An offer without an answer: the chance of a yes it began with, and when it was sent."""

    chance: float
    offered_at: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom to ask now, and when to look at the request again (``None``: there is nothing to do).

    ``chance`` is the chance of a yes by the deadline with this wave. ``exhausted``: everybody who
    fits has been asked. ``must_ask``: more than this wave would have to be asked.
    """

    ask: tuple[Ranked, ...]
    look_again_at: datetime | None
    chance: float
    exhausted: bool
    must_ask: bool = False


def answered_within(span: timedelta) -> float:
    """The share of answers that have come after a time."""
    return 0.0 if span <= timedelta(0) else 1.0 - math.exp(-span / ANSWER_TIME)


def chance_left(waiting: Waiting, now: datetime, deadline: datetime) -> float:
    """The chance of a yes between now and the deadline from somebody who has been silent."""
    silent = answered_within(now - waiting.offered_at)
    by_then = answered_within(deadline - waiting.offered_at)
    return waiting.chance * max(by_then - silent, 0.0) / (1.0 - waiting.chance * silent)


def chance_of_any(waiting: Sequence[Waiting], now: datetime, deadline: datetime) -> float:
    """The chance that at least one says yes by the deadline."""
    none = math.prod(1.0 - chance_left(each, now, deadline) for each in waiting)
    return 1.0 - none


def plan_wave(
    ranked: Sequence[Ranked],
    waiting: Sequence[Waiting],
    now: datetime,
    deadline: datetime,
    *,
    urgent: bool = False,
) -> Plan:
    """The next wave. ``ranked`` has not been asked yet, best first; ``waiting`` has, in silence."""
    if now >= deadline:
        return Plan((), None, 0.0, True)
    useful = [each for each in ranked if each.askable_at < deadline]
    chance = chance_of_any(waiting, now, deadline)
    asked: list[Ranked] = []
    if chance < REOPEN_BELOW:
        none = 1.0 - chance
        for each in useful:
            if 1.0 - none >= WISHED_CHANCE or len(asked) == MOST_AT_ONCE:
                break
            if each.askable_at <= now:
                asked.append(each)
                none *= 1.0 - chance_left(Waiting(each.chance, now), now, deadline)
        chance = 1.0 - none
    chosen = {each.candidate.id for each in asked}
    left = [each for each in useful if each.candidate.id not in chosen]
    open_offers = [*waiting, *(Waiting(each.chance, now) for each in asked)]
    return Plan(
        tuple(asked),
        _look_again(left, open_offers, now, deadline, urgent),
        chance,
        not left,
        chance < REOPEN_BELOW,
    )


def _look_again(
    left: Sequence[Ranked],
    waiting: Sequence[Waiting],
    now: datetime,
    deadline: datetime,
    urgent: bool,
) -> datetime | None:
    """The first moment at which more must be asked, or at which nothing more can be done.

    Nobody to wait for: at once, or when the first may be asked; nobody left either: never.
    """
    opens = min((each.askable_at for each in left), default=None)
    if not waiting:
        return None if opens is None else min(max(opens, now), deadline)
    step = SHORTEST_WAIT[urgent]
    moment, latest = now + step, min(now + LONGEST_WAIT, deadline)
    while moment < latest and chance_of_any(waiting, moment, deadline) >= REOPEN_BELOW:
        moment += step
    if opens is not None and opens > moment:
        moment = opens
    return min(moment, latest if opens is None else deadline)
