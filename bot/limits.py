"""A limit per chat, so that one sender cannot keep the bot from the others."""

from collections import OrderedDict
from collections.abc import Callable
from enum import Enum
from time import monotonic

from bot.models import Chat


class Verdict(Enum):
    """Whether a message is heard."""

    HEARD = "heard"
    TOLD = "too many; say so once"
    SILENT = "too many; already told"


class Pace:
    """A bucket of tokens per chat, in memory: ``per_minute`` messages, the same at once."""

    def __init__(
        self,
        per_minute: int,
        clock: Callable[[], float] = monotonic,
        most_chats: int = 50_000,
    ) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._most_chats = most_chats
        self._chats: OrderedDict[Chat, tuple[float, float, bool]] = OrderedDict()

    def judge(self, chat: Chat) -> Verdict:
        """Take a token for one message, if there is one."""
        now = self._clock()
        tokens, then, told = self._chats.pop(chat, (float(self._per_minute), now, False))
        tokens = min(self._per_minute, tokens + (now - then) * self._per_minute / 60)
        if tokens >= 1:
            verdict, tokens, told = Verdict.HEARD, tokens - 1, False
        else:
            verdict, told = (Verdict.SILENT if told else Verdict.TOLD), True
        self._chats[chat] = (tokens, now, told)
        while len(self._chats) > self._most_chats:
            self._chats.popitem(last=False)
        return verdict
