"""How much each benchmark does: the whole for figures, a little to see that it still works."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Amounts:
    """Counts of messages and rounds.

    ``asked``: questions one after the other. ``flood``: questions at once, each from another
    person. ``light``: updates at once that need no search. ``rounds``: floods, of which the middle
    one counts. ``articles``: sizes of the index. ``searched``: questions to each. ``thorough``:
    start our bot a second time and on one core, too, and let nothing run at the same time.
    ``reports``: reports with a picture. ``requests``: of the simulated year. ``volunteers``,
    ``matched``, ``jobs``: rows of the pool, requests that are matched with them, open jobs.
    """

    asked: int
    flood: int
    light: int
    rounds: int
    articles: tuple[int, ...]
    searched: int
    reports: int
    thorough: bool
    requests: int
    volunteers: int
    matched: int
    jobs: int


WHOLE = Amounts(
    asked=150,
    flood=150,
    light=800,
    rounds=3,
    articles=(100, 1_000, 10_000),
    searched=60,
    reports=1_000,
    thorough=True,
    requests=2_000,
    volunteers=10_000,
    matched=200,
    jobs=100_000,
)
SMALL = Amounts(
    asked=2,
    flood=4,
    light=8,
    rounds=1,
    articles=(5,),
    searched=2,
    reports=3,
    thorough=False,
    requests=40,
    volunteers=300,
    matched=6,
    jobs=400,
)
