"""The front door: who we are, language, place, and what is kept about a person."""

import json
from collections.abc import Iterable

import pytest
import telegram
from sqlalchemy import select, text

from bot.app.serving import House
from bot.db import Model, Sessions
from bot.models import Chat, Resident
from bot.residents import find_resident
from tests.conftest import Meet
from tests.people import Person


async def _kept(sessions: Sessions, person: Person) -> Resident | None:
    async with sessions.begin() as session:
        return await find_resident(session, Chat("telegram", person.id))


async def test_start_says_who_we_are_before_anything_is_stored(
    meet: Meet, sessions: Sessions
) -> None:
    """Operator, automatic answers, privacy, Impressum and other ways to reach the office."""
    person = meet()
    [reply] = await person.say("/start")
    for promise in (
        "Büro für Integration",
        "automatisch",
        "/privacy",
        "/impressum",
        "/forget",
        "+49 6152 989630",
        "bfi@kreisgg.de",
        "Wilhelm-Seipp-Straße 4",
        "112",
        "110",
    ):
        assert promise in reply.text
    assert "tel:112" in reply.links
    assert reply.labels[:2] == ["Deutsch (Leichte Sprache)", "English"]
    assert await _kept(sessions, person) is None


async def test_a_language_is_chosen_and_stays(meet: Meet, sessions: Sessions) -> None:
    """Telegram's language only proposes; what was chosen is spoken from then on."""
    person = meet("de")
    await person.say("/start")
    await person.press("English")
    assert "Where do you live?" in person.last.text
    kept = await _kept(sessions, person)
    assert kept is not None
    assert (kept.language, kept.municipality) == ("en", None)
    await person.say("/menu")
    assert "What do you need?" in person.last.text


@pytest.mark.parametrize(
    ("typed", "town"),
    [
        ("Raunheim", "Raunheim"),
        ("rüsselheim", "Rüsselsheim am Main"),
        ("65428", "Rüsselsheim am Main"),
        ("groß gerau", "Groß-Gerau"),
        ("walldorf", "Mörfelden-Walldorf"),
        ("10", "Raunheim"),
    ],
)
async def test_the_town_is_typed(meet: Meet, sessions: Sessions, typed: str, town: str) -> None:
    """By name with mistakes, by part of town, by postcode, by the number of the button."""
    person = meet()
    await person.say("/start")
    await person.press("Deutsch")
    await person.say(typed)
    assert town in person.last.text
    kept = await _kept(sessions, person)
    assert kept is not None
    assert kept.municipality == town


async def test_the_town_by_location(meet: Meet, sessions: Sessions) -> None:
    """The nearest town is kept, the location is not; a place far away is not taken."""
    person = meet()
    await person.say("/start")
    await person.press("Deutsch")
    berlin = telegram.Location(longitude=13.4, latitude=52.5)
    await person.send(message=person.message(location=berlin))
    assert "nicht im Kreis" in person.last.text
    nauheim = telegram.Location(longitude=8.4633, latitude=49.9508)
    await person.send(message=person.message(location=nauheim))
    assert "Nauheim" in person.last.text
    kept = await _kept(sessions, person)
    assert kept is not None
    assert kept.municipality == "Nauheim"


async def test_an_unknown_town_keeps_the_question_open(meet: Meet) -> None:
    """The list comes again, and the way past it."""
    person = meet()
    await person.say("/start")
    await person.press("Deutsch")
    await person.say("Qxzwvk")
    assert "kenne ich" in person.last.text
    await person.press("Überspringen")
    assert "/place" in person.last.text


async def test_a_command_works_in_the_middle_of_a_dialogue(meet: Meet) -> None:
    """A dialogue never swallows a command."""
    person = meet()
    await person.say("/start")
    await person.press("Deutsch")
    await person.say("/privacy")
    assert "Datenschutz" in person.last.text
    await person.say("Trebur")
    assert "Trebur" in person.last.text


async def test_mydata_holds_everything_and_forget_takes_it_away(
    meet: Meet, sessions: Sessions
) -> None:
    """A JSON file of all that is kept; after /forget no table knows the chat."""
    person = await meet().arrive(town="Trebur")
    [reply] = await person.say("/mydata")
    [content] = reply.call.files.values()
    kept = json.loads(content)
    assert kept["resident"]["language"] == "de"
    assert kept["resident"]["municipality"] == "Trebur"
    await person.say("/forget")
    await person.press("Nein")
    assert await _kept(sessions, person) is not None
    await person.say("/forget")
    await person.press("Ja, alles löschen")
    assert "gelöscht" in person.last.text
    assert await _chat_found(sessions, person.id) == []


async def test_no_name_is_ever_stored(meet: Meet, sessions: Sessions) -> None:
    """First name, last name and username of Telegram reach no table."""
    person = await meet().arrive()
    await person.say("Wo melde ich mich an?")
    for word in (person.user.first_name, person.user.last_name, person.user.username):
        assert await _word_found(sessions, str(word)) == []


async def test_a_typed_number_after_a_restart_shows_the_menu(meet: Meet, house: House) -> None:
    """What was shown is remembered in memory only."""
    person = await meet().arrive()
    house.shown.forget(4242, person.id)
    [reply] = await person.say("3")
    assert "Alle Themen" in reply.labels


async def test_stop_ends_a_dialogue(meet: Meet) -> None:
    """``/stop`` says what it means and how to delete everything."""
    person = meet()
    await person.say("/start")
    await person.press("Deutsch")
    await person.say("/stop")
    assert "/forget" in person.last.text


async def _rows(sessions: Sessions) -> Iterable[tuple[str, str]]:
    found = []
    async with sessions.begin() as session:
        for table in Model.metadata.sorted_tables:
            for row in await session.execute(select(table)):
                found.append((table.name, repr(tuple(row))))
        await session.execute(text("SELECT 1"))
    return found


async def _chat_found(sessions: Sessions, chat_id: int) -> list[str]:
    return [name for name, row in await _rows(sessions) if str(chat_id) in row]


async def _word_found(sessions: Sessions, word: str) -> list[str]:
    return [name for name, row in await _rows(sessions) if word in row]
