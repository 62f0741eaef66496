"""Every table, one file a feature. Models say what is so and decide nothing.

What each personal column is for and how long it stays is listed in ``docs/personal-data.md``; a
test walks these tables and fails on a column that is not listed there.
"""

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
from bot.models.reports import (
    CASE_ID,
    CaseMessage,
    CaseOpening,
    CaseState,
    CaseTask,
    CaseToken,
    Figure,
    FigureRelease,
    PrivateHour,
    ReportArrival,
    ReportCase,
    ReportLink,
)

__all__ = [
    "BIG_KEY",
    "CASE_ID",
    "CHANNEL",
    "LANGUAGE",
    "BotName",
    "CaseMessage",
    "CaseOpening",
    "CaseState",
    "CaseTask",
    "CaseToken",
    "Chat",
    "Conversation",
    "Feedback",
    "Figure",
    "FigureRelease",
    "Gap",
    "Letter",
    "ModuleSwitch",
    "Practice",
    "PrivateHour",
    "ReportArrival",
    "ReportCase",
    "ReportLink",
    "Resident",
    "StaffAction",
    "StaffInvitation",
    "StaffMember",
    "WebVisitor",
]
