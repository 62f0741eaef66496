"""The doors through which people reach the bot, and what each can do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to the bot: its name, its bot's id, and whether it can write first.

    `can_push` is false where nobody can be reached who closed the page; what needs a message later
    (reminders, subscriptions) must say so there.
    """

    name: str
    can_push: bool
    bot_id: int
