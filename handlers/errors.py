"""Refusals get their words here; anything else an apology, and a log line without content."""

import logging
import traceback

from aiogram import Router, html
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramNetworkError
from aiogram.filters import ExceptionTypeFilter
from aiogram.types import ErrorEvent, InaccessibleMessage, Message, Update

from bot.errors import (
    AlreadyTaken,
    AlreadyVolunteer,
    CalendarNotReadable,
    ChangedMeanwhile,
    DoesNotFit,
    EventCancelled,
    EventGone,
    EventIncomplete,
    InstitutionLocked,
    InstitutionWaits,
    InThePast,
    InvitationInvalid,
    LastAdmin,
    LegalEffectStop,
    NoPush,
    NoSuchReport,
    NotComplete,
    NotEligible,
    NothingToDo,
    NotInstitution,
    NotStaff,
    NotVolunteer,
    OfferOver,
    OwnApproval,
    PictureNotUsable,
    Refusal,
    ReportsNotReady,
    RuleNotUnderstood,
    SwitchedOff,
    TooFarAhead,
    TooFew,
    TooMuchTold,
    TooSoon,
    WaitAWhile,
)
from bot.texts import _, day, listing
from handlers.buttons import drop_keys
from handlers.pool_names import legal_name, reason_name, rule_name, when

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
        case ChangedMeanwhile():
            return _(
                "Somebody else was faster, or something has changed in the "
                "meantime. Please look at it again."
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
            return _("I cannot read this calendar file (.ics, up to 500 KB, 300 events).")
        case ReportsNotReady():
            return _("Reports cannot be made here at the moment. Nothing was sent.")
        case TooMuchTold():
            return _(
                "That was more than fits in here. The last part was not added. "
                "Everything you told before is still there."
            )
        case WaitAWhile(seconds=seconds):
            return _(
                "Too many people are writing at this moment. Nothing was sent, nothing is lost. "
                "Please try again in {minutes} minutes."
            ).format(minutes=max(1, round(seconds / 60)))
        case NoSuchReport():
            return _("There is no report with this receipt any more.")
        case SwitchedOff(reason=reason):
            return _("This part is switched off at the moment. Reason: {reason}").format(
                reason=html.quote(reason)
            )
        case _other:
            return pool_words(refusal) or _("That is not possible.")


def pool_words(refusal: Refusal) -> str:
    """What is read when the interpreter pool says no; empty for other refusals."""
    match refusal:
        case AlreadyTaken():
            return _(
                "Somebody else was faster and has said yes. Thank you all the same! "
                "You need not do anything."
            )
        case OfferOver():
            return _("This request is over. Thank you! You need not do anything.")
        case NotVolunteer():
            return _("This is for approved interpreters of the Dolmetsch-Pool only: /interpreter")
        case AlreadyVolunteer():
            return _("You have applied before. You find your data here: /interpreter")
        case NotInstitution():
            return _("This is for people of registered institutions only: /interpreter")
        case InstitutionWaits():
            return _("The office has not approved your institution yet. Please wait, or call us.")
        case InstitutionLocked():
            return _("The office has locked your institution. Please call us.")
        case NoPush():
            return _(
                "Interpreters get requests as messages. This page cannot write to you when it is "
                "closed. Please apply on Telegram, or call the office."
            )
        case InThePast():
            return _("This time has already passed. Please choose another time.")
        case TooSoon(earliest=earliest):
            return _("That is too soon. The earliest possible time is {when}.").format(
                when=when(earliest)
            )
        case TooFarAhead(latest=latest):
            return _(
                "It is too early to ask for that day. The last day you can ask for now is {day}."
            ).format(day=day(latest))
        case LegalEffectStop(kind=kind):
            return _("This is {what}. The Dolmetsch-Pool may not do that.").format(
                what=legal_name(kind)
            )
        case NotEligible(rules=rules):
            return _("That is not possible: {reasons}.").format(
                reasons=listing([rule_name(rule) for rule in rules])
            )
        case DoesNotFit(reasons=reasons):
            return _("This appointment does not fit: {reasons}.").format(
                reasons=listing([reason_name(reason) for reason in reasons])
            )
        case _other:
            return ""


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
    refusal = event.exception
    if message is None or not isinstance(refusal, Refusal):
        return
    if isinstance(refusal, AlreadyTaken | OfferOver) and isinstance(message, Message):
        # The offer is over: its buttons go, so that nobody presses them again.
        await drop_keys(message)
    await message.answer(words(refusal))


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
