"""How many to ask now, and when to look again. Rules only; the benchmark runs these functions.

The wished chance of a yes by the deadline is reached by all the waves that still fit into the time
together: each is the smallest set that does its part. Close to the deadline one wave does it all;
days ahead it is a few people, and everybody else has their peace. Those who were asked before and
may still answer count; their silence makes a yes less likely from hour to hour, and the next wave
opens at the moment when it must.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.interpreting.matching import Ranked

WISHED_CHANCE = 0.9
WAVE_TIME = timedelta(hours=3)
"""The time that a wave is given; so many waves fit until the deadline, at most ``MOST_WAVES``."""

MOST_WAVES = 12
REOPEN_SHARE = 0.2
"""The next wave must open when silence has brought the chance below this share of what the wave
was to reach. Were it 1, every few minutes of silence would ask somebody more. These three are set
by the simulation in ``tests/benchmarks/simulated_pool.py``."""

ANSWER_TIME = timedelta(minutes=60)
"""After so long, 63 in 100 of those who will answer have answered; an exponential law."""

SHORTEST_WAIT = {False: timedelta(minutes=20), True: timedelta(minutes=3)}
"""The least time between two waves; the second when it is urgent."""

LONGEST_WAIT = timedelta(hours=12)
MOST_AT_ONCE = 12


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


def chance_of_a_wave(now: datetime, deadline: datetime) -> float:
    """What one wave has to reach so that all that still fit reach ``WISHED_CHANCE`` together."""
    waves = min(max(int((deadline - now) / WAVE_TIME), 1), MOST_WAVES)
    return float(1.0 - (1.0 - WISHED_CHANCE) ** (1.0 / waves))


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
    wished = chance_of_a_wave(now, deadline)
    must_ask = chance < REOPEN_SHARE * wished
    if must_ask:
        none = 1.0 - chance
        for each in useful:
            if 1.0 - none >= wished or len(asked) == MOST_AT_ONCE:
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
        _look_again(left, open_offers, now, deadline, urgent, stuck=must_ask and not asked),
        chance,
        not left,
        must_ask and chance < wished,
    )


def _look_again(
    left: Sequence[Ranked],
    waiting: Sequence[Waiting],
    now: datetime,
    deadline: datetime,
    urgent: bool,
    *,
    stuck: bool,
) -> datetime | None:
    """The first moment at which more must be asked, or at which nothing more can be done.

    Nobody to wait for: at once, or when the first may be asked; nobody left either: never.
    """
    opens = min((each.askable_at for each in left), default=None)
    if not waiting:
        return None if opens is None else min(max(opens, now), deadline)
    if opens is None and stuck:
        # Everybody was asked; somebody new may be there in some hours.
        return min(now + LONGEST_WAIT, deadline)
    step = SHORTEST_WAIT[urgent]
    moment, latest = now + step, min(now + LONGEST_WAIT, deadline)
    while moment < latest and (
        chance_of_any(waiting, moment, deadline)
        >= REOPEN_SHARE * chance_of_a_wave(moment, deadline)
    ):
        moment += step
    if opens is not None and opens > moment:
        moment = opens
    return min(moment, latest if opens is None else deadline)
