"""From a message to the doctor it looks for: specialty, language, municipality, access.

A word never counts twice: what names a town names no language, and of overlapping names the
longest wins ("Kinderzahnarzt" is a dentist, "Polen" is no wish for Polish). The words stand in
knowledge/words and are read at the first message.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.answering.cleaning import clean
from bot.answering.slots.vocabulary import SLIP_FROM, Label, Mention, Vocabulary, longest
from bot.folding import words
from bot.knowledge.folder import KNOWLEDGE
from bot.places import Place, places_in

SPECIALTIES = (
    "dentist", "general", "paediatrics", "gynaecology", "psychotherapy", "psychiatry",
    "ophthalmology", "dermatology", "ent", "orthopaedics", "cardiology", "internal", "neurology",
    "urology", "hospital", "midwife", "counselling",
)  # fmt: skip

WORDS = KNOWLEDGE / "words"

_OTHER_SCRIPT = frozenset({"ar", "uk", "ru", "bg", "el", "fa", "ur", "ps", "ti"})
_ARABIC_PREFIX = re.compile(r"\b[بل](?=[\u0620-\u06ff]{4})")
_CARE = frozenset({"specialty", "doctor", "no specialty"})
_TONGUES = frozenset({"language", "people", "no language"})
# Whoever names both means the narrower one: "Kurdisch (Kurmanji)", "Persisch/Dari".
_NARROWER = {"ku": ("kmr", "ckb"), "fa": ("prs",)}

_NEAR_DOCTOR = 6  # words between a part of the body and the doctor for it
_BESIDE = 2
_BARE = 3  # words of a message that names a doctor and nothing else
_SHORT = 5.0  # letters of words that languages share by chance
_TELLING = 10  # words from which naming a doctor and a town is not yet looking for one

# After the specialties that are named as such (1, 2) and before hospitals and advice (3).
_RANK_OF_BODY, _RANK_OF_CHILD, _RANK_OF_DOCTOR = 2.2, 2.5, 4.0


@dataclass(frozen=True, slots=True)
class Slots:
    """What the text named; what it left open is None or False."""

    specialty: str | None = None
    language: str | None = None
    municipality: str | None = None
    barrier_free: bool = False
    female: bool = False


@dataclass(frozen=True, slots=True)
class _Known:
    vocabulary: Vocabulary
    ranks: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Reading:
    """A message taken apart once for all questions about it."""

    words: tuple[str, ...]
    places: tuple[Place, ...]
    mentions: tuple[Mention, ...]
    care: tuple[Mention, ...]
    tongues: tuple[Mention, ...]

    def of(self, group: str) -> list[Mention]:
        return [mention for mention in self.mentions if mention.label.group == group]

    def free(self, group: str) -> list[Mention]:
        """Mentions of a group that are not part of naming a doctor or a language."""
        taken = (*self.care, *self.tongues, *self.of("barrier free"))
        return [
            mention
            for mention in self.of(group)
            if all(mention.last <= other.first or mention.first >= other.last for other in taken)
        ]


def slots(text: str, language: str | None = None) -> Slots:
    """What a message names of a doctor; `language` is the language it is written in, if known.

    Never raises on any text. Looks at as much of it as `bot.answering.cleaning.clean` leaves.
    """
    reading = _read(clean(text))
    women = longest(reading.mentions, frozenset({"female", "not female"}))
    return Slots(
        specialty=_specialty(reading, language),
        language=_language(reading),
        municipality=reading.places[0].municipality if reading.places else None,
        barrier_free=bool(reading.of("barrier free")),
        female=any(mention.label.group == "female" for mention in women),
    )


def wants_directory(text: str, language: str | None, slots: Slots) -> bool:
    """Whether the words alone say that somebody looks for a doctor, a hospital or advice.

    Not so when they ask what it costs, who pays, for papers or an interpreter, or how it works.
    `language`: of the message, if known. `slots`: what `slots` found in the same text.
    """
    reading = _read(clean(text))
    named = [one for one in reading.care if one.label.group != "no specialty"]
    if slots.specialty is None:
        return False
    wishes = bool(slots.language or slots.municipality)
    looking = bool(reading.free("looking"))

    def said(group: str) -> bool:
        return any(_fits(one, language) for one in reading.free(group))

    if said("explaining"):
        return False
    if not named:  # only a part of the body: "somebody for the teeth who speaks Arabic"
        return bool(slots.language) and looking
    if said("asking") and not (wishes and (looking or slots.language)):
        return False
    if slots.specialty == "counselling":
        return bool(slots.language) or (looking and bool(slots.municipality))
    if looking:
        return True
    if slots.language:
        return len(reading.words) < 2 * _TELLING
    if wishes or slots.barrier_free or slots.female:
        return len(reading.words) < _TELLING
    return len(reading.words) <= (_BARE if slots.specialty == "general" else _BARE + 1)


@lru_cache(maxsize=256)
def _read(cleaned: str) -> _Reading:
    said = words(cleaned)
    vocabulary = _known().vocabulary
    places = [
        place
        for place in _places(cleaned)
        if place.likeness >= 97 or not _names_care(vocabulary.find(said[place.first : place.last]))
    ]
    rest = list(said)
    for place in places:
        rest[place.first : place.last] = [""] * (place.last - place.first)
    mentions = vocabulary.find(rest)
    care = tuple(longest(mentions, _CARE))
    return _Reading(
        tuple(said),
        tuple(places),
        tuple(mentions),
        care,
        tuple(one for one in _tongues(mentions) if not _inside(one, care)),
    )


def _places(text: str) -> tuple[Place, ...]:
    """The towns named, also behind the Arabic "in" and "to" that are written in one with them."""
    places = places_in(text)
    bare = _ARABIC_PREFIX.sub("", text)
    return places if places or bare == text else places_in(bare)


def _names_care(mentions: Sequence[Mention]) -> bool:
    """Whether words that are like a town's name are rather the name of a doctor or language."""
    return any(
        mention.label.group in ("specialty", "language") and mention.weight >= 6
        for mention in mentions
    )


def _tongues(mentions: Sequence[Mention]) -> list[Mention]:
    """Languages, and people where their word names no language as well ("turca" is both)."""
    spans = {(one.first, one.label.name) for one in mentions if one.label.group == "language"}
    return longest(
        (
            one
            for one in mentions
            if one.label.group != "people" or (one.first, one.label.name) not in spans
        ),
        _TONGUES,
    )


def _inside(mention: Mention, care: Sequence[Mention]) -> bool:
    """Whether a word rather names a doctor: "Hausarzt" begins like Hausa."""
    return any(_gap(mention, one) < 0 and one.weight > mention.weight for one in care)


def _specialty(reading: _Reading, language: str | None) -> str | None:
    ranks = _known().ranks
    doctors = [one for one in reading.care if one.label.group == "doctor"]
    named = [one for one in reading.care if one.label.group == "specialty"]
    # "A doctor who advises" is a doctor.
    advice = [
        one
        for one in named
        if one.label.name == "counselling" and any(_gap(one, doctor) < 2 for doctor in doctors)
    ]
    found = [(ranks[one.label.name], one.first, one.label.name) for one in named]
    found += [(_RANK_OF_DOCTOR, one.first, "general") for one in doctors]
    # Short everyday words mean something else in another language ("hund" is a nose in Albanian).
    parts = [part for part in reading.free("body") if _fits(part, language)]
    for part in parts:
        if any(_gap(part, doctor) <= _NEAR_DOCTOR for doctor in doctors):
            child = part.label.name == "paediatrics"
            rank = _RANK_OF_CHILD if child else _RANK_OF_BODY
            found.append((rank, part.first, part.label.name))
    if advice:
        found = [one for one in found if one[2] != "counselling"]
    if found:
        return min(found)[2]
    bare = [part for part in parts if part.label.name != "paediatrics"]
    return bare[0].label.name if bare and reading.of("looking") else None


def _fits(mention: Mention, language: str | None) -> bool:
    """Whether a short word may be of the language of the message; people mix in German, English."""
    if not language or mention.weight > _SHORT:
        return True
    return mention.label.language in (language, "de", "en")


def _language(reading: _Reading) -> str | None:
    named = [one for one in reading.tongues if one.label.group != "no language"]
    if not named:
        return None
    speaking = reading.of("speaking")
    care = [one for one in reading.care if one.label.group != "no specialty"]

    def beside(mention: Mention, others: Sequence[Mention]) -> bool:
        return any(_gap(mention, other) < _BESIDE for other in others)

    denied = _denied(reading, named)
    wanted = []
    for mention in named:
        near = beside(mention, speaking) or beside(mention, care)
        if mention.label.group == "people" and not near:
            continue
        if mention.label.name == "de" and (mention in denied or not near):
            continue
        if not near and any(one.last == mention.first for one in reading.of("self")):
            continue
        wanted.append(mention)
    if not wanted:
        return None
    # German is rarely what is missing, and a language somebody does not speak never is.
    best = min(wanted, key=lambda one: (one in denied, one.label.name == "de", one.first))
    for other in wanted:
        if other.label.name in _NARROWER.get(best.label.name, ()) and _gap(best, other) == 0:
            return other.label.name
    return best.label.name


def _denied(reading: _Reading, named: Sequence[Mention]) -> list[Mention]:
    """The languages that somebody says not to speak: the next after a no, the last before one."""
    denied = []
    for no in reading.of("not before"):
        after = [one for one in named if 0 <= one.first - no.last <= _BESIDE]
        denied += after[:1]
    for no in reading.of("not after"):
        before = [one for one in named if 0 <= no.first - one.last < _BESIDE]
        denied += before[-1:]
    return denied


def _gap(one: Mention, other: Mention) -> int:
    """Words between two mentions; less than 0 where they overlap."""
    return max(one.first - other.last, other.first - one.last)


@lru_cache(maxsize=1)
def _known(folder: Path = WORDS) -> _Known:
    stems: list[tuple[Label, str]] = []
    ranks: dict[str, float] = {}

    def take(table: dict[str, str], group: str, name: str = "", *, slips: int = 0) -> None:
        for language, text in table.items():
            other = language in _OTHER_SCRIPT
            stems.append((Label(group, name, language, slips, other), text))

    care = _table(folder / "specialties.toml")
    take(care.pop("none"), "no specialty")
    search = care.pop("search")
    take(search.pop("doctor"), "doctor", slips=SLIP_FROM)
    for group, table in search.items():
        take(table, group)
    for name in SPECIALTIES:
        table = care.pop(name)
        ranks[name] = float(table.pop("rank"))
        take(table.pop("body", {}), "body", name)
        take(table, "specialty", name, slips=SLIP_FROM)
    if care:
        raise ValueError(f"specialties.toml: unknown specialty {next(iter(care))!r}")

    tongues = _table(folder / "languages.toml")
    for group, text in tongues.pop("around").items():
        stems.append((Label(group.replace("_", " "), ""), text))
    stems.append((Label("no language", ""), tongues.pop("none")["names"]))
    for code, table in tongues.items():
        stems.append((Label("language", code, slips=SLIP_FROM + 1), table["names"]))
        stems.append((Label("people", code), table.get("people", "")))

    for group, table in _table(folder / "access.toml").items():
        take(table, group.replace("_", " "))
    return _Known(Vocabulary(stems), ranks)


def _table(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def warm_up() -> None:
    """Read the words now instead of at the first message. Raises ValueError for wrong ones."""
    _known()
