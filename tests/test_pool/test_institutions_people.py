"""Institutions register, let colleagues in by a link, are locked; links cannot be stolen."""

from datetime import timedelta

import pytest

from bot.institutions import institutions_of
from bot.models import Chat
from bot.volunteers import find_volunteer
from tests.people import Person
from tests.pool_talks import Talks, chat_of, walk

_REGISTER = (
    "/interpreter",
    "#Wir sind eine Einrichtung",
    "#Schule",
    "Grundschule <Nord>",
    "bischofsheim",
    "Petra Lang",
    "06144 12345",
)


async def _houses(talks: Talks, person: Person) -> list[str]:
    async with talks.sessions.begin() as session:
        return [house.name for house in await institutions_of(session, chat_of(person))]


async def _link(person: Person) -> str:
    await walk(person, "/interpreter", "#Unsere Einrichtung", "#Eine Kolleg*in dazuholen")
    return person.last.text.partition("start=")[2].split()[0]


async def test_an_institution_registers_and_is_approved(talks: Talks) -> None:
    """Before that it cannot ask; staff see who it is, and decide."""
    staff, person = await talks.dispatcher(), await talks.resident()
    await walk(person, *_REGISTER)
    assert "Grundschule <Nord>" in person.last.text
    await walk(person, "#Ändern: Telefon", "06144 54321", "#Ja, wir halten die Regeln ein")
    await person.press_data("go:ask:", person.last.message_id)
    assert "noch nicht zugelassen" in person.last.text
    await talks.post()
    await walk(staff, "#Ansehen")
    assert "06144 54321" in staff.last.text
    await staff.press("Zulassen")
    await talks.post()
    await walk(person, "#Dolmetscher*in anfragen")
    assert "Welche Sprache" in person.last.text
    await walk(staff, "/staff", "#Dolmetschen: Übersicht", "#Alle Einrichtungen", "#Grundschule")
    await staff.press("Sperren")
    await talks.post()
    assert "gesperrt" in person.last.text


async def test_a_colleague_comes_in_by_a_link_and_two_digits(talks: Talks) -> None:
    """And goes again: somebody else of the institution can take them out."""
    (person, _house), colleague = await talks.institution(), await talks.resident()
    token = await _link(person)
    await colleague.say(f"/start {token}")
    digits = "".join(c for c in colleague.last.text.split("\n")[0] if c.isdigit())
    assert await _houses(talks, colleague) == []
    await talks.post()
    assert "Ihren Link für Kolleg*innen geöffnet" in person.last.text
    await walk(person, "#Ich habe die zwei Ziffern", digits)
    assert "Ihre Kolleg*in kann jetzt" in person.last.text
    await talks.post()
    assert await _houses(talks, colleague) == ["Kita Sonnenschein"]
    await walk(colleague, "/interpreter", "#Dolmetscher*in anfragen")
    assert "Welche Sprache" in colleague.last.text
    await walk(person, "/interpreter", "#Unsere Einrichtung", "#Wer für uns handelt")
    assert "(das sind Sie)" in person.last.text
    await walk(person, "#Nummer", "#Ja, entfernen")
    assert await _houses(talks, colleague) == []
    await colleague.say("dari")
    assert "nur für Menschen aus angemeldeten Einrichtungen" in colleague.last.text


async def test_a_stolen_link_opens_nothing(talks: Talks) -> None:
    """The second one is turned away; wrong digits void it; nobody else can confirm it."""
    (person, _house), thief = await talks.institution(), await talks.resident()
    colleague = await talks.resident()
    token = await _link(person)
    await thief.say(f"/start {token}")
    await colleague.say(f"/start {token}")
    assert "gilt nicht mehr" in colleague.last.text
    stolen = "".join(c for c in thief.last.text.split("\n")[0] if c.isdigit())
    data = str(person.last.buttons[0].callback_data)
    await walk(thief, "/interpreter")
    await thief.press_data(data, thief.last.message_id)
    await thief.say(stolen)
    assert "gilt nicht mehr" in thief.last.text
    await walk(person, "#Ich habe die zwei Ziffern", "10" if stolen != "10" else "11")
    assert "falsch" in person.last.text
    await walk(person, "#Ich habe die zwei Ziffern", stolen)
    assert "gilt nicht mehr" in person.last.text
    assert await _houses(talks, thief) == []


async def test_an_old_link_opens_nothing(talks: Talks) -> None:
    """A link lives for a day."""
    (person, _house), colleague = await talks.institution(), await talks.resident()
    token = await _link(person)
    talks.clock.ahead = timedelta(hours=25)
    await colleague.say(f"/start {token}")
    assert "gilt nicht mehr" in colleague.last.text
    await colleague.say("/start pool_nonsense")
    assert "gilt nicht mehr" in colleague.last.text


async def test_staff_invite_a_stranger_to_apply(talks: Talks) -> None:
    """The link leads through the language to the first question; it gives no right by itself."""
    staff, stranger = await talks.dispatcher(), talks.meet("de")
    await walk(staff, "/staff", "#Dolmetschen: Übersicht", "#Dolmetscher*in einladen")
    token = staff.last.text.partition("start=")[2].split()[0]
    await stranger.say(f"/start {token}")
    assert "Bitte wählen Sie Ihre Sprache" in stranger.last.text
    await stranger.press("Deutsch")
    assert "Sie möchten für den Dolmetsch-Pool dolmetschen" in stranger.last.text
    async with talks.sessions.begin() as session:
        assert await find_volunteer(session, chat_of(stranger)) is None


@pytest.mark.parametrize(
    ("link", "words"), [("house", "Eine Einrichtung anmelden"), ("interpreter", "Brauchen Sie")]
)
async def test_the_link_on_a_card_leads_on(talks: Talks, link: str, words: str) -> None:
    """An institution that reads the card can register at once."""
    stranger, resident = talks.meet("de"), await talks.resident()
    await walk(stranger, f"/start {link}", "#Deutsch")
    assert words in stranger.last.text
    await resident.say(f"/start {link}")
    assert words in resident.last.text


async def test_somebody_leaves_an_institution(talks: Talks) -> None:
    """By their own press, after a second question."""
    person, house = await talks.institution()
    await walk(person, "/interpreter", "#Unsere Einrichtung", "#Wer für uns handelt", "#Verlassen")
    assert await _houses(talks, person) == ["Kita Sonnenschein"]
    await person.press("Ja, entfernen")
    assert await _houses(talks, person) == []
    assert Chat("telegram", person.id) == chat_of(person)
    assert house
