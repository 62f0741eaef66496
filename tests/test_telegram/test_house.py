"""The running house on a Telegram in trouble, on both databases."""

import asyncio
import logging

import pytest
import telegram
from aiogram import Bot

from bot.app.serving import House
from bot.texts import languages
from handlers.registration import register
from tests.conftest import Meet
from tests.fake_telegram import TOKEN, Failure, FakeTelegram
from tests.test_telegram.conftest import until


async def test_commands_and_descriptions_are_taken(server: FakeTelegram, bot: Bot) -> None:
    """In every language, and the office's language for everybody else; read back with PTB."""
    await register(bot)
    assert server.refused == []
    async with telegram.Bot(TOKEN, base_url=f"{server.url}/bot") as client:
        for code in [*languages(), None]:
            assert {c.command for c in await client.get_my_commands(language_code=code)} == {
                "menu", "events", "report", "receipt", "language", "place", "interpreter", "help",
                "privacy", "mydata", "forget", "stop", "impressum",
            }  # fmt: skip
            described = await client.get_my_description(code)
            assert "112" in described.description
            assert (await client.get_my_short_description(code)).short_description
        everybody = await client.get_my_commands()
        assert everybody == await client.get_my_commands(language_code="de")
        assert everybody != await client.get_my_commands(language_code="en")


@pytest.mark.parametrize("kind", ["400", "500", "502", "drop"])
async def test_refused_commands_do_not_stop_the_bot(
    server: FakeTelegram, bot: Bot, kind: Failure
) -> None:
    """A line in the log, no more."""
    server.fail("setMyCommands", kind)
    await register(bot)


async def test_every_registered_command_is_understood(meet: Meet, house: House) -> None:
    """Nothing is offered that the bot then does not know."""
    person = await meet().arrive()
    async with telegram.Bot(TOKEN, base_url=f"{person.fake.url}/bot") as client:
        await register(house.telegram)
        for command in await client.get_my_commands():
            replies = await person.say(f"/{command.command}")
            assert replies
            assert not any("kenne ich nicht" in reply.text for reply in replies)


async def test_who_blocked_us_is_left_in_peace(
    meet: Meet, fake: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    """One refused call, no apology, no error in the log; who comes back is answered."""
    person = await meet().arrive()
    fake.blocked.add(person.id)
    before = fake.attempts["sendMessage"]
    assert await person.say("/menu") == []
    assert fake.attempts["sendMessage"] == before + 1
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []
    fake.blocked.discard(person.id)
    assert await person.say("/menu")


async def test_a_busy_chat_is_answered_once_and_late(meet: Meet, fake: FakeTelegram) -> None:
    """429 for one chat: its answer comes once, and nobody else waits for it."""
    busy, other = await meet().arrive(), await meet().arrive()
    fake.fail("sendMessage", "429", chat_id=busy.id, seconds=2)
    before = len(fake.sent_to(busy.id))
    number = await fake.send({"message": busy.message(text="menü").to_dict()})
    await asyncio.sleep(0.1)
    seen = len(fake.sent_to(other.id))
    await fake.send({"message": other.message(text="menü").to_dict()})
    await until(lambda: len(fake.sent_to(other.id)) == seen + 1, within=1.5)
    assert len(fake.sent_to(busy.id)) == before
    await fake.handled(number)
    assert len(fake.sent_to(busy.id)) == before + 1


async def test_each_chat_is_answered_in_order(meet: Meet, fake: FakeTelegram) -> None:
    """Three people write five lines each, all at once, and one of the answers is slow."""
    people = [await meet().arrive() for _ in range(3)]
    lines = ["/privacy", "/impressum", "/help", "/menu", "/stop"]
    words = ["Datenschutz", "Impressum", "Hilfe", "Was brauchen Sie", "/forget"]
    fake.fail("sendMessage", "slow", chat_id=people[0].id, seconds=0.7)
    before = {person.id: len(fake.sent_to(person.id)) for person in people}
    numbers = [
        await fake.send(
            {"message": person.message(text=line, entities=person.command(line)).to_dict()}
        )
        for line in lines
        for person in people
    ]
    for number in numbers:
        await fake.handled(number)
    for person in people:
        said = [call.call["text"] for call in fake.sent_to(person.id)[before[person.id] :]]
        assert len(said) == len(words)
        assert all(word in text for word, text in zip(words, said, strict=True))


@pytest.mark.parametrize("kind", ["500", "502", "nonsense"])
async def test_a_failed_answer_is_followed_by_an_apology(
    meet: Meet, fake: FakeTelegram, kind: Failure
) -> None:
    """In the reader's language; the next message is answered as ever."""
    person = await meet("en").arrive(language="English")
    fake.fail("sendMessage", kind, chat_id=person.id)
    [reply] = await person.say("/menu")
    assert "something went wrong" in reply.text
    [reply] = await person.say("/menu")
    assert "What do you need" in reply.text


@pytest.mark.parametrize(("kind", "replies"), [("drop", 0), ("drop_after", 1)])
async def test_a_broken_connection_never_doubles_an_answer(
    meet: Meet, fake: FakeTelegram, kind: Failure, replies: int
) -> None:
    """It may be lost, it is not said twice."""
    person = await meet().arrive()
    fake.fail("sendMessage", kind, chat_id=person.id)
    assert len(await person.say("/menu")) == replies
    assert len(await person.say("/menu")) == 1


async def test_a_press_that_is_too_old_is_carried_out(meet: Meet, fake: FakeTelegram) -> None:
    """Telegram takes the acknowledgement for some seconds only; the answer comes all the same."""
    person = await meet().arrive()
    await person.say("/menu")
    fake.fail("answerCallbackQuery", "400")
    [reply] = await person.press("Datenschutz")
    assert "Datenschutz" in reply.text
    assert len(await person.say("/menu")) == 1
    fake.open_queries.clear()


async def test_every_press_is_acknowledged(meet: Meet, fake: FakeTelegram) -> None:
    """Otherwise the button goes on blinking."""
    person = await meet().arrive()
    fake.open_queries.clear()
    await person.say("/menu")
    for label in ("Datenschutz", "Hilfe", "Alle Themen", "Arzt", "Sprache", "Mein Ort"):
        await person.press(label)
    await person.press_data("forged", person.last.message_id)
    assert fake.open_queries == set()
