"""Requests by number, for letters and staff who have no institution of their own."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NothingToDo
from bot.interpreting.requests import Summary, summary_of
from bot.models import Offer, Request, Volunteer


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who was asked: in which wave, and the reasons that were kept with the offer."""

    name: str
    wave: int
    reasons: dict[str, Any]


async def find_request(session: AsyncSession, request_id: int) -> Request | None:
    """A request; ``None`` when it is gone. Holds nothing private."""
    return await session.get(Request, request_id)


async def asked_volunteers(session: AsyncSession, request_id: int) -> list[Asked]:
    """Who was asked for a request and why, in the order of asking. What they said is not told."""
    rows = await session.execute(
        select(Volunteer.name, Offer.wave, Offer.reasons)
        .join(Volunteer, Volunteer.id == Offer.volunteer_id)
        .where(Offer.request_id == request_id)
        .where(Offer.wave > 0)
        .order_by(Offer.wave, Offer.score.desc(), Offer.id)
    )
    return [Asked(name, wave, reasons) for name, wave, reasons in rows]


async def summary_for_staff(session: AsyncSession, request_id: int) -> Summary:
    """How a request stands. Raises ``NothingToDo`` when it is gone."""
    request = await find_request(session, request_id)
    if request is None:
        raise NothingToDo
    return await summary_of(session, request)
