"""Asking for an interpreter: one question at a time, then everything at once, then sent."""

from datetime import datetime
from typing import Any

from aiogram import html

from bot.conversations import write_conversation
from bot.institutions import InstitutionState, demand_institution, institutions_of
from bot.interpreting.requests import demand_request, open_request
from bot.interpreting.seats import details
from bot.interpreting.wishes import (
    Lane,
    Wish,
)
from bot.models import Chat
from bot.switches import Module, demand_on
from bot.texts import _, isolated
from bot.volunteers import Gender, Mode, Topic
from handlers.dialogue import (
    Choice,
    Dialogue,
    GoTo,
    Outcome,
    Over,
    Question,
    Room,
    Step,
    register,
)
from handlers.interpreting.appointments import request_keys
from handlers.interpreting.contents import CONTENT_STEPS, on_site
from handlers.interpreting.languages import LANGUAGE_STEPS
from handlers.interpreting.timing import TIMING_STEPS, is_now, starts_at
from handlers.pool_names import (
    gender_name,
    language_in_both,
    language_label,
    length,
    mode_name,
    topic_name,
    when,
)

_NONE = "none"


async def _ask_house(room: Room) -> Question:
    async with room.office.sessions.begin() as session:
        mine = await institutions_of(session, room.here)
    able = [each for each in mine if each.state == InstitutionState.APPROVED]
    return Question(
        _("For which institution do you ask?"),
        [Choice(each.name, str(each.id)) for each in able],
    )


def _has_houses(answers: dict[str, Any]) -> bool:
    return not answers.get("one_house")


def wish(answers: dict[str, Any], town: str, now: datetime) -> Wish:
    """The answers of a whole dialogue as a wish; ``town`` is the institution's."""
    others = answers.get("substitutes", _NONE)
    return Wish(
        language=answers["language"],
        starts_at=starts_at(answers, now),
        minutes=int(answers["minutes"]),
        mode=Mode(answers["mode"]),
        municipality=answers["town"] if on_site(answers) else town,
        topic=Topic(answers["topic"]),
        lane=Lane.NOW if is_now(answers) else Lane.APPOINTMENT,
        gender_wish=None if answers["gender"] == _NONE else Gender(answers["gender"]),
        substitutes=() if others == _NONE else (others,),
        wants_standby=answers.get("standby") == "yes",
        address=answers["address"] if on_site(answers) else "",
        reach=answers["reach"],
        note=answers["note"],
    )


async def _ask_to_send(room: Room) -> Question:
    told = room.answers
    other = told.get("substitutes", _NONE)
    lines = [
        html.bold(_("Is this right?")),
        "",
        _("Language: {language}").format(
            language=html.bold(html.quote(language_in_both(told["language"])))
        ),
        _("Also: {language}").format(language=html.quote(language_label(other)))
        if other != _NONE
        else "",
        _("When: {when}").format(
            when=html.bold(_("now") if is_now(told) else when(starts_at(told, room.office.now())))
        ),
        _("How long: {length}").format(length=length(int(told["minutes"]))),
        _("How: {modes}").format(modes=mode_name(told["mode"])),
        _("Town: {town}").format(town=isolated(html.quote(told["town"]))) if on_site(told) else "",
        _("Place: {address}").format(address=html.quote(told["address"])) if on_site(told) else "",
        _("About: {topic}").format(topic=topic_name(told["topic"])),
        _("Woman or man: {wish}").format(
            wish=gender_name(None if told["gender"] == _NONE else told["gender"])
        ),
        _("How to reach you: {contact}").format(contact=html.quote(told["reach"])),
        _("Note: {note}").format(note=html.quote(told["note"])) if told["note"] else "",
        _("With a standby") if told.get("standby") == "yes" else "",
        "",
        _(
            "Volunteers first see language, time, town, topic and how. Who says yes sees the "
            "rest and your phone number."
        ),
    ]
    changes = [
        Choice(_("Change: {what}").format(what=what), f">{name}")
        for name, what in (
            ("language", _("language")),
            ("when", _("when")),
            ("minutes", _("length")),
            ("mode", _("how")),
            *((("town", _("town")), ("address", _("place"))) if on_site(told) else ()),
            ("topic", _("topic")),
            ("gender", _("woman or man")),
            ("reach", _("contact")),
            ("note", _("note")),
        )
    ]
    text = "\n".join(line for n, line in enumerate(lines) if line or n in (1, len(lines) - 2))
    return Question(text, [Choice(_("Yes, send"), "send"), *changes], 2)


async def _send(room: Room, value: str) -> Outcome:
    if value != "send":
        known = value.startswith(">") and ASK.step(value[1:]) is not None
        return GoTo(value[1:]) if known else None
    now, house = room.office.now(), int(room.answers["house"])
    async with room.office.sessions.begin() as session:
        institution = await demand_institution(session, room.here, house)
        asked = wish(room.answers, institution.municipality, now)
        request = await open_request(
            session, room.here, house, asked, now, again_after=room.answers.get("again")
        )
        request_id = request.id
        await write_conversation(session, room.here, now, state=None, data={})
    text = [_("Sent. I ask interpreters who fit, a few at a time.")]
    if asked.lane is Lane.NOW:
        text.append(_("I look for 15 minutes. Please stay at the phone."))
    if room.channel.can_push:
        text.append(_("You get a message here when somebody said yes, or when nobody can."))
    else:
        text.append(
            _(
                "This page cannot write to you when it is closed. Leave this tab "
                "open, or come back to it and press “How is it going?”. On "
                "Telegram you get a message."
            )
        )
    return Over(" ".join(text), request_keys(request_id), kept=True)


async def known_before(room: Room, request_id: int) -> dict[str, Any]:
    """The answers of an earlier request that stay true for the same person; when and how do not.

    Raises ``NotInstitution`` for somebody else's, and ``NothingToDo`` when its private details
    are erased.
    """
    async with room.office.sessions.begin() as session:
        request = await demand_request(session, room.here, request_id)
        shown = await details(session, room.here, request_id, room.office.now())
    known: dict[str, Any] = {
        "again": request_id,
        "house": str(request.institution_id),
        "one_house": True,
        "language": request.language,
        "substitutes": (request.substitutes or [_NONE])[0],
        "topic": request.topic,
        "gender": request.gender_wish or _NONE,
        "reach": shown.reach,
        "note": shown.note,
    }
    if shown.address:
        known.update(town=request.municipality, address=shown.address)
    return known


async def _admit(session: Any, here: Chat) -> None:
    """Let pass who acts for an institution that may ask, while the pool is on.

    Raises as ``demand_institution``, and ``SwitchedOff``.
    """
    await demand_on(session, Module.INTERPRETERS)
    mine = await institutions_of(session, here)
    able = [each for each in mine if each.state == InstitutionState.APPROVED]
    if not able:
        await demand_institution(session, here, mine[0].id if mine else None)


ASK = register(
    Dialogue(
        "ask",
        (
            Step("house", _ask_house, wanted=_has_houses),
            *LANGUAGE_STEPS,
            *TIMING_STEPS,
            *CONTENT_STEPS,
            Step("send", _ask_to_send, choose=_send, closing=True),
        ),
        admit=_admit,
    )
)
"""Asking for an interpreter, for an institution's people."""
