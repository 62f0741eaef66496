"""What somebody interprets, how and where: languages with levels, ways, towns."""

from typing import Any

from aiogram import html

from bot.interpreting.languages import named_languages, pool_languages
from bot.places import find_place
from bot.texts import _
from bot.volunteers import (
    Level,
    Mode,
)
from handlers.dialogue import (
    Again,
    Choice,
    Outcome,
    Question,
    Room,
    Step,
    Taken,
    ticked,
    toggled,
)
from handlers.pool_names import (
    language_in_both,
    language_label,
    level_name,
    mode_name,
    which_language,
)

_DONE = "done"
_RADIUS = (5, 10, 20)
FARTHEST_KM = 40
"""From every town of the county to every other it is less."""
_MOST_LANGUAGES = 12


def _spoken(room: Room) -> list[list[str]]:
    chosen = room.open_choice("languages")
    return list(chosen if chosen is not None else room.answers.get("languages", []))


async def _ask_languages(room: Room) -> Question:
    spoken = _spoken(room)
    lines = [_("Which languages do you interpret? Write one language, with its dialect.")]
    lines.append(_("For example: Kurmanji, Dari, Arabic (Syria)."))
    choices = []
    if spoken:
        lines = [_("Your languages:")]
        lines.extend(
            f"• {html.quote(language_in_both(code))}: {level_name(level)}" for code, level in spoken
        )
        lines.append(_("Do you speak another language? Write it. Or press “Done”."))
        choices = [Choice(_("Done"), _DONE)]
        choices.extend(
            Choice(_("Remove: {language}").format(language=language_label(code)), f"-{code}")
            for code, _level in spoken
        )
    return Question("\n".join(lines), choices)


def _ask_level(code: str) -> Again:
    return Again(
        Question(
            _("How well do you speak {language}?").format(
                language=html.bold(html.quote(language_in_both(code)))
            ),
            [Choice(level_name(level), f"{code}={level.value}") for level in Level],
        )
    )


async def _read_languages(room: Room, text: str) -> Outcome:
    named = named_languages(text)
    if not named.codes:
        return Again(
            Question(_("I do not know this language. Please write it in other words or in German."))
        )
    if named.sure:
        return _ask_level(named.codes[0])
    return Again(
        Question(
            which_language(named),
            [Choice(language_in_both(code), f"?{code}") for code in named.codes],
        )
    )


async def _choose_languages(room: Room, value: str) -> Outcome:
    spoken = _spoken(room)
    if value == _DONE:
        if not any(level != Level.GOOD for _code, level in spoken):
            return Again(
                Question(_("You need at least one language that you speak fluently. Write it:"))
            )
        return Taken(spoken)
    if value.startswith("-"):
        return Taken([entry for entry in spoken if entry[0] != value[1:]], stay=True)
    if value.startswith("?") and value[1:] in pool_languages():
        return _ask_level(value[1:])
    code, _equals, level = value.partition("=")
    if code not in pool_languages() or level not in set(Level) or len(spoken) >= _MOST_LANGUAGES:
        return None
    return Taken([*[entry for entry in spoken if entry[0] != code], [code, level]], stay=True)


def town_choices(room: Room) -> list[Choice]:
    """The municipalities as answers, by their position in the list."""
    return [
        Choice(name, str(number))
        for number, name in enumerate(room.office.knowledge.municipalities)
    ]


async def choose_town(room: Room, value: str) -> Outcome:
    """A municipality was pressed."""
    names = list(room.office.knowledge.municipalities)
    return Taken(names[int(value)]) if value.isdigit() and int(value) < len(names) else None


async def read_town(room: Room, text: str) -> Outcome:
    """A municipality was typed, however spelt."""
    place = find_place(text)
    if place is not None:
        return Taken(place.municipality)
    return Again(
        Question(
            _("I do not know this town in the Kreis Groß-Gerau. Please choose:"),
            town_choices(room),
            2,
        )
    )


async def _ask_town(room: Room) -> Question:
    return Question(
        _("Where do you live, or from where do you start? Choose or write the town:"),
        town_choices(room),
        2,
    )


async def _ask_modes(room: Room) -> Question:
    chosen = room.open_choice("modes")
    chosen = room.answers.get("modes", []) if chosen is None else chosen
    choices = [Choice(ticked(mode_name(m), chosen=m.value in chosen), m.value) for m in Mode]
    return Question(
        _("How do you want to interpret? You can choose more than one. Then press “Done”."),
        [*choices, Choice(_("Done"), _DONE)],
    )


async def _choose_modes(room: Room, value: str) -> Outcome:
    chosen = room.open_choice("modes")
    chosen = list(room.answers.get("modes", []) if chosen is None else chosen)
    if value == _DONE:
        return Taken(chosen) if chosen else None
    return Taken(toggled(chosen, value), stay=True) if value in set(Mode) else None


def _on_site(answers: dict[str, Any]) -> bool:
    return Mode.ON_SITE.value in answers.get("modes", [])


def _by_list(answers: dict[str, Any]) -> bool:
    return _on_site(answers) and answers.get("reach") == "list"


async def _ask_reach(room: Room) -> Question:
    choices = [Choice(_("up to {km} km from my town").format(km=km), f"r{km}") for km in _RADIUS]
    return Question(
        _("How far do you go?"),
        [
            *choices,
            Choice(_("everywhere in the county"), f"r{FARTHEST_KM}"),
            Choice(_("only to towns that I choose"), "list"),
        ],
    )


async def _ask_towns(room: Room) -> Question:
    chosen = room.open_choice("towns")
    chosen = room.answers.get("towns", []) if chosen is None else chosen
    choices = [
        Choice(ticked(choice.label, chosen=choice.label in chosen), choice.value)
        for choice in town_choices(room)
    ]
    return Question(
        _("To which towns do you go? Choose them. Then press “Done”."),
        [*choices, Choice(_("Done"), _DONE)],
        2,
    )


async def _choose_towns(room: Room, value: str) -> Outcome:
    chosen = room.open_choice("towns")
    chosen = list(room.answers.get("towns", []) if chosen is None else chosen)
    if value == _DONE:
        return Taken(chosen) if chosen else None
    town = await choose_town(room, value)
    return Taken(toggled(chosen, town.value), stay=True) if isinstance(town, Taken) else None


SKILL_STEPS = (
    Step("languages", _ask_languages, read=_read_languages, choose=_choose_languages),
    Step("town", _ask_town, read=read_town, choose=choose_town),
    Step("modes", _ask_modes, choose=_choose_modes),
    Step("reach", _ask_reach, wanted=_on_site, resets=("towns",)),
    Step("towns", _ask_towns, choose=_choose_towns, wanted=_by_list),
)
"""Languages, ways, towns."""
