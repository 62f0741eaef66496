"""Who writes to us: language, place and consent; "what do you keep?" and "forget me"."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.events.answers import give_up_all
from bot.events.subscribing import follow
from bot.interpreting.forgetting import (
    erase_institution_person,
    erase_pool_invitations,
    erase_volunteer,
    export_assignments,
    export_institution,
    export_pool_invitations,
    export_volunteer,
)
from bot.models import (
    Attendance,
    BroadcastAuthor,
    BroadcastScreen,
    Chat,
    ChatHalt,
    Conversation,
    Delivery,
    Letter,
    Reminder,
    Resident,
    StaffInvitation,
    StaffMember,
    Subscription,
    UnreachableChat,
    WebVisitor,
)

# Raise this when the privacy text changes in substance: each row says which text was agreed to.
CONSENT_VERSION = "2026-11"


async def find_resident(session: AsyncSession, chat: Chat) -> Resident | None:
    """The resident of a chat, or nothing for somebody who has not agreed yet."""
    found: Resident | None = await session.scalar(
        select(Resident).where(Resident.channel == chat.channel, Resident.chat_id == chat.id)
    )
    return found


async def welcome(session: AsyncSession, chat: Chat, language: str, today: date) -> Resident:
    """Remember a language by the resident's own choice; this choice is the consent."""
    resident = await find_resident(session, chat)
    if resident is None:
        resident = Resident(
            channel=chat.channel,
            chat_id=chat.id,
            language=language,
            municipality=None,
            consent_version=CONSENT_VERSION,
            last_seen_on=today,
        )
        session.add(resident)
    resident.language = language
    resident.consent_version = CONSENT_VERSION
    resident.last_seen_on = today
    await session.flush()
    return resident


async def move(session: AsyncSession, chat: Chat, municipality: str | None) -> None:
    """Remember the municipality, or forget it with ``None``; news from the town move along."""
    await follow(session, chat, municipality)
    await session.execute(
        update(Resident)
        .where(Resident.channel == chat.channel, Resident.chat_id == chat.id)
        .values(municipality=municipality)
    )


async def seen(session: AsyncSession, chat: Chat, today: date) -> None:
    """Note the day, not the time, on which somebody last wrote."""
    await session.execute(
        update(Resident)
        .where(
            Resident.channel == chat.channel,
            Resident.chat_id == chat.id,
            Resident.last_seen_on < today,
        )
        .values(last_seen_on=today)
    )


# Each feature that keeps something about a resident adds its part here, so that /mydata and
# /forget can never miss a table; a test compares these with the personal columns.
Exporter = Callable[[AsyncSession, Chat], Awaitable[Any]]
Eraser = Callable[[AsyncSession, Chat], Awaitable[None]]


async def my_data(session: AsyncSession, chat: Chat) -> dict[str, Any]:
    """Everything that is kept about a chat, ready for a JSON file."""
    return {name: await export(session, chat) for name, export in EXPORTERS.items()}


async def forget(session: AsyncSession, chat: Chat) -> None:
    """Delete everything that is kept about a chat."""
    for erase in ERASERS:
        await erase(session, chat)


async def _export_resident(session: AsyncSession, chat: Chat) -> Any:
    resident = await find_resident(session, chat)
    if resident is None:
        return None
    return {
        "channel": resident.channel,
        "chat": resident.chat_id,
        "language": resident.language,
        "municipality": resident.municipality,
        "consent_version": resident.consent_version,
        "last_seen_on": resident.last_seen_on.isoformat(),
    }


async def _export_conversation(session: AsyncSession, chat: Chat) -> Any:
    row = await session.get(Conversation, (chat.channel, chat.id))
    if row is None:
        return None
    return {"state": row.state, "data": row.data, "updated_at": row.updated_at.isoformat()}


async def _export_visitor(session: AsyncSession, chat: Chat) -> Any:
    row = await session.get(WebVisitor, chat.id) if chat.channel == "webchat" else None
    return None if row is None else {"last_seen_on": row.last_seen_on.isoformat()}


async def _export_staff(session: AsyncSession, chat: Chat) -> Any:
    rows = await session.scalars(
        select(StaffMember)
        .where(StaffMember.channel == chat.channel, StaffMember.chat_id == chat.id)
        .order_by(StaffMember.id)
    )
    return [{"role": row.role, "added_at": row.added_at.isoformat()} for row in rows]


async def _export_letters(session: AsyncSession, chat: Chat) -> Any:
    rows = await session.scalars(
        select(Letter)
        .where(Letter.channel == chat.channel, Letter.chat_id == chat.id)
        .order_by(Letter.id)
    )
    return [
        {"kind": row.kind, "content": row.content, "due_at": row.due_at.isoformat()} for row in rows
    ]


async def _export_invitations(session: AsyncSession, chat: Chat) -> Any:
    opened = and_(StaffInvitation.channel == chat.channel, StaffInvitation.chat_id == chat.id)
    made = and_(
        StaffInvitation.inviter_channel == chat.channel,
        StaffInvitation.inviter_chat_id == chat.id,
    )
    rows = await session.scalars(
        select(StaffInvitation).where(or_(opened, made)).order_by(StaffInvitation.id)
    )
    return [
        {
            "role": row.role,
            "opened_by_you": (row.channel, row.chat_id) == (chat.channel, chat.id),
            "made_by_you": (row.inviter_channel, row.inviter_chat_id) == (chat.channel, chat.id),
            "expires_at": row.expires_at.isoformat(),
        }
        for row in rows
    ]


async def _export_subscriptions(session: AsyncSession, chat: Chat) -> Any:
    rows = await session.scalars(
        select(Subscription)
        .where(Subscription.channel == chat.channel, Subscription.chat_id == chat.id)
        .order_by(Subscription.id)
    )
    return [{"topic": row.topic, "municipality": row.municipality or None} for row in rows]


async def _export_attendances(session: AsyncSession, chat: Chat) -> Any:
    rows = await session.scalars(
        select(Attendance)
        .where(Attendance.channel == chat.channel, Attendance.chat_id == chat.id)
        .order_by(Attendance.id)
    )
    return [
        {
            "event": row.event_id,
            "answer": row.answer,
            "places": row.places,
            "date": row.occurs_at.isoformat(),
            "over_at": row.over_at.isoformat(),
            "answered_at": row.answered_at.isoformat(),
            "said_stop": row.quiet,
        }
        for row in rows
    ]


async def _export_reminders(session: AsyncSession, chat: Chat) -> Any:
    rows = await session.scalars(
        select(Reminder)
        .where(Reminder.channel == chat.channel, Reminder.chat_id == chat.id)
        .order_by(Reminder.id)
    )
    return [
        {
            "event": row.event_id,
            "date": row.occurs_at.isoformat(),
            "due_at": row.due_at.isoformat(),
        }
        for row in rows
    ]


async def _export_deliveries(session: AsyncSession, chat: Chat) -> Any:
    rows = await session.scalars(
        select(Delivery)
        .where(Delivery.channel == chat.channel, Delivery.chat_id == chat.id)
        .order_by(Delivery.id)
    )
    return [
        {
            "announcement": row.broadcast_id,
            "state": row.state,
            "language": row.language,
            "sent_at": row.sent_at.isoformat() if row.sent_at else None,
        }
        for row in rows
    ]


async def _export_unreachable(session: AsyncSession, chat: Chat) -> Any:
    row = await session.get(UnreachableChat, (chat.channel, chat.id))
    return None if row is None else {"reason": row.reason, "since": row.since.isoformat()}


async def _export_broadcasts(session: AsyncSession, chat: Chat) -> Any:
    rows = await session.scalars(
        select(BroadcastAuthor.broadcast_id)
        .where(BroadcastAuthor.channel == chat.channel, BroadcastAuthor.chat_id == chat.id)
        .order_by(BroadcastAuthor.broadcast_id)
    )
    return list(rows)


def _eraser(model: Any) -> Eraser:
    async def erase(session: AsyncSession, chat: Chat) -> None:
        await session.execute(
            delete(model).where(model.channel == chat.channel, model.chat_id == chat.id)
        )

    return erase


async def _erase_as_inviter(session: AsyncSession, chat: Chat) -> None:
    await session.execute(
        update(StaffInvitation)
        .where(
            StaffInvitation.inviter_channel == chat.channel,
            StaffInvitation.inviter_chat_id == chat.id,
        )
        .values(inviter_channel=None, inviter_chat_id=None)
    )


async def _erase_visitor(session: AsyncSession, chat: Chat) -> None:
    if chat.channel == "webchat":
        await session.execute(delete(WebVisitor).where(WebVisitor.chat_id == chat.id))


EXPORTERS: dict[str, Exporter] = {
    "resident": _export_resident,
    "conversation": _export_conversation,
    "web_visitor": _export_visitor,
    "staff_roles": _export_staff,
    "staff_invitations": _export_invitations,
    "messages_owed": _export_letters,
    "subscriptions": _export_subscriptions,
    "event_answers": _export_attendances,
    "reminders": _export_reminders,
    "interpreting": export_volunteer,
    "interpreting_hours": export_assignments,
    "institution": export_institution,
    "pool_invitations": export_pool_invitations,
    "announcements_got": _export_deliveries,
    "not_reachable": _export_unreachable,
    "announcements_written": _export_broadcasts,
}
ERASERS: list[Eraser] = [
    erase_volunteer,
    erase_institution_person,
    erase_pool_invitations,
    _eraser(Resident),
    _eraser(Conversation),
    _eraser(StaffMember),
    _eraser(StaffInvitation),
    _erase_as_inviter,
    _eraser(Letter),
    _erase_visitor,
    _eraser(Subscription),
    give_up_all,
    _eraser(Reminder),
    _eraser(Delivery),
    _eraser(UnreachableChat),
    _eraser(ChatHalt),
    _eraser(BroadcastAuthor),
    _eraser(BroadcastScreen),
]
