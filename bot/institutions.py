"""Who may ask for an interpreter: institutions and their people.

An institution registers once and staff approve it. Whoever registers may let colleagues in by a
one-time link, as staff do: hashed, for a day, active once its two digits were read out.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import (
    InstitutionLocked,
    InstitutionWaits,
    InvitationInvalid,
    NotEligible,
    NothingToDo,
    NotInstitution,
)
from bot.models import (
    Chat,
    Institution,
    InstitutionMember,
    PoolInvitation,
)
from bot.outbox import owe
from bot.staff import INVITATION_LASTS, Action, Role, chats_with, note
from bot.texts import HOUSE_TIME

POOL_TOKEN_PREFIX = "pool_"  # noqa: S105 - what a start link's argument begins with


class InstitutionState(StrEnum):
    """Where an institution stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    LOCKED = "locked"


class InstitutionKind(StrEnum):
    """What an institution is."""

    CHILDCARE = "childcare"
    SCHOOL = "school"
    HEALTH = "health"
    JOBCENTER = "jobcenter"
    OFFICE = "office"
    COUNSELLING = "counselling"
    YOUTH_WELFARE = "youth-welfare"
    ASSOCIATION = "association"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Registration:
    """What an institution tells when it registers; ``contact`` is a person's name."""

    kind: InstitutionKind
    name: str
    municipality: str
    contact: str
    phone: str


@dataclass(frozen=True, slots=True)
class PoolLink:
    """An invitation as its inviter sees it. ``token`` exists only here; its hash is kept."""

    id: int
    token: str
    institution_id: int | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What somebody sees who opened a link.

    With an institution: its name and the two digits to read out. Without: apply as a volunteer.
    """

    institution: str | None
    digits: int | None


def _day(now: datetime) -> date:
    return now.astimezone(HOUSE_TIME).date()


async def register_institution(
    session: AsyncSession, chat: Chat, registration: Registration, now: datetime
) -> Institution:
    """Keep an institution until staff look at it; who registers is its first member.

    Raises ``NotEligible`` when the name, the contact or the phone is missing.
    """
    texts = {
        "name": registration.name.strip()[:160],
        "contact": registration.contact.strip()[:120],
        "phone": registration.phone.strip()[:40],
    }
    if missing := tuple(name for name, value in texts.items() if not value):
        raise NotEligible(missing)
    institution = Institution(
        channel=chat.channel,
        chat_id=chat.id,
        kind=registration.kind.value,
        municipality=registration.municipality,
        state=InstitutionState.WAITING.value,
        registered_at=now,
        seen_on=_day(now),
        **texts,
    )
    session.add(institution)
    await session.flush()
    session.add(_member(institution.id, chat, now))
    await session.flush()
    for staff in await chats_with(session, Role.DISPATCHER):
        owe(session, staff, "institution_registered", {"institution_id": institution.id}, now)
    return institution


def _member(institution_id: int, chat: Chat, now: datetime) -> InstitutionMember:
    return InstitutionMember(
        institution_id=institution_id, channel=chat.channel, chat_id=chat.id, joined_at=now
    )


async def institutions_of(session: AsyncSession, chat: Chat) -> list[Institution]:
    """The institutions that a chat acts for, in whatever state, oldest first."""
    rows = await session.scalars(
        select(Institution)
        .join(InstitutionMember, InstitutionMember.institution_id == Institution.id)
        .where(InstitutionMember.channel == chat.channel, InstitutionMember.chat_id == chat.id)
        .order_by(Institution.id)
    )
    return list(rows)


async def get_institution(session: AsyncSession, institution_id: int) -> Institution:
    """An institution by number. Raises ``NothingToDo`` when there is none."""
    institution = await session.get(Institution, institution_id)
    if institution is None:
        raise NothingToDo
    return institution


async def demand_member(
    session: AsyncSession, chat: Chat, institution_id: int | None
) -> Institution:
    """The institution, for one of its people, in whatever state. Raises ``NotInstitution``."""
    for institution in await institutions_of(session, chat):
        if institution.id == institution_id:
            return institution
    raise NotInstitution


async def demand_institution(
    session: AsyncSession, chat: Chat, institution_id: int | None
) -> Institution:
    """The institution, for one of its people, when it may ask now.

    Raises ``NotInstitution``, ``InstitutionWaits``, ``InstitutionLocked``.
    """
    institution = await demand_member(session, chat, institution_id)
    if institution.state == InstitutionState.LOCKED:
        raise InstitutionLocked
    if institution.state != InstitutionState.APPROVED:
        raise InstitutionWaits
    return institution


async def waiting_institutions(session: AsyncSession) -> list[Institution]:
    """Institutions that staff have not looked at, oldest first."""
    rows = await session.scalars(
        select(Institution)
        .where(Institution.state == InstitutionState.WAITING.value)
        .order_by(Institution.registered_at, Institution.id)
    )
    return list(rows)


async def all_institutions(session: AsyncSession) -> list[Institution]:
    """Every institution by name."""
    rows = await session.scalars(select(Institution).order_by(Institution.name, Institution.id))
    return list(rows)


async def approve_institution(
    session: AsyncSession, institution_id: int, now: datetime, by: Chat
) -> None:
    """Let an institution ask; also opens a locked one again. Raises ``NothingToDo``."""
    await _change_state(session, institution_id, InstitutionState.APPROVED, now, by)


async def lock_institution(
    session: AsyncSession, institution_id: int, now: datetime, by: Chat
) -> None:
    """Let an institution not ask any more; what was arranged stays. Raises ``NothingToDo``."""
    await _change_state(session, institution_id, InstitutionState.LOCKED, now, by)


async def _change_state(
    session: AsyncSession, institution_id: int, state: InstitutionState, now: datetime, by: Chat
) -> None:
    changed = await session.scalar(
        update(Institution)
        .where(Institution.id == institution_id, Institution.state != state.value)
        .values(state=state.value)
        .returning(Institution.id)
    )
    if changed is None:
        raise NothingToDo
    await note(session, by, Action.APPROVE_INSTITUTIONS, f"{state} #{institution_id}", now)
    content = {"institution_id": institution_id, "state": state.value}
    for chat in await people_of(session, institution_id):
        owe(session, chat, "institution_state", content, now)


async def people_of(session: AsyncSession, institution_id: int) -> list[Chat]:
    """The chats of an institution's people, oldest first."""
    rows = await session.execute(
        select(InstitutionMember.channel, InstitutionMember.chat_id)
        .where(InstitutionMember.institution_id == institution_id)
        .order_by(InstitutionMember.id)
    )
    return [Chat(*row) for row in rows]


async def members_of(
    session: AsyncSession, chat: Chat, institution_id: int
) -> list[InstitutionMember]:
    """Who acts for the institution, for its own people only. Raises ``NotInstitution``."""
    await demand_member(session, chat, institution_id)
    rows = await session.scalars(
        select(InstitutionMember)
        .where(InstitutionMember.institution_id == institution_id)
        .order_by(InstitutionMember.id)
    )
    return list(rows)


async def remove_member(session: AsyncSession, chat: Chat, member_id: int) -> None:
    """Let a colleague not act for the institution any more, or leave it oneself.

    Raises ``NothingToDo`` when the member is gone, ``NotInstitution`` for somebody else's.
    """
    member = await session.get(InstitutionMember, member_id)
    if member is None:
        raise NothingToDo
    await demand_member(session, chat, member.institution_id)
    await session.execute(delete(InstitutionMember).where(InstitutionMember.id == member_id))


# One-time links


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


async def _invite(
    session: AsyncSession, institution_id: int | None, now: datetime, inviter: Chat | None
) -> PoolLink:
    token = secrets.token_urlsafe(24)
    invitation = PoolInvitation(
        token_hash=_hash(token),
        institution_id=institution_id,
        expires_at=now + INVITATION_LASTS,
        digits=10 + secrets.randbelow(90),
        inviter_channel=inviter.channel if inviter else None,
        inviter_chat_id=inviter.id if inviter else None,
    )
    session.add(invitation)
    await session.flush()
    return PoolLink(invitation.id, token, institution_id, invitation.expires_at)


async def invite_to_institution(
    session: AsyncSession, chat: Chat, institution_id: int, now: datetime
) -> PoolLink:
    """A one-time link for a colleague. Raises as ``demand_institution`` does."""
    await demand_institution(session, chat, institution_id)
    return await _invite(session, institution_id, now, chat)


async def invite_volunteer(session: AsyncSession, now: datetime, by: Chat) -> PoolLink:
    """A one-time link, from staff, that leads to the application as a volunteer.

    It gives no right: what is applied for, staff still approve.
    """
    await note(session, by, Action.APPROVE_VOLUNTEERS, "invited a volunteer", now)
    return await _invite(session, None, now, by)


async def open_pool_invitation(
    session: AsyncSession, token: str, chat: Chat, now: datetime
) -> OpenedLink:
    """What the link opens. The first chat wins, decided inside the statement.

    The same chat may open it again and sees the same digits. Raises ``InvitationInvalid``.
    """
    live = (
        PoolInvitation.token_hash == _hash(token),
        PoolInvitation.expires_at > now,
        PoolInvitation.closed_at.is_(None),
    )
    won = await session.scalar(
        update(PoolInvitation)
        .where(*live, PoolInvitation.chat_id.is_(None))
        .values(channel=chat.channel, chat_id=chat.id)
        .returning(PoolInvitation.id)
    )
    invitation = await session.scalar(
        select(PoolInvitation).where(
            *live, PoolInvitation.channel == chat.channel, PoolInvitation.chat_id == chat.id
        )
    )
    if invitation is None:
        raise InvitationInvalid
    if invitation.institution_id is None:
        return OpenedLink(None, None)
    institution = await get_institution(session, invitation.institution_id)
    if institution.state != InstitutionState.APPROVED:
        raise InvitationInvalid
    if won is not None and invitation.inviter_chat_id is not None:
        inviter = Chat(invitation.inviter_channel or "", invitation.inviter_chat_id)
        owe(session, inviter, "pool_invitation_opened", {"invitation_id": invitation.id}, now)
    return OpenedLink(institution.name, invitation.digits)


async def confirm_pool_invitation(
    session: AsyncSession, chat: Chat, invitation_id: int, digits: int, now: datetime
) -> bool:
    """Let the colleague in when the digits that were read out are right.

    Only the inviter's chat may, and only while it belongs to the institution itself. Wrong digits
    close the invitation and give ``False``: whoever opened the link was not the person on the
    phone. Raises ``InvitationInvalid``, ``NotInstitution`` and as ``demand_institution`` does.
    """
    invitation = await session.scalar(
        update(PoolInvitation)
        .where(
            PoolInvitation.id == invitation_id,
            PoolInvitation.expires_at > now,
            PoolInvitation.closed_at.is_(None),
            PoolInvitation.chat_id.is_not(None),
            PoolInvitation.institution_id.is_not(None),
            PoolInvitation.inviter_channel == chat.channel,
            PoolInvitation.inviter_chat_id == chat.id,
        )
        .values(closed_at=now)
        .returning(PoolInvitation)
    )
    if invitation is None or invitation.chat_id is None or invitation.institution_id is None:
        raise InvitationInvalid
    await demand_institution(session, chat, invitation.institution_id)
    if digits != invitation.digits:
        return False
    colleague = Chat(invitation.channel or "", invitation.chat_id)
    if colleague not in await people_of(session, invitation.institution_id):
        session.add(_member(invitation.institution_id, colleague, now))
        await session.flush()
    content = {"institution_id": invitation.institution_id}
    owe(session, colleague, "pool_member", content, now)
    return True


async def opened_pool_invitation(
    session: AsyncSession, chat: Chat, invitation_id: int
) -> PoolInvitation | None:
    """An invitation of this inviter that somebody opened and nobody has confirmed yet."""
    found: PoolInvitation | None = await session.scalar(
        select(PoolInvitation).where(
            PoolInvitation.id == invitation_id,
            PoolInvitation.chat_id.is_not(None),
            PoolInvitation.closed_at.is_(None),
            PoolInvitation.inviter_channel == chat.channel,
            PoolInvitation.inviter_chat_id == chat.id,
        )
    )
    return found
