"""A calendar feed's file is taken over row by row; what we know besides stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.events.calendar import Entry, Row, write_calendar
from bot.events.editing import EventDraft, change_event, create_event, draft_of, find_by_uid
from bot.models import Event

Outcome = Literal["new", "changed", "same", "fault"]
_OURS = frozenset({"uid", "yearly_id"})


@dataclass(frozen=True, slots=True)
class Imported:
    """What becomes, or became, of a row of a file; ``event_id`` when there is an event."""

    row: Row
    outcome: Outcome
    event_id: int | None = None
    told: int = 0


def _merged(old: EventDraft, new: EventDraft) -> EventDraft:
    """The file's values where it has any, ours where it says nothing."""
    said = {
        name: value
        for name, value in new.model_dump().items()
        if name not in _OURS and value not in (None, "", ())
    }
    # A date is taken whole: an event that is no series any more has no rule.
    when = ("starts_at", "ends_at", "all_day", "rule", "left_out")
    said.update({name: getattr(new, name) for name in when})
    return EventDraft.model_validate({**old.model_dump(), **said})


async def import_rows(
    session: AsyncSession, rows: Sequence[Row], now: datetime, *, dry_run: bool
) -> list[Imported]:
    """Take over the rows without a fault; new events are drafts that staff publish.

    A row with the name (UID) of an event that we have changes that event; those who come are told
    as with any change. On a dry run nothing changes.
    """
    done = []
    for row in rows:
        if row.draft is None:
            done.append(Imported(row, "fault"))
            continue
        old = await find_by_uid(session, row.draft.uid) if row.draft.uid else None
        if old is None:
            event = None if dry_run else await create_event(session, row.draft, now)
            done.append(Imported(row, "new", event.id if event else None))
            continue
        merged = _merged(draft_of(old), row.draft)
        if merged == draft_of(old):
            done.append(Imported(row, "same", old.id))
            continue
        told = 0 if dry_run else (await change_event(session, old.id, merged, now)).told
        done.append(Imported(row, "changed", old.id, told))
    return done


async def export_events(session: AsyncSession, now: datetime) -> tuple[bytes, int]:
    """Every event with a date that is not over as a calendar file, and how many there are."""
    events = list(
        await session.scalars(
            select(Event)
            .where(Event.starts_at.is_not(None), or_(Event.over_at.is_(None), Event.over_at > now))
            .order_by(Event.starts_at, Event.id)
        )
    )
    entries = [
        Entry(
            event,
            event.title,
            event.text,
            ", ".join(part for part in (event.place, event.address, event.municipality) if part),
        )
        for event in events
    ]
    return write_calendar(entries, everything=True), len(events)
