"""The words for what the interpreter pool deals with: topics, ways, kinds, hours, languages."""

from collections.abc import Sequence
from datetime import date, datetime

from aiogram import html
from babel.dates import format_date, format_datetime, format_time, get_day_names

from bot.institutions import InstitutionKind, InstitutionState
from bot.interpreting.languages import NamedLanguages, pool_language_name, pool_languages
from bot.interpreting.wishes import State
from bot.models import Request
from bot.texts import HOUSE_TIME, _, current_language, isolated, left_to_right, locale, ngettext
from bot.volunteers import Gender, German, Level, Mode, Topic, VolunteerState, spans_of


def language_label(code: str) -> str:
    """A pool language's name for the reader, dialect included."""
    return pool_language_name(code, current_language())


def language_in_both(code: str) -> str:
    """The name for the reader, and the language's own: "Dari (Afghanistan) · دری"."""
    name, known = language_label(code), pool_languages().get(code)
    native = known.native if known else ""
    return name if not native or native in name else f"{name} · {isolated(native)}"


def which_language(named: NamedLanguages) -> str:
    """The question when a typed language is not clear."""
    if len(named.codes) == 1:
        return _("Do you mean this language?")
    return _("Which one do you mean? They are different languages. Please ask if you are not sure.")


def topic_name(topic: str) -> str:
    """A class of appointments in words."""
    return {
        Topic.CHILDCARE: _("Kita or day care"),
        Topic.SCHOOL: _("School"),
        Topic.HEALTH: _("Doctor, hospital, health"),
        Topic.PREGNANCY: _("Pregnancy and birth"),
        Topic.OFFICE: _("Office or authority"),
        Topic.JOB: _("Job and Jobcenter"),
        Topic.HOUSING: _("Housing"),
        Topic.FAMILY: _("Family and youth welfare"),
        Topic.VIOLENCE: _("Violence and protection"),
        Topic.COUNSELLING: _("Counselling"),
        Topic.OTHER: _("Something else"),
    }[Topic(topic)]


def mode_name(mode: str) -> str:
    """How an appointment is interpreted."""
    return {
        Mode.ON_SITE: _("on site"),
        Mode.PHONE: _("by phone"),
        Mode.VIDEO: _("by video"),
    }[Mode(mode)]


def gender_name(gender: str | None) -> str:
    """A wish for a woman or a man."""
    if gender is None:
        return _("no matter")
    return _("a woman") if gender == Gender.WOMAN else _("a man")


def level_name(level: str) -> str:
    """How well a language is spoken."""
    return {
        Level.NATIVE: _("mother tongue"),
        Level.FLUENT: _("fluent"),
        Level.GOOD: _("good, but not fluent"),
    }[Level(level)]


def german_name(german: str) -> str:
    """How well German is spoken."""
    return {
        German.LESS: _("less than B2"),
        German.B2: "B2",
        German.C1: "C1",
        German.C2: "C2",
        German.NATIVE: _("German is my mother tongue"),
    }[German(german)]


def kind_name(kind: str) -> str:
    """What an institution is."""
    return {
        InstitutionKind.CHILDCARE: _("Kita or day care"),
        InstitutionKind.SCHOOL: _("School"),
        InstitutionKind.HEALTH: _("Doctor's practice, hospital"),
        InstitutionKind.JOBCENTER: _("Jobcenter"),
        InstitutionKind.OFFICE: _("Office or authority"),
        InstitutionKind.COUNSELLING: _("Counselling centre"),
        InstitutionKind.YOUTH_WELFARE: _("Youth welfare"),
        InstitutionKind.ASSOCIATION: _("Association or church"),
        InstitutionKind.OTHER: _("Other institution"),
    }[InstitutionKind(kind)]


def volunteer_state_name(state: str) -> str:
    """Where a volunteer stands."""
    return {
        VolunteerState.APPLIED: _("the office has not decided yet"),
        VolunteerState.APPROVED: _("approved"),
        VolunteerState.SUSPENDED: _("suspended by the office"),
    }[VolunteerState(state)]


def institution_state_name(state: str) -> str:
    """Where an institution stands."""
    return {
        InstitutionState.WAITING: _("the office has not decided yet"),
        InstitutionState.APPROVED: _("approved"),
        InstitutionState.LOCKED: _("locked by the office"),
    }[InstitutionState(state)]


def request_state_name(state: str) -> str:
    """Where a request stands."""
    return {
        State.SEARCHING: _("we are looking"),
        State.FILLED: _("interpreter found"),
        State.UNFILLED: _("nobody found"),
        State.BY_PHONE: _("the office arranges it by phone"),
        State.CANCELLED: _("cancelled"),
        State.CLOSED: _("closed by the office"),
        State.DONE: _("over"),
    }[State(state)]


def legal_name(kind: str) -> str:
    """An appointment with legal effect in words."""
    return {
        "court": _("an appointment at court"),
        "police": _("an appointment with the police"),
        "notary": _("an appointment at a notary"),
        "asylum-hearing": _("an asylum hearing"),
        "surgery-consent": _("the consent to an operation"),
    }[kind]


def rule_name(rule: str) -> str:
    """A rule of the pool that is not kept, or a field that is missing, in words."""
    return {
        "consent": _("you have to agree that we keep your data"),
        "of_age": _("you have to be 18 or older"),
        "german": _("your German has to be B2 or better"),
        "languages": _("you have to speak another language fluently"),
        "pledge": _("you have to promise confidentiality"),
        "modes": _("on site, by phone or by video: choose at least one"),
        "hours": _("your hours of the week are missing"),
        "reach": _("the towns are missing"),
        "name": _("the name is missing"),
        "contact": _("the contact person is missing"),
        "phone": _("the phone number is missing or too short"),
        "weekly_cap": _("the number of requests a week is not possible"),
        "quiet_hours": _("the quiet hours are not possible"),
        "minutes": _("the length has to be between 10 minutes and 8 hours"),
        "mode": _("“Now” works by phone or by video only"),
        "substitutes": _("this language cannot stand in"),
        "certificate": _("the day of the certificate is over"),
        "too_many": _("you have very many open requests; please call the office"),
    }.get(rule, rule)


def reason_name(reason: str) -> str:
    """A condition that an interpreter does not meet, in words for staff."""
    return {
        "state": _("not approved"),
        "certificate": _("the certificate has run out"),
        "language": _("does not speak the language"),
        "mode": _("does not interpret in this way"),
        "gender": _("the wish for a woman or a man"),
        "topic": _("does not do this topic"),
        "pause": _("pauses"),
        "distance": _("too far away"),
        "availability": _("no time at that hour"),
        "overlap": _("has another appointment then"),
        "asked": _("was asked before and did not say yes"),
    }.get(reason, reason)


def when(moment: datetime) -> str:
    """A day with its weekday, and the time: "Freitag, 4. Dezember, 09:30"."""
    local = moment.astimezone(HOUSE_TIME)
    return (
        format_datetime(local, "EEEE, d. MMMM, HH:mm", locale=locale())
        if _german()
        else (format_datetime(local, "EEEE, d MMMM, HH:mm", locale=locale()))
    )


def when_exactly(moment: datetime) -> str:
    """The same with the name of summer or winter time, for the hour that comes twice."""
    local = moment.astimezone(HOUSE_TIME)
    return f"{when(moment)} ({local.tzname()})"


def weekday_date(day: date) -> str:
    """A day with its short weekday: "Fr. 4.12."."""
    return str(format_date(day, "EEE d.M." if _german() else "EEE d MMM", locale=locale()))


def clock(moment: datetime) -> str:
    """The time of day in the county: "14:20"."""
    return str(format_time(moment.astimezone(HOUSE_TIME), "HH:mm", locale=locale()))


def _german() -> bool:
    return current_language() == "de"


def length(minutes: int) -> str:
    """A length of time in words: "1 hour 30 minutes"."""
    hours, rest = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(ngettext("{count} hour", "{count} hours", hours).format(count=hours))
    if rest or not hours:
        parts.append(ngettext("{count} minute", "{count} minutes", rest).format(count=rest))
    return " ".join(parts)


def day_names() -> list[str]:
    """The names of the weekdays, Monday first."""
    names = get_day_names("wide", locale=locale())
    return [str(names[number]) for number in range(7)]


def hours_line(bits: int) -> str:
    """The hours of one day: "8–12, 14–16"; a word when there are none."""
    spans = ", ".join(f"{first}–{last}" for first, last in spans_of(bits))
    return left_to_right(spans) if spans else _("no time")


def week_lines(hours: Sequence[int]) -> list[str]:
    """The hours of a week, a line for each day that has some."""
    return [
        f"{name}: {hours_line(bits)}" for name, bits in zip(day_names(), hours, strict=True) if bits
    ]


def request_line(request: Request) -> str:
    """A request in one line: language, when, town."""
    return ", ".join(
        [
            html.bold(html.quote(language_label(request.language))),
            when(request.starts_at),
            isolated(html.quote(request.municipality)),
        ]
    )
