"""When somebody can interpret and may be written to: hours of the week, quiet hours, the most."""

from aiogram import html

from bot.interpreting.spans import Week, read_hours, read_week
from bot.texts import _, current_language
from bot.volunteers import (
    MOST_A_WEEK,
    hours_of,
)
from handlers.dialogue import (
    Again,
    Choice,
    Outcome,
    Question,
    Room,
    Step,
    Taken,
    ticked,
)
from handlers.pool_names import (
    day_names,
    hours_line,
    week_lines,
)

_DONE = "done"
_BLOCKS = ((6, 8), (8, 10), (10, 12), (12, 14), (14, 16), (16, 18), (18, 20), (20, 22))
_OFFICE_HOURS = 8, 16
_CAPS = (1, 2, 3, 5, 7, 10)
_QUIET = ((21, 7), (22, 6), (20, 8), (0, 0))


def _hours(room: Room) -> list[int]:
    chosen = room.open_choice("hours")
    return list(chosen if chosen is not None else room.answers.get("hours", [0] * 7))


async def _ask_hours(room: Room) -> Question:
    hours = _hours(room)
    lines = [_("When do you have time in a normal week?")]
    lines.extend(f"• {line}" for line in week_lines(hours))
    lines.append(
        _("Choose a day. You can also write it, for example: {example}").format(
            example=html.code(_("Mon-Fri 8-12, Sat 10-14"))
        )
    )
    choices = [Choice(name, f"d{number}") for number, name in enumerate(day_names())]
    choices.append(Choice(_("Monday to Friday, 8 to 16"), "office"))
    if any(hours):
        choices.append(Choice(_("Clear all times"), "none"))
        choices.append(Choice(_("Done"), _DONE))
    return Question("\n".join(lines), choices, 2)


def _ask_blocks(room: Room, number: int, hours: list[int]) -> Again:
    choices = [
        Choice(
            ticked(f"{first}–{last}", chosen=_has(hours[number], first, last)),
            f"b{number}.{first}",
        )
        for first, last in _BLOCKS
    ]
    if number and hours[number - 1]:
        label = _("The same as {day}").format(day=day_names()[number - 1])
        choices.append(Choice(label, f"s{number}"))
    choices.append(Choice(_("Other day, or done"), "week"))
    return Again(
        Question(
            _("{day}: when do you have time? Now: {hours}").format(
                day=html.bold(day_names()[number]), hours=hours_line(hours[number])
            ),
            choices,
            2,
        )
    )


def _has(bits: int, first: int, last: int) -> bool:
    block = hours_of([(first, last)])
    return bits & block == block


async def _choose_hours(room: Room, value: str) -> Outcome:
    hours = _hours(room)
    if value == _DONE:
        return Taken(hours) if any(hours) else None
    if value == "none":
        return Taken([0] * 7, stay=True)
    if value == "office":
        bits = hours_of([_OFFICE_HOURS])
        return Taken([hours[n] | bits if n < 5 else hours[n] for n in range(7)], stay=True)
    if value == "week":
        return Again(await _ask_hours(room))
    kind, rest = value[:1], value[1:]
    day_number, _dot, first = rest.partition(".")
    number = int(day_number) if day_number in set("0123456") else -1
    if number < 0:
        return None
    if kind == "b" and first.isdigit() and int(first) in {block[0] for block in _BLOCKS}:
        hours[number] ^= hours_of([(int(first), int(first) + 2)])
    elif kind == "s" and number:
        hours[number] = hours[number - 1]
    elif kind != "d":
        return None
    room.answers["hours?"] = hours
    return _ask_blocks(room, number, hours)


async def _read_hours(room: Room, text: str) -> Outcome:
    week: Week | None = read_week(text, current_language())
    if week is None:
        return None
    return Taken([old | new for old, new in zip(_hours(room), week, strict=True)], stay=True)


async def _ask_quiet(room: Room) -> Question:
    choices = [
        Choice(
            _("no messages from {first} to {last} o'clock").format(first=first, last=last)
            if first != last
            else _("messages at any time"),
            f"{first}-{last}",
        )
        for first, last in _QUIET
    ]
    return Question(
        _(
            "When should I not write to you? Choose, or write two times of day like {example}."
        ).format(example=html.code("21-7")),
        choices,
    )


async def _read_quiet(room: Room, text: str) -> Outcome:
    hours = read_hours(text)
    return Taken(f"{hours[0]}-{hours[1]}") if hours else None


async def _choose_quiet(room: Room, value: str) -> Outcome:
    return await _read_quiet(room, value)


async def _ask_cap(room: Room) -> Question:
    return Question(
        _("How many requests a week may I send you at most? Choose or write a number:"),
        [Choice(str(cap), str(cap)) for cap in _CAPS],
        3,
    )


async def _read_cap(room: Room, text: str) -> Outcome:
    digits = "".join(c for c in text if c.isdigit())
    return Taken(int(digits)) if digits and 1 <= int(digits) <= MOST_A_WEEK else None


WEEK_STEPS = (
    Step("hours", _ask_hours, read=_read_hours, choose=_choose_hours),
    Step("quiet", _ask_quiet, read=_read_quiet, choose=_choose_quiet),
    Step("cap", _ask_cap, read=_read_cap, choose=_read_cap, numbers=True),
)
"""Hours of the week, quiet hours, requests a week."""
