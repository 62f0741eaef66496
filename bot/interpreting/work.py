"""What happens by the clock, as jobs: each reads its request again and does what is due then."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.interpreting.letters import Letter
from bot.interpreting.messages import replace_shown
from bot.interpreting.tending import (
    BEFORE_IT,
    ERASE,
    OVER,
    REMIND_DAY,
    REMIND_HOURS,
    close_offers,
    happened,
    locked,
    look_after,
    tell_institution,
    tell_volunteer,
)
from bot.interpreting.wishes import PRIVATE_DETAILS, State
from bot.jobs import Work, cancel, schedule
from bot.models import Offer, Request, RequestDetails, ShownMessage
from bot.volunteers import LOOK_AFTER


async def remind_a_day_before(session: AsyncSession, request_id: int, now: datetime) -> None:
    """Remind both sides, and who stands by, that it is tomorrow."""
    await _remind(session, request_id, "day", now)


async def remind_hours_before(session: AsyncSession, request_id: int, now: datetime) -> None:
    """Remind both sides that it begins in two hours."""
    await _remind(session, request_id, "hours", now)


async def _remind(session: AsyncSession, request_id: int, when: str, now: datetime) -> None:
    request = await locked(session, request_id)
    if (
        request is None
        or request.state != State.FILLED
        or request.interpreter_id is None
        or request.starts_at <= now
    ):
        return
    content = {"request_id": request_id, "when": when, "side": "volunteer"}
    await tell_volunteer(session, request.interpreter_id, Letter.REMINDER, content, now)
    if request.standby_id is not None and when == "day":
        # Two hours before, nobody would move up any more without a call.
        await tell_volunteer(session, request.standby_id, Letter.REMINDER, content, now)
    content["side"] = "institution"
    await tell_institution(session, request_id, Letter.REMINDER, content, now)


async def is_over(session: AsyncSession, request_id: int, now: datetime) -> None:
    """The appointment is over: details are replaced, and both sides are asked for the hours."""
    request = await locked(session, request_id)
    if request is None:
        return
    if request.ends_at > now:
        await schedule(session, OVER, request_id, request.ends_at)
        return
    await replace_shown(session, request_id, now)
    if request.state != State.FILLED:
        return
    request.state = State.DONE.value
    await session.flush()
    await cancel(session, request_id, BEFORE_IT)
    await close_offers(session, request, now, why="over")
    happened(session, request_id, "over", 0, now)
    if request.interpreter_id is None:
        return
    planned = round((request.ends_at - request.starts_at).total_seconds() / 60)
    content = {"request_id": request_id, "minutes": planned}
    await tell_volunteer(session, request.interpreter_id, Letter.HOURS, content, now)
    await tell_institution(session, request_id, Letter.HOURS, content, now)


async def erase_private(session: AsyncSession, request_id: int, now: datetime) -> None:
    """Erase what is private: address, contact, who asked, who was asked and who sat.

    Language, month and town stay for the coverage report, the hours in the ledger.
    """
    request = await locked(session, request_id)
    if request is None:
        return
    if request.ends_at + PRIVATE_DETAILS > now:
        await schedule(session, ERASE, request_id, request.ends_at + PRIVATE_DETAILS)
        return
    for model in (RequestDetails, Offer, ShownMessage):
        await session.execute(delete(model).where(model.request_id == request_id))
    await session.execute(
        update(Request)
        .where(Request.id == request_id)
        .values(interpreter_id=None, standby_id=None, reason="", case_id=None)
    )


WORKS: Mapping[str, Work] = {
    LOOK_AFTER: Work(locked, look_after),
    REMIND_DAY: Work(locked, remind_a_day_before),
    REMIND_HOURS: Work(locked, remind_hours_before),
    OVER: Work(locked, is_over),
    ERASE: Work(locked, erase_private),
}
"""Every kind of job and what does it."""
