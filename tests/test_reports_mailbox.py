"""From "send" to the mailbox: on both databases, with a report told through the office's desk."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyrage import x25519
from sqlalchemy import func, select, text

from bot.db import Sessions
from bot.errors import NoSuchReport, TooMuchTold, WaitAWhile
from bot.models import (
    CaseMessage,
    CaseState,
    Chat,
    Letter,
    ReportArrival,
    ReportCase,
    ReportLink,
    StaffMember,
)
from bot.reports import (
    Attachment,
    Drafts,
    Reporting,
    link_chat,
    mark_is_due,
    mark_private,
    move_arrivals,
    open_mailbox,
    receipts,
    send_sealed,
    unlink_case,
    unlink_chat,
    was_interrupted,
    withdraw,
)
from bot.reports import arrivals as arriving
from bot.reports.arrivals import TO_REPORTER
from bot.reports.cases import add_message
from bot.reports.desk import pack_message
from bot.reports.drafts import LASTS
from bot.reports.links import linked_chat
from bot.reports.notices import FixedTimes, last_fixed_time, move_and_tell, next_fixed_time
from bot.reports.private import clear_marks
from bot.reports.sealing import identity_from, seal, unseal
from bot.reports.site import SiteSecret
from bot.reports.told import MOST_ATTACHMENTS, MOST_LETTERS, unpack
from bot.reports.traces import leave_no_trace
from bot.retention import REPORT_LINKS, delete_what_is_over
from bot.texts import HOUSE_TIME
from tests.case_reports import NOW, key_of, report, told

WORKER = identity_from(b"w" * 32)
HERE, THERE = Chat("telegram", 777_000_111), Chat("webchat", 4_444)
MORNING = datetime(2026, 11, 24, 7, 30, tzinfo=HOUSE_TIME).astimezone(UTC)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reporting:
    """A desk with one case worker's key, and receipts that are quick to open."""
    monkeypatch.setattr(receipts, "_MEMORY_KIB", 64)
    file = tmp_path / "case-workers.txt"
    file.write_text(f"{WORKER.to_public()}\n")
    return Reporting(SiteSecret(b"s" * 32), file)


async def _count(sessions: Sessions, model: type) -> int:
    async with sessions.begin() as session:
        return int(await session.scalar(select(func.count()).select_from(model)) or 0)


async def _move(sessions: Sessions, desk: Reporting, now: datetime = NOW) -> None:
    async with sessions.begin() as session:
        await move_and_tell(session, desk.site, now)


async def test_a_receipt_opens_its_report_from_the_first_moment(
    empty: Sessions, desk: Reporting
) -> None:
    """Before anybody has fetched it, and after it became a case."""
    sealed = await report(empty, desk)
    key = key_of(desk, sealed)
    async with empty.begin() as session:
        before = await open_mailbox(session, desk.site, key)
    await _move(empty, desk)
    async with empty.begin() as session:
        after = await open_mailbox(session, desk.site, key)
        case = (await session.scalars(select(ReportCase))).one()
    assert (before.state, after.state) == ("waiting", "received")
    assert before.week == after.week == case.week == "2026-W48"
    assert case.id != sealed.id
    opened = unpack(unseal(case.sealed, WORKER))
    assert opened.told == told()
    assert opened.reply_to == str(key.public)


async def test_in_clear_a_case_has_its_week_and_nothing_else(
    empty: Sessions, desk: Reporting
) -> None:
    """Every other column is drawn by lot, derived from the receipt, or ciphertext."""
    await report(empty, desk)
    await _move(empty, desk)
    assert {column.name for column in ReportCase.__table__.columns} == {
        "id", "lookup", "week", "sealed"
    }  # fmt: skip
    async with empty.begin() as session:
        case = (await session.scalars(select(ReportCase))).one()
        state = (await session.scalars(select(CaseState))).one()
    assert re.fullmatch(r"[0-9a-z]{10}", case.id)
    assert len(case.lookup) == 32
    assert case.sealed.startswith(b"age-encryption.org/v1\n")
    assert (state.due_on, state.worker_staff_id, state.closed_on) == (None, None, None)


async def test_pressing_send_twice_sends_once(empty: Sessions, desk: Reporting) -> None:
    """Also when it became a case between the two."""
    sealed = await report(empty, desk)
    for _ in range(2):
        async with empty.begin() as session:
            await send_sealed(session, desk.site, sealed, NOW)
    assert await _count(empty, ReportArrival) == 1
    await _move(empty, desk)
    async with empty.begin() as session:
        await send_sealed(session, desk.site, sealed, NOW)
    assert await _count(empty, ReportArrival) == 0
    assert await _count(empty, ReportCase) == 1


async def test_a_wrong_receipt_opens_nothing(empty: Sessions, desk: Reporting) -> None:
    """And says no more than that."""
    await report(empty, desk)
    stranger = await desk.try_receipt(HERE, "0000 0000 0000 0000 007")
    async with empty.begin() as session:
        with pytest.raises(NoSuchReport):
            await open_mailbox(session, desk.site, stranger)
        with pytest.raises(NoSuchReport):
            await withdraw(session, desk.site, stranger)


async def test_the_case_worker_answers_and_the_reporter_adds(
    empty: Sessions, desk: Reporting
) -> None:
    """Both are read with the receipt, in the order in which they were written."""
    sealed = await report(empty, desk)
    key = key_of(desk, sealed)
    await _move(empty, desk)
    async with empty.begin() as session:
        case_id = (await session.scalars(select(ReportCase.id))).one()
        answer = pack_message("Möchten Sie reden?", 1, NOW)
        both = [WORKER.to_public(), key.public]
        await add_message(session, case_id, "m1", TO_REPORTER, seal(answer, both), NOW.date())
    picture = Attachment("foto.jpg", "image/jpeg", "picture", b"jpeg")
    added = await desk.seal_addition(key, "Ja, am Montag", 2, NOW, [picture])
    async with empty.begin() as session:
        await send_sealed(session, desk.site, added, NOW)
        waiting = await open_mailbox(session, desk.site, key)
    await _move(empty, desk)
    async with empty.begin() as session:
        await send_sealed(session, desk.site, added, NOW)  # a second press
        moved = await open_mailbox(session, desk.site, key)
    for mailbox in (waiting, moved):
        assert [(m.mine, m.text) for m in mailbox.messages] == [
            (False, "Möchten Sie reden?"),
            (True, "Ja, am Montag"),
        ]
        assert mailbox.messages[1].files == ("foto.jpg",)
    assert await _count(empty, ReportArrival) == 0


async def test_an_addition_may_come_before_the_case(empty: Sessions, desk: Reporting) -> None:
    """Written while the report itself still waits."""
    key = key_of(desk, await report(empty, desk))
    async with empty.begin() as session:
        added = await desk.seal_addition(key, "Noch etwas", 1, NOW)
        await send_sealed(session, desk.site, added, NOW)
    await _move(empty, desk)
    async with empty.begin() as session:
        mailbox = await open_mailbox(session, desk.site, key)
    assert [m.text for m in mailbox.messages] == ["Noch etwas"]


@pytest.mark.parametrize("moved", [False, True])
async def test_who_reported_deletes_it_all(
    empty: Sessions, desk: Reporting, *, moved: bool
) -> None:
    """Report, additions, answers, tasks and link; the same receipt opens nothing any more."""
    key = key_of(desk, await report(empty, desk))
    other = key_of(desk, await report(empty, desk))
    async with empty.begin() as session:
        await link_chat(session, desk.site, key.lookup, HERE, NOW.date())
    if moved:
        await _move(empty, desk)
    async with empty.begin() as session:
        await withdraw(session, desk.site, key)
    assert await _count(empty, ReportLink) == 0
    assert await _count(empty, ReportArrival) + await _count(empty, ReportCase) == 1
    async with empty.begin() as session:
        with pytest.raises(NoSuchReport):
            await open_mailbox(session, desk.site, key)
        assert (await open_mailbox(session, desk.site, other)).messages == ()


async def test_arrivals_move_in_random_order(empty: Sessions, desk: Reporting) -> None:
    """Neither their place in the table nor their transaction leads back to when they came."""
    weeks = []
    for number in range(12):
        now = NOW + timedelta(weeks=number)
        weeks.append((await report(empty, desk, now, told(attachments=[]))).week)
    async with empty.begin() as session:
        moved = await move_arrivals(session)
    place = "rowid" if empty.sqlite else "ctid"
    async with empty.begin() as session:
        rows = list(await session.scalars(text(f"SELECT week FROM report_cases ORDER BY {place}")))  # noqa: S608
        assert (moved.reports, moved.additions) == (12, 0)
        assert sorted(rows) == weeks
        assert rows != weeks
        if not empty.sqlite:
            writers = set(await session.scalars(text("SELECT xmin::text FROM report_cases")))
            assert len(writers) == 1
            dead = await session.scalar(text("SELECT pg_relation_size('report_arrivals')"))
            assert dead == 0  # a new file: what waited there, and since when, is gone


async def test_what_was_sent_twice_around_a_move_is_one_case(
    empty: Sessions, desk: Reporting
) -> None:
    """A second press that the database took late never stops the mover."""
    sealed = await report(empty, desk)
    added = await desk.seal_addition(key_of(desk, sealed), "Noch etwas", 1, NOW)
    async with empty.begin() as session:
        await send_sealed(session, desk.site, added, NOW)
    await _move(empty, desk)
    async with empty.begin() as session:
        for one in (sealed, added):
            session.add(
                ReportArrival(
                    id=one.id, kind=one.kind, lookup=one.lookup, week=one.week,
                    urgent=False, sealed=one.sealed,
                )
            )  # fmt: skip
    await report(empty, desk)
    async with empty.begin() as session:
        moved = await move_arrivals(session)
    assert (moved.reports, moved.additions) == (1, 0)
    assert await _count(empty, ReportCase) == await _count(empty, CaseState) == 2
    assert await _count(empty, CaseMessage) == 1


async def test_a_full_disk_is_said_before_anything_is_lost(
    empty: Sessions, desk: Reporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The draft is still there, and what was kept before stays."""
    await report(empty, desk)
    monkeypatch.setattr(arriving, "MOST_WAITING_BYTES", 10_000)
    sealed = await desk.seal_report(told(), NOW)
    with pytest.raises(WaitAWhile):
        async with empty.begin() as session:
            await send_sealed(session, desk.site, sealed, NOW)
    assert await _count(empty, ReportArrival) == 1


# Linked mode


async def test_a_push_by_choice_says_nothing(empty: Sessions, desk: Reporting) -> None:
    """At a fixed time, with jitter, once a message; the letter holds no word about what it is."""
    sealed = await desk.seal_report(told(), NOW, link=HERE)
    async with empty.begin() as session:
        await send_sealed(session, desk.site, sealed, NOW)
    key = key_of(desk, sealed)
    await _move(empty, desk)
    async with empty.begin() as session:
        assert (await open_mailbox(session, desk.site, key)).linked
        case_id = (await session.scalars(select(ReportCase.id))).one()
        await add_message(session, case_id, "m1", TO_REPORTER, b"x" * 5000, NOW.date())
        assert list(await session.scalars(select(Letter))) == []
    await _move(empty, desk)
    await _move(empty, desk)
    async with empty.begin() as session:
        [letter] = await session.scalars(select(Letter))
    assert (letter.channel, letter.chat_id) == (HERE.channel, HERE.id)
    assert (letter.kind, letter.content) == ("notice", {})
    assert timedelta(minutes=1) <= letter.due_at - NOW <= timedelta(minutes=40)


async def test_without_the_choice_nobody_is_told(empty: Sessions, desk: Reporting) -> None:
    """Code only: there is nothing that could be told."""
    await report(empty, desk)
    await _move(empty, desk)
    async with empty.begin() as session:
        case_id = (await session.scalars(select(ReportCase.id))).one()
        await add_message(session, case_id, "m1", TO_REPORTER, b"x" * 5000, NOW.date())
    await _move(empty, desk)
    assert await _count(empty, Letter) == await _count(empty, ReportLink) == 0


async def test_a_link_needs_the_sites_secret(empty: Sessions, desk: Reporting) -> None:
    """The row holds no number of a chat in any form, and another secret opens nothing."""
    sealed = await report(empty, desk)
    async with empty.begin() as session:
        await link_chat(session, desk.site, sealed.lookup, HERE, NOW.date())
        [row] = await session.scalars(select(ReportLink))
        assert await linked_chat(session, desk.site, sealed.lookup) == HERE
        other = SiteSecret(b"o" * 32)
        row.tag = other.link_tag(sealed.lookup)
        await session.flush()
        assert await linked_chat(session, other, sealed.lookup) is None
    kept = b"".join((row.tag, row.owner, row.sealed))
    for form in (b"777000111", HERE.id.to_bytes(8, "big"), HERE.id.to_bytes(8, "little")):
        assert form not in kept


async def test_all_links_have_the_same_length(empty: Sessions, desk: Reporting) -> None:
    """Otherwise the length would tell the channel."""
    async with empty.begin() as session:
        for lookup, chat in ((b"1" * 32, HERE), (b"2" * 32, THERE)):
            await link_chat(session, desk.site, lookup, chat, NOW.date())
        rows = await session.scalars(select(ReportLink.sealed))
    assert len({len(row) for row in rows}) == 1


async def test_a_link_ends_by_choice_by_forget_and_by_time(
    empty: Sessions, desk: Reporting
) -> None:
    """Three chats, three ways."""
    async with empty.begin() as session:
        for number in (1, 2, 3, 4):
            lookup = bytes([number]) * 32
            await link_chat(session, desk.site, lookup, Chat("telegram", number), NOW.date())
        await unlink_case(session, desk.site, b"\1" * 32)
        await unlink_chat(session, desk.site, Chat("telegram", 2))
    assert await _count(empty, ReportLink) == 2
    async with empty.begin() as session:
        await delete_what_is_over(session, NOW + REPORT_LINKS)
    assert await _count(empty, ReportLink) == 2
    async with empty.begin() as session:
        await delete_what_is_over(session, NOW + REPORT_LINKS + timedelta(days=1))
    assert await _count(empty, ReportLink) == 0


# Notices


def test_the_fixed_times_are_the_countys() -> None:
    """Summer time or not, over midnight, each once."""
    night = datetime(2026, 7, 1, 1, 0, tzinfo=HOUSE_TIME)
    assert last_fixed_time(night) == datetime(2026, 6, 30, 17, 30, tzinfo=HOUSE_TIME)
    assert next_fixed_time(night) == datetime(2026, 7, 1, 7, 30, tzinfo=HOUSE_TIME)
    evening = datetime(2026, 12, 31, 17, 30, tzinfo=HOUSE_TIME)
    assert last_fixed_time(evening) == evening
    assert next_fixed_time(evening) == datetime(2027, 1, 1, 7, 30, tzinfo=HOUSE_TIME)
    times = FixedTimes(night)
    seen = [times.has_come(night + timedelta(minutes=30 * n)) for n in range(24)]
    assert [n for n, came in enumerate(seen) if came] == [13, 23]


async def _employ(sessions: Sessions, *roles: str) -> None:
    async with sessions.begin() as session:
        for number, role in enumerate(roles):
            session.add(
                StaffMember(channel="telegram", chat_id=500 + number, role=role, added_at=NOW)
            )


async def test_case_workers_are_told_how_many_and_no_more(empty: Sessions, desk: Reporting) -> None:
    """Case workers alone, at a fixed time with jitter."""
    await _employ(empty, "case-worker", "editor", "case-worker")
    await report(empty, desk)
    await report(empty, desk)
    assert await _count(empty, Letter) == 0
    await _move(empty, desk)
    await _move(empty, desk)
    async with empty.begin() as session:
        letters = list(await session.scalars(select(Letter).order_by(Letter.chat_id)))
    assert [letter.chat_id for letter in letters] == [500, 502]
    for letter in letters:
        assert letter.content == {"reports": 2, "messages": 0, "urgent": 0, "again": False}
        assert timedelta(minutes=1) <= letter.due_at - NOW <= timedelta(minutes=40)


async def test_an_urgent_report_does_not_wait(empty: Sessions, desk: Reporting) -> None:
    """All that waits moves with it, and the case workers hear of it at once."""
    await _employ(empty, "case-worker")
    await report(empty, desk)
    await report(empty, desk, told_as=told(urgent=True))
    async with empty.begin() as session:
        await move_and_tell(session, desk.site, NOW, urgent=True)
        [letter] = await session.scalars(select(Letter))
    assert letter.due_at == NOW
    assert letter.content == {"reports": 2, "messages": 0, "urgent": 1, "again": False}
    assert await _count(empty, ReportArrival) == 0


async def test_unread_reports_are_named_again_each_working_day(
    empty: Sessions, desk: Reporting
) -> None:
    """At the first fixed time, not on Saturdays or holidays, and not twice at once."""
    await _employ(empty, "case-worker")
    await report(empty, desk)
    async with empty.begin() as session:
        await move_arrivals(session)
    for now, letters in (
        (MORNING + timedelta(hours=5), 0),
        (MORNING + timedelta(days=4), 0),  # Saturday
        (datetime(2026, 12, 25, 7, 30, tzinfo=HOUSE_TIME), 0),
        (MORNING, 1),
        (MORNING, 1),
    ):
        await _move(empty, desk, now)
        assert await _count(empty, Letter) == letters, now
    async with empty.begin() as session:
        [letter] = await session.scalars(select(Letter))
    assert letter.content["again"] is True


# Drafts and the neutral mark


def test_a_draft_lives_an_hour_after_the_last_word() -> None:
    """Then it is gone, whether somebody looks or the clock sweeps."""
    drafts = Drafts()
    drafts.open(HERE, "de", NOW)
    drafts.open(THERE, "ar", NOW)
    assert drafts.find(HERE, NOW + timedelta(minutes=59)) is not None
    assert drafts.find(HERE, NOW + timedelta(minutes=118)) is not None
    assert drafts.find(THERE, NOW + LASTS) is None
    assert drafts.sweep(NOW + timedelta(minutes=118) + LASTS) == 1
    assert HERE not in drafts


def test_a_draft_holds_so_much_and_says_when_it_is_full() -> None:
    """Fifty pictures, a huge file, a novel: refused, and nothing of the draft is lost."""
    drafts = Drafts()
    draft = drafts.open(HERE, "de", NOW)
    for _ in range(MOST_ATTACHMENTS):
        drafts.add_attachment(draft, Attachment("a", "image/png", "picture", b"p"))
    with pytest.raises(TooMuchTold):
        drafts.add_attachment(draft, Attachment("a", "image/png", "picture", b"p"))
    assert not drafts.room_for(drafts.open(THERE, "de", NOW), 100 * 1024 * 1024)
    drafts.add_text(draft, "x" * MOST_LETTERS)
    with pytest.raises(TooMuchTold):
        drafts.add_text(draft, "y")
    assert (len(draft.told.attachments), draft.told.letters) == (MOST_ATTACHMENTS, MOST_LETTERS)


def test_many_drafts_together_have_a_limit() -> None:
    """A flood of files fills neither memory nor disk."""
    drafts = Drafts()
    data = bytes(20 * 1024 * 1024)
    taken = 0
    for number in range(20):
        draft = drafts.open(Chat("webchat", number), "de", NOW)
        if drafts.room_for(draft, len(data)):
            drafts.add_attachment(draft, Attachment("a", "b", "file", data))
            taken += 1
    assert taken == 12


async def test_a_killed_process_can_be_told_on_return(empty: Sessions, desk: Reporting) -> None:
    """Only by another run, only within the hour, and the row names one of 256 buckets."""
    drafts = desk.drafts
    draft = drafts.open(HERE, "de", NOW)
    assert mark_is_due(draft, NOW)
    async with empty.begin() as session:
        await mark_private(session, desk.site, drafts, draft, HERE, NOW)
        await mark_private(session, desk.site, drafts, draft, HERE, NOW)
    assert not mark_is_due(draft, NOW + timedelta(minutes=19))
    assert mark_is_due(draft, NOW + timedelta(minutes=20))
    async with empty.begin() as session:
        rows = (await session.execute(text("SELECT bucket, run FROM private_hours"))).all()
        assert 4 <= len(rows) <= 7  # one, and decoys
        assert all(0 <= bucket < 256 for bucket, _run in rows)
        again = Drafts()
        assert not await was_interrupted(session, desk.site, drafts, HERE, NOW)
        assert await was_interrupted(session, desk.site, again, HERE, NOW)
        late = NOW + timedelta(minutes=60)
        assert not await was_interrupted(session, desk.site, again, HERE, late)
        await clear_marks(session, late)
        assert (await session.execute(text("SELECT * FROM private_hours"))).all() == []


async def test_deleted_rows_are_given_free(empty: Sessions, desk: Reporting) -> None:
    """On either database, outside a transaction."""
    key = key_of(desk, await report(empty, desk))
    async with empty.begin() as session:
        await withdraw(session, desk.site, key)
    await leave_no_trace(empty)
    assert await _count(empty, CaseMessage) == 0


def test_the_bot_has_no_private_key() -> None:
    """Nothing but a receipt's own mailbox key is ever made into an identity in ``bot/reports``."""
    root = Path(__file__).parent.parent / "bot" / "reports"
    makers = [
        path.name
        for path in root.glob("*.py")
        if re.search(r"Identity\.(generate|from_str)|identity_from\(", path.read_text())
    ]
    assert sorted(makers) == ["receipts.py", "sealing.py"]
    assert isinstance(WORKER, x25519.Identity)


def test_what_case_workers_read_is_numbers() -> None:
    """In the chat: how many, urgent ones first, and no other word."""
    from bot.texts import speaking
    from handlers.delivery import reports_waiting

    content = {"reports": 2, "messages": 1, "urgent": 1, "again": False}
    with speaking("de"):
        assert reports_waiting(content).split("\n") == [
            "Dringende Meldungen: 1",
            "Neue Meldungen: 2",
            "Neue Nachrichten zu Meldungen: 1",
        ]
    with speaking("en"):
        again = {"reports": 3, "messages": 0, "urgent": 0, "again": True}
        assert reports_waiting(again) == "Reports that wait for a first check: 3"
