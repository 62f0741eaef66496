"""The log tells an operator what went wrong and nobody what somebody wrote."""

import asyncio
import gc
import io
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
import telegram
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import SendMessage
from aiogram.types import Update
from sqlalchemy import text as sql
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.app.logs import PlainFormatter, set_up_logs
from bot.app.serving import House
from bot.db import Sessions
from tests.conftest import Meet
from tests.fake_telegram import TOKEN, Failure, FakeTelegram
from tests.people import Person
from tests.test_telegram.test_webhook import serving

WORD = "Zwetschgenknödel"
REAL_TOKEN = "123456789:AAF-abcdefghijklmnopqrstuvwxyz_0123"
LIBRARIES = ("aiogram", "aiogram.event", "asyncio", "sqlalchemy", "uvicorn", "websockets", "httpx")


class Log:
    """What an operator reads with ``LOG_LEVEL=DEBUG``."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        """All lines so far."""
        return self._stream.getvalue()

    def holds_nothing_of(self, person: Person | None = None) -> None:
        """No word, no name, no token."""
        secret = [WORD, WORD.encode("unicode_escape").decode(), TOKEN, REAL_TOKEN, "PhoneNumber7"]
        if person is not None:
            user = person.user
            secret += [user.first_name, str(user.last_name), str(user.username)]
        found = {line for line in self.text.splitlines() for word in secret if word in line}
        assert found == set()


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """Logging as the program sets it up, at its most talkative, into a string."""
    root = logging.getLogger()
    levels = {item: item.level for item in _loggers()}
    handlers, root.handlers = root.handlers, []
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    set_up_logs("DEBUG", [TOKEN])
    monkeypatch.undo()
    yield Log(stream)
    root.handlers = handlers
    for item in _loggers():  # some were made meanwhile, and turned up by `loud`
        item.setLevel(levels.get(item, logging.NOTSET))


def _loggers() -> list[logging.Logger]:
    root = logging.getLogger()
    named = root.manager.loggerDict.values()
    return [root, *(item for item in named if isinstance(item, logging.Logger))]


@pytest.fixture
def loud(log: Log) -> Log:
    """The same when somebody has turned the chatty libraries up as well."""
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.DEBUG)
    return log


@pytest_asyncio.fixture
async def anna(meet: Meet, fake: FakeTelegram) -> AsyncIterator[Person]:
    """Somebody the bot knows."""
    yield await meet().arrive()
    fake.refused.clear()


async def test_a_conversation_leaves_nothing_in_the_log(loud: Log, anna: Person) -> None:
    """Questions, danger, pictures, contacts, places, buttons, commands, edits, inline queries."""
    for words in (
        f"Wo kann ich {WORD} anmelden?",
        f"mein mann atmet nicht mehr {WORD}",
        f"Zahnarzt {WORD}",
        f"/start {WORD}",
        f"/{WORD}",
        WORD * 100,
    ):
        await anna.say(words)
    photo = (telegram.PhotoSize(WORD, WORD, width=10, height=10),)
    await anna.send(message=anna.message(photo=photo, caption=WORD))
    await anna.send(edited_message=anna.message(text=WORD))
    contact = telegram.Contact("PhoneNumber7", WORD)
    await anna.send(message=anna.message(contact=contact))
    place = telegram.Venue(telegram.Location(8.4, 49.9), WORD, WORD)
    await anna.send(message=anna.message(venue=place))
    await anna.press_data(WORD, anna.last.message_id)
    await anna.send(inline_query=telegram.InlineQuery(f"{anna.id}", anna.user, WORD, ""))
    loud.holds_nothing_of(anna)


async def test_a_conversation_is_not_logged_at_all(log: Log, anna: Person) -> None:
    """Not even that this chat wrote: the program's own set-up lets no line of it through."""
    await anna.say(f"Wo kann ich {WORD} anmelden?")
    await anna.say("/mydata")
    assert log.text == ""


async def test_an_error_that_quotes_a_message_is_logged_without_it(
    loud: Log, anna: Person, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log names the kind of error and the line of our code; the person gets an apology."""

    async def break_down(text: str, **more: object) -> None:
        raise ValueError(f"cannot understand {text!r} with {REAL_TOKEN}")

    monkeypatch.setattr(house.office.answerer, "understand", break_down)
    [reply] = await anna.say(f"Wo kann ich {WORD} anmelden?")
    assert "Entschuldigung" in reply.text
    assert "an update failed: ValueError at middleware.py" in loud.text
    loud.holds_nothing_of(anna)


async def test_an_error_of_the_database_is_logged_without_its_values(
    loud: Log, anna: Person, house: House, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLAlchemy puts statement and values into its errors."""

    async def break_down(text: str, **more: object) -> None:
        async with sessions.begin() as session:
            await session.execute(sql("SELECT :word FROM nowhere"), {"word": text})

    monkeypatch.setattr(house.office.answerer, "understand", break_down)
    await anna.say(WORD)
    assert "an update failed: " in loud.text
    loud.holds_nothing_of(anna)


@pytest.mark.parametrize("kind", ["400", "500", "502", "nonsense", "drop", "drop_after"])
async def test_an_error_of_telegram_is_logged_without_the_answer(
    loud: Log, anna: Person, fake: FakeTelegram, kind: Failure
) -> None:
    """Neither what we wanted to say nor to whom."""
    fake.fail("sendMessage", kind, times=2, chat_id=anna.id)
    await anna.say(WORD)
    fake.faults.clear()
    assert "an update failed: " in loud.text
    loud.holds_nothing_of(anna)


async def test_refusals_of_telegram_may_quote_us(
    loud: Log, anna: Person, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words of a 400 are Telegram's and may repeat ours."""

    async def break_down(text: str, **more: object) -> None:
        raise TelegramBadRequest(SendMessage(chat_id=1, text=text), f"can't parse {text}")

    monkeypatch.setattr(house.office.answerer, "understand", break_down)
    await anna.say(WORD)
    assert "TelegramBadRequest" in loud.text
    loud.holds_nothing_of(anna)


async def test_a_lost_update_is_logged_without_it(
    loud: Log, anna: Person, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even when the error guard itself breaks down."""

    async def break_down(bot: object, update: Update) -> None:
        raise RuntimeError(f"could not handle {update}")

    monkeypatch.setattr(house.dispatcher, "feed_update", break_down)
    await anna.say(WORD)
    assert "an update was lost: RuntimeError" in loud.text
    loud.holds_nothing_of(anna)


async def test_a_task_that_nobody_waited_for(loud: Log) -> None:
    """Asyncio puts the task with its error into the words of the line."""

    async def break_down() -> None:
        raise ValueError(WORD)

    task = asyncio.create_task(break_down())
    await asyncio.sleep(0.01)
    del task
    gc.collect()
    loop = asyncio.get_running_loop()
    loop.call_exception_handler({"message": "broken", "exception": KeyError(WORD), WORD: WORD})
    assert "Task exception was never retrieved" in loud.text
    assert "ValueError at test_logs.py" in loud.text
    loud.holds_nothing_of()


async def test_the_web_server_keeps_silent(loud: Log, house: House) -> None:
    """No address with its query, no error with its words."""

    async def break_down(request: Request) -> Response:
        raise ValueError(WORD)

    async with (
        serving(house.page([Route("/broken", break_down)])) as url,
        httpx.AsyncClient() as client,
    ):
        logging.getLogger("httpx").setLevel(logging.WARNING)  # our own client, not the bot's
        assert (await client.get(f"{url}/?{WORD}", headers={"x-word": "x"})).status_code == 200
        assert (await client.get(f"{url}/broken?{WORD}")).status_code == 500
        assert (await client.post(f"{url}/poll", content=WORD.encode())).status_code == 401
    assert "ValueError" in loud.text
    loud.holds_nothing_of()


def _record(message: str, *args: Any, **more: Any) -> logging.LogRecord:
    return logging.LogRecord("x", logging.ERROR, __file__, 1, message, args, None, **more)


def _caught(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:
        return caught


@pytest.mark.parametrize(
    "error",
    [
        ValueError(WORD),
        ExceptionGroup(WORD, [ValueError(WORD)]),
        UnicodeDecodeError("utf-8", WORD.encode(), 0, 1, WORD),
    ],
)
def test_the_words_of_an_error_never_come_out(error: Exception) -> None:
    """Passed as an argument, as the error of the line, chained, with notes, with the stack."""
    error.add_note(WORD)
    error.__cause__ = KeyError(WORD)
    caught = _caught(error)
    formatter = PlainFormatter([TOKEN])
    lines = []
    for record in (
        _record("failed: %s", caught),
        _record("failed: %r", caught),
        _record("failed: %(error)s", {"error": caught}),
        _record("failed: %s", [caught]),
    ):
        record.exc_info = (type(caught), caught, caught.__traceback__)
        record.exc_text = WORD
        record.stack_info = WORD
        lines.append(formatter.format(record))
    assert [line for line in lines if WORD in line] == []
    assert all(type(error).__name__ in line and "test_logs.py" in line for line in lines)
    assert all("\n" not in line for line in lines)


def test_a_token_is_cut_out_of_any_line() -> None:
    """Ours however it looks, and whatever has the form of one."""
    formatter = PlainFormatter([TOKEN, ""])
    for token in (TOKEN, REAL_TOKEN):
        line = formatter.format(_record("GET https://api.telegram.org/bot%s/getMe", token))
        assert token not in line
        assert "•••" in line
    assert formatter.format(_record("plain words")).endswith("plain words")
