"""The ledger: everybody once, whatever goes wrong, and nothing is hidden."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from bot.broadcasts import (
    MOST_A_WEEK,
    cancel,
    correct_text,
    decide_uncertain,
    find_broadcast,
    go_on,
    pause,
    quiet_until,
    release,
    withdraw,
)
from bot.errors import ChangedMeanwhile
from bot.models import Broadcast, Delivery, Letter, Subscription, UnreachableChat
from bot.pacing import Limits
from tests.fake_telegram import Failure
from tests.test_broadcasts.conftest import Office


async def test_everybody_gets_it_once_in_their_language(office: Office) -> None:
    """Fifty read German, ten English; a second round sends nothing more."""
    germans, english = await office.readers(50), await office.readers(10, "en")
    others = await office.readers(5, topic="sport")
    number = await office.release(de="Der Kurs beginnt.", en="The course begins.")
    async with office.at_work():
        await office.until_state(number, "done")
    assert set(office.got(*germans, *english).values()) == {1}
    assert office.reads(germans[0]) == ["Der Kurs beginnt."]
    assert office.reads(english[0]) == ["The course begins."]
    assert sum(office.got(*others).values()) == 0
    counted = await office.tally(number)
    assert (counted.sent, counted.total) == (60, 60)


async def test_who_blocked_us_is_noted_and_left_out_afterwards(office: Office) -> None:
    """The second broadcast does not even try."""
    readers = await office.readers(6)
    office.fake.blocked.add(readers[0])
    del office.fake.chats.known[readers[1]]
    first = await office.release()
    async with office.at_work():
        await office.until_state(first, "done")
        counted = await office.tally(first)
        assert (counted.sent, counted.blocked, counted.deleted) == (4, 1, 1)
        tried = office.fake.attempts["sendMessage"]
        second = await office.release(de="Noch etwas")
        await office.until_state(second, "done")
    assert office.fake.attempts["sendMessage"] == tried + 4
    counted = await office.tally(second)
    assert (counted.sent, counted.left_out) == (4, 2)
    async with office.sessions.begin() as session:
        assert await session.get(UnreachableChat, ("telegram", readers[0])) is not None
    office.fake.refused.clear()


@pytest.mark.parametrize("kind", ["drop", "drop_after", "502", "nonsense"])
async def test_what_left_without_an_answer_is_uncertain(office: Office, kind: Failure) -> None:
    """It is shown, not repeated; staff choose once."""
    readers = await office.readers(3)
    office.fake.fail("sendMessage", kind, chat_id=readers[1])
    number = await office.release()
    async with office.at_work():
        await office.until_state(number, "done")
        counted = await office.tally(number)
        assert (counted.sent, counted.uncertain) == (2, 1)
        async with office.sessions.begin() as session:
            assert await decide_uncertain(session, number, True, office.clock()) == 1
        await office.until_state(number, "done")
    assert (await office.tally(number)).sent == 3
    assert office.got(readers[1])[readers[1]] == (2 if kind == "drop_after" else 1)
    with pytest.raises(ChangedMeanwhile):
        async with office.sessions.begin() as session:
            await decide_uncertain(session, number, True, office.clock())


async def test_a_storm_of_server_errors_passes(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Bot API's own errors say that nothing was sent: everybody gets it once after all."""
    monkeypatch.setattr("bot.channels.calls._SERVER_PAUSE", 0.1)
    readers = await office.readers(20)
    office.fake.fail("sendMessage", "500", times=30)
    number = await office.release()
    async with office.at_work():
        await office.until_state(number, "done", within=40)
    assert set(office.got(*readers).values()) == {1}
    assert (await office.tally(number)).sent == 20


async def test_a_cut_of_the_network_loses_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nothing can be reached nothing is sent; afterwards everybody gets it, once."""
    monkeypatch.setattr("bot.channels.calls._NETWORK_PAUSE", 0.1)
    readers = await office.readers(30)
    await office.fake.stop()
    number = await office.release()
    async with office.at_work():
        await asyncio.sleep(2)
        counted = await office.tally(number)
        assert (counted.sent, counted.uncertain, counted.failed) == (0, 0, 0)
        await office.fake.come_back()
        await office.until_state(number, "done", within=40)
    assert set(office.got(*readers).values()) == {1}


async def test_what_never_left_is_sent_after_all(office: Office) -> None:
    """The database broke while it wrote "sending": this worker knows that it sent nothing."""
    readers = await office.readers(5)
    number = await office.release()
    worker = office.worker()
    async with office.sessions.begin() as session:
        broadcast = await find_broadcast(session, number)
        broadcast.state = "running"
        for chat in readers:
            session.add(
                Delivery(
                    broadcast_id=number,
                    channel="telegram",
                    chat_id=chat,
                    state="sending",
                    due_at=office.clock(),
                    claimed_by=worker._pace.worker,
                )
            )
    async with office.at_work(worker):
        await office.until_state(number, "done")
    assert set(office.got(*readers).values()) == {1}
    assert (await office.tally(number)).uncertain == 0


async def test_a_pause_holds_and_going_on_goes_on(office: Office) -> None:
    """Between the two nobody gets anything."""
    readers = await office.readers(60)
    number = await office.release()
    async with office.at_work(limits=Limits(per_second=60, chat_per_second=1_000)):
        await office.until(lambda: sum(office.got(*readers).values()) > 5)
        async with office.sessions.begin() as session:
            await pause(session, number, office.clock())
        await asyncio.sleep(0.4)
        so_far = sum(office.got(*readers).values())
        assert so_far < 60
        await asyncio.sleep(0.5)
        assert sum(office.got(*readers).values()) == so_far
        async with office.sessions.begin() as session:
            await go_on(session, number, office.clock())
        await office.until_state(number, "done")
    assert set(office.got(*readers).values()) == {1}


async def test_quiet_hours_are_kept(office: Office) -> None:
    """At night only what is urgent leaves; in the morning the rest."""
    [reader, *_] = await office.readers(5)
    office.clock.ahead += timedelta(hours=10)
    ordinary = await office.release(de="Sommerfest")
    urgent = await office.release(de="Wasser abkochen", urgent="Keime im Wasser")
    async with office.at_work():
        await office.until_state(urgent, "done")
        assert office.reads(reader) == ["Wasser abkochen"]
        office.clock.ahead += quiet_until(office.clock()) - office.clock() + timedelta(minutes=1)
        await office.until_state(ordinary, "done")
    assert office.reads(reader) == ["Wasser abkochen", "Sommerfest"]


async def test_stop_counts_in_mid_run(office: Office) -> None:
    """Who says stop while it runs gets nothing more of it."""
    readers = await office.readers(60)
    number = await office.release()
    async with office.at_work(limits=Limits(per_second=60, chat_per_second=1_000)):
        await office.until(lambda: sum(office.got(*readers).values()) > 3)
        async with office.sessions.begin() as session:
            await session.execute(delete(Subscription).where(Subscription.chat_id == readers[-1]))
        await office.until_state(number, "done")
    counts = office.got(*readers)
    assert counts.pop(readers[-1]) == 0
    assert set(counts.values()) == {1}
    assert (await office.tally(number)).left_out == 1


async def test_words_that_break_the_markup_stop_one_language(office: Office) -> None:
    """The others go on, staff are told, and after the correction its readers get it, too."""
    germans, arabs = await office.readers(8), await office.readers(8, "ar")
    number = await office.release(de="Gut", ar="<b>خطأ")
    async with office.at_work():
        await office.until_state(number, "done")
        counted = await office.tally(number)
        assert (counted.sent, counted.held) == (8, 8)
        assert set(office.got(*germans).values()) == {1}
        assert office.fake.attempts["sendMessage"] < 17
        async with office.sessions.begin() as session:
            letters = [letter.kind for letter in await session.scalars(select(Letter))]
            assert letters.count("broadcast_language") == 1
            await correct_text(session, number, "ar", "<b>صحيح</b>", office.clock())
        await office.until_state(number, "done")
    assert [office.reads(chat) for chat in arabs] == [["صحيح"]] * 8
    assert set(office.got(*germans).values()) == {1}
    assert len(office.fake.refused) >= 1
    office.fake.refused.clear()


async def test_a_text_as_long_as_telegram_takes(office: Office) -> None:
    """4,096 characters of Arabic with markup on top of them."""
    [reader, *_] = await office.readers(5, "ar")
    words = "ابتث جحخد " * 409 + "ابتثجح"
    assert len(words) == 4096
    number = await office.release(de="Kurz", ar=f"<b>{words[:2000]}</b>{words[2000:]}")
    async with office.at_work():
        await office.until_state(number, "done")
    assert office.reads(reader) == [words]


async def test_a_correction_edits_what_was_delivered(office: Office) -> None:
    """Half of it was sent: those messages are edited, the other half gets the new words at once."""
    readers = await office.readers(60)
    number = await office.release(de="Raum 1")
    async with office.at_work(limits=Limits(per_second=60, chat_per_second=1_000)):
        await office.until(lambda: sum(office.got(*readers).values()) > 15)
        async with office.sessions.begin() as session:
            await correct_text(session, number, "de", "Raum 2", office.clock())
        await office.until_state(number, "done")
    assert set(office.got(*readers).values()) == {1}
    assert [office.reads(chat) for chat in readers] == [["Raum 2"]] * 60
    assert (await office.tally(number)).sent == 60


async def test_what_is_withdrawn_says_so(office: Office) -> None:
    """Every delivered message gets the line; nobody gets a second message."""
    readers = await office.readers(6)
    number = await office.release(de="Fest am Samstag")
    async with office.at_work():
        await office.until_state(number, "done")
        async with office.sessions.begin() as session:
            await withdraw(session, number, office.clock())
        await office.until_state(number, "done")
    assert set(office.got(*readers).values()) == {1}
    for chat in readers:
        [text] = office.reads(chat)
        assert "Fest am Samstag" in text
        assert text.startswith("Das findet nicht mehr statt")


async def test_a_cancelled_broadcast_ends_at_once(office: Office) -> None:
    """Who has not got it gets nothing."""
    readers = await office.readers(60)
    number = await office.release()
    async with office.at_work(limits=Limits(per_second=60, chat_per_second=1_000)):
        await office.until(lambda: sum(office.got(*readers).values()) > 3)
        async with office.sessions.begin() as session:
            await cancel(session, number, office.clock())
        await asyncio.sleep(0.5)
    counted = await office.tally(number)
    assert counted.sent == sum(office.got(*readers).values()) < 60
    assert counted.sent + counted.left_out == 60


async def test_what_comes_back_after_a_cancel_is_left_out(office: Office) -> None:
    """Messages under way meet a busy Telegram while staff cancel: they do not wait for ever."""
    readers = await office.readers(8)
    number = await office.release()
    async with office.sessions.begin() as session:
        await session.execute(update(Broadcast).values(state="cancelled"))
        session.add_all(
            Delivery(
                broadcast_id=number,
                channel="telegram",
                chat_id=chat,
                state="planned",
                task="send",
                due_at=office.clock(),
                reason="busy",
            )
            for chat in readers
        )
    async with office.at_work():
        await office.until(lambda: True)
        await asyncio.sleep(0.3)
    counted = await office.tally(number)
    assert (counted.sent, counted.left_out) == (0, 8)
    assert sum(office.got(*readers).values()) == 0


async def test_two_who_press_send_send_once(office: Office) -> None:
    """The first press wins; the second one is told."""
    await office.readers(5)
    number = await office.release()
    async with office.sessions.begin() as session:
        broadcast = await find_broadcast(session, number)
        broadcast.scheduled_at, broadcast.approved_version = None, broadcast.version

    async def press() -> bool:
        try:
            async with office.sessions.begin() as session:
                await release(session, number, office.clock(), "telegram", office.clock())
        except ChangedMeanwhile:
            return False
        return True

    assert sorted(await asyncio.gather(press(), press(), press())) == [False, False, True]
    async with office.at_work():
        await office.until_state(number, "done")
    assert (await office.tally(number)).sent == 5


async def test_at_most_so_many_a_week_and_the_rest_in_one_message(office: Office) -> None:
    """The fourth and fifth announcement of a week come as one digest, seven days later."""
    [reader, *_] = await office.readers(5)
    async with office.at_work():
        for number in range(1, MOST_A_WEEK + 3):
            released = await office.release(de=f"Neuigkeit {number}")
            if number <= MOST_A_WEEK:
                await office.until_state(released, "done")
            else:
                await office.until_state(released, "running")
        await asyncio.sleep(0.5)
        assert len(office.reads(reader)) == MOST_A_WEEK
        assert (await office.tally(released)).later == 5
        office.clock.ahead += timedelta(days=7, minutes=5)
        await office.until_state(released, "done")
        assert office.reads(reader)[MOST_A_WEEK:] == ["1.\nNeuigkeit 4\n\n— — —\n\n2.\nNeuigkeit 5"]
        async with office.sessions.begin() as session:
            await correct_text(session, released, "de", "Neuigkeit fünf", office.clock())
        await office.until_state(released, "done")
    assert office.reads(reader)[MOST_A_WEEK:] == ["1.\nNeuigkeit 4\n\n— — —\n\n2.\nNeuigkeit fünf"]


async def test_a_clock_that_jumps_sends_nothing_twice(office: Office) -> None:
    """An hour forward and two back: on PostgreSQL each of two workers takes the other for dead."""
    readers = await office.readers(80)
    number = await office.release()
    limits = Limits(per_second=60, chat_per_second=1_000)
    crew = [office.worker(limits) for _ in range(1 if office.sessions.sqlite else 2)]
    async with office.at_work(*crew):
        for hours in (1, -2, 1):
            await asyncio.sleep(0.4)
            office.clock.ahead += timedelta(hours=hours)
        await office.until_state(number, "done")
    assert set(office.got(*readers).values()) == {1}
    counted = await office.tally(number)
    assert (counted.sent, counted.uncertain) == (80, 0)
