"""The questions after the telling: one at a time, each of which may be passed over."""

from collections.abc import Sequence

from aiogram import html
from aiogram.types import CallbackQuery, Message

from bot.office import Office
from bot.reports import Private
from bot.reports.interview import (
    QUESTIONS,
    Answer,
    Probe,
    may_choose,
    missing,
    place_of,
    toggled,
    written,
)
from bot.reports.telling import Screen, Talk, talk_of
from bot.texts import _, listing
from handlers.buttons import Keys
from handlers.middleware import Hearing
from handlers.private import pressed_message
from handlers.reports.buttons import Report
from handlers.reports.finishing import after_questions
from handlers.reports.preview import show_preview
from handlers.reports.stage import show
from handlers.reports.telling import notice, show_telling
from handlers.reports.words import choice_words, question


async def done_telling(query: CallbackQuery, office: Office, private: Private) -> None:
    """That is everything: ask what is still missing."""
    message = pressed_message(query)
    if message is not None:
        notice(talk_of(private))
        note = _("Thank you. Now a few short questions. You can skip any of them.")
        await next_question(message, office, private, note)


async def next_question(message: Message, office: Office, private: Private, note: str = "") -> None:
    """The next question, or on to the end; after a change back to the preview."""
    talk = talk_of(private)
    if talk.changing:
        talk.changing = ""
        await show_preview(message, private)
        return
    probe = missing(talk.draft.answers)
    if probe is None:
        await after_questions(message, office, private)
        return
    await show_question(message, office, private, probe, note)


async def show_question(
    message: Message, office: Office, private: Private, probe: Probe, note: str = ""
) -> None:
    """One question with its choices."""
    talk = talk_of(private)
    talk.screen, talk.probe = Screen.PROBE, probe
    lines = [note] if note else []
    if not talk.changing:
        number, count = place_of(probe, talk.draft.answers, talk.draft.noticed)
        lines.append(_("Question {number} of {count}").format(number=number, count=count))
    lines.append(html.bold(question(probe)))
    chosen = talk.draft.answers.get(probe, Answer()).chosen
    if QUESTIONS[probe].several and chosen:
        names = listing([choice_words(probe, choice) for choice in chosen])
        lines.append(_("Chosen: {choices}").format(choices=html.quote(names)))
    await show(message, private, "\n\n".join(lines), question_keys(office, talk, probe, chosen))


def question_keys(office: Office, talk: Talk, probe: Probe, chosen: Sequence[str]) -> Keys:
    """The choices of a question, and the ways past it."""
    keys, several = Keys(), QUESTIONS[probe].several
    buttons = []
    for choice in QUESTIONS[probe].choices:
        words = choice_words(probe, choice)
        if several and choice in chosen:
            words = _("Take back: {choice}").format(choice=words)
        buttons.append((words, Report(do="pick", item=choice)))
    if probe is Probe.TOWN:
        towns = enumerate(office.knowledge.municipalities)
        buttons = [(name, Report(do="town", item=str(number))) for number, name in towns] + buttons
    keys.grid(buttons)
    if several:
        keys.row((_("Go on"), Report(do="next")))
    if talk.changing:
        keys.row((_("Delete this answer"), Report(do="skip")))
    else:
        keys.row((_("Skip"), Report(do="skip")), (_("No more questions"), Report(do="rest")))
    return keys


async def pick(
    query: CallbackQuery, callback_data: Report, office: Office, private: Private
) -> None:
    """A choice was pressed; where several are possible the question stays."""
    message, talk = pressed_message(query), talk_of(private)
    probe = talk.probe
    if message is None or probe is None or talk.screen is not Screen.PROBE:
        return
    choice, towns = callback_data.item, tuple(office.knowledge.municipalities)
    if callback_data.do == "town":
        number = int(choice) if choice.isdecimal() else len(towns)
        choice = towns[number] if number < len(towns) else ""
    if not may_choose(probe, choice, towns):
        return
    old = talk.draft.answers.get(probe, Answer())
    talk.draft.noticed.discard(probe)
    talk.draft.answers[probe] = toggled(probe, old, choice)
    if QUESTIONS[probe].several:
        await show_question(message, office, private, probe)
    else:
        await next_question(message, office, private)


async def go_on_asking(query: CallbackQuery, office: Office, private: Private) -> None:
    """Enough chosen: the next question."""
    message, talk = pressed_message(query), talk_of(private)
    if message is None or talk.probe is None or talk.screen is not Screen.PROBE:
        return
    talk.draft.answers.setdefault(talk.probe, Answer())
    await next_question(message, office, private)


async def pass_over(query: CallbackQuery, office: Office, private: Private) -> None:
    """Nothing is said to this question, or no longer."""
    message, talk = pressed_message(query), talk_of(private)
    if message is None or talk.probe is None or talk.screen is not Screen.PROBE:
        return
    talk.draft.answers[talk.probe] = Answer()
    talk.draft.noticed.discard(talk.probe)
    await next_question(message, office, private)


async def no_more(query: CallbackQuery, office: Office, private: Private) -> None:
    """All that is left is passed over."""
    message, talk = pressed_message(query), talk_of(private)
    if message is None or talk.screen is not Screen.PROBE:
        return
    while (probe := missing(talk.draft.answers)) is not None:
        talk.draft.answers[probe] = Answer()
    await next_question(message, office, private)


async def answer_in_words(
    message: Message, hearing: Hearing, office: Office, private: Private
) -> None:
    """An answer was typed; to a question with choices only, it becomes part of the telling."""
    talk = talk_of(private)
    probe = talk.probe
    if probe is None:
        await show_telling(message, private)
        return
    if not QUESTIONS[probe].words:
        talk.draft.tell(hearing.text, message.message_id)
        note = _("I have added this to your report.")
        await show_question(message, office, private, probe, note)
        return
    talk.draft.noticed.discard(probe)
    talk.draft.answers[probe] = written(probe, hearing.text)
    await next_question(message, office, private)
