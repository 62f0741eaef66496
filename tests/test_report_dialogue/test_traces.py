"""Nothing of the conversation stays: logs, tables, journals; and what a kill leaves behind."""

import asyncio
import io
import logging
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from pyrage import x25519

from bot.app.serving import House
from bot.db import Sessions, open_database
from bot.limits import Pace
from bot.reports.notices import move_and_tell
from bot.reports.sealing import unseal
from bot.reports.told import unpack
from tests.conftest import Clock, Meet
from tests.fake_telegram import FakeTelegram
from tests.people import Person
from tests.program import Program, started
from tests.test_process import _fresh
from tests.test_report_dialogue.conftest import _RECEIPT, Reporter
from tests.test_report_pictures import photo
from tests.traces import CASE_TABLES, dump, traces

WORDS = ("Zwetschgenknödel", "Kapuzenjacke", "Hinterhaus", "0176 99988877")


@pytest.fixture
def records() -> Iterator[io.StringIO]:
    """Every record of every logger at any level, with its error, as bare as logging can."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s %(args)s"))
    root = logging.getLogger()
    # hpack and the like print what they are given; ours is what counts, at its most talkative.
    named = [logging.getLogger(name) for name in list(root.manager.loggerDict)]
    ours = [root, *named]
    before = {item: (item.level, item.disabled) for item in ours}
    root.addHandler(handler)
    for item in ours:
        item.setLevel(logging.DEBUG)
        item.disabled = False
    yield stream
    root.removeHandler(handler)
    for item, (level, disabled) in before.items():
        item.setLevel(level)
        item.disabled = disabled


async def _whole(reporter: Reporter) -> None:
    """A report with everything, a mailbox with an addition, and an error in the middle."""
    await reporter.begin()
    await reporter.say(f"Ein Mann in {WORDS[1]} rief {WORDS[0]}. Nummer {WORDS[3]}")
    await reporter.send_photo(photo(), caption=WORDS[2])
    await reporter.send_file(photo()[:300], f"{WORDS[0]}.jpg")
    await reporter.press("Das ist alles")
    await reporter.press("Es ist mir passiert")
    await reporter.say(f"gestern im {WORDS[2]}")
    await reporter.press("Keine Fragen mehr")
    await reporter.press("Nur mit dem Beleg-Code")
    await reporter.press("Weglassen: 0176")
    # A busy Telegram in the middle leaves no deadline of this chat in the database.
    reporter.person.fake.fail("editMessageText", "429", chat_id=reporter.person.id)
    await reporter.press("Ändern oder löschen")
    await reporter.press("Zurück")
    reporter.person.fake.fail("deleteMessages", "429", chat_id=reporter.person.id)
    receipt = await reporter.send_it()
    await reporter.press("Ich habe ihn aufgeschrieben")
    await reporter.say(receipt)
    await reporter.press("Noch etwas schreiben")
    await reporter.say(f"Noch etwas: {WORDS[1]}")
    await reporter.press("Schließen")


async def test_no_log_record_at_any_level_holds_a_word(
    reporter: Reporter,
    records: io.StringIO,
    house: House,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In any module, with an error that quotes the report, and with the whole dialogue."""
    await _whole(reporter)
    await reporter.begin()
    await reporter.say(WORDS[0])

    async def broken(*_given: object, **_more: object) -> None:
        raise ValueError(f"cannot seal {WORDS[0]}")

    with monkeypatch.context() as patch:
        patch.setattr(house.office.reporting, "seal_report", broken)
        await reporter.to_preview()
        await reporter.press("Senden")
        await reporter.press("Senden, Code aus 19 Ziffern")
        assert "Fehler passiert" in reporter.last.text
    await reporter.press("Schnell weg")
    logged = records.getvalue()
    assert "an update failed: ValueError" in logged
    kept = [line for line in logged.splitlines() if any(word in line for word in WORDS)]
    assert [line for line in kept if not line.startswith(_THEIR_OWN)] == []


# Libraries of the test's own side of the wire: the fake Telegram.
_THEIR_OWN = ("aiohttp.server", "telegram")


async def test_the_same_chat_with_and_without_a_report(
    meet: Meet, empty: Sessions, house: House, identity: x25519.Identity, clock: Clock
) -> None:
    """Through the front door: dumps differ in case tables only; words and chat are nowhere."""

    async def chat(reports: bool) -> Reporter:
        person = Reporter(await meet().arrive(town="Trebur"), house, identity)
        await person.say("Wo ist das Jobcenter?")
        if reports:
            await _whole(person)
            async with empty.begin() as session:
                await move_and_tell(session, house.office.reporting.site, clock())
        await person.say("/language")
        return person

    without = await chat(reports=False)
    before = await dump(empty)
    with_one = await chat(reports=True)
    after = await dump(empty)

    def beside(tables: dict[str, list[dict[str, object]]], number: int) -> list[object]:
        return [
            (name, {k: v for k, v in row.items() if k not in {"id", "chat_id"}})
            for name, rows in sorted(tables.items())
            for row in rows
            if number in row.values() and name not in CASE_TABLES
        ]

    assert beside(after, with_one.person.id) == beside(before, without.person.id) != []
    for name, rows in after.items():
        if name not in CASE_TABLES:
            new = [row for row in rows if row not in before[name]]
            assert all(with_one.person.id in row.values() for row in new), name
    for name in CASE_TABLES:
        assert str(with_one.person.id) not in repr(after[name])
    assert len(after["report_cases"]) == len(after["case_messages"]) == 1
    assert await traces(empty, WORDS) == []


async def test_what_came_too_fast_is_said(
    reporter: Reporter, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not in the report, and it goes from the chat all the same."""
    await reporter.begin()
    await reporter.say("eins")
    with monkeypatch.context() as patch:
        patch.setattr(house.office.pace, "_per_minute", 0)
        await reporter.say("zu schnell eins")
        await reporter.say("zu schnell zwei")
    house.office.pace._chats.clear()
    await reporter.to_preview()
    assert "2 Nachrichten kamen zu schnell" in reporter.last.text
    await reporter.press("Schnell weg")
    assert "zu schnell" not in "\n".join(reporter.on_screen)
    assert isinstance(house.office.pace, Pace)


# kill -9 through the front door


@pytest_asyncio.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    """A Telegram of the test's own."""
    server = FakeTelegram()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def worker_keys(tmp_path: Path) -> tuple[Path, x25519.Identity]:
    """A case worker's key, and the file with its public half."""
    identity = x25519.Identity.generate()
    keys = tmp_path / "keys.txt"
    keys.write_text(f"{identity.to_public()}\n", encoding="utf-8")
    return keys, identity


async def _to_sending(person: Person) -> None:
    await person.say("/report")
    await person.press("Hier weiter")
    await person.say(f"Ein Mann rief {WORDS[0]}.")
    await person.press("Das ist alles")
    await person.press("Keine Fragen mehr")
    await person.press("Nur mit dem Beleg-Code")
    await person.press("Senden")


async def _press_and_kill(person: Person, program: Program, method: str) -> None:
    """Press "send", and kill the program while it waits for Telegram in this call."""
    shown = person.last
    data = next(str(b.callback_data) for b in shown.buttons if "19 Ziffern" in b.text)
    before = person.fake.attempts.get(method, 0)
    person.fake.fail(method, "slow", seconds=4, chat_id=person.id)
    pressing = asyncio.create_task(person.press_data(data, shown.message_id))
    while person.fake.attempts.get(method, 0) == before:  # noqa: ASYNC110 - the fake has no event
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    await program.end(signal.SIGKILL)
    pressing.cancel()
    person.fake._updates.clear()  # the press is not repeated: what counts is what was kept


@pytest.mark.parametrize(
    ("database", "method", "kept"),
    [("sqlite", "sendMessage", False), ("postgresql", "editMessageText", True)],
)
async def test_killed_while_sending(
    request: pytest.FixtureRequest,
    server: FakeTelegram,
    tmp_path: Path,
    worker_keys: tuple[Path, x25519.Identity],
    database: str,
    method: str,
    kept: bool,
) -> None:
    """Before it is kept nothing is; afterwards the receipt that was shown opens all of it.

    Each step is tried on both databases in ``tests/test_reports_traces.py``; here a whole program
    is killed in the middle of the conversation.
    """
    keys, identity = worker_keys
    variables = {"CASE_WORKER_KEYS": str(keys)}
    if database == "postgresql":
        variables["DATABASE_URL"] = await _fresh(request.getfixturevalue("postgres_address"))
    async with started(tmp_path, server=server, **variables) as program:
        await program.page()
        person = await Person(server).arrive()
        await _to_sending(person)
        await _press_and_kill(person, program, method)
    screen = "\n".join(
        str(message.get("text", ""))
        for (chat, _number), message in server.messages.items()
        if chat == person.id
    )
    receipts = _RECEIPT.findall(screen)
    assert bool(receipts) is kept
    async with started(tmp_path, server=server, **variables) as program:
        await program.page()
        [told] = await person.say("Hallo, sind Sie noch da?")
        assert "Neustart" in told.text
        assert "/receipt" in told.text
        if kept:
            await person.say(receipts[0])
            assert "Ihre Meldung aus der Woche" in person.last.text
        assert await program.end() == 0
    address = variables.get("DATABASE_URL") or f"sqlite+aiosqlite:///{tmp_path}/data/bot.sqlite"
    sessions = await open_database(address)
    try:
        rows = (await dump(sessions))["report_arrivals"]
    finally:
        await sessions.close()
    assert [unpack(unseal(row["sealed"], identity)).told.texts for row in rows] == (
        [[f"Ein Mann rief {WORDS[0]}."]] if kept else []
    )
    assert not [line for line in program.lines if any(word in line for word in WORDS)]
