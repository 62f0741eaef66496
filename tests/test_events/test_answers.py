"""Who comes: places, the waiting list, reminders, links, calendar files, and nobody twice."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import icalendar
import pytest
from sqlalchemy import func, select

from bot.app.serving import House
from bot.db import Sessions
from bot.events import (
    Answer,
    cancel_event,
    change_event,
    come,
    comers,
    draft_of,
    fill_places,
    load_event,
    owe_due_reminders,
    remind,
    take_back,
)
from bot.events.answers import give_up_all
from bot.models import Attendance, Chat, Event, Letter, Reminder
from bot.outbox import claim_letters
from bot.texts import HOUSE_TIME
from handlers.delivery import _deliver
from tests.conftest import Clock, Meet
from tests.fake_telegram import FakeTelegram
from tests.people import Person, Reply
from tests.test_events.program import clock_strikes, put, wall


async def open_event(person: Person, event_id: int) -> None:
    """Follow a link to an event."""
    await person.say(f"/start event_{event_id}")


def about(person: Person, title: str) -> Reply:
    """The message about an event."""
    return next(reply for reply in person.replies if reply.text.startswith(title))


async def test_two_people_take_the_last_place_at_once(house: House, empty: Sessions) -> None:
    """One comes and one waits, however often it is tried; nobody has a place that is not there."""
    for _round in range(6):
        event_id = await put(house, capacity=3)
        people = [Chat("telegram", 900_000 + event_id * 10 + n) for n in range(6)]
        now = house.office.now()

        async def press(chat: Chat, event_id: int = event_id, now: datetime = now) -> Answer:
            async with house.office.sessions.begin() as session:
                return (await come(session, event_id, chat, 1, now)).answer

        answers = await asyncio.gather(*(press(chat) for chat in people))
        assert sorted(answers) == [Answer.COMES] * 3 + [Answer.WAITING] * 3
        async with house.office.sessions.begin() as session:
            event = await session.get_one(Event, event_id)
            assert event.places_taken == 3


async def test_coming_and_leaving_at_once_leaves_no_chair_empty(
    house: House, empty: Sessions
) -> None:
    """Whoever waits never misses the place that becomes free in the same moment."""
    for _round in range(6):
        event_id = await put(house, capacity=1)
        first, second = (Chat("telegram", 800_000 + event_id * 10 + n) for n in range(2))
        now = house.office.now()
        async with house.office.sessions.begin() as session:
            await come(session, event_id, first, 1, now)

        async def leave(event_id: int = event_id, who: Chat = first) -> None:
            async with house.office.sessions.begin() as session:
                await take_back(session, event_id, who, house.office.now())

        async def enter(event_id: int = event_id, who: Chat = second) -> None:
            async with house.office.sessions.begin() as session:
                await come(session, event_id, who, 1, house.office.now())

        await asyncio.gather(leave(), enter())
        async with house.office.sessions.begin() as session:
            [row] = await session.scalars(select(Attendance).where(Attendance.event_id == event_id))
            assert (row.chat_id, row.answer) == (second.id, "comes")


async def test_who_waits_moves_up_and_is_told(house: House, meet: Meet, empty: Sessions) -> None:
    """In the order in which they came, in their language, with a way out."""
    event_id = await put(house, title="Kochkurs", capacity=1)
    first, second = await meet().arrive(), await meet("en").arrive(language="English")
    third = await meet().arrive()
    for person in (first, second, third):
        await open_event(person, event_id)
        await person.press("I am coming" if person is second else "Ich komme")
    assert "Sie kommen. 1 Platz." in first.last.text
    assert "waiting list" in second.last.text
    await first.press("Ich komme nicht")
    await clock_strikes(house)
    [told] = second.fake.sent_to(second.id)[-1:]
    assert "There is a place for you now" in told.call["text"]
    assert "Kochkurs" in told.call["text"]
    await open_event(third, event_id)
    assert "Sie stehen auf der Warteliste" in third.last.text
    await second.press_data(f"evd:back:{event_id}:0", 1)
    await clock_strikes(house)
    assert "Jetzt ist ein Platz für Sie frei" in third.fake.sent_to(third.id)[-1].call["text"]


async def test_a_family_takes_places_and_gives_some_back(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """More than there are is said honestly; what was had before stays."""
    event_id = await put(house, capacity=4)
    family, other = await meet().arrive(), await meet().arrive()
    await open_event(family, event_id)
    await family.press("Ich komme")
    await family.press("Mehr Personen")
    await family.press("3 Plätze")
    assert "Sie kommen. 3 Plätze." in family.last.text
    await open_event(other, event_id)
    assert "Noch frei: 1 Platz" in other.last.text
    await other.press("Ich komme")
    await family.press("Mehr Personen")
    await family.press("6 Plätze")
    assert "Mehr Plätze gibt es nicht." in family.last.text
    assert "3 Plätze" in family.last.text
    await family.press("Mehr Personen")
    await family.press("1 Platz")
    await open_event(other, event_id)
    assert "Noch frei: 2 Plätze" in other.last.text


async def test_forgetting_frees_the_place(house: House, meet: Meet, empty: Sessions) -> None:
    """Nothing of the person is left, and whoever waited gets the place."""
    event_id = await put(house, capacity=1)
    first, second = await meet().arrive(), await meet().arrive()
    for person in (first, second):
        await open_event(person, event_id)
        await person.press("Ich komme")
    await first.say("/mydata")
    [file] = [c for c in first.fake.sent_to(first.id) if c.method == "sendDocument"]
    assert b'"answer": "comes"' in next(iter(file.files.values()))
    await first.say("/forget")
    await first.press("Ja, alles löschen")
    await clock_strikes(house)
    assert "Jetzt ist ein Platz" in second.fake.sent_to(second.id)[-1].call["text"]
    async with empty.begin() as session:
        rows = await session.scalars(select(Attendance.chat_id))
        assert list(rows) == [second.id]


async def test_a_larger_room_lets_people_move_up(house: House, meet: Meet, empty: Sessions) -> None:
    """Staff raise the number of places."""
    event_id = await put(house, capacity=1)
    people = [await meet().arrive() for _ in range(3)]
    for person in people:
        await open_event(person, event_id)
        await person.press("Ich komme")
    async with empty.begin() as session:
        loaded = await load_event(session, event_id)
        assert loaded is not None
        larger = draft_of(loaded.event).model_copy(update={"capacity": 2})
        await change_event(session, event_id, larger, house.office.now())
    await clock_strikes(house)
    assert "Jetzt ist ein Platz" in people[1].fake.sent_to(people[1].id)[-1].call["text"]
    assert "Warteliste" in people[2].last.text


async def test_the_reminder_comes_the_day_before_and_once(
    house: House, meet: Meet, empty: Sessions, clock: Clock
) -> None:
    """At five in the afternoon; a crash between clock and delivery neither loses nor doubles it."""
    event_id = await put(house, title="Schwimmkurs", starts_at=wall(house, 4, 9))
    person = await meet().arrive()
    await open_event(person, event_id)
    await person.press("Am Tag vorher erinnern")
    assert "17:00" in person.last.text
    before = len(person.fake.sent_to(person.id))
    eve = wall(house, 3, 17)
    clock.ahead = eve - timedelta(minutes=5) - datetime.now(HOUSE_TIME)
    await clock_strikes(house)
    assert len(person.fake.sent_to(person.id)) == before
    clock.ahead += timedelta(minutes=10)
    for _again in range(3):
        await clock_strikes(house)
    told = person.fake.sent_to(person.id)[before:]
    assert len(told) == 1
    assert "Nicht vergessen" in told[0].call["text"]
    assert "09:00" in told[0].call["text"]
    async with empty.begin() as session:
        assert await session.scalar(select(func.count()).select_from(Reminder)) == 0


async def test_two_clocks_owe_one_reminder_and_one_place(
    house: House, empty: Sessions, clock: Clock
) -> None:
    """Several workers strike at the same moment."""
    event_id = await put(house, capacity=1, starts_at=wall(house, 4, 9))
    first, second = Chat("telegram", 700_001), Chat("telegram", 700_002)
    now = house.office.now()
    async with empty.begin() as session:
        await come(session, event_id, first, 1, now)
        await come(session, event_id, second, 1, now)
        await remind(session, event_id, first, now)
        await give_up_all(session, first)
    later = wall(house, 3, 18)

    async def strike() -> None:
        async with empty.begin() as session:
            await owe_due_reminders(session, later)
            await fill_places(session, later)

    await asyncio.gather(*(strike() for _ in range(4)))
    async with empty.begin() as session:
        rows = await session.scalars(select(Letter).order_by(Letter.kind))
        owed = [(letter.kind, letter.chat_id) for letter in rows]
        event = await session.get_one(Event, event_id)
    assert owed == [("event_moved_up", second.id), ("event_reminder", first.id)]
    assert event.places_taken == 1


async def test_a_reminder_that_comes_too_late_is_not_sent(
    house: House, meet: Meet, empty: Sessions, clock: Clock
) -> None:
    """The program stood still until after the event."""
    event_id = await put(house, starts_at=wall(house, 4, 9))
    person = await meet().arrive()
    await open_event(person, event_id)
    await person.press("Am Tag vorher erinnern")
    before = len(person.fake.sent_to(person.id))
    clock.ahead = timedelta(days=6)
    await clock_strikes(house)
    assert len(person.fake.sent_to(person.id)) == before


async def test_a_moved_event_takes_answers_and_reminders_along(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """Those who come are told, the interested are not; the reminder is for the new day."""
    event_id = await put(house, title="Ausflug", capacity=5)
    comes, likes = await meet().arrive(), await meet().arrive()
    await open_event(comes, event_id)
    await comes.press("Ich komme")
    await comes.press("Am Tag vorher erinnern")
    await open_event(likes, event_id)
    await likes.press("Das interessiert mich")
    quiet = len(likes.fake.sent_to(likes.id))
    new = wall(house, 9, 14)
    async with empty.begin() as session:
        loaded = await load_event(session, event_id)
        assert loaded is not None
        moved = draft_of(loaded.event).model_copy(update={"starts_at": new})
        change = await change_event(session, event_id, moved, house.office.now())
        assert change.told == 1
        row = (await session.scalars(select(Attendance).where(Attendance.answer == "comes"))).one()
        assert row.occurs_at == new
        reminder = (await session.scalars(select(Reminder))).one()
        assert reminder.due_at == wall(house, 8, 17)
        event = await session.get_one(Event, event_id)
        assert (event.places_taken, event.places_taken_for) == (1, new)
    await clock_strikes(house)
    told = comes.fake.sent_to(comes.id)[-1].call["text"]
    assert "Etwas ist anders" in told
    assert "14:00" in told
    assert len(likes.fake.sent_to(likes.id)) == quiet


async def test_a_cancelled_event_is_told_to_who_comes_and_waits(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """With the reason; nobody can come any more, and no reminder is sent."""
    event_id = await put(house, title="Grillfest", capacity=1)
    people = [await meet().arrive() for _ in range(2)]
    for person in people:
        await open_event(person, event_id)
        await person.press("Ich komme")
    await people[0].press("Am Tag vorher erinnern")
    async with empty.begin() as session:
        change = await cancel_event(session, event_id, "Es <regnet>.", house.office.now())
        assert change.told == 2
        assert await session.scalar(select(func.count()).select_from(Reminder)) == 0
    await clock_strikes(house)
    for person in people:
        told = person.fake.sent_to(person.id)[-1].call["text"]
        assert "fällt aus" in told
        assert "Es &lt;regnet&gt;." in told
    late = await meet().arrive()
    await late.say("/events")
    assert "abgesagt" in late.last.text
    await open_event(late, event_id)
    assert "Ich komme" not in late.last.labels
    await late.press_data(f"evd:come:{event_id}:1", late.last.message_id)
    assert "fällt aus" in late.last.text


async def test_stop_ends_everything_at_once(house: House, meet: Meet, empty: Sessions) -> None:
    """Topics, reminders, waiting, and letters that are written already; a place stays theirs."""
    event_id = await put(house, title="Nähkurs", capacity=1)
    other_id = await put(house, title="Chorprobe", capacity=1)
    person, other = await meet().arrive(), await meet().arrive()
    await open_event(other, other_id)
    await other.press("Ich komme")
    await open_event(person, event_id)
    await person.press("Ich komme")
    await person.press("Am Tag vorher erinnern")
    await open_event(person, other_id)
    await person.press("Ich komme")
    assert "Warteliste" in person.last.text
    await person.press_data("hear:add:sport:-1", person.last.message_id)
    async with empty.begin() as session:
        loaded = await load_event(session, event_id)
        assert loaded is not None
        moved = draft_of(loaded.event).model_copy(update={"place": "Turnhalle"})
        assert (await change_event(session, event_id, moved, house.office.now())).told == 1
    replies = await person.say("/stop")
    assert "schreibe Ihnen nicht von selbst" in replies[0].text
    assert "Nähkurs" in replies[1].text
    before = len(person.fake.sent_to(person.id))
    await other.say("/events")
    await other.press_data(f"evd:back:{other_id}:0", other.last.message_id)
    async with empty.begin() as session:
        await cancel_event(session, event_id, "Leider.", house.office.now())
        mine = Letter.chat_id == person.id
        assert await session.scalar(select(func.count()).where(mine)) == 0
        assert (await session.execute(comers(event_id))).all() == []
    await clock_strikes(house)
    assert len(person.fake.sent_to(person.id)) == before
    await person.press("Ich komme nicht: Nähkurs")
    async with empty.begin() as session:
        rows = await session.scalars(select(Attendance).where(Attendance.chat_id == person.id))
        assert rows.all() == []


async def test_stop_while_a_letter_is_on_its_way(house: House, meet: Meet, empty: Sessions) -> None:
    """A worker holds the letter already; whoever says /stop before it is sent does not get it."""
    event_id = await put(house, capacity=1)
    first, second = await meet().arrive(), await meet().arrive()
    for person in (first, second):
        await open_event(person, event_id)
        await person.press("Ich komme")
    await first.press("Ich komme nicht")
    async with empty.begin() as session:
        letters = await claim_letters(session, list(house.bots), house.office.now())
    assert [letter.chat_id for letter in letters] == [second.id]
    await second.say("/stop")
    before = len(second.fake.sent_to(second.id))
    for letter in letters:
        await _deliver(empty, house.bots[letter.channel], letter, house.office.now())
    assert len(second.fake.sent_to(second.id)) == before


async def test_the_calendar_file_opens_in_the_reader_s_language(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """With the link to the event, the place and an alarm on the day before."""
    event_id = await put(
        house, title="Frauencafé", address="Am Markt 3", cost_cents=0, rule="FREQ=WEEKLY;COUNT=4"
    )
    person = await meet("en").arrive(language="English")
    await open_event(person, event_id)
    await person.press("Calendar file")
    [call] = [c for c in person.fake.sent_to(person.id) if c.method == "sendDocument"]
    [content] = call.files.values()
    read: Any = icalendar.Calendar.from_ical(content)
    [found] = read.walk("VEVENT")
    assert found["SUMMARY"] == "Frauencafé"
    assert "Cost: free" in found["DESCRIPTION"]
    assert "<" not in found["DESCRIPTION"]
    assert found["LOCATION"] == "Bürgerhaus, Am Markt 3, Raunheim"
    assert found["URL"] == f"https://t.me/kreis_test_bot?start=event_{event_id}"
    assert found["RRULE"]["COUNT"] == [4]
    assert len(found.walk("VALARM")) == 1


async def test_a_link_brings_a_newcomer_to_the_event_and_tells_who_we_are(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """Nothing is stored by looking; an answer needs the choice of a language first."""
    event_id = await put(house, title="Fest am See")
    friend = await meet().arrive()
    await open_event(friend, event_id)
    await friend.press("Weitersagen")
    [link] = [line for line in friend.last.text.splitlines() if line.startswith("https://t.me/")]
    newcomer = meet()
    replies = await newcomer.say(f"/start {link.partition('start=')[2]}")
    assert "Fest am See" in replies[0].text
    assert "Ich bin der Bot von" in replies[1].text
    await newcomer.press("Ich komme", about(newcomer, "Fest am See"))
    assert "Bitte wählen Sie Ihre Sprache" in newcomer.last.text
    async with empty.begin() as session:
        rows = await session.scalars(select(Attendance.id).where(Attendance.chat_id == newcomer.id))
        assert rows.all() == []
    await newcomer.press("Deutsch")
    await newcomer.press("Ich komme", about(newcomer, "Fest am See"))
    assert "Gut. Sie kommen." in newcomer.last.text


@pytest.mark.parametrize("argument", ["event_", "event_0", "event_x", "event_99999999999999999"])
async def test_a_broken_link_is_an_ordinary_start(meet: Meet, argument: str) -> None:
    """Whatever stands behind it."""
    person = meet()
    await person.say(f"/start {argument}")
    assert "Ich bin der Bot von" in person.last.text


async def test_a_series_is_answered_date_by_date(
    house: House, meet: Meet, empty: Sessions, clock: Clock
) -> None:
    """Places count for the next date only; afterwards the next one is free again."""
    event_id = await put(
        house, title="Lauftreff", starts_at=wall(house, 2, 18), rule="FREQ=WEEKLY", capacity=1
    )
    first, second = await meet().arrive(), await meet().arrive()
    await open_event(first, event_id)
    await first.press("Ich komme")
    await open_event(second, event_id)
    assert "Alle Plätze sind besetzt" in second.last.text
    clock.ahead = timedelta(days=4)
    await open_event(second, event_id)
    assert "Noch frei: 1 Platz" in second.last.text
    await second.press("Ich komme")
    assert "Gut. Sie kommen." in second.last.text
    await open_event(first, event_id)
    assert "Sie kommen" not in first.last.text


async def test_a_block_in_between_leaves_the_other_letters(
    house: House, meet: Meet, empty: Sessions, fake: FakeTelegram
) -> None:
    """One reader blocked the bot; the next one is told all the same."""
    event_id = await put(house)
    people = [await meet().arrive() for _ in range(2)]
    for person in people:
        await open_event(person, event_id)
        await person.press("Ich komme")
    fake.blocked.add(people[0].id)
    async with empty.begin() as session:
        await cancel_event(session, event_id, "Leider.", house.office.now())
    await clock_strikes(house)
    assert "fällt aus" in fake.sent_to(people[1].id)[-1].call["text"]
    async with empty.begin() as session:
        assert await session.scalar(select(func.count()).select_from(Letter)) == 0
