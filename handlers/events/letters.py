"""What is owed to people about events: a place, a reminder, a change, a cancellation."""

from datetime import datetime

from aiogram import html
from aiogram.types import InlineKeyboardMarkup

from bot.events import LoadedEvent
from bot.models import Event, Letter
from bot.texts import _, left_to_right
from handlers.buttons import EventDo, Events, Keys
from handlers.events.cards import clock_words, day_words, event_text, places_words


def letter_words(
    letter: Letter, loaded: LoadedEvent | None, language: str, now: datetime
) -> tuple[str, InlineKeyboardMarkup] | None:
    """What a letter about an event says in the language being spoken; nothing when it is too late.

    Too late is a reminder of a date that has begun, and anything about an event that is gone.
    """
    if loaded is None:
        return None
    event, content = loaded.event, letter.content
    keys = Keys()
    leave = (_("I am not coming"), EventDo(what="back", event=event.id))
    occurs_at = datetime.fromisoformat(content["occurs_at"]) if "occurs_at" in content else None
    match letter.kind:
        case "event_reminder":
            if occurs_at is None or occurs_at <= now or event.state == "cancelled":
                return None
            head = _reminder(event, occurs_at)
            keys.row((_("The event"), EventDo(what="show", event=event.id)), leave)
        case "event_moved_up":
            if event.state == "cancelled":
                return None
            places = places_words(int(content["places"]))
            head = _("There is a place for you now. You are coming. {places}.").format(
                places=places
            )
            keys.row((_("The event"), EventDo(what="show", event=event.id)), leave)
        case "event_changed":
            head = _("Something has changed. You said that you are coming. Please read:")
            keys.row((_("The event"), EventDo(what="show", event=event.id)), leave)
        case _cancelled:
            head = _("An event that you wanted to go to does not take place:")
            keys.row((_("All events"), Events()))
    text = event_text(loaded, language, now=now, occurs_at=occurs_at)
    return f"{html.bold(head)}\n\n{text}", keys.markup()


def _reminder(event: Event, occurs_at: datetime) -> str:
    if event.all_day:
        return _("Do not forget: {day}").format(day=day_words(occurs_at))
    return _("Do not forget: {day}, {time}").format(
        day=day_words(occurs_at), time=left_to_right(clock_words(occurs_at))
    )
