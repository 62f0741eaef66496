"""What is wished for, and which wishes the pool may take. Rules only: no clock, no database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.errors import InThePast, LegalEffectStop, NotEligible, TooFarAhead, TooSoon
from bot.interpreting.languages import substitutes
from bot.texts import HOUSE_TIME
from bot.volunteers import Gender, Mode, Topic

LEAD_TIME = {Mode.ON_SITE: timedelta(hours=24), Mode.PHONE: timedelta(hours=2)}
"""How long before an appointment a request must come; by video as by phone. Sooner: "now"."""

FARTHEST_AHEAD = timedelta(days=90)
SHORTEST, LONGEST = 10, 480
"""Minutes of an appointment."""

NOW_LASTS = timedelta(minutes=15)
"""How long the lane "now" looks for somebody before it says that nobody was found."""

URGENT = timedelta(hours=24)
"""An appointment that begins this soon is looked after urgently."""

SHORT_NOTICE = timedelta(minutes=90)
"""How long is searched at least when an interpreter leaves close to the beginning."""

LAST_CALL = {
    Mode.ON_SITE: timedelta(hours=2),
    Mode.PHONE: timedelta(minutes=30),
    Mode.VIDEO: timedelta(minutes=30),
}
"""How long before the beginning a yes is still of use."""

PRIVATE_DETAILS = timedelta(days=14)
"""How long after the appointment address, contact, offers and who sat stay; then they are erased.
It is a period of ``bot.retention``, too, which erases what a job could not."""


class Lane(StrEnum):
    """An appointment, or the telephone at once."""

    APPOINTMENT = "appointment"
    NOW = "now"


class LegalEffect(StrEnum):
    """Appointments with legal effect, for which the pool may not be asked."""

    COURT = "court"
    POLICE = "police"
    NOTARY = "notary"
    ASYLUM_HEARING = "asylum-hearing"
    SURGERY_CONSENT = "surgery-consent"


class State(StrEnum):
    """Where a request stands."""

    SEARCHING = "searching"
    FILLED = "filled"
    UNFILLED = "unfilled"
    BY_PHONE = "by-phone"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    DONE = "done"


OPEN_STATES = (State.SEARCHING.value, State.FILLED.value)
"""States in which an interpreter is looked for or is to come."""


class Seat(StrEnum):
    """Who of the two: the one who comes, or the one who comes when the first cannot."""

    INTERPRETER = "interpreter"
    STANDBY = "standby"


class Answer(StrEnum):
    """What a volunteer may answer instead of yes. KNOWS is never shown to anyone."""

    NO = "no"
    KNOWS = "knows"
    LATER = "later"


class OfferState(StrEnum):
    """What became of an offer."""

    OPEN = "open"
    LATER = "later"
    YES = "yes"
    STANDBY = "standby"
    NO = "no"
    KNOWS = "knows"
    LEFT = "left"
    OVER = "over"
    UNREACHABLE = "unreachable"


STILL_OPEN = (OfferState.OPEN.value, OfferState.LATER.value)
"""Offers that may still become a yes."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an institution asks for.

    ``address``, ``reach`` (how it wants to be reached) and ``note`` are private: they are shown
    after a yes only. ``substitutes`` are languages the institution has agreed to.
    """

    language: str
    starts_at: datetime
    minutes: int
    mode: Mode
    municipality: str
    topic: Topic
    lane: Lane = Lane.APPOINTMENT
    gender_wish: Gender | None = None
    substitutes: tuple[str, ...] = ()
    wants_standby: bool = False
    address: str = ""
    reach: str = ""
    note: str = ""
    legal_effect: LegalEffect | None = None

    @property
    def ends_at(self) -> datetime:
        """When the appointment is over."""
        return self.starts_at + timedelta(minutes=self.minutes)


def substitutes_for(language: str) -> tuple[str, ...]:
    """Languages to propose to the institution when nobody speaks this one; often none.

    Never used without the institution's yes. The table stands in knowledge/interpreting.
    """
    return substitutes(language)


def lead_time(mode: Mode) -> timedelta:
    """How long before the appointment a request must come."""
    return LEAD_TIME.get(mode, LEAD_TIME[Mode.PHONE])


def check_wish(wish: Wish, now: datetime) -> None:
    """Let a wish pass that the pool may take.

    Raises ``LegalEffectStop``, ``InThePast``, ``TooSoon``, ``TooFarAhead``, and ``NotEligible``
    with the names of fields that cannot be.
    """
    if wish.legal_effect is not None:
        raise LegalEffectStop(wish.legal_effect.value)
    wrong = []
    if not SHORTEST <= wish.minutes <= LONGEST:
        wrong.append("minutes")
    if wish.lane is Lane.NOW and wish.mode is Mode.ON_SITE:
        wrong.append("mode")
    if set(wish.substitutes) - set(substitutes_for(wish.language)):
        wrong.append("substitutes")
    if wrong:
        raise NotEligible(tuple(wrong))
    if wish.lane is Lane.NOW:
        return
    if wish.starts_at < now:
        raise InThePast
    if wish.starts_at < now + lead_time(wish.mode):
        raise TooSoon(now + lead_time(wish.mode))
    if wish.starts_at > now + FARTHEST_AHEAD:
        raise TooFarAhead((now + FARTHEST_AHEAD).astimezone(HOUSE_TIME).date())


def last_useful_yes(lane: str, mode: str, starts_at: datetime, searched_from: datetime) -> datetime:
    """The moment until which a yes helps.

    "Now" looks for a quarter of an hour. After a cancellation close to the beginning the search
    goes on for an hour and a half or until it begins.
    """
    if lane == Lane.NOW:
        return searched_from + NOW_LASTS
    return max(starts_at - LAST_CALL[Mode(mode)], min(searched_from + SHORT_NOTICE, starts_at))


def is_urgent(lane: str, starts_at: datetime, now: datetime) -> bool:
    """Whether there is no time for long pauses: "now", or it begins within a day."""
    return lane == Lane.NOW or starts_at - now <= URGENT
