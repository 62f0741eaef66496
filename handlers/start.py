"""The front door: who we are, language, commands, and what is kept about a person."""

import json

from aiogram import Bot, F, Router, html
from aiogram.filters import Command, CommandObject, CommandStart, Filter
from aiogram.fsm.context import FSMContext
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    Message,
)

from bot.channels import Channel
from bot.events import be_quiet
from bot.events.listing import titles
from bot.interpreting.forgetting import export_assignments
from bot.models import Chat, Resident
from bot.office import Office
from bot.reports import unlink_chat
from bot.reports.traces import leave_no_trace
from bot.residents import forget, my_data, welcome
from bot.staff import TOKEN_PREFIX, open_invitation
from bot.texts import _, native_name, speaking, speaks
from handlers.buttons import (
    Forget,
    Go,
    Keys,
    LanguageChosen,
    PlaceChosen,
    ShownButtons,
)
from handlers.dialogue import Room
from handlers.events import EventLink, start_with_event, stopped_words
from handlers.interpreting.door import LINKS as POOL_LINKS
from handlers.interpreting.door import show_screen
from handlers.menu import ask_language, language_keys, menu_keys, show_menu
from handlers.notices import emergency_line, impressum, introduction, privacy, ways_to_reach
from handlers.pages import page_forgets, page_speaks
from handlers.places import ask_place, choose_place, place_command
from handlers.private import close
from handlers.volunteers.pausing import stop_asking


async def start(message: Message, office: Office, state: FSMContext) -> None:
    """Introduce ourselves; nothing is stored until a language is chosen."""
    await state.clear()
    await message.answer(
        introduction(office) + "\n\n" + html.bold(_("Please choose your language:")),
        reply_markup=language_keys(then="start"),
    )


async def start_as_staff(
    message: Message, command: CommandObject, office: Office, here: Chat
) -> None:
    """Somebody opened a staff invitation: show the two digits to read out."""
    token = (command.args or "").removeprefix(TOKEN_PREFIX)
    async with office.sessions.begin() as session:
        digits = await open_invitation(session, token, here, office.now())
    await message.answer(
        _(
            "Please read these two digits to the person who invited you: {digits}\n"
            "Your role is active when they confirm the digits."
        ).format(digits=html.bold(str(digits)))
    )


async def choose_language(
    query: CallbackQuery,
    callback_data: LanguageChosen,
    bot: Bot,
    office: Office,
    here: Chat,
    state: FSMContext,
    resident: Resident | None,
    channel: Channel,
) -> None:
    """Remember the language; the first time this is the consent, and the town comes next.

    Whoever came by a link of the interpreter pool goes on there.
    """
    message = query.message
    if not isinstance(message, Message) or not speaks(callback_data.code):
        return
    if resident is None and callback_data.then not in {"start", *POOL_LINKS}:
        # "Go on in English" below an answer: what choosing means has not been said yet.
        with speaking(callback_data.code):
            await ask_language(message, office, resident)
        return
    async with office.sessions.begin() as session:
        now = await welcome(session, here, callback_data.code, office.today())
    with speaking(callback_data.code):
        await page_speaks(bot, here.id, callback_data.code)
        chosen = _("We write in {language} now.").format(language=native_name(callback_data.code))
        if callback_data.then in POOL_LINKS:
            await message.answer(chosen)
            room = Room(office, here, channel, callback_data.code, bot)
            await show_screen(callback_data.then, message, room, state, now)
        elif callback_data.then == "start" and now.municipality is None:
            await message.answer(chosen)
            await ask_place(message, office, state, now)
        else:
            await message.answer(chosen, reply_markup=menu_keys())


async def help_(message: Message, office: Office) -> None:
    """``/help``: what can be done here, in a few lines."""
    await message.answer(help_text(office), reply_markup=menu_keys())


def help_text(office: Office) -> str:
    """What can be done here."""
    return "\n\n".join(
        [
            html.bold(_("Help")),
            _(
                "Write your question in your own words. Mistakes do not matter. "
                "You can also type the number of a button."
            ),
            _(
                "/menu: the menu\n/report: report racism\n/receipt: open your report\n"
                "/events: what is on\n/interpreter: interpreters\n"
                "/language: another language\n/place: your town\n"
                "/privacy: what we keep\n/mydata: your data as a file\n"
                "/forget: delete everything\n/stop: no more messages\n/impressum: who we are"
            ),
            emergency_line(),
            _("Do you want to talk to a person?") + "\n" + ways_to_reach(office),
        ]
    )


async def menu(message: Message, state: FSMContext) -> None:
    """``/menu``: ends a dialogue and shows the menu."""
    await state.clear()
    await show_menu(message)


async def privacy_command(message: Message, office: Office, channel: Channel) -> None:
    """``/privacy``."""
    await message.answer(privacy(office, channel.name))


async def impressum_command(message: Message, office: Office) -> None:
    """``/impressum``."""
    await message.answer(impressum(office))


async def my_data_command(message: Message, office: Office, here: Chat) -> None:
    """``/mydata``: everything that is kept about this chat, as a JSON file."""
    async with office.sessions.begin() as session:
        kept = await my_data(session, here)
    content = json.dumps(kept, ensure_ascii=False, indent=2).encode()
    await message.answer_document(
        BufferedInputFile(content, filename="mydata.json"),
        caption=_("This is everything we keep about you. Delete it: /forget"),
    )


async def forget_command(message: Message, office: Office, here: Chat) -> None:
    """``/forget``: asks once more, and says what has to stay."""
    text = _(
        "Shall I delete everything we keep about you? "
        "Your language, your town and all your settings will be gone."
    )
    async with office.sessions.begin() as session:
        hours = await export_assignments(session, here)
    if hours:
        text += "\n\n" + _(
            "You have interpreted for the Dolmetsch-Pool. Your name and hours stay in the "
            "office's list of allowances, because the law says so. Nothing leads from there to "
            "this chat."
        )
    await message.answer(
        text,
        reply_markup=Keys()
        .row((_("Yes, delete everything"), Forget(sure=True)), (_("No"), Forget(sure=False)))
        .markup(),
    )


async def forget_confirmed(
    query: CallbackQuery,
    callback_data: Forget,
    bot: Bot,
    office: Office,
    here: Chat,
    state: FSMContext,
    shown: ShownButtons,
) -> None:
    """Everything is gone, or nothing happened."""
    message = query.message
    if not isinstance(message, Message):
        return
    if not callback_data.sure:
        await message.answer(_("Good. I have deleted nothing."), reply_markup=menu_keys())
        return
    await state.clear()
    close(office, here)
    async with office.sessions.begin() as session:
        await forget(session, here)
        await unlink_chat(session, office.reporting.site, here)
    await leave_no_trace(office.sessions)
    shown.forget(bot.id, message.chat.id)
    # The page is cleared first: what is said before would be wiped from it.
    await page_forgets(bot, here.id)
    await message.answer(
        _(
            "Everything is deleted. I do not know you any more.\nThe "
            "messages are still in this chat: you can delete them there.\nTo "
            "begin again, write /start."
        )
    )


async def stop(
    message: Message, office: Office, here: Chat, language: str, state: FSMContext
) -> None:
    """``/stop``: ends every subscription, reminder and dialogue, and what is on its way."""
    await state.clear()
    async with office.sessions.begin() as session:
        kept = await be_quiet(session, here)
        await unlink_chat(session, office.reporting.site, here)
        names = await titles(session, kept, language)
    text = _(
        "I will not write to you on my own. I only answer when you write.\n"
        "To delete what we keep about you: /forget"
    )
    interpreting = await stop_asking(office, here)
    await message.answer(f"{text}\n\n{interpreting}" if interpreting else text)
    if kept:
        text, keys = stopped_words(kept, names)
        await message.answer(text, reply_markup=keys)


async def go(
    query: CallbackQuery,
    callback_data: Go,
    office: Office,
    channel: Channel,
    state: FSMContext,
    resident: Resident | None,
) -> None:
    """A screen of the menu."""
    message = query.message
    if not isinstance(message, Message):
        return
    match callback_data.screen:
        case "place":
            await ask_place(message, office, state, resident)
        case "language":
            await ask_language(message, office, resident)
        case "help":
            await message.answer(help_text(office), reply_markup=menu_keys())
        case "privacy":
            await message.answer(privacy(office, channel.name))
        case "menu":
            await state.clear()
            await show_menu(message)


class StaffLink(Filter):
    """A start link that carries a staff invitation."""

    async def __call__(self, message: Message, command: CommandObject) -> bool:
        """Whether the link's argument begins like one of our tokens."""
        return (command.args or "").startswith(TOKEN_PREFIX)


def build_start_router() -> Router:
    """Commands work in the middle of any dialogue."""
    router = Router(name="start")
    router.message.register(start_as_staff, CommandStart(deep_link=True), StaffLink())
    router.message.register(start_with_event, CommandStart(deep_link=True), EventLink())
    router.message.register(start, CommandStart())
    router.message.register(ask_language, Command("language"))
    router.message.register(place_command, Command("place"))
    router.message.register(help_, Command("help"))
    router.message.register(menu, Command("menu"))
    router.message.register(privacy_command, Command("privacy"))
    router.message.register(impressum_command, Command("impressum"))
    router.message.register(my_data_command, Command("mydata"))
    router.message.register(forget_command, Command("forget"))
    router.message.register(stop, Command("stop"))
    router.callback_query.register(choose_language, LanguageChosen.filter())
    router.callback_query.register(choose_place, PlaceChosen.filter())
    router.callback_query.register(forget_confirmed, Forget.filter())
    router.callback_query.register(
        go, Go.filter(F.screen.in_({"place", "language", "help", "privacy", "menu"}))
    )
    return router
