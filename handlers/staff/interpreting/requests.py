"""Open requests: their state and history; stepping in by hand, by telephone, or closing them."""

from typing import Any

from aiogram import F, Router, html
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.conversations import write_conversation
from bot.institutions import get_institution
from bot.interpreting.reading import asked_volunteers, summary_for_staff
from bot.interpreting.requests import Summary, close_request, open_requests, phone_lane
from bot.interpreting.seats import assign_by_hand, fitting_volunteers
from bot.interpreting.wishes import OPEN_STATES, State
from bot.models import Chat, Institution, Request, RequestEvent, Resident
from bot.office import Office
from bot.staff import Action, demand
from bot.texts import HOUSE_TIME, _, left_to_right
from bot.volunteers import get_volunteer
from handlers.buttons import Keys
from handlers.dialogue import (
    Dialogue,
    Outcome,
    Over,
    Question,
    Room,
    Step,
    begin,
    register,
)
from handlers.interpreting.appointments import standing
from handlers.pool_names import (
    gender_name,
    language_label,
    mode_name,
    request_line,
    request_state_name,
    topic_name,
)
from handlers.staff.desk import Desk
from handlers.staff.interpreting.desk import Pool, desk_keys

_MOST_SHOWN = 15
_MOST_EVENTS = 20
_SHORTEST_REASON = 3


async def see_requests(query: CallbackQuery, office: Office) -> None:
    """Everything that is open, by moment."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        summaries = await open_requests(session, office.now())
    lines, keys = [html.bold(_("Open requests"))], Keys()
    for summary in summaries[:_MOST_SHOWN]:
        lines.append(f"• {_short(summary)}")
        label = f"{language_label(summary.request.language)}: {_moment(summary.request)}"
        keys.row((label, Pool(what="request", item=summary.request.id)))
    if not summaries:
        lines.append(_("Nothing is open."))
    elif len(summaries) > _MOST_SHOWN:
        lines.append(_("And {count} more.").format(count=len(summaries) - _MOST_SHOWN))
    keys.grid(_back(), 1)
    await query.message.answer("\n".join(lines), reply_markup=keys.markup())


def _back() -> list[Any]:
    return [(_("Desk: interpreters"), Desk(screen="pool"))]


def _moment(request: Request) -> str:
    return request.starts_at.astimezone(HOUSE_TIME).strftime("%d.%m. %H:%M")


def _short(summary: Summary) -> str:
    counts = _("asked {asked}, {no} no").format(asked=summary.asked, no=summary.no)
    line = f"{request_line(summary.request)}: {request_state_name(summary.state)} ({counts})"
    if summary.next_wave_at is not None:
        at = summary.next_wave_at.astimezone(HOUSE_TIME).strftime("%d.%m. %H:%M")
        line += ", " + _("next wave {time}").format(time=left_to_right(at))
    return line


async def see_request(query: CallbackQuery, callback_data: Pool, office: Office) -> None:
    """One request with its history. Raises ``NothingToDo`` when it is gone."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        summary = await summary_for_staff(session, callback_data.item)
        sits = (
            await get_volunteer(session, summary.request.interpreter_id)
            if summary.request.interpreter_id
            else None
        )
        number = summary.request.institution_id
        house = await get_institution(session, number) if number else None
    request = summary.request
    lines = [
        html.bold(_("Request {number}").format(number=request.id)),
        standing(summary),
        _house_line(house),
        ", ".join(
            [mode_name(request.mode), topic_name(request.topic), gender_name(request.gender_wish)]
        ),
    ]
    if sits is not None:
        lines.append(
            _("Interpreter: {name}, {number}").format(
                name=html.quote(sits.name), number=html.quote(sits.phone)
            )
        )
    lines.append(html.bold(_("History")))
    lines.extend(_event(event) for event in summary.history[-_MOST_EVENTS:])
    await query.message.answer("\n".join(lines), reply_markup=_keys(summary, office))


def _house_line(house: Institution | None) -> str:
    if house is None:
        return _("The institution is gone.")
    return _("Institution: {name} ({contact}, {number})").format(
        name=html.quote(house.name),
        contact=html.quote(house.contact or "–"),
        number=html.quote(house.phone or "–"),
    )


def _keys(summary: Summary, office: Office) -> InlineKeyboardMarkup:
    request, keys = summary.request, Keys()
    if request.ends_at > office.now():
        open_now = request.state in {*OPEN_STATES, State.UNFILLED, State.BY_PHONE}
        if open_now and not summary.has_interpreter:
            keys.row((_("Assign somebody by hand"), Pool(what="fitting", item=request.id)))
        if request.state in {*OPEN_STATES, State.UNFILLED}:
            keys.row((_("We arrange the telephone service"), Pool(what="phone", item=request.id)))
            keys.row((_("Close with a reason"), Pool(what="close", item=request.id)))
    if summary.asked:
        keys.row((_("Who was asked, and why"), Pool(what="asked", item=request.id)))
    keys.row((_("Open requests"), Pool(what="requests")))
    return keys.grid(_back(), 1).markup()


def _event(event: RequestEvent) -> str:
    """A line of the history: what, how many, when. Never who."""
    at = event.at.astimezone(HOUSE_TIME).strftime("%d.%m. %H:%M")
    names = {
        "opened": _("sent"),
        "asked": _("asked {count}"),
        "yes: interpreter": _("somebody said yes"),
        "yes: standby": _("somebody stands by"),
        "left: interpreter": _("the interpreter cannot come"),
        "left: standby": _("the standby cannot come"),
        "promoted": _("the standby moves up"),
        "searching again": _("the search begins again"),
        "everyone asked": _("everybody was asked, {count} have not answered"),
        "nobody found": _("nobody found, {count} were asked"),
        "substitute agreed": _("another language agreed"),
        "unreachable": _("an interpreter cannot be reached any more"),
        "no-show": _("the interpreter did not come"),
        "assigned by hand": _("assigned by hand"),
        "over": _("the appointment is over"),
        State.CANCELLED.value: _("cancelled by the institution"),
        State.CLOSED.value: _("closed by the office"),
        State.BY_PHONE.value: _("the office arranges it by phone"),
    }
    words = names.get(event.kind, html.quote(event.kind)).format(count=event.number)
    return f"{left_to_right(at)} {words}"


# Stepping in


async def see_fitting(query: CallbackQuery, callback_data: Pool, office: Office) -> None:
    """Who fits and was not asked, the best first, and why."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        fitting = await fitting_volunteers(session, callback_data.item, office.now())
    lines = [html.bold(_("Who fits and has not been asked"))]
    keys = Keys()
    for volunteer, ranked in fitting:
        why = reasons_words(ranked.reasons())
        lines.append(f"• {html.quote(volunteer.name)}, {html.quote(volunteer.phone)}: {why}")
        keys.row(
            (
                _("Assign: {name}").format(name=volunteer.name),
                Pool(what="assign", item=callback_data.item, other=volunteer.id),
            )
        )
    lines.append(
        _("Please call first. Only assign people who have said yes to you on the phone.")
        if fitting
        else _("Nobody else fits.")
    )
    keys.row((_("Request {number}").format(number=callback_data.item),
              Pool(what="request", item=callback_data.item)))  # fmt: skip
    await query.message.answer("\n".join(lines), reply_markup=keys.markup())


async def see_asked(query: CallbackQuery, callback_data: Pool, office: Office) -> None:
    """Who was asked in which wave, and the reasons kept with the offer; never what they said."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        asked = await asked_volunteers(session, callback_data.item)
    lines = [html.bold(_("Who was asked, and why"))]
    for each in asked[:_MOST_EVENTS]:
        why = reasons_words(each.reasons)
        wave = _("wave {number}").format(number=each.wave)
        lines.append(f"• {html.quote(each.name)} ({wave}): {why}")
    if not asked:
        lines.append(_("Nobody."))
    keys = Keys().row(
        (
            _("Request {number}").format(number=callback_data.item),
            Pool(what="request", item=callback_data.item),
        )
    )
    await query.message.answer("\n".join(lines), reply_markup=keys.markup())


def reasons_words(reasons: dict[str, Any]) -> str:
    """Why somebody is asked, in words: language, distance, load, chance."""
    parts = [html.quote(language_label(str(reasons["language"])))]
    if reasons.get("km") is not None:
        parts.append(_("{km} km").format(km=reasons["km"]))
    parts.append(_("appointments in 90 days: {count}").format(count=reasons["load"]))
    if not reasons.get("asked_before"):
        parts.append(_("never asked before"))
    chance = reasons.get("chance")
    if isinstance(chance, float | int):
        parts.append(_("chance of a yes {percent} %").format(percent=round(100 * chance)))
    return ", ".join(parts)


async def assign(query: CallbackQuery, callback_data: Pool, office: Office, here: Chat) -> None:
    """Give the appointment to somebody who said yes on the phone."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        await assign_by_hand(session, callback_data.item, callback_data.other, office.now(), here)
    await query.message.answer(_("Assigned. Both sides get the details."), reply_markup=desk_keys())


async def take_phone_lane(
    query: CallbackQuery, callback_data: Pool, office: Office, here: Chat
) -> None:
    """The office arranges the paid telephone service; the search ends."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        await phone_lane(session, callback_data.item, office.now(), here)
    await query.message.answer(
        _("The search has ended. The institution reads that you arrange it and call."),
        reply_markup=desk_keys(),
    )


async def ask_reason(
    query: CallbackQuery,
    callback_data: Pool,
    room: Room,
    resident: Resident | None,
    state: FSMContext,
) -> None:
    """A request is closed only with a reason that the institution reads."""
    if isinstance(query.message, Message):
        await begin(CLOSE, query.message, room, state, resident, {"request": callback_data.item})


async def _ask_reason(room: Room) -> Question:
    return Question(
        _("Why is request {number} closed? The institution reads your sentence.").format(
            number=room.answers["request"]
        )
    )


async def _read_reason(room: Room, text: str) -> Outcome:
    if len(text) < _SHORTEST_REASON:
        return None
    now = room.office.now()
    async with room.office.sessions.begin() as session:
        await close_request(session, int(room.answers["request"]), text, now, room.here)
        await write_conversation(session, room.here, now, state=None, data={})
    return Over(_("Closed. Everybody concerned is told."), desk_keys(), kept=True)


async def _may_step_in(session: Any, here: Chat) -> None:
    await demand(session, here, Action.STEP_IN)


CLOSE = register(
    Dialogue("close", (Step("reason", _ask_reason, read=_read_reason),), admit=_may_step_in)
)
"""Why a request is closed."""


def build_requests_router() -> Router:
    """Every door names its action; the lock checks it."""
    router = Router(name="pool requests")
    for what, handler, action in (
        ("requests", see_requests, Action.SEE_REQUESTS),
        ("request", see_request, Action.SEE_REQUESTS),
        ("asked", see_asked, Action.SEE_REQUESTS),
        ("fitting", see_fitting, Action.STEP_IN),
        ("assign", assign, Action.STEP_IN),
        ("phone", take_phone_lane, Action.STEP_IN),
        ("close", ask_reason, Action.STEP_IN),
    ):
        router.callback_query.register(
            handler, Pool.filter(F.what == what), flags={"action": action}
        )
    return router
