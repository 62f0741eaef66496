"""When events take place: series by the clock on the wall, and rules that cannot do harm."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import RuleNotUnderstood
from bot.events import EventDraft, next_date
from bot.events.editing import preview
from bot.events.recurring import check_rule, dates, over_at
from bot.models import Event
from bot.texts import HOUSE_TIME

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def wall(*parts: int) -> datetime:
    """A moment by the clock on the wall."""
    return datetime(*parts, tzinfo=HOUSE_TIME)  # type: ignore[misc, arg-type]


def series(starts_at: datetime, rule: str | None, **more: object) -> Event:
    """An event that is in no database."""
    draft = EventDraft.model_validate({"starts_at": starts_at, "rule": rule, **more})
    return preview(draft, NOW)


def shown(event: Event, until: datetime) -> list[str]:
    """The dates by the clock on the wall."""
    found = dates(event, datetime(2020, 1, 1, tzinfo=UTC), until)
    return [f"{date.starts_at.astimezone(HOUSE_TIME):%d.%m. %H:%M}" for date in found]


def test_a_course_at_ten_is_at_ten_in_winter_and_in_summer() -> None:
    """The clock goes forward on 28 March and back on 31 October 2027; the course does not."""
    spring = series(wall(2027, 3, 21, 10), "FREQ=WEEKLY;COUNT=3")
    assert shown(spring, wall(2027, 12, 1)) == ["21.03. 10:00", "28.03. 10:00", "04.04. 10:00"]
    autumn = series(wall(2027, 10, 24, 10), "FREQ=WEEKLY;COUNT=3")
    assert shown(autumn, wall(2027, 12, 1)) == ["24.10. 10:00", "31.10. 10:00", "07.11. 10:00"]
    hours = [date.starts_at.hour for date in dates(spring, NOW, wall(2027, 12, 1))]
    assert hours == [9, 8, 8]


def test_a_time_that_the_clock_skips_is_the_moment_after() -> None:
    """Half past two does not exist in the night of the change; nobody is sent an hour early."""
    event = series(wall(2027, 3, 27, 2, 30), "FREQ=DAILY;COUNT=3")
    assert shown(event, wall(2027, 12, 1)) == ["27.03. 02:30", "28.03. 03:30", "29.03. 02:30"]
    twice = series(wall(2027, 10, 30, 2, 30), "FREQ=DAILY;COUNT=2")
    last = list(dates(twice, NOW, wall(2027, 12, 1)))[-1]
    assert last.starts_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC), "the first of both"


def test_a_night_is_as_long_on_the_wall_as_ever() -> None:
    """From ten in the evening to six in the morning, though the night is an hour shorter."""
    event = series(wall(2027, 3, 26, 22), "FREQ=DAILY;COUNT=2", ends_at=wall(2027, 3, 27, 6))
    first, second = dates(event, NOW, wall(2027, 12, 1))
    assert first.ends_at - first.starts_at == timedelta(hours=8)
    assert second.ends_at.astimezone(HOUSE_TIME).hour == 6
    assert second.ends_at - second.starts_at == timedelta(hours=7)


def test_a_whole_day_is_over_at_midnight() -> None:
    """Also when nobody said when it ends."""
    event = series(wall(2027, 3, 28), None, all_day=True)
    assert event.over_at == wall(2027, 3, 29)
    assert next_date(event, wall(2027, 3, 28, 23, 59)) is not None
    assert next_date(event, wall(2027, 3, 29)) is None


def test_a_date_that_falls_out_is_left_out() -> None:
    """The week of the holidays."""
    out = wall(2026, 12, 29, 18).astimezone(UTC).isoformat()
    event = series(wall(2026, 12, 22, 18), "FREQ=WEEKLY;UNTIL=20270105", left_out=out)
    assert shown(event, wall(2028, 1, 1)) == ["22.12. 18:00", "05.01. 18:00"]
    assert event.over_at == wall(2027, 1, 5, 21)


def test_the_first_monday_of_a_month() -> None:
    """And the last Friday."""
    first = series(wall(2026, 12, 7, 18), "FREQ=MONTHLY;BYDAY=1MO;COUNT=3")
    assert shown(first, wall(2028, 1, 1)) == ["07.12. 18:00", "04.01. 18:00", "01.02. 18:00"]
    last = series(wall(2026, 11, 27, 18), "FREQ=MONTHLY;BYDAY=-1FR;COUNT=2")
    assert shown(last, wall(2028, 1, 1)) == ["27.11. 18:00", "25.12. 18:00"]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY", "FREQ=MINUTELY;COUNT=3", "FREQ=HOURLY", "FREQ=DAILY;BYHOUR=1,2,3",
        "FREQ=DAILY;COUNT=100000", "FREQ=DAILY;INTERVAL=0", "FREQ=WEEKLY;BYDAY=XX", "", ";",
        "INTERVAL=2", "FREQ=DAILY;FREQ=DAILY", "FREQ=WEEKLY;UNTIL=20269999",
        "FREQ=DAILY;COUNT=2;UNTIL=20270101", "FREQ=YEARLY;BYYEARDAY=1", "FREQ=YEARLY;BYWEEKNO=1",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO", "FREQ=WEEKLY;BYSETPOS=4", "FREQ=MONTHLY;BYDAY=9MO",
        "FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=-4", "FREQ=MONTHLY;BYDAY=5WE,-1FR;BYSETPOS=3",
        "FREQ=DAILY\nDTSTART:20200101", "FREQ=WEEKLY;BYDAY=" + ",".join(["MO"] * 60),
    ],
)  # fmt: skip
def test_a_rule_that_could_do_harm_is_refused(rule: str) -> None:
    """More than one date a day, a series without measure, and words that are no rule."""
    with pytest.raises(RuleNotUnderstood):
        check_rule(rule)


_rules = st.builds(
    lambda freq, parts: ";".join([f"FREQ={freq}", *(f"{k}={v}" for k, v in parts.items())]),
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.fixed_dictionaries(
        {},
        optional={
            "INTERVAL": st.integers(1, 52),
            "BYMONTH": st.integers(1, 12),
            "BYMONTHDAY": st.integers(-31, 31),
            "BYDAY": st.sampled_from(["MO", "SU", "TU,TH", "1MO", "-1FR", "5WE", "-5SA"]),
            "BYSETPOS": st.sampled_from([-4, -1, 1, 4]),
        },
    ),
)


@settings(max_examples=60, deadline=None)
@given(_rules)
def test_no_rule_keeps_us_looking_for_a_date_that_never_comes(rule: str) -> None:
    """The 30th of February, or every second Monday from a Tuesday on: refused or found soon."""
    try:
        kept = check_rule(rule)
    except RuleNotUnderstood:
        return
    began = time.thread_time()
    event = series(wall(2026, 11, 3, 10), kept)
    next_date(event, NOW)
    over_at(event.starts_at, None, False, f"{kept};COUNT=400")
    assert time.thread_time() - began < 1.5, kept


@given(st.text(max_size=80) | st.from_regex(r"FREQ=[A-Z]{5,7};[A-Z]{4,8}=[0-9A-Z,-]{1,20}"))
def test_whatever_a_rule_says_it_is_kept_or_refused(rule: str) -> None:
    """And what is kept can be read again and has the same dates."""
    try:
        kept = check_rule(rule)
    except RuleNotUnderstood:
        return
    assert check_rule(kept) == kept
    event = series(wall(2026, 11, 27, 10), kept)
    assert len(list(dates(event, NOW, NOW + timedelta(days=30)))) <= 31
