"""Dialogues of several questions: one at a time, a way back, a way out, and nothing lost.

A dialogue is a list of steps. Where it stands and what was answered is kept in the database, so a
restart loses nothing. Each question can be answered by pressing, by typing a button's words or
number, or in own words. A button of an earlier question changes that answer; the dialogue then
goes on where something is missing. Danger and commands come first and do not end it.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from aiogram import BaseMiddleware, Bot, F, Router, html
from aiogram.filters import StateFilter
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message, TelegramObject

from bot.channels import Channel
from bot.errors import Refusal
from bot.folding import words
from bot.models import Chat, Resident
from bot.office import Office
from bot.texts import _
from handlers.buttons import Go, Keys
from handlers.conversations import EXPECT_NUMBERS, HasWords
from handlers.menu import ask_language, menu_keys

_BACK, _CANCEL = "<", "x"
_MOST_TYPED = 600
"""Characters of an answer that are read."""


class Press(CallbackData, prefix="q", sep="|"):
    """A button below a question: whose dialogue, which question, which answer."""

    flow: str
    step: str
    value: str


class Asking(StatesGroup):
    """A dialogue is under way; in the second state a typed number is an answer."""

    words = State()
    numbers = State()


EXPECT_NUMBERS.add(str(Asking.numbers.state))
ASKING = frozenset({str(Asking.words.state), str(Asking.numbers.state)})
"""The states in which a dialogue waits for an answer."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer on a button: its words, and the value that comes back (ASCII, without "|")."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, in HTML, and the answers offered."""

    text: str
    choices: Sequence[Choice] = ()
    columns: int = 1


@dataclass(frozen=True, slots=True)
class Taken:
    """An answer was understood. With ``stay`` the question goes on: several may be chosen."""

    value: Any
    stay: bool = False


@dataclass(frozen=True, slots=True)
class Again:
    """Not clear yet: this is asked instead, within the same step."""

    question: Question


@dataclass(frozen=True, slots=True)
class GoTo:
    """Another step comes next, to change its answer."""

    step: str


@dataclass(frozen=True, slots=True)
class Over:
    """The dialogue is over: what is said, and its buttons; the menu's when there are none.

    ``kept`` says that the dialogue was ended in the transaction of what it did.
    """

    text: str
    keys: InlineKeyboardMarkup | None = None
    kept: bool = False


Outcome = Taken | Again | GoTo | Over | None
"""What came of an answer; ``None``: not understood, the question is asked again."""


@dataclass
class Room:
    """What a step may use: the office, who asks and where, and the answers so far."""

    office: Office
    here: Chat
    channel: Channel
    language: str
    bot: Bot
    answers: dict[str, Any] = field(default_factory=dict)

    def open_choice(self, step: str) -> Any:
        """What was chosen so far in a step that is still going on."""
        return self.answers.get(f"{step}?")


Asks = Callable[[Room], Awaitable[Question]]
Reads = Callable[[Room, str], Awaitable[Outcome]]


def always(_answers: dict[str, Any]) -> bool:
    """The step belongs to every course of the dialogue."""
    return True


@dataclass(frozen=True)
class Step:
    """One question. ``read`` understands typed words, ``choose`` a pressed value.

    Without ``choose`` a value that stands on a button is the answer. ``resets`` names answers that
    mean nothing any more when this one changes. ``numbers``: a typed number is an answer and not
    the number of a button. ``closing``: it shows everything and is not counted as a question.
    ``loose``: some of a button's words are enough where a wrong guess does no harm.
    """

    name: str
    ask: Asks
    read: Reads | None = None
    choose: Reads | None = None
    wanted: Callable[[dict[str, Any]], bool] = always
    resets: tuple[str, ...] = ()
    numbers: bool = False
    closing: bool = False
    loose: bool = False


@dataclass(frozen=True)
class Dialogue:
    """A list of steps; the last one shows everything and sends it.

    ``admit`` raises a ``Refusal`` for who may not (any longer) do this; it is asked at each step.
    """

    name: str
    steps: tuple[Step, ...]
    admit: Callable[[Any, Chat], Awaitable[object]] | None = None

    def step(self, name: str) -> Step | None:
        """A step by name."""
        return next((step for step in self.steps if step.name == name), None)

    def course(self, answers: dict[str, Any]) -> list[Step]:
        """The steps that these answers lead through."""
        return [step for step in self.steps if step.wanted(answers)]

    def missing(self, answers: dict[str, Any]) -> Step:
        """The first step without an answer."""
        course = self.course(answers)
        return next((step for step in course if step.name not in answers), course[-1])


DIALOGUES: dict[str, Dialogue] = {}


def register(dialogue: Dialogue) -> Dialogue:
    """Make a dialogue known by its name, for buttons and after a restart."""
    DIALOGUES[dialogue.name] = dialogue
    return dialogue


async def begin(
    dialogue: Dialogue,
    message: Message,
    room: Room,
    state: FSMContext,
    resident: Resident | None,
    answers: dict[str, Any] | None = None,
) -> None:
    """Ask the first question that has no answer yet. Who has not agreed to anything is asked.

    Raises the refusal of ``admit``.
    """
    if resident is None:
        # Not even the step of a dialogue is kept about somebody who has not agreed.
        await ask_language(message, room.office, resident)
        return
    if dialogue.admit is not None:
        async with room.office.sessions.begin() as session:
            await dialogue.admit(session, room.here)
    room.answers = dict(answers or {})
    await _ask(dialogue, dialogue.missing(room.answers), message, room, state)


async def _ask(
    dialogue: Dialogue, step: Step, message: Message, room: Room, state: FSMContext
) -> None:
    question = await step.ask(room)
    await _keep(dialogue, step, room, state)
    await message.answer(
        _text(dialogue, step, room, question), reply_markup=_keys(dialogue, step, room, question)
    )


async def _keep(dialogue: Dialogue, step: Step, room: Room, state: FSMContext) -> None:
    await state.set_state(Asking.numbers if step.numbers else Asking.words)
    await state.set_data({"flow": dialogue.name, "step": step.name, "answers": room.answers})


def _text(dialogue: Dialogue, step: Step, room: Room, question: Question) -> str:
    course = [each for each in dialogue.course(room.answers) if not each.closing]
    if step not in course or len(course) < 2:
        return question.text
    where = _("Question {number} of {all}").format(number=course.index(step) + 1, all=len(course))
    return f"{html.italic(where)}\n{question.text}"


def _keys(dialogue: Dialogue, step: Step, room: Room, question: Question) -> InlineKeyboardMarkup:
    def press(value: str) -> Press:
        return Press(flow=dialogue.name, step=step.name, value=value)

    keys = Keys().grid(
        [(choice.label, press(choice.value)) for choice in question.choices], question.columns
    )
    out = [(_("Cancel"), press(_CANCEL))]
    if _before(dialogue, step, room.answers) is not None:
        out.insert(0, (_("Back"), press(_BACK)))
    return keys.row(*out).markup()


def _before(dialogue: Dialogue, step: Step, answers: dict[str, Any]) -> Step | None:
    course = dialogue.course(answers)
    place = course.index(step) if step in course else 0
    return course[place - 1] if place else None


async def pressed(
    query: CallbackQuery, callback_data: Press, state: FSMContext, **data: Any
) -> None:
    """A button below a question."""
    message = query.message
    dialogue = DIALOGUES.get(callback_data.flow)
    kept = await state.get_data()
    if not isinstance(message, Message) or dialogue is None:
        return
    step = dialogue.step(callback_data.step)
    if kept.get("flow") != dialogue.name or step is None:
        await message.answer(
            _("This question is not open any more. Please start again."),
            reply_markup=menu_keys(),
        )
        return
    room = _room(kept, data)
    if callback_data.value == _CANCEL:
        await state.clear()
        await message.answer(_("Cancelled. Nothing was sent."), reply_markup=menu_keys())
        return
    if callback_data.value == _BACK:
        room.answers.pop(f"{step.name}?", None)
        before = _before(dialogue, step, room.answers) or step
        await _ask(dialogue, before, message, room, state)
        return
    if step.choose is not None:
        outcome = await step.choose(room, callback_data.value)
    else:
        offered = {choice.value for choice in (await step.ask(room)).choices}
        outcome = Taken(callback_data.value) if callback_data.value in offered else None
    await _go_on(dialogue, step, outcome, message, room, state, shown=message)


async def said(message: Message, state: FSMContext, **data: Any) -> None:
    """Words instead of a button."""
    kept = await state.get_data()
    dialogue = DIALOGUES.get(str(kept.get("flow")))
    step = dialogue.step(str(kept.get("step"))) if dialogue else None
    if dialogue is None or step is None:
        await state.clear()  # a dialogue of an older version of the bot
        await message.answer(_("Please start again."), reply_markup=menu_keys())
        return
    room = _room(kept, data)
    text = (message.text or "").strip()[:_MOST_TYPED]
    outcome = await step.read(room, text) if step.read is not None else None
    if outcome is None and step.loose:
        value = choice_meant((await step.ask(room)).choices, text)
        if value is not None:
            outcome = await step.choose(room, value) if step.choose is not None else Taken(value)
    await _go_on(dialogue, step, outcome, message, room, state)


def choice_meant(choices: Sequence[Choice], text: str) -> str | None:
    """The one choice that has all typed words: "Kita" means "Kita oder Tagespflege"."""
    typed = set(words(text))
    if not typed or text.isdigit():
        return None
    meant = [choice.value for choice in choices if typed <= set(words(choice.label))]
    return meant[0] if len(meant) == 1 else None


async def _go_on(
    dialogue: Dialogue,
    step: Step,
    outcome: Outcome,
    message: Message,
    room: Room,
    state: FSMContext,
    shown: Message | None = None,
) -> None:
    """Carry out what came of an answer."""
    match outcome:
        case Over():
            if not outcome.kept:
                await state.clear()
            await message.answer(outcome.text, reply_markup=outcome.keys or menu_keys())
        case GoTo():
            target = dialogue.step(outcome.step) or step
            await _ask(dialogue, target, message, room, state)
        case Again():
            await _keep(dialogue, step, room, state)
            await message.answer(
                outcome.question.text,
                reply_markup=_keys(dialogue, step, room, outcome.question),
            )
        case Taken(value=value, stay=True):
            room.answers[f"{step.name}?"] = value
            await _keep(dialogue, step, room, state)
            question = await step.ask(room)
            text = _text(dialogue, step, room, question)
            keys = _keys(dialogue, step, room, question)
            if shown is not None:
                await shown.edit_text(text, reply_markup=keys)
            else:
                await message.answer(text, reply_markup=keys)
        case Taken(value=value):
            if room.answers.get(step.name) != value:
                for name in step.resets:
                    room.answers.pop(name, None)
            room.answers[step.name] = value
            room.answers.pop(f"{step.name}?", None)
            await _ask(dialogue, dialogue.missing(room.answers), message, room, state)
        case None:
            question = await step.ask(room)
            await _keep(dialogue, step, room, state)
            await message.answer(
                _("I did not understand that.") + "\n" + question.text,
                reply_markup=_keys(dialogue, step, room, question),
            )


def _room(kept: dict[str, Any], data: dict[str, Any]) -> Room:
    """The room of this update, with the answers that were kept."""
    room: Room = data["room"]
    return replace(room, answers=dict(kept.get("answers", {})))


class Admitting(BaseMiddleware):
    """Asks at every step whether the person may still do this: a role may be gone since."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Let pass, or end the dialogue and let the refusal travel."""
        state: FSMContext = data["state"]
        office: Office = data["office"]
        here: Chat = data["here"]
        dialogue = DIALOGUES.get(str((await state.get_data()).get("flow")))
        if dialogue is not None and dialogue.admit is not None:
            try:
                async with office.sessions.begin() as session:
                    await dialogue.admit(session, here)
            except Refusal:
                await state.clear()
                raise
        return await handler(event, data)


def build_dialogue_router() -> Router:
    """All dialogues' questions. Comes after danger and commands."""
    router = Router(name="dialogue")
    for observer in (router.message, router.callback_query):
        observer.middleware(Admitting())
    router.callback_query.register(pressed, Press.filter(F.flow.in_(set(DIALOGUES))))
    router.message.register(said, StateFilter(Asking.words, Asking.numbers), HasWords())
    return router


def toggled(chosen: Sequence[str], value: str) -> list[str]:
    """The chosen values with one more, or without it."""
    return [v for v in chosen if v != value] if value in chosen else [*chosen, value]


def ticked(label: str, *, chosen: bool) -> str:
    """A button's words that say whether it is chosen, in words and not by a sign alone."""
    return _("{choice} (chosen)").format(choice=label) if chosen else label


def begin_keys(screen: str, label: str) -> InlineKeyboardMarkup:
    """One way on and the menu."""
    return Keys().row((label, Go(screen=screen))).row((_("Menu"), Go(screen="menu"))).markup()
