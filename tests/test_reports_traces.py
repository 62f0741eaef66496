"""Nothing leads from a report to its chat: dumps, journals and logs are searched, byte by byte."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.app.serving import House
from bot.db import Model, Sessions, open_database
from bot.errors import NoSuchReport, TooMuchTold
from bot.models import Chat
from bot.reports import (
    Drafts,
    MailboxKey,
    Reporting,
    mark_private,
    open_mailbox,
    receipts,
    send_sealed,
    was_interrupted,
    withdraw,
)
from bot.reports.arrivals import NOTE, today
from bot.reports.cases import add_message, ask_closing, confirm_closing, take_step
from bot.reports.notices import move_and_tell
from bot.reports.receipts import open_receipt, read_receipt
from bot.reports.sealing import SIZES, identity_from, seal, unseal
from bot.reports.site import SiteSecret
from bot.reports.told import unpack
from bot.reports.traces import leave_no_trace
from bot.retention import CLOSED_CASES, delete_what_is_over
from bot.settings import Settings
from tests import killed_report
from tests.case_reports import NOW, WORDS, key_of, report, told
from tests.conftest import Clock, Meet
from tests.people import Person
from tests.traces import CASE_TABLES, dump, traces

WORKER = identity_from(b"w" * 32)
ROOT = Path(__file__).parent.parent


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Receipts that are quick to open."""
    monkeypatch.setattr(receipts, "_MEMORY_KIB", 64)


@pytest.fixture
def keys(settings: Settings, quick: None) -> Path:
    """The house's file of public keys with one case worker in it."""
    settings.recipients_file.write_text(f"{WORKER.to_public()}\n")
    return settings.recipients_file


async def _tell(sessions: Sessions, desk: Reporting, chat: Chat, now: datetime) -> MailboxKey:
    """A report from the private door to the case, as the dialogue does it."""
    draft = desk.drafts.open(chat, "de", now)
    async with sessions.begin() as session:
        await mark_private(session, desk.site, desk.drafts, draft, chat, now)
    draft.told = told()
    sealed = await desk.seal_report(draft.told, now)
    async with sessions.begin() as session:
        await send_sealed(session, desk.site, sealed, now)
    desk.drafts.close(chat)
    key = key_of(desk, sealed)
    added = await desk.seal_addition(key, WORDS[0], 1, now)
    async with sessions.begin() as session:
        await open_mailbox(session, desk.site, key)
        await send_sealed(session, desk.site, added, now)
    return key


def _of(tables: dict[str, list[dict[str, Any]]], chat_id: int) -> dict[str, list[dict[str, Any]]]:
    """What lies outside the case tables about a chat; its number and running numbers aside."""
    kept: dict[str, list[dict[str, Any]]] = {}
    for name, rows in tables.items():
        mine = [
            {
                column: "here" if value == chat_id else value
                for column, value in row.items()
                if column not in {"id", "updated_at"}
            }
            for row in rows
            if chat_id in row.values()
        ]
        if name not in CASE_TABLES and mine:
            kept[name] = mine
    return kept


async def test_the_same_chat_with_and_without_a_report(
    empty: Sessions, house: House, keys: Path, meet: Meet, clock: Clock
) -> None:
    """The two dumps differ in case tables only, and there in ciphertext and the week."""
    anna, berta = meet("de"), meet("de")
    desk = house.office.reporting

    async def chat(person: Person, *, reports: bool) -> None:
        await person.arrive("Deutsch", "Raunheim")
        await person.say("Wo ist das Jobcenter?")
        if reports:
            await _tell(empty, desk, Chat("telegram", person.id), clock())
            async with empty.begin() as session:
                await move_and_tell(session, desk.site, clock())
        await person.say("/language")

    await chat(berta, reports=False)
    before = await dump(empty)
    await chat(anna, reports=True)
    after = await dump(empty)
    assert _of(after, anna.id) == _of(before, berta.id) != {}
    for name, rows in after.items():
        if name not in CASE_TABLES:
            known = [*before[name], *(row for row in rows if anna.id in row.values())]
            unknown = [row for row in rows if row not in known]
            assert unknown == [], name
    [case] = after["report_cases"]
    [message] = after["case_messages"]
    [state] = after["case_states"]
    assert set(case) == {"id", "lookup", "week", "sealed"}
    assert case["week"] == message["week"]
    assert {value for name, value in state.items() if name != "case_id"} == {
        "received", None, False
    }  # fmt: skip
    for row in (row for name in CASE_TABLES for row in after[name]):
        assert str(anna.id) not in repr(row)


async def test_no_byte_of_the_database_holds_a_word_or_the_chat(
    empty: Sessions, settings: Settings, keys: Path
) -> None:
    """Somebody who never gave consent reports: the number of the chat is nowhere at all."""
    desk = Reporting(SiteSecret(b"s" * 32), keys)
    chat = Chat("telegram", 0x5DEC0DE5A1)
    await _tell(empty, desk, chat, NOW)
    needles: list[str | int] = [*WORDS, chat.id]
    assert await traces(empty, needles) == []
    async with empty.begin() as session:
        await move_and_tell(session, desk.site, NOW)
    assert await traces(empty, needles) == []
    # The search itself finds what is there.
    async with empty.begin() as session:
        await add_message(session, await _case(session), "m1", NOTE, WORDS[0].encode(), NOW.date())
    assert await traces(empty, [WORDS[0]]) != []
    async with empty.begin() as session:
        await session.execute(Model.metadata.tables["case_messages"].delete())
    if empty.sqlite:
        await leave_no_trace(empty)
        assert await traces(empty, [WORDS[0]]) == []


async def _case(session: Any) -> str:
    from sqlalchemy import select

    from bot.models import ReportCase

    return str((await session.scalars(select(ReportCase.id))).one())


async def test_no_log_record_holds_a_word_of_a_report(
    empty: Sessions, keys: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any level, in any module, and when something goes wrong in the middle."""
    loggers = [logging.getLogger(), *map(logging.getLogger, logging.root.manager.loggerDict)]
    for logger in loggers:
        monkeypatch.setattr(logger, "disabled", False)
        monkeypatch.setattr(logger, "propagate", True)
        monkeypatch.setattr(logger, "level", logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    desk = Reporting(SiteSecret(b"s" * 32), keys)
    chat = Chat("telegram", 0x5DEC0DE5A2)
    key = await _tell(empty, desk, chat, NOW)
    async with empty.begin() as session:
        await move_and_tell(session, desk.site, NOW)
    async with empty.begin() as session:
        await withdraw(session, desk.site, key)
    huge = told(texts=[WORDS[0], "x" * SIZES[-1]])
    with pytest.raises(TooMuchTold) as refused:
        await desk.seal_report(huge, NOW)
    logging.getLogger("bot").error("lost: %r", huge, exc_info=refused.value)
    assert len(caplog.records) > 20
    whole = "\n".join(caplog.handler.format(record) for record in caplog.records)
    assert [word for word in (*WORDS, str(chat.id)) if word in whole] == []


# Deletion, to the byte


@pytest_asyncio.fixture
async def file(tmp_path: Path) -> AsyncIterator[Sessions]:
    """A SQLite file of our own."""
    sessions = await open_database(f"sqlite+aiosqlite:///{tmp_path / 'bytes.sqlite'}")
    yield sessions
    await sessions.close()


def _whole(folder: Path) -> bytes:
    """The database file and its journals."""
    return b"".join(path.read_bytes() for path in folder.glob("bytes.sqlite*"))


async def test_a_closed_case_is_gone_to_the_byte_when_its_period_is_over(
    file: Sessions, tmp_path: Path, quick: None
) -> None:
    """Sixty days after closing, with picture, notes and answers; not a day earlier."""
    keys = tmp_path / "keys.txt"
    keys.write_text(f"{WORKER.to_public()}\n")
    desk = Reporting(SiteSecret(b"s" * 32), keys)
    sealed = await report(file, desk)
    key = key_of(desk, sealed)
    note = seal(b"a note", [WORKER.to_public()])
    day = today(NOW)
    async with file.begin() as session:
        await move_and_tell(session, desk.site, NOW)
        case_id = await _case(session)
        await add_message(session, case_id, "n1", NOTE, note, day)
        await take_step(session, case_id, "documented", 1, NOW, day)
        await ask_closing(session, case_id, "advised", 1, NOW)
        await confirm_closing(session, case_id, 2, NOW, day)
        mailbox = await open_mailbox(session, desk.site, key)
    assert mailbox.delete_on == day + CLOSED_CASES + timedelta(days=1)
    pieces = [blob[at : at + 48] for blob in (sealed.sealed, note) for at in (600, -100)]
    pieces.append(key.lookup)

    def there() -> list[bool]:
        data = _whole(tmp_path)
        return [piece in data for piece in pieces]

    async def clock_strikes(now: datetime) -> None:
        async with file.begin() as session:
            await delete_what_is_over(session, now)
        await leave_no_trace(file)

    await clock_strikes(NOW + CLOSED_CASES)
    assert all(there())
    await clock_strikes(NOW + CLOSED_CASES + timedelta(days=1))
    assert not any(there())
    async with file.begin() as session:
        with pytest.raises(NoSuchReport):
            await open_mailbox(session, desk.site, key)
    kept = await dump(file)
    assert {name for name in CASE_TABLES if kept[name]} == set()


async def test_a_withdrawn_report_is_gone_to_the_byte(
    file: Sessions, tmp_path: Path, quick: None
) -> None:
    """At once, also while it waits."""
    keys = tmp_path / "keys.txt"
    keys.write_text(f"{WORKER.to_public()}\n")
    desk = Reporting(SiteSecret(b"s" * 32), keys)
    sealed = await report(file, desk)
    async with file.begin() as session:
        await withdraw(session, desk.site, key_of(desk, sealed))
    await leave_no_trace(file)
    data = _whole(tmp_path)
    assert sealed.sealed[600:648] not in data
    assert key_of(desk, sealed).lookup not in data


# kill -9


@pytest.mark.parametrize("step", killed_report.STEPS)
async def test_killed_at_any_step(
    empty: Sessions, settings: Settings, tmp_path: Path, step: str
) -> None:
    """Either the receipt opens a complete report, or nothing is kept and who returns is told."""
    keys = tmp_path / "keys.txt"
    keys.write_text(f"{WORKER.to_public()}\n")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.killed_report",
        settings.database, str(keys), step, NOW.isoformat(),
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    printed, _ = await process.communicate()
    assert process.returncode == -signal.SIGKILL
    site = SiteSecret(killed_report.SECRET)
    shown = printed.decode().strip()
    assert bool(shown) is (step != "told")
    tables = await dump(empty)
    kept = [*tables["report_arrivals"], *tables["report_cases"]]
    async with empty.begin() as session:
        assert await was_interrupted(session, site, Drafts(), killed_report.CHAT, NOW)
        if step in {"told", "sealed", "flushed"}:
            assert kept == []
            if shown:
                key = open_receipt(read_receipt(shown), site.receipt_salt)
                with pytest.raises(NoSuchReport):
                    await open_mailbox(session, site, key)
            return
        key = open_receipt(read_receipt(shown), site.receipt_salt)
        mailbox = await open_mailbox(session, site, key)
    [row] = kept
    assert unpack(unseal(row["sealed"], WORKER)).told == told()
    assert mailbox.state == ("received" if step == "moved" else "waiting")


def test_the_case_tables_are_all_named() -> None:
    """A new table about cases joins the proof."""
    about = {name for name in Model.metadata.tables if name.startswith(("report_", "case_"))}
    others = {"private_hours", "figures", "figure_releases"}
    assert (about - {"case_tokens"}) | others == CASE_TABLES  # a token belongs to a colleague
