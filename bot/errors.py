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
