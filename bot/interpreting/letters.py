"""The kinds of letters that the pool owes people, and what each holds. Nothing private.

Words are chosen in ``handlers/delivery.py``. ``request_id`` stands in every letter but the first
five. Moments are ISO 8601 in UTC.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.models import Offer, Request


class Letter(StrEnum):
    """What a letter tells. Who reads it, and what it holds beside ``request_id``."""

    # To staff who arrange interpreters.
    VOLUNTEER_APPLIED = "volunteer_applied"  # volunteer_id
    INSTITUTION_REGISTERED = "institution_registered"  # institution_id
    # To a volunteer, to an institution's people.
    VOLUNTEER_STATE = "volunteer_state"  # state: approved, suspended
    INSTITUTION_STATE = "institution_state"  # institution_id, state: approved, locked
    POOL_INVITATION_OPENED = "pool_invitation_opened"  # invitation_id; to the inviter
    POOL_MEMBER = "pool_member"  # institution_id; to who was let in
    # To a volunteer.
    OFFER = "offer"  # offer_id and what offer_content() gives
    OFFER_CLOSED = "offer_closed"  # offer_id, message_id or None, why: taken, over
    DETAILS = "details"  # seat; read details() at delivery
    PROMOTED = "promoted"  # the standby is the interpreter now; read details()
    SEAT_GONE = "seat_gone"  # why: cancelled, reassigned, closed
    ASSIGNED_BY_HAND = "assigned_by_hand"  # read details()
    # To the institution.
    FOUND = "found"  # read details()
    STANDBY_FOUND = "standby_found"
    INTERPRETER_LEFT = "interpreter_left"  # promoted: bool, urgent: bool
    EVERYONE_ASKED = "everyone_asked"  # asked, open
    NOBODY_FOUND = "nobody_found"  # language, asked; read colleagues_for()
    PHONE_LANE = "phone_lane"  # the office arranges the paid telephone
    REQUEST_CLOSED = "request_closed"  # reason of staff
    # To staff.
    STAFF_NOBODY_FOUND = "staff_nobody_found"  # urgent: bool
    STAFF_NO_SHOW = "staff_no_show"
    STAFF_UNREACHABLE = "staff_unreachable"  # who sits has blocked the bot
    STAFF_ORPHANED = "staff_orphaned"  # nobody of the institution is left
    STAFF_HOURS_DIFFER = "staff_hours_differ"  # assignment_id
    # To both sides.
    REMINDER = "reminder"  # when: day, hours; side: volunteer, institution; read details()
    DETAILS_OVER = "details_over"  # message_id: replace it by a line without details
    HOURS = "hours"  # planned minutes; confirm_hours() with one tap


def offer_content(request: Request, offer: Offer) -> dict[str, Any]:
    """All that an offer may say: language, town, time, mode, topic class, wish for a woman or man.

    No name, no address, no institution, no reason for the appointment.
    """
    return {
        "request_id": request.id,
        "offer_id": offer.id,
        "language": offer.reasons.get("language", request.language),
        "municipality": request.municipality,
        "starts_at": iso(request.starts_at),
        "ends_at": iso(request.ends_at),
        "mode": request.mode,
        "lane": request.lane,
        "topic": request.topic,
        "gender_wish": request.gender_wish,
        "seat": offer.reasons.get("seat", "interpreter"),
    }


def iso(moment: datetime) -> str:
    """A moment as letters hold it."""
    return moment.isoformat()
