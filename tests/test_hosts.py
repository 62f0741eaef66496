"""The bot talks to no host but the messenger's, and its page loads nothing from elsewhere."""

import re
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
import pytest_asyncio
import telegram

from bot.app.serving import House
from bot.settings import Settings
from tests.conftest import Meet
from tests.fake_telegram import FakeTelegram
from tests.people import Person
from tests.program import started

# Every way in which Python reaches out; audit hooks hear of it below every library.
REACHING_OUT = {
    "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr",
    "socket.sendto", "socket.sendmsg", "http.client.connect", "urllib.Request", "ftplib.connect",
    "smtplib.connect",
}  # fmt: skip
# Put in front of every Python process of the program, the sentence encoder's included.
SPY = """
import os, sys
seen = {events!r}
out = os.open({path!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def hook(event, arguments):
    if event in seen:
        where = arguments[1] if event in ("socket.connect", "socket.sendto") else arguments[0]
        os.write(out, (repr((os.getpid(), event, where)) + "\\n").encode())
sys.addaudithook(hook)
os.write(out, (repr((os.getpid(), "start", "")) + "\\n").encode())
"""

_heard: list[tuple[str, object]] = []
_listening = [False]


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if _listening[0] and event in REACHING_OUT:
        where = arguments[1] if event in {"socket.connect", "socket.sendto"} else arguments[0]
        _heard.append((event, where))


sys.addaudithook(_hear)


@pytest.fixture
def heard() -> Iterator[list[tuple[str, object]]]:
    """What this process reaches out for while the test runs."""
    _heard.clear()
    _listening[0] = True
    yield _heard
    _listening[0] = False


def _hosts(heard: list[tuple[str, object]]) -> set[object]:
    return {where[:2] if isinstance(where, tuple) else where for _event, where in heard}


async def _talk(person: Person) -> None:
    """Something of everything."""
    await person.arrive(town="Raunheim")
    await person.say("Wo muss ich mich anmelden?")
    await person.say("Zahnarzt türkisch rüsselsheim")
    await person.say("mein mann atmet nicht mehr")
    await person.say("https://example.org/ http://198.51.100.7/")
    photo = (telegram.PhotoSize("file-x", "unique-x", width=10, height=10),)
    await person.send(message=person.message(photo=photo))
    spot = telegram.Location(longitude=8.4, latitude=49.9)
    await person.send(message=person.message(location=spot))
    await person.say("/mydata")
    await person.say("/impressum")


async def test_the_ears_of_this_test_work(heard: list[tuple[str, object]]) -> None:
    """A call to some other host would be heard."""
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("http://127.0.0.1:9/")
    assert ("127.0.0.1", 9) in _hosts(heard)


async def test_a_conversation_reaches_only_the_messenger(
    meet: Meet, house: House, settings: Settings, heard: list[tuple[str, object]]
) -> None:
    """Whatever is said; the database is the other side of the only other line."""
    await _talk(meet())
    messenger = urlsplit(settings.bot_api_base)
    allowed: set[object] = {(messenger.hostname, messenger.port), messenger.hostname}
    if settings.database_url:
        database = urlsplit(settings.database)
        allowed |= {(database.hostname, database.port), database.hostname}
    assert _hosts(heard) <= allowed


async def test_telegram_is_asked_for_no_previews(meet: Meet, fake: FakeTelegram) -> None:
    """A preview would make Telegram fetch the pages that we link to, for everybody who asks."""
    person = meet()
    await _talk(person)
    texts = [call.call for call in fake.sent_to(person.id) if "text" in call.call]
    assert len(texts) > 8
    assert all(call["link_preview_options"] == {"is_disabled": True} for call in texts)


@pytest_asyncio.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    """A Telegram of the test's own."""
    server = FakeTelegram()
    await server.start()
    yield server
    await server.stop()


async def test_the_whole_program_reaches_only_the_messenger(
    server: FakeTelegram, tmp_path: Path
) -> None:
    """All its processes, from the start to the end, below every library; and its page."""
    spied = tmp_path / "spied"
    (tmp_path / "spy").mkdir()
    code = SPY.format(events=REACHING_OUT, path=str(spied))
    (tmp_path / "spy" / "sitecustomize.py").write_text(code, encoding="utf-8")
    spy = str(tmp_path / "spy")
    async with started(tmp_path, server=server, PYTHONPATH=spy) as program:
        page = await program.page()
        await _talk(Person(server))
        await _check_page(page)
        lines = _connections(program.process.pid)
        assert await program.end() == 0
    events = [eval(line) for line in spied.read_text().splitlines()]  # noqa: S307 - our own repr
    assert len({pid for pid, event, _where in events if event == "start"}) >= 2
    port = urlsplit(server.url).port
    reached = _hosts([(event, where) for _pid, event, where in events if event != "start"])
    assert ("127.0.0.1", port) in reached
    assert reached <= {("127.0.0.1", port), "127.0.0.1"}
    own = urlsplit(page).port
    assert {line for line in lines if line[1] != own} <= {("127.0.0.1", port)}


def _connections(pid: int) -> set[tuple[str, int]]:
    """The far ends of every line that the program's processes hold, seen from outside."""
    program = psutil.Process(pid)
    return {
        (line.raddr.ip, line.raddr.port)
        for process in [program, *program.children(recursive=True)]
        for line in process.net_connections("inet")
        if line.raddr and line.laddr.port != line.raddr.port
    }


async def _check_page(page: str) -> None:
    """The page forbids the browser every other host, and names none in its files."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(page)
        policy = answer.headers["content-security-policy"]
        for rule in policy.split(";"):
            _name, *sources = rule.split()
            assert set(sources) <= {"'none'", "'self'", "blob:", "'script'"}, rule
        for needed in ("default-src 'none'", "connect-src 'self'", "form-action 'none'"):
            assert needed in policy
        assert "set-cookie" not in answer.headers
        parts = re.findall(r"""(?:src|href)=["']([^"']+)""", answer.text)
        assert len(parts) >= 2
        for part in parts:
            assert not urlsplit(part).netloc, part
            if part.startswith(("/static", "static")):
                content = (await client.get(f"{page}/{part.lstrip('/')}")).text
                assert not re.search(
                    r"""(?:fetch|import|url)\s*\(\s*["']?(?:https?:)?//""", content
                )


def test_only_one_host_is_written_down() -> None:
    """The messenger's, as the default of a setting that the operator can change."""
    default = Settings().bot_api_base
    assert urlsplit(default).hostname == "api.telegram.org"
