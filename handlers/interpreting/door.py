"""The pool's door: who may ask begins to ask, who interprets sees their page, others get a card."""

from typing import Any

from aiogram import F, Router, html
from aiogram.filters import BaseFilter, Command, CommandObject, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.institutions import InstitutionState, institutions_of
from bot.interpreting.languages import named_languages
from bot.interpreting.moments import read_moment
from bot.models import Institution, Resident
from bot.office import Office
from bot.staff import bot_username
from bot.switches import Module, switched_off
from bot.texts import OFFICE_LANGUAGE, _, current_language, speaking
from bot.volunteers import find_volunteer
from handlers.buttons import Go, Keys, ShowTopic
from handlers.cards import contact_card
from handlers.dialogue import (
    Again,
    Choice,
    Dialogue,
    Outcome,
    Over,
    Question,
    Room,
    Step,
    Taken,
    begin,
    register,
)
from handlers.institutions import REGISTER, show_houses
from handlers.interpreting.appointments import Asked, list_requests
from handlers.interpreting.asking import ASK, known_before
from handlers.interpreting.languages import (
    among_choices,
    choose_language,
    often_choices,
    read_language,
)
from handlers.interpreting.timing import moment_value
from handlers.menu import language_keys, menu_keys
from handlers.notices import introduction, ways_to_reach
from handlers.pool_names import institution_state_name, language_in_both, language_label
from handlers.volunteers.page import begin_applying, show_page

POOL_CONTACT = "interpreter_pool"
LINKS = frozenset({"house", "apply", "interpreter"})
"""What a plain start link may open: registering an institution, applying, this door."""


async def show_door(
    message: Message,
    room: Room,
    state: FSMContext,
    resident: Resident | None,
    text: str = "",
) -> None:
    """What this person may do with the pool; ``text`` is what they wrote, if they wrote."""
    async with room.office.sessions.begin() as session:
        off = await switched_off(session)
        houses = await institutions_of(session, room.here)
        volunteer = await find_volunteer(session, room.here)
    if Module.INTERPRETERS in off:
        await message.answer(_switched_off(room.office, off[Module.INTERPRETERS]),
                             reply_markup=menu_keys())  # fmt: skip
        return
    able = [house for house in houses if house.state == InstitutionState.APPROVED]
    known = known_answers(text, room.office, able)
    if able and ("language" in known or "among" in known):
        await begin(ASK, message, room, state, resident, known)
    elif houses:
        await message.answer(_houses_text(houses), reply_markup=_houses_keys(able, volunteer))
    elif volunteer is not None:
        await show_page(message, room.office, room.here)
    elif "language" in known:
        await message.answer(private_words())
        await message.answer(await german_card(room, known["language"]), reply_markup=card_keys())
    elif "among" in known and resident is not None:
        await message.answer(private_words())
        await begin(CARD, message, room, state, resident, {"among": known["among"]})
    else:
        await message.answer(private_words(), reply_markup=private_keys())


def _switched_off(office: Office, reason: str) -> str:
    why = _("This part is switched off at the moment. Reason: {reason}").format(
        reason=html.quote(reason)
    )
    card = contact_card(office.knowledge.contacts[POOL_CONTACT])
    return "\n\n".join([why, card, _("Please ask the office:") + "\n" + ways_to_reach(office)])


def known_answers(text: str, office: Office, houses: list[Institution]) -> dict[str, Any]:
    """What a message already says of a request: the language, and the moment if it is clear."""
    known: dict[str, Any] = {}
    if len(houses) == 1:
        known.update(house=str(houses[0].id), one_house=True)
    if not text:
        return known
    named = named_languages(text)
    if named.sure:
        known["language"] = named.codes[0]
    elif named.codes:
        known["among"] = list(named.codes)
    meant = read_moment(text, current_language(), office.now())
    if len(meant.moments) == 1 and not meant.problem:
        known["when"] = moment_value(meant.moments[0])
    return known


def _houses_text(houses: list[Institution]) -> str:
    lines = [html.bold(_("Interpreters for your institution"))]
    lines.extend(
        f"• {html.quote(house.name)}: {institution_state_name(house.state)}" for house in houses
    )
    return "\n".join(lines)


def _houses_keys(able: list[Institution], volunteer: object) -> InlineKeyboardMarkup:
    keys = Keys()
    if able:
        keys.row((_("Ask for an interpreter"), Go(screen="ask")))
    keys.row((_("Our requests"), Go(screen="requests")))
    keys.row((_("Our institution and colleagues"), Go(screen="houses")))
    if volunteer is not None:
        keys.row((_("My page as an interpreter"), Go(screen="volunteer")))
    keys.row((_("More about the Dolmetsch-Pool"), ShowTopic(topic_id="interpreter-pool")))
    return keys.row((_("Menu"), Go(screen="menu"))).markup()


async def answers_wish(
    message: Message, room: Room, state: FSMContext, resident: Resident | None, text: str
) -> bool:
    """Open the door for who wrote that they need an interpreter, where that says more.

    Whoever belongs to an institution, interprets, or named a language; others read the article
    first, which has a button for this door.
    """
    async with room.office.sessions.begin() as session:
        houses = await institutions_of(session, room.here)
        volunteer = await find_volunteer(session, room.here)
    if not houses and volunteer is None and not named_languages(text).codes:
        return False
    await show_door(message, room, state, resident, text)
    return True


def private_words() -> str:
    """The rule for private persons, in kind words."""
    return "\n\n".join(
        [
            html.bold(_("Do you need an interpreter?")),
            _(
                "The Dolmetsch-Pool has interpreters for more than 30 languages. They are "
                "volunteers. Only institutions can ask for them: a school, a Kita, an office, a "
                "counselling centre. You cannot ask yourself. But you can ask the institution to "
                "ask for you."
            ),
            _(
                "I have a card in German for this. Show it at your appointment, or send it "
                "before. It costs you nothing."
            ),
        ]
    )


def private_keys() -> InlineKeyboardMarkup:
    """The card, and the ways for institutions and interpreters."""
    return (
        Keys()
        .row((_("Card in German to show"), Go(screen="card")))
        .row((_("More about the Dolmetsch-Pool"), ShowTopic(topic_id="interpreter-pool")))
        .row((_("We are an institution"), Go(screen="house")))
        .row((_("I want to interpret"), Go(screen="apply")))
        .row((_("Menu"), Go(screen="menu")))
        .markup()
    )


# The German card


async def german_card(room: Room, code: str) -> str:
    """The request to show or forward: in German, with what it says in the reader's language."""
    contact = room.office.knowledge.contacts[POOL_CONTACT]
    async with room.office.sessions.begin() as session:
        name = await bot_username(session, "telegram")
    with speaking(OFFICE_LANGUAGE):
        # i18n: always shown in German, to be read by an office, a school or a practice
        lines = [
            html.bold(_("Please request an interpreter")),
            _("I speak {language}. I do not understand German well enough for this talk.").format(
                language=html.bold(html.quote(language_in_both(code)))
            ),
            _(
                "Please request an interpreter for {language} from the Dolmetsch-Pool of the Kreis "
                "Groß-Gerau. The interpreters are trained volunteers and keep everything secret. "
                "Only institutions can ask."
            ).format(language=html.bold(html.quote(language_label(code)))),
            contact_card(contact),
        ]
        if name:
            link = f"https://t.me/{name}?start=house"
            lines.append(_("Register your institution here: {link}").format(link=link))
    card = "\n\n".join(lines)
    if current_language() == OFFICE_LANGUAGE:
        return card
    meaning = _(
        "This card asks the office, the school or the practice to request an interpreter for "
        "{language}. Show it, or forward this message."
    ).format(language=html.quote(language_label(code)))
    return f"{card}\n\n{html.italic(meaning)}"


def card_keys() -> InlineKeyboardMarkup:
    """Below the card."""
    return (
        Keys()
        .row((_("Card for another language"), Go(screen="card")))
        .row((_("We are an institution"), Go(screen="house")))
        .row((_("Interpreter"), Go(screen="help-interpreting")), (_("Menu"), Go(screen="menu")))
        .markup()
    )


async def _card(room: Room, outcome: Outcome) -> Outcome:
    if isinstance(outcome, Taken):
        return Over(await german_card(room, outcome.value), card_keys())
    return outcome


async def _ask_card(room: Room) -> Question:
    among = among_choices(room)
    return Question(
        _("Which language do you speak? Write it in any language or script."),
        among or [Choice(_("Show me a list"), "?")],
    )


async def _read_card(room: Room, text: str) -> Outcome:
    return await _card(room, await read_language(room, text))


async def _choose_card(room: Room, value: str) -> Outcome:
    if value == "?":
        return Again(Question(_("Choose your language:"), often_choices(), 2))
    return await _card(room, await choose_language(room, value))


CARD = register(
    Dialogue("card", (Step("language", _ask_card, read=_read_card, choose=_choose_card),))
)
"""The language for the German card."""


# Doors


async def interpreter_command(
    message: Message,
    command: CommandObject,
    room: Room,
    resident: Resident | None,
    state: FSMContext,
) -> None:
    """``/interpreter``, alone or with a language."""
    await state.clear()
    await show_door(message, room, state, resident, command.args or "")


async def open_screen(
    query: CallbackQuery,
    callback_data: Go,
    room: Room,
    resident: Resident | None,
    state: FSMContext,
) -> None:
    """A screen of the pool."""
    if isinstance(query.message, Message):
        await show_screen(callback_data.screen, query.message, room, state, resident)


async def ask_again(
    query: CallbackQuery,
    callback_data: Asked,
    room: Room,
    resident: Resident | None,
    state: FSMContext,
) -> None:
    """A further appointment of the same person: only what is new is asked."""
    if isinstance(query.message, Message):
        known = await known_before(room, callback_data.request)
        await begin(ASK, query.message, room, state, resident, known)


async def show_screen(
    screen: str, message: Message, room: Room, state: FSMContext, resident: Resident | None
) -> None:
    """A screen of the pool by name. Who has not agreed is asked for the language first."""
    async with room.office.sessions.begin() as session:
        off = await switched_off(session)
        houses = await institutions_of(session, room.here)
    if Module.INTERPRETERS in off and screen in {"ask", "house", "apply", "card"}:
        screen = "interpreter"  # which says why
    match screen:
        case "ask":
            able = [house for house in houses if house.state == InstitutionState.APPROVED]
            known = known_answers("", room.office, able)
            await begin(ASK, message, room, state, resident, known)
        case "requests":
            await list_requests(message, room.office, room.here)
        case "houses":
            await show_houses(message, room.office, room.here)
        case "house":
            await begin(REGISTER, message, room, state, resident)
        case "apply":
            await begin_applying(message, room, state, resident)
        case "volunteer":
            await show_page(message, room.office, room.here)
        case "card":
            await begin(CARD, message, room, state, resident)
        case "help-interpreting":
            await message.answer(private_words(), reply_markup=private_keys())
        case _interpreter:
            await show_door(message, room, state, resident)


class PlainLink(BaseFilter):
    """A start link that leads to the pool and carries no invitation."""

    async def __call__(self, message: Message, command: CommandObject) -> bool:
        """Whether the link's argument is one of ours."""
        return (command.args or "") in LINKS


async def follow_link(
    message: Message,
    command: CommandObject,
    room: Room,
    resident: Resident | None,
    state: FSMContext,
) -> None:
    """The link on a card: register an institution, say. A stranger chooses a language first."""
    screen = command.args or ""
    if resident is None:
        await message.answer(
            introduction(room.office) + "\n\n" + html.bold(_("Please choose your language:")),
            reply_markup=language_keys(then=screen),
        )
        return
    await state.clear()
    await show_screen(screen, message, room, state, resident)


SCREENS = frozenset(
    {
        *("interpreter", "ask", "requests", "houses", "house", "apply", "volunteer", "card"),
        "help-interpreting",
    }
)


def build_door_router() -> Router:
    """The ways into the pool."""
    router = Router(name="interpreting")
    router.message.register(follow_link, CommandStart(deep_link=True), PlainLink())
    router.message.register(interpreter_command, Command("interpreter"))
    router.callback_query.register(open_screen, Go.filter(F.screen.in_(SCREENS)))
    router.callback_query.register(ask_again, Asked.filter(F.what == "again"))
    return router
