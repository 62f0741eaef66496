"""The mailbox of a case: what its receipt opens, on any channel.

Only who holds the receipt can read it; what is sealed to the case workers alone, such as the
report itself and their notes, it does not show.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NoSuchReport
from bot.models import (
    CaseMessage,
    CaseState,
    CaseTask,
    ReportArrival,
    ReportCase,
)
from bot.reports.arrivals import ADDITION, FROM_REPORTER, NOTE
from bot.reports.links import linked_chat, unlink_case
from bot.reports.receipts import MailboxKey
from bot.reports.sealing import CannotOpen, unseal
from bot.reports.site import SiteSecret
from bot.reports.told import unpack_parts
from bot.retention import CLOSED_CASES

WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class MailboxMessage:
    """One message in a mailbox; ``mine`` is what the reporter added.

    ``number`` counts the messages of a mailbox; day and number are inside the seal.
    """

    mine: bool
    week: str
    number: int
    on: date | None
    text: str = field(repr=False)
    files: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """What a receipt shows.

    ``state`` is ``waiting`` (sealed, not yet with the case workers) or a state of the process
    guide; ``delete_on`` is the day from which nothing of it is left, once the case is closed.
    """

    week: str
    state: str
    substatus: str | None
    delete_on: date | None
    messages: tuple[MailboxMessage, ...]
    linked: bool
    urgent: bool


def delete_on(closed_on: date | None) -> date | None:
    """The day on which a closed case goes."""
    return None if closed_on is None else closed_on + CLOSED_CASES + timedelta(days=1)


async def open_mailbox(session: AsyncSession, site: SiteSecret, key: MailboxKey) -> Mailbox:
    """The mailbox of a receipt. Raises ``NoSuchReport``."""
    linked = await linked_chat(session, site, key.lookup) is not None
    waiting = (
        await session.execute(
            select(
                ReportArrival.kind, ReportArrival.week, ReportArrival.urgent, ReportArrival.sealed
            )
            .where(ReportArrival.lookup == key.lookup)
            .order_by(ReportArrival.week, ReportArrival.id)
        )
    ).all()
    added = tuple(_read(key, True, row.week, row.sealed) for row in waiting if row.kind == ADDITION)
    case = (
        await session.execute(
            select(ReportCase.id, ReportCase.week).where(ReportCase.lookup == key.lookup)
        )
    ).one_or_none()
    if case is None:
        reports = [row for row in waiting if row.kind != ADDITION]
        if not reports:
            raise NoSuchReport
        first = reports[0]
        return Mailbox(first.week, WAITING, None, None, in_order(added), linked, first.urgent)
    state = await session.get_one(CaseState, case.id)
    rows = await session.scalars(
        select(CaseMessage)
        .where(CaseMessage.case_id == case.id, CaseMessage.direction != NOTE)
        .order_by(CaseMessage.week, CaseMessage.id)
    )
    kept = [_read(key, row.direction == FROM_REPORTER, row.week, row.sealed) for row in rows]
    return Mailbox(
        case.week,
        state.state,
        state.substatus,
        delete_on(state.closed_on),
        in_order([*kept, *added]),
        linked,
        state.urgent,
    )


def _read(key: MailboxKey, mine: bool, week: str, sealed: bytes) -> MailboxMessage:
    try:
        head, _rest = unpack_parts(unseal(sealed, key.identity))
    except (CannotOpen, ValueError):
        return MailboxMessage(mine, week, 0, None, "")
    names = tuple(str(file["name"]) for file in head.get("files", ()))
    on = date.fromisoformat(head["on"]) if "on" in head else None
    return MailboxMessage(
        mine, week, int(head.get("number", 0)), on, str(head.get("text", "")), names
    )


def in_order(messages: Iterable[MailboxMessage]) -> tuple[MailboxMessage, ...]:
    """Messages as they followed each other: rows lie in the tables by lot."""
    return tuple(sorted(messages, key=lambda message: (message.week, message.number)))


async def withdraw(session: AsyncSession, site: SiteSecret, key: MailboxKey) -> None:
    """Delete a report with everything that belongs to it, at once. Raises ``NoSuchReport``.

    The case workers' machines let it go at their next look: it is not on the list any more.
    """
    waited = await session.scalars(
        delete(ReportArrival).where(ReportArrival.lookup == key.lookup).returning(ReportArrival.id)
    )
    case_id = await session.scalar(select(ReportCase.id).where(ReportCase.lookup == key.lookup))
    if case_id is None and not waited.all():
        raise NoSuchReport
    await unlink_case(session, site, key.lookup)
    if case_id is not None:
        await remove_case(session, case_id)


async def remove_case(session: AsyncSession, case_id: str) -> None:
    """Delete a case with its messages, notes, tasks and state."""
    await session.execute(delete(ReportCase).where(ReportCase.id == case_id))
    for model in (CaseMessage, CaseState, CaseTask):
        await session.execute(delete(model).where(model.case_id == case_id))
