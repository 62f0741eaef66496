"""Our calls when Telegram is slow, busy, broken or gone: sent once, or not at all."""

import asyncio
import time

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)

from bot.channels import calls
from tests.fake_telegram import Failure, FakeTelegram
from tests.test_telegram.conftest import text_update

CHAT = 7


@pytest.fixture(autouse=True)
async def _known(server: FakeTelegram) -> None:
    await server.send(text_update("hallo", chat_id=CHAT))


def _texts(server: FakeTelegram) -> list[str]:
    return [call.call["text"] for call in server.sent_to(CHAT)]


async def test_a_busy_telegram_is_waited_for(server: FakeTelegram, bot: Bot) -> None:
    """429: as long as Telegram says, and then the message is there exactly once."""
    server.fail("sendMessage", "429", seconds=1)
    began = time.monotonic()
    await bot.send_message(CHAT, "bitte")
    assert time.monotonic() - began >= 1
    assert _texts(server) == ["bitte"]
    assert server.attempts["sendMessage"] == 2


async def test_a_wait_that_is_too_long_is_not_waited_for(server: FakeTelegram, bot: Bot) -> None:
    """Nobody reads an answer after minutes; whoever owes a letter postpones it."""
    server.fail("sendMessage", "429", seconds=calls.LONGEST_WAIT + 1)
    with pytest.raises(TelegramRetryAfter):
        async with asyncio.timeout(1):
            await bot.send_message(CHAT, "bitte")
    assert _texts(server) == []


async def test_a_refused_connection_is_tried_again(server: FakeTelegram, bot: Bot) -> None:
    """The request never left, so the message cannot be there twice."""
    await server.stop()
    sending = asyncio.create_task(bot.send_message(CHAT, "bitte"))
    await asyncio.sleep(0.4)
    assert not sending.done()
    await server.come_back()
    await sending
    assert _texts(server) == ["bitte"]


@pytest.mark.parametrize(("kind", "arrived"), [("drop", []), ("drop_after", ["bitte"])])
async def test_a_request_that_left_is_not_repeated(
    server: FakeTelegram, bot: Bot, kind: Failure, arrived: list[str]
) -> None:
    """Nobody can tell from here whether it arrived: twice is worse than not at all."""
    server.fail("sendMessage", kind)
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(CHAT, "bitte")
    assert _texts(server) == arrived
    assert server.attempts["sendMessage"] == 1


@pytest.mark.parametrize("kind", ["500", "502", "nonsense"])
async def test_an_error_of_the_server_is_one_of_telegrams_errors(
    server: FakeTelegram, bot: Bot, kind: Failure
) -> None:
    """Also when a server in front of it answers with a page; it is not repeated."""
    server.fail("sendMessage", kind)
    with pytest.raises(TelegramServerError) as error:
        await bot.send_message(CHAT, "bitte")
    assert "nginx" not in str(error.value)
    assert server.attempts["sendMessage"] == 1
    await bot.send_message(CHAT, "noch einmal")
    assert _texts(server) == ["noch einmal"]


async def test_a_slow_telegram_is_patiently_heard_out(server: FakeTelegram, bot: Bot) -> None:
    """A second is no failure."""
    server.fail("sendMessage", "slow", seconds=1)
    await bot.send_message(CHAT, "bitte")
    assert _texts(server) == ["bitte"]


async def test_a_connection_that_was_closed_meanwhile_loses_nothing(
    server: FakeTelegram, bot: Bot
) -> None:
    """Telegram closes quiet connections; the next message takes a new one."""
    await bot.send_message(CHAT, "eins")
    await server.stop()
    await server.come_back()
    await bot.send_message(CHAT, "zwei")
    assert _texts(server) == ["eins", "zwei"]


async def test_who_blocked_us_is_told_apart(server: FakeTelegram, bot: Bot) -> None:
    """403 is not tried again."""
    server.blocked.add(CHAT)
    with pytest.raises(TelegramForbiddenError):
        await bot.send_message(CHAT, "bitte")
    assert server.attempts["sendMessage"] == 1
