"""How an article, a contact or an emergency looks in a chat: Telegram's HTML."""

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from aiogram import html
from babel.dates import get_day_names

from bot.knowledge import Article, Contact, Hours, Knowledge, Scope
from bot.knowledge import render_html as render_body
from bot.knowledge.formatting import format_as_of
from bot.texts import (
    _,
    current_language,
    isolated,
    left_to_right,
    listing,
    locale,
    ngettext,
)

_TEXT_LIMIT = 4096
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def as_of_phrase(when: str) -> str:
    """The part of a sentence that dates a figure: "Stand: 2025"."""
    return _("as of {when}").format(when=when)


def phone_link(display: str, uri: str) -> str:
    """A number to tap, kept left-to-right. Apps that drop ``tel:`` links find numbers with +49."""
    return html.link(left_to_right(html.quote(display)), uri)


def map_link(contact: Contact) -> str:
    """A link to a map of the contact's address; empty when the address is not known."""
    if contact.lat is not None and contact.lon is not None:
        place = f"?mlat={contact.lat}&mlon={contact.lon}#map=17/{contact.lat}/{contact.lon}"
        return f"https://www.openstreetmap.org/{place}"
    if contact.street:
        where = quote(f"{contact.street}, {contact.postcode} {contact.town}")
        return f"https://www.openstreetmap.org/search?query={where}"
    return ""


def opening_hours(hours: Sequence[Hours]) -> list[str]:
    """Opening hours in words, a line each: "Mo, Mi 08:00–12:00"."""
    names = get_day_names("abbreviated", locale=locale())
    lines = []
    for span in hours:
        if len(span.days) == len(_DAYS) and (span.start, span.end) == ("00:00", "24:00"):
            lines.append(_("day and night"))
            continue
        days = _day_span(span.days, [str(names[number]) for number in range(7)])
        lines.append(f"{days} {left_to_right(f'{span.start}–{span.end}')}")
    return lines


def _day_span(days: Sequence[str], names: Sequence[str]) -> str:
    numbers = [_DAYS.index(day) for day in days]
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{names[numbers[0]]}–{names[numbers[-1]]}"
    return ", ".join(names[number] for number in numbers)


def scope_line(scope: Scope) -> str:
    """Whom an office serves, where that is not everybody."""
    names = [isolated(html.quote(name)) for name in scope.municipalities]
    if scope.kind == "only":
        return _("Only for people who live in {places}:").format(places=listing(names))
    if scope.kind == "all_but":
        return _("For all other towns of the county (not {places}):").format(places=listing(names))
    return ""


def contact_card(contact: Contact, scope: Scope | None = None) -> str:
    """A contact as a card: name, address with map, tappable phone, hours, web, source's date."""
    language = current_language()
    lines = [html.bold(isolated(html.quote(contact.name(language))))]
    about = contact.about_in(language)
    if about:
        lines.append(html.quote(about))
    if contact.street or contact.town:
        town = f"{contact.postcode} {contact.town}".strip()
        address = html.quote(", ".join(part for part in (contact.street, town) if part))
        link = map_link(contact)
        lines.append(left_to_right(html.link(address, html.quote(link)) if link else address))
    for phone in contact.phones:
        note = phone.note(language)
        number = phone_link(phone.display, phone.uri)
        line = _("Phone: {number}").format(number=number)
        lines.append(f"{line} ({html.quote(note)})" if note else line)
    if contact.email:
        lines.append(
            _("E-mail: {address}").format(address=left_to_right(html.quote(contact.email)))
        )
    lines.extend(
        _("Open: {hours}").format(hours=span)
        for span in ("; ".join(opening_hours(contact.hours)),)
        if span
    )
    if contact.web:
        shown = contact.web.removeprefix("https://").removeprefix("http://").rstrip("/")
        link = html.link(html.quote(shown), html.quote(contact.web))
        lines.append(_("Web: {link}").format(link=left_to_right(link)))
    lines.append(html.italic(_dated(contact)))
    card = "\n".join(lines)
    above = scope_line(scope) if scope else ""
    return f"{above}\n{card}" if above else card


def _dated(contact: Contact) -> str:
    when = format_as_of(contact.as_of, current_language())
    dated = _("As of: {when}.").format(when=when) if when else _("The source gives no date.")
    if contact.confidence == "high" or not contact.phones:
        return dated
    return dated + " " + _("Please call first and check.")


def article_card(
    knowledge: Knowledge, article: Article, municipality: str | None, *, note: str = ""
) -> str:
    """An article with its contacts, for people of a municipality (``None``: not known).

    Contacts that would make the message longer than Telegram takes are left out.
    """
    language = article.language
    parts = [
        html.bold(html.quote(article.title)),
        render_body(article.body, knowledge.facts, language, as_of_phrase),
    ]
    if note:
        parts.insert(0, html.italic(note))
    shown = knowledge.contacts_for(article.topic_id, municipality)
    cards = [
        contact_card(contact, scope if municipality is None else None) for contact, scope in shown
    ]
    if shown.ask_place:
        cards.append(_("Tell me your town. Then I can name the right office: /place"))
    reviewed = knowledge.topics[article.topic_id].reviewed_on.isoformat()
    ending = html.italic(
        _("As of: {when}.").format(when=format_as_of(reviewed, language))
        + " "
        + _("This is an automatic answer.")
    )
    return fitting([*parts, *cards], ending)


def fitting(parts: Iterable[str], ending: str) -> str:
    """The parts joined, as many as fit into one message, and the ending.

    Telegram counts the text after its markup is taken out; counting the markup too is safe.
    """
    kept: list[str] = []
    room = _TEXT_LIMIT - len(ending) - 2
    for part in parts:
        if len(part) + 2 <= room:
            kept.append(part)
            room -= len(part) + 2
    return "\n\n".join([*kept, ending])


def found_line(count: int) -> str:
    """How many places a search of the directory found."""
    return ngettext("{count} place found.", "{count} places found.", count).format(count=count)
