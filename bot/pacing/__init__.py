"""The pace: one scheduler for everything the bot sends on a channel, shared by all workers.

Replies go first. A process may send some of them without asking anybody; broadcasts, and replies
beyond that, take places which the database gives out one after the other (``meter``). What the
channel forbids for a while (HTTP 429) is kept as a deadline, for one chat or for all, until the
very millisecond; of two deadlines the later one counts.
"""

from bot.pacing.chats import ChatPace
from bot.pacing.limits import Limits
from bot.pacing.meter import DEAD_AFTER, Meter
from bot.pacing.pace import Held, Lane, Pace, current_lane, in_lane, unnoted

__all__ = [
    "DEAD_AFTER",
    "ChatPace",
    "Held",
    "Lane",
    "Limits",
    "Meter",
    "Pace",
    "current_lane",
    "in_lane",
    "unnoted",
]
