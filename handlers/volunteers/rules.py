"""The pool's rules and the person: consent, age, German, topics, certificate, pledge, name."""

from typing import Any

from aiogram import html

from bot.interpreting.spans import read_day
from bot.texts import _, current_language
from bot.volunteers import (
    Gender,
    German,
    Topic,
)
from handlers.buttons import Go, Keys, ShowTopic
from handlers.dialogue import (
    Again,
    Choice,
    Outcome,
    Over,
    Question,
    Room,
    Step,
    Taken,
    ticked,
    toggled,
)
from handlers.pool_names import (
    german_name,
    topic_name,
)

_YES, _NO, _DONE = "yes", "no", "done"
_SHORTEST_NAME = 3
_FEWEST_DIGITS = 6


async def _ask_consent(room: Room) -> Question:
    return Question(
        "\n\n".join(
            [
                html.bold(_("You want to interpret for the Dolmetsch-Pool. Thank you!")),
                _(
                    "The pool's rules: You interpret what people say, not papers. You are neutral. "
                    "You tell nobody what you heard. You do not interpret at court, for the "
                    "police, at a notary, at an asylum hearing or for the consent to an operation."
                ),
                _(
                    "You take part in a training. It is free. You get an expense allowance. "
                    "You are 18 or older, your German is B2 or better, and you speak another "
                    "language fluently."
                ),
                _(
                    "What we keep: your name and phone number, your languages, your "
                    "hours, your towns, your certificate and your appointments. The "
                    "office sees this. An institution sees your name and phone "
                    "number only after you said yes. You can see, change and delete "
                    "it here at any time. Only the hours that you have worked stay "
                    "in the office's list, because the law says so."
                ),
                _("Do you agree?"),
            ]
        ),
        [Choice(_("Yes, I agree"), _YES)],
    )


async def _ask_age(room: Room) -> Question:
    return Question(
        _("Are you 18 years or older?"), [Choice(_("Yes"), _YES), Choice(_("No"), _NO)], 2
    )


async def _choose_age(room: Room, value: str) -> Outcome:
    if value == _NO:
        return Over(
            _("Interpreters have to be 18 or older. Thank you for asking! Please come back later.")
        )
    return Taken(_YES) if value == _YES else None


async def _ask_german(room: Room) -> Question:
    return Question(
        _("How good is your German?"), [Choice(german_name(g), g.value) for g in German]
    )


async def _choose_german(room: Room, value: str) -> Outcome:
    if value not in set(German):
        return None
    if value == German.LESS:
        return Over(
            _(
                "Interpreters need German at level B2. Keep learning, and come back! "
                "You find German courses here:"
            ),
            Keys()
            .row((_("German courses"), ShowTopic(topic_id="integration-course")))
            .row((_("Menu"), Go(screen="menu")))
            .markup(),
        )
    return Taken(value)


async def _ask_excluded(room: Room) -> Question:
    chosen = room.open_choice("excluded")
    chosen = room.answers.get("excluded", []) if chosen is None else chosen
    choices = [
        Choice(ticked(topic_name(t), chosen=t.value in chosen), t.value)
        for t in Topic
        if t is not Topic.OTHER
    ]
    return Question(
        _(
            "Are there topics that you do not want? You need not say why. "
            "Choose them. Then press “Done”."
        ),
        [*choices, Choice(_("Done"), _DONE)],
    )


async def _choose_excluded(room: Room, value: str) -> Outcome:
    chosen = room.open_choice("excluded")
    chosen = list(room.answers.get("excluded", []) if chosen is None else chosen)
    if value == _DONE:
        return Taken(chosen)
    return Taken(toggled(chosen, value), stay=True) if value in set(Topic) else None


async def _ask_gender(room: Room) -> Question:
    return Question(
        _(
            "Sometimes people wish for a woman or a man. Do you want to tell me? "
            "You need not answer."
        ),
        [
            Choice(_("I am a woman"), Gender.WOMAN.value),
            Choice(_("I am a man"), Gender.MAN.value),
            Choice(_("I would rather not say"), "none"),
        ],
    )


async def _ask_certificate(room: Room) -> Question:
    return Question(
        _(
            "Do you have a certificate of a training for interpreters? "
            "Write its name. Or press “Not yet”: the office tells you about the next training."
        ),
        [Choice(_("Not yet"), "none")],
    )


async def _read_certificate(room: Room, text: str) -> Outcome:
    return Taken(text[:160]) if len(text) >= _SHORTEST_NAME else None


def certified(answers: dict[str, Any]) -> bool:
    """Whether there is a certificate, so that its day is asked for."""
    return bool(answers.get("certificate", "none") != "none")


async def _ask_certified_on(room: Room) -> Question:
    return Question(
        _("What date is on the certificate? Write it like {example}.").format(
            example=html.code(_("12.05.2024"))
        )
    )


async def _read_certified_on(room: Room, text: str) -> Outcome:
    found = read_day(text, current_language(), room.office.now())
    if found is None:
        return None
    if found > room.office.today():
        return Again(Question(_("This day is still in the future. Please write the day again:")))
    return Taken(found.isoformat())


async def _ask_pledge(room: Room) -> Question:
    return Question(
        html.bold(_("Your promise of confidentiality (Schweigepflicht)"))
        + "\n"
        + _(
            "I tell nobody what I hear or see as an interpreter. This does not end when I leave "
            "the pool. I interpret everything that is said, and nothing else. I take no side."
        ),
        [Choice(_("I promise this"), _YES)],
    )


async def _choose_pledge(room: Room, value: str) -> Outcome:
    return Taken(room.office.today().isoformat()) if value == _YES else None


async def _ask_name(room: Room) -> Question:
    return Question(_("What is your first and last name?"))


async def _read_name(room: Room, text: str) -> Outcome:
    letters = sum(c.isalpha() for c in text)
    return Taken(text[:120]) if letters >= _SHORTEST_NAME else None


async def _ask_phone(room: Room) -> Question:
    return Question(
        _(
            "What is your phone number? The office sees it, and the "
            "institutions that you say yes to."
        )
    )


async def read_phone(room: Room, text: str) -> Outcome:
    """A phone number as it was typed; it is shown and not dialled by us."""
    digits = sum(c.isdigit() for c in text)
    allowed = set("+-/() .")
    fits = all(c.isdigit() or c in allowed for c in text) and len(text) <= 40
    return Taken(text) if fits and digits >= _FEWEST_DIGITS else None


FIRST_STEPS = (
    Step("consent", _ask_consent),
    Step("age", _ask_age, choose=_choose_age),
    Step("german", _ask_german, choose=_choose_german),
)
"""What has to be clear before anything is told."""

LAST_STEPS = (
    Step("excluded", _ask_excluded, choose=_choose_excluded),
    Step("gender", _ask_gender),
    Step("certificate", _ask_certificate, read=_read_certificate, resets=("certified_on",)),
    Step("certified_on", _ask_certified_on, read=_read_certified_on, wanted=certified),
    Step("pledge", _ask_pledge, choose=_choose_pledge),
    Step("name", _ask_name, read=_read_name),
    Step("phone", _ask_phone, read=read_phone, numbers=True),
)
"""Topics, certificate, pledge; name and phone number last."""
