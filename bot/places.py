"""Where somebody lives: a municipality of the county by name, part of town, postcode or position.

Names are found as people type them: without umlauts, with a letter wrong, with an ending of their
own language, in Cyrillic, Greek or Arabic letters. Towns that only sound alike (Bad Nauheim) are
not ours, and "Kreis Groß-Gerau" is the county and not the town.
"""

import math
import tomllib
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from bot.folding import romanise, words
from bot.knowledge.folder import KNOWLEDGE
from bot.knowledge.records import Municipality

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
FARTHEST_KM = 12.0
"""A position farther than this from every town's centre is not in the county: its towns reach
about 9 km from their centres."""

_ALIKE = 84.0
_SHORTEST_FUZZY = 6
_LONGEST_ENDING = 4
_LONGEST_NAME = 5  # words
# Before a name these make it another place: Bad Nauheim; or the county itself.
_OTHER_BEFORE = frozenset({"bad", "kreis", "landkreis", "kreises", "county", "district", "okrug"})
# Turkish "astım", asthma, has nearly the letters of Astheim.
_ONLY_ALIKE = frozenset({"astim"})

_JOINED_BEFORE = frozenset("بل")


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality somebody named, and where in the message: word numbers from and up to."""

    municipality: str
    first: int = 0
    last: int = 0
    likeness: float = 100.0


@dataclass(frozen=True, slots=True)
class _Name:
    municipality: str
    words: tuple[str, ...]
    joined: str
    loose: str


@lru_cache(maxsize=1)
def towns() -> dict[str, Municipality]:
    """The municipalities by official name; read by itself, without the rest of the knowledge."""
    path = KNOWLEDGE / "municipalities.toml"
    return {
        name: Municipality(
            name=name,
            postcodes=tuple(entry["postcodes"]),
            lat=entry["lat"],
            lon=entry["lon"],
            districts=tuple(entry.get("districts", ())),
            aliases=tuple(entry.get("aliases", ())),
            town_hall=entry["town_hall"],
        )
        for name, entry in tomllib.loads(path.read_text(encoding="utf-8")).items()
    }


@lru_cache(maxsize=1)
def _names() -> tuple[_Name, ...]:
    path = KNOWLEDGE / "words" / "places.toml"
    more: dict[str, list[str]] = (
        tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    )
    found: dict[tuple[str, ...], _Name] = {}
    for town in towns().values():
        short = town.name.split(" am ")[0]
        for name in (town.name, short, *town.districts, *town.aliases, *more.get(town.name, [])):
            parts = tuple(words(name))
            if parts:
                found.setdefault(
                    parts,
                    _Name(town.name, parts, "".join(parts), "".join(map(romanise, parts))),
                )
    return tuple(found.values())


@lru_cache(maxsize=1)
def _postcodes() -> dict[str, str]:
    return {postcode: town.name for town in towns().values() for postcode in town.postcodes}


def places_in(text: str) -> tuple[Place, ...]:
    """Every municipality that a message names, the surest first; never two for the same words."""
    said = words(text[:2000])
    candidates: list[Place] = [
        Place(_postcodes()[word], number, number + 1)
        for number, word in enumerate(said)
        if word in _postcodes()
    ]
    # Arabic writes "in" and "from" onto the word: بروسلسهايم is "in Rüsselsheim".
    said = [word[1:] if word[:1] in _JOINED_BEFORE and len(word) > 5 else word for word in said]
    loose = [romanise(word) for word in said]
    for first in range(len(said)):
        if first and said[first - 1] in _OTHER_BEFORE:
            continue
        for last in range(first + 1, min(first + _LONGEST_NAME, len(said)) + 1):
            found = _likest("".join(said[first:last]), "".join(loose[first:last]))
            if found is not None:
                name, likeness = found
                candidates.append(Place(name.municipality, first, last, likeness))
    candidates.sort(key=lambda place: (-place.likeness, place.first - place.last, place.first))
    kept: list[Place] = []
    for place in candidates:
        if all(place.last <= other.first or place.first >= other.last for other in kept):
            kept.append(place)
    return tuple(kept)


def _likest(joined: str, loose: str) -> tuple[_Name, float] | None:
    if joined in _ONLY_ALIKE:
        return None
    best: tuple[_Name, float] | None = None
    by_letter = _by_first_letter()
    for name in {*by_letter.get(joined[:1], ()), *by_letter.get(loose[:1], ())}:
        likeness = _likeness(name, joined, loose)
        if likeness >= _ALIKE and (
            best is None or (likeness, name.joined) > (best[1], best[0].joined)
        ):
            best = (name, likeness)
    return best


@lru_cache(maxsize=1)
def _by_first_letter() -> dict[str, tuple[_Name, ...]]:
    """Names by the first letter of both spellings: no name with another one could be meant."""
    letters = {name.joined[:1] for name in _names()} | {name.loose[:1] for name in _names()}
    return {
        letter: tuple(n for n in _names() if letter in (n.joined[:1], n.loose[:1]))
        for letter in letters
    }


def _likeness(name: _Name, joined: str, loose: str) -> float:
    if joined == name.joined:
        return 100.0
    if len(joined) < _SHORTEST_FUZZY - 1 or len(name.joined) < _SHORTEST_FUZZY:
        return 0.0
    ending = len(joined) - len(name.joined)
    if 0 < ending <= _LONGEST_ENDING and joined.startswith(name.joined):
        return 99.0 - ending
    if not (loose and name.loose):  # Ethiopic letters have no Latin spelling here
        return fuzz.ratio(joined, name.joined)
    if abs(len(loose) - len(name.loose)) > _LONGEST_ENDING:
        return 0.0
    # The first letter is rarely wrong; without it Mannheim would be Raunheim.
    if loose[:1] != name.loose[:1]:
        return 0.0
    return max(
        fuzz.ratio(joined, name.joined),
        fuzz.ratio(loose, name.loose),
        fuzz.ratio(loose[: len(name.loose)], name.loose) - 4,
    )


def find_place(text: str) -> Place | None:
    """The municipality that an answer to "where do you live?" names; none when it is not clear."""
    found = places_in(text)
    if not found:
        return None
    best = found[0]
    rivals = {place.municipality for place in found if place.likeness > best.likeness - 3}
    return best if rivals == {best.municipality} else None


def only_a_place(text: str, most_other_words: int = 0) -> Place | None:
    """The municipality when a message names one and says hardly anything else.

    "65479 Raunheim" has no other word, "ich wohne in Raunheim" has three.
    """
    place = find_place(text)
    if place is None:
        return None
    named = sum(
        found.last - found.first
        for found in places_in(text)
        if found.municipality == place.municipality
    )
    return place if len(words(text[:2000])) - named <= most_other_words else None


def distance_km(first_lat: float, first_lon: float, second_lat: float, second_lon: float) -> float:
    """Great-circle distance of two positions in degrees, in kilometres."""
    phi, psi = math.radians(first_lat), math.radians(second_lat)
    across = math.sin((psi - phi) / 2) ** 2
    along = math.cos(phi) * math.cos(psi)
    along *= math.sin(math.radians(second_lon - first_lon) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, across + along)))


def nearest(lat: float, lon: float) -> Place | None:
    """The municipality whose centre is nearest to a position; none outside the county."""
    by_distance = sorted(
        (distance_km(lat, lon, town.lat, town.lon), town.name) for town in towns().values()
    )
    kilometres, name = by_distance[0]
    return Place(name) if kilometres <= FARTHEST_KM else None


def distance_between(first: str, second: str) -> float:
    """Kilometres between the centres of two municipalities. Raises ``KeyError`` for others."""
    one, other = towns()[first], towns()[second]
    return distance_km(one.lat, one.lon, other.lat, other.lon)
