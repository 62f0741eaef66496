"""What is still missing in a report: neutral questions, each of which may be passed over.

The order is that of the cognitive interview: free telling comes first and is never interrupted;
only then does the bot ask for what was not said, in open words and without ever asking for a
reason. What was said already is noticed and not asked again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import regex

from bot.folding import words
from bot.places import places_in
from bot.reports.told import Form, Motive, Part, Police, Wish

ELSEWHERE = "elsewhere"
ONLINE = "online"
MOST_LETTERS = 1_000
"""Of one typed answer; free telling takes more."""


class Probe(StrEnum):
    """One question."""

    PART = "part"
    WHEN = "when"
    TOWN = "town"
    PLACE = "place"
    FORMS = "forms"
    MOTIVES = "motives"
    OTHERS = "others"
    AFTERWARDS = "afterwards"
    POLICE = "police"
    WISH = "wish"
    CONTACT = "contact"


class When(StrEnum):
    """Roughly when it was; a typed answer may say more."""

    TODAY = "today"
    THIS_WEEK = "this week"
    THIS_MONTH = "this month"
    LONGER_AGO = "longer ago"
    AGAIN = "again and again"


class Place(StrEnum):
    """What kind of place it was."""

    STREET = "street"
    TRANSPORT = "transport"
    SCHOOL = "school"
    WORK = "work"
    OFFICE = "office"
    HOME = "home"
    SHOP = "shop"
    DOCTOR = "doctor"
    ONLINE = "online"
    OTHER = "other"


class Others(StrEnum):
    """Who else was there."""

    NOBODY = "nobody"
    KNOWN = "known"
    STRANGERS = "strangers"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Question:
    """How a question may be answered: by choices, by several of them, in own words."""

    choices: tuple[str, ...] = ()
    several: bool = False
    words: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What was chosen, or what was written. Empty when the question was passed over."""

    chosen: tuple[str, ...] = ()
    words: str = ""

    def __repr__(self) -> str:
        """Nothing of it."""
        return "<Answer>"

    @property
    def empty(self) -> bool:
        """Whether nothing was said."""
        return not self.chosen and not self.words


QUESTIONS: Mapping[Probe, Question] = {
    Probe.PART: Question(tuple(Part)),
    Probe.WHEN: Question(tuple(When), words=True),
    Probe.TOWN: Question((ELSEWHERE, ONLINE), words=True),  # and the towns of the county
    Probe.PLACE: Question(tuple(Place), words=True),
    Probe.FORMS: Question(tuple(Form), several=True),
    Probe.MOTIVES: Question(tuple(Motive), several=True),
    Probe.OTHERS: Question(tuple(Others), words=True),
    Probe.AFTERWARDS: Question(words=True),
    Probe.POLICE: Question(tuple(Police)),
    Probe.WISH: Question(tuple(Wish)),
    Probe.CONTACT: Question(words=True),
}


def missing(answers: Mapping[Probe, Answer]) -> Probe | None:
    """The next question, or nothing when all were answered or passed over."""
    for probe in Probe:
        if probe in answers or (probe is Probe.CONTACT and not _wants_contact(answers)):
            continue
        if probe is Probe.PLACE and answers.get(Probe.TOWN, Answer()).chosen == (ONLINE,):
            continue
        return probe
    return None


def place_of(
    probe: Probe, answers: Mapping[Probe, Answer], told: Collection[Probe] = ()
) -> tuple[int, int]:
    """The number of a question, and of how many: "3 of 10". What was told before is not counted."""
    expected = [
        p
        for p in Probe
        if p is probe or (p not in told and (p is not Probe.CONTACT or _wants_contact(answers)))
    ]
    return expected.index(probe) + 1, len(expected)


def _wants_contact(answers: Mapping[Probe, Answer]) -> bool:
    return Wish.CONTACT in answers.get(Probe.WISH, Answer()).chosen


def may_choose(probe: Probe, choice: str, towns: Collection[str]) -> bool:
    """Whether a choice belongs to a question; a forged button does not."""
    return choice in QUESTIONS[probe].choices or (probe is Probe.TOWN and choice in towns)


def toggled(probe: Probe, answer: Answer, choice: str) -> Answer:
    """An answer with one more choice, or one less; where only one is possible, with this one."""
    if not QUESTIONS[probe].several:
        return Answer((choice,), answer.words)
    if choice in answer.chosen:
        return Answer(tuple(one for one in answer.chosen if one != choice), answer.words)
    order = QUESTIONS[probe].choices
    return Answer(tuple(one for one in order if one in {*answer.chosen, choice}), answer.words)


def written(probe: Probe, text: str) -> Answer:
    """An answer in somebody's own words; a town by its name is known as that town."""
    text = text.strip()[:MOST_LETTERS]
    if probe is Probe.TOWN:
        named = {place.municipality for place in places_in(text)}
        if len(named) == 1:
            return Answer((named.pop(),), text)
        return Answer((), text)
    return Answer((), text)


_DATE = regex.compile(
    r"(?<!\p{N})(?:\p{Nd}{1,2}\.\s?\p{Nd}{1,2}\.(?:\s?\p{Nd}{4}|\p{Nd}{2})?"
    r"|\p{Nd}{1,2}[./-]\p{Nd}{1,2}[./-](?:\p{Nd}{4}|\p{Nd}{2})"
    r"|\p{Nd}{4}-\p{Nd}{2}-\p{Nd}{2})(?!\p{N})"
)
_YESTERDAY = frozenset(
    words(
        "gestern vorgestern yesterday dün вчера позавчера вчора позавчора أمس امبارح البارحة مبارح "
        "دیروز ieri ayer wczoraj juče јуче dje ትማሊ χθες"
    )
)


def noticed(texts: Sequence[str]) -> dict[Probe, Answer]:
    """What was told already: the town when one was named, and roughly when if there is a date.

    Only what is certain is noticed: it stands in the preview, and can be changed there.
    """
    found: dict[Probe, Answer] = {}
    towns = {place.municipality for text in texts for place in places_in(text)}
    if len(towns) == 1:
        found[Probe.TOWN] = Answer((towns.pop(),))
    for text in texts:
        date = _DATE.search(text)
        if date is not None:
            found[Probe.WHEN] = Answer((), date[0])
            break
        said = next((word for word in words(text) if word in _YESTERDAY), None)
        if said is not None:
            found[Probe.WHEN] = Answer((), said)
            break
    return found
