"""Refusals get their words here; anything else an apology, and a log line without content."""

import logging
import traceback

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramNetworkError
from aiogram.filters import ExceptionTypeFilter
from aiogram.types import ErrorEvent, InaccessibleMessage, Message, Update

from bot.errors import (
    AlreadyTaken,
    CalendarNotReadable,
    EventCancelled,
    EventGone,
    EventIncomplete,
    InvitationInvalid,
    LastAdmin,
    NotComplete,
    NothingToDo,
    NotStaff,
    OwnApproval,
    PictureNotUsable,
    Refusal,
    RuleNotUnderstood,
    TooFew,
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
        case AlreadyTaken():
            return _(
                "Somebody else was faster, or something has changed meanwhile. "
                "Please look at it again."
            )
        case NotComplete():
            return _("Some people would have nothing to read. Please write the missing texts.")
        case TooFew():
            return _("Fewer than 5 people would get this. Please choose a larger group.")
        case OwnApproval():
            return _("You wrote this yourself. Somebody else must approve it.")
        case EventGone():
            return _("This event is over, or it is not there any more.")
        case EventCancelled():
            return _("This event does not take place.")
        case EventIncomplete():
            return _("Something is missing. Title, text, topic and date are needed.")
        case RuleNotUnderstood():
            return _("I do not understand how often this takes place.")
        case PictureNotUsable():
            return _("I cannot use this picture. Please send a JPEG or PNG picture up to 8 MB.")
        case CalendarNotReadable():
            return _("This is no calendar file that I can read (.ics, up to 500 KB, 300 events).")
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
