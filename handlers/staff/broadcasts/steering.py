"""A broadcast that has left: pause, go on, stop, correct, withdraw, decide, report."""

import asyncio

from aiogram import F, Router, html
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import BufferedInputFile, CallbackQuery, Message

from bot.broadcasts import (
    cancel,
    correct_text,
    decide_uncertain,
    find_broadcast,
    go_on,
    load_texts,
    pause,
    put_screen,
    report,
    stopped_languages,
    tally,
    tell_others,
    withdraw,
)
from bot.charts import bar_chart
from bot.errors import NothingToDo
from bot.models import Chat
from bot.office import Office
from bot.staff import Action, note
from bot.texts import _, language_name
from handlers.broadcasts import TEXT_LIMIT, length_of
from handlers.buttons import Keys
from handlers.conversations import TAKE_ALARMING_WORDS
from handlers.staff.broadcasts.progress import live_keys, progress_words, report_words
from handlers.staff.broadcasts.releasing import difference
from handlers.staff.broadcasts.screens import Cast, show_draft


class CorrectingBroadcast(StatesGroup):
    """The dialogue that takes corrected words, and waits for the yes."""

    words = State()
    sure = State()


TAKE_ALARMING_WORDS.add(str(CorrectingBroadcast.words.state))


async def see_one(
    query: CallbackQuery, callback_data: Cast, office: Office, here: Chat, state: FSMContext
) -> None:
    """One broadcast, whatever its state."""
    if isinstance(query.message, Message):
        await state.clear()
        await show_one(query.message, office, here, callback_data.id)


async def show_one(message: Message, office: Office, here: Chat, number: int) -> None:
    """A draft, or a message that shows how far it is; the newest one renews itself."""
    now = office.now()
    async with office.sessions.begin() as session:
        broadcast = await find_broadcast(session, number)
        counted = await tally(session, number, now)
        stopped = await stopped_languages(session, number)
        shown = await report(session, number, now)
    if broadcast.state in {"draft", "waiting", "ready"} or broadcast.released_at is None:
        await show_draft(message, office, here, number)
        return
    over = broadcast.state in {"done", "cancelled"} and not stopped
    text = (
        report_words(broadcast, shown)
        if over
        else progress_words(broadcast, counted, stopped, None, now)
    )
    screen = await message.answer(text, reply_markup=live_keys(broadcast, counted))
    if not over:
        async with office.sessions.begin() as session:
            await put_screen(session, number, here, screen.message_id, now)


async def turn(query: CallbackQuery, callback_data: Cast, office: Office, here: Chat) -> None:
    """Pause, or go on."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        act = pause if callback_data.what == "pause" else go_on
        await act(session, callback_data.id, office.now())
        what = f"{callback_data.what} broadcast {callback_data.id}"
        await note(session, here, Action.STEER_BROADCAST, what, office.now())
    await show_one(query.message, office, here, callback_data.id)


async def ask_sure(query: CallbackQuery, callback_data: Cast, office: Office) -> None:
    """Ask once more before it ends, or before everybody reads that it does not take place."""
    if not isinstance(query.message, Message):
        return
    if callback_data.what == "cancel":
        text = _("Whoever has not got it will not get it. What was sent stays. Stop it for good?")
        yes = (_("Yes, stop it"), Cast(what="cancelled", id=callback_data.id))
    else:
        text = _(
            "Every message that was sent gets the line “This does not take place any more”. "
            "Nobody gets a new message. Is that right?"
        )
        yes = (_("Yes, change the messages"), Cast(what="withdrawn", id=callback_data.id))
    keys = Keys().row(yes, (_("No"), Cast(what="show", id=callback_data.id)))
    await query.message.answer(text, reply_markup=keys.markup())


async def end_it(query: CallbackQuery, callback_data: Cast, office: Office, here: Chat) -> None:
    """End it, or withdraw it."""
    if not isinstance(query.message, Message):
        return
    act = cancel if callback_data.what == "cancelled" else withdraw
    async with office.sessions.begin() as session:
        await act(session, callback_data.id, office.now())
        what = f"broadcast {callback_data.id} {callback_data.what}"
        await note(session, here, Action.STEER_BROADCAST, what, office.now())
        await tell_others(session, callback_data.id, "broadcast_changed", here, office.now())
    await show_one(query.message, office, here, callback_data.id)


async def choose_language(query: CallbackQuery, callback_data: Cast, office: Office) -> None:
    """Which language is corrected."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        texts = await load_texts(session, callback_data.id)
    keys = Keys()
    keys.grid(
        [
            (language_name(language), Cast(what="mend", id=callback_data.id, item=language))
            for language, text in texts.items()
            if text.html is not None
        ]
    )
    keys.row((_("Back"), Cast(what="show", id=callback_data.id)))
    await query.message.answer(_("Which text do you want to correct?"), reply_markup=keys.markup())


async def ask_words(
    query: CallbackQuery, callback_data: Cast, office: Office, state: FSMContext
) -> None:
    """Show what stands in the chats and ask for the new words."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        texts = await load_texts(session, callback_data.id)
    text = texts.get(callback_data.item)
    if text is None or text.html is None:
        return
    await state.set_state(CorrectingBroadcast.words)
    await state.set_data({"broadcast": callback_data.id, "language": callback_data.item})
    if not text.stopped:
        await query.message.answer(text.html)
    else:
        await query.message.answer(html.code(html.quote(text.html[:3_000])))
    back = Keys().row((_("Back"), Cast(what="show", id=callback_data.id)))
    await query.message.answer(_("Write the whole corrected text."), reply_markup=back.markup())


async def take_words(message: Message, office: Office, state: FSMContext) -> None:
    """Show the difference and ask once more."""
    if not message.text or message.text.startswith("/"):
        await message.answer(_("Please write the text in words."))
        return
    words = message.html_text
    if length_of(words) > TEXT_LIMIT:
        await message.answer(
            _("This is too long: at most {count} characters.").format(count=TEXT_LIMIT)
        )
        return
    data = await state.get_data()
    number, language = int(data["broadcast"]), str(data["language"])
    async with office.sessions.begin() as session:
        texts = await load_texts(session, number)
    await state.set_state(CorrectingBroadcast.sure)
    await state.set_data({**data, "words": words})
    changes = difference(texts[language].html, words)
    await message.answer(changes if len(changes) < TEXT_LIMIT else words)
    keys = Keys().row(
        (_("Yes, change the messages"), Cast(what="mended", id=number)),
        (_("No"), Cast(what="show", id=number)),
    )
    await message.answer(
        _(
            "I change every message that was sent. Nobody gets a new message. "
            "The other staff are told. Is that right?"
        ),
        reply_markup=keys.markup(),
    )


async def mend(
    query: CallbackQuery, callback_data: Cast, office: Office, here: Chat, state: FSMContext
) -> None:
    """Change the words; every delivered message is edited."""
    data = await state.get_data()
    if not isinstance(query.message, Message) or data.get("broadcast") != callback_data.id:
        return
    await state.clear()
    now, language = office.now(), str(data["language"])
    async with office.sessions.begin() as session:
        await correct_text(session, callback_data.id, language, str(data["words"]), now)
        what = f"correct broadcast {callback_data.id} in {language}"
        await note(session, here, Action.STEER_BROADCAST, what, now)
        await tell_others(session, callback_data.id, "broadcast_changed", here, now)
    await show_one(query.message, office, here, callback_data.id)


async def explain_uncertain(query: CallbackQuery, callback_data: Cast, office: Office) -> None:
    """What uncertain means, and the choice that is made once."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        counted = await tally(session, callback_data.id, office.now())
    if not counted.uncertain:
        raise NothingToDo
    number = callback_data.id
    keys = Keys().row((_("Send them again"), Cast(what="again", id=number)))
    keys.row((_("Leave them"), Cast(what="leave", id=number)))
    await query.message.answer(
        _(
            "Telegram did not answer for {count} messages. Nobody can know whether they arrived. "
            "Sent again, some people may read it twice. Left as they are, some people may never "
            "read it. You choose once."
        ).format(count=counted.uncertain),
        reply_markup=keys.markup(),
    )


async def decide(query: CallbackQuery, callback_data: Cast, office: Office, here: Chat) -> None:
    """The choice about uncertain messages."""
    if not isinstance(query.message, Message):
        return
    again = callback_data.what == "again"
    async with office.sessions.begin() as session:
        await decide_uncertain(session, callback_data.id, again, office.now())
        what = f"uncertain of broadcast {callback_data.id}: {callback_data.what}"
        await note(session, here, Action.STEER_BROADCAST, what, office.now())
    await show_one(query.message, office, here, callback_data.id)


async def draw(query: CallbackQuery, callback_data: Cast, office: Office) -> None:
    """The report as a picture: who got it, by language."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        broadcast = await find_broadcast(session, callback_data.id)
        shown = await report(session, callback_data.id, office.now())
    rows = [(language_name(language), share) for language, share in shown.shares.items()]
    if not rows:
        await query.message.answer(_("Nothing yet."))
        return
    title = _("Announcement {number}: who got it, in percent").format(number=callback_data.id)
    small = _("Groups of fewer than 5 people have no figure.")
    picture = await asyncio.to_thread(bar_chart, title, rows, note=small)
    await query.message.answer_photo(
        BufferedInputFile(picture, filename="report.png"),
        caption=report_words(broadcast, shown)[:1000],
    )


def register_steering(router: Router) -> None:
    """Everything about a broadcast that has left."""
    flags = {"action": Action.STEER_BROADCAST}
    for what, handler in (
        ("show", see_one),
        ("pause", turn),
        ("on", turn),
        ("cancel", ask_sure),
        ("withdraw", ask_sure),
        ("cancelled", end_it),
        ("withdrawn", end_it),
        ("correct", choose_language),
        ("mend", ask_words),
        ("mended", mend),
        ("uncertain", explain_uncertain),
        ("again", decide),
        ("leave", decide),
        ("chart", draw),
    ):
        router.callback_query.register(handler, Cast.filter(F.what == what), flags=flags)
    router.message.register(take_words, StateFilter(CorrectingBroadcast.words), flags=flags)
