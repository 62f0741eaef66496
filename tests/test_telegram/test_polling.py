"""Long polling: nothing is lost, nothing is handled twice, nobody waits for somebody else."""

import asyncio
import logging

import pytest
from aiogram import Bot
from aiogram.types import Update

from bot.channels import telegram
from bot.errors import SettingsError
from tests.fake_telegram import TOKEN, Failure, FakeTelegram
from tests.test_telegram.conftest import Handled, close, polling, text_update, until


async def test_an_update_is_confirmed_only_after_it_was_handled(
    server: FakeTelegram, bot: Bot
) -> None:
    """Telegram keeps it while a handler is at work."""
    go_on = asyncio.Event()
    feed = Handled(first=lambda update: _wait(go_on))
    async with polling(bot, feed):
        number = await server.send(text_update("eins"))
        await asyncio.sleep(0.2)
        assert server.waiting == [number]
        assert feed.numbers == []
        go_on.set()
        await server.handled(number)
    assert feed.numbers == [number]
    assert server.waiting == []


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


async def test_a_kill_in_between_brings_the_update_again(server: FakeTelegram, bot: Bot) -> None:
    """A new process is given what the killed one had not finished, and only that."""
    stuck = Handled(first=lambda update: asyncio.sleep(60))
    done = await server.send(text_update("eins"))
    finished = Handled()
    async with polling(bot, finished):
        await server.handled(done)
    task = asyncio.create_task(telegram.poll(bot, stuck, ["message"], asyncio.Event()))
    number = await server.send(text_update("zwei"))
    await asyncio.sleep(0.2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert stuck.numbers == []
    second = telegram.create_bot(TOKEN, server.url)
    feed = Handled()
    async with polling(second, feed):
        await server.handled(number)
    await close(second)
    assert feed.texts == ["zwei"]


async def test_a_slow_chat_does_not_hold_up_another(server: FakeTelegram, bot: Bot) -> None:
    """While one answer takes long, somebody who writes later is served, and once only."""
    go_on = asyncio.Event()

    async def slow_for_one(update: Update) -> None:
        if update.message and update.message.chat.id == 1:
            await go_on.wait()

    feed = Handled(first=slow_for_one)
    async with polling(bot, feed):
        slow = await server.send(text_update("langsam", chat_id=1))
        await asyncio.sleep(0.1)
        for chat in (2, 3):
            await server.send(text_update(f"von {chat}", chat_id=chat))
            await until(lambda: len(feed.texts) == chat - 1, within=2)  # noqa: B023 - at once
        assert slow in server.waiting
        go_on.set()
        await server.handled(slow)
    assert feed.texts == ["von 2", "von 3", "langsam"]
    assert server.waiting == []


async def test_a_hundred_behind_a_stuck_one_are_served(
    server: FakeTelegram, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telegram shows no more than a hundred at once; the stuck one must not hide the rest."""
    monkeypatch.setattr(telegram, "_PATIENCE", 0.5)
    go_on = asyncio.Event()

    async def stuck(update: Update) -> None:
        if update.message and update.message.text == "0":
            await go_on.wait()

    feed = Handled(first=stuck)
    for number in range(150):
        await server.send(text_update(str(number), chat_id=number + 1))
    async with polling(bot, feed):
        await until(lambda: len(feed.texts) == 149)
        go_on.set()
    assert sorted(map(int, feed.texts)) == list(range(150))


async def test_what_is_under_way_at_the_stop_is_finished_and_confirmed(
    server: FakeTelegram, bot: Bot
) -> None:
    """The next start does not handle it again."""
    begun, stop = asyncio.Event(), asyncio.Event()

    async def slow(update: Update) -> None:
        begun.set()
        await asyncio.sleep(0.4)

    feed = Handled(first=slow)
    async with polling(bot, feed, stop):
        await server.send(text_update("noch schnell"))
        await begun.wait()
        stop.set()
    assert feed.texts == ["noch schnell"]
    assert server.waiting == []


async def test_a_stop_does_not_wait_for_the_long_poll(server: FakeTelegram, bot: Bot) -> None:
    """Stopping takes a moment and not the 25 seconds of a poll."""
    stop = asyncio.Event()
    async with asyncio.timeout(2), polling(bot, Handled(), stop):
        await asyncio.sleep(0.1)
        stop.set()


async def test_two_programs_with_one_token(
    server: FakeTelegram, bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    """The conflict is logged by name, and when the other one goes everything works again."""
    other = telegram.create_bot(TOKEN, server.url)
    feed = Handled()
    async with polling(bot, feed):
        await asyncio.sleep(0.05)
        async with polling(other, feed):
            await asyncio.sleep(0.3)
        number = await server.send(text_update("bin ich allein?"))
        await server.handled(number)
    await close(other)
    assert feed.texts == ["bin ich allein?"]
    levels = [record.levelno for record in caplog.records if "409" in record.message]
    assert set(levels) == {logging.ERROR}


async def test_a_token_that_is_no_more_ends_the_polling(server: FakeTelegram, bot: Bot) -> None:
    """BotFather revoked it: one clear line that names the variable."""
    server.fail("getUpdates", "401")
    with pytest.raises(SettingsError, match="BOT_TOKEN"):
        async with polling(bot, Handled()) as task:
            await asyncio.wait({task}, timeout=2)


@pytest.mark.parametrize("kind", ["401", "404"])
async def test_an_unknown_token_is_named_at_the_start(
    server: FakeTelegram, bot: Bot, kind: Failure
) -> None:
    """Telegram answers 401 for a wrong token and 404 for one it cannot even read."""
    server.fail("getMe", kind)
    with pytest.raises(SettingsError, match="BOT_TOKEN"):
        async with asyncio.timeout(5):
            await telegram.check_token(bot)


async def test_waiting_for_telegram_can_be_stopped(server: FakeTelegram, bot: Bot) -> None:
    """A start that finds no Telegram ends when it is told to."""
    await server.stop()
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.3, stop.set)
    async with asyncio.timeout(2):
        assert await telegram.check_token(bot, stop) == ""


async def test_a_busy_telegram_is_given_its_time(server: FakeTelegram, bot: Bot) -> None:
    """429: no call before the second is over."""
    server.fail("getUpdates", "429", seconds=1)
    feed = Handled()
    async with polling(bot, feed):
        number = await server.send(text_update("bitte"))
        await asyncio.sleep(0.6)
        assert server.attempts["getUpdates"] == 1
        await server.handled(number)
    assert feed.texts == ["bitte"]


@pytest.mark.parametrize("kind", ["500", "502", "nonsense", "drop"])
async def test_trouble_while_polling_is_survived(
    server: FakeTelegram, bot: Bot, kind: Failure
) -> None:
    """A storm of errors, pages of HTML where JSON should be, broken connections."""
    server.fail("getUpdates", kind, times=4)
    feed = Handled()
    async with polling(bot, feed) as task:
        number = await server.send(text_update("noch da?"))
        await server.handled(number, within=8)
        assert not task.done()
    assert feed.texts == ["noch da?"]


@pytest.mark.parametrize("kind", ["500", "502", "nonsense", "drop"])
async def test_trouble_at_the_start_is_survived(
    server: FakeTelegram, bot: Bot, kind: Failure
) -> None:
    """Telegram fails at the very first calls."""
    server.fail("getMe", kind, times=2)
    server.fail("deleteWebhook", kind, times=2)
    assert await telegram.check_token(bot) == "kreis_test_bot"
    feed = Handled()
    async with polling(bot, feed):
        await server.handled(await server.send(text_update("hallo")), within=8)
    assert feed.texts == ["hallo"]


async def test_an_outage_is_survived(server: FakeTelegram, bot: Bot) -> None:
    """Nobody listens for a while; then everything that was sent meanwhile arrives."""
    feed = Handled()
    async with polling(bot, feed):
        await server.handled(await server.send(text_update("vorher")))
        await server.stop()
        number = await server.send(text_update("nachher"))
        await asyncio.sleep(0.3)
        await server.come_back()
        await server.handled(number)
    assert feed.texts == ["vorher", "nachher"]


async def test_an_update_of_the_future_does_not_hide_the_others(
    server: FakeTelegram, bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    """A kind, or a part of a message, that our library cannot read is passed over in silence."""
    future = text_update("geheimnis eins")
    future["message"]["forward_origin"] = {"type": "from_the_future", "date": 1}
    unknown = text_update("geheimnis zwei")
    feed = Handled()
    async with polling(bot, feed) as task:
        await server.send(future)
        await server.send({"future_message": unknown["message"]}, anyway=True)
        number = await server.send(text_update("lesbar"))
        await server.handled(number, within=8)
        assert not task.done()
    assert feed.texts == ["lesbar"]
    assert "geheimnis" not in caplog.text


async def test_a_webhook_of_yesterday_is_removed(server: FakeTelegram, bot: Bot) -> None:
    """Telegram refuses polling while a webhook is set."""
    await bot.set_webhook("http://127.0.0.1:9/hook")
    feed = Handled()
    async with polling(bot, feed):
        await server.handled(await server.send(text_update("hallo")))
    assert feed.texts == ["hallo"]


async def test_what_no_door_is_for_is_not_asked_for(server: FakeTelegram, bot: Bot) -> None:
    """Telegram is told which kinds of update are wanted and keeps the others."""
    async with polling(bot, feed := Handled()):
        await server.handled(await server.send(text_update("a")))
        number = await server.send({"edited_message": text_update("b")["message"]})
    assert server.withheld == [number]
    assert feed.texts == ["a"]
