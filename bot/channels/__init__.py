"""The doors through which people reach the bot, and what each can do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


async def no_effort(chat_id: int) -> bool:
    """Nothing is asked of a person's device: the messenger itself holds floods off."""
    return True


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to the bot: its name, its bot's id, and whether it can write first.

    `can_push` is false where nobody can be reached who closed the page; what needs a message later
    (reminders, subscriptions) must say so there. `effort` lets the device of a chat do a piece of
    work before something that floods could block for all; it says whether that was done.
    """

    name: str
    can_push: bool
    bot_id: int
    effort: Callable[[int], Awaitable[bool]] = no_effort
