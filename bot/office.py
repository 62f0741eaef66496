"""The office as handlers meet it: everything they need, put together once by ``bot.app``."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from bot.answering.understanding import Answerer
from bot.db import Sessions
from bot.gaps import GapCounter
from bot.knowledge import Knowledge
from bot.limits import Pace
from bot.reports import Reporting
from bot.reports.telling import Door
from bot.settings import Settings
from bot.texts import HOUSE_TIME


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Office:
    """What handlers may use. ``now`` is a moment in UTC; tests hand in a clock of their own."""

    settings: Settings
    sessions: Sessions
    knowledge: Knowledge
    answerer: Answerer
    gaps: GapCounter
    pace: Pace
    reporting: Reporting
    now: Callable[[], datetime] = field(default=_now)
    door: Door = field(default_factory=Door)

    def today(self) -> date:
        """The day in the county."""
        return self.now().astimezone(HOUSE_TIME).date()
