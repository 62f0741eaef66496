"""An event in further languages, and its picture."""

from aiogram import Bot, F, Router, html
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.channels import Channel
from bot.errors import EventGone
from bot.events import LoadedEvent, load_event, load_picture, set_picture, set_text
from bot.events.editing import TEXT_LIMIT, TITLE_LIMIT
from bot.models import Chat
from bot.office import Office
from bot.staff import Action, note
from bot.texts import OFFICE_LANGUAGE, _, language_name, languages
from handlers.buttons import Keys
from handlers.conversations import TAKE_ALARMING_WORDS
from handlers.events.cards import event_text
from handlers.events.screens import send_picture
from handlers.staff.events.desk import EventDesk, event_back_keys
from handlers.staff.events.files import read_picture


class Wording(StatesGroup):
    """The dialogues that take a text in another language, and a picture."""

    text = State()
    picture = State()


TAKE_ALARMING_WORDS.add(str(Wording.text.state))


async def _event(office: Office, event_id: int) -> LoadedEvent:
    async with office.sessions.begin() as session:
        loaded = await load_event(session, event_id)
    if loaded is None:
        raise EventGone
    return loaded


async def see_texts(
    query: CallbackQuery, callback_data: EventDesk, office: Office, state: FSMContext
) -> None:
    """Every language with its text or without."""
    if not isinstance(query.message, Message):
        return
    await state.clear()
    loaded = await _event(office, callback_data.event)
    lines, keys = [html.bold(_("Other languages"))], Keys()
    for language in languages():
        if language == OFFICE_LANGUAGE:
            continue
        name = language_name(language)
        if language in loaded.texts:
            title = html.quote(loaded.texts[language].title)
            lines.append(f"• {name}: {title}")
        else:
            reads = language_name(loaded.language_for(language))
            lines.append(
                "• "
                + _("{language}: no text, people read {other}").format(language=name, other=reads)
            )
        keys.row((name, EventDesk(what="text", event=callback_data.event, item=language)))
    keys.row((_("The event"), EventDesk(what="show", event=callback_data.event)))
    await query.message.answer("\n".join(lines), reply_markup=keys.markup())


async def ask_text(
    query: CallbackQuery, callback_data: EventDesk, office: Office, state: FSMContext
) -> None:
    """Ask for title and text in one language, or take them away."""
    language = callback_data.item
    if not isinstance(query.message, Message) or language not in languages()[1:]:
        return
    loaded = await _event(office, callback_data.event)
    await state.set_state(Wording.text)
    await state.set_data({"event": callback_data.event, "language": language})
    keys = Keys()
    if language in loaded.texts:
        remove = EventDesk(what="no-text", event=callback_data.event, item=language)
        keys.row((_("Delete this text"), remove))
    keys.row((_("Back"), EventDesk(what="texts", event=callback_data.event)))
    event = loaded.event
    await query.message.answer(
        _(
            "Write the title in the first line and the text below it, in this language: "
            "{language}. The German text is:"
        ).format(language=language_name(language))
        + f"\n\n{html.quote(event.title)}\n{html.quote(event.text)}",
        reply_markup=keys.markup(),
    )


async def take_text(message: Message, office: Office, here: Chat, state: FSMContext) -> None:
    """Keep the text and show how people see it."""
    typed = (message.text or "").strip()
    title, _separator, text = typed.partition("\n")
    data = await state.get_data()
    event_id, language = int(data["event"]), str(data["language"])
    if not typed or typed.startswith("/"):
        await message.answer(_("Please write the text in words."))
        return
    if len(title) > TITLE_LIMIT or len(text) > TEXT_LIMIT:
        await message.answer(
            _("This is too long. Title: at most {title} characters. Text: at most {text}.").format(
                title=TITLE_LIMIT, text=TEXT_LIMIT
            )
        )
        return
    await state.clear()
    async with office.sessions.begin() as session:
        await set_text(session, event_id, language, title, text.strip(), office.now())
        what = f"text of event {event_id} in {language}"
        await note(session, here, Action.EDIT_EVENTS, what, office.now())
        loaded = await load_event(session, event_id)
    if loaded is not None:
        await message.answer(html.italic(_("This is how people see it:")))
        await message.answer(
            event_text(loaded, language, now=office.now()), reply_markup=event_back_keys(event_id)
        )


async def drop_text(
    query: CallbackQuery, callback_data: EventDesk, office: Office, here: Chat, state: FSMContext
) -> None:
    """Take the text in one language away."""
    if not isinstance(query.message, Message):
        return
    await state.clear()
    async with office.sessions.begin() as session:
        await set_text(session, callback_data.event, callback_data.item, "", "", office.now())
        what = f"no text of event {callback_data.event} in {callback_data.item}"
        await note(session, here, Action.EDIT_EVENTS, what[:400], office.now())
    await query.message.answer(
        _("The text is deleted."), reply_markup=event_back_keys(callback_data.event)
    )


async def ask_picture(
    query: CallbackQuery,
    callback_data: EventDesk,
    office: Office,
    channel: Channel,
    state: FSMContext,
) -> None:
    """Show the picture and ask for another one."""
    message = query.message
    if not isinstance(message, Message):
        return
    loaded = await _event(office, callback_data.event)
    async with office.sessions.begin() as session:
        picture = await load_picture(session, callback_data.event)
    keys = Keys()
    if picture is not None:
        await send_picture(message, office, channel, picture, loaded.event.title)
        no_picture = EventDesk(what="no-picture", event=callback_data.event)
        keys.row((_("Delete the picture"), no_picture))
    await state.set_state(Wording.picture)
    await state.set_data({"event": callback_data.event})
    keys.row((_("The event"), EventDesk(what="show", event=callback_data.event)))
    await message.answer(
        _(
            "Please send a picture (JPEG or PNG, up to 8 MB). Everything "
            "important must also be in the text: not everybody sees pictures."
        ),
        reply_markup=keys.markup(),
    )


async def take_picture(
    message: Message, bot: Bot, office: Office, here: Chat, channel: Channel, state: FSMContext
) -> None:
    """Make the picture small, without place and camera, and keep it."""
    if not message.photo and message.document is None:
        await message.answer(_("Please send a picture."))
        return
    event_id = int((await state.get_data())["event"])
    content = await read_picture(bot, message)
    await state.clear()
    async with office.sessions.begin() as session:
        await set_picture(session, event_id, content, office.now())
        what = f"picture of event {event_id}"
        await note(session, here, Action.EDIT_EVENTS, what, office.now())
        picture = await load_picture(session, event_id)
        loaded = await load_event(session, event_id)
    if picture is not None and loaded is not None:
        await send_picture(message, office, channel, picture, loaded.event.title)
    await message.answer(_("The picture is saved."), reply_markup=event_back_keys(event_id))


async def drop_picture(
    query: CallbackQuery, callback_data: EventDesk, office: Office, here: Chat, state: FSMContext
) -> None:
    """Take the picture away."""
    if not isinstance(query.message, Message):
        return
    await state.clear()
    async with office.sessions.begin() as session:
        await set_picture(session, callback_data.event, None, office.now())
        what = f"no picture of event {callback_data.event}"
        await note(session, here, Action.EDIT_EVENTS, what, office.now())
    await query.message.answer(
        _("The picture is deleted."), reply_markup=event_back_keys(callback_data.event)
    )


def register_wording(router: Router) -> None:
    """Texts in further languages, and pictures."""
    editing = {"action": Action.EDIT_EVENTS}
    for what, handler in (
        ("texts", see_texts),
        ("text", ask_text),
        ("no-text", drop_text),
        ("picture", ask_picture),
        ("no-picture", drop_picture),
    ):
        router.callback_query.register(handler, EventDesk.filter(F.what == what), flags=editing)
    router.message.register(take_text, StateFilter(Wording.text), flags=editing)
    router.message.register(take_picture, StateFilter(Wording.picture), flags=editing)
