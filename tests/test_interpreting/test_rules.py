"""Rules of the pool without a database: who fits, how likely a yes is, how many are asked."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import InThePast, LegalEffectStop, NotEligible, TooFarAhead, TooSoon
from bot.interpreting import Lane, LegalEffect, Wish, check_wish, substitutes_for
from bot.interpreting.matching import (
    Candidate,
    Hard,
    Ranked,
    Wanted,
    after_quiet_hours,
    askable_at,
    chance_of_yes,
    fits,
    hours_between,
    kilometres,
    part_of_week,
    rank,
    what_is_missing,
)
from bot.interpreting.waves import (
    MOST_AT_ONCE,
    WISHED_CHANCE,
    Waiting,
    chance_left,
    chance_of_a_wave,
    chance_of_any,
    plan_wave,
)
from bot.models import Offer, VolunteerTally
from bot.volunteers import Mode, Topic, broken_rules, hours_of, spans_of
from tests.pool import APPLICATION, START

WANTED = Wanted(
    languages=("kmr",),
    starts_at=START + timedelta(days=1),
    ends_at=START + timedelta(days=1, hours=1),
    mode=Mode.ON_SITE,
    municipality="Groß-Gerau",
    topic=Topic.SCHOOL,
)
ALL_DAY = hours_of([(0, 24)])
AMINA = Candidate(
    id=1,
    languages={"kmr": "native"},
    municipality="Groß-Gerau",
    towns=frozenset(),
    radius_km=20,
    modes=frozenset(Mode),
    hours=(ALL_DAY,) * 7,
    certified_until=date(2028, 1, 1),
)
WISH = Wish(
    language="kmr",
    starts_at=START + timedelta(days=3),
    minutes=60,
    mode=Mode.ON_SITE,
    municipality="Groß-Gerau",
    topic=Topic.SCHOOL,
)


def ranked(number: int, chance: float, wait: timedelta = timedelta(0)) -> Ranked:
    """Somebody who may be asked after a time."""
    somebody = replace(AMINA, id=number)
    return Ranked(somebody, "kmr", chance, 1.0, {}, 0.0, START + wait)


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"approved": False}, Hard.STATE),
        ({"certified_until": None}, Hard.CERTIFICATE),
        ({"certified_until": date(2026, 11, 24)}, Hard.CERTIFICATE),
        ({"languages": {"ckb": "native"}}, Hard.LANGUAGE),
        ({"languages": {"kmr": "good"}}, Hard.LANGUAGE),
        ({"modes": frozenset({Mode.PHONE})}, Hard.MODE),
        ({"excluded_topics": frozenset({Topic.SCHOOL})}, Hard.TOPIC),
        ({"paused_until": date(2026, 12, 24)}, Hard.PAUSE),
        ({"municipality": "Gernsheim", "radius_km": 10}, Hard.DISTANCE),
        ({"towns": frozenset({"Trebur"})}, Hard.DISTANCE),
        ({"hours": (hours_of([(10, 12)]),) * 7}, Hard.AVAILABILITY),
        ({"busy": ((WANTED.ends_at, WANTED.ends_at + timedelta(hours=1)),)}, Hard.OVERLAP),
        ({"already_asked": True}, Hard.ASKED),
    ],
)
def test_each_condition_alone_keeps_somebody_out(change: dict[str, object], missing: Hard) -> None:
    """Nothing else is missing then, and nobody is asked."""
    somebody = replace(AMINA, **change)  # type: ignore[arg-type]
    assert what_is_missing(somebody, WANTED) == [missing]
    assert not fits(somebody, WANTED)
    assert fits(AMINA, WANTED)


def test_the_way_needs_time_on_site_only() -> None:
    """10 to 12 o'clock is enough for an appointment from 10 to 11 by phone, and not on site."""
    somebody = replace(AMINA, hours=(hours_of([(10, 12)]),) * 7)
    assert not fits(somebody, WANTED)
    assert fits(somebody, replace(WANTED, mode=Mode.PHONE))


def test_great_circles() -> None:
    """Rüsselsheim and Gernsheim are about 27 km apart; a place outside has no distance."""
    assert kilometres("Rüsselsheim am Main", "Gernsheim") == pytest.approx(26.7, abs=0.5)
    assert kilometres("Trebur", "Trebur") == 0
    assert kilometres("Trebur", "Mainz") is None


def test_the_doubled_and_the_lost_hour() -> None:
    """In October two hours are both "two o'clock"; in March there is no hour two."""
    october = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)  # 1:30
    assert hours_between(october, october + timedelta(hours=3)) == ((6, 1), (6, 2), (6, 3))
    march = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)  # 1:30
    assert hours_between(march, march + timedelta(hours=1)) == ((6, 1), (6, 3))


@given(
    first=st.integers(0, 23),
    last=st.integers(0, 23),
    minutes=st.integers(0, 60 * 24 * 400),
)
def test_after_quiet_hours_nobody_is_woken(first: int, last: int, minutes: int) -> None:
    """Whatever the hours and the moment: the next one is not quiet, and at most a day away."""
    from bot.texts import HOUSE_TIME

    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    awake = after_quiet_hours(first, last, moment)
    hour = awake.astimezone(HOUSE_TIME).hour
    assert moment <= awake <= moment + timedelta(hours=25)
    if first < last:
        assert not first <= hour < last
    if first > last:
        assert last <= hour < first


def test_a_weekly_limit_opens_when_the_oldest_is_a_week_old() -> None:
    """Not before."""
    asked = tuple(START - timedelta(days=day) for day in (1, 3, 6))
    somebody = replace(AMINA, weekly_cap=3, asked_recently=asked)
    assert askable_at(somebody, START) == START + timedelta(days=1)
    assert askable_at(replace(somebody, weekly_cap=4), START) == START


def test_a_new_volunteer_is_judged_by_the_pool() -> None:
    """And ten answers count more than one; a part of the week counts by itself."""
    new = chance_of_yes({}, "workday-morning")
    assert new == pytest.approx(0.35)
    once_no = chance_of_yes({"workday-morning": (1, 0)}, "workday-morning")
    often_no = chance_of_yes({"workday-morning": (10, 0)}, "workday-morning")
    assert often_no < once_no < new
    shifts = {"workday-morning": (10, 9), "workday-evening": (10, 0)}
    assert chance_of_yes(shifts, "workday-morning") > 2 * chance_of_yes(shifts, "workday-evening")


def test_every_part_of_the_week_fits_its_column() -> None:
    """PostgreSQL refuses what SQLite cuts nothing off."""
    parts = {part_of_week(START + timedelta(hours=hour)) for hour in range(24 * 7)}
    assert len(parts) == 8
    for model in (VolunteerTally, Offer):
        length = model.__table__.columns["part"].type.length  # type: ignore[attr-defined]
        assert max(map(len, parts)) <= length


def test_who_did_least_comes_first_and_the_reasons_say_so() -> None:
    """Among equals; somebody of another language comes last, whatever else."""
    busy, idle = replace(AMINA, id=2, load=5), replace(AMINA, id=3)
    substitute = replace(AMINA, id=4, languages={"fa": "native"})
    order = rank([busy, idle, substitute], replace(WANTED, languages=("kmr", "fa")), START)
    assert [each.candidate.id for each in order] == [3, 2, 4]
    assert order[0].reasons()["load"] == 0
    assert set(order[0].parts) == {"chance", "rest", "fairness", "nearness"}
    assert all(0 <= value <= 1 for each in order for value in each.parts.values())


def test_a_wave_close_to_the_deadline_is_the_smallest_that_reaches_the_chance() -> None:
    """One person less would not."""
    people = [ranked(number, 0.5) for number in range(20)]
    deadline = START + timedelta(hours=2)
    plan = plan_wave(people, [], START, deadline)
    assert chance_of_a_wave(START, deadline) == pytest.approx(WISHED_CHANCE)
    assert plan.chance >= WISHED_CHANCE
    fewer = [Waiting(each.chance, START) for each in plan.ask[:-1]]
    assert chance_of_any(fewer, START, deadline) < WISHED_CHANCE
    assert len(plan.ask) < MOST_AT_ONCE


def test_days_ahead_only_a_few_are_asked_and_nobody_again_at_once() -> None:
    """The rest have their peace; the next look comes when silence has made a yes unlikely."""
    people = [ranked(number, 0.35) for number in range(20)]
    deadline = START + timedelta(days=9)
    plan = plan_wave(people, [], START, deadline)
    assert len(plan.ask) == 1
    assert plan.look_again_at is not None
    assert plan.look_again_at > START + timedelta(hours=1)
    silent = [Waiting(0.35, START)]
    soon = START + timedelta(minutes=30)
    assert plan_wave(people[1:], silent, soon, deadline).ask == ()
    assert len(plan_wave(people[1:], silent, plan.look_again_at, deadline).ask) == 1


def test_an_empty_wave_is_skipped_at_once() -> None:
    """Nobody fits and nobody is silent: there is nothing to wait for."""
    assert plan_wave([], [], START, START + timedelta(days=9)).look_again_at is None


def test_a_wave_waits_for_who_sleeps() -> None:
    """Until they may be asked, and not for the deadline."""
    people = [ranked(1, 0.5, timedelta(hours=9))]
    plan = plan_wave(people, [], START, START + timedelta(days=9))
    assert (plan.ask, plan.look_again_at) == ((), START + timedelta(hours=9))


def test_nobody_is_asked_after_the_deadline() -> None:
    """A yes then would help nobody."""
    people = [ranked(1, 0.5)]
    assert plan_wave(people, [], START, START).ask == ()
    late = [ranked(1, 0.5, timedelta(days=2))]
    assert plan_wave(late, [], START, START + timedelta(days=1)).look_again_at is None


@given(
    chances=st.lists(st.floats(0.02, 0.95), max_size=30),
    silent=st.lists(st.tuples(st.floats(0.02, 0.95), st.integers(0, 5_000)), max_size=10),
    minutes=st.integers(1, 30_000),
    urgent=st.booleans(),
)
def test_a_plan_always_comes_to_an_end(
    chances: list[float], silent: list[tuple[float, int]], minutes: int, urgent: bool
) -> None:
    """Whatever the pool: the next look is later than now, never after the deadline, or never."""
    people = [ranked(number, chance) for number, chance in enumerate(chances)]
    waiting = [Waiting(chance, START - timedelta(minutes=ago)) for chance, ago in silent]
    deadline = START + timedelta(minutes=minutes)
    plan = plan_wave(people, waiting, START, deadline, urgent=urgent)
    assert len(plan.ask) <= MOST_AT_ONCE
    if plan.look_again_at is None:
        assert not plan.ask
        assert not waiting
        assert not people
    else:
        assert START < plan.look_again_at <= deadline


@given(chance=st.floats(0.01, 0.99), silent=st.integers(0, 10_000))
def test_silence_never_makes_a_yes_likelier(chance: float, silent: int) -> None:
    """From minute to minute it becomes less likely."""
    waiting, deadline = Waiting(chance, START), START + timedelta(minutes=20_000)
    before = chance_left(waiting, START + timedelta(minutes=silent), deadline)
    after = chance_left(waiting, START + timedelta(minutes=silent + 1), deadline)
    assert 0 <= after <= before <= chance


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"starts_at": START - timedelta(minutes=1)}, InThePast),
        ({"starts_at": START + timedelta(hours=23)}, TooSoon),
        ({"starts_at": START + timedelta(hours=1), "mode": Mode.PHONE}, TooSoon),
        ({"starts_at": START + timedelta(days=91)}, TooFarAhead),
        ({"minutes": 5}, NotEligible),
        ({"lane": Lane.NOW}, NotEligible),
        ({"substitutes": ("ckb",)}, NotEligible),
        *(({"legal_effect": effect}, LegalEffectStop) for effect in LegalEffect),
    ],
)
def test_what_the_pool_may_not_take(change: dict[str, object], refusal: type[Exception]) -> None:
    """Past, too soon, too far ahead, on site at once, with legal effect, a wrong language."""
    check_wish(WISH, START)
    with pytest.raises(refusal):
        check_wish(replace(WISH, **change), START)  # type: ignore[arg-type]


def test_what_is_often_mistaken_is_no_substitute() -> None:
    """Kurmanji is not Sorani, Tigrinya is not Amharic, Levantine is not Maghrebi Arabic."""
    for one, other in (("kmr", "ckb"), ("ti", "am"), ("apc", "ary")):
        assert other not in substitutes_for(one)
        assert one not in substitutes_for(other)
    assert substitutes_for("prs") == ("fa",)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"consent": False}, "consent"),
        ({"of_age": False}, "of_age"),
        ({"pledged_on": None}, "pledge"),
        ({"modes": frozenset()}, "modes"),
        ({"hours": (0,) * 7}, "hours"),
        ({"radius_km": None}, "reach"),
        ({"languages": ()}, "languages"),
        ({"name": "  "}, "name"),
        ({"phone": "abc"}, "phone"),
        ({"weekly_cap": 0}, "weekly_cap"),
        ({"quiet_from": 25}, "quiet_hours"),
    ],
)
def test_an_application_says_which_rule_it_breaks(change: dict[str, object], rule: str) -> None:
    """That one and no other."""
    assert broken_rules(APPLICATION) == ()
    assert broken_rules(replace(APPLICATION, **change)) == (rule,)  # type: ignore[arg-type]


@given(st.integers(0, (1 << 24) - 1))
def test_hours_survive_being_shown(bits: int) -> None:
    """Spans for people and bits for the database say the same."""
    assert hours_of(spans_of(bits)) == bits
