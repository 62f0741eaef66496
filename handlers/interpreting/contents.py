"""How, where and about what: never a client's name, illness or file number, nothing legal."""

from typing import Any

from aiogram import html

from bot.institutions import demand_institution
from bot.interpreting.wishes import (
    LegalEffect,
    lead_time,
)
from bot.interpreting.wording import legal_effect, private_things
from bot.texts import _, listing
from bot.volunteers import Gender, Mode, Topic
from handlers.buttons import Go, Keys, ShowTopic
from handlers.cards import contact_card
from handlers.dialogue import (
    Again,
    Choice,
    GoTo,
    Outcome,
    Over,
    Question,
    Room,
    Step,
    Taken,
)
from handlers.interpreting.timing import is_now, starts_at
from handlers.pool_names import (
    gender_name,
    legal_name,
    length,
    mode_name,
    topic_name,
)
from handlers.volunteers.skills import choose_town, read_town, town_choices

_NONE, _KEEP, _AGAIN = "none", "keep", "again"
_SWORN = "sworn_translators"
_SHORTEST_ADDRESS = 4


def _possible_modes(answers: dict[str, Any]) -> list[Mode]:
    return [mode for mode in Mode if not (mode is Mode.ON_SITE and is_now(answers))]


async def _ask_mode(room: Room) -> Question:
    return Question(
        _("How should the interpreting be done?"),
        [Choice(mode_name(mode), mode.value) for mode in _possible_modes(room.answers)],
    )


async def _choose_mode(room: Room, value: str) -> Outcome:
    if value not in _possible_modes(room.answers):
        return GoTo("when") if value == _AGAIN else None
    mode, now = Mode(value), room.office.now()
    if is_now(room.answers) or starts_at(room.answers, now) >= now + lead_time(mode):
        return Taken(value)
    others = [
        other
        for other in Mode
        if other is not mode and starts_at(room.answers, now) >= now + lead_time(other)
    ]
    return Again(
        Question(
            _(
                "That is too soon: {mode} needs {hours} before the appointment, so that "
                "volunteers can plan. What shall I do?"
            ).format(
                mode=mode_name(value), hours=length(int(lead_time(mode).total_seconds()) // 60)
            ),
            [
                *(Choice(_("Take: {mode}").format(mode=mode_name(o)), o.value) for o in others),
                Choice(_("Choose another time, or “now”"), _AGAIN),
            ],
        )
    )


def on_site(answers: dict[str, Any]) -> bool:
    """Whether somebody has to go there."""
    return answers.get("mode") == Mode.ON_SITE


async def _ask_town(room: Room) -> Question:
    async with room.office.sessions.begin() as session:
        house = await demand_institution(session, room.here, int(room.answers["house"]))
    names = list(room.office.knowledge.municipalities)
    own = [c for c in town_choices(room) if c.label == house.municipality]
    others = [c for c in town_choices(room) if c.label != house.municipality]
    text = _("In which town is the appointment? Choose or write:")
    return Question(text, [*own, *others] if house.municipality in names else others, 2)


async def _ask_address(room: Room) -> Question:
    return Question(
        _(
            "Where exactly? Street, number, entrance, room. "
            "The interpreter sees this only after saying yes."
        )
    )


async def _read_address(room: Room, text: str) -> Outcome:
    return _checked(room, "address", text) if len(text) >= _SHORTEST_ADDRESS else None


def _checked(room: Room, step: str, text: str, but: str = "") -> Outcome:
    """Take words unless they look like a client's, or like an appointment with legal effect."""
    kind = legal_effect(text)
    if kind is not None and step == "note":
        return _legal_doubt(room, step, text, kind)
    found = [kind for kind in private_things(text) if kind != but]
    if not found:
        return Taken(text)
    room.answers[f"{step}?"] = text
    things = {
        "name": _("a person's name"),
        "birthday": _("a date of birth"),
        "diagnosis": _("an illness"),
        "file_number": _("a file number"),
    }
    return Again(
        Question(
            _(
                "This looks like {things}. Please never write a client's name, illness or file "
                "number here: the interpreter does not need it."
            ).format(things=html.bold(listing([things[kind] for kind in found]))),
            [
                Choice(_("I write it again without it"), _AGAIN),
                Choice(_("It is not about a client. Keep it"), _KEEP),
            ],
        )
    )


async def _choose_words(room: Room, step: str, value: str) -> Outcome:
    pending = room.open_choice(step)
    if value == _KEEP and isinstance(pending, str):
        return Taken(pending)
    return GoTo(step) if value == _AGAIN else None


async def _choose_address(room: Room, value: str) -> Outcome:
    return await _choose_words(room, "address", value)


async def _ask_topic(room: Room) -> Question:
    return Question(
        _("What is it about? Only the kind of appointment, nothing about the person."),
        [
            *(Choice(topic_name(topic), topic.value) for topic in Topic),
            Choice(_("Court, police, notary, asylum, operation"), "legal"),
        ],
    )


async def _choose_topic(room: Room, value: str) -> Outcome:
    if value == "legal":
        return legal_stop(room)
    if value.startswith("!") and value[1:] in set(LegalEffect):
        return legal_stop(room, value[1:])
    if value == _AGAIN:
        return GoTo("topic")
    return Taken(value) if value in set(Topic) else None


async def _read_topic(room: Room, text: str) -> Outcome:
    kind = legal_effect(text)
    return _legal_doubt(room, "topic", text, kind) if kind is not None else None


def legal_stop(room: Room, kind: str | None = None) -> Over:
    """The pool may not do this: why, and where sworn interpreters are found."""
    what = legal_name(kind) if kind else _("an appointment with legal effect")
    card = contact_card(room.office.knowledge.contacts[_SWORN])
    return Over(
        "\n\n".join(
            [
                _("This is {what}. The Dolmetsch-Pool may not do that.").format(
                    what=html.bold(what)
                ),
                _(
                    "The reason: what is said there has legal effect. A mistake can do great harm. "
                    "For this there are sworn interpreters. The court, the police or the BAMF "
                    "themselves call one. In other cases you find one here:"
                ),
                card,
            ]
        ),
        Keys()
        .row((_("Sworn interpreters"), ShowTopic(topic_id="certified-translation")))
        .row((_("Interpreter"), Go(screen="interpreter")), (_("Menu"), Go(screen="menu")))
        .markup(),
    )


def _legal_doubt(room: Room, step: str, text: str, kind: str) -> Outcome:
    """It sounds like an appointment with legal effect; a person decides whether it is."""
    room.answers[f"{step}?"] = text
    return Again(
        Question(
            _("This sounds like {what}. The Dolmetsch-Pool may not do that.").format(
                what=html.bold(legal_name(kind))
            ),
            [
                Choice(_("Yes, it is that"), f"!{kind}"),
                Choice(_("No, it is something else"), _KEEP if step == "note" else _AGAIN),
            ],
        )
    )


async def _ask_gender(room: Room) -> Question:
    return Question(
        _("Does the person wish for a woman or a man?"),
        [
            Choice(gender_name(None), _NONE),
            *(Choice(gender_name(gender), gender.value) for gender in Gender),
        ],
    )


async def _ask_reach(room: Room) -> Question:
    async with room.office.sessions.begin() as session:
        house = await demand_institution(session, room.here, int(room.answers["house"]))
    known = f"{house.contact}, {house.phone}"
    text = (
        _("How can the interpreter reach you? Name and phone number of somebody who works for you.")
        if room.answers.get("mode") != Mode.VIDEO
        else _(
            "How can the interpreter reach you? Name and phone number of somebody who works for "
            "you, and the link of the video call."
        )
    )
    return Question(
        text + " " + _("The interpreter sees this only after saying yes."),
        [Choice(known, "known")],
    )


async def _read_reach(room: Room, text: str) -> Outcome:
    if len(text) < _SHORTEST_ADDRESS:
        return None
    # Names belong here; what else is a client's does not.
    return _checked(room, "reach", text[:300], but="name")


async def _choose_reach(room: Room, value: str) -> Outcome:
    if value != "known":
        return await _choose_words(room, "reach", value)
    return Taken((await _ask_reach(room)).choices[0].label)


async def _ask_note(room: Room) -> Question:
    return Question(
        _(
            "Is there anything else that the interpreter has to know? For example: three people, "
            "a projector. Never a client's name, illness or file number."
        ),
        [Choice(_("Nothing"), _NONE)],
    )


async def _read_note(room: Room, text: str) -> Outcome:
    return _checked(room, "note", text[:400])


async def _choose_note(room: Room, value: str) -> Outcome:
    if value == _NONE:
        return Taken("")
    if value.startswith("!") and value[1:] in set(LegalEffect):
        return legal_stop(room, value[1:])
    return await _choose_words(room, "note", value)


async def _ask_standby(room: Room) -> Question:
    return Question(
        _(
            "Shall a second interpreter stand by, in case the first one falls ill? "
            "Please only for important appointments."
        ),
        [Choice(_("No"), "no"), Choice(_("Yes, with a standby"), "yes")],
    )


def _can_wait(answers: dict[str, Any]) -> bool:
    return not is_now(answers)


CONTENT_STEPS = (
    Step("mode", _ask_mode, choose=_choose_mode, loose=True),
    Step("town", _ask_town, read=read_town, choose=choose_town, wanted=on_site),
    Step("address", _ask_address, read=_read_address, choose=_choose_address, wanted=on_site),
    Step("topic", _ask_topic, read=_read_topic, choose=_choose_topic),
    Step("gender", _ask_gender, loose=True),
    Step("reach", _ask_reach, read=_read_reach, choose=_choose_reach),
    Step("note", _ask_note, read=_read_note, choose=_choose_note),
    Step("standby", _ask_standby, wanted=_can_wait, loose=True),
)
"""How, where, about what, for whom to call, notes, a standby."""
