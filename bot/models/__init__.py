"""Every table, one file a feature. Models say what is so and decide nothing.

What each personal column is for and how long it stays is listed in ``docs/personal-data.md``; a
test walks these tables and fails on a column that is not listed there.
"""

from bot.models.broadcasts import (
    Broadcast,
    BroadcastAuthor,
    BroadcastScreen,
    BroadcastText,
    Delivery,
    UnreachableChat,
)
from bot.models.events import (
    Attendance,
    Event,
    EventPicture,
    EventText,
    Reminder,
    Subscription,
)
from bot.models.house import (
    BIG_KEY,
    CHANNEL,
    LANGUAGE,
    BotName,
    Chat,
    Conversation,
    Feedback,
    Gap,
    Letter,
    ModuleSwitch,
    Practice,
    Resident,
    StaffAction,
    StaffInvitation,
    StaffMember,
    WebVisitor,
)
from bot.models.pacing import ChatHalt, PaceMeter, Worker

__all__ = [
    "BIG_KEY",
    "CHANNEL",
    "LANGUAGE",
    "Attendance",
    "BotName",
    "Broadcast",
    "BroadcastAuthor",
    "BroadcastScreen",
    "BroadcastText",
    "Chat",
    "ChatHalt",
    "Conversation",
    "Delivery",
    "Event",
    "EventPicture",
    "EventText",
    "Feedback",
    "Gap",
    "Letter",
    "ModuleSwitch",
    "PaceMeter",
    "Practice",
    "Reminder",
    "Resident",
    "StaffAction",
    "StaffInvitation",
    "StaffMember",
    "Subscription",
    "UnreachableChat",
    "WebVisitor",
    "Worker",
]
