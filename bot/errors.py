"""Expected no's: what the office may refuse, and settings that cannot be used."""


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


class AlreadyTaken(Refusal):
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


class SettingsError(Exception):
    """A setting is missing or wrong; the text is one line that names the variable."""


class KnowledgeError(Exception):
    """The knowledge folder cannot be read; the text names file and line."""
