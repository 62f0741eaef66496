"""What is on in the county: events, who wants to hear of them, and who comes.

Other parts use what stands here; ``bot/broadcasts`` above all: whom to tell (``subscribers``,
``audience_counts``, ``comers``) and what (``load_event``). Changing or cancelling an event owes a
short notice to those who come in the same transaction (``change_event``, ``cancel_event``): a
broadcast edits its messages and tells nobody a second time.
"""

from bot.events.answers import (
    Answer,
    Answered,
    come,
    fill_places,
    my_answer,
    say_interested,
    take_back,
)
from bot.events.editing import (
    Change,
    EventDraft,
    cancel_event,
    change_event,
    create_event,
    delete_draft,
    draft_of,
    publish_event,
    revive_event,
    set_picture,
    set_text,
)
from bot.events.listing import (
    Listed,
    LoadedEvent,
    Scope,
    Tally,
    Wanted,
    load_event,
    load_picture,
    my_events,
    still_valid,
    tallies,
    whats_on,
)
from bot.events.quieting import be_quiet
from bot.events.recurring import Date, date_of, next_date
from bot.events.reminding import owe_due_reminders, remind, reminded, unremind
from bot.events.subscribing import (
    audience_counts,
    comers,
    my_subscriptions,
    subscribe,
    subscribers,
    unsubscribe,
)
from bot.events.topics import Topic
from bot.events.yearly import Yearly, yearly_events

__all__ = [
    "Answer",
    "Answered",
    "Change",
    "Date",
    "EventDraft",
    "Listed",
    "LoadedEvent",
    "Scope",
    "Tally",
    "Topic",
    "Wanted",
    "Yearly",
    "audience_counts",
    "be_quiet",
    "cancel_event",
    "change_event",
    "come",
    "comers",
    "create_event",
    "date_of",
    "delete_draft",
    "draft_of",
    "fill_places",
    "load_event",
    "load_picture",
    "my_answer",
    "my_events",
    "my_subscriptions",
    "next_date",
    "owe_due_reminders",
    "publish_event",
    "remind",
    "reminded",
    "revive_event",
    "say_interested",
    "set_picture",
    "set_text",
    "still_valid",
    "subscribe",
    "subscribers",
    "take_back",
    "tallies",
    "unremind",
    "unsubscribe",
    "whats_on",
    "yearly_events",
]
