"""Linked mode, by choice: a push "a message is ready", through a mapping apart from the case.

The mapping is encrypted with a key derived from the site's secret and filed under keyed hashes.
Whoever has the database and the secret can resolve it; that is said before it is chosen.
"""

import json
import secrets
from datetime import date

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Chat, Letter, ReportLink
from bot.reports.site import SiteSecret

PUSH = "notice"
"""The kind of the letter that says a message is ready; it names no report."""

_NONCE = 12
_SEALED_LETTERS = 64


async def link_chat(
    session: AsyncSession, site: SiteSecret, lookup: bytes, chat: Chat, today: date
) -> None:
    """Let this chat be told when a message is ready; an earlier choice is replaced."""
    tag = site.link_tag(lookup)
    await unlink_case(session, site, lookup)
    nonce = secrets.token_bytes(_NONCE)
    words = json.dumps([chat.channel, chat.id]).ljust(_SEALED_LETTERS).encode()
    sealed = nonce + ChaCha20Poly1305(site.link_key).encrypt(nonce, words, tag)
    session.add(
        ReportLink(
            tag=tag, owner=site.link_owner(chat.channel, chat.id), sealed=sealed, renewed_on=today
        )
    )


async def linked_chat(session: AsyncSession, site: SiteSecret, lookup: bytes) -> Chat | None:
    """The chat that wants to be told, or nothing."""
    tag = site.link_tag(lookup)
    sealed = await session.scalar(select(ReportLink.sealed).where(ReportLink.tag == tag))
    if sealed is None:
        return None
    try:
        words = ChaCha20Poly1305(site.link_key).decrypt(sealed[:_NONCE], sealed[_NONCE:], tag)
    except InvalidTag:
        return None
    channel, number = json.loads(words)
    return Chat(channel, number)


async def renew_link(session: AsyncSession, site: SiteSecret, lookup: bytes, today: date) -> None:
    """Let a link live on: it was used."""
    await session.execute(
        update(ReportLink).where(ReportLink.tag == site.link_tag(lookup)).values(renewed_on=today)
    )


async def unlink_case(session: AsyncSession, site: SiteSecret, lookup: bytes) -> None:
    """No more pushes about this report, not even one that is owed already.

    A push names no report: where the chat is linked to another one, too, it stays.
    """
    chat = await linked_chat(session, site, lookup)
    await session.execute(delete(ReportLink).where(ReportLink.tag == site.link_tag(lookup)))
    if chat is None:
        return
    owner = site.link_owner(chat.channel, chat.id)
    if not await session.scalar(select(exists().where(ReportLink.owner == owner))):
        await session.execute(
            delete(Letter).where(
                Letter.channel == chat.channel, Letter.chat_id == chat.id, Letter.kind == PUSH
            )
        )


async def unlink_chat(session: AsyncSession, site: SiteSecret, chat: Chat) -> None:
    """No more pushes to this chat, about whatever: part of /forget and /stop, and said nowhere.

    One that is owed already does not leave any more.
    """
    owner = site.link_owner(chat.channel, chat.id)
    await session.execute(delete(ReportLink).where(ReportLink.owner == owner))
    await session.execute(
        delete(Letter).where(
            Letter.channel == chat.channel, Letter.chat_id == chat.id, Letter.kind == PUSH
        )
    )
