"""The pace: never faster than Telegram allows, replies first, and deadlines kept to the end."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from aiogram import Bot
from aiogram.exceptions import TelegramRetryAfter

from bot.broadcasts import Again, Gone, Refused, TokenLost, Uncertain
from bot.channels import telegram
from bot.channels.calls import outcome_of
from bot.db import Sessions
from bot.pacing import ChatPace, Held, Lane, Limits, Pace, in_lane
from tests.fake_telegram import TOKEN, FakeTelegram
from tests.telegram_flood import FloodControl
from tests.test_broadcasts.conftest import Office
from tests.test_telegram.conftest import close, text_update

CHAT, OTHER, THIRD = 71, 72, 73


@pytest_asyncio.fixture
async def pace(empty: Sessions) -> Pace:
    """Telegram's pace, on each database."""
    return Pace(empty, "telegram")


@pytest_asyncio.fixture
async def bot(server: FakeTelegram, pace: Pace) -> AsyncIterator[Bot]:
    """A bot at that pace, known in three chats."""
    for chat in (CHAT, OTHER, THIRD):
        await server.send(text_update("hallo", chat_id=chat))
    bot = telegram.create_bot(TOKEN, server.url, pace)
    yield bot
    await close(bot)


def test_a_chat_gets_a_short_burst_and_then_one_a_second() -> None:
    """Five at once, the sixth a second later; after a quiet while five again."""
    chats = ChatPace(Limits())
    for _ in range(5):
        assert chats.wait(CHAT, 100.0) == 0
        chats.take(CHAT, 100.0)
    assert chats.wait(CHAT, 100.0) == pytest.approx(1)
    assert chats.wait(OTHER, 100.0) == 0
    chats.take(CHAT, 101.0)
    assert chats.wait(CHAT, 101.0) == pytest.approx(1)
    assert chats.wait(CHAT, 107.0) == 0


def test_a_group_gets_twenty_a_minute() -> None:
    """The twenty-first waits until a minute after the first."""
    chats = ChatPace(Limits())
    moment = 100.0
    for _ in range(20):
        moment += chats.wait(-5, moment)
        chats.take(-5, moment)
    assert moment + chats.wait(-5, moment) == pytest.approx(160.0)


def test_memory_of_chats_does_not_grow() -> None:
    """Chats whose past no longer matters are forgotten."""
    chats = ChatPace(Limits())
    for number in range(10_000):
        chats.take(number, number / 10)
    assert len(chats._free_at) < 2_100


async def _spend(pace: Pace, seconds: float) -> list[float]:
    """When broadcasts left, for so long."""
    left: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await pace.next_place(1_000)
        await pace.broadcast(1_000_000 + len(left))
        left.append(time.monotonic())
    return left


def _most_in_a_second(times: list[float]) -> int:
    return max(sum(1 for t in times if start <= t < start + 1) for start in times)


async def test_broadcasts_leave_room_and_replies_use_it(pace: Pace) -> None:
    """Broadcasts take 23 a second; replies beside them go at once; together never more than 29."""
    replies: list[float] = []
    waits: list[float] = []

    async def reply_often() -> None:
        for number in range(12):
            await asyncio.sleep(0.2)
            began = time.monotonic()
            await pace.reply(number + 1)
            replies.append(time.monotonic())
            waits.append(replies[-1] - began)

    left, _none = await asyncio.gather(_spend(pace, 2.6), reply_often())
    assert 23 * 2.6 * 0.8 < len(left) <= 23 * 2.6 + 3
    assert _most_in_a_second(left) <= 24
    assert _most_in_a_second(sorted(left + replies)) <= 29
    assert sorted(waits)[len(waits) // 2] < 0.1


async def test_what_was_held_up_does_not_leave_all_at_once(pace: Pace) -> None:
    """Places were given, the database stood still for a while, then everything is ready."""
    for _ in range(24):
        await pace.next_place(100)
    left: list[float] = []

    async def leave(number: int) -> None:
        await pace.broadcast(1_000_000 + number)
        left.append(time.monotonic())

    await asyncio.gather(*(leave(number) for number in range(40)))
    assert _most_in_a_second(sorted(left)) <= 24


async def test_a_rush_of_replies_goes_before_a_broadcast(pace: Pace) -> None:
    """Forty replies at once: broadcasts hold until they are through."""
    broadcasting = asyncio.create_task(_spend(pace, 3))
    await asyncio.sleep(1)
    began = time.monotonic()
    await asyncio.gather(*(pace.reply(number + 1) for number in range(40)))
    took = time.monotonic() - began
    left = await broadcasting
    during = [moment for moment in left if began <= moment < began + took - 0.1]
    assert took < 2.5
    assert len(during) <= 3


async def test_two_workers_share_one_pace(empty: Sessions) -> None:
    """What one of them takes the other one does not get."""
    one, two = Pace(empty, "telegram"), Pace(empty, "telegram")
    await one.refresh()
    await two.refresh()
    await one.refresh()
    assert (one.workers, two.workers) == (2, 2)
    first, second = await asyncio.gather(_spend(one, 2), _spend(two, 2))
    assert 23 * 2 * 0.75 < len(first) + len(second) <= 23 * 2 + 8
    assert _most_in_a_second(sorted(first + second)) <= 28


async def test_what_missed_its_place_takes_a_new_one(empty: Sessions) -> None:
    """Two workers' messages were held up on their way: together they still keep the pace."""
    if empty.sqlite:
        pytest.skip("one process: it knows of everything that leaves")
    crew = [Pace(empty, "telegram") for _ in range(2)]
    for pace in (*crew, crew[0]):
        await pace.refresh()
    assert [pace.workers for pace in crew] == [2, 2]
    places = [(pace, await pace.next_place(100)) for _ in range(10) for pace in crew]
    await asyncio.sleep(0.2)  # the database stands still
    left: list[float] = []

    async def leave(number: int, pace: Pace, place: float) -> None:
        with in_lane(Lane.BROADCAST, place):
            await pace.broadcast(1_000_000 + number)
        left.append(time.monotonic())

    await asyncio.gather(*(leave(n, pace, place) for n, (pace, place) in enumerate(places)))
    assert _most_in_a_second([t for t in left if t < min(left) + 0.3]) <= 23 * 0.3 + 3
    assert max(left) - min(left) > 19 / 23 * 0.8


async def test_a_deadline_is_kept_to_the_end(server: FakeTelegram, bot: Bot, pace: Pace) -> None:
    """Telegram asks one chat to wait: that chat waits all of it, the others do not."""
    server.flood = FloodControl()
    server.flood.halt(CHAT, 1.0)
    began = time.monotonic()

    async def timed(chat: int) -> float:
        await bot.send_message(chat, "bitte")
        return time.monotonic() - began

    held, free = await asyncio.gather(timed(CHAT), timed(OTHER))
    assert held >= 1
    assert free < 0.9
    assert len(server.flood.early) == 1


async def test_of_two_deadlines_the_later_one_counts(pace: Pace) -> None:
    """A second 429 with less time to wait does not release the first one."""
    await pace.too_many(CHAT, 3)
    await pace.too_many(CHAT, 1)
    assert 2.5 < pace.halted(CHAT) <= 3
    assert pace.halted(OTHER) == 0


async def test_a_second_chat_that_must_wait_means_everybody(pace: Pace) -> None:
    """Telegram does not say which limit was meant; two chats at once is the common one."""
    await pace.too_many(CHAT, 2)
    assert pace.halted(THIRD) == 0
    await pace.too_many(OTHER, 1)
    assert 1.5 < pace.halted(THIRD) <= 2


async def test_a_chat_that_was_written_to_often_is_meant_itself(pace: Pace) -> None:
    """Its own limit explains it: the others go on."""
    await pace.too_many(CHAT, 2)
    for _ in range(4):
        await pace.reply(OTHER)
    await pace.too_many(OTHER, 20)
    assert pace.halted(OTHER) > 19
    assert pace.halted(THIRD) == 0


async def test_a_deadline_outlives_the_process(empty: Sessions, pace: Pace) -> None:
    """A worker that has just started, and one beside it, keep it, too."""
    await pace.too_many(None, 5)
    await pace.too_many(CHAT, 60)
    newcomer = Pace(empty, "telegram")
    with pytest.raises(Held):
        await newcomer.reply(CHAT, longest=30)
    assert 4 < newcomer.halted(OTHER) <= 5
    assert 58 < newcomer.halted(CHAT) <= 60


async def test_a_clock_that_is_set_ends_no_deadline(
    pace: Pace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour forward: what was noted is kept on a clock that cannot be set."""
    await pace.too_many(None, 20)
    monkeypatch.setattr("bot.pacing.meter.time.time", _ahead(time.time, 3600))
    await pace.refresh(datetime.now(UTC))
    assert 19 < pace.halted(None) <= 20


async def test_a_clock_that_is_set_back_holds_nobody_up(
    empty: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour back during a deadline: it lasts its length once more, not an hour."""
    if not empty.sqlite:
        pytest.skip("PostgreSQL has its own clock, which this test cannot set")
    one, two = Pace(empty, "telegram"), Pace(empty, "telegram")
    await one.too_many(None, 1)
    monkeypatch.setattr("bot.pacing.meter.time.time", _ahead(time.time, -3600))
    await two.refresh()
    assert 0.5 < two.halted(None) <= 1
    await asyncio.sleep(1.05)
    await one.too_many(None, 3)
    await two.refresh()
    assert 2.5 < two.halted(None) <= 3
    async with asyncio.timeout(6):
        await two.next_place(1)


def _ahead(clock: Callable[[], float], seconds: float) -> Callable[[], float]:
    return lambda: clock() + seconds


async def test_who_would_wait_too_long_is_told(server: FakeTelegram, bot: Bot, pace: Pace) -> None:
    """The call is not made; a letter is postponed by exactly that."""
    await pace.too_many(CHAT, 50)
    with pytest.raises(TelegramRetryAfter) as error:
        await bot.send_message(CHAT, "bitte")
    assert 45 <= error.value.retry_after <= 50
    assert server.attempts.get("sendMessage", 0) == 0


async def test_a_broadcast_does_not_wait_for_a_chat(bot: Bot, pace: Pace) -> None:
    """It goes on with others and comes back."""
    await pace.too_many(CHAT, 5)
    with in_lane(Lane.BROADCAST), pytest.raises(Held):
        await bot.send_message(CHAT, "bitte")


async def test_our_own_pace_never_meets_flood_control(office: Office) -> None:
    """Telegram's limits, counted strictly: 90 readers at full pace, and somebody who chats."""
    # What left in its time may come in late on a busy machine: a tenth more than Telegram's 30.
    office.fake.flood = FloodControl(per_second=33)
    readers = await office.readers(90)
    number = await office.release()
    async with office.at_work(limits=Limits()) as worker:
        await office.until(lambda: sum(office.got(*readers).values()) > 5)
        [chatting] = await office.readers(1, topic="sport")
        for _ in range(9):
            await office.bots[0].send_message(chatting, "Antwort")
            await asyncio.sleep(0.1)
        await office.until_state(number, "done", within=30)
    assert worker is not None
    assert office.fake.flood.caused == 0
    assert office.fake.flood.early == []
    assert set(office.got(*readers).values()) == {1}


async def test_everybody_waits_when_telegram_says_so(office: Office) -> None:
    """In the middle of a broadcast: nobody is written to before the time is over."""
    office.fake.flood = FloodControl()
    readers = await office.readers(40)
    number = await office.release()
    async with office.at_work(limits=Limits()):
        await office.until(lambda: sum(office.got(*readers).values()) > 5)
        office.fake.flood.halt(None, 1.5)
        await office.until_state(number, "done", within=30)
    # One chat is told, then a second one, and what was under way by then; afterwards nobody.
    assert 2 <= len(office.fake.flood.early) <= 6
    assert min(office.fake.flood.early) > 0.8
    assert set(office.got(*readers).values()) == {1}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("Forbidden: bot was blocked by the user", Gone("blocked")),
        ("Forbidden: user is deactivated", Gone("deleted")),
        ("Bad Request: chat not found", Gone("deleted")),
        ("Bad Request: can't parse entities: x", Refused("Bad Request: can't parse entities: x")),
        ("Unauthorized", TokenLost()),
        ("Internal Server Error", Again(5.0, "server")),
        ("Bad Gateway", Uncertain()),
    ],
)
def test_an_answer_says_what_became_of_it(answer: str, outcome: object) -> None:
    """Only what cannot have arrived is tried again."""
    from aiogram import exceptions
    from aiogram.methods import SendMessage

    kinds = {
        "Forbidden": exceptions.TelegramForbiddenError,
        "Bad Request": exceptions.TelegramBadRequest,
        "Unauthorized": exceptions.TelegramUnauthorizedError,
    }
    kind = kinds.get(answer.split(":")[0], exceptions.TelegramServerError)
    error = kind(method=SendMessage(chat_id=1, text="x"), message=answer)
    assert outcome_of(error) == outcome
