"""Working days in Hessen: Monday to Friday without the state's public holidays."""

from datetime import date, timedelta
from functools import cache

_FIXED = ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26))
# Good Friday, Easter Monday, Ascension, Whit Monday, Corpus Christi: days after Easter Sunday.
# Hessisches Feiertagsgesetz § 1.
_AFTER_EASTER = (-2, 1, 39, 50, 60)


def easter(year: int) -> date:
    """Easter Sunday, by the Gregorian rule of Meeus, Jones and Butcher."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * weekday) // 433
    month = (h + weekday - 7 * m + 90) // 25
    day = (h + weekday - 7 * m + 33 * month + 19) % 32
    return date(year, month, day)


@cache
def holidays(year: int) -> frozenset[date]:
    """The public holidays of Hessen in a year."""
    sunday = easter(year)
    return frozenset(
        {date(year, month, day) for month, day in _FIXED}
        | {sunday + timedelta(days=days) for days in _AFTER_EASTER}
    )


def is_workday(day: date) -> bool:
    """Whether the office works on this day."""
    return day.weekday() < 5 and day not in holidays(day.year)


def after_workdays(day: date, count: int) -> date:
    """The working day that is so many working days after a day."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_workday(day)
    return day
