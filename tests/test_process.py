"""The program as an operator meets it: start, stop, crash, start again."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from bot.app import main, serving
from bot.channels import calls
from bot.db import create_engine, open_database
from bot.errors import SettingsError
from bot.models import Chat
from bot.outbox import owe
from bot.settings import read_settings
from tests.conftest import BOTH
from tests.fake_telegram import TOKEN, FakeTelegram
from tests.people import Person
from tests.program import Program, started

WORD = "Zwetschgenknödel"


@pytest_asyncio.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    """A Telegram of the test's own."""
    server = FakeTelegram()
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture(params=BOTH)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """The variables that choose a fresh database."""
    if request.param == "sqlite":
        yield {}
        return
    address = request.getfixturevalue("postgres_address")
    yield {"DATABASE_URL": await _fresh(address)}


async def _fresh(address: str) -> str:
    """A database of its own on the tests' PostgreSQL."""
    name = f"process_{datetime.now(UTC):%H%M%S%f}"
    engine = create_engine(address)
    async with engine.connect() as connection:
        raw = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await raw.execute(text(f"CREATE DATABASE {name}"))
    await engine.dispose()
    return f"{address.rpartition('/')[0]}/{name}"


def _traceless(program: Program, person: Person) -> None:
    """No message, name or token on stderr, at the most talkative level."""
    user, whole = person.user, "\n".join(program.lines)
    for secret in (WORD, TOKEN, user.first_name, str(user.last_name), str(user.username)):
        assert secret not in whole
    assert "Traceback" not in whole


@asynccontextmanager
async def running_here(
    folder: Path, server: FakeTelegram, **environment: str
) -> AsyncIterator["asyncio.Task[int]"]:
    """The same inside this process, which is faster; a signal must end it with 0."""
    variables = {
        "BOT_TOKEN": TOKEN,
        "BOT_API_BASE": server.url,
        "DATA_DIR": str(folder / "data"),
        "PORT": "0",
        **environment,
    }
    running = asyncio.create_task(serving.serve(read_settings(variables)))
    try:
        async with asyncio.timeout(60):
            yield running
        if not running.done():
            os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(25):
            assert await running == 0
    finally:
        running.cancel()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().remove_signal_handler(number)


async def test_a_good_life(server: FakeTelegram, tmp_path: Path) -> None:
    """Page and Telegram answer; told to stop, it finishes what is under way and ends with 0."""
    async with started(tmp_path, server=server) as program:
        page = await program.page()
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{page}/healthz")).text == "ok"
            answer = await client.get(page)
        assert answer.status_code == 200
        assert "<html" in answer.text
        person = await Person(server).arrive(town="Trebur")
        server.fail("sendMessage", "slow", seconds=1.5, chat_id=person.id)
        before = len(server.sent_to(person.id))
        number = await server.send({"message": person.message(text=WORD).to_dict()})
        await asyncio.sleep(0.3)
        assert await program.end() == 0
        assert len(server.sent_to(person.id)) == before + 1
        await server.handled(number, within=0.1)
    _traceless(program, person)
    assert server.refused == []


async def test_a_crash_loses_nothing(
    server: FakeTelegram, tmp_path: Path, database: dict[str, str]
) -> None:
    """Killed in the middle of an answer and of a dialogue: both go on at the next start."""
    person, other = Person(server), Person(server)
    async with started(tmp_path, server=server, **database) as program:
        await program.says("Telegram is on")
        await person.say("/start")
        await person.press("Deutsch")
        server.fail("sendMessage", "slow", seconds=60, chat_id=other.id)
        question = await server.send({"message": other.message(text="/privacy").to_dict()})
        await asyncio.sleep(0.5)
        assert await program.end(signal.SIGKILL) == -signal.SIGKILL
    assert server.waiting == [question]
    before = len(server.sent_to(other.id))
    async with running_here(tmp_path, server, **database):
        await server.handled(question, within=40)
        assert len(server.sent_to(other.id)) == before + 1
        [reply] = await person.say("Gernsheim")
        assert "Gernsheim" in reply.text
    assert server.refused == []


async def test_the_page_does_not_wait_for_telegram(server: FakeTelegram, tmp_path: Path) -> None:
    """An outage at the start: the page is open, and who wrote meanwhile is answered later."""
    await server.stop()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    async with running_here(tmp_path, server, PORT=port) as running, httpx.AsyncClient() as client:
        while not await _open(client, f"http://127.0.0.1:{port}/healthz"):
            assert not running.done()
            await asyncio.sleep(0.05)
        await server.come_back()
        assert await Person(server).say("/help")


async def _open(client: httpx.AsyncClient, address: str) -> bool:
    try:
        return (await client.get(address)).text == "ok"
    except httpx.TransportError:
        return False


async def test_a_stop_while_telegram_cannot_be_reached(
    server: FakeTelegram,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An outage at the start does not make the program deaf."""
    monkeypatch.setattr(calls, "_TRIES", 2)
    await server.stop()
    async with running_here(tmp_path, server) as running:
        while "Telegram cannot be reached" not in caplog.text:
            assert not running.done()
            await asyncio.sleep(0.02)


@pytest.fixture
def command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., list[str]]]:
    """The command line inside this process, which has imported everything already."""
    monkeypatch.setattr(serving, "set_up_logs", lambda *settings: None)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))

    def run(*arguments: str, **environment: str) -> list[str]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
        return capsys.readouterr().err.splitlines()

    yield run
    assert not (tmp_path / "data").exists()


def test_a_port_that_is_taken(command_line: Callable[..., list[str]]) -> None:
    """One line that names the variable, before anything else is done."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        [line] = command_line(PORT=str(other.getsockname()[1]))
    assert "PORT" in line


def test_workers_need_postgresql(command_line: Callable[..., list[str]]) -> None:
    """SQLite has one process."""
    [line] = command_line("work")
    assert "DATABASE_URL" in line


async def test_an_unknown_token(server: FakeTelegram, tmp_path: Path) -> None:
    """The start ends at once with the name of the variable."""
    with pytest.raises(SettingsError, match="BOT_TOKEN"):
        async with running_here(tmp_path, server, BOT_TOKEN="4242:another") as running:
            await asyncio.wait({running}, timeout=60)


async def test_the_program_with_a_webhook(server: FakeTelegram, tmp_path: Path) -> None:
    """Page and webhook at one address, and Telegram is told it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    address = f"http://127.0.0.1:{port}"
    async with running_here(tmp_path, server, PORT=port, WEBHOOK_URL=address) as running:
        while not server.webhook:
            assert not running.done()
            await asyncio.sleep(0.02)
        person = await Person(server).arrive(town="Trebur")
        assert "Trebur" in person.last.text
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{address}/healthz")).text == "ok"
        assert "getUpdates" not in server.attempts
    assert server.refused == []


async def test_a_worker_delivers_what_is_owed(
    server: FakeTelegram, tmp_path: Path, postgres_address: str
) -> None:
    """It takes no updates and ends with 0."""
    address = await _fresh(postgres_address)
    person = Person(server)
    await server.send({"message": person.message(text="/help").to_dict()})
    sessions = await open_database(address)
    async with sessions.begin() as session:
        chat = Chat("telegram", person.id)
        owe(session, chat, "role_active", {"role": "editor"}, datetime.now(UTC))
    await sessions.close()
    async with started(tmp_path, "work", server=server, DATABASE_URL=address) as program:
        await program.says("working")
        async with asyncio.timeout(10):
            while not server.sent_to(person.id):  # noqa: ASYNC110 - another process sends
                await asyncio.sleep(0.02)
        assert await program.end() == 0
    [call] = server.sent_to(person.id)
    assert "/staff" in call.call["text"]
    assert len(server.waiting) == 1
    _traceless(program, person)
