"""Staff announce something, from the first word to the report, in the chat."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.app.serving import House
from bot.broadcasts import find_broadcast
from bot.db import Sessions
from bot.events import (
    EventDraft,
    Topic,
    cancel_event,
    change_event,
    create_event,
    draft_of,
    load_event,
    publish_event,
)
from bot.events.editing import revive_event
from bot.models import Broadcast, Delivery, StaffAction, StaffMember, Subscription
from bot.staff import Role
from bot.texts import HOUSE_TIME
from handlers.delivery import deliver_due
from handlers.staff.broadcasts import show_progress
from handlers.staff.broadcasts.releasing import read_moment
from tests.conftest import Clock, Meet
from tests.fake_telegram import FakeTelegram
from tests.people import Person, Reply
from tests.test_broadcasts.conftest import Office, at_noon

Colleague = Callable[[], Coroutine[Any, Any, Person]]


@pytest_asyncio.fixture
async def desk(
    house: House, meet: Meet, empty: Sessions, fake: FakeTelegram, clock: Clock
) -> AsyncIterator[Office]:
    """The running house at noon, without a row in its tables."""
    at_noon(clock)
    office = Office(empty, fake, clock)
    yield office
    clock.ahead = timedelta(0)


@pytest.fixture
def colleague(desk: Office, meet: Meet) -> Colleague:
    """Makes editors."""

    async def editor() -> Person:
        person = await meet().arrive()
        async with desk.sessions.begin() as session:
            session.add(
                StaffMember(
                    channel="telegram",
                    chat_id=person.id,
                    role=Role.EDITOR.value,
                    added_at=desk.clock(),
                )
            )
        return person

    return editor


@asynccontextmanager
async def sending(house: House) -> AsyncIterator[None]:
    """The house's own worker."""
    stop = asyncio.Event()
    task = asyncio.create_task(house.broadcaster().run(stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def _newest(desk: Office) -> Broadcast:
    async with desk.sessions.begin() as session:
        found = await session.scalar(
            select(Broadcast)
            .order_by(Broadcast.id.desc())
            .limit(1)
            .execution_options(populate_existing=True)
        )
    assert found is not None
    return found


async def _open_desk(person: Person) -> None:
    await person.say("/staff")
    await person.press("Ankündigungen")


async def _write(person: Person, language: str, words: str) -> None:
    await person.press("Texte")
    await person.press(language)
    await person.say(words)


async def _post(desk: Office, house: House) -> None:
    await deliver_due(desk.sessions, house.bots, desk.clock())


def _newest_reply(desk: Office, person: Person) -> Reply:
    reply = Reply(desk.fake.sent_to(person.id)[-1])
    person.replies.append(reply)
    return reply


async def _approve(desk: Office, house: House, person: Person) -> None:
    await _post(desk, house)
    letter = _newest_reply(desk, person)
    await person.press("Lesen und zustimmen", letter)
    await person.press("Ich stimme zu")


async def test_from_the_first_word_to_the_report(
    desk: Office, house: House, colleague: Colleague
) -> None:
    """Written in German and Arabic, English for the Greeks, approved by a second person, sent."""
    writer, second = await colleague(), await colleague()
    germans = await desk.readers(12)
    arabs, greeks = await desk.readers(7, "ar"), await desk.readers(2, "el")
    await _open_desk(writer)
    await writer.press("Neue Ankündigung")
    assert "Noch nötig: ein Text für" in writer.last.text
    assert "Fragen Sie" not in " ".join(writer.last.labels)
    await _write(writer, "Deutsch", "Der Kurs beginnt am Montag.")
    await _write(writer, "Englisch", "The course begins on Monday.")
    await _write(writer, "Arabisch", "تبدأ الدورة يوم الاثنين.")
    assert "Noch nötig: ein Text für Griechisch" in writer.last.text
    await writer.press("Texte")
    await writer.press("Griechisch")
    await writer.press("Kein Text. Die Menschen lesen: Englisch")
    assert "Griechisch: <5. Sie lesen: Englisch." in writer.last.text
    assert "Arabisch: 5 bis 9." in writer.last.text
    assert "Deutsch: etwa 10" in writer.last.text
    assert "Noch nötig" not in writer.last.text

    await writer.press("Test an mich")
    assert "تبدأ الدورة يوم الاثنين." in [reply.text for reply in writer.replies]
    await writer.press("Zurück")
    await writer.press("Zweite Person fragen")
    assert "Senden" not in writer.last.labels
    await _approve(desk, house, second)

    await _open_desk(writer)
    await writer.press(str((await _newest(desk)).id))
    await writer.press("Senden")
    await writer.press("Jetzt senden")
    number = (await _newest(desk)).id
    async with sending(house):
        await desk.until_state(number, "done")
    assert desk.reads(germans[0]) == ["Der Kurs beginnt am Montag."]
    assert desk.reads(arabs[0]) == ["تبدأ الدورة يوم الاثنين."]
    assert desk.reads(greeks[0]) == ["The course begins on Monday."]
    assert set(desk.got(*germans, *arabs, *greeks).values()) == {1}

    desk.clock.ahead += timedelta(seconds=10)
    await show_progress(desk.sessions, house.telegram, "telegram", desk.clock())
    report = _newest_reply(desk, writer)
    assert "Gesendet: etwa 20" in report.text
    assert "Griechisch: weniger als 5 Menschen" in report.text
    await writer.press("Als Bild", report)
    assert writer.last.call.method == "sendPhoto"
    async with desk.sessions.begin() as session:
        acts = [row.action for row in await session.scalars(select(StaffAction))]
    assert "approve a broadcast" in acts


async def test_who_wrote_it_cannot_approve_it(
    desk: Office, house: House, colleague: Colleague
) -> None:
    """Nor does an approval outlive a change; the second person sees what is new."""
    writer, second = await colleague(), await colleague()
    await desk.readers(6)
    await _open_desk(writer)
    await writer.press("Neue Ankündigung")
    await _write(writer, "Deutsch", "Raum 1")
    await writer.press("Zweite Person fragen")
    number = (await _newest(desk)).id
    await writer.press_data(f"bc:approve:{number}:{(await _newest(desk)).version}", 1)
    assert "Das haben Sie selbst geschrieben" in writer.last.text
    await _approve(desk, house, second)
    assert (await _newest(desk)).state == "ready"
    await writer.press_data(f"bc:text:{number}:de", 1)
    await writer.say("Raum 2")
    assert (await _newest(desk)).state == "draft"
    await writer.press_data(f"bc:send:{number}:now", 1)
    assert "inzwischen" in writer.last.text
    await writer.press_data(f"bc:ask:{number}:", 1)
    await _post(desk, house)
    await second.press("Lesen und zustimmen", _newest_reply(desk, second))
    shown = "\n".join(reply.text for reply in second.replies[-3:])
    assert "Vorher: Raum 1" in shown
    assert "Jetzt: Raum 2" in shown


async def test_what_is_urgent_needs_a_reason(desk: Office, colleague: Colleague) -> None:
    """In the place of the second person; the record keeps it."""
    writer = await colleague()
    await desk.readers(6)
    await _open_desk(writer)
    await writer.press("Neue Ankündigung")
    await _write(writer, "Deutsch", "Bitte das Wasser abkochen.")
    await writer.press("Es ist dringend")
    await writer.say("Keime im Trinkwasser")
    assert "Keime im Trinkwasser" in writer.last.text
    assert "Senden" in writer.last.labels
    async with desk.sessions.begin() as session:
        details = [row.detail for row in await session.scalars(select(StaffAction))]
    assert any("Keime im Trinkwasser" in detail for detail in details)


async def test_few_people_cannot_be_chosen(desk: Office, colleague: Colleague) -> None:
    """A topic that four people want is no button; forged, it is refused before it leaves."""
    writer = await colleague()
    await desk.readers(30, topic="courses")
    await desk.readers(4, topic="women")
    await _open_desk(writer)
    await writer.press("Neue Ankündigung")
    await _write(writer, "Deutsch", "Hallo")
    await writer.press("Für wen")
    assert any(label.startswith("Kurse (etwa 30)") for label in writer.last.labels)
    assert not any("Für Frauen" in label for label in writer.last.labels)
    assert "Für Frauen" in writer.last.text
    number = (await _newest(desk)).id
    await writer.press_data(f"bc:topic:{number}:women", 1)
    assert "Menschen: <5" in writer.last.text
    await writer.press_data(f"bc:ask:{number}:", 1)
    assert "Weniger als 5 Menschen" in writer.last.text


async def test_a_broadcast_follows_its_event(
    desk: Office, house: House, colleague: Colleague
) -> None:
    """The room changes: every delivered message shows the new one, and nobody gets another."""
    writer, second = await colleague(), await colleague()
    readers = await desk.readers(6, topic="courses")
    now = desk.clock()
    starts = (now + timedelta(days=5)).astimezone(HOUSE_TIME).replace(hour=18, microsecond=0)
    async with desk.sessions.begin() as session:
        event = await create_event(
            session,
            EventDraft(
                topic=Topic.COURSES,
                title="Nähkurs",
                text="Wir nähen.",
                place="Raum 1",
                starts_at=starts,
            ),
            now,
        )
        await publish_event(session, event.id, now)
    await writer.press_data(f"evs:show:{event.id}:", 1)
    await writer.press("Ankündigen")
    assert "Noch nötig" not in writer.last.text
    await writer.press("Zweite Person fragen")
    await _approve(desk, house, second)
    number = (await _newest(desk)).id
    await writer.press_data(f"bc:send:{number}:now", 1)
    async with sending(house):
        await desk.until_state(number, "done")
        assert "Raum 1" in desk.reads(readers[0])[0]
        desk.clock.ahead += timedelta(minutes=1)
        async with desk.sessions.begin() as session:
            loaded = await load_event(session, event.id)
            assert loaded is not None
            await change_event(
                session,
                event.id,
                draft_of(loaded.event).model_copy(update={"place": "Raum 9"}),
                desk.clock(),
            )
        await show_progress(desk.sessions, house.telegram, "telegram", desk.clock())
        await desk.until_state(number, "done")
    for chat in readers:
        [text] = desk.reads(chat)
        assert "Raum 9" in text
    assert set(desk.got(*readers).values()) == {1}


async def test_what_is_cancelled_is_sent_to_nobody_else(
    desk: Office, house: House, colleague: Colleague
) -> None:
    """The event is cancelled before its announcement leaves, and after it left."""
    writer = await colleague()
    readers = await desk.readers(6, topic="courses")
    now = desk.clock()
    async with desk.sessions.begin() as session:
        draft = EventDraft(
            topic=Topic.COURSES, title="Nähkurs", text="x", place="y", starts_at=now + timedelta(5)
        )
        event = await create_event(session, draft, now)
        await publish_event(session, event.id, now)
    await writer.press_data(f"bc:event:{event.id}:", 1)
    early = (await _newest(desk)).id
    await writer.press_data(f"bc:event:{event.id}:", 1)
    late = (await _newest(desk)).id
    async with desk.sessions.begin() as session:
        for number in (early, late):
            broadcast = await find_broadcast(session, number)
            broadcast.state, broadcast.scheduled_at = "ready", now
            if number == late:
                broadcast.scheduled_at = now + timedelta(minutes=2)
    async with sending(house):
        await desk.until_state(early, "done")
        desk.clock.ahead += timedelta(minutes=1)
        async with desk.sessions.begin() as session:
            await cancel_event(session, event.id, "Die Lehrerin ist krank.", desk.clock())
        desk.clock.ahead += timedelta(minutes=2)
        await desk.until_state(late, "cancelled")
        await show_progress(desk.sessions, house.telegram, "telegram", desk.clock())
        await desk.until_state(early, "done")
    await _post(desk, house)
    assert any("findet nicht statt" in text for text in desk.reads(writer.id)[-4:])
    assert set(desk.got(*readers).values()) == {1}
    for chat in readers:
        [text] = desk.reads(chat)
        assert text.startswith("Das findet nicht mehr statt.")
        assert "Die Lehrerin ist krank." in text
    async with sending(house):
        desk.clock.ahead += timedelta(minutes=1)
        async with desk.sessions.begin() as session:
            await revive_event(session, event.id, desk.clock())
        await show_progress(desk.sessions, house.telegram, "telegram", desk.clock())
        await desk.until_state(early, "done")
    assert "Das findet nicht mehr statt." not in desk.reads(readers[0])[0]
    assert set(desk.got(*readers).values()) == {1}


async def test_one_tap_under_a_broadcast_ends_the_topic(
    desk: Office, house: House, meet: Meet
) -> None:
    """A resident presses the button and gets no more of it."""
    resident = await meet().arrive()
    await desk.readers(5)
    async with desk.sessions.begin() as session:
        session.add(
            Subscription(channel="telegram", chat_id=resident.id, topic="courses", municipality="")
        )
    first = await desk.release(de="Erster Kurs")
    async with sending(house):
        await desk.until_state(first, "done")
        message = _newest_reply(desk, resident)
        assert message.text == "Erster Kurs"
        await resident.press("Keine Nachrichten mehr: Kurse", message)
        second = await desk.release(de="Zweiter Kurs")
        await desk.until_state(second, "done")
    assert "Zweiter Kurs" not in desk.reads(resident.id)


async def test_who_forgets_leaves_no_row(desk: Office, house: House, meet: Meet) -> None:
    """/forget takes the ledger's rows, too; /mydata shows them before."""
    resident = await meet().arrive()
    async with desk.sessions.begin() as session:
        session.add(
            Delivery(
                broadcast_id=1,
                channel="telegram",
                chat_id=resident.id,
                state="sent",
                due_at=desk.clock(),
                message_id=3,
            )
        )
    await resident.say("/mydata")
    assert b"announcements_got" in next(iter(resident.last.call.files.values()))
    await resident.say("/forget")
    await resident.press("Ja, alles löschen")
    async with desk.sessions.begin() as session:
        rows = await session.scalars(select(Delivery).where(Delivery.chat_id == resident.id))
        assert rows.all() == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("24.12. 10:00", "2026-12-24T10:00+01:00"),
        ("3.1. 9 Uhr", "2027-01-03T09:00+01:00"),
        ("28.11.2026, 8.30 Uhr", "2026-11-28T08:30+01:00"),
        ("24.12.2025 10:00", None),
        ("31.2. 10:00", None),
        ("bald", None),
    ],
)
def test_moments_as_staff_write_them(written: str, meant: str | None) -> None:
    """The next one that comes; never one that has passed."""
    now = datetime(2026, 11, 27, 12, tzinfo=HOUSE_TIME)
    found = read_moment(written, now)
    assert (found.isoformat(timespec="minutes") if found else None) == meant
