"""The staff rooms: one lock on the folder, and a role for every door behind it."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware, Router
from aiogram.dispatcher.flags import get_flag
from aiogram.fsm.context import FSMContext
from aiogram.types import TelegramObject

from bot.errors import NotStaff
from bot.models import Chat
from bot.office import Office
from bot.staff import Action, demand
from handlers.staff.broadcasts import build_staff_broadcasts_router
from handlers.staff.desk import build_desk_router
from handlers.staff.events import build_staff_events_router
from handlers.staff.interpreting.desk import build_pool_desk_router
from handlers.staff.interpreting.figures import build_pool_figures_router
from handlers.staff.interpreting.people import build_pool_people_router
from handlers.staff.interpreting.requests import build_requests_router
from handlers.staff.people import build_people_router
from handlers.staff.reports import build_case_router


class StaffLock(BaseMiddleware):
    """Looks up the role at every action, not only at the door: somebody may have left today."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Let pass who may do this now. Raises ``NotStaff``."""
        action = Action(get_flag(data, "action"))
        office: Office = data["office"]
        here: Chat = data["here"]
        try:
            async with office.sessions.begin() as session:
                await demand(session, here, action)
        except NotStaff:
            # Who lost the role in the middle of a staff dialogue can ask questions again.
            state: FSMContext = data["state"]
            await state.clear()
            raise
        return await handler(event, data)


def build_staff_router() -> Router:
    """All staff doors behind the lock."""
    router = Router(name="staff")
    for part in (
        build_desk_router(),
        build_people_router(),
        build_staff_events_router(),
        build_pool_desk_router(),
        build_requests_router(),
        build_pool_people_router(),
        build_pool_figures_router(),
        build_case_router(),
        build_staff_broadcasts_router(),
    ):
        for observer in (part.message, part.callback_query):
            observer.middleware(StaffLock())
        router.include_router(part)
    return router
