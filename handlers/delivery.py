"""Delivers what is owed: words are chosen here, in the reader's language at that moment."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from time import monotonic

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
from bot.models import Chat, Letter
from bot.outbox import LEASE, MOST_ATTEMPTS, claim_letters, delivered, postpone, still_owed
from bot.residents import find_resident
from bot.texts import OFFICE_LANGUAGE, _, speaking
from handlers.errors import where
from handlers.events import letter_words
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
        case kind if kind.startswith("broadcast_"):
            return broadcast_letter(letter)
        case unknown:
            raise ValueError(f"a letter of unknown kind {unknown!r}")


async def deliver_due(sessions: Sessions, bots: Mapping[str, Bot], now: datetime) -> int:
    """Deliver the letters that are due on our channels; returns how many were tried.

    Delivery is at least once: a crash between sending and noting it sends a notice again.
    """
    async with sessions.begin() as session:
        letters = await claim_letters(session, list(bots), now)
    half = LEASE.total_seconds() / 2
    begun = monotonic()
    for letter in letters:
        if monotonic() - begun > half:
            break  # Telegram is slow: the rest is claimed anew when our lease has run out
        try:
            async with asyncio.timeout(half):
                wait = await _deliver(sessions, bots[letter.channel], letter, now)
        except Exception as error:
            # A letter that cannot be written must not hold up the others.
            logger.error("a letter waits: %s", where(error))
            wait = timedelta(0)
        if wait is not None and letter.attempts >= MOST_ATTEMPTS:
            logger.error("a letter is given up after %d tries", letter.attempts)
        async with sessions.begin() as session:
            if wait is None:
                await delivered(session, letter.id)
            else:
                await postpone(session, letter, now, wait or None)
    return len(letters)


async def _deliver(sessions: Sessions, bot: Bot, letter: Letter, now: datetime) -> timedelta | None:
    """Send a letter; how long to wait before the next try, or ``None`` when there is none."""
    async with sessions.begin() as session:
        if not await still_owed(session, letter.id):
            return None  # /stop or /forget came after it was claimed
        resident = await find_resident(session, Chat(letter.channel, letter.chat_id))
        about_event = letter.kind in LETTER_KINDS
        loaded = await load_event(session, letter.content["event_id"]) if about_event else None
    language = resident.language if resident else OFFICE_LANGUAGE
    with speaking(language):
        said = letter_words(letter, loaded, language, now) if about_event else words(letter)
        if said is None:
            return None
        text, keys = said
        try:
            await bot.send_message(letter.chat_id, text, reply_markup=keys)
        except TelegramRetryAfter as error:
            return timedelta(seconds=error.retry_after)
        except (TelegramForbiddenError, TelegramBadRequest, TelegramNotFound) as error:
            logger.info("a letter cannot arrive: %s", type(error).__name__)
            return None
        except TelegramAPIError as error:
            logger.warning("a letter waits: %s", type(error).__name__)
            return timedelta(0)
    return None
