"""Everything at once on two workers: whatever happens, each appointment has one person at most."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.db import Sessions, create_engine
from bot.errors import Refusal
from bot.interpreting import (
    Answer,
    State,
    accept_offer,
    cancel_request,
    decline_offer,
    my_offers,
    my_seats,
    withdraw,
)
from bot.models import Assignment, Chat, Job, Offer, Request, Volunteer
from bot.settings import Settings
from bot.volunteers import LOOK_AFTER, suspend_volunteer
from tests.pool import Pool


@pytest_asyncio.fixture
async def colleague(settings: Settings) -> AsyncIterator[Sessions]:
    """The database connections of a second worker."""
    sessions = Sessions(create_engine(settings.database))
    yield sessions
    await sessions.engine.dispose()


async def _something(
    pool: Pool, sessions: Sessions, chat: Chat, kita: Chat, draw: random.Random
) -> str:
    """What one person does, chosen by chance; the refusal's name when it was refused."""
    async with sessions.begin() as session:
        offers = [each.offer.id for each in await my_offers(session, chat, pool.now)]
        seats = [each.request.id for each in await my_seats(session, chat, pool.now)]
    luck = draw.random()
    try:
        async with sessions.begin() as session:
            if seats and luck < 0.3:
                return await withdraw(session, chat, draw.choice(seats), pool.now)
            if offers and luck < 0.8:
                return await accept_offer(session, chat, draw.choice(offers), pool.now)
            if offers:
                answer = draw.choice(tuple(Answer))
                await decline_offer(session, chat, draw.choice(offers), answer, pool.now)
                return answer
            if seats and luck > 0.97:
                await cancel_request(session, kita, draw.choice(seats), "", pool.now)
                return "cancelled"
    except Refusal as refusal:
        return type(refusal).__name__
    return "nothing"


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_storm_leaves_everything_in_order(
    pool: Pool, colleague: Sessions, seed: int
) -> None:
    """Yes, no, leaving, cancelling, suspending, waves: eight requests, all at the same time."""
    draw = random.Random(seed)
    kita = await pool.institution()
    everybody = [await pool.volunteer() for _ in range(16)]
    for number in range(8):
        starts_at = pool.now + timedelta(days=3, hours=number // 2)
        await pool.ask(kita, starts_at=starts_at, wants_standby=number % 2 == 0)
    second = Pool(colleague, pool.now, pool.staff)
    did: Counter[str] = Counter()
    for turn in range(9):
        both = (pool.sessions, colleague)
        did.update(
            await asyncio.gather(
                *(
                    _something(pool, both[n % 2], chat, kita[0], draw)
                    for n, chat in enumerate(everybody)
                ),
                *(_wave(hand) for hand in (pool, second)),
            )
        )
        if turn == 6:
            async with pool.sessions.begin() as session:
                first = await session.scalar(select(Volunteer.id).order_by(Volunteer.id))
                await suspend_volunteer(session, first or 0, pool.now, pool.staff)
        second.now = pool.later(hours=1)
        await _in_order(pool)
    await pool.work()
    await _in_order(pool, settled=True)
    assert did["interpreter"] > 5
    assert sum(did.values()) > 100


async def _wave(hand: Pool) -> str:
    await hand.work()
    return "worked"


async def _in_order(pool: Pool, *, settled: bool = False) -> None:
    """One interpreter an appointment, one appointment an hour, and the ledger says the same."""
    async with pool.sessions.begin() as session:
        requests = list(await session.scalars(select(Request).order_by(Request.id)))
        ledger = {
            row.request_id: row.volunteer_id for row in await session.scalars(select(Assignment))
        }
        rows = len(list(await session.scalars(select(Assignment.id))))
        planned = set(await session.scalars(select(Job.subject).where(Job.kind == LOOK_AFTER)))
        open_offers = await session.scalars(
            select(Offer.request_id).where(Offer.state.in_(("open", "later")))
        )
        states = {request.id: request.state for request in requests}
        assert {states[number] for number in open_offers} <= {State.SEARCHING, State.FILLED}
    assert rows == len(ledger), "two rows of the ledger for one appointment"
    sits: dict[int, list[Request]] = {}
    for request in requests:
        seats = [each for each in (request.interpreter_id, request.standby_id) if each is not None]
        assert len(set(seats)) == len(seats)
        for volunteer_id in seats:
            sits.setdefault(volunteer_id, []).append(request)
        if request.interpreter_id is not None:
            assert ledger.get(request.id) == request.interpreter_id
            assert request.state == State.FILLED
        elif settled:
            assert request.id not in ledger
            assert request.state != State.FILLED
        if request.state == State.SEARCHING:
            assert request.id in planned, "nobody would look after it any more"
    for mine in sits.values():
        spans = sorted((request.starts_at, request.ends_at) for request in mine)
        assert all(one[1] <= other[0] for one, other in pairwise(spans))
