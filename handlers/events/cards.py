"""How an event looks in a chat: its card, its lines in a list, its dates in words."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from aiogram import html
from babel.dates import format_date, format_skeleton, format_time, get_day_names, get_month_names
from babel.numbers import format_currency

from bot.events import Answer, Date, Listed, LoadedEvent, Topic, Yearly, date_of, next_date
from bot.models import Event
from bot.texts import (
    HOUSE_TIME,
    OFFICE_LANGUAGE,
    _,
    isolated,
    language_name,
    left_to_right,
    listing,
    locale,
    ngettext,
    speaking,
)
from handlers.cards import fitting, phone_link

_ROOM = 4096 - 400  # a message of Telegram, with room for a line above and below the card
_RULE_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def topic_name(topic: str) -> str:
    """A topic's name in words; empty for one we do not have."""
    names: dict[str, str] = {
        Topic.COURSES: _("Courses"),
        Topic.WOMEN: _("For women"),
        Topic.FAMILIES: _("Children and families"),
        Topic.HEALTH: _("Health talks"),
        Topic.AGAINST_RACISM: _("Weeks against racism"),
        Topic.WORK: _("Finding work"),
        Topic.CULTURE: _("Culture and festivals"),
        Topic.SPORT: _("Sport"),
        Topic.VOLUNTEERING: _("Volunteering"),
        Topic.PROFESSIONALS: _("Training and networks for professionals"),
        Topic.MY_TOWN: _("News from my town"),
    }
    return names.get(topic, "")


def day_words(moment: datetime) -> str:
    """A day with its weekday: "Dienstag, 8. Dezember 2026"."""
    return str(format_date(moment.astimezone(HOUSE_TIME).date(), "full", locale=locale()))


def clock_words(moment: datetime) -> str:
    """A time of day as German clocks and doors show it: "18:30"."""
    return str(format_time(moment, "HH:mm", tzinfo=HOUSE_TIME, locale=locale()))


def date_words(date: Date, *, all_day: bool, has_end: bool) -> str:
    """When a date is: day, from and until; or the first and the last whole day."""
    if all_day:
        last = date.ends_at - timedelta(seconds=1)
        first_day, last_day = day_words(date.starts_at), day_words(last)
        if first_day == last_day:
            return first_day
        return _("{first} to {last}").format(first=first_day, last=last_day)
    begins = clock_words(date.starts_at)
    if not has_end:
        return _("{day}, {time}").format(day=day_words(date.starts_at), time=left_to_right(begins))
    ends = clock_words(date.ends_at)
    if date.ends_at - date.starts_at >= timedelta(hours=20):
        ends = _("{day}, {time}").format(day=day_words(date.ends_at), time=ends)
        return (
            _("{day}, {time}").format(day=day_words(date.starts_at), time=left_to_right(begins))
            + f" – {ends}"
        )
    return _("{day}, {time}").format(
        day=day_words(date.starts_at), time=left_to_right(f"{begins}–{ends}")
    )


def rule_words(rule: str) -> str:
    """How often a series takes place: "every week: Tuesday"."""
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    every = int(parts.get("INTERVAL", "1"))
    once = {
        "DAILY": _("every day"),
        "WEEKLY": _("every week"),
        "MONTHLY": _("every month"),
        "YEARLY": _("every year"),
    }
    more = {
        "DAILY": ngettext("every {count} day", "every {count} days", every),
        "WEEKLY": ngettext("every {count} week", "every {count} weeks", every),
        "MONTHLY": ngettext("every {count} month", "every {count} months", every),
        "YEARLY": ngettext("every {count} year", "every {count} years", every),
    }
    how = once[parts["FREQ"]] if every == 1 else more[parts["FREQ"]].format(count=every)
    names = get_day_names("wide", locale=locale())
    days = []
    for which, day in re.findall(r"([+-]?\d*)([A-Z]{2})", parts.get("BYDAY", "")):
        name = str(names[_RULE_DAYS.index(day)])
        days.append(_nth(int(which), name) if which not in ("", "+", "-") else name)
    return f"{how}: {listing(days)}" if days else how


def _nth(which: int, day: str) -> str:
    words = {
        1: _("first {day}"),
        2: _("second {day}"),
        3: _("third {day}"),
        4: _("fourth {day}"),
        -1: _("last {day}"),
    }.get(which)
    return words.format(day=day) if words else f"{which}. {day}"


def place_line(event: Event) -> str:
    """Where it is, with a link to a map where there is an address; empty when nobody said."""
    town = event.municipality or ""
    address = event.address
    if town and town.split(" am ")[0] not in f"{event.place} {address}":
        address = f"{address}, {town}" if address else town
    shown = [isolated(html.quote(event.place))] if event.place else []
    if address:
        where = html.quote(address)
        if event.address:
            search = f"{event.address}, {town}" if town else event.address
            url = f"https://www.openstreetmap.org/search?query={quote(search)}"
            where = html.link(where, html.quote(url))
        shown.append(left_to_right(where))
    return ", ".join(shown)


def cost_words(cents: int) -> str:
    """What it costs: "free", "5,00 €"."""
    if cents == 0:
        return _("free")
    return left_to_right(str(format_currency(cents / 100, "EUR", locale=locale())))


def registration_words(event: Event) -> str:
    """Whether and where to register; empty when nobody said."""
    match event.registration:
        case "none":
            return _("not needed")
        case "here":
            return _("in our Telegram bot with “I am coming”")
        case "elsewhere":
            return _("needed: {where}").format(where=reach(event.registration_at))
    return ""


def reach(where: str) -> str:
    """A link, an e-mail address or a phone number that can be tapped."""
    if where.startswith(("http://", "https://", "www.")):
        url = where if where.startswith("http") else f"https://{where}"
        shown = re.sub(r"^https?://", "", where).rstrip("/")
        return left_to_right(html.link(html.quote(shown), html.quote(quote(url, safe=_URL_SAFE))))
    digits = re.sub(r"[^\d+]", "", where)
    if len(digits) > 5 and not re.search(r"[^\d\s/+().-]", where):
        number = f"+49{digits[1:]}" if digits.startswith("0") else digits
        return phone_link(where, f"tel:{number}")
    return left_to_right(html.quote(where))


_URL_SAFE = ":/?#[]@!$&'()*+,;=%~"


def facts_of(event: Event) -> list[str]:
    """What people ask before they go: language, cost, childcare, access, registration.

    What nobody said is left out: an empty place is better than a guess.
    """
    facts = []
    if event.languages:
        names = listing([language_name(code) for code in event.languages.split(",")])
        facts.append(_("Language there: {languages}").format(languages=html.quote(names)))
    if event.cost_cents is not None:
        facts.append(_("Cost: {cost}").format(cost=cost_words(event.cost_cents)))
    if event.childcare is not None:
        yes_no = _("yes") if event.childcare else _("no")
        facts.append(_("Childcare: {yes_no}").format(yes_no=yes_no))
    if event.barrier_free is not None:
        yes_no = _("yes") if event.barrier_free else _("no")
        facts.append(_("Barrier-free: {yes_no}").format(yes_no=yes_no))
    registration = registration_words(event)
    if registration:
        facts.append(_("Registration: {how}").format(how=registration))
    return facts


def when_line(event: Event, date: Date | None) -> str:
    """The date that is meant and how often it comes again."""
    if date is None:
        return _("The date is not known yet.")
    words = date_words(date, all_day=event.all_day, has_end=event.ends_at is not None)
    if event.rule:
        return f"{words} ({rule_words(event.rule)})"
    return words


def event_text(
    loaded: LoadedEvent,
    language: str,
    *,
    now: datetime,
    occurs_at: datetime | None = None,
    text_language: str | None = None,
) -> str:
    """An event's whole card as Telegram's HTML, in a reader's language; fits into one message.

    ``text_language`` names the language of title and text where somebody chose one; otherwise it
    is the reader's own, else English, else German, and the card says so. ``occurs_at`` picks one
    date of a series; otherwise it is the next one after ``now``.
    """
    event = loaded.event
    shown_in = text_language or loaded.language_for(language)
    title, text = loaded.words(shown_in)
    with speaking(language):
        date = date_of(event, occurs_at) if occurs_at else None
        date = date or next_date(event, now)
        head = [html.bold(isolated(html.quote(title)))]
        if event.state == "cancelled":
            head.append(html.bold(_("Cancelled. This event does not take place.")))
            if event.notice:
                head.append(isolated(html.quote(event.notice)))
        elif event.state == "changed":
            head.append(html.bold(_("Changed. Please read again.")))
        if event.starts_at is not None and date is None:
            head.append(html.bold(_("This event is over.")))
            return "\n".join(head)
        if shown_in != language and shown_in != OFFICE_LANGUAGE:
            head.append(
                html.italic(
                    _("I have this text in {language}.").format(language=language_name(shown_in))
                )
            )
        elif shown_in != language:
            head.append(html.italic(_("I have this text only in German.")))
        lines = [_("When: {when}").format(when=when_line(event, date))]
        where = place_line(event)
        if where:
            lines.append(_("Where: {place}").format(place=where))
        lines.extend(facts_of(event))
        topic = topic_name(event.topic)
        ending = html.italic(_("Topic: {topic}").format(topic=topic)) if topic else ""
        above, below = "\n".join(head), "\n".join(lines)
        body = []
        if text and text != title:
            body = [isolated(_shortened(text, _ROOM - len(above) - len(below) - len(ending)))]
        return fitting([above, *body, below], ending).strip()


def answer_words(answer: str, places: int) -> str:
    """What somebody said to an event."""
    if answer == Answer.COMES:
        return _("You are coming. {places}.").format(places=places_words(places))
    if answer == Answer.WAITING:
        return _("You are on the waiting list. {places}.").format(places=places_words(places))
    return _("You are interested.")


def _shortened(text: str, room: int) -> str:
    """A text as HTML in at most so many characters, cut where it is longer.

    Signs that HTML writes longer ("&") must not push out when and where the event is.
    """
    quoted = html.quote(text)
    kept = len(text)
    while len(quoted) > room and kept:
        kept = min(kept - 1, kept * max(room, 0) // len(quoted))
        quoted = html.quote(text[:kept].rstrip()) + "…"
    return quoted


def event_line(number: int, one: Listed, title: str) -> str:
    """An event in a list: what, when, where, and what people ask before they go."""
    event = one.event
    lines = [f"{number}. {html.bold(isolated(html.quote(title)))}"]
    if event.state == "cancelled":
        lines[0] += " – " + html.bold(_("cancelled"))
    if one.mine is not None:
        lines.append(html.bold(answer_words(one.mine.answer, one.mine.places)))
    lines.append(when_line(event, one.date))
    where = place_line(event)
    if one.distance_km is not None and one.distance_km >= 1:
        away = _("about {count} km").format(count=round(one.distance_km))
        where = f"{where} ({away})" if where else away
    if where:
        lines.append(where)
    facts = facts_of(event)
    if facts and event.state != "cancelled":
        lines.append("; ".join(facts))
    return "\n".join(lines)


def yearly_line(entry: Yearly, language: str) -> str:
    """An event of every year that has no date yet."""
    lines = [html.bold(isolated(html.quote(entry.title(language))))]
    text = entry.text(language)
    if text:
        lines.append(isolated(html.quote(text)))
    lines.append(yearly_when(entry) + " " + open_words(entry))
    return "\n".join(lines)


def open_words(entry: Yearly) -> str:
    """What nobody knows yet: the date, or where the day is the same every year all the rest."""
    if entry.day is not None:
        return _("Place and time are not known yet.")
    return _("The date is not known yet.")


def yearly_when(entry: Yearly) -> str:
    """When it is each year, as far as it is the same: "Every year in March."."""
    if entry.month is None:
        return _("Every year.")
    if entry.day is None:
        month = get_month_names("wide", context="stand-alone", locale=locale())[entry.month]
        return _("Every year in {month}.").format(month=month)
    day = datetime(2000, entry.month, entry.day, 12, tzinfo=HOUSE_TIME)
    words = format_skeleton("MMMMd", day, tzinfo=HOUSE_TIME, locale=locale())
    return _("Every year on {day}.").format(day=words)


def places_words(count: int) -> str:
    """How many places: "1 place", "3 places"."""
    return ngettext("{count} place", "{count} places", count).format(count=count)


def spoken_list(names: Sequence[str]) -> str:
    """Titles in a sentence, each kept in its own direction."""
    return listing([isolated(html.quote(name)) for name in names])
