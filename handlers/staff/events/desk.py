"""Staff's list of events, and one event: show it to everybody, change, cancel, count."""

from typing import Annotated

from aiogram import F, Router, html
from aiogram.filters import StateFilter
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import BufferedInputFile, CallbackQuery, InlineKeyboardMarkup, Message
from pydantic import Field as Bounded

from bot.errors import EventGone
from bot.events import (
    LoadedEvent,
    Tally,
    cancel_event,
    delete_draft,
    load_event,
    next_date,
    publish_event,
    revive_event,
    tallies,
    yearly_events,
)
from bot.events.editing import staff_events
from bot.events.importing import export_events
from bot.events.listing import dated_yearly
from bot.events.yearly import without_a_date
from bot.models import Chat, Event
from bot.office import Office
from bot.staff import Action, may, note, roles_of
from bot.texts import OFFICE_LANGUAGE, _, current_language, language_name, listing, ngettext
from handlers.buttons import Keys
from handlers.conversations import TAKE_ALARMING_WORDS
from handlers.events.cards import date_words, event_text, places_words, yearly_when
from handlers.staff.broadcasts.screens import Cast
from handlers.staff.desk import Desk

_PAGE = 8
FEWEST = 5
"""Interest below this is shown as "fewer than 5": who asks about one event must stay unknown."""


class EventDesk(CallbackData, prefix="evs"):
    """A staff screen about one event; ``item`` is a language where one is meant."""

    what: str
    event: Annotated[int, Bounded(ge=0, le=2**53)] = 0
    item: str = ""


class Cancelling(StatesGroup):
    """The dialogue that asks why an event is cancelled."""

    reason = State()


TAKE_ALARMING_WORDS.add(str(Cancelling.reason.state))
# Reasons to tap. Like every reason they are German: they stand in the event for everybody.
_REASONS = {
    "ill": "Grund: Krankheit.",
    "few": "Es gibt zu wenige Anmeldungen.",
    "room": "Wir haben keinen Raum.",
    "weather": "Grund: das Wetter.",
}


def state_name(state: str) -> str:
    """An event's state in words."""
    return {
        "draft": _("draft, only staff see it"),
        "announced": _("shown to everybody"),
        "changed": _("shown to everybody, changed"),
        "cancelled": _("cancelled"),
    }[state]


def event_back_keys(event_id: int) -> InlineKeyboardMarkup:
    """The way back to one event and to the list."""
    return (
        Keys()
        .row((_("The event"), EventDesk(what="show", event=event_id)))
        .row((_("Events"), Desk(screen="events")), (_("Desk"), Desk(screen="open")))
        .markup()
    )


def tally_words(tally: Tally) -> str:
    """The answers to an event: places exactly, because chairs are counted; interest rounded."""
    parts = [
        _("coming: {count} ({places})").format(
            count=tally.coming, places=places_words(tally.places)
        )
    ]
    if tally.waiting:
        parts.append(
            ngettext("{count} waits", "{count} wait", tally.waiting).format(count=tally.waiting)
        )
    if tally.interested:
        shown = str(tally.interested) if tally.interested >= FEWEST else f"<{FEWEST}"
        parts.append(_("interested: {count}").format(count=html.quote(shown)))
    return ", ".join(parts)


async def see_events(
    query: CallbackQuery, callback_data: Desk, office: Office, state: FSMContext
) -> None:
    """Every event that is not over, drafts first, with the answers so far."""
    if isinstance(query.message, Message):
        await state.clear()
        page = int(callback_data.item) if callback_data.item.isdecimal() else 0
        await show_list(query.message, office, min(page, 100))


async def show_list(message: Message, office: Office, page: int = 0) -> None:
    """One page of staff's list."""
    now = office.now()
    async with office.sessions.begin() as session:
        events = await staff_events(session, now)
        shown = events[page * _PAGE : (page + 1) * _PAGE]
        counts = await tallies(session, [event.id for event in shown], now)
    lines, keys = [html.bold(_("Events"))], Keys()
    for event in shown:
        lines.append(_line(event, counts.get(event.id), office))
        keys.row((event.title, EventDesk(what="show", event=event.id)))
    if not events:
        lines.append(_("There is no event yet."))
    if len(events) > (page + 1) * _PAGE:
        keys.row((_("More"), Desk(screen="events", item=str(page + 1))))
    keys.row((_("New event"), EventDesk(what="new")))
    keys.row((_("Every year"), EventDesk(what="yearly")))
    keys.row(
        (_("Import a calendar file"), EventDesk(what="import")),
        (_("Export"), EventDesk(what="export")),
    )
    keys.row((_("Desk"), Desk(screen="open")))
    await message.answer("\n\n".join(lines), reply_markup=keys.markup())


def _line(event: Event, tally: Tally | None, office: Office) -> str:
    date = next_date(event, office.now())
    when = _("The date is not known yet.")
    if date is not None:
        when = date_words(date, all_day=event.all_day, has_end=event.ends_at is not None)
    parts = [
        f"{html.bold(html.quote(event.title))} – {state_name(event.state)}",
        when,
    ]
    if event.state != "draft":
        parts.append(tally_words(tally or Tally()))
    return "\n".join(parts)


async def see_event(
    query: CallbackQuery, callback_data: EventDesk, office: Office, here: Chat, state: FSMContext
) -> None:
    """One event as people see it in German, its answers, and what can be done."""
    if isinstance(query.message, Message):
        await state.clear()
        await show_desk_event(query.message, office, here, callback_data.event)


async def show_desk_event(message: Message, office: Office, here: Chat, event_id: int) -> None:
    """One event with all that staff can do. Raises ``EventGone``."""
    now = office.now()
    async with office.sessions.begin() as session:
        loaded = await load_event(session, event_id)
        counts = await tallies(session, [event_id], now)
        roles = await roles_of(session, here)
    if loaded is None:
        raise EventGone
    event = loaded.event
    lines = [_("State: {state}").format(state=state_name(event.state))]
    if event.state != "draft":
        lines.append(tally_words(counts.get(event_id, Tally())))
    names = [language_name(code) for code in sorted({OFFICE_LANGUAGE, *loaded.texts})]
    lines.append(_("Texts: {languages}").format(languages=listing(names)))
    if loaded.has_picture:
        lines.append(_("With a picture"))
    card = event_text(loaded, OFFICE_LANGUAGE, now=now)
    keys = _event_keys(loaded, may(roles, Action.EDIT_EVENTS))
    await message.answer("\n".join(lines) + "\n\n" + card, reply_markup=keys)


def _event_keys(loaded: LoadedEvent, editing: bool) -> InlineKeyboardMarkup:
    event, keys = loaded.event, Keys()
    number = event.id
    if editing:
        if event.state == "draft":
            keys.row((_("Show it to everybody"), EventDesk(what="publish", event=number)))
        if event.state != "cancelled":
            keys.row((_("Change"), EventDesk(what="change", event=number)))
            keys.row(
                (_("Other languages"), EventDesk(what="texts", event=number)),
                (_("Picture"), EventDesk(what="picture", event=number)),
            )
        if event.state not in {"draft", "cancelled"} and event.starts_at is not None:
            keys.row((_("Announce it"), Cast(what="event", id=number)))
        if event.state == "draft":
            keys.row((_("Delete the draft"), EventDesk(what="delete", event=number)))
        elif event.state == "cancelled":
            keys.row((_("It takes place after all"), EventDesk(what="revive", event=number)))
        else:
            keys.row((_("Cancel the event"), EventDesk(what="cancel", event=number)))
    keys.row((_("Events"), Desk(screen="events")), (_("Desk"), Desk(screen="open")))
    return keys.markup()


async def publish(
    query: CallbackQuery, callback_data: EventDesk, office: Office, here: Chat
) -> None:
    """From now on everybody finds the event. Nobody is written to."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        event = await publish_event(session, callback_data.event, office.now())
        await note(session, here, Action.EDIT_EVENTS, f"show event {event.id}", office.now())
    await query.message.answer(
        _("Everybody finds this event now. Nobody has got a message about it."),
        reply_markup=event_back_keys(event.id),
    )


async def drop_draft(
    query: CallbackQuery, callback_data: EventDesk, office: Office, here: Chat
) -> None:
    """Delete a draft."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        await delete_draft(session, callback_data.event)
        what = f"delete draft {callback_data.event}"
        await note(session, here, Action.EDIT_EVENTS, what, office.now())
    await query.message.answer(_("The draft is deleted."))
    await show_list(query.message, office)


async def ask_why(
    query: CallbackQuery, callback_data: EventDesk, office: Office, state: FSMContext
) -> None:
    """An event is cancelled with a sentence that everybody reads."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        loaded = await load_event(session, callback_data.event)
    if loaded is None:
        raise EventGone
    await state.set_state(Cancelling.reason)
    await state.set_data({"event": callback_data.event})
    await query.message.answer(
        _(
            "Why does “{event}” not take place? Write one sentence in German. Everybody reads it, "
            "and whoever comes gets a message."
        ).format(event=html.quote(loaded.event.title)),
        reply_markup=_reason_keys(callback_data.event),
    )


def _reason_keys(event_id: int) -> InlineKeyboardMarkup:
    keys = Keys()
    for name, words in _REASONS.items():
        keys.row((words, EventDesk(what="why", event=event_id, item=name)))
    return keys.row((_("Do not cancel it"), EventDesk(what="show", event=event_id))).markup()


async def choose_why(
    query: CallbackQuery, callback_data: EventDesk, office: Office, here: Chat, state: FSMContext
) -> None:
    """Cancel the event with a reason that was tapped."""
    if isinstance(query.message, Message) and callback_data.item in _REASONS:
        reason = _REASONS[callback_data.item]
        await _cancel(query.message, office, here, state, callback_data.event, reason)


async def take_why(message: Message, office: Office, here: Chat, state: FSMContext) -> None:
    """Cancel the event with the reason that was written."""
    reason = (message.text or "").strip()
    if not reason or reason.startswith("/"):
        await message.answer(_("Please write the reason in words."))
        return
    event_id = int((await state.get_data())["event"])
    await _cancel(message, office, here, state, event_id, reason)


async def _cancel(
    message: Message, office: Office, here: Chat, state: FSMContext, event_id: int, reason: str
) -> None:
    await state.clear()
    async with office.sessions.begin() as session:
        change = await cancel_event(session, event_id, reason, office.now())
        what = f"cancel event {event_id}"
        await note(session, here, Action.EDIT_EVENTS, what, office.now())
    await message.answer(
        _("The event is cancelled.") + " " + told_words(change.told),
        reply_markup=event_back_keys(event_id),
    )


async def revive(
    query: CallbackQuery, callback_data: EventDesk, office: Office, here: Chat
) -> None:
    """Take a cancellation back."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        change = await revive_event(session, callback_data.event, office.now())
        what = f"revive event {callback_data.event}"
        await note(session, here, Action.EDIT_EVENTS, what, office.now())
    await query.message.answer(
        _("The event takes place.") + " " + told_words(change.told),
        reply_markup=event_back_keys(callback_data.event),
    )


def told_words(count: int) -> str:
    """How many people get a message because they come."""
    return ngettext(
        "{count} person who comes gets a message.",
        "{count} people who come get a message.",
        count,
    ).format(count=count)


async def see_yearly(query: CallbackQuery, office: Office) -> None:
    """The events of every year that have no date now; one tap begins this year's."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        entries = without_a_date(await dated_yearly(session, office.now()))
    language = current_language()
    lines, keys = [html.bold(_("Every year"))], Keys()
    for entry in entries:
        lines.append(f"• {html.quote(entry.title(language))}: {yearly_when(entry)}")
        label = _("Give a date: {event}").format(event=entry.title(OFFICE_LANGUAGE))
        keys.row((label, EventDesk(what="year", item=entry.id)))
    if len(entries) < len(yearly_events()):
        lines.append(_("The others have a date already."))
    keys.row((_("Events"), Desk(screen="events")), (_("Desk"), Desk(screen="open")))
    await query.message.answer("\n".join(lines), reply_markup=keys.markup())


async def export(query: CallbackQuery, office: Office) -> None:
    """Every event as a calendar file, for the office's own calendar and for an import."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        content, count = await export_events(session, office.now())
    await query.message.answer_document(
        BufferedInputFile(content, filename="events.ics"),
        caption=ngettext("{count} event", "{count} events", count).format(count=count),
    )


def register_desk(router: Router) -> None:
    """The list, one event, showing, cancelling, exporting."""
    seeing, editing = {"action": Action.SEE_EVENTS}, {"action": Action.EDIT_EVENTS}
    router.callback_query.register(see_events, Desk.filter(F.screen == "events"), flags=seeing)
    for what, handler, flags in (
        ("show", see_event, seeing),
        ("yearly", see_yearly, seeing),
        ("export", export, seeing),
        ("publish", publish, editing),
        ("delete", drop_draft, editing),
        ("cancel", ask_why, editing),
        ("why", choose_why, editing),
        ("revive", revive, editing),
    ):
        router.callback_query.register(handler, EventDesk.filter(F.what == what), flags=flags)
    router.message.register(take_why, StateFilter(Cancelling.reason), flags=editing)
