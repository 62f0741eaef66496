"""What leaves for whom: rows of the ledger become messages, in the reader's language then."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import and_, case, exists, false, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.broadcasts.audience import Audience
from bot.models import Broadcast, BroadcastText, Delivery, Resident, Subscription
from bot.texts import OFFICE_LANGUAGE

DIGEST_LENGTH = 4_000  # UTF-16 units of all texts together; Telegram takes 4,096
_quietly = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that this worker may send, and nobody else."""

    id: int
    broadcast_id: int
    chat_id: int
    digest: bool


@dataclass(frozen=True, slots=True)
class Part:
    """What one broadcast says to one chat. ``language`` is that of the words."""

    delivery_id: int
    broadcast_id: int
    html: str
    language: str
    version: int
    withdrawn: bool
    event_id: int | None
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message to one chat: a broadcast, or several in a digest. Its rows are *sending*.

    ``message_id`` is set when a message that stands in the chat is to be edited; ``edited`` are
    then the rows that ask for it, and the other parts only stand beside them.
    """

    channel: str
    chat_id: int
    language: str
    parts: tuple[Part, ...]
    message_id: int | None = None
    edited: tuple[int, ...] = ()

    @property
    def ids(self) -> tuple[int, ...]:
        """The rows that this message is for."""
        return self.edited or tuple(part.delivery_id for part in self.parts)


class Texts:
    """Every broadcast's words in memory, read once for each version of them."""

    def __init__(self) -> None:
        self._by_version: dict[tuple[int, int], dict[str, str]] = {}

    async def words(
        self, session: AsyncSession, broadcast: Broadcast, language: str
    ) -> tuple[str, str]:
        """The language that speaks for a reader's language, and its words."""
        key = (broadcast.id, broadcast.version)
        if key not in self._by_version:
            if len(self._by_version) > 20:
                self._by_version.clear()
            self._by_version[key] = await self._read(session, broadcast.id)
        return spoken(self._by_version[key], language)

    async def _read(self, session: AsyncSession, broadcast_id: int) -> dict[str, str]:
        rows = await session.execute(
            select(BroadcastText.language, BroadcastText.html, BroadcastText.fallback).where(
                BroadcastText.broadcast_id == broadcast_id
            )
        )
        found: dict[str, str] = {}
        for language, html, fallback in rows:
            # A leading line break cannot stand in words: it marks a language that stands in.
            found[language] = html if html is not None else f"\n{fallback or OFFICE_LANGUAGE}"
        return found


def spoken(words: dict[str, str], language: str) -> tuple[str, str]:
    """The language that is spoken to a reader, and its words.

    Their own, else the one that staff chose to stand in, else the office's.
    """
    own = words.get(language, f"\n{OFFICE_LANGUAGE}")
    if own.startswith("\n"):
        language = own[1:] if not words.get(own[1:], "\n").startswith("\n") else OFFICE_LANGUAGE
        own = words[language]
    return language, own


async def begin_sending(
    session: AsyncSession, rows: Sequence[Claimed], channel: str, worker: str, texts: Texts
) -> list[Parcel]:
    """Turn claimed rows into messages that leave now; the rows are *sending* from here on.

    Left out is who no longer wants any of the topics; given back is what was paused meanwhile or
    claimed by somebody else; held is who reads a language whose words were refused.
    """
    parcels: list[Parcel] = []
    for broadcast in await session.scalars(
        select(Broadcast)
        .where(Broadcast.id.in_({row.broadcast_id for row in rows}))
        .order_by(Broadcast.id)
        .execution_options(populate_existing=True)
    ):
        ids = [row.id for row in rows if row.broadcast_id == broadcast.id]
        if broadcast.state == "running":
            parcels += await _begin(session, broadcast, ids, channel, worker, texts)
        # Whatever did not begin: the reader said stop, or it goes back.
        await _leave_out(session, broadcast, ids, worker)
        await give_back(session, ids, worker)
    parcels += await _beside(session, parcels, texts)
    return await _join(session, parcels, worker)


async def _beside(session: AsyncSession, parcels: list[Parcel], texts: Texts) -> list[Parcel]:
    """What else stands in the messages that are to be edited: the other parts of a digest."""
    edited = {(parcel.chat_id, parcel.message_id) for parcel in parcels if parcel.message_id}
    if not edited:
        return []
    known = {part.delivery_id for parcel in parcels for part in parcel.parts}
    rows = await session.execute(
        select(Delivery, Broadcast)
        .join(Broadcast, Broadcast.id == Delivery.broadcast_id)
        .where(
            Delivery.channel == parcels[0].channel,
            Delivery.chat_id.in_({chat_id for chat_id, _message in edited}),
            Delivery.message_id.in_({message_id for _chat, message_id in edited}),
            Delivery.digest,
        )
        .order_by(Delivery.id)
        .execution_options(populate_existing=True)
    )
    beside = []
    for row, broadcast in rows.all():
        if (row.chat_id, row.message_id) in edited and row.id not in known:
            reader = row.language or OFFICE_LANGUAGE
            part = _part(row.id, broadcast, *await texts.words(session, broadcast, reader))
            beside.append(Parcel(row.channel, row.chat_id, reader, (part,), row.message_id))
    return beside


def _part(delivery_id: int, broadcast: Broadcast, language: str, html: str) -> Part:
    return Part(
        delivery_id=delivery_id,
        broadcast_id=broadcast.id,
        html=html,
        language=language,
        version=broadcast.version,
        withdrawn=broadcast.withdrawn,
        event_id=broadcast.event_id,
        topics=Audience.of(broadcast).topics,
    )


def _wanted(broadcast: Broadcast) -> Any:
    if broadcast.withdrawn:
        return false()  # nobody gets a new message about what does not take place
    return exists().where(
        Subscription.channel == Delivery.channel,
        Subscription.chat_id == Delivery.chat_id,
        Audience.of(broadcast).wants,
    )


async def _leave_out(
    session: AsyncSession, broadcast: Broadcast, ids: Collection[int], worker: str
) -> None:
    await session.execute(
        update(Delivery)
        .where(
            mine(ids, worker),
            Delivery.state == "claimed",
            Delivery.task == "send",
            ~_wanted(broadcast),
        )
        .values(
            state="left out",
            reason="cancelled" if broadcast.withdrawn else "stopped",
            claimed_by=None,
        )
        .execution_options(**_quietly)
    )


async def _begin(
    session: AsyncSession,
    broadcast: Broadcast,
    ids: Collection[int],
    channel: str,
    worker: str,
    texts: Texts,
) -> list[Parcel]:
    language = (
        select(Resident.language)
        .where(Resident.channel == Delivery.channel, Resident.chat_id == Delivery.chat_id)
        .scalar_subquery()
    )
    begun = await session.execute(
        update(Delivery)
        .where(
            mine(ids, worker),
            Delivery.state == "claimed",
            exists().where(Broadcast.id == broadcast.id, Broadcast.state == "running"),
            or_(Delivery.task == "edit", _wanted(broadcast)),
        )
        .values(
            state="sending",
            attempts=Delivery.attempts + 1,
            language=case((Delivery.task == "edit", Delivery.language), else_=language),
        )
        .returning(
            Delivery.id, Delivery.chat_id, Delivery.task, Delivery.message_id, Delivery.language
        )
        .execution_options(**_quietly)
    )
    stopped = set(
        await session.scalars(
            select(BroadcastText.language).where(
                BroadcastText.broadcast_id == broadcast.id, BroadcastText.stopped != ""
            )
        )
    )
    parcels, held = [], []
    for row_id, chat_id, task, message_id, reader in begun.all():
        language_spoken, html = await texts.words(session, broadcast, reader or OFFICE_LANGUAGE)
        if language_spoken in stopped:
            held.append(row_id)
            continue
        part = _part(row_id, broadcast, language_spoken, html)
        edit = task == "edit"
        parcels.append(
            Parcel(
                channel,
                chat_id,
                reader or OFFICE_LANGUAGE,
                (part,),
                message_id if edit else None,
                (row_id,) if edit else (),
            )
        )
    if held:
        await session.execute(
            update(Delivery)
            .where(mine(held, worker))
            .values(state="held", claimed_by=None, attempts=Delivery.attempts - 1)
            .execution_options(**_quietly)
        )
    return parcels


async def _join(session: AsyncSession, parcels: list[Parcel], worker: str) -> list[Parcel]:
    """One message for each chat; what does not fit into it waits for the next one."""
    joined: dict[tuple[int, int | None], list[Parcel]] = {}
    for parcel in parcels:
        joined.setdefault((parcel.chat_id, parcel.message_id), []).append(parcel)
    result, too_much = [], []
    for group in joined.values():
        length = 0
        parts: list[Part] = []
        edited: list[int] = []
        for parcel in sorted(group, key=lambda one: one.parts[0].delivery_id):
            length += len(parcel.parts[0].html.encode("utf-16-le")) // 2 + 2
            if parts and length > DIGEST_LENGTH and parcel.message_id is None:
                too_much.append(parcel.parts[0].delivery_id)
                continue
            parts.append(parcel.parts[0])
            edited += parcel.edited
        result.append(replace(group[0], parts=tuple(parts), edited=tuple(edited)))
    if too_much:
        await session.execute(
            update(Delivery)
            .where(mine(too_much, worker), Delivery.state == "sending")
            .values(state="planned", claimed_by=None, attempts=Delivery.attempts - 1)
            .execution_options(**_quietly)
        )
    return result


async def give_back(session: AsyncSession, ids: Collection[int], worker: str) -> None:
    """Give claimed rows back: they are planned again."""
    if ids:
        await session.execute(
            update(Delivery)
            .where(mine(ids, worker), Delivery.state == "claimed")
            .values(state="planned", claimed_by=None)
            .execution_options(**_quietly)
        )


def mine(ids: Collection[int], worker: str) -> Any:
    """Which rows are these, as long as this worker has them."""
    return and_(Delivery.id.in_(ids), Delivery.claimed_by == worker)
