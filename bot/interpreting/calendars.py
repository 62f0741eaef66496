"""An appointment as a calendar file, in the county's time zone."""

from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard

from bot.texts import HOUSE_TIME

_REMIND = (timedelta(days=1), timedelta(hours=2))


def appointment_file(
    request_id: int, starts_at: datetime, ends_at: datetime, *, title: str, place: str
) -> bytes:
    """An ``.ics`` file with one appointment and two reminders.

    Always the same file for the same appointment: opened twice, it stands in the calendar once.
    """
    event = Event()
    event.add("uid", f"request-{request_id}@kreis-bot.invalid")
    event.add("dtstamp", starts_at.astimezone(UTC))
    event.add("dtstart", starts_at.astimezone(HOUSE_TIME))
    event.add("dtend", ends_at.astimezone(HOUSE_TIME))
    event.add("summary", title)
    if place:
        event.add("location", place)
    for before in _REMIND:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", title)
        alarm.add("trigger", -before)
        event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//Kreis-Bot//Dolmetsch-Pool//DE")
    calendar.add("version", "2.0")
    calendar.add_component(_county_time())
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _county_time() -> Timezone:
    """Central European time by the rule of the EU: it changes on the last Sundays at 1 UTC."""
    zone = Timezone()
    zone.add("tzid", str(HOUSE_TIME))
    winter, summer = timedelta(hours=1), timedelta(hours=2)
    for part, name, month, clock, before, after in (
        (TimezoneStandard(), "CET", 10, 3, summer, winter),
        (TimezoneDaylight(), "CEST", 3, 2, winter, summer),
    ):
        part.add("dtstart", datetime(1996, month, 31 if month == 3 else 27, clock))  # noqa: DTZ001
        part.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1su"})
        part.add("tzoffsetfrom", before)
        part.add("tzoffsetto", after)
        part.add("tzname", name)
        zone.add_component(part)
    return zone
