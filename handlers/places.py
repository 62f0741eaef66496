"""Where somebody lives: asked once, by button, by name however spelt, by postcode or location."""

from aiogram import Router, html
from aiogram.filters import Filter, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.models import Chat, Resident
from bot.office import Office
from bot.places import Place, nearest, only_a_place
from bot.residents import move
from bot.texts import _
from handlers.buttons import Keys, PlaceChosen
from handlers.menu import ask_language, menu_keys
from handlers.middleware import Hearing

SKIP, FORGET_PLACE = -1, -2
_WORDS_AROUND_A_TOWN = 3  # "ich wohne in Raunheim"
_CLEARLY_A_QUESTION = 0.4  # how likely a topic is from which "Raunheim Kindergeld" asks for it


class Living(StatesGroup):
    """The dialogue that asks for the town."""

    naming = State()


def place_keys(office: Office, known: bool = False) -> InlineKeyboardMarkup:
    """The municipalities, and a way past the question."""
    names = list(office.knowledge.municipalities)
    keys = Keys().grid([(name, PlaceChosen(index=number)) for number, name in enumerate(names)])
    keys.row((_("Skip"), PlaceChosen(index=SKIP)))
    if known:
        keys.row((_("Forget my town"), PlaceChosen(index=FORGET_PLACE)))
    return keys.markup()


async def ask_place(
    message: Message, office: Office, state: FSMContext, resident: Resident | None
) -> None:
    """Ask for the town: by button, by name however spelt, by postcode or by location."""
    if resident is None:
        # Not even "is being asked for the town" is stored about somebody who has not agreed.
        await ask_language(message, office, resident)
        return
    await state.set_state(Living.naming)
    known = resident.municipality is not None
    text = _(
        "Where do you live? Some offices are different in each town.\n"
        "Choose your town, or write its name or postcode. You can also send your location."
    )
    if resident.municipality:
        now = _("Your town now: {town}").format(town=html.bold(html.quote(resident.municipality)))
        text = f"{now}\n\n{text}"
    await message.answer(text, reply_markup=place_keys(office, known))


async def place_command(
    message: Message, office: Office, state: FSMContext, resident: Resident | None
) -> None:
    """``/place``."""
    await ask_place(message, office, state, resident)


async def choose_place(
    query: CallbackQuery,
    callback_data: PlaceChosen,
    office: Office,
    here: Chat,
    state: FSMContext,
    resident: Resident | None,
) -> None:
    """A town was pressed, or the question was passed over."""
    names = list(office.knowledge.municipalities)
    message = query.message
    if not isinstance(message, Message) or not FORGET_PLACE <= callback_data.index < len(names):
        return
    await state.clear()
    if callback_data.index == SKIP:
        await message.answer(
            _("Good. You can name your town later: /place"), reply_markup=menu_keys()
        )
        return
    name = None if callback_data.index == FORGET_PLACE else names[callback_data.index]
    await settle(message, office, here, resident, name)


async def settle(
    message: Message, office: Office, here: Chat, resident: Resident | None, name: str | None
) -> None:
    """Remember the town for who agreed to be remembered, and say so."""
    if resident is None:
        await ask_language(message, office, resident)
        return
    async with office.sessions.begin() as session:
        await move(session, here, name)
    if name is None:
        await message.answer(_("I have forgotten your town."), reply_markup=menu_keys())
        return
    await message.answer(
        _("Good. Your town is {town}.").format(town=html.bold(html.quote(name))),
        reply_markup=menu_keys(),
    )


async def name_place(
    message: Message,
    office: Office,
    here: Chat,
    state: FSMContext,
    resident: Resident | None,
    town: Place | None,
) -> None:
    """The town was typed: one clear match is taken, otherwise the list is shown again."""
    if town is None:
        await message.answer(
            _(
                "I do not know this town in the Kreis Groß-Gerau. "
                "Please choose from the list, or press “Skip”."
            ),
            reply_markup=place_keys(office),
        )
        return
    await state.clear()
    await settle(message, office, here, resident, town.municipality)


async def locate(
    message: Message, office: Office, here: Chat, state: FSMContext, resident: Resident | None
) -> None:
    """A location was shared: the nearest town is taken, the location itself is not kept."""
    spot = message.location or (message.venue.location if message.venue else None)
    if spot is None:
        return
    place = nearest(spot.latitude, spot.longitude)
    if place is None:
        await message.answer(
            _("This place is not in the Kreis Groß-Gerau. I only know offices in this county."),
            reply_markup=place_keys(office),
        )
        return
    await state.clear()
    await settle(message, office, here, resident, place.municipality)


class Located(Filter):
    """A location or a venue was shared."""

    async def __call__(self, message: Message) -> bool:
        """Whether there is a place in the message."""
        return message.location is not None or message.venue is not None


class NamesTown(Filter):
    """An answer to "where do you live?". Whoever asks something instead gets an answer to that."""

    async def __call__(self, message: Message, hearing: Hearing) -> bool | dict[str, Place | None]:
        """Hand on the town, or ``None`` for words that are neither a town nor a question."""
        text = message.text or ""
        if not text or text.startswith("/"):
            return False
        meant = await hearing.understanding()
        best = meant.hits[0] if meant.hits else None
        about_towns = best is None or best.topic_id == "municipalities"
        town = only_a_place(text, _WORDS_AROUND_A_TOWN)
        if town is not None:
            weak = best is None or best.score < _CLEARLY_A_QUESTION
            return {"town": town} if about_towns or weak or only_a_place(text) else False
        like_a_town = about_towns and meant.kind in {"none", "answer"}
        short = len(text.split()) <= _WORDS_AROUND_A_TOWN + 2
        return {"town": None} if like_a_town and short else False


def build_place_router() -> Router:
    """The town by name or location. Comes after danger and commands."""
    router = Router(name="place")
    router.message.register(locate, Located())
    # Wrapped: a bare state is called in a thread.
    router.message.register(name_place, StateFilter(Living.naming), NamesTown())
    return router
