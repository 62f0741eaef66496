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
    ``crews``: broadcasts at the real pace, as database, workers and seconds. ``crowds``: the same
    with the pace lifted, as database, workers and readers. ``peer_readers``: readers of the others.
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
    crews: tuple[tuple[str, int, float], ...]
    crowds: tuple[tuple[str, int, int], ...]
    peer_readers: int


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
    crews=(
        ("sqlite", 1, 90),
        ("postgresql", 1, 30),
        ("postgresql", 2, 30),
        ("postgresql", 4, 30),
    ),
    crowds=(("sqlite", 1, 100_000), ("postgresql", 2, 20_000)),
    peer_readers=500,
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
    crews=(("postgresql", 1, 2),),
    crowds=(("sqlite", 1, 300),),
    peer_readers=10,
)
