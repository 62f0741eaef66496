"""Somebody applies as an interpreter, is approved, pauses, changes, leaves."""

from datetime import date, timedelta

import pytest
from aiogram.types import Chat as TelegramChat
from aiogram.types import Message, Update, User

from bot.conversations import read_conversation
from bot.interpreting.letters import Letter as Kind
from bot.volunteers import Topic, find_volunteer, languages_of
from handlers.volunteers.pausing import UNTIL_FURTHER_NOTICE
from tests.pool_talks import Talks, chat_of, walk

_HALF = (
    "/interpreter",
    "#Ich möchte dolmetschen",
    "#Ja, ich bin einverstanden",
    "#Ja",
    "#C1",
)
_SKILLS = (
    "kurdisch",
    "#Kurmandschi",
    "#Mutter-Sprache",
    "#Fertig",
    "#Raunheim",
    "#vor Ort",
    "#per Telefon",
    "#Fertig",
    "#überall im Kreis",
)
_REST = (
    "Mo-Mi 8-12, Fr 14-18",
    "#Fertig",
    "22-6",
    "4",
    "#Gewalt und Schutz",
    "#Fertig",
    "#Ich bin eine Frau",
    "Basisschulung",
    "12.5.2024",
    "#Das verspreche ich",
    "Rojda <Demir>",
    "0176 1234567",
)


async def test_somebody_applies_and_the_office_approves(talks: Talks) -> None:
    """Every question, the office's message, its decision, and the welcome."""
    staff, person = await talks.dispatcher(), await talks.resident()
    shown = await walk(person, *_HALF, *_SKILLS, *_REST)
    assert "Rojda <Demir>" in shown.text
    assert "Montag: 8–12" in shown.text
    await person.press("Ja, abschicken")
    async with talks.sessions.begin() as session:
        volunteer = await find_volunteer(session, chat_of(person))
        assert volunteer is not None
        assert (volunteer.state, volunteer.weekly_cap, volunteer.gender) == ("applied", 4, "woman")
        assert (volunteer.quiet_from, volunteer.quiet_until) == (22, 6)
        assert volunteer.excluded_topics == [Topic.VIOLENCE.value]
        assert volunteer.certified_on == date(2024, 5, 12)
        assert volunteer.pledged_on == talks.house.office.today()
        assert [s.language for s in await languages_of(session, volunteer.id)] == ["kmr"]
        assert await read_conversation(session, chat_of(person)) == (None, {})
    await talks.post()
    assert "bewirbt sich" in staff.last.text
    assert "Rojda" not in staff.last.text
    await walk(staff, "#Ansehen", "#Zulassen")
    assert "bis 12. Mai 2027" in staff.last.labels
    await staff.press("bis 12. Mai 2027")
    await talks.post()
    assert "Willkommen im Dolmetsch-Pool" in person.last.text


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((*_HALF[:3], "#Nein"), "18 oder älter"),
        ((*_HALF[:4], "#weniger als B2"), "Deutsch-Kurse"),
    ],
)
async def test_who_cannot_yet_is_turned_away_kindly(
    talks: Talks, steps: tuple[str, ...], words: str
) -> None:
    """Nothing is kept."""
    person = await talks.resident()
    assert words in (await walk(person, *steps)).text
    async with talks.sessions.begin() as session:
        assert await find_volunteer(session, chat_of(person)) is None
        assert await read_conversation(session, chat_of(person)) == (None, {})


async def test_back_changes_an_answer_and_cancel_leaves_nothing(talks: Talks) -> None:
    """The question before is asked again; what came after it is still known."""
    person = await talks.resident()
    await walk(person, *_HALF, "#Zurück")
    assert "Wie gut ist Ihr Deutsch?" in person.last.text
    await walk(person, "#B2")
    assert "Welche Sprachen" in person.last.text
    await person.say("abbrechen")
    assert "Abgebrochen" in person.last.text
    async with talks.sessions.begin() as session:
        assert await read_conversation(session, chat_of(person)) == (None, {})


async def test_danger_and_commands_come_first_and_the_dialogue_goes_on(talks: Talks) -> None:
    """The card, then /help, then the next answer, with the bot restarted in between."""
    person = await talks.resident()
    await walk(person, *_HALF)
    await person.say("mein mann atmet nicht mehr")
    assert "112" in person.last.text
    await person.say("/help")
    assert "Hilfe" in person.last.text
    talks.house.shown.forget(talks.house.telegram.id, person.id)
    await person.say("dari")
    assert "Wie gut sprechen Sie" in person.last.text


async def test_stop_ends_the_dialogue_and_the_questions(talks: Talks) -> None:
    """What is written next is a question like any other."""
    person = await talks.resident()
    await walk(person, *_HALF, "/stop")
    assert "schreibe Ihnen nicht" in person.last.text
    await person.say("dari")
    assert "Wie gut sprechen Sie" not in person.last.text


async def test_a_stranger_agrees_first(talks: Talks) -> None:
    """Nothing is asked and nothing kept before the privacy text was read."""
    person = talks.meet("de")
    await walk(person, "/interpreter", "#Ich möchte dolmetschen")
    assert "Bitte wählen Sie Ihre Sprache" in person.last.text
    async with talks.sessions.begin() as session:
        assert await read_conversation(session, chat_of(person)) == (None, {})


async def test_an_old_button_of_a_dialogue_that_is_over_says_so(talks: Talks) -> None:
    """And forged ones do nothing."""
    person = await talks.resident()
    await walk(person, *_HALF, "#Abbrechen")
    for data in ("q|apply|german|c1", "q|apply|send|send", "q|nothing|x|y", "q|ask|house|1"):
        await person.press_data(data, person.replies[-2].message_id)
    assert "nicht mehr offen" in person.last.text
    await walk(person, *_HALF[:2], "#Ja, ich bin einverstanden")
    for data in ("q|apply|german|c9", "q|apply|languages|xx=native", "q|apply|hours|b9.99"):
        await person.press_data(data, person.last.message_id)
        assert "nicht verstanden" in person.last.text
    async with talks.sessions.begin() as session:
        assert await find_volunteer(session, chat_of(person)) is None


async def test_changed_languages_are_looked_at_again(talks: Talks) -> None:
    """Hours and phone are the volunteer's own affair; languages are approved."""
    staff, person = await talks.dispatcher(), await talks.volunteer("kmr")
    await talks.post()
    await walk(person, "/interpreter", "#Meine Angaben", "#Etwas ändern", "#Ändern: Telefon")
    await walk(person, "0176 7654321", "#Speichern")
    async with talks.sessions.begin() as session:
        volunteer = await find_volunteer(session, chat_of(person))
        assert volunteer is not None
        assert (volunteer.state, volunteer.phone) == ("approved", "0176 7654321")
    await walk(person, "/interpreter", "#Meine Angaben", "#Etwas ändern", "#Ändern: Sprachen")
    await walk(person, "sorani", "#fließend", "#Fertig", "#Speichern")
    await talks.post()
    assert "geändert" in staff.last.text


async def test_a_pause_until_a_day_and_stop_until_further_notice(talks: Talks) -> None:
    """Whoever said stop gets no request, not even one that waits to be delivered."""
    kita, person = await talks.institution(), await talks.volunteer("kmr")
    await person.say("/pause nächste Woche Mittwoch")
    assert "Sie machen Pause" in person.last.text
    await walk(person, "/interpreter", "#Pause beenden")
    assert "wieder Anfragen" in person.last.text
    await walk(person, "/pause", "#eine Woche")
    await walk(person, "/interpreter", "#Pause beenden")
    await talks.request(kita, talks.now() + timedelta(days=3), deliver=False)
    assert Kind.OFFER in await talks.owed(person)
    await person.say("/stop")
    assert "bis Sie die Pause beenden" in person.last.text
    async with talks.sessions.begin() as session:
        volunteer = await find_volunteer(session, chat_of(person))
        assert volunteer is not None
        assert volunteer.paused_until == UNTIL_FURTHER_NOTICE
    await talks.request(kita, talks.now() + timedelta(days=4))
    assert not any("Können Sie dolmetschen" in reply.text for reply in person.replies)
    assert await talks.owed(person) == []


async def test_somebody_leaves_and_appointments_are_given_to_others(talks: Talks) -> None:
    """The data goes; the institution is told."""
    kita, person = await talks.institution(), await talks.volunteer("kmr")
    await talks.request(kita, talks.now() + timedelta(days=3))
    await person.press("Ja, ich mache das")
    await talks.post()
    await walk(person, "/interpreter", "#Den Pool verlassen", "#Ja, den Pool verlassen")
    assert "Vielen Dank für Ihre Hilfe" in person.last.text
    await talks.post()
    async with talks.sessions.begin() as session:
        assert await find_volunteer(session, chat_of(person)) is None
    assert any("kann nicht kommen" in reply.text for reply in kita[0].replies)


async def test_the_chat_page_leads_interpreters_to_telegram(talks: Talks) -> None:
    """It cannot write by itself, so nobody can be asked there."""
    heard: list[str] = []

    async def hear(make_request: object, bot: object, method: object) -> object:
        heard.append(str(getattr(method, "text", "")))
        return await make_request(bot, method)  # type: ignore[operator]

    talks.house.web_session.middleware(hear)  # type: ignore[arg-type]
    user = User(id=77, is_bot=False, first_name="Tab", language_code="de")
    chat = TelegramChat(id=77, type="private")
    for number, text in enumerate(("/interpreter", "/start apply"), start=1):
        message = Message(message_id=number, date=talks.now(), chat=chat, from_user=user, text=text)
        async with talks.sessions.begin() as session:
            from bot.models import Chat
            from bot.residents import welcome

            await welcome(session, Chat("webchat", 77), "de", talks.house.office.today())
        await talks.house.feed_web(Update(update_id=number, message=message))
    talks.house.web_session.middleware.unregister(hear)  # type: ignore[arg-type]
    assert any("Bitte bewerben Sie sich auf Telegram" in text for text in heard)
