"""The small task against floods: it must be done, for the room that was asked, and grows."""

import asyncio
import itertools
import json

from bot.channels.webchat.effort import LEAST_BITS, MOST_BITS, Efforts, solves
from bot.channels.webchat.rooms import Room
from bot.channels.webchat.settings import WebChatSettings


def _room(chat_id: int) -> Room:
    return Room(chat_id, None, WebChatSettings())


async def _task(room: Room) -> tuple[str, int]:
    await asyncio.sleep(0)
    event = json.loads(room._events[-1][1])
    assert event["kind"] == "work"
    return event["salt"], event["bits"]


def _solution(salt: str, bits: int) -> int:
    return next(nonce for nonce in itertools.count() if solves(salt, nonce, bits))


async def test_only_the_answer_of_the_room_that_was_asked_counts() -> None:
    """A wrong number, another room and an old salt change nothing."""
    efforts, room, other = Efforts(), _room(1), _room(2)
    asking = asyncio.create_task(efforts.ask(room))
    salt, bits = await _task(room)
    right = _solution(salt, bits)
    wrong = next(nonce for nonce in itertools.count() if not solves(salt, nonce, bits))
    assert not efforts.take(room, salt, wrong)
    assert not efforts.take(other, salt, right)
    assert not efforts.take(room, "another", right)
    assert not asking.done()
    assert efforts.take(room, salt, right)
    assert await asking
    assert not efforts.take(room, salt, right)


async def test_who_does_something_else_does_not_wait() -> None:
    """A quick exit, or a cry for help, is heard at once; a new page gets the task again."""
    efforts, room, other = Efforts(), _room(1), _room(2)
    asking = asyncio.create_task(efforts.ask(room))
    salt, bits = await _task(room)
    assert efforts.open_for(room) == [(salt, bits)]
    efforts.give_up(other)
    await asyncio.sleep(0)
    assert not asking.done()
    efforts.give_up(room)
    assert not await asking
    assert efforts.open_for(room) == []


async def test_a_page_that_does_nothing_is_told_so() -> None:
    """After its time; nothing is left waiting."""
    efforts, room = Efforts(), _room(1)
    assert not await efforts.ask(room, patience=0.01)
    assert efforts._waiting == {}


async def test_a_flood_costs_more_and_more() -> None:
    """Each four within ten minutes double the work, up to a limit; afterwards it is easy again."""
    now = [0.0]
    efforts = Efforts(clock=lambda: now[0])
    assert efforts.bits == LEAST_BITS
    efforts._done.extend([0.0] * 9)
    assert efforts.bits == LEAST_BITS + 2
    efforts._done.extend([0.0] * 1000)
    assert efforts.bits == MOST_BITS
    now[0] = 601.0
    assert efforts.bits == LEAST_BITS
