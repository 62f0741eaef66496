"""Refusals get their words here; anything else an apology, and a log line without content."""

import logging
import traceback

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramNetworkError
from aiogram.filters import ExceptionTypeFilter
from aiogram.types import ErrorEvent, InaccessibleMessage, Message, Update

from bot.errors import (
    InvitationInvalid,
    LastAdmin,
    NoSuchReport,
    NothingToDo,
    NotStaff,
    Refusal,
    ReportsNotReady,
    TooMuchTold,
    WaitAWhile,
)
from bot.texts import _

logger = logging.getLogger(__name__)


def words(refusal: Refusal) -> str:
    """What a person reads when the office says no."""
    match refusal:
        case NotStaff():
            return _("This is for staff only.")
        case InvitationInvalid():
            return _("This link is not valid any more. Please ask for a new one.")
        case LastAdmin():
            return _("You are the last administrator. Invite another one first.")
        case NothingToDo():
            return _("This has already been done.")
        case ReportsNotReady():
            return _("Reports cannot be made here at the moment. Nothing was sent.")
        case TooMuchTold():
            return _(
                "That is too much at once: I did not take the last part. "
                "What you told before is still there."
            )
        case WaitAWhile(seconds=seconds):
            return _(
                "Too many people are writing at this moment. Nothing was sent, nothing is lost. "
                "Please try again in {minutes} minutes."
            ).format(minutes=max(1, round(seconds / 60)))
        case NoSuchReport():
            return _("There is no report with this receipt any more.")
        case _unknown:
            return _("That is not possible.")


def where(error: BaseException) -> str:
    """Kind and place of an error, "ValueError at staff.py:41 in invite": never what it says.

    An error's own text may repeat what somebody wrote.
    """
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "/handlers/" in f.filename or "/bot/" in f.filename] or frames
    if not ours:
        return type(error).__name__
    last = ours[-1]
    return (
        f"{type(error).__name__} at {last.filename.rsplit('/', 1)[-1]}:{last.lineno} in {last.name}"
    )


def _message_of(update: Update) -> Message | InaccessibleMessage | None:
    if update.callback_query:
        return update.callback_query.message
    return update.message or update.edited_message


async def _refuse(event: ErrorEvent) -> None:
    message = _message_of(event.update)
    if message is not None and isinstance(event.exception, Refusal):
        await message.answer(words(event.exception))


async def _leave_in_peace(event: ErrorEvent) -> None:
    logger.info("a chat does not take messages any more")


async def _apologise(event: ErrorEvent) -> None:
    error = event.exception
    if isinstance(error, TelegramBadRequest) and "message is not modified" in error.message:
        return
    logger.error("an update failed: %s", where(error))
    message = _message_of(event.update)
    if message is None or isinstance(error, TelegramNetworkError):
        return
    try:
        await message.answer(_("I am sorry, something went wrong on our side. Please try again."))
    except Exception as second:
        logger.error("the apology failed too: %s", where(second))


def build_errors_router() -> Router:
    """The router that finds words for what went wrong."""
    router = Router(name="errors")
    router.errors.register(_refuse, ExceptionTypeFilter(Refusal))
    router.errors.register(_leave_in_peace, ExceptionTypeFilter(TelegramForbiddenError))
    router.errors.register(_apologise)
    return router
