"""The parts of an event as staff are asked for them: names, questions, and buttons to answer."""

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardMarkup
from pydantic import Field as Bounded

from bot.events import Topic
from bot.events.editing import PLACE_LIMIT, TEXT_LIMIT, TITLE_LIMIT
from bot.events.fields import Field
from bot.places import towns
from bot.texts import _
from handlers.buttons import Keys
from handlers.events.cards import topic_name

COUNTY = "county"
"""What the button "The whole county" carries instead of a town."""


class Write(CallbackData, prefix="evw"):
    """A button while an event is being written."""

    what: str
    field: str = ""
    value: Annotated[str, Bounded(max_length=40)] = ""


def field_name(field: Field) -> str:
    """A part of an event in words."""
    return {
        Field.TITLE: _("Title"),
        Field.TEXT: _("Text"),
        Field.WHEN: _("Date and time"),
        Field.PLACE: _("Place"),
        Field.ADDRESS: _("Address"),
        Field.TOWN: _("Town"),
        Field.TOPIC: _("Topic"),
        Field.LANGUAGES: _("Languages there"),
        Field.COST: _("Price"),
        Field.CHILDCARE: _("Childcare"),
        Field.ACCESS: _("Barrier-free"),
        Field.REGISTRATION: _("Registration"),
        Field.CAPACITY: _("Number of places"),
    }[field]


def question(field: Field) -> str:
    """What staff are asked for a part."""
    return {
        Field.TITLE: _("What is it called? In German, up to {count} characters.").format(
            count=TITLE_LIMIT
        ),
        Field.TEXT: _("What happens there? In simple German, up to {count} characters.").format(
            count=TEXT_LIMIT
        ),
        Field.WHEN: _(
            "When is it? Write it in German, for example:\n"
            "8.12.2026 von 10 bis 12 Uhr\n"
            "jeden Dienstag 18 Uhr ab 12.1.2027 bis 30.6.2027\n"
            "15.3.2027 bis 28.3.2027"
        ),
        Field.PLACE: _("Which house or room? For example: Bürgerhaus, Raum 3"),
        Field.ADDRESS: _("Street and number? For example: Am Markt 3, 64521 Groß-Gerau"),
        Field.TOWN: _("Which town?"),
        Field.TOPIC: _("Which topic?"),
        Field.LANGUAGES: _(
            "Which languages do people speak there? In German, for example: Arabisch, Deutsch"
        ),
        Field.COST: _("What does it cost? For example: kostenlos, or: 5,00 Euro"),
        Field.CHILDCARE: _("Is there childcare?"),
        Field.ACCESS: _("Can people with a wheelchair come in?"),
        Field.REGISTRATION: _(
            "Do people have to register? Choose, or write a link, an e-mail address or a number."
        ),
        Field.CAPACITY: _("How many places are there? A number."),
    }[field]


def field_keys(field: Field, *, steps: bool) -> InlineKeyboardMarkup:
    """The answers that can be tapped, and the way past the question."""

    def choice(label: str, value: str) -> tuple[str, CallbackData]:
        return label, Write(what="value", field=field.value, value=value)

    keys = Keys()
    match field:
        case Field.TOPIC:
            topics = [topic for topic in Topic if topic is not Topic.MY_TOWN]
            keys.grid([choice(topic_name(topic), topic.value) for topic in topics], 1)
            keys.row(choice(_("Something else from a town"), Topic.MY_TOWN.value))
        case Field.TOWN:
            keys.grid([choice(name, str(number)) for number, name in enumerate(towns())])
            keys.row(choice(_("The whole county"), COUNTY))
        case Field.CHILDCARE | Field.ACCESS:
            keys.row(choice(_("Yes"), "ja"), choice(_("No"), "nein"))
        case Field.REGISTRATION:
            keys.row(choice(_("No registration"), "none"))
            keys.row(choice(_("Yes, here in the chat"), "here"))
        case _words:
            pass
    empty = Write(what="value", field=field.value)
    label = _("Skip") if steps else _("Leave it empty")
    keys.row((label, empty))
    keys.row((_("Back"), Write(what="look")))
    return keys.markup()


def not_understood(field: Field, typed: str) -> str:
    """Why an answer cannot be taken, and the question again."""
    limits = {
        Field.TITLE: TITLE_LIMIT,
        Field.TEXT: TEXT_LIMIT,
        Field.PLACE: PLACE_LIMIT,
        Field.ADDRESS: PLACE_LIMIT,
    }
    limit = limits.get(field)
    if limit is not None and len(typed) > limit:
        return _("This is too long: {count} characters. At most {limit}.").format(
            count=len(typed), limit=limit
        )
    return _("I did not understand this.") + "\n" + question(field)
