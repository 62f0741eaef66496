"""Events from staff's side: write, correct, show, cancel, translate, import, export."""

from aiogram import Router

from handlers.staff.events.desk import EventDesk, register_desk
from handlers.staff.events.importing import register_importing
from handlers.staff.events.wording import register_wording
from handlers.staff.events.writing import register_writing

__all__ = ["EventDesk", "build_staff_events_router"]


def build_staff_events_router() -> Router:
    """Every door names its action; the lock checks it."""
    router = Router(name="staff-events")
    register_desk(router)
    register_writing(router)
    register_importing(router)
    register_wording(router)
    return router
