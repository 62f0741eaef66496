"""Which language is needed, with its dialect, and whether another may stand in."""

from typing import Any

from aiogram import html

from bot.interpreting.languages import named_languages, pool_languages
from bot.interpreting.wishes import (
    substitutes_for,
)
from bot.texts import _
from handlers.dialogue import (
    Again,
    Choice,
    Outcome,
    Question,
    Room,
    Step,
    Taken,
)
from handlers.pool_names import (
    language_in_both,
    language_label,
    which_language,
)

_NONE = "none"
_OFTEN = (
    *("apc", "acm", "ary", "prs", "fa", "ps", "kmr", "ckb", "tr", "uk", "ru", "bg", "ro", "pl"),
    *("sq", "sr", "ti", "am", "so", "ur", "en", "fr", "gsg"),
)  # fmt: skip
"""Languages shown to the person concerned when nobody knows the name of theirs."""


async def ask_language(room: Room) -> Question:
    """Which language is needed."""
    if among := among_choices(room):
        return Question(_("Which language do you need?"), among)
    return Question(
        _(
            "Which language do you need, with its dialect? Write it in any language or script. "
            "For example: Dari, Kurmanji, دری, арабська."
        ),
        [Choice(_("I do not know the language"), "?")],
    )


async def read_language(room: Room, text: str) -> Outcome:
    """A language that was typed; choices where it is not clear."""
    named = named_languages(text)
    if named.sure:
        return Taken(named.codes[0])
    if named.codes:
        return Again(
            Question(
                which_language(named),
                [Choice(language_in_both(code), code) for code in named.codes],
            )
        )
    return Again(
        Question(
            _(
                "I do not know this language. Please write it in other words or in German. "
                "Do you need a rare language? Then please call the office."
            ),
            [Choice(_("I do not know the language"), "?")],
        )
    )


async def choose_language(room: Room, value: str) -> Outcome:
    """A language on a button, or the list to show to the person."""
    if value == "?":
        return Again(
            Question(
                _("Please show this list to the person. They can point to their language:"),
                often_choices(),
                2,
            )
        )
    return Taken(value) if value in pool_languages() else None


def among_choices(room: Room) -> list[Choice]:
    """The languages that the person's own words may have meant."""
    known = pool_languages()
    among = [code for code in room.answers.get("among", ()) if code in known]
    return [Choice(language_in_both(code), code) for code in among]


def often_choices() -> list[Choice]:
    """The languages that are needed most, by their own names."""
    return [Choice(pool_languages()[code].native, code) for code in _OFTEN]


def _has_substitutes(answers: dict[str, Any]) -> bool:
    return bool(substitutes_for(str(answers.get("language", ""))))


async def _ask_substitutes(room: Room) -> Question:
    wanted = room.answers["language"]
    others = substitutes_for(wanted)
    choices = [
        Choice(_("Yes, {language} too").format(language=language_label(code)), code)
        for code in others
    ]
    return Question(
        _(
            "You ask for {language}. Many people who speak it also understand another language, "
            "but not all do. Please ask the person. May it be another language, if nobody else "
            "has time?"
        ).format(language=html.bold(html.quote(language_label(wanted)))),
        [Choice(_("No, only {language}").format(language=language_label(wanted)), _NONE), *choices],
    )


LANGUAGE_STEPS = (
    Step(
        "language",
        ask_language,
        read=read_language,
        choose=choose_language,
        resets=("substitutes",),
    ),
    Step("substitutes", _ask_substitutes, wanted=_has_substitutes, loose=True),
)
"""The language, and another one only with the institution's yes."""
