"""A conversation goes on as people expect: questions between questions, pictures, languages."""

from datetime import date

import pytest
import telegram

from bot.app.serving import House
from bot.db import Sessions
from bot.feedback import verdicts
from bot.models import Chat
from bot.residents import CONSENT_VERSION, find_resident
from bot.switches import Module, switch_off, switch_on
from tests.conftest import Meet


async def test_go_on_in_english_tells_a_stranger_first(meet: Meet, sessions: Sessions) -> None:
    """Nothing is kept of who was never told what is kept."""
    person = meet("de")
    await person.say("what documents do I need for the residence registration at the town hall")
    [reply] = await person.press("Go on in English")
    assert "Privacy" in reply.text
    async with sessions.begin() as session:
        assert await find_resident(session, Chat("telegram", person.id)) is None


@pytest.mark.parametrize(
    "text", ["wie bekomme ich kindergeld", "wann muss ich den rundfunkbeitrag zahlen"]
)
async def test_a_question_instead_of_a_town_is_answered(meet: Meet, text: str) -> None:
    """The question for the town may be passed over without a word."""
    person = meet()
    await person.say("/start")
    await person.press("Deutsch")
    [reply] = await person.say(text)
    assert "Das hilft mir" in reply.labels or "Nichts davon" in reply.labels


async def test_a_town_by_itself_is_offered(meet: Meet) -> None:
    """Whatever the search thinks of it."""
    person = await meet().arrive()
    [reply] = await person.say("Raunheim")
    assert "Wohnen Sie in" in reply.text


async def test_buttons_below_an_english_answer_go_on_in_english(meet: Meet) -> None:
    """Never a silent switch."""
    person = await meet().arrive()
    await person.say("how do I register my address at the town hall please")
    reply = person.last
    title = next(label for label in reply.labels if "oving" in label)
    [next_one] = await person.press(title)
    assert "This helps" in next_one.labels
    [*_edited, sorry] = await person.press("This does not help")
    assert "sorry" in sorry.text


async def test_a_part_that_is_off_is_off_in_the_menu_too(meet: Meet, house: House) -> None:
    """And its contacts still answer."""
    person = await meet().arrive()
    async with house.office.sessions.begin() as session:
        await switch_off(session, Module.REPORTS, "Umzug", house.office.now())
    try:
        await person.say("/menu")
        [reply] = await person.press("Rassismus melden")
        assert "Umzug" in reply.text
        assert "110" in reply.text or "Fachstelle" in reply.text
    finally:
        async with house.office.sessions.begin() as session:
            await switch_on(session, Module.REPORTS)


async def test_an_album_gets_one_answer(meet: Meet) -> None:
    """Three pages of a letter."""
    person = await meet().arrive()
    photo = (telegram.PhotoSize("file-a", "unique-a", width=10, height=10),)
    answers = 0
    for _page in range(3):
        message = person.message(photo=photo, media_group_id=f"album-{person.id}")
        answers += len(await person.send(message=message))
    assert answers == 1


async def test_words_under_a_picture_are_a_question(meet: Meet) -> None:
    """A line such as "letter says 55 euro" under a photo is answered like a message."""
    person = await meet().arrive()
    photo = (telegram.PhotoSize("file-a", "unique-a", width=10, height=10),)
    message = person.message(photo=photo, caption="brief vom rundfunk 55 euro wir haben keinen tv")
    [reply] = await person.send(message=message)
    assert "Wer hat den Brief geschickt?" not in reply.text


async def test_an_answer_is_judged_once(meet: Meet, empty: Sessions) -> None:
    """The question disappears with its answer, also for somebody who presses very fast."""
    person = await meet().arrive()
    [reply] = await person.press_data("topic:pension:", person.last.message_id)
    for _ in range(3):
        await person.press("Das hilft mir", reply)
    async with empty.begin() as session:
        [verdict] = await verdicts(session, date(2020, 1, 1))
    assert (verdict.topic_id, verdict.helpful) == ("pension", 1)


async def test_an_older_consent_is_asked_for_again(meet: Meet, sessions: Sessions) -> None:
    """Answers go on, but nothing more is kept before the new text was read."""
    person = await meet().arrive(town="Trebur")
    async with sessions.begin() as session:
        kept = await find_resident(session, Chat("telegram", person.id))
        assert kept is not None
        kept.consent_version = "2020-01"
    await person.say("/place")
    assert "Datenschutz" in person.last.text
    await person.press("Deutsch")
    async with sessions.begin() as session:
        kept = await find_resident(session, Chat("telegram", person.id))
    assert kept is not None
    assert kept.consent_version == CONSENT_VERSION


async def test_danger_behind_a_slash(meet: Meet) -> None:
    """A wrong command does not hide it."""
    person = await meet().arrive()
    [reply] = await person.say("/hilfe mein mann atmet nicht mehr")
    assert "112" in reply.text
