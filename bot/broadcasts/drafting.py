"""A broadcast before it leaves: words, audience, a second person's yes, and the moment.

A change of words or audience voids the approval: it is of one version, and the release asks for
exactly that version inside its statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.broadcasts.audience import SMALLEST, Audience, count_by_language, joined
from bot.errors import (
    ChangedMeanwhile,
    NotComplete,
    NothingToDo,
    OwnApproval,
    TooFew,
)
from bot.models import Broadcast, BroadcastAuthor, BroadcastText, Chat, StaffMember
from bot.outbox import owe
from bot.staff import ALLOWED, Action
from bot.texts import OFFICE_LANGUAGE

VALID_FOR = timedelta(days=14)  # a broadcast without an event's end counts for so long
_OPEN = ("draft", "waiting", "ready")


@dataclass(frozen=True, slots=True)
class Group:
    """The readers of one language and what they will read.

    ``count`` is exact and never shown as it is. ``language`` is that of the words, or ``None``
    while staff have neither written a text nor chosen which other language stands in.
    """

    reader: str
    count: int
    language: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A broadcast as staff see it. ``author``: who changed it last."""

    broadcast: Broadcast
    author: Chat | None
    texts: dict[str, BroadcastText]
    audience: Audience
    groups: tuple[Group, ...]

    @property
    def total(self) -> int:
        """How many people it concerns; exact."""
        return sum(group.count for group in self.groups)

    @property
    def missing(self) -> tuple[str, ...]:
        """Languages that have neither words nor a stand-in; German above all."""
        missing = [group.reader for group in self.groups if group.language is None]
        if not _has_words(self.texts, OFFICE_LANGUAGE):
            missing = [OFFICE_LANGUAGE, *(one for one in missing if one != OFFICE_LANGUAGE)]
        return tuple(missing)


def _has_words(texts: dict[str, BroadcastText], language: str) -> bool:
    return language in texts and texts[language].html is not None


def _spoken(texts: dict[str, BroadcastText], reader: str) -> str | None:
    text = texts.get(reader)
    if text is None:
        return None
    if text.html is not None:
        return reader
    return text.fallback if text.fallback and _has_words(texts, text.fallback) else None


async def create_broadcast(
    session: AsyncSession,
    author: Chat,
    now: datetime,
    *,
    event_id: int | None = None,
    ends_at: datetime | None = None,
) -> Broadcast:
    """A new draft without words."""
    broadcast = Broadcast(
        state="draft",
        event_id=event_id,
        ends_at=ends_at,
        changed_at=now,
        followed_at=now,
    )
    session.add(broadcast)
    await session.flush()
    await sign(session, broadcast.id, author, now)
    return broadcast


async def sign(session: AsyncSession, broadcast_id: int, by: Chat, now: datetime) -> None:
    """Note who changed a broadcast last."""
    row = await session.get(BroadcastAuthor, broadcast_id)
    if row is None:
        row = BroadcastAuthor(broadcast_id=broadcast_id)
        session.add(row)
    row.channel, row.chat_id, row.changed_at = by.channel, by.id, now
    await session.flush()


async def author_of(session: AsyncSession, broadcast_id: int) -> Chat | None:
    """Who changed a broadcast last; nothing when that person has left."""
    row = await session.get(BroadcastAuthor, broadcast_id, populate_existing=True)
    return None if row is None else Chat(row.channel, row.chat_id)


async def find_broadcast(session: AsyncSession, broadcast_id: int) -> Broadcast:
    """A broadcast. Raises ``NothingToDo`` when there is none."""
    found = await session.get(Broadcast, broadcast_id, populate_existing=True)
    if found is None:
        raise NothingToDo
    return found


async def load_draft(session: AsyncSession, broadcast_id: int, channel: str) -> Draft:
    """A broadcast with its words and whom it concerns now. Raises ``NothingToDo``."""
    broadcast = await find_broadcast(session, broadcast_id)
    texts = await load_texts(session, broadcast_id)
    audience = Audience.of(broadcast)
    counts = await count_by_language(session, channel, audience)
    groups = tuple(Group(reader, count, _spoken(texts, reader)) for reader, count in counts.items())
    author = await author_of(session, broadcast_id)
    return Draft(broadcast, author, texts, audience, groups)


async def load_texts(session: AsyncSession, broadcast_id: int) -> dict[str, BroadcastText]:
    """A broadcast's words by language."""
    rows = await session.scalars(
        select(BroadcastText)
        .where(BroadcastText.broadcast_id == broadcast_id)
        .order_by(BroadcastText.language)
        .execution_options(populate_existing=True)
    )
    return {text.language: text for text in rows}


async def recent_broadcasts(session: AsyncSession, most: int = 10) -> list[Broadcast]:
    """The broadcasts that were last changed, the newest first."""
    return list(
        await session.scalars(
            select(Broadcast).order_by(Broadcast.changed_at.desc(), Broadcast.id.desc()).limit(most)
        )
    )


async def broadcasts_of(session: AsyncSession, event_id: int) -> list[Broadcast]:
    """The broadcasts about an event, the newest first."""
    return list(
        await session.scalars(
            select(Broadcast).where(Broadcast.event_id == event_id).order_by(Broadcast.id.desc())
        )
    )


async def _changed(
    session: AsyncSession, broadcast_id: int, now: datetime, by: Chat | None
) -> Broadcast:
    """Lock a broadcast whose words or audience change; one that is under way stays as it is.

    An approval is void from here on: it was of an earlier version. ``by``: who changes it.
    """
    broadcast = await session.scalar(
        update(Broadcast)
        .where(Broadcast.id == broadcast_id, Broadcast.state.in_(_OPEN))
        .values(state="draft", version=Broadcast.version + 1, changed_at=now, scheduled_at=None)
        .returning(Broadcast)
        .execution_options(populate_existing=True)
    )
    if broadcast is None:
        raise ChangedMeanwhile
    if by is not None:
        await sign(session, broadcast_id, by, now)
    return broadcast


async def write_text(
    session: AsyncSession,
    broadcast_id: int,
    language: str,
    html: str,
    now: datetime,
    *,
    by: Chat | None = None,
    card: bool = False,
) -> None:
    """Set a language's words (Telegram's HTML); ``card``: those of the event's card.

    Raises ``ChangedMeanwhile`` once it was released.
    """
    await _changed(session, broadcast_id, now, by)
    text = await text_row(session, broadcast_id, language)
    text.html, text.fallback, text.stopped, text.card = html, None, "", card
    text.changed_at = now
    await session.flush()


async def let_stand_in(
    session: AsyncSession,
    broadcast_id: int,
    reader: str,
    language: str,
    now: datetime,
    *,
    by: Chat | None = None,
) -> None:
    """Say which language stands in for a language without words."""
    await _changed(session, broadcast_id, now, by)
    text = await text_row(session, broadcast_id, reader)
    text.html, text.fallback, text.stopped, text.card = None, language, "", False
    text.changed_at = now
    await session.flush()


async def text_row(session: AsyncSession, broadcast_id: int, language: str) -> BroadcastText:
    """The row of a language's words; a new one where there is none."""
    text = await session.get(BroadcastText, (broadcast_id, language))
    if text is None:
        text = BroadcastText(broadcast_id=broadcast_id, language=language)
        session.add(text)
    return text


async def choose_audience(
    session: AsyncSession,
    broadcast_id: int,
    topics: Sequence[str],
    towns: Sequence[str],
    now: datetime,
    *,
    by: Chat | None = None,
) -> None:
    """Set topics and towns."""
    broadcast = await _changed(session, broadcast_id, now, by)
    broadcast.topics, broadcast.towns = joined(topics), joined(towns)
    await session.flush()


def _demand_complete(draft: Draft) -> None:
    """Every reader has words, and the chosen group is not too small to be chosen."""
    if draft.missing:
        raise NotComplete
    chosen = draft.audience.topics or draft.audience.towns
    if chosen and draft.total < SMALLEST:
        raise TooFew


async def ask_approval(
    session: AsyncSession, broadcast_id: int, by: Chat, channel: str, now: datetime
) -> None:
    """Ask the other staff to look at it. Raises ``NotComplete`` and ``TooFew``."""
    draft = await load_draft(session, broadcast_id, channel)
    _demand_complete(draft)
    asked = await session.scalar(
        update(Broadcast)
        .where(Broadcast.id == broadcast_id, Broadcast.state == "draft")
        .values(state="waiting", changed_at=now)
        .returning(Broadcast.id)
    )
    if asked is None:
        raise ChangedMeanwhile
    await tell_others(session, broadcast_id, "broadcast_waiting", by, now)


async def tell_others(
    session: AsyncSession, broadcast_id: int, kind: str, by: Chat, now: datetime
) -> None:
    """Owe a letter about a broadcast to everybody else who may approve one."""
    for other in await _approvers(session, by):
        owe(session, other, kind, {"broadcast_id": broadcast_id}, now)


async def _approvers(session: AsyncSession, author: Chat) -> list[Chat]:
    roles = [role.value for role in ALLOWED[Action.APPROVE_BROADCAST]]
    rows = await session.execute(
        select(StaffMember.channel, StaffMember.chat_id)
        .where(
            StaffMember.role.in_(roles),
            or_(StaffMember.channel != author.channel, StaffMember.chat_id != author.id),
        )
        .distinct()
        .order_by(StaffMember.channel, StaffMember.chat_id)
    )
    return [Chat(channel, chat_id) for channel, chat_id in rows]


async def approve(
    session: AsyncSession, broadcast_id: int, version: int, by: Chat, now: datetime
) -> None:
    """Say yes to exactly the version that was seen.

    Raises ``OwnApproval`` for who changed it last, ``ChangedMeanwhile`` when it is another version.
    """
    author = await author_of(session, broadcast_id)
    if author == by:
        raise OwnApproval
    approved = await session.scalar(
        update(Broadcast)
        .where(
            Broadcast.id == broadcast_id,
            Broadcast.version == version,
            Broadcast.state == "waiting",
        )
        .values(state="ready", approved_version=version, changed_at=now)
        .returning(Broadcast.id)
    )
    if approved is None:
        raise ChangedMeanwhile
    await _keep_approved(session, broadcast_id)
    if author is not None:
        owe(session, author, "broadcast_approved", {"broadcast_id": broadcast_id}, now)


async def _keep_approved(session: AsyncSession, broadcast_id: int) -> None:
    await session.execute(
        update(BroadcastText)
        .where(BroadcastText.broadcast_id == broadcast_id)
        .values(approved=BroadcastText.html)
    )


async def call_urgent(
    session: AsyncSession, broadcast_id: int, reason: str, channel: str, now: datetime
) -> None:
    """Let a reason stand in for the second person, at any hour. The caller notes who did it."""
    _demand_complete(await load_draft(session, broadcast_id, channel))
    done = await session.scalar(
        update(Broadcast)
        .where(Broadcast.id == broadcast_id, Broadcast.state.in_(_OPEN))
        .values(
            state="ready",
            urgent_reason=reason[:300],
            approved_version=Broadcast.version,
            changed_at=now,
        )
        .returning(Broadcast.id)
    )
    if done is None:
        raise ChangedMeanwhile
    await _keep_approved(session, broadcast_id)


async def release(
    session: AsyncSession, broadcast_id: int, at: datetime, channel: str, now: datetime
) -> None:
    """Let it leave at a moment, or at once. The first of two presses wins.

    Raises ``ChangedMeanwhile`` when it has left or is not approved as it stands.
    """
    _demand_complete(await load_draft(session, broadcast_id, channel))
    released = await session.scalar(
        update(Broadcast)
        .where(
            Broadcast.id == broadcast_id,
            Broadcast.state == "ready",
            Broadcast.approved_version == Broadcast.version,
            Broadcast.scheduled_at.is_(None),
        )
        .values(
            scheduled_at=at,
            changed_at=now,
            ends_at=func.coalesce(Broadcast.ends_at, max(at, now) + VALID_FOR),
        )
        .returning(Broadcast.id)
        .execution_options(synchronize_session=False)
    )
    if released is None:
        raise ChangedMeanwhile


async def unschedule(session: AsyncSession, broadcast_id: int, now: datetime) -> None:
    """Take back the moment, as long as it has not come."""
    taken = await session.scalar(
        update(Broadcast)
        .where(Broadcast.id == broadcast_id, Broadcast.state == "ready")
        .values(scheduled_at=None, changed_at=now)
        .returning(Broadcast.id)
    )
    if taken is None:
        raise ChangedMeanwhile


async def discard(session: AsyncSession, broadcast_id: int, now: datetime) -> None:
    """Throw away a broadcast that has not left."""
    gone = await session.scalar(
        update(Broadcast)
        .where(Broadcast.id == broadcast_id, Broadcast.state.in_(_OPEN))
        .values(state="cancelled", changed_at=now)
        .returning(Broadcast.id)
    )
    if gone is None:
        raise ChangedMeanwhile
