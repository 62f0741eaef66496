"""Send: the receipt is shown first, then the report is kept, then the chat is cleared."""

import asyncio
import logging
from contextlib import suppress

from aiogram import Bot, html
from aiogram.exceptions import TelegramAPIError
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.channels import Channel
from bot.errors import Refusal
from bot.models import Chat
from bot.office import Office
from bot.reports import Private, Sealed, send_sealed, word_list
from bot.reports.notices import move_and_tell, next_fixed_time
from bot.reports.telling import Screen, talk_of
from bot.reports.workdays import after_workdays
from bot.switches import Module, switched_off
from bot.texts import HOUSE_TIME, _, day, left_to_right
from handlers.buttons import Keys
from handlers.errors import where
from handlers.menu import show_menu
from handlers.private import clear_by_hand, pressed_message, throw_away
from handlers.reports.buttons import Report, with_exit
from handlers.reports.stage import show
from handlers.reports.words import german, left_out_mark

logger = logging.getLogger(__name__)
_FIRST_CHECK_WORKDAYS = 2
_ATTEMPTS, _PAUSE = 2, 0.5  # seconds


async def ask_receipt(query: CallbackQuery, office: Office, private: Private) -> None:
    """Before sending: digits or words. Without anything told there is nothing to send."""
    message, talk = pressed_message(query), talk_of(private)
    if message is None or talk.screen is not Screen.PREVIEW:
        return
    keys = Keys()
    if talk.draft.empty:
        keys.row((_("Tell more"), Report(do="more")), (_("Back"), Report(do="preview")))
        await show(message, private, _("There is nothing to send yet."), keys)
        return
    lines = [
        html.bold(_("You get a receipt.")),
        _(
            "With the receipt you can come back: read an answer, add something, or delete your "
            "report. Nobody can look it up. I show it only once. "
            "Have pen and paper ready."
        ),
        _("Which receipt is easier for you?"),
    ]
    keys.row((_("Send, receipt as 19 digits"), Report(do="send-now", item="digits")))
    if word_list(talk.draft.told_language or private.told.language):
        keys.row((_("Send, receipt as 6 words"), Report(do="send-now", item="words")))
    keys.row((_("Back"), Report(do="preview")))
    await show(message, private, "\n\n".join(lines), keys)


async def send(
    query: CallbackQuery,
    callback_data: Report,
    bot: Bot,
    office: Office,
    here: Chat,
    channel: Channel,
    private: Private,
) -> None:
    """Seal, show the receipt, keep, clear.

    Killed before the report is kept, nothing is; killed afterwards, the receipt that was shown
    opens the whole report. At no moment is there a report whose receipt nobody has.
    """
    message, talk = pressed_message(query), talk_of(private)
    if message is None or talk.screen is not Screen.PREVIEW or talk.draft.empty:
        return
    async with office.sessions.begin() as session:
        reason = (await switched_off(session)).get(Module.REPORTS)
    if reason is not None:
        await _not_sent(message, private, _("Reports are paused at the moment."))
        return
    if not await channel.effort(here.id):
        # Against floods: a page that was closed or cannot calculate sends nothing.
        why = _("Your device did not finish a small task against abuse. Please try again.")
        await _not_sent(message, private, why)
        return
    told = talk.draft.told(private.told.language, german, left_out_mark)
    link = here if talk.draft.linked and channel.can_push else None
    office.reporting.budget.take(channel.name)
    sealed = await office.reporting.seal_report(
        told, office.now(), words=callback_data.item == "words", link=link
    )
    slip = await message.answer(sending_words(sealed))
    try:
        await _keep(office, sealed)
    except Refusal:
        await slip.edit_text(
            _("Your report was not sent and not kept. This receipt does not work.")
        )
        await _not_sent(
            message, private, _("Please try again in a while. Your draft is still here.")
        )
        return
    except Exception as error:
        logger.error("a report may not be kept: %s", where(error))
        await slip.edit_text(uncertain_words(sealed))
        unsure = _("I am not sure whether it has arrived. Please look with the receipt first.")
        await show(message, private, unsure, _back_keys())
        return
    await _arrived(bot, office, here, private, slip, sealed)
    if sealed.urgent:
        await _tell_at_once(office)


async def _keep(office: Office, sealed: Sealed) -> None:
    """Keep it. A database that goes away in the middle is asked once more: that keeps it once."""
    for attempt in range(_ATTEMPTS):
        try:
            async with office.sessions.begin() as session:
                await send_sealed(session, office.reporting.site, sealed, office.now())
        except Refusal:
            raise
        except Exception:
            if attempt == _ATTEMPTS - 1:
                raise
            await asyncio.sleep(_PAUSE)
        else:
            return


async def _tell_at_once(office: Office) -> None:
    """Tell the case workers of an urgent report; should that fail, the next fixed time does it."""
    try:
        async with office.sessions.begin() as session:
            await move_and_tell(session, office.reporting.site, office.now(), urgent=True)
    except Exception as error:
        # The report is kept, and its teller was told so: no apology must say otherwise.
        logger.error("an urgent report waits for the next fixed time: %s", where(error))


async def _not_sent(message: Message, private: Private, reason: str) -> None:
    text = html.bold(_("Your report is not sent.")) + "\n" + reason
    await show(message, private, text, _back_keys())


def _back_keys() -> Keys:
    return Keys().row((_("Back to my report"), Report(do="preview")))


async def _arrived(
    bot: Bot, office: Office, here: Chat, private: Private, slip: Message, sealed: Sealed
) -> None:
    """Say that it is kept; clear the chat; say what could not be cleared."""
    linked = sealed.link is not None
    telegram = here.channel == "telegram"
    text = arrived_words(office, sealed, linked=linked, telegram=telegram)
    with suppress(TelegramAPIError):
        # Should this not arrive, the slip still says how to look with the receipt.
        await slip.edit_text(text, reply_markup=slip_keys())
    left = await throw_away(bot, office, here, private, keep=[slip.message_id])
    office.door.sent(here, office.now())
    if left:
        more = _("Messages that I could not delete: {count}. Please delete them by hand.")
        with suppress(TelegramAPIError):
            await slip.edit_text(f"{text}\n\n{more.format(count=left)}", reply_markup=slip_keys())


def slip_keys() -> InlineKeyboardMarkup:
    """Below the receipt: it was written down."""
    keys = Keys().row((_("I have written it down. Delete this message"), Report(do="noted")))
    return with_exit(keys).markup()


def receipt_line(sealed: Sealed) -> str:
    """The receipt, to be copied by hand."""
    if sealed.receipt is None:
        return ""
    return html.code(left_to_right(html.quote(sealed.receipt.shown)))


def sending_words(sealed: Sealed) -> str:
    """The slip while the report is on its way."""
    return "\n\n".join(
        [
            html.bold(_("Your receipt:")),
            receipt_line(sealed),
            _(
                "I am sending your report now. Please wait for “Your report has arrived”. "
                "If that does not come: write /receipt and then your receipt. "
                "Then you see whether it has arrived."
            ),
        ]
    )


def uncertain_words(sealed: Sealed) -> str:
    """The database did not say whether it kept the report: the receipt will."""
    return "\n\n".join(
        [
            html.bold(_("I do not know whether your report has arrived.")),
            receipt_line(sealed),
            _(
                "Please write this receipt down. Look in a few minutes: write /receipt and then "
                "your receipt. If it opens nothing, nothing was kept. Then you can send it again."
            ),
        ]
    )


def arrived_words(office: Office, sealed: Sealed, *, linked: bool, telegram: bool) -> str:
    """It has arrived: the receipt, when to come back, how, and what was cleared."""
    today = office.now().astimezone(HOUSE_TIME).date()
    seen_from = next_fixed_time(office.now()).date()
    until = after_workdays(max(today, seen_from), _FIRST_CHECK_WORKDAYS)
    lines = [
        html.bold(_("Your report has arrived. Thank you.")),
        html.bold(_("Your receipt:")),
        receipt_line(sealed),
        _("Please write it down now. Nobody can give it to you again, and nobody may ask for it."),
        _(
            "The case workers want to read your report by {day}. Then come back: "
            "write /receipt and then your receipt."
        ).format(day=day(until)),
    ]
    if office.settings.public_url:
        url = html.quote(office.settings.public_url)
        lines.append(
            _("The receipt opens your mailbox in every chat, also here: {link}").format(
                link=html.link(left_to_right(url), url)
            )
        )
    if sealed.urgent:
        lines.append(_("Your report is urgent: the case workers are told now."))
    if linked:
        lines.append(_("I write to you here when a message is ready."))
    cleared = _("I have deleted the messages of this conversation from the chat.")
    rest = clear_by_hand() if telegram else _("Please close this page when you are done.")
    lines.append(f"{cleared} {rest}")
    return "\n\n".join(lines)


async def noted(query: CallbackQuery) -> None:
    """The receipt is on paper: its message goes."""
    message = pressed_message(query)
    if message is None:
        return
    try:
        await message.delete()
    except TelegramAPIError:
        await message.answer(_("I cannot delete this message any more. Please delete it by hand."))
        return
    await show_menu(message)
