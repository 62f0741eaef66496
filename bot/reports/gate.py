"""Floods and guessing are held off without knowing who it is: budgets a channel, growing waits."""

from collections import OrderedDict, deque
from collections.abc import Callable
from time import monotonic

from bot.errors import WaitAWhile
from bot.models import Chat

REPORTS_AN_HOUR = 120
"""Room for a bad day in the whole county; a draft is kept for an hour, so a full one is rare."""
TRIES_A_MINUTE = 30
LONGEST_WAIT = 42
_HOUR, _MINUTE = 3600.0, 60.0
_MOST_CHATS = 20_000


class Budget:
    """How many reports an hour each channel may bring, whoever sends them."""

    def __init__(
        self, an_hour: int = REPORTS_AN_HOUR, clock: Callable[[], float] = monotonic
    ) -> None:
        self._an_hour = an_hour
        self._clock = clock
        self._taken: dict[str, deque[float]] = {}

    def take(self, channel: str) -> None:
        """Take one. Raises ``WaitAWhile`` when the hour's are used up."""
        now = self._clock()
        taken = self._taken.setdefault(channel, deque())
        while taken and now - taken[0] >= _HOUR:
            taken.popleft()
        if len(taken) >= self._an_hour:
            raise WaitAWhile(int(_HOUR - (now - taken[0])) + 1)
        taken.append(now)


class Tries:
    """Tries of a receipt: after two wrong ones a chat waits 2, 4, 8 … 42 seconds.

    All chats together have ``TRIES_A_MINUTE``: each costs 64 MiB and a tenth of a second, and
    guessing must not get quicker by many chats.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._wrong: OrderedDict[Chat, tuple[int, float]] = OrderedDict()
        self._recent: deque[float] = deque()

    def take(self, chat: Chat) -> None:
        """Take a try. Raises ``WaitAWhile`` with the seconds until the next one."""
        now = self._clock()
        wrong, then = self._wrong.get(chat, (0, now))
        wait = min(2 ** (wrong - 1), LONGEST_WAIT) if wrong > 1 else 0
        if now - then < wait:
            raise WaitAWhile(int(wait - (now - then)) + 1)
        while self._recent and now - self._recent[0] >= _MINUTE:
            self._recent.popleft()
        if len(self._recent) >= TRIES_A_MINUTE:
            raise WaitAWhile(int(_MINUTE - (now - self._recent[0])) + 1)
        self._recent.append(now)

    def was_wrong(self, chat: Chat) -> None:
        """The receipt of this try opened nothing."""
        wrong, _then = self._wrong.pop(chat, (0, 0.0))
        self._wrong[chat] = (wrong + 1, self._clock())
        while len(self._wrong) > _MOST_CHATS:
            self._wrong.popitem(last=False)

    def was_right(self, chat: Chat) -> None:
        """The receipt opened a mailbox: the next wrong one is the first again."""
        self._wrong.pop(chat, None)
