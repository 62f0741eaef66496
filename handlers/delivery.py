"""Delivers what is owed: words are chosen here, in the reader's language at that moment."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNotFound,
    TelegramRetryAfter,
)
from aiogram.types import InlineKeyboardMarkup

from bot.db import Sessions
from bot.events import load_event
from bot.events.quieting import LETTER_KINDS
from bot.interpreting.offers import volunteer_unreachable
from bot.models import Chat, Letter
from bot.outbox import (
    LEASE,
    MOST_ATTEMPTS,
    claim_letters,
    delivered,
    give_back_letters,
    postpone,
    still_owed,
)
from bot.residents import find_resident
from bot.texts import OFFICE_LANGUAGE, _, speaking
from handlers import pool_letters  # noqa: F401 - its letters make themselves known
from handlers.errors import where
from handlers.events import letter_words
from handlers.parcels import Parcel, arrived, compose, is_ours
from handlers.staff.broadcasts.letters import broadcast_letter
from handlers.staff.desk import role_name
from handlers.staff.people import heard_keys

logger = logging.getLogger(__name__)


def words(letter: Letter) -> tuple[str, InlineKeyboardMarkup | None]:
    """What a letter says and which buttons it has."""
    match letter.kind:
        case "invitation_opened":
            number = int(letter.content["invitation_id"])
            return (
                _(
                    "Somebody has opened your invitation number {number}. "
                    "Ask this person on the phone for the two digits. Then press the button."
                ).format(number=number),
                heard_keys(number),
            )
        case "role_active":
            return (
                _("Your role is active: {role}. Write /staff").format(
                    role=role_name(letter.content["role"])
                ),
                None,
            )
        case "reports_waiting":
            return reports_waiting(letter.content), None
        case "notice":
            return _("A message is ready."), None
        case kind if kind.startswith("broadcast_"):
            return broadcast_letter(letter)
        case unknown:
            raise ValueError(f"a letter of unknown kind {unknown!r}")


def reports_waiting(content: Mapping[str, Any]) -> str:
    """What case workers read about new reports: numbers, never content."""
    lines = []
    if content["urgent"]:
        lines.append(_("Urgent reports: {count}").format(count=content["urgent"]))
    if content["reports"]:
        waits = _("Reports that wait for a first check: {count}")
        new = _("New reports: {count}")
        words = waits if content["again"] else new
        lines.append(words.format(count=content["reports"]))
    if content["messages"]:
        lines.append(_("New messages about reports: {count}").format(count=content["messages"]))
    return "\n".join(lines)


@dataclass
class _Sent:
    """What came of a try: how long to wait before the next one, or ``None`` when there is none."""

    wait: timedelta | None = None
    parcel: Parcel | None = None
    message_id: int = 0
    blocked: bool = False


async def deliver_due(sessions: Sessions, bots: Mapping[str, Bot], now: datetime) -> int:
    """Deliver the letters that are due on our channels; returns how many were tried.

    Delivery is at least once: a crash between sending and noting it sends a notice again.
    """
    async with sessions.begin() as session:
        letters = await claim_letters(session, list(bots), now)
    half = LEASE.total_seconds() / 2
    begun = monotonic()
    for number, letter in enumerate(letters):
        if monotonic() - begun > half:
            # Telegram is slow: the rest is given back before our lease runs out.
            async with sessions.begin() as session:
                await give_back_letters(session, letters[number:])
            break
        try:
            async with asyncio.timeout(half):
                sent = await _deliver(sessions, bots[letter.channel], letter, now)
        except Exception as error:
            # A letter that cannot be written must not hold up the others.
            logger.error("a letter waits: %s", where(error))
            sent = _Sent(wait=timedelta(0))
        if sent.wait == timedelta(0) and letter.attempts >= MOST_ATTEMPTS:
            logger.error("a letter is given up after %d tries", letter.attempts)
        try:
            await _note(sessions, letter, sent, now)
        except Exception as error:
            # What follows from it may fail; that it arrived is noted all the same.
            logger.error("what follows a letter failed: %s", where(error))
            async with sessions.begin() as session:
                if sent.wait is None:
                    await delivered(session, letter.id)
    return len(letters)


async def _note(sessions: Sessions, letter: Letter, sent: _Sent, now: datetime) -> None:
    """Note that a letter arrived and do what follows from it, or try again later."""
    async with sessions.begin() as session:
        if sent.blocked:
            await volunteer_unreachable(session, Chat(letter.channel, letter.chat_id), now)
        if sent.wait is None:
            if sent.parcel is not None and sent.message_id:
                await arrived(session, letter, sent.parcel, sent.message_id, now)
            await delivered(session, letter.id)
        else:
            await postpone(session, letter, now, sent.wait or None)


async def _parcel(session: Any, letter: Letter, language: str, now: datetime) -> Parcel | None:
    """What a letter says, by what it is about; ``None`` when it is not true any more."""
    if is_ours(letter.kind):
        return await compose(session, letter, now)
    if letter.kind in LETTER_KINDS:
        loaded = await load_event(session, letter.content["event_id"])
        said = letter_words(letter, loaded, language, now)
        return None if said is None else Parcel(*said)
    return Parcel(*words(letter))


async def _deliver(sessions: Sessions, bot: Bot, letter: Letter, now: datetime) -> _Sent:
    """Send a letter in the reader's language, or replace an earlier message."""
    chat = Chat(letter.channel, letter.chat_id)
    async with sessions.begin() as session:
        if not await still_owed(session, letter.id):
            return _Sent()  # /stop or /forget came after it was claimed
        resident = await find_resident(session, chat)
        language = resident.language if resident else OFFICE_LANGUAGE
        with speaking(language):
            parcel = await _parcel(session, letter, language, now)
    if parcel is None:
        return _Sent()
    with speaking(language):
        try:
            return _Sent(parcel=parcel, message_id=await _send(bot, letter.chat_id, parcel))
        except TelegramRetryAfter as error:
            return _Sent(wait=timedelta(seconds=error.retry_after))
        except (TelegramForbiddenError, TelegramBadRequest, TelegramNotFound) as error:
            logger.info("a letter cannot arrive: %s", type(error).__name__)
            return _Sent(blocked=isinstance(error, TelegramForbiddenError))
        except TelegramAPIError as error:
            logger.warning("a letter waits: %s", type(error).__name__)
            return _Sent(wait=timedelta(0))


async def _send(bot: Bot, chat_id: int, parcel: Parcel) -> int:
    """Send what a letter says; returns the number of the new message, 0 when one was replaced."""
    if parcel.replaces is not None:
        await bot.edit_message_text(
            parcel.text, chat_id=chat_id, message_id=parcel.replaces, reply_markup=parcel.keys
        )
        return 0
    if parcel.document is not None:
        message = await bot.send_document(
            chat_id, parcel.document, caption=parcel.text, reply_markup=parcel.keys
        )
    else:
        message = await bot.send_message(chat_id, parcel.text, reply_markup=parcel.keys)
    return message.message_id
