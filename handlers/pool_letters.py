"""What the interpreter pool's letters say.

Each function reads what is true now; a refusal means that the letter is not true any more.
"""

from datetime import datetime
from typing import Any

from aiogram import html
from aiogram.types import InlineKeyboardMarkup

from bot.colleagues import colleagues_for
from bot.institutions import get_institution
from bot.interpreting.glossaries import glossary_for
from bot.interpreting.letters import Letter as Kind
from bot.interpreting.messages import DETAILS, OFFER, offer_is_open
from bot.interpreting.reading import find_request
from bot.interpreting.requests import request_summary
from bot.interpreting.seats import Details, details
from bot.interpreting.wishes import Seat
from bot.models import Chat
from bot.texts import _, ngettext
from bot.volunteers import VolunteerState, find_volunteer
from handlers.buttons import Go, Keys
from handlers.institutions import Digits
from handlers.interpreting.appointments import (
    calendar_of,
    details_keys,
    details_text,
    nobody_found,
    request_keys,
    standing_keys,
)
from handlers.interpreting.glossary import glossary_text
from handlers.interpreting.hours import hours_keys
from handlers.parcels import Parcel, letter
from handlers.pool_names import clock, request_line
from handlers.staff.interpreting.desk import Pool, desk_keys
from handlers.volunteers.offers import offer_keys, offer_text

CALENDAR, GLOSSARY = "pool_calendar", "pool_glossary"
"""Letters that follow the details: each is one message, so that none is sent twice."""


# To volunteers


@letter(Kind.VOLUNTEER_STATE)
async def _volunteer_state(
    session: Any, chat: Chat, content: dict[str, Any], now: datetime
) -> Parcel:
    keys = Keys().row((_("My page"), Go(screen="volunteer"))).markup()
    if content["state"] == VolunteerState.APPROVED:
        return Parcel(
            _(
                "Welcome to the Dolmetsch-Pool! You are approved. When a request fits, you get a "
                "message here. You answer with one tap. A pause: /pause"
            ),
            keys,
        )
    return Parcel(
        _("The office is not sending you requests at the moment. Please call us."),
        keys,
    )


@letter(Kind.OFFER)
async def _offer(session: Any, chat: Chat, content: dict[str, Any], now: datetime) -> Parcel | None:
    volunteer = await find_volunteer(session, chat)
    if volunteer is None or not await offer_is_open(session, content["offer_id"]):
        return None
    if volunteer.paused_until is not None and volunteer.paused_until > now.date():
        return None  # said /stop or /pause since
    request = await find_request(session, content["request_id"])
    if request is None:
        return None
    return Parcel(
        offer_text(content, request.language),
        offer_keys(content["offer_id"]),
        keep=(content["request_id"], OFFER),
    )


@letter(Kind.OFFER_CLOSED)
async def _offer_closed(
    session: Any, chat: Chat, content: dict[str, Any], now: datetime
) -> Parcel | None:
    if content["message_id"] is None:
        return None
    text = (
        _("Somebody else has said yes to this request. Thank you! You need not do anything.")
        if content["why"] == "taken"
        else _("This request is over. Thank you! You need not do anything.")
    )
    return Parcel(text, replaces=content["message_id"])


def _of_details(shown: Details, first: str, *, supersedes: bool = False) -> Parcel:
    text = f"{first}\n\n{details_text(shown)}" if first else details_text(shown)
    sits = shown.seat is Seat.INTERPRETER
    then = (CALENDAR, GLOSSARY) if sits else (CALENDAR,)
    return Parcel(
        text,
        details_keys(shown),
        keep=(shown.request.id, DETAILS),
        then=then,
        supersedes=supersedes,
    )


@letter(Kind.DETAILS)
async def _details(session: Any, chat: Chat, content: dict[str, Any], now: datetime) -> Parcel:
    return _of_details(await details(session, chat, content["request_id"], now), "")


@letter(Kind.PROMOTED)
async def _promoted(session: Any, chat: Chat, content: dict[str, Any], now: datetime) -> Parcel:
    shown = await details(session, chat, content["request_id"], now)
    first = _("The first interpreter cannot come. Now it is your appointment.")
    return _of_details(shown, html.bold(first), supersedes=True)


@letter(Kind.ASSIGNED_BY_HAND)
async def _by_hand(session: Any, chat: Chat, content: dict[str, Any], now: datetime) -> Parcel:
    shown = await details(session, chat, content["request_id"], now)
    return _of_details(shown, html.bold(_("The office has given you this appointment.")))


@letter(CALENDAR)
async def _calendar(session: Any, chat: Chat, content: dict[str, Any], now: datetime) -> Parcel:
    shown = await details(session, chat, content["request_id"], now)
    return Parcel(
        _("For your calendar: {request}").format(request=request_line(shown.request)),
        document=calendar_of(shown),
    )


@letter(GLOSSARY)
async def _glossary(
    session: Any, chat: Chat, content: dict[str, Any], now: datetime
) -> Parcel | None:
    shown = await details(session, chat, content["request_id"], now)
    glossary = glossary_for(shown.request.topic, shown.request.language)
    return Parcel(glossary_text(glossary)) if glossary is not None else None


@letter(Kind.SEAT_GONE)
async def _seat_gone(session: Any, chat: Chat, content: dict[str, Any], now: datetime) -> Parcel:
    words = {
        "cancelled": _("Your appointment is cancelled: the institution does not need it any more."),
        "closed": _("Your appointment is cancelled by the office."),
        "no-show": _(
            "The institution says that you did not come. Somebody else is looked for. "
            "Is that wrong? Please call the office."
        ),
    }
    text = words.get(content["why"], _("Your appointment goes to somebody else."))
    request = await find_request(session, content["request_id"])
    line = request_line(request) if request is not None else ""
    return Parcel(
        "\n".join(part for part in (html.bold(text), line) if part),
        Keys().row((_("My page"), Go(screen="volunteer"))).markup(),
    )


# To institutions


@letter(Kind.INSTITUTION_STATE)
async def _institution_state(
    session: Any, chat: Chat, content: dict[str, Any], now: datetime
) -> Parcel:
    institution = await get_institution(session, content["institution_id"])
    name = html.bold(html.quote(institution.name))
    if content["state"] == "approved":
        return Parcel(
            _("{institution} is approved. You can ask for interpreters now.").format(
                institution=name
            ),
            Keys().row((_("Ask for an interpreter"), Go(screen="ask"))).markup(),
        )
    return Parcel(
        _(
            "The office has locked {institution}: you cannot ask for interpreters. "
            "What is arranged stays. Please call us."
        ).format(institution=name)
    )


@letter(Kind.POOL_INVITATION_OPENED)
async def _invitation_opened(
    session: Any, chat: Chat, content: dict[str, Any], now: datetime
) -> Parcel:
    number = int(content["invitation_id"])
    return Parcel(
        _(
            "Somebody has opened your link for a colleague. "
            "Ask this person on the phone for the two digits. Then press the button."
        ),
        Keys().row((_("I have the two digits"), Digits(invitation=number))).markup(),
    )


@letter(Kind.POOL_MEMBER)
async def _pool_member(session: Any, chat: Chat, content: dict[str, Any], now: datetime) -> Parcel:
    institution = await get_institution(session, content["institution_id"])
    return Parcel(
        _("You can ask for interpreters for {institution} now: /interpreter").format(
            institution=html.bold(html.quote(institution.name))
        )
    )


@letter(Kind.FOUND)
async def _found(session: Any, chat: Chat, content: dict[str, Any], now: datetime) -> Parcel:
    shown = await details(session, chat, content["request_id"], now)
    first = html.bold(_("An interpreter is found!"))
    last = _("Please note the phone number: I delete it here after the appointment.")
    return Parcel(
        f"{first}\n\n{details_text(shown)}\n\n{last}",
        request_keys(shown.request.id),
        keep=(shown.request.id, DETAILS),
        then=(CALENDAR,),
    )


@letter(Kind.STANDBY_FOUND)
async def _standby_found(
    session: Any, chat: Chat, content: dict[str, Any], now: datetime
) -> Parcel:
    summary = await request_summary(session, chat, content["request_id"])
    return Parcel(
        _("A second interpreter stands by for:") + "\n" + request_line(summary.request),
        request_keys(summary.request.id),
    )


@letter(Kind.INTERPRETER_LEFT)
async def _left(session: Any, chat: Chat, content: dict[str, Any], now: datetime) -> Parcel:
    summary = await request_summary(session, chat, content["request_id"])
    lines = [html.bold(_("Your interpreter cannot come.")), request_line(summary.request)]
    if content["promoted"]:
        shown = await details(session, chat, content["request_id"], now)
        lines.append(_("The second interpreter comes instead:"))
        lines.append(details_text(shown))
        return Parcel(
            "\n".join(lines),
            request_keys(summary.request.id),
            keep=(summary.request.id, DETAILS),
            supersedes=True,
        )
    lines.append(
        _("I look for somebody else, and ask many people at once: there is little time.")
        if content["urgent"]
        else _("I look for somebody else.")
    )
    return Parcel("\n".join(lines), request_keys(summary.request.id), supersedes=True)


@letter(Kind.EVERYONE_ASKED)
async def _everyone_asked(
    session: Any, chat: Chat, content: dict[str, Any], now: datetime
) -> Parcel:
    summary = await request_summary(session, chat, content["request_id"])
    asked = ngettext(
        "I have asked everybody who fits: {count} person.",
        "I have asked everybody who fits: {count} people.",
        content["asked"],
    ).format(count=content["asked"])
    lines = [request_line(summary.request), asked]
    lines.append(
        _("No answer yet: {count}. I will wait and tell you.").format(count=content["open"])
        if content["open"]
        else _("Nobody can yet. I ask again as soon as somebody is free.")
    )
    lines.append(_("Perhaps you need another plan. I tell you that early."))
    return Parcel("\n".join(lines), standing_keys(summary, now))


@letter(Kind.NOBODY_FOUND)
async def _nobody(session: Any, chat: Chat, content: dict[str, Any], now: datetime) -> Parcel:
    summary = await request_summary(session, chat, content["request_id"])
    colleagues = await colleagues_for(session, [content["language"]])
    asked = ngettext("Asked: {count} person", "Asked: {count} people", content["asked"])
    return Parcel(
        "\n".join(
            [
                request_line(summary.request),
                asked.format(count=content["asked"]) + ".",
                "",
                nobody_found(colleagues),
            ]
        ),
        standing_keys(summary, now),
    )


@letter(Kind.PHONE_LANE)
async def _phone_lane(session: Any, chat: Chat, content: dict[str, Any], now: datetime) -> Parcel:
    summary = await request_summary(session, chat, content["request_id"])
    return Parcel(
        request_line(summary.request)
        + "\n"
        + _("The office arranges an interpreter by telephone and calls you.")
    )


@letter(Kind.REQUEST_CLOSED)
async def _request_closed(
    session: Any, chat: Chat, content: dict[str, Any], now: datetime
) -> Parcel:
    summary = await request_summary(session, chat, content["request_id"])
    return Parcel(
        request_line(summary.request)
        + "\n"
        + _("The office has closed this request. Reason: {reason}").format(
            reason=html.quote(content["reason"])
        ),
        Keys().row((_("Interpreter"), Go(screen="interpreter"))).markup(),
    )


# To both sides


@letter(Kind.REMINDER)
async def _reminder(session: Any, chat: Chat, content: dict[str, Any], now: datetime) -> Parcel:
    shown = await details(session, chat, content["request_id"], now)
    first = (
        _("Reminder: tomorrow at {time}").format(time=clock(shown.request.starts_at))
        if content["when"] == "day"
        else _("Reminder: today at {time}").format(time=clock(shown.request.starts_at))
    )
    return Parcel(
        f"{html.bold(first)}\n\n{details_text(shown)}",
        details_keys(shown),
        keep=(shown.request.id, DETAILS),
    )


@letter(Kind.DETAILS_OVER)
async def _details_over(session: Any, chat: Chat, content: dict[str, Any], now: datetime) -> Parcel:
    return Parcel(
        _("These details are not valid any more. I have deleted them here."),
        replaces=content["message_id"],
    )


@letter(Kind.HOURS)
async def _hours(session: Any, chat: Chat, content: dict[str, Any], now: datetime) -> Parcel | None:
    request = await find_request(session, content["request_id"])
    if request is None:
        return None
    return Parcel(
        html.bold(_("Is the appointment over? Please confirm how long it took."))
        + "\n"
        + request_line(request),
        hours_keys(request.id, content["minutes"]),
    )


# To staff


def _to_desk(what: str, item: int = 0) -> InlineKeyboardMarkup:
    return Keys().row((_("Look at it"), Pool(what=what, item=item))).markup()


@letter(Kind.VOLUNTEER_APPLIED)
async def _applied(session: Any, chat: Chat, content: dict[str, Any], now: datetime) -> Parcel:
    return Parcel(
        _("Somebody applies as an interpreter, or has changed languages or certificate."),
        _to_desk("volunteer", content["volunteer_id"]),
    )


@letter(Kind.INSTITUTION_REGISTERED)
async def _registered(session: Any, chat: Chat, content: dict[str, Any], now: datetime) -> Parcel:
    institution = await get_institution(session, content["institution_id"])
    return Parcel(
        _("An institution has registered: {name}").format(
            name=html.bold(html.quote(institution.name))
        ),
        _to_desk("house", content["institution_id"]),
    )


@letter(Kind.STAFF_NOBODY_FOUND)
async def _staff_nobody(session: Any, chat: Chat, content: dict[str, Any], now: datetime) -> Parcel:
    request = await find_request(session, content["request_id"])
    first = (
        _("Nobody was found, and it is urgent:") if content["urgent"] else _("Nobody was found:")
    )
    line = request_line(request) if request is not None else ""
    return Parcel(f"{html.bold(first)}\n{line}", _to_desk("request", content["request_id"]))


@letter(Kind.STAFF_NO_SHOW)
async def _staff_no_show(
    session: Any, chat: Chat, content: dict[str, Any], now: datetime
) -> Parcel:
    request = await find_request(session, content["request_id"])
    line = request_line(request) if request is not None else ""
    first = _("The interpreter did not come. I am looking for somebody who interprets by phone:")
    return Parcel(
        f"{html.bold(first)}\n{line}",
        _to_desk("request", content["request_id"]),
    )


@letter(Kind.STAFF_UNREACHABLE)
async def _staff_unreachable(
    session: Any, chat: Chat, content: dict[str, Any], now: datetime
) -> Parcel | None:
    request = await find_request(session, content["request_id"])
    if request is None or request.starts_at <= now:
        return None
    first = _("An interpreter has blocked the bot. The appointment stands. Please call:")
    return Parcel(f"{html.bold(first)}\n{request_line(request)}", _to_desk("request", request.id))


@letter(Kind.STAFF_ORPHANED)
async def _staff_orphaned(
    session: Any, chat: Chat, content: dict[str, Any], now: datetime
) -> Parcel:
    request = await find_request(session, content["request_id"])
    line = request_line(request) if request is not None else ""
    first = _("A request is closed: its institution has nobody left here.")
    return Parcel(f"{html.bold(first)}\n{line}", desk_keys())


@letter(Kind.STAFF_HOURS_DIFFER)
async def _staff_hours(session: Any, chat: Chat, content: dict[str, Any], now: datetime) -> Parcel:
    return Parcel(_("An interpreter and an institution wrote different hours."), _to_desk("hours"))
