"""What happens by the clock: waves, reminders, the end, erasure; killed workers, clock changes."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from bot.app.serving import _regular
from bot.db import Sessions, create_engine
from bot.errors import NotVolunteer
from bot.interpreting import (
    DETAILS,
    Lane,
    State,
    cancel_request,
    details,
    keep_message,
    next_steps,
    open_request,
    report_no_show,
)
from bot.jobs import LEASE, Work, claim_jobs, do_due, planned, schedule
from bot.jobs import _take as take
from bot.models import (
    Assignment,
    Job,
    Letter,
    Offer,
    Request,
    RequestDetails,
    ShownMessage,
    Volunteer,
)
from bot.reports import open_desk
from bot.residents import forget
from bot.settings import Settings, read_settings
from bot.texts import HOUSE_TIME
from bot.volunteers import Mode
from tests.pool import Pool

ROOT = Path(__file__).parents[2]


@pytest_asyncio.fixture
async def colleague(settings: Settings) -> AsyncIterator[Sessions]:
    """The database connections of a second worker."""
    sessions = Sessions(create_engine(settings.database))
    yield sessions
    await sessions.engine.dispose()


async def _killed(settings: Settings, now: datetime, stage: str) -> None:
    """A worker process that is killed with SIGKILL at a stage of its work."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.dying_worker", settings.database, now.isoformat(), stage),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(40):
            assert await process.stdout.readline() == b"here\n"
    finally:
        process.kill()
        await process.wait()


@pytest.mark.parametrize("stage", ["claimed", "working", "done"])
async def test_a_wave_survives_kill_9(pool: Pool, settings: Settings, stage: str) -> None:
    """Killed before, within or after its transaction: everybody is asked once, and once only."""
    kita = await pool.institution()
    everybody = [await pool.volunteer() for _ in range(12)]
    async with pool.sessions.begin() as session:
        soon = pool.wish(starts_at=pool.now + timedelta(hours=3), mode=Mode.PHONE)
        number = (await open_request(session, *kita, soon, pool.now)).id
    await _killed(settings, pool.now, stage)
    if stage != "done":
        await pool.work()
        assert await pool.asked(everybody, number) == [], "the lease is still held"
    pool.later(seconds=LEASE.total_seconds() + 1)
    await pool.work()
    asked = await pool.asked(everybody, number)
    assert len(asked) > 2
    async with pool.sessions.begin() as session:
        letters = Counter(
            await session.scalars(select(Letter.chat_id).where(Letter.kind == "offer"))
        )
        assert letters == Counter({chat.id: 1 for chat in asked})
        request = await session.get(Request, number)
        assert request is not None
        assert request.wave == 1


async def test_many_workers_ask_everybody_once(pool: Pool, colleague: Sessions) -> None:
    """Twenty requests, four hands: one wave each."""
    kita = await pool.institution()
    for _ in range(30):
        await pool.volunteer()
    async with pool.sessions.begin() as session:
        for day in range(20):
            wish = pool.wish(starts_at=pool.now + timedelta(days=2 + day))
            await open_request(session, *kita, wish, pool.now)
    second = Pool(colleague, pool.now, pool.staff)
    await asyncio.gather(*(hand.work() for hand in (pool, second) * 2))
    async with pool.sessions.begin() as session:
        offers = await session.scalar(select(func.count()).select_from(Offer))
        letters = await session.scalar(
            select(func.count()).select_from(Letter).where(Letter.kind == "offer")
        )
        waves = set(await session.scalars(select(Request.wave)))
    assert offers == letters
    assert waves == {1}


async def test_both_are_reminded_a_day_and_two_hours_before(pool: Pool) -> None:
    """Each once."""
    kita = await pool.institution()
    amina = await pool.volunteer()
    number = await pool.ask(kita)
    await pool.accept(amina, number)
    pool.now = (await pool.request(number)).starts_at - timedelta(hours=24, minutes=1)
    await pool.work()
    assert await pool.letters(amina, "reminder") == []
    for minutes, count in ((2, 1), (21 * 60, 1), (60, 2), (30, 2)):
        pool.later(minutes=minutes)
        await pool.work()
        assert len(await pool.letters(amina, "reminder")) == count
        assert len(await pool.letters(kita[0], "reminder")) == count


@pytest.mark.parametrize(
    ("starts_at", "hours_before"),
    [
        (datetime(2027, 3, 28, 8, tzinfo=UTC), 23),  # 10:00, the night lost an hour
        (datetime(2026, 10, 25, 9, tzinfo=UTC), 25),  # 10:00, the night won an hour
    ],
)
async def test_the_reminder_comes_at_the_same_hour_of_the_clock(
    pool: Pool, starts_at: datetime, hours_before: int
) -> None:
    """Tomorrow at ten is said at ten, also when the day between has 23 or 25 hours."""
    kita = await pool.institution()
    amina = await pool.volunteer()
    pool.now = starts_at - timedelta(days=5)
    number = await pool.ask(kita, starts_at=starts_at)
    await pool.accept(amina, number)
    async with pool.sessions.begin() as session:
        steps = dict(await next_steps(session, number))
    assert steps["remind_day"] == starts_at - timedelta(hours=hours_before)
    assert steps["remind_day"].astimezone(HOUSE_TIME).hour == 10


async def test_a_request_in_the_night_when_clocks_change(pool: Pool) -> None:
    """Availability and quiet hours follow the county's clock through the doubled hour."""
    kita = await pool.institution()
    amina = await pool.volunteer(quiet_from=21, quiet_until=7)
    pool.now = datetime(2026, 10, 24, 20, tzinfo=UTC)  # 22:00, quiet
    number = await pool.ask(kita, starts_at=datetime(2026, 10, 26, 9, tzinfo=UTC))
    pool.now = datetime(2026, 10, 25, 5, 59, tzinfo=UTC)  # 6:59, ten hours later
    await pool.work()
    assert await pool.offer(amina, number) is None
    pool.later(minutes=1)
    await pool.work()
    assert await pool.offer(amina, number) is not None


async def test_a_cancelled_appointment_reminds_nobody(pool: Pool) -> None:
    """Its jobs go with it; who sat and who was asked is told."""
    kita = await pool.institution()
    amina = await pool.volunteer()
    number = await pool.ask(kita)
    await pool.accept(amina, number)
    async with pool.sessions.begin() as session:
        await cancel_request(session, kita[0], number, "Kind ist krank", pool.now)
    assert (await pool.kinds(amina))[-1] == "seat_gone"
    async with pool.sessions.begin() as session:
        assert [kind for kind, _ in await next_steps(session, number)] == ["erase"]
        assert list(await session.scalars(select(Assignment))) == []
    pool.later(days=4)
    await pool.work()
    assert "reminder" not in await pool.kinds(amina)
    assert "hours" not in await pool.kinds(amina)


async def test_after_it_the_details_are_replaced_and_both_are_asked(pool: Pool) -> None:
    """At the minute of its end."""
    kita = await pool.institution()
    amina = await pool.volunteer()
    number = await pool.ask(kita)
    await pool.accept(amina, number)
    async with pool.sessions.begin() as session:
        await keep_message(session, amina, number, 4711, DETAILS)
        await keep_message(session, kita[0], number, 4712, DETAILS)
    pool.now = (await pool.request(number)).ends_at
    await pool.work()
    assert (await pool.request(number)).state == State.DONE
    assert [letter["message_id"] for letter in await pool.letters(amina, "details_over")] == [4711]
    assert [letter["minutes"] for letter in await pool.letters(kita[0], "hours")] == [60]
    assert len(await pool.letters(amina, "hours")) == 1


async def test_private_details_are_erased_and_the_ledger_stays(pool: Pool) -> None:
    """Fourteen days after the end, not before; language, month and town stay for the report."""
    kita = await pool.institution()
    amina = await pool.volunteer()
    number = await pool.ask(kita)
    await pool.accept(amina, number)
    private = (RequestDetails, Offer, ShownMessage)
    for wait, stays in ((timedelta(days=14, minutes=-1), True), (timedelta(days=14), False)):
        pool.now = (await pool.request(number)).ends_at + wait
        await pool.work()
        request = await pool.request(number)
        assert (request.interpreter_id is not None) is stays
        async with pool.sessions.begin() as session:
            kept = [list(await session.scalars(select(model))) for model in private]
            assert any(kept) is stays
            assert len(list(await session.scalars(select(Assignment)))) == 1
    assert (request.language, request.municipality) == ("kmr", "Groß-Gerau")


async def test_now_by_phone_looks_for_a_quarter_of_an_hour(pool: Pool) -> None:
    """Many at once, then honestly nobody."""
    kita = await pool.institution()
    everybody = [await pool.volunteer() for _ in range(6)]
    number = await pool.ask(kita, lane=Lane.NOW, mode=Mode.PHONE)
    assert len(await pool.asked(everybody, number)) == 6
    pool.later(minutes=14)
    await pool.work()
    assert (await pool.request(number)).state == State.SEARCHING
    pool.later(minutes=1)
    await pool.work()
    assert (await pool.request(number)).state == State.UNFILLED
    [told] = await pool.letters(pool.staff, "staff_nobody_found")
    assert told["urgent"] is True


async def test_a_no_show_looks_for_somebody_by_phone(pool: Pool) -> None:
    """At once; the ledger's row of who did not come says so, and staff are told."""
    kita = await pool.institution()
    amina, berivan = await pool.volunteer(), await pool.volunteer()
    number = await pool.ask(kita)
    await pool.accept(amina, number)
    pool.now = (await pool.request(number)).starts_at + timedelta(minutes=10)
    async with pool.sessions.begin() as session:
        await report_no_show(session, kita[0], number, pool.now)
    request = await pool.request(number)
    assert (request.lane, request.mode, request.state) == ("now", "phone", State.SEARCHING)
    assert await pool.asked([amina, berivan], number) == [berivan]
    assert len(await pool.letters(pool.staff, "staff_no_show")) == 1
    await pool.accept(berivan, number)
    async with pool.sessions.begin() as session:
        rows = list(await session.scalars(select(Assignment).order_by(Assignment.id)))
    assert [(row.chat_id, row.no_show) for row in rows] == [
        (amina.id, "volunteer"),
        (berivan.id, None),
    ]


async def test_everybody_silent_is_told_once_before_the_deadline(pool: Pool) -> None:
    """The institution learns it while there is time to arrange something else."""
    kita = await pool.institution()
    for _ in range(2):
        await pool.volunteer()
    number = await pool.ask(kita)
    for _ in range(36):
        pool.later(hours=1)
        await pool.work()
    [told] = await pool.letters(kita[0], "everyone_asked")
    assert (told["asked"], told["open"]) == (2, 2)
    pool.now = (await pool.request(number)).starts_at
    await pool.work()
    assert len(await pool.letters(kita[0], "nobody_found")) == 1


async def test_an_interpreter_who_says_forget_leaves_no_gap(pool: Pool) -> None:
    """Nothing of them stays, and the search begins again by itself."""
    kita = await pool.institution()
    amina, berivan = await pool.volunteer(), await pool.volunteer()
    number = await pool.ask(kita)
    await pool.accept(amina, number)
    async with pool.sessions.begin() as session:
        await forget(session, amina)
        assert (
            await session.scalar(select(Volunteer.id).where(Volunteer.chat_id == amina.id)) is None
        )
    await pool.work()
    assert (await pool.letters(kita[0], "interpreter_left"))[0]["promoted"] is False
    await pool.accept(berivan, number)
    async with pool.sessions.begin() as session:
        assert [row.chat_id for row in await session.scalars(select(Assignment))] == [berivan.id]


async def test_who_asked_says_forget(pool: Pool) -> None:
    """With nobody left of the institution the interpreter is told not to come."""
    kita = await pool.institution()
    amina = await pool.volunteer()
    number = await pool.ask(kita)
    await pool.accept(amina, number)
    async with pool.sessions.begin() as session:
        await forget(session, kita[0])
    await pool.work()
    assert (await pool.request(number)).state == State.CLOSED
    assert (await pool.kinds(amina))[-1] == "seat_gone"
    with pytest.raises(NotVolunteer):
        async with pool.sessions.begin() as session:
            await details(session, amina, number, pool.now)


async def test_an_hour_of_the_ledger_outlives_forget(pool: Pool) -> None:
    """What was interpreted and not yet confirmed is not lost; only the chat goes."""
    kita = await pool.institution()
    amina = await pool.volunteer()
    number = await pool.ask(kita)
    await pool.accept(amina, number)
    pool.now = (await pool.request(number)).ends_at + timedelta(hours=1)
    await pool.work()
    async with pool.sessions.begin() as session:
        await forget(session, amina)
    await pool.work()
    async with pool.sessions.begin() as session:
        [row] = await session.scalars(select(Assignment))
    assert (row.volunteer_name, row.chat_id, row.volunteer_id) == ("Amina Beispiel", None, None)


async def test_the_running_bot_does_the_jobs(pool: Pool, tmp_path: Path) -> None:
    """The clock of ``serve`` and ``work`` has a hand for them."""
    pool.now = datetime.now(UTC)
    kita = await pool.institution()
    amina = await pool.volunteer()
    async with pool.sessions.begin() as session:
        number = (await open_request(session, *kita, pool.wish(), pool.now)).id
    desk = open_desk(read_settings({"DATA_DIR": str(tmp_path)}))
    [jobs] = [task for task in _regular(pool.sessions, {}, desk) if task.name == "doing jobs"]
    assert await jobs.do() == 1
    assert await pool.offer(amina, number) is not None
    assert await jobs.do() == 0


async def test_a_job_that_fails_holds_up_no_other(
    pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    """It is tried again after a pause, and its words stay out of the log."""
    done: list[int] = []

    async def moody(session: object, subject: int, now: datetime) -> None:
        if subject == 1 and len(done) < 2:
            raise ValueError("Frau K. hat Grippe")
        done.append(subject)

    async def nothing(session: object, subject: int) -> None:
        return

    works = {"x": Work(nothing, moody)}
    async with pool.sessions.begin() as session:
        for subject in (1, 2, 3):
            await schedule(session, "x", subject, pool.now)
    assert await do_due(pool.sessions, works, pool.now) == 3
    assert done == [2, 3]
    assert "Grippe" not in caplog.text
    assert await do_due(pool.sessions, works, pool.later(seconds=14)) == 0
    assert await do_due(pool.sessions, works, pool.later(seconds=2)) == 1
    assert done == [2, 3, 1]
    async with pool.sessions.begin() as session:
        assert list(await session.scalars(select(Job))) == []


async def test_a_job_that_was_planned_anew_is_not_done_by_who_holds_the_old_one(
    pool: Pool, colleague: Sessions
) -> None:
    """Two transactions plan the same at once; the claimed one of before loses its effect."""
    async with pool.sessions.begin() as session:
        await schedule(session, "x", 1, pool.now)
    async with pool.sessions.begin() as session:
        [held] = await claim_jobs(session, pool.now)

    async def plan(sessions: Sessions, minutes: int) -> None:
        async with sessions.begin() as session:
            await schedule(session, "x", 1, pool.now + timedelta(minutes=minutes))

    await asyncio.gather(plan(pool.sessions, 5), plan(colleague, 6))
    async with pool.sessions.begin() as session:
        assert await take(session, held) is False
        [job] = await planned(session, 1, ["x"])
    assert job.due_at > pool.now
