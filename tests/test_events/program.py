"""What the tests about events share: events that are there, staff, and letters delivered."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from bot.app.serving import House
from bot.db import Sessions
from bot.events import (
    EventDraft,
    Topic,
    create_event,
    fill_places,
    owe_due_reminders,
    publish_event,
)
from bot.models import StaffMember
from bot.staff import Role
from bot.texts import HOUSE_TIME
from handlers.delivery import deliver_due
from tests.conftest import Meet
from tests.people import Person

_numbers = itertools.count(1)


def wall(house: House, days: int, hour: int = 10, minute: int = 0) -> datetime:
    """A moment some days from the house's today, by the clock on the wall."""
    day = house.office.today() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=HOUSE_TIME)


async def put(house: House, *, publish: bool = True, **fields: Any) -> int:
    """An event of our own; returns its number. Its title is unlike any other."""
    values: dict[str, Any] = {
        "title": f"Treffen Nummer {next(_numbers)}",
        "text": "Wir trinken Tee und reden.",
        "topic": Topic.COURSES,
        "municipality": "Raunheim",
        "place": "Bürgerhaus",
        "starts_at": wall(house, 5),
        "ends_at": None,
    }
    draft = EventDraft.model_validate({**values, **fields})
    async with house.office.sessions.begin() as session:
        event = await create_event(session, draft, house.office.now())
        if publish:
            await publish_event(session, event.id, house.office.now())
        return event.id


async def editor(house: House, meet: Meet, role: Role = Role.EDITOR) -> Person:
    """Somebody of the office who may write events, at the desk."""
    person = await meet().arrive()
    async with house.office.sessions.begin() as session:
        session.add(
            StaffMember(
                channel="telegram",
                chat_id=person.id,
                role=role.value,
                added_at=house.office.now(),
            )
        )
    await person.say("/staff")
    return person


async def clock_strikes(house: House) -> None:
    """What the clock does: reminders, waiting lists, and every letter that is due."""
    sessions: Sessions = house.office.sessions
    now = house.office.now()
    async with sessions.begin() as session:
        await owe_due_reminders(session, now)
        await fill_places(session, now)
    while await deliver_due(sessions, house.bots, now):
        pass
