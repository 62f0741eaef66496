"""When the appointment is and how long: by buttons, or as people write days and times."""

from datetime import date, datetime, time, timedelta
from typing import Any

from aiogram import html

from bot.interpreting.moments import Meant, in_the_county, read_moment
from bot.interpreting.spans import read_minutes
from bot.interpreting.wishes import (
    FARTHEST_AHEAD,
    LONGEST,
    SHORTEST,
)
from bot.texts import HOUSE_TIME, _, current_language
from handlers.dialogue import (
    Again,
    Choice,
    Outcome,
    Question,
    Room,
    Step,
    Taken,
)
from handlers.pool_names import (
    length,
    weekday_date,
    when,
    when_exactly,
)

_NOW = "now"
_DAYS_SHOWN = 6
_FIRST_HOUR, _LAST_HOUR = 8, 17
_MINUTES = (30, 45, 60, 90, 120, 180)


async def _ask_when(room: Room) -> Question:
    today = room.office.today()
    choices = [Choice(_("Now, by phone or video"), _NOW)]
    for ahead in range(_DAYS_SHOWN):
        shown = today + timedelta(days=ahead)
        name = {0: _("today"), 1: _("tomorrow")}.get(ahead, "")
        label = f"{weekday_date(shown)} ({name})" if name else weekday_date(shown)
        choices.append(Choice(label, f"d{shown:%Y%m%d}"))
    return Question(
        _("When? Choose a day, or write day and time, for example: {example}").format(
            example=html.code(_("tomorrow 2 pm"))
        ),
        choices,
        1,
    )


def moment_value(moment: datetime) -> str:
    """A moment as a button's value."""
    return f"m{int(moment.timestamp()) // 60}"


def _moment_of(value: str) -> datetime | None:
    minutes = value[1:]
    if value[:1] != "m" or not minutes.isdigit() or len(minutes) > 9:
        return None
    return datetime.fromtimestamp(int(minutes) * 60, HOUSE_TIME)


def _moment_choices(moments: tuple[datetime, ...]) -> list[Choice]:
    twice = len({when(moment) for moment in moments}) < len(moments)
    words = when_exactly if twice else when
    return [Choice(words(moment), moment_value(moment)) for moment in moments]


def _day_choices(days: tuple[date, ...]) -> list[Choice]:
    return [Choice(weekday_date(day), f"d{day:%Y%m%d}") for day in days]


def _from_meant(meant: Meant) -> Outcome:
    """What a typed day and time leads to."""
    if meant.at_once:
        return Taken(_NOW)
    if len(meant.moments) == 1 and not meant.problem:
        return Taken(moment_value(meant.moments[0]))
    if meant.moments:
        return Again(Question(_("Which one do you mean?"), _moment_choices(meant.moments)))
    if len(meant.days) == 1:
        return Taken(f"d{meant.days[0]:%Y%m%d}")
    if meant.days:
        return Again(Question(_("Which day do you mean?"), _day_choices(meant.days)))
    words = {
        "past": _("This time has already passed. Please write another day and time:"),
        "far": _("That is more than a year away. Please write another day and time:"),
        "gap": _(
            "This time does not exist: on that night the clock jumps from 2 "
            "to 3. Please write another time:"
        ),
    }.get(meant.problem)
    return Again(Question(words)) if words else None


async def _read_when(room: Room, text: str) -> Outcome:
    return await _checked_when(
        room, _from_meant(read_moment(text, current_language(), room.office.now()))
    )


async def _choose_when(room: Room, value: str) -> Outcome:
    day = _day_of(value)
    if value == _NOW or _moment_of(value) or (day is not None and day >= room.office.today()):
        return await _checked_when(room, Taken(value))
    return None


async def _checked_when(room: Room, outcome: Outcome) -> Outcome:
    """The same, unless it is too far ahead."""
    if not isinstance(outcome, Taken):
        return outcome
    moment = _moment_of(outcome.value)
    latest = room.office.now() + FARTHEST_AHEAD
    day = moment.date() if moment else _day_of(outcome.value)
    if day is not None and day > latest.astimezone(HOUSE_TIME).date():
        return Again(
            Question(
                _(
                    "It is too early to ask for that day. The last day you can ask "
                    "for now is {day}."
                ).format(day=weekday_date(latest.astimezone(HOUSE_TIME).date()))
                + " "
                + _("Please write another day and time:")
            )
        )
    return outcome


def _day_of(value: str) -> date | None:
    digits = value[1:]
    if value[:1] != "d" or len(digits) != 8 or not digits.isdigit():
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _hour_is_missing(answers: dict[str, Any]) -> bool:
    return str(answers.get("when", "")).startswith("d")


async def _ask_time(room: Room) -> Question:
    day = _day_of(room.answers["when"])
    assert_day = day or room.office.today()
    moments = [
        moment
        for hour in range(_FIRST_HOUR, _LAST_HOUR + 1)
        for moment in in_the_county(assert_day, time(hour))
        if moment > room.office.now()
    ]
    return Question(
        _("At what time on {day}? Choose, or write it like {example}.").format(
            day=html.bold(weekday_date(assert_day)), example=html.code("9:30")
        ),
        [
            Choice(moment.astimezone(HOUSE_TIME).strftime("%H:%M"), moment_value(moment))
            for moment in moments
        ],
        3,
    )


async def _read_time(room: Room, text: str) -> Outcome:
    day = _day_of(room.answers["when"])
    return _from_meant(read_moment(text, current_language(), room.office.now(), day))


async def _choose_time(room: Room, value: str) -> Outcome:
    moment = _moment_of(value)
    return Taken(value) if moment is not None and moment > room.office.now() else None


def starts_at(answers: dict[str, Any], now: datetime) -> datetime:
    """When it begins; now for the lane "now"."""
    value = answers.get("time") if _hour_is_missing(answers) else answers.get("when")
    return _moment_of(str(value)) or now


def is_now(answers: dict[str, Any]) -> bool:
    """Whether it is the telephone at once."""
    return answers.get("when") == _NOW


async def _ask_minutes(room: Room) -> Question:
    return Question(
        _("How long will it take? Choose, or write it like {example}.").format(
            example=html.code("75 min")
        ),
        [Choice(length(minutes), str(minutes)) for minutes in _MINUTES],
        2,
    )


async def _read_minutes(room: Room, text: str) -> Outcome:
    minutes = read_minutes(text, current_language())
    if minutes is None:
        return None
    if not SHORTEST <= minutes <= LONGEST:
        return Again(
            Question(
                _("Between {least} and {most}, please. How long will it take?").format(
                    least=length(SHORTEST), most=length(LONGEST)
                ),
                [Choice(length(n), str(n)) for n in _MINUTES],
                2,
            )
        )
    return Taken(minutes)


async def _choose_minutes(room: Room, value: str) -> Outcome:
    return Taken(int(value)) if value in {str(minutes) for minutes in _MINUTES} else None


TIMING_STEPS = (
    Step(
        "when",
        _ask_when,
        read=_read_when,
        choose=_choose_when,
        resets=("time", "mode", "standby"),
    ),
    Step(
        "time",
        _ask_time,
        read=_read_time,
        choose=_choose_time,
        wanted=_hour_is_missing,
        resets=("mode",),
        numbers=True,
    ),
    Step("minutes", _ask_minutes, read=_read_minutes, choose=_choose_minutes),
)
"""Day, hour, length."""
