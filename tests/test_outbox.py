"""Messages owed to others: delivered once, in the reader's language, whatever goes wrong."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot import outbox
from bot.app.serving import House
from bot.db import Sessions, create_engine
from bot.models import Chat, Letter
from bot.outbox import LEASE, MOST_ATTEMPTS, claim_letters, owe
from bot.settings import Settings
from handlers import delivery
from handlers.delivery import deliver_due
from tests.conftest import Clock, Meet
from tests.fake_telegram import Failure, FakeTelegram
from tests.people import Person


class Post:
    """The outbox of the running house, at a time that the test sets."""

    def __init__(self, house: House, sessions: Sessions, clock: Clock) -> None:
        self.house = house
        self.sessions = sessions
        self.clock = clock

    async def owe(self, person: Person, kind: str = "role_active", **content: Any) -> None:
        """Owe somebody a letter, due now."""
        async with self.sessions.begin() as session:
            chat = Chat("telegram", person.id)
            owe(session, chat, kind, content or {"role": "editor"}, self.clock())

    async def deliver(self, sessions: Sessions | None = None) -> int:
        """One round of a worker."""
        return await deliver_due(sessions or self.sessions, self.house.bots, self.clock())

    async def waiting(self) -> list[Letter]:
        """What is still owed."""
        async with self.sessions.begin() as session:
            return list(await session.scalars(select(Letter).order_by(Letter.id)))

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.clock.ahead += timedelta(**span)


@pytest.fixture
def post(house: House, meet: Meet, empty: Sessions, clock: Clock) -> Post:
    """An empty outbox."""
    return Post(house, empty, clock)


@pytest_asyncio.fixture
async def colleague(settings: Settings) -> AsyncIterator[Sessions]:
    """The database connections of a second worker."""
    sessions = Sessions(create_engine(settings.database))
    yield sessions
    await sessions.engine.dispose()


def _letters(fake: FakeTelegram, person: Person) -> list[str]:
    texts = [call.call.get("text", "") for call in fake.sent_to(person.id)]
    return [text for text in texts if "/staff" in text]


async def _stranger(meet: Meet) -> Person:
    person = meet()
    await person.say("/help")
    return person


async def test_a_letter_arrives_once(meet: Meet, post: Post, fake: FakeTelegram) -> None:
    """And then it is forgotten."""
    person = await _stranger(meet)
    await post.owe(person)
    assert await post.deliver() == 1
    assert await post.deliver() == 0
    assert len(_letters(fake, person)) == 1
    assert await post.waiting() == []


async def test_what_did_not_happen_is_not_told(
    meet: Meet, post: Post, fake: FakeTelegram, sessions: Sessions
) -> None:
    """A letter is written in the transaction of its cause and vanishes with it."""
    person = await _stranger(meet)

    async def fail() -> None:
        async with sessions.begin() as session:
            owe(session, Chat("telegram", person.id), "role_active", {"role": "x"}, post.clock())
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await post.deliver() == 0
    assert _letters(fake, person) == []


async def test_a_letter_waits_for_its_time(meet: Meet, post: Post, fake: FakeTelegram) -> None:
    """Not a second before it is due."""
    person = await _stranger(meet)
    async with post.sessions.begin() as session:
        due = post.clock() + timedelta(hours=1)
        owe(session, Chat("telegram", person.id), "role_active", {"role": "editor"}, due)
    assert await post.deliver() == 0
    post.later(hours=1)
    assert await post.deliver() == 1
    assert len(_letters(fake, person)) == 1


async def test_the_language_is_the_readers_at_that_moment(
    meet: Meet, post: Post, fake: FakeTelegram
) -> None:
    """Owed while she read German, delivered after she chose English; no words are stored."""
    person = await meet().arrive()
    await post.owe(person)
    await person.say("/language")
    await person.press("English")
    assert [(letter.kind, letter.content) for letter in await post.waiting()] == [
        ("role_active", {"role": "editor"})
    ]
    await post.deliver()
    [text] = _letters(fake, person)
    assert "Your role is active" in text
    stranger = await _stranger(meet)
    await post.owe(stranger)
    await post.deliver()
    [text] = _letters(fake, stranger)
    assert "Rolle" in text


async def test_two_workers_never_deliver_the_same(
    meet: Meet, post: Post, fake: FakeTelegram, colleague: Sessions
) -> None:
    """Thirty letters, two workers of two hands each, all at once."""
    people = [await _stranger(meet) for _ in range(30)]
    for person in people:
        await post.owe(person)
    fake.fail("sendMessage", "slow", times=30, seconds=0.02)

    async def hand(sessions: Sessions) -> int:
        done = 0
        while tried := await post.deliver(sessions):
            done += tried
        return done

    done = await asyncio.gather(*(hand(s) for s in (post.sessions, colleague) * 2))
    assert sum(done) == 30
    assert Counter(len(_letters(fake, person)) for person in people) == {1: 30}


async def test_claims_of_two_workers_do_not_overlap(
    meet: Meet, post: Post, colleague: Sessions
) -> None:
    """What one has taken the other does not even see, also before the first has committed."""
    for _ in range(10):
        await post.owe(meet())

    async def claim(sessions: Sessions) -> set[int]:
        async with sessions.begin() as session:
            letters = await claim_letters(session, ["telegram"], post.clock(), most=7)
            await asyncio.sleep(0.1)
            return {letter.id for letter in letters}

    first, second = await asyncio.gather(claim(post.sessions), claim(colleague))
    assert first & second == set()
    assert len(first | second) == 10


async def test_a_dead_worker_keeps_nothing(meet: Meet, post: Post, fake: FakeTelegram) -> None:
    """Its letters are free again when its lease runs out, and not before."""
    person = await _stranger(meet)
    await post.owe(person)
    async with post.sessions.begin() as session:
        assert len(await claim_letters(session, ["telegram"], post.clock())) == 1
    assert await post.deliver() == 0
    post.later(seconds=LEASE.total_seconds() + 1)
    assert await post.deliver() == 1
    assert len(_letters(fake, person)) == 1


async def test_a_slow_worker_does_not_outlive_its_lease(
    meet: Meet,
    post: Post,
    fake: FakeTelegram,
    colleague: Sessions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When Telegram is slow, a second worker takes over what the first cannot do in time."""
    for module in (outbox, delivery):
        monkeypatch.setattr(module, "LEASE", timedelta(seconds=3))
    people = [await _stranger(meet) for _ in range(5)]
    for person in people:
        await post.owe(person)
    fake.fail("sendMessage", "slow", times=5, seconds=1.2)
    first = asyncio.create_task(post.deliver())
    while await post.waiting():
        await post.deliver(colleague)
        await asyncio.sleep(0.05)
    await first
    assert Counter(len(_letters(fake, person)) for person in people) == {1: 5}


async def test_a_busy_telegram_is_given_its_time(
    meet: Meet, post: Post, fake: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    """429 with a minute: the letter waits that minute, and the others do not."""
    # The pace keeps Telegram's minute on a clock of its own, which goes along with the test's here.
    ahead = post.clock
    monkeypatch.setattr(
        post.house.pace, "_clock", lambda: monotonic() + ahead.ahead.total_seconds()
    )
    person, other = await _stranger(meet), await _stranger(meet)
    fake.fail("sendMessage", "429", seconds=60, chat_id=person.id)
    await post.owe(person)
    await post.owe(other)
    await post.deliver()
    assert (_letters(fake, person), len(_letters(fake, other))) == ([], 1)
    post.later(seconds=59)
    assert await post.deliver() == 0
    post.later(seconds=2)
    assert await post.deliver() == 1
    assert len(_letters(fake, person)) == 1


@pytest.mark.parametrize("kind", ["500", "502", "nonsense", "drop"])
async def test_trouble_postpones_a_letter(
    meet: Meet, post: Post, fake: FakeTelegram, kind: Failure
) -> None:
    """Again after 15 seconds, then after 30, until it arrives."""
    person = await _stranger(meet)
    fake.fail("sendMessage", kind, times=2, chat_id=person.id)
    await post.owe(person)
    for pause in (15, 30):
        assert await post.deliver() == 1
        post.later(seconds=pause - 1)
        assert await post.deliver() == 0
        post.later(seconds=2)
    assert await post.deliver() == 1
    assert len(_letters(fake, person)) == 1
    assert await post.waiting() == []


async def test_a_letter_is_given_up_at_last(
    meet: Meet, post: Post, fake: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    """After eight tries, and the log says so."""
    person = await _stranger(meet)
    fake.fail("sendMessage", "500", times=99, chat_id=person.id)
    await post.owe(person)
    for _ in range(MOST_ATTEMPTS):
        assert await post.deliver() == 1
        post.later(hours=2)
    assert await post.deliver() == 0
    assert await post.waiting() == []
    assert "given up" in caplog.text
    fake.faults.clear()


@pytest.mark.parametrize("why", ["blocked", "unknown chat"])
async def test_who_cannot_be_reached_is_not_tried_again(
    meet: Meet, post: Post, fake: FakeTelegram, why: str
) -> None:
    """403 and 400 will not change."""
    person = await _stranger(meet) if why == "blocked" else meet()
    fake.blocked.add(person.id)
    await post.owe(person)
    assert await post.deliver() == 1
    assert await post.waiting() == []
    assert _letters(fake, person) == []
    fake.refused.clear()


async def test_a_letter_nobody_can_write_holds_up_no_other(
    meet: Meet, post: Post, fake: FakeTelegram
) -> None:
    """One of a kind that this program does not know (any more), and one without its parts."""
    person = await _stranger(meet)
    await post.owe(person, kind="from_the_future")
    await post.owe(person, kind="invitation_opened", nothing=1)
    await post.owe(person)
    await post.deliver()
    assert len(_letters(fake, person)) == 1
    assert len(await post.waiting()) == 2
    for _ in range(MOST_ATTEMPTS):
        post.later(hours=2)
        await post.deliver()
    assert await post.waiting() == []


async def test_forget_takes_owed_letters_along(meet: Meet, post: Post, fake: FakeTelegram) -> None:
    """Nobody writes to somebody who is forgotten."""
    person = await meet().arrive()
    await post.owe(person)
    await person.say("/forget")
    await person.press("Ja, alles löschen")
    assert await post.deliver() == 0
    assert _letters(fake, person) == []
