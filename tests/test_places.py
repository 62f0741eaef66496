"""A town is found however it is typed, and one that is not ours is not."""

import pytest

from bot.places import distance_between, find_place, nearest, places_in, towns


@pytest.mark.parametrize(
    ("typed", "town"),
    [
        ("Rüsselsheim", "Rüsselsheim am Main"),
        ("rüsselheim", "Rüsselsheim am Main"),
        ("russelshaim", "Rüsselsheim am Main"),
        ("Рюссельсхайме", "Rüsselsheim am Main"),
        ("روسلسهايم", "Rüsselsheim am Main"),
        ("Ρίσελσχαϊμ", "Rüsselsheim am Main"),
        ("Rüsselsheim'da oturuyorum", "Rüsselsheim am Main"),
        ("ኣብ ራውንሃይም", "Raunheim"),
        ("65428", "Rüsselsheim am Main"),
        ("65424 Rüsselsheim", "Rüsselsheim am Main"),
        ("64518", "Groß-Gerau"),
        ("gross gerau", "Groß-Gerau"),
        ("Goddelau", "Riedstadt"),
        ("ich wohne in moerfelden bei frankfurt", "Mörfelden-Walldorf"),
        ("Geinsheim", "Trebur"),
        ("Ginsheim", "Ginsheim-Gustavsburg"),
        ("raunhem??", "Raunheim"),
        ("Nauheim", "Nauheim"),
    ],
)
def test_a_town_is_found(typed: str, town: str) -> None:
    """Umlauts, typos, scripts, endings, parts of town, postcodes."""
    place = find_place(typed)
    assert place is not None
    assert place.municipality == town


@pytest.mark.parametrize(
    "typed",
    ["Bad Nauheim", "Mannheim", "Griesheim", "Frankfurt", "kreis groß-gerau", "heim", "60311",
     "Wo kann ich mich anmelden?", "", "🙂", "Weilheim", "ሓገዝ ይደልይ ኣለኹ", "astım"],
)  # fmt: skip
def test_another_town_is_not_taken(typed: str) -> None:
    """Better to ask again than to name the wrong office."""
    assert find_place(typed) is None


def test_two_towns_are_not_one_answer() -> None:
    """Both are seen, neither is chosen."""
    assert {p.municipality for p in places_in("von Trebur nach Raunheim")} == {
        "Trebur",
        "Raunheim",
    }
    assert find_place("von Trebur nach Raunheim") is None


def test_every_town_finds_itself() -> None:
    """By its official name, its postcodes and its position."""
    assert len(towns()) == 14
    for town in towns().values():
        for typed in (town.name, *town.postcodes, *town.districts):
            place = find_place(typed)
            assert place is not None, typed
            assert place.municipality == town.name, typed
        here = nearest(town.lat, town.lon)
        assert here is not None
        assert here.municipality == town.name


def test_a_position_outside_is_nowhere() -> None:
    """Berlin, and Frankfurt's centre just outside."""
    assert nearest(52.52, 13.40) is None
    assert nearest(50.11, 8.68) is None
    assert distance_between("Gernsheim", "Kelsterbach") == pytest.approx(34.4, abs=1)
