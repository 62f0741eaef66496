"""Case workers at their own machines, over HTTP on loopback, against the running bot."""

import json
import zipfile
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pyrage import decrypt
from sqlalchemy import select

from bot.app.serving import House
from bot.casework.fetching import _checked
from bot.casework.machine import Machine
from bot.casework.reading import close_cases, harmless
from bot.casework.server import Server
from bot.db import Sessions
from bot.errors import CaseworkError, KnowledgeError
from bot.models import CaseOpening, CaseState, Figure, ReportCase, StaffAction
from bot.reports import MailboxKey, Reporting, Told, open_mailbox, receipts, send_sealed, withdraw
from bot.reports.notices import move_and_tell
from bot.reports.process import guide
from bot.reports.sealing import seal
from bot.reports.told import Form, Motive, Opened, Part, Police, Wish, pack_parts
from bot.reports.workdays import after_workdays, easter, holidays, is_workday
from bot.settings import Settings
from bot.staff import remove
from tests.case_reports import PICTURE, WORDS, key_of, report
from tests.case_workers import CaseWorker, employ, equip, open_door, publish
from tests.conftest import Clock

Office = tuple[CaseWorker, CaseWorker]


@pytest_asyncio.fixture
async def url(
    empty: Sessions, house: House, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """The running bot's address; receipts are quick to open."""
    monkeypatch.setattr(receipts, "_MEMORY_KIB", 64)
    clock.ahead = timedelta(0)
    async with open_door(house) as address:
        yield address
    clock.ahead = timedelta(0)


@pytest_asyncio.fixture
async def two(
    url: str, empty: Sessions, settings: Settings, tmp_path: Path, clock: Clock
) -> Office:
    """Two case workers who trust each other's keys."""
    workers = [await employ(empty, tmp_path, name, clock()) for name in ("one", "two")]
    await equip(workers, settings.recipients_file, url)
    return workers[0], workers[1]


@pytest.fixture
def desk(house: House) -> Reporting:
    """The running bot's desk."""
    return house.office.reporting


async def _case(
    sessions: Sessions, desk: Reporting, now: datetime, told_as: Told | None = None
) -> tuple[str, MailboxKey]:
    """A report that has become a case: its number, and what its receipt opens."""
    sealed = await report(sessions, desk, now, told_as)
    async with sessions.begin() as session:
        await move_and_tell(session, desk.site, now)
        case = (
            await session.scalars(select(ReportCase).where(ReportCase.lookup == sealed.lookup))
        ).one()
    return case.id, key_of(desk, sealed)


async def test_a_case_from_the_first_look_to_the_end(
    two: Office, empty: Sessions, desk: Reporting, clock: Clock
) -> None:
    """Pull, read, answer, two tasks, closing by two; the reporter reads it with the receipt."""
    one, other = two
    case_id, key = await _case(empty, desk, clock())
    assert "New: 1." in await one.says("pull")
    listed = await one.says("list")
    assert case_id in listed
    assert "eingegangen" in listed
    due = after_workdays(clock().astimezone().date(), 2)
    assert f"until {due}" in listed
    shown = await one.says("show", case_id[:6])
    assert all(word in shown for word in WORDS)
    assert "Angriff" not in shown
    assert "gegen Schwarze Menschen" in shown

    await one.says("reply", case_id, "Möchten Sie mit uns reden?")
    await one.says("step", case_id, "conversation-offered")
    await one.says("note", case_id, "Rückfrage an die Beratungsstelle")
    added = await desk.seal_addition(key, "Ja, gern am Montag.", 2, clock())
    async with empty.begin() as session:
        mailbox = await open_mailbox(session, desk.site, key)
        await send_sealed(session, desk.site, added, clock())
    assert [m.text for m in mailbox.messages] == ["Möchten Sie mit uns reden?"]
    assert mailbox.state == "conversation-offered"
    async with empty.begin() as session:
        await move_and_tell(session, desk.site, clock())

    assert "New: 1." in await other.says("pull")
    assert "new messages: 1" in await other.says("list")
    shown = await other.says("show", case_id)
    assert shown.index("Möchten Sie") < shown.index("Ja, gern am Montag.")
    assert "Rückfrage" in shown
    assert "until" in shown
    await other.says("done", case_id, "look-for-answer")
    await other.says("hand", case_id, str(one.staff_id))
    await other.says("step", case_id, "documented")

    await one.says("pull")
    assert (await one.run("close", case_id))[0] == 1
    await one.says("close", case_id, "--substatus", "advised", "--form", "threat")
    code, printed = await one.run("close", case_id, "--confirm")
    assert code == 1
    assert "second person" in printed
    await other.says("pull")
    assert f"closing asked by {one.staff_id}" in await other.says("list")
    await other.says("close", case_id, "--confirm")
    async with empty.begin() as session:
        mailbox = await open_mailbox(session, desk.site, key)
        assert (mailbox.state, mailbox.substatus) == ("closed", "advised")
        assert mailbox.delete_on is not None
        assert list(await session.scalars(select(Figure))) == []
    await other.says("pull")
    assert f"goes on {mailbox.delete_on}" in await other.says("list")
    async with empty.begin() as session:
        [figure] = await session.scalars(select(Figure))
        actions = list(await session.scalars(select(StaffAction.action)))
    assert (figure.form, figure.motive, figure.town) == ("threat", "anti-black", "Raunheim")
    assert figure.month.day == 1
    assert case_id not in figure.id
    assert {"case step", "case handed over", "case closing asked", "case closed"} <= set(actions)
    openings = await one.says("openings", case_id)
    assert openings.count(f"case worker {one.staff_id}") == 2
    assert openings.count(f"case worker {other.staff_id}") == 2


async def test_nothing_open_lies_on_the_machine(
    two: Office, empty: Sessions, desk: Reporting, clock: Clock, tmp_path: Path
) -> None:
    """Copies are sealed, files are for their owner alone, and a deleted case goes there too."""
    one, _ = two
    case_id, key = await _case(empty, desk, clock())
    await one.says("pull")
    await one.says("show", case_id)
    await one.says("note", case_id, WORDS[0])
    for file in one.folder.rglob("*"):
        if file.is_file():
            assert not any(word.encode() in file.read_bytes() for word in WORDS), file
            assert file.stat().st_mode & 0o077 == 0, file
    async with empty.begin() as session:
        await withdraw(session, desk.site, key)
    assert "Gone: 1." in await one.says("pull")
    assert list(one.folder.glob("cases/*")) == []
    assert (await one.run("show", case_id))[0] == 1


async def test_the_files_of_a_case(
    two: Office, empty: Sessions, desk: Reporting, clock: Clock, tmp_path: Path
) -> None:
    """Under names that lead nowhere else; as PDF; as an age file that any age program opens."""
    one, other = two
    case_id, _key = await _case(empty, desk, clock())
    await one.says("pull")
    await one.says("show", case_id, "--files", str(tmp_path / "files"))
    [picture] = (tmp_path / "files").iterdir()
    assert (picture.name, picture.read_bytes()) == ("01-bild.png", PICTURE)
    pdf, age = tmp_path / "case.pdf", tmp_path / "case.age"
    await one.says("export", case_id, "--pdf", str(pdf), "--age", str(age), "--to", other.public)
    assert pdf.read_bytes().startswith(b"%PDF-")
    with zipfile.ZipFile(BytesIO(decrypt(age.read_bytes(), [other.identity]))) as bundle:
        assert set(bundle.namelist()) == {"case.json", "case.pdf", "files/01-bild.png"}
        words = json.loads(bundle.read("case.json"))
        assert bundle.read("files/01-bild.png") == PICTURE
    assert WORDS[0] in words["told"]["texts"][0]
    assert (await one.run("export", case_id))[0] == 1


async def test_who_leaves_can_open_nothing_new_and_the_rest_is_sealed_anew(
    two: Office, empty: Sessions, desk: Reporting, settings: Settings, clock: Clock, tmp_path: Path
) -> None:
    """Rotation: a key goes, a key comes, every case is sealed anew; receipts stay good."""
    one, leaving = two
    case_id, key = await _case(empty, desk, clock())
    for worker in two:
        await worker.says("pull")
    await leaving.says("reply", case_id, "Guten Tag")
    async with empty.begin() as session:
        await remove(session, leaving.staff_id, clock())
    code, printed = await leaving.run("pull")
    assert code == 1
    assert "does not know this token" in printed

    new = await employ(empty, tmp_path, "three", clock())
    url = Machine(one.folder).settings()["url"]
    await equip([one, new], settings.recipients_file, url)
    await new.says("pull")
    assert "not sealed to your key" in (await new.run("list"))[1]
    assert "Sealed anew: 2." in await one.says("rotate")
    assert "Sealed anew: 2." in await one.says("rotate")
    machine = Machine(new.folder)
    machine.let_go(case_id)
    await new.says("pull")
    shown = await new.says("show", case_id)
    assert WORDS[0] in shown
    assert "Guten Tag" in shown
    async with empty.begin() as session:
        mailbox = await open_mailbox(session, desk.site, key)
        [case] = await session.scalars(select(ReportCase))
    assert [m.text for m in mailbox.messages] == ["Guten Tag"]
    Machine(leaving.folder).keep_report(case_id, case.sealed)
    code, printed = await leaving.run("show", case_id)
    assert code == 1
    assert "not sealed to your key" in printed


async def test_the_server_cannot_smuggle_in_a_key(
    two: Office, empty: Sessions, desk: Reporting, settings: Settings, clock: Clock, tmp_path: Path
) -> None:
    """A key that nobody compared is named, and nothing is sealed to it."""
    one, other = two
    case_id, _key = await _case(empty, desk, clock())
    spy = CaseWorker(0, tmp_path / "spy", "")
    spy.public = (await spy.says("keygen")).strip().splitlines()[-1]
    publish([one, other, spy], settings.recipients_file)
    printed = await one.says("pull")
    assert spy.public in printed
    for verb in ("reply", "note"):
        code, printed = await one.run(verb, case_id, "etwas")
        assert code == 1
        assert "not compared" in printed
    publish([other], settings.recipients_file)
    assert "NOT sealed to your key" in await one.says("pull")


async def test_without_a_connection_nothing_is_lost(
    two: Office, empty: Sessions, desk: Reporting, clock: Clock
) -> None:
    """An answer waits on the machine and is sent later, once."""
    one, _ = two
    case_id, key = await _case(empty, desk, clock())
    await one.says("pull")
    machine = Machine(one.folder)
    address = machine.settings()["url"]
    machine.keep_settings(url="http://127.0.0.1:9")
    assert "it waits here" in await one.says("reply", case_id, "Bis morgen")
    assert (await one.run("push"))[0] == 1
    machine.keep_settings(url=address)
    assert "Sent: 1." in await one.says("push")
    assert "Sent: 0." in await one.says("push")
    async with empty.begin() as session:
        mailbox = await open_mailbox(session, desk.site, key)
    assert [m.text for m in mailbox.messages] == ["Bis morgen"]


async def test_the_door_opens_for_case_workers_alone(
    two: Office, url: str, empty: Sessions, desk: Reporting, clock: Clock
) -> None:
    """No token, a wrong one, an old one, one of somebody without the role: the same answer."""
    one, other = two
    case_id, _key = await _case(empty, desk, clock())
    doors = [
        ("GET", "/list"), ("POST", "/figures"), ("POST", "/releases"), ("POST", "/reseal"),
        ("GET", f"/{case_id}/report"), ("GET", f"/{case_id}/messages"),
        ("POST", f"/{case_id}/messages"), ("POST", f"/{case_id}/opened"),
        ("GET", f"/{case_id}/openings"), ("POST", f"/{case_id}/step"),
        ("POST", f"/{case_id}/task"), ("POST", f"/{case_id}/hand"),
        ("POST", f"/{case_id}/closing"), ("POST", f"/{case_id}/closed"),
    ]  # fmt: skip
    async with empty.begin() as session:
        await remove(session, other.staff_id, clock())
    async with httpx.AsyncClient(base_url=f"{url}/cases/api") as client:
        for method, path in doors:
            for token in (None, "wrong", other.token):
                headers = {"authorization": f"Bearer {token}"} if token else {}
                answer = await client.request(method, path, headers=headers, content=b"{}")
                assert answer.status_code == 401, (method, path, token)
        good = {"authorization": f"Bearer {one.token}"}
        for content in (b"", b"[]", b'"x"', b"{", b'{"id": 5}', b'{"sealed": "x"}', b"\xff"):
            for method, path in doors:
                if method == "POST" and not path.endswith(("opened", "closed")):
                    answer = await client.post(path, headers=good, content=content)
                    assert answer.status_code in {400, 404, 409}, (path, content)
        huge = await client.post("/reseal", headers=good, content=bytes(41 * 1024 * 1024))
        assert huge.status_code == 413
        clock.ahead = timedelta(days=366)
        assert (await client.get("/list", headers=good)).status_code == 401


async def test_only_ciphertext_is_taken(
    two: Office, url: str, empty: Sessions, desk: Reporting, clock: Clock
) -> None:
    """A machine that sends a note in clear is refused: nothing readable enters a case."""
    import base64

    one, _ = two
    case_id, _key = await _case(empty, desk, clock())
    good = {"authorization": f"Bearer {one.token}"}
    for sealed in (b"in clear" * 1000, b"age-encryption.org/v1\n short"):
        words = {"id": "x", "direction": "note", "sealed": base64.b64encode(sealed).decode()}
        async with httpx.AsyncClient(base_url=f"{url}/cases/api") as client:
            answer = await client.post(f"/{case_id}/messages", headers=good, json=words)
        assert answer.status_code == 400


async def test_every_fetch_of_a_report_is_logged(
    two: Office, url: str, empty: Sessions, desk: Reporting, clock: Clock
) -> None:
    """Also by a program of one's own: the server writes it down, not the machine."""
    one, _ = two
    case_id, _key = await _case(empty, desk, clock())
    good = {"authorization": f"Bearer {one.token}"}
    async with httpx.AsyncClient(base_url=f"{url}/cases/api") as client:
        assert (await client.get(f"/{case_id}/report", headers=good)).status_code == 200
    async with empty.begin() as session:
        [opening] = await session.scalars(select(CaseOpening))
    assert (opening.case_id, opening.staff_id) == (case_id, one.staff_id)


async def test_the_guide_decides_what_comes_next(
    two: Office, empty: Sessions, desk: Reporting, clock: Clock
) -> None:
    """No closing from the middle, no step backwards, no unknown state; tasks with working days."""
    one, _ = two
    case_id, _key = await _case(empty, desk, clock())
    await one.says("pull")
    for arguments in (
        ("step", case_id, "closed"),
        ("step", case_id, "nonsense"),
        ("close", case_id, "--substatus", "advised"),
        ("close", case_id, "--substatus", "nonsense"),
        ("close", case_id, "--confirm"),
        ("done", case_id, "close"),
        ("hand", case_id, "4711"),
    ):
        assert (await one.run(*arguments))[0] == 1, arguments
    await one.says("step", case_id, "measures")
    await one.says("pull")
    day = clock().astimezone().date()
    async with empty.begin() as session:
        state = await session.get_one(CaseState, case_id)
    assert state.due_on == after_workdays(day, 5)
    assert state.worker_staff_id == one.staff_id
    await one.says("done", case_id, "agree-measures")
    await one.says("pull")
    listed = await one.says("list")
    assert f"until {after_workdays(day, 20)}" in listed


async def test_a_token_is_for_a_case_worker(empty: Sessions, clock: Clock) -> None:
    """The newest one only, and nobody else gets one."""
    from bot.errors import NotStaff
    from bot.models import StaffMember
    from bot.reports.cases import make_token, worker_of

    async with empty.begin() as session:
        for number, role in enumerate(("case-worker", "admin")):
            session.add(
                StaffMember(channel="telegram", chat_id=number, role=role, added_at=clock())
            )
        await session.flush()
        ids = list(await session.scalars(select(StaffMember.id).order_by(StaffMember.chat_id)))
        old = await make_token(session, ids[0], clock())
        new = await make_token(session, ids[0], clock())
        with pytest.raises(NotStaff):
            await make_token(session, ids[1], clock())
        with pytest.raises(NotStaff):
            await worker_of(session, old, clock())
        assert await worker_of(session, new, clock()) == ids[0]


def test_only_https_or_this_machine() -> None:
    """A token never travels in clear."""
    for address in ("http://example.org", "ftp://127.0.0.1", "//x", "http://127.0.0.1.example.org"):
        with pytest.raises(CaseworkError):
            Server(address, "t")
    Server("https://example.org", "t")
    Server("http://127.0.0.1:1", "t")


async def test_a_key_can_be_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a passphrase; and a key is never overwritten."""
    monkeypatch.setenv("CASES_PASSPHRASE", "correct horse")
    worker = CaseWorker(0, tmp_path / "home", "")
    public = (await worker.says("keygen", "--passphrase")).strip().splitlines()[-1]
    assert b"SECRET" not in (worker.folder / "identity.txt").read_bytes()
    assert Machine(worker.folder).public == public
    assert (await worker.run("keygen"))[0] == 1
    monkeypatch.setenv("CASES_PASSPHRASE", "wrong")
    with pytest.raises(CaseworkError):
        _ = Machine(worker.folder).public
    assert (await CaseWorker(0, tmp_path / "none", "").run("list"))[0] == 0


def test_a_hostile_server_cannot_write_elsewhere(tmp_path: Path) -> None:
    """Numbers that lead out of the folder, kinds nobody knows, lists of another form."""
    machine = Machine(tmp_path / "home")
    for case_id, message_id, direction in (
        ("../../x", "m", "note"),
        ("k7m2q9xdpa", "../../m", "note"),
        ("k7m2q9xdpa", "m", "../note"),
        ("", "m", "note"),
    ):
        with pytest.raises(CaseworkError):
            machine.keep_messages(case_id, [(message_id, direction, b"x")])
    assert list(tmp_path.rglob("*.age")) == []
    line: dict[str, Any] = {
        "id": "k7m2q9xdpa", "week": "2026-W48", "state": "received", "substatus": None,
        "urgent": False, "due_on": None, "worker": None, "closing": None, "delete_on": None,
        "unread": 0, "tasks": [],
    }  # fmt: skip
    assert _checked({"cases": [line], "recipients": ["age1x"]}) == ([line], ["age1x"])
    wrongs: list[dict[str, Any]] = [
        {"id": "\x1b[2J"}, {"state": "nonsense"}, {"due_on": "soon"}, {"unread": None},
        {"tasks": [{}]}, {"week": "x\ny"},
    ]  # fmt: skip
    for wrong in wrongs:
        with pytest.raises(CaseworkError):
            _checked({"cases": [{**line, **wrong}], "recipients": []})
    others: list[Any] = [None, [], {}, {"cases": 1, "recipients": []}]
    for other in others:
        with pytest.raises(CaseworkError):
            _checked(other)


def test_a_forged_report_is_said_to_be_unreadable(tmp_path: Path) -> None:
    """Whoever has the public keys can seal nonsense; it is named and breaks nothing."""
    machine = Machine(tmp_path / "home")
    machine.make_identity(None)
    key = [machine.identity.to_public()]
    forged = [
        pack_parts({}),
        pack_parts({"told": {"language": "de", "nonsense": 1}, "received_on": "x"}),
        pack_parts({"told": [], "received_on": "2026-01-01", "reply_to": ""}),
        b"nonsense",
    ]
    for data in forged:
        machine.keep_report("k7m2q9xdpa", seal(data, key))
        machine.keep_messages("k7m2q9xdpa", [("m", "note", seal(data, key))])
        with pytest.raises(CaseworkError):
            machine.open_report("k7m2q9xdpa")
        assert len(machine.open_messages("k7m2q9xdpa")) == 1


# What lies close together


def _opened(day: int, place: str | None, text: str, *forms: Form, town: str = "Raunheim") -> Opened:
    told_as = Told("de", texts=[text], town=town, place=place, forms=list(forms))
    return Opened(told_as, date(2026, 11, day), "age1")


def test_repeated_places_and_motifs_are_seen() -> None:
    """Same town, form and month, and the same place or a sticker that is alike."""
    near = close_cases(
        {
            "a": _opened(1, "Bahnhof, Unterführung", "Beleidigt", Form.WORDS),
            "b": _opened(20, "in der Unterführung am Bahnhof", "Geschubst", Form.WORDS),
            "c": _opened(20, "Bahnhof Unterführung", "Beleidigt", Form.WORDS, town="Kelsterbach"),
            "d": _opened(2, "Schule", "Aufkleber mit schwarzer Sonne an der Tür", Form.SYMBOL),
            "e": _opened(9, "Park", "An der Tür ein Aufkleber mit schwarzer Sonne", Form.SYMBOL),
            "f": _opened(3, None, "Etwas ganz anderes", Form.ATTACK),
        }
    )
    assert near["a"] == [("b", "same place")]
    assert near["b"] == [("a", "same place")]
    assert near["d"] == [("e", "same motif")]
    assert near["c"] == near["f"] == []


def test_more_than_thirty_days_apart_is_not_close() -> None:
    """A pattern is what happens within a month."""
    one = _opened(1, "Bahnhof", "x", Form.WORDS)
    late = Opened(one.told, date(2026, 12, 2), "age1")
    assert close_cases({"a": one, "b": late})["a"] == []


def test_a_report_cannot_command_a_terminal() -> None:
    """No escape sequence, no turning of the line; joiners that words need stay."""
    assert harmless("a\x1b[2Jb\u202ec\r\nd\x07") == "a[2Jbc\nd"
    assert harmless("می\u200cخواهم") == "می\u200cخواهم"


# Working days


def test_working_days_in_hessen() -> None:
    """With Corpus Christi, without Epiphany and All Saints."""
    assert easter(2026) == date(2026, 4, 5)
    assert easter(2038) == date(2038, 4, 25)
    assert len(holidays(2026)) == 10
    assert not is_workday(date(2026, 6, 4))
    assert is_workday(date(2026, 1, 6))
    assert not is_workday(date(2026, 11, 28))
    assert after_workdays(date(2026, 12, 23), 2) == date(2026, 12, 28)
    assert after_workdays(date(2026, 4, 2), 2) == date(2026, 4, 8)


def test_the_guide_is_whole(tmp_path: Path) -> None:
    """Every state can be reached and left, every word has its German; a broken file is named."""
    found = guide()
    assert list(found.states) == [
        "received", "first-check", "conversation-offered", "measures", "documented", "closed"
    ]  # fmt: skip
    reached = {then for state in found.states.values() for then in state.next}
    assert reached | {"received", "closed"} == set(found.states)
    assert found.states["received"].tasks[0].due_workdays == 2
    for kind, members in (
        ("form", Form),
        ("motive", Motive),
        ("part", Part),
        ("wish", Wish),
        ("police", Police),
    ):
        assert set(found.words[kind]) == {member.value for member in members}
    broken = tmp_path / "process.toml"
    broken.write_text("[[state]]\nid = 'received'\n")
    with pytest.raises(KnowledgeError):
        guide(broken)
