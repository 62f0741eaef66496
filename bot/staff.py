"""Who is staff, and for what: roles, one-time invitations, and the table role × action."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import InvitationInvalid, LastAdmin, NothingToDo, NotStaff
from bot.models import BotName, Chat, StaffAction, StaffInvitation, StaffMember
from bot.outbox import owe

INVITATION_LASTS = timedelta(hours=24)
TOKEN_PREFIX = "staff_"  # noqa: S105 - what a start link's argument begins with


class Role(StrEnum):
    """What somebody of the office is there for."""

    EDITOR = "editor"
    DISPATCHER = "dispatcher"
    CASE_WORKER = "case-worker"
    ADMIN = "admin"


class Action(StrEnum):
    """What can be done through a staff door. Every door names one; a test walks the doors."""

    OPEN_DESK = "open the desk"
    SEE_GAPS = "see gaps"
    SEE_FEEDBACK = "see feedback"
    SWITCH_MODULE = "switch a module"
    SEE_STAFF = "see staff"
    INVITE_STAFF = "invite staff"
    REMOVE_STAFF = "remove staff"
    WRITE_BROADCAST = "write a broadcast"
    APPROVE_BROADCAST = "approve a broadcast"
    STEER_BROADCAST = "steer a broadcast"
    SEE_EVENTS = "see events"
    EDIT_EVENTS = "edit events"
    SEE_REQUESTS = "see requests"
    STEP_IN = "step in"
    APPROVE_VOLUNTEERS = "approve volunteers"
    APPROVE_INSTITUTIONS = "approve institutions"
    KEEP_COLLEAGUES = "keep colleagues' languages"
    SEE_COVERAGE = "see coverage"
    EXPORT_LEDGER = "export the ledger"
    SEE_CASES = "see the states of cases"
    PAUSE_REPORTS = "pause new reports"


_EVERYONE = frozenset(Role)
_EDITORS = frozenset({Role.EDITOR, Role.ADMIN})
_DISPATCHERS = frozenset({Role.DISPATCHER, Role.ADMIN})
_ADMINS = frozenset({Role.ADMIN})
_CASE_WORKERS = frozenset({Role.CASE_WORKER, Role.ADMIN})

ALLOWED: dict[Action, frozenset[Role]] = {
    Action.OPEN_DESK: _EVERYONE,
    Action.SEE_GAPS: _EDITORS,
    Action.SEE_FEEDBACK: _EDITORS,
    Action.SWITCH_MODULE: _ADMINS,
    Action.SEE_STAFF: _ADMINS,
    Action.INVITE_STAFF: _ADMINS,
    Action.REMOVE_STAFF: _ADMINS,
    Action.WRITE_BROADCAST: _EDITORS,
    Action.APPROVE_BROADCAST: _EDITORS,
    Action.STEER_BROADCAST: _EDITORS,
    Action.SEE_EVENTS: _EDITORS,
    Action.EDIT_EVENTS: _EDITORS,
    Action.SEE_REQUESTS: _DISPATCHERS,
    Action.STEP_IN: _DISPATCHERS,
    Action.APPROVE_VOLUNTEERS: _DISPATCHERS,
    Action.APPROVE_INSTITUTIONS: _DISPATCHERS,
    Action.KEEP_COLLEAGUES: _DISPATCHERS,
    Action.SEE_COVERAGE: _DISPATCHERS,
    Action.EXPORT_LEDGER: _DISPATCHERS,
    Action.SEE_CASES: _CASE_WORKERS,
    Action.PAUSE_REPORTS: _CASE_WORKERS,
}


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation as its inviter sees it. ``token`` exists only here; its hash is kept."""

    id: int
    token: str
    role: Role
    expires_at: datetime


def may(roles: frozenset[Role], action: Action) -> bool:
    """Whether one of these roles allows the action."""
    return bool(roles & ALLOWED[action])


async def roles_of(session: AsyncSession, chat: Chat) -> frozenset[Role]:
    """The roles a chat has now; empty for everybody else."""
    rows = await session.scalars(
        select(StaffMember.role)
        .where(StaffMember.channel == chat.channel, StaffMember.chat_id == chat.id)
        .order_by(StaffMember.role)
    )
    return frozenset(Role(row) for row in rows)


async def demand(session: AsyncSession, chat: Chat, action: Action) -> None:
    """Let an action pass only for who may do it now. Raises ``NotStaff``."""
    if not may(await roles_of(session, chat), action):
        raise NotStaff


async def note(
    session: AsyncSession, chat: Chat | None, action: str, detail: str, now: datetime
) -> None:
    """Write down that staff did something; ``chat`` is ``None`` for the command line."""
    staff_id = None
    if chat is not None:
        staff_id = await session.scalar(
            select(func.min(StaffMember.id)).where(
                StaffMember.channel == chat.channel, StaffMember.chat_id == chat.id
            )
        )
    session.add(StaffAction(staff_id=staff_id, action=action, detail=detail[:400], at=now))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


async def invite(
    session: AsyncSession, role: Role, now: datetime, inviter: Chat | None = None
) -> Invited:
    """A one-time link to a role. Its token is returned once and only its hash is kept."""
    token = secrets.token_urlsafe(24)
    invitation = StaffInvitation(
        token_hash=_hash(token),
        role=role.value,
        expires_at=now + INVITATION_LASTS,
        digits=10 + secrets.randbelow(90),
        inviter_channel=inviter.channel if inviter else None,
        inviter_chat_id=inviter.id if inviter else None,
    )
    session.add(invitation)
    await session.flush()
    await note(session, inviter, Action.INVITE_STAFF, f"{role} #{invitation.id}", now)
    return Invited(invitation.id, token, role, invitation.expires_at)


async def open_invitation(session: AsyncSession, token: str, chat: Chat, now: datetime) -> int:
    """The two digits that the person who opened the link reads out to the inviter.

    The first chat to open it wins, decided inside the statement. The same chat may open it again
    and sees the same digits. Raises ``InvitationInvalid``.
    """
    live = (
        StaffInvitation.token_hash == _hash(token),
        StaffInvitation.expires_at > now,
        StaffInvitation.closed_at.is_(None),
    )
    won = await session.scalar(
        update(StaffInvitation)
        .where(*live, StaffInvitation.chat_id.is_(None))
        .values(channel=chat.channel, chat_id=chat.id)
        .returning(StaffInvitation.id)
    )
    invitation = await session.scalar(
        select(StaffInvitation).where(
            *live, StaffInvitation.channel == chat.channel, StaffInvitation.chat_id == chat.id
        )
    )
    if invitation is None:
        raise InvitationInvalid
    if won is not None and invitation.inviter_chat_id is not None:
        inviter = Chat(invitation.inviter_channel or "", invitation.inviter_chat_id)
        owe(session, inviter, "invitation_opened", {"invitation_id": invitation.id}, now)
    return invitation.digits


async def confirm(
    session: AsyncSession, invitation_id: int, digits: int, now: datetime, by: Chat | None = None
) -> Role | None:
    """Make the role active when the digits that were read out are right.

    ``by`` must be the inviter's chat, or ``None`` for the command line. A wrong pair of digits
    closes the invitation and gives ``None``: whoever opened the link was not the person on the
    phone. Raises ``InvitationInvalid``.
    """
    invitation = await session.scalar(
        update(StaffInvitation)
        .where(
            StaffInvitation.id == invitation_id,
            StaffInvitation.expires_at > now,
            StaffInvitation.closed_at.is_(None),
            StaffInvitation.chat_id.is_not(None),
        )
        .values(closed_at=now)
        .returning(StaffInvitation)
    )
    if invitation is None or invitation.chat_id is None:
        raise InvitationInvalid
    if by is not None and (by.channel, by.id) != (
        invitation.inviter_channel,
        invitation.inviter_chat_id,
    ):
        raise InvitationInvalid
    chat, role = Chat(invitation.channel or "", invitation.chat_id), Role(invitation.role)
    if digits != invitation.digits:
        await note(session, by, "wrong digits", f"#{invitation_id}", now)
        return None
    if role not in await roles_of(session, chat):
        session.add(
            StaffMember(channel=chat.channel, chat_id=chat.id, role=role.value, added_at=now)
        )
    await note(session, by, "confirm staff", f"{role} #{invitation_id}", now)
    owe(session, chat, "role_active", {"role": role.value}, now)
    return role


async def waiting_invitation(session: AsyncSession, invitation_id: int) -> StaffInvitation | None:
    """An invitation that somebody opened and nobody has confirmed yet."""
    found: StaffInvitation | None = await session.scalar(
        select(StaffInvitation).where(
            StaffInvitation.id == invitation_id,
            StaffInvitation.chat_id.is_not(None),
            StaffInvitation.closed_at.is_(None),
        )
    )
    return found


async def members(session: AsyncSession) -> list[StaffMember]:
    """Everybody who has a role now, oldest first."""
    return list(await session.scalars(select(StaffMember).order_by(StaffMember.id)))


async def chats_with(session: AsyncSession, role: Role) -> list[Chat]:
    """The chats of everybody with a role; where nobody has it, those of the administrators."""
    for wanted in (role, Role.ADMIN):
        rows = await session.execute(
            select(StaffMember.channel, StaffMember.chat_id)
            .where(StaffMember.role == wanted.value)
            .order_by(StaffMember.id)
        )
        if chats := [Chat(*row) for row in rows]:
            return chats
    return []


async def remove(
    session: AsyncSession, member_id: int, now: datetime, by: Chat | None = None
) -> Role:
    """Take a role away, at once. Raises ``NothingToDo``, and ``LastAdmin`` for the last one."""
    member = await session.get(StaffMember, member_id)
    if member is None:
        raise NothingToDo
    if member.role == Role.ADMIN and by is not None:
        # Locked, so that two administrators cannot remove each other at the same moment.
        admins = await session.scalars(
            select(StaffMember.id).where(StaffMember.role == Role.ADMIN.value).with_for_update()
        )
        if len(admins.all()) == 1:
            raise LastAdmin
    role = Role(member.role)
    await note(session, by, Action.REMOVE_STAFF, f"{role} #{member_id}", now)
    await session.execute(delete(StaffMember).where(StaffMember.id == member_id))
    return role


async def bot_username(session: AsyncSession, channel: str) -> str | None:
    """The bot's public name on a channel, once it ran there."""
    found: str | None = await session.scalar(
        select(BotName.username).where(BotName.channel == channel)
    )
    return found


async def keep_bot_username(session: AsyncSession, channel: str, username: str) -> None:
    """Keep the bot's public name, for the links that the command line prints."""
    row = await session.get(BotName, channel)
    if row is None:
        session.add(BotName(channel=channel, username=username))
    else:
        row.username = username
