"""How far a broadcast is: one message with a bar that renews itself, and a report at the end."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from time import monotonic

from aiogram import Bot, html
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.types import InlineKeyboardMarkup

from bot.broadcasts import (
    Report,
    Tally,
    due_screens,
    is_quiet,
    keep_outcome,
    put_away_screen,
    quiet_until,
    report,
    stopped_languages,
    tally,
)
from bot.db import Sessions
from bot.models import Broadcast, BroadcastScreen, Chat
from bot.residents import find_resident
from bot.switches import Module, switched_off
from bot.texts import OFFICE_LANGUAGE, _, language_name, listing, moment, ngettext, speaking
from handlers.broadcasts import follow_events
from handlers.buttons import Keys
from handlers.staff.broadcasts.screens import Cast, back, figure, state_name

logger = logging.getLogger(__name__)
RENEWED_EVERY = timedelta(seconds=3)
_BAR = 20


def bar(share: float) -> str:
    """A bar of twenty signs; the share stands beside it as a number for who cannot see it."""
    full = min(_BAR, round(share * _BAR))
    return "█" * full + "░" * (_BAR - full)


def counts_words(counted: Tally) -> list[str]:
    """What became of the rows; what did not arrive exactly, because somebody may have to act."""
    lines = [_("Sent: {count}").format(count=figure(counted.sent))]
    for count, words in (
        (counted.editing, _("still with the old words: {count}")),
        (counted.later, _("come later in one message with others: {count}")),
        (counted.blocked, _("have blocked the bot: {count}")),
        (counted.deleted, _("accounts deleted: {count}")),
        (counted.failed, _("failed: {count}")),
        (counted.held, _("wait for a corrected text: {count}")),
        (counted.left_out, _("wanted no more messages, or cannot be reached: {count}")),
        (counted.uncertain, _("uncertain: {count}")),
    ):
        if count:
            lines.append("• " + words.format(count=count))
    return lines


def progress_words(
    broadcast: Broadcast,
    counted: Tally,
    stopped: Mapping[str, str],
    rate: float | None,
    now: datetime,
    off: str | None = None,
) -> str:
    """A broadcast under way, in words and as a bar; ``off`` is why events are switched off."""
    head = _("Announcement {number}").format(number=broadcast.id)
    state = state_name(broadcast)
    if broadcast.state == "running" and counted.total and not counted.waiting + counted.later:
        state = _("messages are being changed")
    lines = [html.bold(f"{head}: {state}")]
    total = counted.total - counted.later
    if total:
        share = counted.through / total
        lines.append(f"{bar(share)} {round(100 * share)} %")
    lines += counts_words(counted)
    if broadcast.state == "running" and rate:
        left = (counted.waiting + counted.editing) / rate
        lines.append(
            _("{rate} a second, about {left} left").format(
                rate=round(rate), left=span_words(timedelta(seconds=left))
            )
        )
    if broadcast.state == "running" and is_quiet(now) and not broadcast.urgent_reason:
        until = moment(quiet_until(now))
        lines.append(_("It is quiet time. It goes on: {moment}").format(moment=until))
    if off is not None:
        lines.append(
            _("Events are switched off, so nothing is sent. Reason: {reason}").format(
                reason=html.quote(off)
            )
        )
    if broadcast.pause_reason == "token":
        lines.append(
            _("Telegram does not know the bot's token any more. Please tell the operator.")
        )
    if stopped:
        names = listing([language_name(language) for language in stopped])
        lines.append(
            html.bold(_("Telegram does not take the text in: {languages}.").format(languages=names))
        )
        lines.append(_("Please correct it. Then it goes on for these people."))
    return "\n".join(lines)


def span_words(span: timedelta) -> str:
    """A span in minutes, or in seconds below one."""
    seconds = max(1, round(span.total_seconds()))
    if seconds < 60:
        return ngettext("{count} second", "{count} seconds", seconds).format(count=seconds)
    minutes = round(seconds / 60)
    return ngettext("{count} minute", "{count} minutes", minutes).format(count=minutes)


def report_words(broadcast: Broadcast, shown: Report) -> str:
    """How it went, in words that can be read out in a meeting."""
    head = _("Announcement {number}: {state}").format(
        number=broadcast.id, state=state_name(broadcast)
    )
    lines = [html.bold(head), *counts_words(shown.tally)]
    for language, share in shown.shares.items():
        name = language_name(language)
        if share is None:
            lines.append(_("{language}: fewer than 5 people").format(language=name))
        else:
            lines.append(
                _("{language}: {share} % got it").format(language=name, share=round(share))
            )
    return "\n".join(lines)


def live_keys(broadcast: Broadcast, counted: Tally) -> InlineKeyboardMarkup:
    """What can be done with a broadcast that has left."""
    keys, number = Keys(), broadcast.id
    if broadcast.state in {"planning", "running"}:
        keys.row(
            (_("Pause"), Cast(what="pause", id=number)),
            (_("Stop for good"), Cast(what="cancel", id=number)),
        )
    elif broadcast.state == "paused":
        keys.row(
            (_("Go on"), Cast(what="on", id=number)),
            (_("Stop for good"), Cast(what="cancel", id=number)),
        )
    if counted.uncertain and broadcast.uncertain_choice is None and broadcast.state == "done":
        keys.row((_("Uncertain messages"), Cast(what="uncertain", id=number)))
    if broadcast.state in {"running", "paused", "done"} and not broadcast.withdrawn:
        keys.row(
            (_("Correct the text"), Cast(what="correct", id=number)),
            (_("It does not take place"), Cast(what="withdraw", id=number)),
        )
    if broadcast.state == "done":
        keys.row((_("As a picture"), Cast(what="chart", id=number)))
    return keys.row(*back()).markup()


class Rates:
    """How fast broadcasts go: what was through at the last look, in memory."""

    def __init__(self) -> None:
        self._last: dict[int, tuple[float, int]] = {}

    def of(self, broadcast_id: int, done: int) -> float | None:
        """Messages a second since the last look."""
        now = monotonic()
        before = self._last.get(broadcast_id)
        self._last[broadcast_id] = (now, done)
        if before is None or now <= before[0] or done < before[1]:
            return None
        return (done - before[1]) / (now - before[0])


_rates = Rates()


async def show_progress(sessions: Sessions, bot: Bot, channel: str, now: datetime) -> int:
    """Renew the messages that show how far broadcasts are; nothing more to do at once."""
    await follow_events(sessions, now)
    async with sessions.begin() as session:
        due = await due_screens(session, channel, now - RENEWED_EVERY, now)
    for screen, broadcast in due:
        await _renew(sessions, bot, screen, broadcast, now)
    return 0


async def _renew(
    sessions: Sessions, bot: Bot, screen: BroadcastScreen, broadcast: Broadcast, now: datetime
) -> None:
    over = broadcast.state in {"done", "cancelled"}
    async with sessions.begin() as session:
        counted = await tally(session, broadcast.id, now)
        stopped = await stopped_languages(session, broadcast.id)
        shown = await (keep_outcome if over else report)(session, broadcast.id, now)
        staff = await find_resident(session, Chat(screen.channel, screen.chat_id))
        off = (await switched_off(session)).get(Module.EVENTS)
        if over:
            await put_away_screen(session, broadcast.id)
    rate = _rates.of(broadcast.id, counted.through - counted.editing)
    with speaking(staff.language if staff else OFFICE_LANGUAGE):
        text = (
            report_words(broadcast, shown)
            if over and not stopped
            else progress_words(broadcast, counted, stopped, rate, now, off)
        )
        keys = live_keys(broadcast, counted)
        try:
            await bot.edit_message_text(
                text, chat_id=screen.chat_id, message_id=screen.message_id, reply_markup=keys
            )
        except TelegramBadRequest as error:
            if "not modified" not in error.message:
                logger.info("a progress message is gone: %s", type(error).__name__)
        except TelegramAPIError as error:
            logger.warning("progress is not shown: %s", type(error).__name__)
