"""Requests by number, for letters and staff who have no institution of their own."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NothingToDo
from bot.interpreting.requests import Summary, summary_of
from bot.models import Request


async def find_request(session: AsyncSession, request_id: int) -> Request | None:
    """A request; ``None`` when it is gone. Holds nothing private."""
    return await session.get(Request, request_id)


async def summary_for_staff(session: AsyncSession, request_id: int) -> Summary:
    """How a request stands. Raises ``NothingToDo`` when it is gone."""
    request = await find_request(session, request_id)
    if request is None:
        raise NothingToDo
    return await summary_of(session, request)
