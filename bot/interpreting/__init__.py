"""The Dolmetsch-Pool: a request finds its interpreter.

Ids are row ids, ``chat`` is who acts, ``now`` is aware. Every action checks the role of ``chat``
itself (``NotVolunteer``, ``NotInstitution``, ``InstitutionWaits``, ``InstitutionLocked``); staff
doors are checked by ``bot.staff.demand`` in the lock of ``handlers/staff``.

People (``bot/volunteers.py``)::

    apply_as_volunteer(session, chat, application: Application, now, *, can_push) -> Volunteer
    change_application(session, chat, application: Application, now) -> Volunteer
    find_volunteer(session, chat) -> Volunteer | None      # with languages_of(session, id)
    get_volunteer(session, volunteer_id) -> Volunteer      # NothingToDo
    languages_of(session, volunteer_id) -> list[Spoken]
    applications(session) -> list[Volunteer]               # wait for staff, oldest first
    approve_volunteer(session, volunteer_id, certified_until, now, by)
    suspend_volunteer(session, volunteer_id, now, by)
    pause(session, chat, until: date | None, now)          # None ends the pause
    set_quiet_hours(session, chat, quiet_from, quiet_until)
    set_weekly_cap(session, chat, most)
    volunteers_expiring(session, today, within=timedelta(days=60)) -> list[Volunteer]

Institutions (``bot/institutions.py``)::

    register_institution(session, chat, registration: Registration, now) -> Institution
    institutions_of(session, chat) -> list[Institution]
    demand_institution(session, chat, institution_id) -> Institution    # approved, and a member
    waiting_institutions(session) / all_institutions(session) -> list[Institution]
    approve_institution / lock_institution(session, institution_id, now, by)
    invite_volunteer(session, now, by) -> PoolLink
    invite_to_institution(session, chat, institution_id, now) -> PoolLink
    open_pool_invitation(session, token, chat, now) -> Opened      # digits, institution or None
    confirm_pool_invitation(session, chat, invitation_id, digits, now) -> bool # False: wrong
    members_of(session, chat, institution_id) -> list[InstitutionMember]
    remove_member(session, chat, member_id)                # a colleague, or oneself

The colleagues' languages (``bot/colleagues.py``)::

    colleagues_for(session, languages) / all_colleagues(session) -> list[ColleagueLanguage]
    add_colleague(session, chat, language, colleague, phone, now)
    remove_colleague(session, chat, colleague_id, now)

Requests (this package)::

    Wish(language, starts_at, minutes, lane, mode, municipality, topic, gender_wish=None,
         substitutes=(), wants_standby=False, address="", reach="", note="", legal_effect=None)
    check_wish(wish, now)        # rule: InThePast, TooSoon, TooFarAhead, LegalEffectStop
    open_request(session, chat, institution_id, wish, now) -> Request
    substitutes_for(language) -> tuple[str, ...]           # rule: only after the institution agrees
    agree_to_substitutes(session, chat, request_id, languages, now)
    request_summary(session, chat, request_id) -> Summary   # for the institution, live state
    my_requests(session, chat) -> list[Request]            # the institution's, newest first
    cancel_request(session, chat, request_id, reason, now)
    accept_offer(session, chat, offer_id, now) -> Seat     # INTERPRETER or STANDBY;
                                                           # AlreadyTaken, OfferOver
    decline_offer(session, chat, offer_id, Answer.NO | KNOWS | LATER, now)
    withdraw(session, chat, request_id, now) -> Seat       # the volunteer gives the seat back
    my_seats(session, chat, now) -> list[Held]             # a volunteer's coming appointments
    my_offers(session, chat, now) -> list[Offered]         # open offers, nothing private
    details(session, chat, request_id, now) -> Details     # only for who sits, and who asked
    report_no_show(session, chat, request_id, now)         # by the institution
    confirm_hours(session, chat, request_id, minutes, now) -> Hours    # by either side
    volunteer_unreachable(session, chat, now)    # the messenger says: blocked
    keep_message(session, chat, request_id, message_id, kind)   # to replace it later
    messages_of(session, request_id, kind, chat=None) -> list[ShownMessage]

Staff::

    open_requests(session, now) -> list[Summary]           # each with .history
    history(session, request_id) -> list[RequestEvent]
    fitting_volunteers(session, request_id, now, most=10) -> list[(Volunteer, Ranked)]
    assign_by_hand(session, request_id, volunteer_id, now, by)  # DoesNotFit
    phone_lane(session, request_id, now, by)               # the office uses the paid telephone
    close_request(session, request_id, reason, now, by)
    settle_hours(session, assignment_id, minutes, now, by) # where the two sides differ
    coverage(session, first: date, last: date) -> Coverage # k = 5, complementary suppression
    ledger(session, month: date, now) / unsettled(session, now) -> list[Assignment]
    ledger_csv(rows) -> bytes / ledger_xlsx(rows) -> bytes

Letters (kinds in ``bot/interpreting/letters.py``, words in ``handlers/delivery.py``) hold nothing
private: what is private is read with ``details()`` when the letter is delivered, which refuses
whoever has lost the seat meanwhile.

Whoever locks, locks the volunteer first, then requests by number, then everything else: two
transactions never wait for each other in a ring.

What happens by the clock are jobs (``bot/jobs.py``; their kinds in ``bot/interpreting/work.py``).
"""

from bot.interpreting.coverage import Coverage, Table, coverage
from bot.interpreting.hours import (
    Hours,
    HoursState,
    confirm_hours,
    hours_of_row,
    ledger,
    settle_hours,
    unsettled,
)
from bot.interpreting.letters import Letter
from bot.interpreting.messages import DETAILS, OFFER, keep_message, messages_of, offer_is_open
from bot.interpreting.offers import (
    Offered,
    accept_offer,
    decline_offer,
    my_offers,
    volunteer_unreachable,
)
from bot.interpreting.requests import (
    Summary,
    agree_to_substitutes,
    cancel_request,
    close_request,
    history,
    my_requests,
    next_steps,
    open_request,
    open_requests,
    phone_lane,
    request_summary,
)
from bot.interpreting.seats import (
    Details,
    Held,
    assign_by_hand,
    details,
    fitting_volunteers,
    my_seats,
    report_no_show,
    withdraw,
)
from bot.interpreting.tables import ledger_csv, ledger_xlsx
from bot.interpreting.wishes import (
    Answer,
    Lane,
    LegalEffect,
    OfferState,
    Seat,
    State,
    Wish,
    check_wish,
    substitutes_for,
)

__all__ = [
    "DETAILS",
    "OFFER",
    "Answer",
    "Coverage",
    "Details",
    "Held",
    "Hours",
    "HoursState",
    "Lane",
    "LegalEffect",
    "Letter",
    "OfferState",
    "Offered",
    "Seat",
    "State",
    "Summary",
    "Table",
    "Wish",
    "accept_offer",
    "agree_to_substitutes",
    "assign_by_hand",
    "cancel_request",
    "check_wish",
    "close_request",
    "confirm_hours",
    "coverage",
    "decline_offer",
    "details",
    "fitting_volunteers",
    "history",
    "hours_of_row",
    "keep_message",
    "ledger",
    "ledger_csv",
    "ledger_xlsx",
    "messages_of",
    "my_offers",
    "my_requests",
    "my_seats",
    "next_steps",
    "offer_is_open",
    "open_request",
    "open_requests",
    "phone_lane",
    "report_no_show",
    "request_summary",
    "settle_hours",
    "substitutes_for",
    "unsettled",
    "volunteer_unreachable",
    "withdraw",
]
