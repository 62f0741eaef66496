"""An institution's requests: how they stand, details, cancelling, nobody came, hours."""

from datetime import datetime, timedelta

from aiogram import F, Router, html
from aiogram.filters.callback_data import CallbackData
from aiogram.types import BufferedInputFile, CallbackQuery, InlineKeyboardMarkup, Message

from bot.colleagues import colleagues_for
from bot.interpreting.calendars import appointment_file
from bot.interpreting.messages import DETAILS, keep_message
from bot.interpreting.requests import (
    Summary,
    agree_to_substitutes,
    cancel_request,
    my_requests,
    request_summary,
)
from bot.interpreting.seats import Details, details, report_no_show
from bot.interpreting.wishes import OPEN_STATES, Seat, State, substitutes_for
from bot.models import Chat, ColleagueLanguage, Request
from bot.office import Office
from bot.texts import _, left_to_right, ngettext
from bot.volunteers import Mode
from handlers.buttons import Go, Keys
from handlers.pool_names import (
    clock,
    gender_name,
    language_label,
    length,
    mode_name,
    request_line,
    request_state_name,
    topic_name,
    when,
)

_MOST_SHOWN = 8
_HOURS_ASKED = timedelta(days=60)


class Asked(CallbackData, prefix="req"):
    """Something about a request of one's own institution; ``item`` is a language's code."""

    what: str
    request: int
    item: str = ""


def request_keys(request_id: int) -> InlineKeyboardMarkup:
    """Below a request that was just sent."""
    return (
        Keys()
        .row((_("How is it going?"), Asked(what="state", request=request_id)))
        .row((_("Cancel this request"), Asked(what="cancel", request=request_id)))
        .row((_("Interpreter"), Go(screen="interpreter")), (_("Menu"), Go(screen="menu")))
        .markup()
    )


def standing(summary: Summary) -> str:
    """How a request stands, in words and counts: "asked 3, 1 no, more at 14:20"."""
    request, lines = summary.request, [request_line(summary.request)]
    lines.append(_("State: {state}").format(state=html.bold(request_state_name(summary.state))))
    if summary.asked:
        asked = ngettext("Asked: {count} person", "Asked: {count} people", summary.asked)
        lines.append(
            asked.format(count=summary.asked)
            + ". "
            + _("No: {no}. No answer yet: {silent}.").format(no=summary.no, silent=summary.silent)
        )
    if summary.next_wave_at is not None:
        lines.append(
            _("I will ask more people at {time} or earlier.").format(time=moment_or_clock(summary))
        )
    if summary.has_standby:
        lines.append(_("A second interpreter stands by."))
    elif request.wants_standby and summary.has_interpreter:
        lines.append(_("I am still looking for a standby."))
    if request.reason:
        lines.append(_("Reason: {reason}").format(reason=html.quote(request.reason)))
    return "\n".join(lines)


def moment_or_clock(summary: Summary) -> str:
    """The time of the next wave, with the day when it is not the request's own day of asking."""
    moment = summary.next_wave_at
    if moment is None:
        return ""
    soon = moment - summary.request.opened_at < timedelta(hours=12)
    return clock(moment) if soon else when(moment)


def standing_keys(summary: Summary, now: datetime) -> InlineKeyboardMarkup:
    """What the institution can do about a request now."""
    request, keys = summary.request, Keys()

    def button(what: str, item: str = "") -> Asked:
        return Asked(what=what, request=request.id, item=item)

    if request.state in OPEN_STATES and request.ends_at > now:
        keys.row((_("How is it going?"), button("state")))
    if summary.has_interpreter and request.ends_at > now - _HOURS_ASKED:
        keys.row((_("Interpreter's name and phone"), button("details")))
    running = request.starts_at <= now < request.ends_at
    if request.state == State.FILLED and summary.has_interpreter and running:
        keys.row((_("The interpreter did not come"), button("noshow")))
    if request.state in {State.SEARCHING, State.UNFILLED} and request.ends_at > now:
        for code in substitutes_for(request.language):
            if code not in request.substitutes:
                label = _("Also ask for: {language}").format(language=language_label(code))
                keys.row((label, button("other", code)))
    if request.state in {*OPEN_STATES, State.UNFILLED} and request.ends_at > now:
        keys.row((_("Cancel this request"), button("cancel")))
    if request.ends_at <= now or request.state in {State.UNFILLED, State.CLOSED}:
        keys.row((_("Ask again for the same person"), button("again")))
    if request.state == State.DONE:
        keys.row((_("Confirm the hours"), button("hours")))
    return keys.row((_("Interpreter"), Go(screen="interpreter"))).markup()


async def see_state(query: CallbackQuery, callback_data: Asked, office: Office, here: Chat) -> None:
    """How the request stands now."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        summary = await request_summary(session, here, callback_data.request)
        colleagues = (
            await colleagues_for(session, [summary.request.language])
            if summary.state is State.UNFILLED
            else []
        )
    text = standing(summary)
    if summary.state is State.UNFILLED:
        text += "\n\n" + nobody_found(colleagues)
    await query.message.answer(text, reply_markup=standing_keys(summary, office.now()))


def nobody_found(colleagues: list[ColleagueLanguage]) -> str:
    """The honest last step: nobody was found, and what helps now."""
    lines = [
        _("I am sorry: nobody was found."),
        _(
            "What you can do: choose another time and ask again. Or use a paid telephone "
            "interpreting service, if your institution has one: the office tells you about it."
        ),
    ]
    if colleagues:
        lines.append(_("Colleagues of the county administration who speak it:"))
        lines.extend(colleague_line(colleague) for colleague in colleagues)
    return "\n".join(lines)


def colleague_line(colleague: ColleagueLanguage) -> str:
    """A colleague of the house and their number."""
    line = f"• {html.quote(colleague.colleague)}"
    return f"{line}: {left_to_right(html.quote(colleague.phone))}" if colleague.phone else line


async def list_requests(message: Message, office: Office, here: Chat) -> None:
    """The newest requests of the institutions this chat acts for."""
    async with office.sessions.begin() as session:
        mine = (await my_requests(session, here))[:_MOST_SHOWN]
    if not mine:
        await message.answer(
            _("You have not asked yet."),
            reply_markup=Keys().row((_("Ask for an interpreter"), Go(screen="ask"))).markup(),
        )
        return
    lines, keys = [html.bold(_("Your requests"))], Keys()
    for number, request in enumerate(mine, start=1):
        lines.append(f"{number}. {request_line(request)}: {request_state_name(request.state)}")
        label = f"{language_label(request.language)}, {when(request.starts_at)}"
        keys.row((label, Asked(what="state", request=request.id)))
    keys.row((_("Interpreter"), Go(screen="interpreter")))
    await message.answer("\n".join(lines), reply_markup=keys.markup())


async def agree(query: CallbackQuery, callback_data: Asked, office: Office, here: Chat) -> None:
    """The institution agrees to another language."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        await agree_to_substitutes(
            session, here, callback_data.request, (callback_data.item,), office.now()
        )
    await query.message.answer(
        _("Good. I also ask for {language} now.").format(
            language=html.bold(html.quote(language_label(callback_data.item)))
        ),
        reply_markup=request_keys(callback_data.request),
    )


async def ask_cancel(
    query: CallbackQuery, callback_data: Asked, office: Office, here: Chat
) -> None:
    """Ask once more before a request is cancelled."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        summary = await request_summary(session, here, callback_data.request)
    await query.message.answer(
        request_line(summary.request) + "\n" + _("Do you want to cancel this request?"),
        reply_markup=Keys()
        .row(
            (_("Yes, cancel it"), Asked(what="gone", request=callback_data.request)),
            (_("No"), Asked(what="state", request=callback_data.request)),
        )
        .markup(),
    )


async def cancel(query: CallbackQuery, callback_data: Asked, office: Office, here: Chat) -> None:
    """The request is cancelled; whoever said yes is told."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        await cancel_request(session, here, callback_data.request, "", office.now())
    await query.message.answer(
        _("Cancelled. Whoever said yes is told at once."),
        reply_markup=Keys().row((_("Interpreter"), Go(screen="interpreter"))).markup(),
    )


async def ask_no_show(query: CallbackQuery, callback_data: Asked) -> None:
    """Ask once more: it has consequences."""
    if not isinstance(query.message, Message):
        return
    await query.message.answer(
        _(
            "Did nobody come? Then I will look at once for somebody who "
            "interprets by phone, and the office is told. Please first call "
            "the interpreter."
        ),
        reply_markup=Keys()
        .row((_("Yes, nobody came"), Asked(what="noshow!", request=callback_data.request)))
        .row((_("No"), Asked(what="state", request=callback_data.request)))
        .markup(),
    )


async def no_show(query: CallbackQuery, callback_data: Asked, office: Office, here: Chat) -> None:
    """Nobody came: somebody is looked for by phone at once."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        await report_no_show(session, here, callback_data.request, office.now())
    await query.message.answer(
        _("I am sorry. I am looking for somebody who interprets by phone, and the office is told."),
        reply_markup=request_keys(callback_data.request),
    )


# Details, for both sides


def details_text(shown: Details) -> str:
    """Everything about an appointment, for who may see it."""
    request = shown.request
    if shown.seat is Seat.STANDBY:
        return "\n".join(
            [
                html.bold(_("You stand by for this appointment")),
                request_line(request),
                length(minutes_of(request)) + ", " + mode_name(request.mode),
                _("If the first interpreter falls ill, I will tell you at once."),
            ]
        )
    title = _("Your appointment") if shown.side == "volunteer" else _("Your interpreter")
    lines = [
        html.bold(title),
        request_line(request),
        _("How long: {length}").format(length=length(minutes_of(request))),
        _("How: {modes}").format(modes=mode_name(request.mode)),
        _("About: {topic}").format(topic=topic_name(request.topic)),
        _("Woman or man: {wish}").format(wish=gender_name(request.gender_wish))
        if request.gender_wish
        else "",
    ]
    if shown.side == "volunteer":
        lines.append(_("Institution: {name}").format(name=html.quote(shown.institution)))
        if shown.address:
            lines.append(_("Place: {address}").format(address=html.quote(shown.address)))
        lines.append(_("How to reach them: {contact}").format(contact=html.quote(shown.reach)))
        if shown.other_name and shown.other_phone not in shown.reach:
            lines.append(
                _("Contact: {name}, {number}").format(
                    name=html.quote(shown.other_name), number=html.quote(shown.other_phone)
                )
            )
        if shown.note:
            lines.append(_("Note: {note}").format(note=html.quote(shown.note)))
        lines.append(
            html.italic(
                _("Remember: interpret everything, take no side, tell nobody. Nothing legal.")
            )
        )
    else:
        lines.append(
            _("Interpreter: {name}, {number}").format(
                name=html.quote(shown.other_name), number=html.quote(shown.other_phone)
            )
        )
    return "\n".join(line for line in lines if line)


def minutes_of(request: Request) -> int:
    """The planned length of an appointment."""
    return int((request.ends_at - request.starts_at).total_seconds()) // 60


def calendar_of(shown: Details) -> BufferedInputFile:
    """The appointment for a calendar: language, time and town.

    No address, no institution, no name: a calendar often lies with a company, and what was sent
    as a file cannot be taken back after the appointment.
    """
    request = shown.request
    on_site = request.mode == Mode.ON_SITE
    content = appointment_file(
        request.id,
        request.starts_at,
        request.ends_at,
        title=_("Interpreting: {language}").format(language=language_label(request.language)),
        place=request.municipality if on_site else mode_name(request.mode),
    )
    return BufferedInputFile(content, filename=f"termin-{request.id}.ics")


def details_keys(shown: Details) -> InlineKeyboardMarkup:
    """Below the details, for each side."""
    if shown.side == "volunteer":
        return (
            Keys()
            .row((_("I cannot come"), Asked(what="left", request=shown.request.id)))
            .row((_("My page"), Go(screen="volunteer")))
            .markup()
        )
    return request_keys(shown.request.id)


async def see_details(
    query: CallbackQuery, callback_data: Asked, office: Office, here: Chat
) -> None:
    """The details again, with a calendar file; for who may see them now."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        shown = await details(session, here, callback_data.request, office.now())
    sent = await query.message.answer(details_text(shown), reply_markup=details_keys(shown))
    async with office.sessions.begin() as session:
        # So that it is replaced after the appointment.
        await keep_message(session, here, callback_data.request, sent.message_id, DETAILS)
    await query.message.answer_document(calendar_of(shown))


def build_appointments_router() -> Router:
    """An institution's requests. Every action checks by itself who may."""
    router = Router(name="appointments")
    for what, handler in (
        ("state", see_state),
        ("other", agree),
        ("cancel", ask_cancel),
        ("gone", cancel),
        ("noshow", ask_no_show),
        ("noshow!", no_show),
        ("details", see_details),
    ):
        router.callback_query.register(handler, Asked.filter(F.what == what))
    return router
