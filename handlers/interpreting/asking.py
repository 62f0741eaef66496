"""Asking for an interpreter: language, when, how long, how, where, about what, for whom to call.

Never a client's name, illness or file number: the bot says so and shows what looks like one.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from aiogram import html

from bot.conversations import write_conversation
from bot.institutions import InstitutionState, demand_institution, institutions_of
from bot.interpreting.languages import named_languages, pool_languages
from bot.interpreting.moments import Meant, in_the_county, read_moment
from bot.interpreting.requests import open_request
from bot.interpreting.spans import read_minutes
from bot.interpreting.wishes import (
    FARTHEST_AHEAD,
    LONGEST,
    SHORTEST,
    Lane,
    LegalEffect,
    Wish,
    lead_time,
    substitutes_for,
)
from bot.interpreting.wording import legal_effect, private_things
from bot.models import Chat
from bot.texts import HOUSE_TIME, _, current_language, isolated, listing
from bot.volunteers import Gender, Mode, Topic
from handlers.buttons import Go, Keys, ShowTopic
from handlers.cards import contact_card
from handlers.dialogue import (
    Again,
    Choice,
    Dialogue,
    GoTo,
    Outcome,
    Over,
    Question,
    Room,
    Step,
    Taken,
    register,
)
from handlers.interpreting.appointments import request_keys
from handlers.pool_names import (
    gender_name,
    language_in_both,
    language_label,
    legal_name,
    length,
    mode_name,
    topic_name,
    weekday_date,
    when,
    when_exactly,
    which_language,
)
from handlers.volunteers.applying import choose_town, read_town, town_choices

_NOW, _NONE, _KEEP, _AGAIN = "now", "none", "keep", "again"
_OFTEN = (
    *("apc", "acm", "ary", "prs", "fa", "ps", "kmr", "ckb", "tr", "uk", "ru", "bg", "ro", "pl"),
    *("sq", "sr", "ti", "am", "so", "ur", "en", "fr", "gsg"),
)  # fmt: skip
"""Languages shown to the person concerned when nobody knows the name of theirs."""
_DAYS_SHOWN = 6
_FIRST_HOUR, _LAST_HOUR = 8, 17
_MINUTES = (30, 45, 60, 90, 120, 180)
_SWORN = "sworn_translators"
_SHORTEST_ADDRESS = 4


# For which institution


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


# Language


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


# When


async def _ask_when(room: Room) -> Question:
    today = room.office.today()
    choices = [Choice(_("Now, by phone or video"), _NOW)]
    for ahead in range(_DAYS_SHOWN):
        shown = today + timedelta(days=ahead)
        name = {0: _("today"), 1: _("tomorrow")}.get(ahead, "")
        label = f"{weekday_date(shown)} ({name})" if name else weekday_date(shown)
        choices.append(Choice(label, f"d{shown:%Y%m%d}"))
    return Question(
        _("When? Choose a day, or write day and time, for example: {example}").format(
            example=html.code(_("tomorrow 2 pm"))
        ),
        choices,
        1,
    )


def moment_value(moment: datetime) -> str:
    """A moment as a button's value."""
    return f"m{int(moment.timestamp()) // 60}"


def _moment_of(value: str) -> datetime | None:
    minutes = value[1:]
    if value[:1] != "m" or not minutes.isdigit() or len(minutes) > 9:
        return None
    return datetime.fromtimestamp(int(minutes) * 60, HOUSE_TIME)


def _moment_choices(moments: tuple[datetime, ...]) -> list[Choice]:
    twice = len({when(moment) for moment in moments}) < len(moments)
    words = when_exactly if twice else when
    return [Choice(words(moment), moment_value(moment)) for moment in moments]


def _day_choices(days: tuple[date, ...]) -> list[Choice]:
    return [Choice(weekday_date(day), f"d{day:%Y%m%d}") for day in days]


def _from_meant(meant: Meant) -> Outcome:
    """What a typed day and time leads to."""
    if meant.at_once:
        return Taken(_NOW)
    if len(meant.moments) == 1 and not meant.problem:
        return Taken(moment_value(meant.moments[0]))
    if meant.moments:
        return Again(Question(_("Which one do you mean?"), _moment_choices(meant.moments)))
    if len(meant.days) == 1:
        return Taken(f"d{meant.days[0]:%Y%m%d}")
    if meant.days:
        return Again(Question(_("Which day do you mean?"), _day_choices(meant.days)))
    words = {
        "past": _("This moment is over. Please write another day and time:"),
        "far": _("That is more than a year away. Please write another day and time:"),
        "gap": _(
            "This time does not exist: in that night the clock jumps from 2 to 3. "
            "Please write another time:"
        ),
    }.get(meant.problem)
    return Again(Question(words)) if words else None


async def _read_when(room: Room, text: str) -> Outcome:
    return await _checked_when(
        room, _from_meant(read_moment(text, current_language(), room.office.now()))
    )


async def _choose_when(room: Room, value: str) -> Outcome:
    day = _day_of(value)
    if value == _NOW or _moment_of(value) or (day is not None and day >= room.office.today()):
        return await _checked_when(room, Taken(value))
    return None


async def _checked_when(room: Room, outcome: Outcome) -> Outcome:
    """The same, unless it is too far ahead."""
    if not isinstance(outcome, Taken):
        return outcome
    moment = _moment_of(outcome.value)
    latest = room.office.now() + FARTHEST_AHEAD
    day = moment.date() if moment else _day_of(outcome.value)
    if day is not None and day > latest.astimezone(HOUSE_TIME).date():
        return Again(
            Question(
                _("That is too early to ask. The last possible day is {day}.").format(
                    day=weekday_date(latest.astimezone(HOUSE_TIME).date())
                )
                + " "
                + _("Please write another day and time:")
            )
        )
    return outcome


def _day_of(value: str) -> date | None:
    digits = value[1:]
    if value[:1] != "d" or len(digits) != 8 or not digits.isdigit():
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _hour_is_missing(answers: dict[str, Any]) -> bool:
    return str(answers.get("when", "")).startswith("d")


async def _ask_time(room: Room) -> Question:
    day = _day_of(room.answers["when"])
    assert_day = day or room.office.today()
    moments = [
        moment
        for hour in range(_FIRST_HOUR, _LAST_HOUR + 1)
        for moment in in_the_county(assert_day, time(hour))
        if moment > room.office.now()
    ]
    return Question(
        _("At what time on {day}? Choose, or write it like {example}.").format(
            day=html.bold(weekday_date(assert_day)), example=html.code("9:30")
        ),
        [
            Choice(moment.astimezone(HOUSE_TIME).strftime("%H:%M"), moment_value(moment))
            for moment in moments
        ],
        3,
    )


async def _read_time(room: Room, text: str) -> Outcome:
    day = _day_of(room.answers["when"])
    return _from_meant(read_moment(text, current_language(), room.office.now(), day))


async def _choose_time(room: Room, value: str) -> Outcome:
    moment = _moment_of(value)
    return Taken(value) if moment is not None and moment > room.office.now() else None


def starts_at(answers: dict[str, Any], now: datetime) -> datetime:
    """When it begins; now for the lane "now"."""
    value = answers.get("time") if _hour_is_missing(answers) else answers.get("when")
    return _moment_of(str(value)) or now


def _is_now(answers: dict[str, Any]) -> bool:
    return answers.get("when") == _NOW


# How long, how


async def _ask_minutes(room: Room) -> Question:
    return Question(
        _("How long will it take? Choose, or write it like {example}.").format(
            example=html.code("75 min")
        ),
        [Choice(length(minutes), str(minutes)) for minutes in _MINUTES],
        2,
    )


async def _read_minutes(room: Room, text: str) -> Outcome:
    minutes = read_minutes(text, current_language())
    if minutes is None:
        return None
    if not SHORTEST <= minutes <= LONGEST:
        return Again(
            Question(
                _("Between {least} and {most}, please. How long will it take?").format(
                    least=length(SHORTEST), most=length(LONGEST)
                ),
                [Choice(length(n), str(n)) for n in _MINUTES],
                2,
            )
        )
    return Taken(minutes)


async def _choose_minutes(room: Room, value: str) -> Outcome:
    return Taken(int(value)) if value in {str(minutes) for minutes in _MINUTES} else None


def _possible_modes(answers: dict[str, Any]) -> list[Mode]:
    return [mode for mode in Mode if not (mode is Mode.ON_SITE and _is_now(answers))]


async def _ask_mode(room: Room) -> Question:
    return Question(
        _("How shall it be interpreted?"),
        [Choice(mode_name(mode), mode.value) for mode in _possible_modes(room.answers)],
    )


async def _choose_mode(room: Room, value: str) -> Outcome:
    if value not in _possible_modes(room.answers):
        return GoTo("when") if value == _AGAIN else None
    mode, now = Mode(value), room.office.now()
    if _is_now(room.answers) or starts_at(room.answers, now) >= now + lead_time(mode):
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


# Where


def _on_site(answers: dict[str, Any]) -> bool:
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


# About what


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


# For whom, how to reach, notes


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
    return not _is_now(answers)


# All of it


def wish(answers: dict[str, Any], town: str, now: datetime) -> Wish:
    """The answers of a whole dialogue as a wish; ``town`` is the institution's."""
    others = answers.get("substitutes", _NONE)
    return Wish(
        language=answers["language"],
        starts_at=starts_at(answers, now),
        minutes=int(answers["minutes"]),
        mode=Mode(answers["mode"]),
        municipality=answers["town"] if _on_site(answers) else town,
        topic=Topic(answers["topic"]),
        lane=Lane.NOW if _is_now(answers) else Lane.APPOINTMENT,
        gender_wish=None if answers["gender"] == _NONE else Gender(answers["gender"]),
        substitutes=() if others == _NONE else (others,),
        wants_standby=answers.get("standby") == "yes",
        address=answers["address"] if _on_site(answers) else "",
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
            when=html.bold(_("now") if _is_now(told) else when(starts_at(told, room.office.now())))
        ),
        _("How long: {length}").format(length=length(int(told["minutes"]))),
        _("How: {modes}").format(modes=mode_name(told["mode"])),
        _("Town: {town}").format(town=isolated(html.quote(told["town"]))) if _on_site(told) else "",
        _("Place: {address}").format(address=html.quote(told["address"])) if _on_site(told) else "",
        _("About: {topic}").format(topic=topic_name(told["topic"])),
        _("Woman or man: {wish}").format(
            wish=gender_name(None if told["gender"] == _NONE else told["gender"])
        ),
        _("To reach you: {contact}").format(contact=html.quote(told["reach"])),
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
            *((("town", _("town")), ("address", _("place"))) if _on_site(told) else ()),
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
        request = await open_request(session, room.here, house, asked, now)
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
                "This page cannot write to you when it is closed. Leave this tab open, or come "
                "back to it and press “How does it stand?”. On Telegram you get a message."
            )
        )
    return Over(" ".join(text), request_keys(request_id), kept=True)


async def _admit(session: Any, here: Chat) -> None:
    """Let pass who acts for an institution that may ask. Raises as ``demand_institution``."""
    mine = await institutions_of(session, here)
    able = [each for each in mine if each.state == InstitutionState.APPROVED]
    if not able:
        await demand_institution(session, here, mine[0].id if mine else None)


ASK = register(
    Dialogue(
        "ask",
        (
            Step("house", _ask_house, wanted=_has_houses),
            Step(
                "language",
                ask_language,
                read=read_language,
                choose=choose_language,
                resets=("substitutes",),
            ),
            Step("substitutes", _ask_substitutes, wanted=_has_substitutes),
            Step(
                "when",
                _ask_when,
                read=_read_when,
                choose=_choose_when,
                resets=("time", "mode", "standby"),
            ),
            Step(
                "time",
                _ask_time,
                read=_read_time,
                choose=_choose_time,
                wanted=_hour_is_missing,
                resets=("mode",),
                numbers=True,
            ),
            Step("minutes", _ask_minutes, read=_read_minutes, choose=_choose_minutes),
            Step("mode", _ask_mode, choose=_choose_mode),
            Step("town", _ask_town, read=read_town, choose=choose_town, wanted=_on_site),
            Step(
                "address", _ask_address, read=_read_address, choose=_choose_address, wanted=_on_site
            ),
            Step("topic", _ask_topic, read=_read_topic, choose=_choose_topic),
            Step("gender", _ask_gender),
            Step("reach", _ask_reach, read=_read_reach, choose=_choose_reach),
            Step("note", _ask_note, read=_read_note, choose=_choose_note),
            Step("standby", _ask_standby, wanted=_can_wait),
            Step("send", _ask_to_send, choose=_send, closing=True),
        ),
        admit=_admit,
    )
)
"""Asking for an interpreter, for an institution's people."""
