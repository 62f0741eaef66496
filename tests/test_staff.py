"""Who is staff: a link, two digits, and a role that is looked up at every action."""

from datetime import timedelta

import pytest

from bot.app.serving import House
from bot.db import Sessions
from bot.errors import InvitationInvalid
from bot.models import Chat
from bot.staff import Invited, Role, confirm, invite, members, remove, roles_of
from handlers.delivery import deliver_due
from tests.conftest import Clock, Meet
from tests.people import Person


async def _invited(house: House, role: Role, inviter: Chat | None = None) -> Invited:
    async with house.office.sessions.begin() as session:
        return await invite(session, role, house.office.now(), inviter)


async def _become(house: House, person: Person, role: Role) -> None:
    invited = await _invited(house, role)
    await person.say(f"/start staff_{invited.token}")
    digits = int("".join(c for c in person.last.text.split("\n")[0] if c.isdigit()))
    async with house.office.sessions.begin() as session:
        assert await confirm(session, invited.id, digits, house.office.now()) is role


async def test_a_link_and_two_digits_make_an_editor(meet: Meet, house: House) -> None:
    """The role is active only after the inviter heard the right digits."""
    person = meet()
    invited = await _invited(house, Role.EDITOR)
    await person.say(f"/start staff_{invited.token}")
    digits = int("".join(c for c in person.last.text.split("\n")[0] if c.isdigit()))
    assert "nur für Mitarbeitende" in (await person.say("/staff"))[-1].text
    async with house.office.sessions.begin() as session:
        assert await confirm(session, invited.id, digits, house.office.now()) is Role.EDITOR
    await person.say("/staff")
    assert "Fragen ohne Antwort" in person.last.labels
    assert "Mitarbeitende" not in person.last.labels


async def test_wrong_digits_void_the_invitation(house: House, meet: Meet) -> None:
    """Whoever opened the link was not the person on the phone."""
    person = meet()
    invited = await _invited(house, Role.ADMIN)
    await person.say(f"/start staff_{invited.token}")
    digits = int("".join(c for c in person.last.text.split("\n")[0] if c.isdigit()))
    wrong = 10 if digits != 10 else 11
    async with house.office.sessions.begin() as session:
        assert await confirm(session, invited.id, wrong, house.office.now()) is None
    async with house.office.sessions.begin() as session:
        with pytest.raises(InvitationInvalid):
            await confirm(session, invited.id, digits, house.office.now())
        assert await roles_of(session, Chat("telegram", person.id)) == frozenset()


async def test_a_stolen_link_opens_once(house: House, meet: Meet) -> None:
    """The second person who opens a link is turned away, the first sees the same digits again."""
    first, thief = meet(), meet()
    invited = await _invited(house, Role.EDITOR)
    await first.say(f"/start staff_{invited.token}")
    shown = first.last.text
    await thief.say(f"/start staff_{invited.token}")
    assert "gilt nicht mehr" in thief.last.text
    await first.say(f"/start staff_{invited.token}")
    assert first.last.text == shown


async def test_an_old_link_opens_nothing(house: House, meet: Meet, clock: Clock) -> None:
    """A link lives for a day."""
    person = meet()
    invited = await _invited(house, Role.EDITOR)
    clock.ahead = timedelta(hours=25)
    await person.say(f"/start staff_{invited.token}")
    assert "gilt nicht mehr" in person.last.text


async def test_an_admin_invites_from_the_chat(house: House, meet: Meet) -> None:
    """The inviter is told when the link was opened, types the digits, and the other one is told."""
    admin, newcomer = meet(), meet()
    await _become(house, admin, Role.ADMIN)
    await admin.say("/staff")
    await admin.press("Mitarbeitende")
    await admin.press("Redaktion")
    token = admin.last.text.partition("start=")[2].split()[0]
    await newcomer.say(f"/start {token}")
    digits = "".join(c for c in newcomer.last.text.split("\n")[0] if c.isdigit())
    before = len(house.shown._shown)
    await deliver_due(house.office.sessions, house.bots, house.office.now())
    assert before
    told = house.office.sessions
    assert told is not None
    await admin.press("Ich habe die zwei Ziffern")
    await admin.say(digits)
    assert "Die Rolle gilt jetzt" in admin.last.text
    async with house.office.sessions.begin() as session:
        chat = Chat("telegram", newcomer.id)
        assert await roles_of(session, chat) == frozenset({Role.EDITOR})


async def test_a_removed_role_is_gone_at_once(house: House, meet: Meet) -> None:
    """An open keyboard from yesterday opens nothing today."""
    person = meet()
    await _become(house, person, Role.EDITOR)
    await person.say("/staff")
    async with house.office.sessions.begin() as session:
        mine = [m for m in await members(session) if m.chat_id == person.id]
        await remove(session, mine[0].id, house.office.now())
    await person.press("Fragen ohne Antwort")
    assert "nur für Mitarbeitende" in person.last.text


async def test_forged_buttons_open_nothing(house: House, meet: Meet) -> None:
    """Callback data can be made up; the lock asks who it is."""
    person = await meet().arrive()
    for data in (
        "desk:gaps:",
        "desk:off:answers",
        "desk:on:answers",
        "invite:admin",
        "unstaff:1:1",
        "heard:1",
    ):
        await person.press_data(data, person.last.message_id)
        assert "nur für Mitarbeitende" in person.last.text


async def test_a_part_is_switched_off_with_a_reason(
    house: House, meet: Meet, sessions: Sessions
) -> None:
    """Residents read the reason and the contacts; switched on again, it answers."""
    admin, resident = meet(), await meet().arrive()
    await _become(house, admin, Role.ADMIN)
    await admin.say("/staff")
    await admin.press("Teile aus- und einschalten")
    await admin.press("Ausschalten: Antworten")
    await admin.say("Wir prüfen gerade alle Texte & Zahlen.")
    try:
        await resident.say("Wo kann ich mich anmelden?")
        assert "Wir prüfen gerade alle Texte & Zahlen." in resident.last.text
        assert "bfi@kreisgg.de" in resident.last.text
        await resident.say("mein mann atmet nicht mehr")
        assert "112" in resident.last.text
    finally:
        await admin.say("/staff")
        await admin.press("Teile aus- und einschalten")
        await admin.press("Einschalten: Antworten")
    await resident.say("Wo kann ich mich anmelden?")
    assert "gerade alle Texte" not in resident.last.text


async def test_the_last_admin_stays(house: House, meet: Meet, empty: Sessions) -> None:
    """Nobody could invite anyone any more."""
    admin = meet()
    await _become(house, admin, Role.ADMIN)
    await admin.say("/staff")
    await admin.press("Mitarbeitende")
    await admin.press("Nummer")
    await admin.press("Ja, entfernen")
    assert "Laden Sie zuerst jemanden ein" in admin.last.text
