"""Staff write an event: in one message, from a calendar file, step by step; and correct it."""

from typing import Any

from aiogram import Bot, F, Router, html
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.errors import EventGone
from bot.events import (
    EventDraft,
    LoadedEvent,
    change_event,
    create_event,
    draft_of,
    load_event,
    publish_event,
    yearly_events,
)
from bot.events.editing import new_uid, preview
from bot.events.fields import CHOICES, Field, cleared, filled
from bot.events.reading import read_message
from bot.folding import words as folded_words
from bot.models import Chat
from bot.office import Office
from bot.staff import Action, note
from bot.texts import OFFICE_LANGUAGE, _, listing
from handlers.buttons import Keys
from handlers.conversations import EXPECT_NUMBERS, TAKE_ALARMING_WORDS
from handlers.events.cards import event_text
from handlers.staff.desk import Desk
from handlers.staff.events.asking import (
    COUNTY,
    Write,
    field_keys,
    field_name,
    not_understood,
    question,
)
from handlers.staff.events.desk import EventDesk, event_back_keys, told_words
from handlers.staff.events.files import read_files
from handlers.staff.events.importing import report_rows

_STEPS = list(Field)


class Writing(StatesGroup):
    """The dialogue in which an event is written: its first message, looking at it, one part."""

    first = State()
    looking = State()
    words = State()
    choice = State()


EXPECT_NUMBERS.add(str(Writing.words.state))
TAKE_ALARMING_WORDS.update({str(Writing.first.state), str(Writing.words.state)})


# Where the draft is while it is being written


async def _open(state: FSMContext, draft: EventDraft, event_id: int | None, **more: Any) -> None:
    """Begin to write; the event has its name from now on, so that it is never saved twice."""
    draft = draft if draft.uid else draft.model_copy(update={"uid": new_uid()})
    await state.set_state(Writing.looking)
    await state.set_data({"draft": draft.model_dump(mode="json"), "event": event_id, **more})


async def _draft(state: FSMContext) -> tuple[EventDraft, dict[str, Any]]:
    """The draft and what else the dialogue knows. Raises ``EventGone`` when it is forgotten."""
    data = await state.get_data()
    if "draft" not in data:
        raise EventGone
    return EventDraft.model_validate(data["draft"]), data


async def begin(
    query: CallbackQuery, callback_data: EventDesk, office: Office, state: FSMContext
) -> None:
    """A new event; of every year, or from nothing."""
    message = query.message
    if not isinstance(message, Message):
        return
    entry = yearly_events().get(callback_data.item) if callback_data.what == "year" else None
    if entry is not None:
        draft = EventDraft(
            title=entry.titles[OFFICE_LANGUAGE],
            text=entry.text(OFFICE_LANGUAGE),
            topic=entry.topic,
            yearly_id=entry.id,
        )
        await _open(state, draft, None)
        await _ask(message, state, Field.WHEN)
        return
    await state.set_state(Writing.first)
    await state.set_data({})
    await message.answer(
        _(
            "Write everything about the event in one message, in German. The first line is the "
            "title. Or send a calendar file (.ics). I show you what I understood."
        ),
        reply_markup=Keys()
        .row((_("Step by step"), Write(what="steps")))
        .row((_("Events"), Desk(screen="events")))
        .markup(),
    )


async def step_by_step(query: CallbackQuery, state: FSMContext) -> None:
    """Ask for one part after the other."""
    if isinstance(query.message, Message):
        await _open(state, EventDraft(), None, steps=True)
        await _ask(query.message, state, _STEPS[0])


async def take_first(
    message: Message, bot: Bot, office: Office, here: Chat, state: FSMContext
) -> None:
    """The whole event in one message, or a calendar file."""
    if message.document is not None:
        rows = await read_files(bot, message)
        if len(rows) == 1 and rows[0].draft is not None:
            await _open(state, rows[0].draft, None)
            await show_draft(message, office, state)
            return
        # Several events, or one that cannot be read: the import says row by row what is wrong.
        await report_rows(message, office, state, rows, message.document.file_id)
        return
    words = (message.text or message.caption or "").strip()
    if not words or words.startswith("/"):
        await message.answer(_("Please write the event in words, or send a calendar file (.ics)."))
        return
    await _open(state, read_message(words, office.today()), None)
    await show_draft(message, office, state)


async def change(
    query: CallbackQuery, callback_data: EventDesk, office: Office, state: FSMContext
) -> None:
    """Change an event that is there."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        loaded = await load_event(session, callback_data.event)
    if loaded is None:
        raise EventGone
    shown = loaded.event.state != "draft"
    await _open(state, draft_of(loaded.event), loaded.event.id, shown=shown)
    await show_draft(query.message, office, state)


async def show_draft(message: Message, office: Office, state: FSMContext) -> None:
    """The draft as people would see it, what is missing, and a button for each part."""
    draft, data = await _draft(state)
    await state.set_state(Writing.looking)
    card = event_text(LoadedEvent(preview(draft, office.now())), OFFICE_LANGUAGE, now=office.now())
    lines = [html.italic(_("This is how people see it:")), card]
    missing = draft.missing()
    if missing:
        names = [field_name(_FIELD_OF[name]) for name in missing]
        lines.append(html.bold(_("Still missing: {parts}").format(parts=listing(names))))
    if draft.registration == "elsewhere" and not draft.registration_at:
        lines.append(_("Nobody knows yet where to register."))
    await message.answer("\n\n".join(lines), reply_markup=_draft_keys(draft, data))


_FIELD_OF = {
    "title": Field.TITLE,
    "text": Field.TEXT,
    "topic": Field.TOPIC,
    "starts_at": Field.WHEN,
}


def _draft_keys(draft: EventDraft, data: dict[str, Any]) -> InlineKeyboardMarkup:
    keys = Keys()
    shown = bool(data.get("shown"))
    if shown and not draft.missing():
        keys.row((_("Save and tell those who are coming"), Write(what="save")))
    elif not shown:
        if draft.title:
            keys.row((_("Save as a draft"), Write(what="save")))
        if not draft.missing():
            keys.row((_("Save and show it to everybody"), Write(what="publish")))
    keys.grid([(field_name(field), Write(what="field", field=field.value)) for field in Field])
    keys.row((_("Throw away what I wrote"), Write(what="drop")))
    return keys.markup()


# One part


async def choose_field(query: CallbackQuery, callback_data: Write, state: FSMContext) -> None:
    """One part is to be written anew."""
    if isinstance(query.message, Message) and callback_data.field in set(Field):
        await _draft(state)
        await _ask(query.message, state, Field(callback_data.field))


async def _ask(message: Message, state: FSMContext, field: Field) -> None:
    data = await state.get_data()
    await state.set_state(Writing.choice if field in CHOICES else Writing.words)
    await state.set_data({**data, "field": field.value})
    await message.answer(
        question(field), reply_markup=field_keys(field, steps=bool(data.get("steps")))
    )


async def take_words(message: Message, office: Office, state: FSMContext) -> None:
    """What was typed for one part, or what one of its buttons says."""
    typed = (message.text or "").strip()
    draft, data = await _draft(state)
    field = Field(data["field"])
    said = folded_words(typed)
    if said in (folded_words(_("Skip")), folded_words(_("Leave it empty"))):
        await _keep(message, office, state, cleared(draft, field), field)
        return
    if said == folded_words(_("Back")):
        await show_draft(message, office, state)
        return
    new = filled(draft, field, typed, office.today()) if typed else None
    if new is None:
        await message.answer(
            not_understood(field, typed),
            reply_markup=field_keys(field, steps=bool(data.get("steps"))),
        )
        return
    await _keep(message, office, state, new, field)


async def take_choice(
    query: CallbackQuery, callback_data: Write, office: Office, state: FSMContext
) -> None:
    """A button for one part was pressed; no value means that it stays empty."""
    message = query.message
    if not isinstance(message, Message) or callback_data.field not in set(Field):
        return
    draft, _data = await _draft(state)
    field, value = Field(callback_data.field), callback_data.value
    if field is Field.TOWN and value.isdecimal():
        names = list(office.knowledge.municipalities)
        value = names[int(value)] if int(value) < len(names) else ""
    if not value or value == COUNTY:
        new: EventDraft | None = cleared(draft, field)
    else:
        new = filled(draft, field, value, office.today())
    if new is not None:
        await _keep(message, office, state, new, field)


async def _keep(
    message: Message, office: Office, state: FSMContext, draft: EventDraft, field: Field
) -> None:
    """Keep the draft and go on: to the next part in the steps, else back to the whole."""
    data = await state.get_data()
    data = {**data, "draft": draft.model_dump(mode="json")}
    await state.set_data(data)
    if data.get("steps"):
        position = _STEPS.index(field) + 1
        if position < len(_STEPS):
            await _ask(message, state, _STEPS[position])
            return
        await state.set_data({**data, "steps": False})
    await show_draft(message, office, state)


async def look(query: CallbackQuery, office: Office, state: FSMContext) -> None:
    """Back to the whole draft."""
    if isinstance(query.message, Message):
        data = await state.get_data()
        await state.set_data({**data, "steps": False})
        await show_draft(query.message, office, state)


async def hint(message: Message, office: Office, state: FSMContext) -> None:
    """Words while the whole draft is shown: what to do is said again."""
    await message.answer(_("Choose what you want to change, or save it:"))
    await show_draft(message, office, state)


async def drop(query: CallbackQuery, state: FSMContext) -> None:
    """Throw the changes away; what is saved stays as it was."""
    if not isinstance(query.message, Message):
        return
    data = await state.get_data()
    await state.clear()
    event_id = data.get("event")
    await query.message.answer(
        _("Good. Nothing was changed."),
        reply_markup=event_back_keys(event_id)
        if event_id
        else Keys().row((_("Events"), Desk(screen="events"))).markup(),
    )


async def save(
    query: CallbackQuery, callback_data: Write, office: Office, here: Chat, state: FSMContext
) -> None:
    """Save the draft or the changes; those who come are told when it matters to them."""
    if not isinstance(query.message, Message):
        return
    draft, data = await _draft(state)
    event_id, now = data.get("event"), office.now()
    lines = []
    async with office.sessions.begin() as session:
        if event_id is None:
            event_id = (await create_event(session, draft, now)).id
            lines.append(_("Saved."))
        else:
            changed = await change_event(session, event_id, draft, now)
            lines.append(_("Saved.") if changed.fields else _("Nothing was changed."))
            if changed.told:
                lines.append(told_words(changed.told))
        if callback_data.what == "publish":
            await publish_event(session, event_id, now)
            lines.append(_("Everybody finds this event now. Nobody has got a message about it."))
        await note(session, here, Action.EDIT_EVENTS, f"write event {event_id}", now)
    await state.clear()
    await query.message.answer("\n".join(lines), reply_markup=event_back_keys(event_id))


def register_writing(router: Router) -> None:
    """The dialogue that writes an event."""
    editing = {"action": Action.EDIT_EVENTS}
    router.callback_query.register(begin, EventDesk.filter(F.what == "new"), flags=editing)
    router.callback_query.register(begin, EventDesk.filter(F.what == "year"), flags=editing)
    router.callback_query.register(change, EventDesk.filter(F.what == "change"), flags=editing)
    for what, handler in (
        ("steps", step_by_step),
        ("field", choose_field),
        ("value", take_choice),
        ("look", look),
        ("drop", drop),
        ("save", save),
        ("publish", save),
    ):
        router.callback_query.register(handler, Write.filter(F.what == what), flags=editing)
    router.message.register(take_first, StateFilter(Writing.first), flags=editing)
    router.message.register(take_words, StateFilter(Writing.words), flags=editing)
    router.message.register(take_words, StateFilter(Writing.choice), flags=editing)
    router.message.register(hint, StateFilter(Writing.looking), flags=editing)
