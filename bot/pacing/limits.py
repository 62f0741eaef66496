"""How fast a channel may be written to."""

from dataclasses import dataclass

RESERVED = 5  # messages a second that broadcasts never take
GROUP_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Telegram's limits and what we make of them (its FAQ, "My bot is hitting limits").

    ``per_second``: everything together; Telegram takes about 30 and we stay below. ``reserved``:
    the part of it that broadcasts leave to replies, even when there are none. ``chat_burst``: so
    many messages to a chat may follow each other at once, then ``chat_per_second``. Groups (their
    chat numbers are negative) get ``group_per_minute``. ``ahead``: seconds by which broadcasts may
    take places in advance; as long may a reply beyond the reserve have to wait.
    """

    per_second: float = 28
    reserved: float = RESERVED
    chat_per_second: float = 1
    chat_burst: int = 5
    group_per_minute: int = 20
    ahead: float = 0.25

    @property
    def shared(self) -> float:
        """Places a second that the database gives out; at least half, however low the limit."""
        return max(self.per_second - self.reserved, self.per_second / 2)

    @property
    def kept_back(self) -> float:
        """Messages a second that replies may take without asking the database."""
        return self.per_second - self.shared
