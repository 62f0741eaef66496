"""The pace of single chats: one message a second after a short burst; groups, twenty a minute."""

from collections import deque
from typing import Final

from bot.pacing.limits import GROUP_MINUTE, Limits

_SWEEP_EVERY: Final = 2_000
_BUSY: Final = 2.0  # messages beyond the pace of one a second


class ChatPace:
    """Knows when a chat may get its next message. Lives in memory: its spans are seconds.

    ``now`` is always a monotonic clock's, in seconds. A process that has just started knows of no
    earlier message; Telegram's own answer (429) then says how long to wait.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        # A chat's place in its own queue (GCRA): may run ahead of now by the burst, not further.
        self._free_at: dict[int, float] = {}
        self._groups: dict[int, deque[float]] = {}
        self._taken = 0

    def wait(self, chat_id: int, now: float) -> float:
        """Seconds until the chat may get a message; 0 is now."""
        limits = self._limits
        interval = 1 / limits.chat_per_second
        until = self._free_at.get(chat_id, 0.0) - (limits.chat_burst - 1) * interval
        if chat_id < 0:
            recent = self._groups.get(chat_id)
            if recent is not None and len(recent) >= limits.group_per_minute:
                until = max(until, recent[-limits.group_per_minute] + GROUP_MINUTE)
        return max(0.0, until - now)

    def busy(self, chat_id: int, now: float) -> bool:
        """Whether the chat got more than one or two messages lately: its own limit may be meant."""
        ahead = self._free_at.get(chat_id, 0.0) - now
        return chat_id < 0 or ahead * self._limits.chat_per_second > _BUSY

    def take(self, chat_id: int, now: float, messages: int = 1) -> None:
        """Count messages that are sent to a chat now."""
        interval = messages / self._limits.chat_per_second
        self._free_at[chat_id] = max(self._free_at.get(chat_id, 0.0), now) + interval
        if chat_id < 0:
            recent = self._groups.setdefault(chat_id, deque())
            recent.extend([now] * messages)
            while recent[0] <= now - GROUP_MINUTE:
                recent.popleft()
        self._taken += 1
        if self._taken % _SWEEP_EVERY == 0:
            self._sweep(now)

    def _sweep(self, now: float) -> None:
        """Forget chats whose past no longer matters, so that memory does not grow."""
        self._free_at = {chat: at for chat, at in self._free_at.items() if at > now}
        old = now - GROUP_MINUTE
        self._groups = {chat: times for chat, times in self._groups.items() if times[-1] > old}
