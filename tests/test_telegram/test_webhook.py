"""The webhook: only Telegram gets in, everything is handled once and in order."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio
from aiogram import Bot
from aiogram.types import Update
from starlette.applications import Starlette

from bot.app.serving import House, Server
from bot.channels import telegram
from bot.errors import SettingsError
from tests.fake_telegram import TOKEN, FakeTelegram
from tests.people import Person
from tests.test_telegram.conftest import ALLOWED, Handled, close, text_update, until

SECRET = "a-secret-word_1"
HEADERS = {telegram.SECRET_HEADER: SECRET}


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[str]:
    """A web application on loopback, run as the program runs it."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    server = Server(app)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()


class Hook:
    """A running webhook, a feed behind it, and somebody who calls it."""

    def __init__(self, url: str, feed: Handled, client: httpx.AsyncClient) -> None:
        self.url = url
        self.feed = feed
        self.client = client

    async def post(self, content: bytes | dict[str, Any], **headers: str) -> httpx.Response:
        """Call the webhook with the right secret and a body."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return await self.client.post(self.url, content=body, headers={**HEADERS, **headers})


@pytest_asyncio.fixture
async def hook(bot: Bot) -> AsyncIterator[Hook]:
    """The webhook alone."""
    feed = Handled()
    webhook = telegram.Webhook(bot, feed, SECRET)
    async with (
        serving(Starlette(routes=[webhook.route])) as url,
        httpx.AsyncClient(timeout=10) as client,
    ):
        yield Hook(f"{url}{telegram.WEBHOOK_PATH}", feed, client)


@pytest_asyncio.fixture
async def town(house: House, server: FakeTelegram) -> AsyncIterator[FakeTelegram]:
    """A Telegram that calls the webhook of a second, whole house with the same database."""
    second = House(house.office)
    bot = second.add_telegram(TOKEN, server.url)
    webhook = telegram.Webhook(bot, second.feed_telegram, SECRET)
    async with serving(second.page([webhook.route])) as url:
        await telegram.set_webhook(bot, url, SECRET, second.allowed_updates)
        yield server
    assert server.refused == []
    await close(bot)
    await second.web.session.close()


@pytest.mark.parametrize("word", [None, "", "a-secret-word", SECRET + "x", "ä"])
async def test_only_telegram_gets_in(hook: Hook, word: str | None) -> None:
    """Without our secret word a call gets 403 and is not even read."""
    headers = {} if word is None else {telegram.SECRET_HEADER.encode(): word.encode()}
    body = json.dumps({"update_id": 1, **text_update("hallo")})
    answer = await hook.client.post(hook.url, content=body, headers=headers)
    assert answer.status_code == 403
    assert hook.feed.numbers == []
    assert (await hook.client.get(hook.url, headers=HEADERS)).status_code == 405


async def test_an_update_is_answered_when_it_was_handled(hook: Hook) -> None:
    """So Telegram sends it again when we die in between."""
    go_on = asyncio.Event()

    async def slowly(update: Update) -> None:
        await go_on.wait()

    hook.feed.first = slowly
    posting = asyncio.create_task(hook.post({"update_id": 1, **text_update("hallo")}))
    await asyncio.sleep(0.2)
    assert not posting.done()
    go_on.set()
    answer = await posting
    assert (answer.status_code, answer.text) == (200, "")
    assert hook.feed.texts == ["hallo"]


async def test_the_same_update_twice_is_handled_once(hook: Hook) -> None:
    """Telegram repeats what it believes was not taken; also while the first is under way."""
    hook.feed.first = lambda update: asyncio.sleep(0.1)
    update = {"update_id": 5, **text_update("hallo")}
    answers = await asyncio.gather(*(hook.post(update) for _ in range(3)))
    answers.append(await hook.post(update))
    assert {answer.status_code for answer in answers} == {200}
    assert hook.feed.texts == ["hallo"]


GARBAGE = [
    b"",
    b"\xff\xfe",
    b"null",
    b"[]",
    b'{"update_id": "a"}',
    b'{"message": {}}',
    b'{"update_id": 3}',
    b'{"update_id": 3, "future_message": {"text": "geheim"}}',
    b'{"update_id": 3, "message": {"text": "geheim"}}',
    b"[" * 100_000,
    b'{"update_id":' + b"9" * 5000 + b"}",
]


async def test_what_cannot_be_read_is_taken_and_forgotten(
    hook: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    """Telegram would send it again for a day; the next update is handled."""
    for number, body in enumerate(GARBAGE):
        assert (await hook.post(body)).status_code == 200, body[:50]
        update = {"update_id": 100 + number, **text_update("lesbar")}
        assert (await hook.post(update)).status_code == 200
    assert hook.feed.texts == ["lesbar"] * len(GARBAGE)
    assert "geheim" not in caplog.text


async def test_a_huge_body_is_refused(hook: Hook) -> None:
    """Announced or not, it is not read to its end."""
    huge = b" " * (2 << 20)
    assert (await hook.post(huge)).status_code == 413

    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield huge[: 1 << 15]

    answer = await hook.client.post(hook.url, content=unannounced(), headers=HEADERS)
    assert answer.status_code == 413
    assert (await hook.post({"update_id": 4, **text_update("klein")})).status_code == 200
    assert hook.feed.texts == ["klein"]


def _press(number: int) -> dict[str, Any]:
    message = text_update("?")["message"]
    query = {
        "id": f"q{number}",
        "from": message["from"],
        "chat_instance": "1",
        "message": message,
        "data": "x",
    }
    return {"callback_query": query}


async def test_a_press_is_acknowledged_in_the_answer(
    hook: Hook, server: FakeTelegram, bot: Bot
) -> None:
    """One call to Telegram less; a second acknowledgement is a call of its own."""

    async def acknowledge(update: Update) -> None:
        assert update.callback_query is not None
        await update.callback_query.answer("Danke!")

    hook.feed.first = acknowledge
    server.webhook = {"url": hook.url, "secret_token": SECRET}
    await server.send(_press(1))
    [(status, body)] = server.webhook_bodies
    assert status == 200
    assert json.loads(body) == {
        "method": "answerCallbackQuery",
        "callback_query_id": "q1",
        "text": "Danke!",
    }
    assert server.open_queries == set()
    assert "answerCallbackQuery" not in server.attempts
    assert server.refused == []


async def test_when_telegram_hangs_up_the_update_is_finished(
    hook: Hook, server: FakeTelegram
) -> None:
    """And a press is acknowledged by a call, because nobody reads our answer any more."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def late(update: Update) -> None:
        begun.set()
        await go_on.wait()
        assert update.callback_query is not None
        await update.callback_query.answer()

    hook.feed.first = late
    server.open_queries.add("q2")
    posting = asyncio.create_task(hook.post({"update_id": 9, **_press(2)}))
    await begun.wait()
    posting.cancel()
    await asyncio.gather(posting, return_exceptions=True)
    await asyncio.sleep(0.1)
    go_on.set()
    await until(lambda: hook.feed.numbers == [9])
    assert server.open_queries == set()


async def test_telegram_is_told_where_we_are(server: FakeTelegram, bot: Bot) -> None:
    """Address, secret, and only the kinds of update that some door is for."""
    server.fail("setWebhook", "502", times=2)
    await telegram.set_webhook(bot, "https://bot.example.org", SECRET, ALLOWED)
    assert server.webhook == {
        "url": "https://bot.example.org/telegram/webhook",
        "secret_token": SECRET,
        "allowed_updates": ALLOWED,
        "drop_pending_updates": False,
    }


async def test_an_address_that_telegram_refuses_is_named(server: FakeTelegram, bot: Bot) -> None:
    """One line that names the variable."""
    with pytest.raises(SettingsError, match=r"WEBHOOK_URL.*HTTPS"):
        await telegram.set_webhook(bot, "http://bot.example.org", SECRET, ALLOWED)


async def test_a_conversation_over_the_webhook(town: FakeTelegram) -> None:
    """The whole house: writing, pressing, answers; every press is acknowledged in the answer."""
    person = await Person(town).arrive(town="Trebur")
    await person.say("/menu")
    await person.press("Datenschutz")
    assert "Datenschutz" in person.last.text
    assert "answerCallbackQuery" not in town.attempts
    assert town.open_queries == set()
    assert {status for status, _body in town.webhook_bodies} == {200}


async def test_one_chat_stays_in_order_however_its_updates_come(town: FakeTelegram) -> None:
    """Ten posts at once for one chat, and others between them."""
    people = [await Person(town).arrive() for _ in range(2)]
    lines = ["/privacy", "/impressum", "/help", "/menu", "/stop"] * 2
    before = [len(town.sent_to(person.id)) for person in people]
    async with httpx.AsyncClient(timeout=20) as client:
        posts = []
        for number, line in enumerate(lines):
            for person in people:
                body = person.message(text=line, entities=person.command(line)).to_dict()
                update = {"update_id": 50_000 + person.id * 100 + number, "message": body}
                post = client.post(town.webhook["url"], json=update, headers=HEADERS)
                posts.append(asyncio.create_task(post))
                await asyncio.sleep(0.005)  # the wire keeps the order, the answers need not
        answers = await asyncio.gather(*posts)
    assert {answer.status_code for answer in answers} == {200}
    words = ["Datenschutz", "Impressum", "Hilfe", "Was brauchen Sie", "/forget"] * 2
    for person, first in zip(people, before, strict=True):
        said = [call.call["text"] for call in town.sent_to(person.id)[first:]]
        assert len(said) == len(words)
        assert all(word in text for word, text in zip(words, said, strict=True))


async def test_the_page_and_the_webhook_share_a_door(town: FakeTelegram) -> None:
    """One process, one port: the chat page answers beside Telegram's calls."""
    base = town.webhook["url"].removesuffix(telegram.WEBHOOK_PATH)
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{base}/healthz")).text == "ok"
        answer = await client.post(town.webhook["url"], json={})
    assert answer.status_code == 403
    assert "default-src 'none'" in answer.headers["content-security-policy"]
