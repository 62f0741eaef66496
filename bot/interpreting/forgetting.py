"""What the pool keeps about a chat, for /mydata, and how it goes, for /forget.

Whoever forgets themselves leaves no appointment without a person in silence: jobs, due at once,
look for somebody else or tell the other side.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.institutions import institutions_of, people_of
from bot.jobs import schedule
from bot.models import (
    Assignment,
    Chat,
    Institution,
    InstitutionMember,
    Offer,
    PoolInvitation,
    Request,
    RequestDetails,
    ShownMessage,
    Volunteer,
    VolunteerLanguage,
    VolunteerTally,
)
from bot.volunteers import LOOK_AFTER, find_volunteer, leave_seats, lock_all


def _plain(row: Any, *columns: str) -> dict[str, Any]:
    """Columns of a row, ready for JSON."""
    values = {column: getattr(row, column) for column in columns}
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in values.items()
    }


def _all(rows: Sequence[Any], *columns: str) -> list[dict[str, Any]]:
    return [_plain(row, *columns) for row in rows]


def _of(model: Any, chat: Chat) -> Any:
    return (model.channel == chat.channel) & (model.chat_id == chat.id)


_VOLUNTEER = (
    "name",
    "phone",
    "german",
    "municipality",
    "towns",
    "radius_km",
    "on_site",
    "by_phone",
    "by_video",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "quiet_from",
    "quiet_until",
    "weekly_cap",
    "excluded_topics",
    "gender",
    "certificate",
    "certified_on",
    "certified_until",
    "pledged_on",
    "consented_at",
    "applied_at",
    "state",
    "paused_until",
    "asked_at",
    "seen_on",
)
_REQUEST = ("language", "lane", "mode", "municipality", "topic", "starts_at", "ends_at", "state")
_ASSIGNMENT = (
    "volunteer_name",
    "institution_name",
    "language",
    "mode",
    "municipality",
    "starts_at",
    "ends_at",
    "planned_minutes",
    "volunteer_minutes",
    "institution_minutes",
    "no_show",
    "settled_minutes",
)


async def export_volunteer(session: AsyncSession, chat: Chat) -> Any:
    """What is kept about a volunteer: data, languages, answers, offers, seats."""
    volunteer = await find_volunteer(session, chat)
    if volunteer is None:
        return None
    languages = await session.scalars(
        select(VolunteerLanguage)
        .where(VolunteerLanguage.volunteer_id == volunteer.id)
        .order_by(VolunteerLanguage.language)
    )
    tallies = await session.scalars(
        select(VolunteerTally)
        .where(VolunteerTally.volunteer_id == volunteer.id)
        .order_by(VolunteerTally.part)
    )
    offers = await session.scalars(
        select(Offer).where(Offer.volunteer_id == volunteer.id).order_by(Offer.id)
    )
    seats = await session.scalars(
        select(Request)
        .where(or_(Request.interpreter_id == volunteer.id, Request.standby_id == volunteer.id))
        .order_by(Request.id)
    )
    return {
        **_plain(volunteer, *_VOLUNTEER),
        "languages": _all(languages.all(), "language", "level"),
        "answers": _all(tallies.all(), "part", "asked", "yes", "no"),
        "offers": _all(
            offers.all(), "wave", "chance", "score", "reasons", "offered_at", "part", "state",
            "answered_at",
        ),
        "appointments": _all(seats.all(), *_REQUEST),
    }  # fmt: skip


async def export_assignments(session: AsyncSession, chat: Chat) -> Any:
    """The volunteer's rows of the allowance ledger."""
    rows = await session.scalars(
        select(Assignment).where(_of(Assignment, chat)).order_by(Assignment.id)
    )
    return _all(rows.all(), *_ASSIGNMENT)


async def export_institution(session: AsyncSession, chat: Chat) -> Any:
    """The institutions that a chat registered or acts for, and the requests it made."""
    registered = await session.scalars(
        select(Institution).where(_of(Institution, chat)).order_by(Institution.id)
    )
    members = await session.scalars(
        select(InstitutionMember).where(_of(InstitutionMember, chat)).order_by(InstitutionMember.id)
    )
    names = {each.id: each.name for each in await institutions_of(session, chat)}
    asked = await session.execute(
        select(RequestDetails, Request)
        .join(Request, Request.id == RequestDetails.request_id)
        .where(_of(RequestDetails, chat))
        .order_by(RequestDetails.request_id)
    )
    return {
        "registered": _all(
            registered.all(),
            *("kind", "name", "municipality", "contact", "phone", "state", "registered_at"),
            "seen_on",
        ),
        "member_of": [
            {"name": names.get(each.institution_id), **_plain(each, "joined_at")}
            for each in members
        ],
        "requests": [
            {**_plain(request, *_REQUEST), **_plain(private, "address", "reach", "note", "ends_at")}
            for private, request in asked
        ],
    }


async def export_pool_invitations(session: AsyncSession, chat: Chat) -> Any:
    """One-time links of the pool that a chat made or opened."""
    made = (PoolInvitation.inviter_channel == chat.channel) & (
        PoolInvitation.inviter_chat_id == chat.id
    )
    rows = await session.scalars(
        select(PoolInvitation)
        .where(or_(_of(PoolInvitation, chat), made))
        .order_by(PoolInvitation.id)
    )
    return [
        {
            "opened_by_you": (row.channel, row.chat_id) == (chat.channel, chat.id),
            "made_by_you": (row.inviter_channel, row.inviter_chat_id) == (chat.channel, chat.id),
            "expires_at": row.expires_at.isoformat(),
        }
        for row in rows
    ]


async def erase_volunteer(session: AsyncSession, chat: Chat) -> None:
    """Delete a volunteer with languages, answers and offers; free the seats; keep the ledger.

    Rows of the ledger stay for their legal period and lose the chat.
    """
    volunteer = await session.scalar(
        select(Volunteer).where(_of(Volunteer, chat)).with_for_update(key_share=True)
    )
    if volunteer is not None:
        asked = select(Offer.request_id).where(Offer.volunteer_id == volunteer.id)
        sits = or_(Request.interpreter_id == volunteer.id, Request.standby_id == volunteer.id)
        # Volunteer, requests, everything else: the order in which all lock.
        for request_id in await lock_all(session, or_(Request.id.in_(asked), sits)):
            await _look_after(session, request_id)
        await leave_seats(session, volunteer.id, None)
    await session.execute(
        update(Assignment).where(_of(Assignment, chat)).values(channel=None, chat_id=None)
    )
    await session.execute(delete(ShownMessage).where(_of(ShownMessage, chat)))
    if volunteer is not None:
        await session.execute(delete(Volunteer).where(Volunteer.id == volunteer.id))


async def _look_after(session: AsyncSession, request_id: int) -> None:
    """Have a job look at a request at once: a moment long past is due on every clock."""
    opened_at = await session.scalar(select(Request.opened_at).where(Request.id == request_id))
    if opened_at is not None:
        await schedule(session, LOOK_AFTER, request_id, opened_at)


async def erase_institution_person(session: AsyncSession, chat: Chat) -> None:
    """Take a person out of their institutions.

    A colleague takes over their requests; where nobody is left the institution goes, and with it
    its open requests.
    """
    theirs = select(RequestDetails.request_id).where(_of(RequestDetails, chat))
    await lock_all(session, Request.id.in_(theirs))
    mine = {each.id for each in await institutions_of(session, chat)}
    registered = await session.scalars(select(Institution.id).where(_of(Institution, chat)))
    mine |= set(registered)
    await session.execute(delete(InstitutionMember).where(_of(InstitutionMember, chat)))
    await session.execute(
        update(Institution)
        .where(_of(Institution, chat))
        .values(channel=None, chat_id=None, contact="", phone="")
    )
    for institution_id in sorted(mine):
        people = await people_of(session, institution_id)
        requests = await session.scalars(
            select(RequestDetails.request_id)
            .join(Request, Request.id == RequestDetails.request_id)
            .where(_of(RequestDetails, chat), Request.institution_id == institution_id)
        )
        for request_id in requests.all():
            if people:
                await session.execute(
                    update(RequestDetails)
                    .where(RequestDetails.request_id == request_id)
                    .values(channel=people[0].channel, chat_id=people[0].id)
                )
            else:
                await _look_after(session, request_id)
        if not people:
            await session.execute(delete(Institution).where(Institution.id == institution_id))
    # What is still theirs has nobody to go to: open appointments are called off by their jobs.
    left = await session.scalars(select(RequestDetails.request_id).where(_of(RequestDetails, chat)))
    for request_id in left.all():
        await _look_after(session, request_id)
    await session.execute(delete(RequestDetails).where(_of(RequestDetails, chat)))


async def erase_pool_invitations(session: AsyncSession, chat: Chat) -> None:
    """Delete the links a chat opened, and forget who made the others."""
    await session.execute(delete(PoolInvitation).where(_of(PoolInvitation, chat)))
    await session.execute(
        update(PoolInvitation)
        .where(
            PoolInvitation.inviter_channel == chat.channel,
            PoolInvitation.inviter_chat_id == chat.id,
        )
        .values(inviter_channel=None, inviter_chat_id=None)
    )
