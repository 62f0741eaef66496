"""After the appointment: both confirm the hours with one tap; the ledger of the allowance."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotEligible, NothingToDo, NotVolunteer
from bot.institutions import institutions_of
from bot.interpreting.letters import Letter
from bot.interpreting.tending import tell_dispatchers
from bot.interpreting.wishes import LONGEST
from bot.models import Assignment, Chat, Request
from bot.staff import Action, note
from bot.texts import HOUSE_TIME

MOST_MINUTES = 2 * LONGEST


class HoursState(StrEnum):
    """Where the hours of an appointment stand."""

    WAITING = "waiting"
    AGREED = "agreed"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Hours:
    """What both sides confirmed; ``None`` for who has not yet."""

    state: HoursState
    volunteer_minutes: int | None
    institution_minutes: int | None


async def confirm_hours(
    session: AsyncSession, chat: Chat, request_id: int, minutes: int, now: datetime
) -> Hours:
    """Confirm how long it took, by the volunteer or the institution; again to correct it.

    Equal minutes settle the row; different ones are flagged for the staff. Raises
    ``NotVolunteer`` for anybody else, ``NotEligible`` for minutes that cannot be, ``NothingToDo``
    before the beginning and once the row is settled.
    """
    if not 0 <= minutes <= MOST_MINUTES:
        raise NotEligible(("minutes",))
    row = await session.scalar(
        select(Assignment)
        .where(Assignment.request_id == request_id, Assignment.no_show.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NothingToDo
    if (row.channel, row.chat_id) == (chat.channel, chat.id):
        mine = "volunteer_minutes"
    elif await _asked_for(session, chat, request_id):
        mine = "institution_minutes"
    else:
        raise NotVolunteer
    if row.starts_at > now or row.settled_minutes is not None:
        raise NothingToDo
    setattr(row, mine, minutes)
    if row.volunteer_minutes == row.institution_minutes:
        row.settled_minutes = minutes
    await session.flush()
    hours = hours_of_row(row)
    if hours.state is HoursState.DIFFERENT:
        await tell_dispatchers(session, Letter.STAFF_HOURS_DIFFER, {"assignment_id": row.id}, now)
    return hours


async def _asked_for(session: AsyncSession, chat: Chat, request_id: int) -> bool:
    mine = [each.id for each in await institutions_of(session, chat)]
    request = await session.get(Request, request_id)
    return request is not None and request.institution_id in mine


def hours_of_row(row: Assignment) -> Hours:
    """Where the hours of a row of the ledger stand."""
    both = (row.volunteer_minutes, row.institution_minutes)
    if row.settled_minutes is not None:
        state = HoursState.AGREED
    else:
        state = HoursState.WAITING if None in both else HoursState.DIFFERENT
    return Hours(state, *both)


async def settle_hours(
    session: AsyncSession, assignment_id: int, minutes: int, now: datetime, by: Chat
) -> None:
    """Staff decide the minutes where the two sides differ or one keeps silent.

    Raises ``NotEligible``, ``NothingToDo``.
    """
    if not 0 <= minutes <= MOST_MINUTES:
        raise NotEligible(("minutes",))
    settled = await session.scalar(
        update(Assignment)
        .where(Assignment.id == assignment_id, Assignment.starts_at <= now)
        .values(settled_minutes=minutes)
        .returning(Assignment.id)
    )
    if settled is None:
        raise NothingToDo
    await note(session, by, Action.STEP_IN, f"hours #{assignment_id}: {minutes}", now)


def month_of(day: date) -> tuple[datetime, datetime]:
    """The first moments of a month and of the next one, by the county's clock."""
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return (
        datetime.combine(first, time(0), HOUSE_TIME),
        datetime.combine(following, time(0), HOUSE_TIME),
    )


async def ledger(session: AsyncSession, month: date, now: datetime) -> list[Assignment]:
    """The appointments of a month that are over, by moment; those that differ are among them."""
    first, following = month_of(month)
    rows = await session.scalars(
        select(Assignment)
        .where(
            Assignment.starts_at >= first,
            Assignment.starts_at < following,
            Assignment.ends_at <= now,
        )
        .order_by(Assignment.starts_at, Assignment.id)
    )
    return list(rows)


async def unsettled(session: AsyncSession, now: datetime) -> list[Assignment]:
    """Appointments that are over and whose hours differ or wait, oldest first."""
    rows = await session.scalars(
        select(Assignment)
        .where(Assignment.settled_minutes.is_(None), Assignment.ends_at <= now)
        .order_by(Assignment.starts_at, Assignment.id)
    )
    return list(rows)
