"""Applying as an interpreter, and changing what one told: one question at a time."""

from datetime import date
from typing import Any

from aiogram import html

from bot.conversations import write_conversation
from bot.interpreting.languages import named_languages, pool_languages
from bot.interpreting.spans import Week, read_day, read_hours, read_week
from bot.models import Volunteer
from bot.places import find_place
from bot.texts import _, current_language, day, isolated, listing
from bot.volunteers import (
    MOST_A_WEEK,
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
    hours_of,
    hours_of_week,
)
from handlers.buttons import Go, Keys, ShowTopic
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
    ticked,
    toggled,
)
from handlers.pool_names import (
    day_names,
    german_name,
    hours_line,
    language_in_both,
    language_label,
    level_name,
    mode_name,
    topic_name,
    week_lines,
    which_language,
)

_YES, _NO, _DONE = "yes", "no", "done"
_BLOCKS = ((6, 8), (8, 10), (10, 12), (12, 14), (14, 16), (16, 18), (18, 20), (20, 22))
_OFFICE_HOURS = 8, 16
_RADIUS = (5, 10, 20, 40)
_CAPS = (1, 2, 3, 5, 7, 10)
_QUIET = ((21, 7), (22, 6), (20, 8), (0, 0))
_SHORTEST_NAME = 3
_FEWEST_DIGITS = 6
_MOST_LANGUAGES = 12


# Consent, age, German


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
                    "What we keep: your name and phone number, your languages, your hours, your "
                    "towns, your certificate and your appointments. The office sees this. An "
                    "institution sees your name and phone number only after you said yes. "
                    "You can see, change and delete it here at any time."
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


# Languages with their levels


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


# Where and how


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
    choices = [
        Choice(_("up to {km} km from my town").format(km=km), f"r{km}") for km in _RADIUS[:-1]
    ]
    return Question(
        _("How far do you go?"),
        [
            *choices,
            Choice(_("everywhere in the county"), f"r{_RADIUS[-1]}"),
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


# Hours of the week


def _hours(room: Room) -> list[int]:
    chosen = room.open_choice("hours")
    return list(chosen if chosen is not None else room.answers.get("hours", [0] * 7))


async def _ask_hours(room: Room) -> Question:
    hours = _hours(room)
    lines = [_("When do you have time in a normal week?")]
    lines.extend(f"• {line}" for line in week_lines(hours))
    lines.append(
        _("Choose a day. You can also write it, for example: {example}").format(
            example=html.code(_("Mon-Fri 8-12, Sat 10-14"))
        )
    )
    choices = [Choice(name, f"d{number}") for number, name in enumerate(day_names())]
    choices.append(Choice(_("Monday to Friday, 8 to 16"), "office"))
    if any(hours):
        choices.append(Choice(_("Clear all"), "none"))
        choices.append(Choice(_("Done"), _DONE))
    return Question("\n".join(lines), choices, 2)


def _ask_blocks(room: Room, number: int, hours: list[int]) -> Again:
    choices = [
        Choice(
            ticked(f"{first}–{last}", chosen=_has(hours[number], first, last)),
            f"b{number}.{first}",
        )
        for first, last in _BLOCKS
    ]
    if number and hours[number - 1]:
        label = _("The same as {day}").format(day=day_names()[number - 1])
        choices.append(Choice(label, f"s{number}"))
    choices.append(Choice(_("Other day, or done"), "week"))
    return Again(
        Question(
            _("{day}: when do you have time? Now: {hours}").format(
                day=html.bold(day_names()[number]), hours=hours_line(hours[number])
            ),
            choices,
            2,
        )
    )


def _has(bits: int, first: int, last: int) -> bool:
    block = hours_of([(first, last)])
    return bits & block == block


async def _choose_hours(room: Room, value: str) -> Outcome:
    hours = _hours(room)
    if value == _DONE:
        return Taken(hours) if any(hours) else None
    if value == "none":
        return Taken([0] * 7, stay=True)
    if value == "office":
        bits = hours_of([_OFFICE_HOURS])
        return Taken([hours[n] | bits if n < 5 else hours[n] for n in range(7)], stay=True)
    if value == "week":
        return Again(await _ask_hours(room))
    kind, rest = value[:1], value[1:]
    day_number, _dot, first = rest.partition(".")
    number = int(day_number) if day_number in set("0123456") else -1
    if number < 0:
        return None
    if kind == "b" and first.isdigit() and int(first) in {block[0] for block in _BLOCKS}:
        hours[number] ^= hours_of([(int(first), int(first) + 2)])
    elif kind == "s" and number:
        hours[number] = hours[number - 1]
    elif kind != "d":
        return None
    room.answers["hours?"] = hours
    return _ask_blocks(room, number, hours)


async def _read_hours(room: Room, text: str) -> Outcome:
    week: Week | None = read_week(text, current_language())
    if week is None:
        return None
    return Taken([old | new for old, new in zip(_hours(room), week, strict=True)], stay=True)


async def _ask_quiet(room: Room) -> Question:
    choices = [
        Choice(
            _("no messages from {first} to {last} o'clock").format(first=first, last=last)
            if first != last
            else _("messages at any time"),
            f"{first}-{last}",
        )
        for first, last in _QUIET
    ]
    return Question(
        _("When should I not write to you? Choose, or write two hours like {example}.").format(
            example=html.code("21-7")
        ),
        choices,
    )


async def _read_quiet(room: Room, text: str) -> Outcome:
    hours = read_hours(text)
    return Taken(f"{hours[0]}-{hours[1]}") if hours else None


async def _choose_quiet(room: Room, value: str) -> Outcome:
    return await _read_quiet(room, value)


async def _ask_cap(room: Room) -> Question:
    return Question(
        _("How many requests a week may I send you at most? Choose or write a number:"),
        [Choice(str(cap), str(cap)) for cap in _CAPS],
        3,
    )


async def _read_cap(room: Room, text: str) -> Outcome:
    digits = "".join(c for c in text if c.isdigit())
    return Taken(int(digits)) if digits and 1 <= int(digits) <= MOST_A_WEEK else None


# Topics, gender, certificate, pledge


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
            Choice(_("I do not say"), "none"),
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


def _certified(answers: dict[str, Any]) -> bool:
    return bool(answers.get("certificate", "none") != "none")


async def _ask_certified_on(room: Room) -> Question:
    return Question(
        _("Which day stands on the certificate? Write it like {example}.").format(
            example=html.code(_("12.05.2024"))
        )
    )


async def _read_certified_on(room: Room, text: str) -> Outcome:
    found = read_day(text, current_language(), room.office.now())
    if found is None:
        return None
    if found > room.office.today():
        return Again(Question(_("This day is not over yet. Please write the day again:")))
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
        _("On which phone number can the office and institutions that you said yes to reach you?")
    )


async def read_phone(room: Room, text: str) -> Outcome:
    """A phone number as it was typed; it is shown and not dialled by us."""
    digits = sum(c.isdigit() for c in text)
    allowed = set("+-/() .")
    fits = all(c.isdigit() or c in allowed for c in text) and len(text) <= 40
    return Taken(text) if fits and digits >= _FEWEST_DIGITS else None


# All of it


def application(answers: dict[str, Any]) -> Application:
    """The answers of a whole dialogue as an application."""
    modes = frozenset(Mode(mode) for mode in answers["modes"])
    reach = answers.get("reach", "") if Mode.ON_SITE in modes else ""
    first, _dash, last = answers["quiet"].partition("-")
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = answers["hours"]
    certified = _certified(answers)
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
        certificate=answers["certificate"] if certified else "",
        certified_on=date.fromisoformat(answers["certified_on"]) if certified else None,
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
            if told.radius_km >= _RADIUS[-1]
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


_STEPS = (
    Step("consent", _ask_consent),
    Step("age", _ask_age, choose=_choose_age),
    Step("german", _ask_german, choose=_choose_german),
    Step("languages", _ask_languages, read=_read_languages, choose=_choose_languages),
    Step("town", _ask_town, read=read_town, choose=choose_town),
    Step("modes", _ask_modes, choose=_choose_modes),
    Step("reach", _ask_reach, wanted=_on_site, resets=("towns",)),
    Step("towns", _ask_towns, choose=_choose_towns, wanted=_by_list),
    Step("hours", _ask_hours, read=_read_hours, choose=_choose_hours),
    Step("quiet", _ask_quiet, read=_read_quiet, choose=_choose_quiet),
    Step("cap", _ask_cap, read=_read_cap, choose=_read_cap, numbers=True),
    Step("excluded", _ask_excluded, choose=_choose_excluded),
    Step("gender", _ask_gender),
    Step("certificate", _ask_certificate, read=_read_certificate, resets=("certified_on",)),
    Step("certified_on", _ask_certified_on, read=_read_certified_on, wanted=_certified),
    Step("pledge", _ask_pledge, choose=_choose_pledge),
    Step("name", _ask_name, read=_read_name),
    Step("phone", _ask_phone, read=read_phone, numbers=True),
)

APPLY = register(
    Dialogue("apply", (*_STEPS, Step("send", _ask_to_send, choose=_send, closing=True)))
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
