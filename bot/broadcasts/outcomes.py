"""What became of a message of a broadcast, as its ledger sees it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sent:
    """It stands in the chat."""

    message_id: int


@dataclass(frozen=True, slots=True)
class Again:
    """It cannot have reached anybody; to be tried again after ``seconds``.

    ``reason``: "busy" (429), "network" (no connection was made), "server" (an error of the Bot API
    itself) or "pace" (the call was not made).
    """

    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class Gone:
    """It never can arrive: "blocked", "deleted", or "message gone" where one was to be edited."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The words themselves are not taken; ``why`` is the channel's answer."""

    why: str


@dataclass(frozen=True, slots=True)
class TokenLost:
    """The channel no longer knows us: nothing can be sent to anybody."""


@dataclass(frozen=True, slots=True)
class Uncertain:
    """Nobody can tell from here whether it arrived."""


Outcome = Sent | Again | Gone | Refused | TokenLost | Uncertain
