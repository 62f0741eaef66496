"""Events for residents: what is on, answers, messages by topic, links and calendar files."""

from aiogram import Router
from aiogram.filters import Command

from handlers.buttons import EventDo, Events, Hear
from handlers.events.answering import START_PREFIX, EventLink, do, start_with_event
from handlers.events.asking import answer_events, asks_for_events
from handlers.events.cards import event_text, topic_name
from handlers.events.hearing import hear, show_hearing, stopped_words
from handlers.events.letters import letter_words
from handlers.events.screens import (
    events_command,
    first_page,
    list_pressed,
    show_event,
    show_events,
)

__all__ = [
    "START_PREFIX",
    "EventLink",
    "answer_events",
    "asks_for_events",
    "build_events_router",
    "event_text",
    "first_page",
    "letter_words",
    "show_event",
    "show_events",
    "show_hearing",
    "start_with_event",
    "stopped_words",
    "topic_name",
]


def build_events_router() -> Router:
    """The command and every button about events. Words come through the questions."""
    router = Router(name="events")
    router.message.register(events_command, Command("events"))
    router.callback_query.register(list_pressed, Events.filter())
    router.callback_query.register(do, EventDo.filter())
    router.callback_query.register(hear, Hear.filter())
    return router
