"""Flood control as Telegram does it: too many messages are answered with 429 and a time to wait.

Telegram's FAQ names the limits; how it counts is not published. This one is strict: 30 messages in
any second, one a second in a chat after a short burst, 20 a minute in a group. Whoever does not
wait as long as they were told is noted in ``early``.
"""

import time
from collections import defaultdict, deque
from typing import Any

_COUNTED = ("send", "edit", "copy", "forward")


class FloodControl:
    """Decides about every call. ``caused`` counts the 429 that a call's own pace earned."""

    def __init__(self, per_second: int = 30, chat_burst: int = 6, penalty: int = 2) -> None:
        self.per_second = per_second
        self.chat_burst = chat_burst
        self.penalty = penalty
        self.caused = 0
        self.early: list[float] = []
        self._all: deque[float] = deque()
        self._chats: dict[int, deque[float]] = defaultdict(deque)
        self._halted: dict[int | None, float] = {}

    def halt(self, chat_id: int | None, seconds: float) -> None:
        """Ask a chat, or everybody, to wait from now on."""
        self._halted[chat_id] = time.monotonic() + seconds

    def wait(self, method: str, call: dict[str, Any]) -> int | None:
        """Seconds to wait for a call that is refused; ``None`` for one that may pass."""
        if not method.startswith(_COUNTED) or method == "sendChatAction":
            return None
        now, chat = time.monotonic(), int(call.get("chat_id", 0))
        for key in (None, chat):
            left = self._halted.get(key, 0.0) - now
            if left > 0:
                self.early.append(left)
                return int(left) + 1
        if self._full(self._all, 1.0, self.per_second, now):
            self._halted[None] = now + self.penalty
        elif self._chat_full(chat, now):
            self._halted[chat] = now + self.penalty
        else:
            self._all.append(now)
            self._chats[chat].append(now)
            return None
        self.caused += 1
        return self.penalty

    def _full(self, times: deque[float], span: float, most: int, now: float) -> bool:
        while times and times[0] <= now - span:
            times.popleft()
        return len(times) >= most

    def _chat_full(self, chat: int, now: float) -> bool:
        """A group's minute, or one a second over the last seconds with a burst on top."""
        if chat < 0:
            return self._full(self._chats[chat], 60.0, 20, now)
        return self._full(self._chats[chat], float(self.chat_burst), 2 * self.chat_burst - 1, now)
