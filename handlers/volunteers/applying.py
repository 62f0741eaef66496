"""Applying as an interpreter, and changing what one told: one question at a time."""

from datetime import date
from typing import Any

from aiogram import html

from bot.conversations import write_conversation
from bot.models import Chat, Volunteer
from bot.switches import Module, demand_on
from bot.texts import _, day, isolated, listing
from bot.volunteers import (
    Application,
    Gender,
    German,
    Level,
    Mode,
    Spoken,
    Topic,
    apply_as_volunteer,
    change_application,
    demand_volunteer,
    hours_of_week,
)
from handlers.buttons import Go, Keys
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
from handlers.pool_names import (
    german_name,
    language_label,
    level_name,
    mode_name,
    topic_name,
    week_lines,
)
from handlers.volunteers.rules import FIRST_STEPS, LAST_STEPS, certified
from handlers.volunteers.skills import FARTHEST_KM, SKILL_STEPS
from handlers.volunteers.week import WEEK_STEPS

_YES = "yes"


def application(answers: dict[str, Any]) -> Application:
    """The answers of a whole dialogue as an application."""
    modes = frozenset(Mode(mode) for mode in answers["modes"])
    reach = answers.get("reach", "") if Mode.ON_SITE in modes else ""
    first, _dash, last = answers["quiet"].partition("-")
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = answers["hours"]
    has_certificate = certified(answers)
    return Application(
        name=answers["name"],
        phone=answers["phone"],
        consent=answers["consent"] == _YES,
        of_age=answers["age"] == _YES,
        german=German(answers["german"]),
        languages=tuple(Spoken(code, Level(level)) for code, level in answers["languages"]),
        municipality=answers["town"],
        modes=modes,
        hours=(monday, tuesday, wednesday, thursday, friday, saturday, sunday),
        towns=tuple(answers.get("towns", ())) if reach == "list" else (),
        radius_km=int(reach[1:]) if reach.startswith("r") else None,
        quiet_from=int(first),
        quiet_until=int(last),
        weekly_cap=int(answers["cap"]),
        excluded_topics=frozenset(Topic(topic) for topic in answers["excluded"]),
        gender=None if answers["gender"] == "none" else Gender(answers["gender"]),
        certificate=answers["certificate"] if has_certificate else "",
        certified_on=date.fromisoformat(answers["certified_on"]) if has_certificate else None,
        pledged_on=date.fromisoformat(answers["pledge"]),
    )


def answers_of(volunteer: Volunteer, spoken: list[Spoken]) -> dict[str, Any]:
    """What a volunteer told before, as the answers of the dialogue."""
    modes = [
        mode.value
        for mode, on in (
            (Mode.ON_SITE, volunteer.on_site),
            (Mode.PHONE, volunteer.by_phone),
            (Mode.VIDEO, volunteer.by_video),
        )
        if on
    ]
    answers: dict[str, Any] = {
        "consent": _YES,
        "age": _YES,
        "german": volunteer.german,
        "languages": [[each.language, each.level.value] for each in spoken],
        "town": volunteer.municipality,
        "modes": modes,
        "hours": list(hours_of_week(volunteer)),
        "quiet": f"{volunteer.quiet_from}-{volunteer.quiet_until}",
        "cap": volunteer.weekly_cap,
        "excluded": list(volunteer.excluded_topics),
        "gender": volunteer.gender or "none",
        "certificate": volunteer.certificate or "none",
        "name": volunteer.name,
        "phone": volunteer.phone,
    }
    if volunteer.pledged_on is not None:
        answers["pledge"] = volunteer.pledged_on.isoformat()
    if volunteer.certificate and volunteer.certified_on is not None:
        answers["certified_on"] = volunteer.certified_on.isoformat()
    if Mode.ON_SITE.value in modes:
        answers["reach"] = "list" if volunteer.towns else f"r{volunteer.radius_km}"
        answers["towns"] = list(volunteer.towns)
    return answers


def described(answers: dict[str, Any]) -> str:
    """What somebody told about themselves, a line each."""
    told = application(answers)
    languages = listing(
        [
            f"{html.quote(language_label(s.language))} ({level_name(s.level)})"
            for s in told.languages
        ]
    )
    if told.towns:
        reach = listing([isolated(html.quote(town)) for town in told.towns])
    elif told.radius_km is not None:
        reach = (
            _("everywhere in the county")
            if told.radius_km >= FARTHEST_KM
            else _("up to {km} km from my town").format(km=told.radius_km)
        )
    else:
        reach = ""
    quiet = (
        _("messages at any time")
        if told.quiet_from == told.quiet_until
        else _("no messages from {first} to {last} o'clock").format(
            first=told.quiet_from, last=told.quiet_until
        )
    )
    excluded = listing([topic_name(topic) for topic in sorted(told.excluded_topics)])
    certificate = html.quote(told.certificate)
    if told.certified_on is not None:
        certificate += f" ({day(told.certified_on)})"
    lines = [
        _("Name: {name}").format(name=html.quote(told.name)),
        _("Phone: {number}").format(number=html.quote(told.phone)),
        _("Languages: {languages}").format(languages=languages),
        _("German: {level}").format(level=german_name(told.german)),
        _("Town: {town}").format(town=isolated(html.quote(told.municipality))),
        _("How: {modes}").format(modes=listing([mode_name(m) for m in sorted(told.modes)])),
        _("Where: {towns}").format(towns=reach) if reach else "",
        _("Hours:") + "\n" + "\n".join(f"  {line}" for line in week_lines(told.hours)),
        _("Quiet hours: {hours}").format(hours=quiet),
        _("At most {count} requests a week").format(count=told.weekly_cap),
        _("Not these topics: {topics}").format(topics=excluded) if excluded else "",
        _("Certificate: {name}").format(name=certificate or _("not yet")),
    ]
    return "\n".join(line for line in lines if line)


def _changes() -> list[Choice]:
    return [
        Choice(_("Change: {what}").format(what=what), f">{name}")
        for name, what in (
            ("name", _("name")),
            ("phone", _("phone")),
            ("languages", _("languages")),
            ("town", _("town")),
            ("modes", _("how")),
            ("reach", _("where")),
            ("hours", _("hours")),
            ("quiet", _("quiet hours")),
            ("cap", _("requests a week")),
            ("excluded", _("topics")),
            ("gender", _("woman or man")),
            ("certificate", _("certificate")),
            ("german", _("German")),
        )
    ]


async def _ask_to_send(room: Room) -> Question:
    return Question(
        html.bold(_("Is this right?")) + "\n\n" + described(room.answers),
        [Choice(_("Yes, send"), "send"), *_changes()],
        2,
    )


async def _ask_to_save(room: Room) -> Question:
    return Question(
        html.bold(_("Your data in the pool"))
        + "\n\n"
        + described(room.answers)
        + "\n\n"
        + _("When you change languages, German or certificate, the office looks at it again."),
        [Choice(_("Save"), "send"), *_changes()],
        2,
    )


def _change(room: Room, value: str) -> Outcome:
    name = value[1:]
    return GoTo(name) if value.startswith(">") and APPLY.step(name) is not None else None


async def _send(room: Room, value: str) -> Outcome:
    if value != "send":
        return _change(room, value)
    now = room.office.now()
    async with room.office.sessions.begin() as session:
        await apply_as_volunteer(
            session, room.here, application(room.answers), now, can_push=room.channel.can_push
        )
        await write_conversation(session, room.here, now, state=None, data={})
    return Over(
        _(
            "Thank you! The office looks at it and calls you. "
            "You get a message here when you are approved."
        ),
        kept=True,
    )


async def _save(room: Room, value: str) -> Outcome:
    if value != "send":
        return _change(room, value)
    now = room.office.now()
    async with room.office.sessions.begin() as session:
        await change_application(session, room.here, application(room.answers), now)
        await write_conversation(session, room.here, now, state=None, data={})
    return Over(
        _("Saved."),
        Keys().row((_("My page"), Go(screen="volunteer"))).markup(),
        kept=True,
    )


_STEPS = (*FIRST_STEPS, *SKILL_STEPS, *WEEK_STEPS, *LAST_STEPS)


async def _admit(session: Any, _here: Chat) -> None:
    """Anybody may apply while the pool is on. Raises ``SwitchedOff``."""
    await demand_on(session, Module.INTERPRETERS)


APPLY = register(
    Dialogue(
        "apply",
        (*_STEPS, Step("send", _ask_to_send, choose=_send, closing=True)),
        admit=_admit,
    )
)
"""Applying as an interpreter."""

CHANGE = register(
    Dialogue(
        "change",
        (*_STEPS, Step("send", _ask_to_save, choose=_save, closing=True)),
        admit=demand_volunteer,
    )
)
"""Changing what one told; begins with everything that is known."""
