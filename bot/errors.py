"""Expected no's: what the office may refuse, and settings that cannot be used."""

from datetime import date, datetime


class Refusal(Exception):
    """An expected no. Handlers let it travel; ``handlers/errors.py`` finds the words."""


class NotStaff(Refusal):
    """The person is not, or is no longer, staff, or has no role for this action."""


class InvitationInvalid(Refusal):
    """The one-time link is unknown, used, expired or was opened by somebody else."""


class LastAdmin(Refusal):
    """The last administrator cannot be removed: nobody could invite anyone any more."""


class NothingToDo(Refusal):
    """What was asked for has already happened or is not there any more."""


class ChangedMeanwhile(Refusal):
    """Somebody else was faster, or it is no longer as it was when it was shown."""


class NotComplete(Refusal):
    """A broadcast lacks words for some of its readers."""


class TooFew(Refusal):
    """So few people are meant that each of them could be known."""


class OwnApproval(Refusal):
    """Who wrote a broadcast cannot be the second person that approves it."""


class EventGone(Refusal):
    """There is no such event, or it is not shown yet, or all its dates are over."""


class EventCancelled(Refusal):
    """The event does not take place."""


class EventIncomplete(Refusal):
    """Something is missing that people must know. ``fields`` names it as the draft does."""

    def __init__(self, *fields: str) -> None:
        super().__init__(*fields)
        self.fields = fields


class RuleNotUnderstood(Refusal):
    """A repetition that cannot be kept: too many dates, or a part that we do not know."""


class PictureNotUsable(Refusal):
    """The file is no picture that can be shown, or it is too large."""


class CalendarNotReadable(Refusal):
    """The file is no calendar file, or larger or more nested than one may be."""


class NoPush(Refusal):
    """The channel cannot write by itself, so nobody can be asked there."""


class NotVolunteer(Refusal):
    """The person is not, or is no longer, an approved volunteer."""


class AlreadyVolunteer(Refusal):
    """The chat has applied before; the data can be changed instead."""


class NotEligible(Refusal):
    """The pool's rules do not allow it; ``rules`` names them."""

    def __init__(self, rules: tuple[str, ...]) -> None:
        super().__init__(*rules)
        self.rules = rules


class NotInstitution(Refusal):
    """The chat does not, or no longer, act for this institution."""


class InstitutionWaits(Refusal):
    """The institution is registered, and staff have not approved it yet."""


class InstitutionLocked(Refusal):
    """Staff have locked the institution."""


class InThePast(Refusal):
    """The appointment would begin before now."""


class TooSoon(Refusal):
    """Less time than the lead time; ``earliest`` is the first moment that works.

    By phone at once there is the lane "now".
    """

    def __init__(self, earliest: datetime) -> None:
        super().__init__(earliest)
        self.earliest = earliest


class TooFarAhead(Refusal):
    """Nobody knows yet whether they will have time then; ``latest`` is the last day."""

    def __init__(self, latest: date) -> None:
        super().__init__(latest)
        self.latest = latest


class LegalEffectStop(Refusal):
    """An appointment with legal effect needs sworn interpreters; ``kind`` says which it is."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class AlreadyTaken(Refusal):
    """Somebody else was faster: both seats are taken."""


class OfferOver(Refusal):
    """The offer was withdrawn or answered, or its appointment is over, cancelled or closed."""


class DoesNotFit(Refusal):
    """The volunteer cannot be assigned; ``reasons`` are names of hard conditions."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__(*reasons)
        self.reasons = reasons


class SwitchedOff(Refusal):
    """Staff have switched this part of the bot off; ``reason`` is theirs."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ReportsNotReady(Refusal):
    """No public key of a case worker is known here: nothing can be sealed, so nothing is taken."""


class TooMuchTold(Refusal):
    """A report or a file is too large, or too many are under way at this moment."""


class WaitAWhile(Refusal):
    """Too many at this moment; ``seconds`` says when to try again. Nothing was lost."""

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds


class NoSuchReport(Refusal):
    """No report belongs to this receipt: mistyped, deleted, or its period is over.

    ``word`` is the word of it that is in no list, when that is what is wrong.
    """

    def __init__(self, word: str | None = None) -> None:
        super().__init__()
        self.word = word


class NotYourCase(Refusal):
    """The step is not this case worker's to take, such as confirming one's own closing."""


class FiguresHeldBack(Refusal):
    """Figures of this period cannot be published; ``reason`` says why in one word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SettingsError(Exception):
    """A setting is missing or wrong; the text is one line that names the variable."""


class CaseworkError(Exception):
    """Something on a case worker's machine does not work; the text is one line for that person."""


class KnowledgeError(Exception):
    """The knowledge folder cannot be read; the text names file and line."""
