"""What case workers see in the chat, and the pause button."""

import pytest_asyncio
from pyrage import x25519

from bot.app.serving import House
from bot.db import Sessions
from bot.models import StaffMember
from bot.reports.cases import case_lines, take_step
from bot.reports.notices import move_and_tell
from bot.staff import Role
from handlers.delivery import reports_waiting
from tests.conftest import Clock, Meet
from tests.people import Person
from tests.test_report_dialogue.conftest import Reporter

WORD = "Zwetschgenknödel"


@pytest_asyncio.fixture
async def worker(meet: Meet, empty: Sessions, clock: Clock) -> Person:
    """A case worker."""
    person = await meet().arrive()
    async with empty.begin() as session:
        session.add(
            StaffMember(
                channel="telegram", chat_id=person.id, role=Role.CASE_WORKER, added_at=clock()
            )
        )
    return person


async def test_a_case_worker_sees_states_and_never_content(
    worker: Person, reporter: Reporter, empty: Sessions, house: House, clock: Clock
) -> None:
    """State, week, tasks with their days; not a word of the report."""
    await reporter.begin()
    await reporter.say(WORD)
    await reporter.to_preview()
    await reporter.send_it()
    async with empty.begin() as session:
        await move_and_tell(session, house.office.reporting.site, clock())
        [line] = await case_lines(session)
        await take_step(session, line.id, "first-check", 1, clock(), house.office.today())
    await worker.say("/staff")
    await worker.press("Fälle")
    text = worker.last.text
    assert line.id in text
    assert "erste Prüfung fertig" in text
    assert "Zu tun bis" in text
    assert WORD not in text
    assert "cases pull" in text


async def test_new_reports_are_paused_and_taken_again(
    worker: Person, reporter: Reporter, house: House, identity: x25519.Identity
) -> None:
    """At once, also for somebody in the middle: nothing is sent, nothing of the draft is lost."""
    await reporter.begin()
    await reporter.say(WORD)
    await reporter.to_preview()
    await reporter.press("Senden")
    await worker.say("/staff")
    await worker.press("Fälle")
    await worker.press("Neue Meldungen anhalten")
    assert "angehalten" in worker.last.text
    await reporter.press("Senden, Code aus 19 Ziffern")
    assert "nicht gesendet" in reporter.last.text
    [door] = (await Reporter(reporter.person, house, identity).say("/report"))[-1:]
    assert reporter.here in house.office.reporting.drafts
    await worker.press("Neue Meldungen wieder annehmen")
    await reporter.to_preview()
    await reporter.send_it()
    assert "angekommen" in reporter.on_screen[-1]
    assert door is not None


async def test_the_door_says_why_it_is_closed(worker: Person, meet: Meet) -> None:
    """In the reader's language, with the other ways."""
    await worker.say("/staff")
    await worker.press("Fälle")
    await worker.press("Neue Meldungen anhalten")
    try:
        reader = await meet("en").arrive("English")
        [reply] = await reader.say("/report")
        assert "take no new reports for a while" in reply.text
        assert "+49 6152 989772" in reply.text
    finally:
        await worker.press("Neue Meldungen wieder annehmen")


async def test_others_do_not_see_cases(meet: Meet, worker: Person) -> None:
    """A forged button opens nothing."""
    stranger = await meet().arrive()
    [reply] = await stranger.press_data("desk:cases:", stranger.last.message_id)
    assert "nur für Mitarbeitende" in reply.text


def test_a_notice_says_numbers_only() -> None:
    """How many reports are new, and that one of them is urgent."""
    words = reports_waiting({"reports": 2, "messages": 1, "urgent": 1, "again": False})
    assert words.splitlines() == [
        "Dringende Meldungen: 1",
        "Neue Meldungen: 2",
        "Neue Nachrichten zu Meldungen: 1",
    ]
