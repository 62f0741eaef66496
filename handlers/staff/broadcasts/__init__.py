"""Broadcasts from staff's side: write, approve, send, watch, correct."""

from aiogram import Router

from handlers.staff.broadcasts.progress import show_progress
from handlers.staff.broadcasts.releasing import register_releasing
from handlers.staff.broadcasts.screens import Cast, register_screens
from handlers.staff.broadcasts.steering import register_steering
from handlers.staff.broadcasts.writing import register_writing

__all__ = ["Cast", "build_staff_broadcasts_router", "show_progress"]


def build_staff_broadcasts_router() -> Router:
    """Every door names its action; the lock checks it."""
    router = Router(name="staff-broadcasts")
    register_screens(router)
    register_writing(router)
    register_releasing(router)
    register_steering(router)
    return router
