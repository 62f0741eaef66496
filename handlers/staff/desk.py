"""The staff desk: what people asked in vain, what helped, and the off switches."""

from datetime import timedelta

from aiogram import F, Router, html
from aiogram.filters import Command, StateFilter
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.feedback import verdicts
from bot.gaps import SHOWN_FROM, open_gaps
from bot.models import Chat
from bot.office import Office
from bot.staff import Action, Role, may, note, roles_of
from bot.switches import Module, switch_off, switch_on, switched_off
from bot.texts import _, current_language, day, language_name, listing, ngettext
from handlers.buttons import Keys

_FEEDBACK_SPAN = timedelta(days=92)
_MOST_ROWS = 20


class Desk(CallbackData, prefix="desk"):
    """A staff screen; ``item`` is a module's name where one is switched."""

    screen: str
    item: str = ""


class SwitchingOff(StatesGroup):
    """The dialogue that asks why a module is switched off."""

    reason = State()


def module_name(module: Module) -> str:
    """A module's name in words."""
    return {
        Module.ANSWERS: _("Answers"),
        Module.DIRECTORY: _("Directory of doctors"),
        Module.INTERPRETERS: _("Interpreters"),
        Module.REPORTS: _("Incident reports"),
        Module.EVENTS: _("Events"),
    }[module]


def role_name(role: str) -> str:
    """A role's name in words."""
    return {
        Role.EDITOR: _("editor"),
        Role.DISPATCHER: _("dispatcher (interpreters)"),
        Role.CASE_WORKER: _("case worker"),
        Role.ADMIN: _("administrator"),
    }[Role(role)]


def back_keys() -> InlineKeyboardMarkup:
    """The way back to the desk."""
    return Keys().row((_("Desk"), Desk(screen="open"))).markup()


async def _show_desk(message: Message, office: Office, here: Chat) -> None:
    async with office.sessions.begin() as session:
        roles = await roles_of(session, here)
    keys = Keys()
    for action, label, screen in (
        (Action.SEE_GAPS, _("Questions without an answer"), "gaps"),
        (Action.SEE_FEEDBACK, _("What helped"), "feedback"),
        (Action.SEE_EVENTS, _("Events"), "events"),
        (Action.STEER_BROADCAST, _("Announcements"), "broadcasts"),
        (Action.SWITCH_MODULE, _("Switch parts off or on"), "modules"),
        (Action.SEE_REQUESTS, _("Desk: interpreters"), "pool"),
        (Action.SEE_CASES, _("Cases of reports"), "cases"),
        (Action.SEE_STAFF, _("Staff"), "people"),
    ):
        if may(roles, action):
            keys.row((label, Desk(screen=screen)))
    await message.answer(
        html.bold(_("Staff desk"))
        + "\n"
        + _("Your roles: {roles}").format(roles=listing([role_name(r) for r in sorted(roles)])),
        reply_markup=keys.markup(),
    )


async def open_desk(message: Message, office: Office, here: Chat, state: FSMContext) -> None:
    """``/staff``."""
    await state.clear()
    await _show_desk(message, office, here)


async def back_to_desk(query: CallbackQuery, office: Office, here: Chat, state: FSMContext) -> None:
    """Back to the desk."""
    await state.clear()
    if isinstance(query.message, Message):
        await _show_desk(query.message, office, here)


async def see_gaps(query: CallbackQuery, office: Office) -> None:
    """Questions that at least three different people asked in vain."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        gaps = await open_gaps(session)
    lines = [html.bold(_("Questions without an answer"))]
    for gap in gaps[:_MOST_ROWS]:
        people = ngettext("{count} person", "{count} people", gap.residents)
        lines.append(
            f"• {html.quote(gap.terms)} ({language_name(gap.language)}): "
            f"{people.format(count=gap.residents)}, {day(gap.last_asked_on)}"
        )
    if not gaps:
        lines.append(
            _(
                "Nothing yet. A question is shown when {count} different people asked it "
                "on one day."
            ).format(count=SHOWN_FROM)
        )
    await query.message.answer("\n".join(lines), reply_markup=back_keys())


async def see_feedback(query: CallbackQuery, office: Office) -> None:
    """Which articles helped in the last three months, the least helpful first."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        rows = await verdicts(session, office.today() - _FEEDBACK_SPAN)
    lines = [html.bold(_("What helped (last three months)"))]
    for row in rows[:_MOST_ROWS]:
        topic = office.knowledge.topics.get(row.topic_id)
        article = topic.article(current_language()) if topic else None
        counts = _("{topic}: {yes} yes, {no} no").format(
            topic=html.quote(article.title if article else row.topic_id),
            yes=row.helpful,
            no=row.unhelpful,
        )
        lines.append(f"• {counts}")
    if not rows:
        lines.append(_("Nothing yet."))
    await query.message.answer("\n".join(lines), reply_markup=back_keys())


async def see_modules(query: CallbackQuery, office: Office) -> None:
    """Which parts are on and off."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        off = await switched_off(session)
    lines, keys = [html.bold(_("Parts of the bot"))], Keys()
    for module in Module:
        name = module_name(module)
        if module in off:
            lines.append(
                "• "
                + _("{part}: off. Reason: {reason}").format(
                    part=name, reason=html.quote(off[module])
                )
            )
            label = _("Switch on: {part}").format(part=name)
            keys.row((label, Desk(screen="on", item=module.value)))
        else:
            lines.append("• " + _("{part}: on").format(part=name))
            label = _("Switch off: {part}").format(part=name)
            keys.row((label, Desk(screen="off", item=module.value)))
    keys.row((_("Desk"), Desk(screen="open")))
    await query.message.answer("\n".join(lines), reply_markup=keys.markup())


async def ask_reason(query: CallbackQuery, callback_data: Desk, state: FSMContext) -> None:
    """A part goes off only with a reason that residents may read."""
    if not isinstance(query.message, Message) or callback_data.item not in set(Module):
        return
    await state.set_state(SwitchingOff.reason)
    await state.set_data({"module": callback_data.item})
    await query.message.answer(
        _("Why is “{part}” switched off? Residents will read your sentence.").format(
            part=module_name(Module(callback_data.item))
        ),
        reply_markup=back_keys(),
    )


async def take_reason(message: Message, office: Office, here: Chat, state: FSMContext) -> None:
    """Switch the part off with the reason that was written."""
    reason = (message.text or "").strip()
    if not reason or reason.startswith("/"):
        await message.answer(_("Please write the reason in words."), reply_markup=back_keys())
        return
    module = Module((await state.get_data())["module"])
    await state.clear()
    async with office.sessions.begin() as session:
        await switch_off(session, module, reason, office.now())
        await note(session, here, Action.SWITCH_MODULE, f"{module} off: {reason}", office.now())
    await message.answer(
        _("“{part}” is off now. Its contacts are still shown.").format(part=module_name(module)),
        reply_markup=back_keys(),
    )


async def put_on(query: CallbackQuery, callback_data: Desk, office: Office, here: Chat) -> None:
    """Switch a part on again."""
    if not isinstance(query.message, Message) or callback_data.item not in set(Module):
        return
    module = Module(callback_data.item)
    async with office.sessions.begin() as session:
        await switch_on(session, module)
        await note(session, here, Action.SWITCH_MODULE, f"{module} on", office.now())
    await query.message.answer(
        _("“{part}” is on again.").format(part=module_name(module)), reply_markup=back_keys()
    )


def build_desk_router() -> Router:
    """Every door names its action; the lock checks it."""
    router = Router(name="desk")
    router.message.register(open_desk, Command("staff"), flags={"action": Action.OPEN_DESK})
    router.message.register(
        take_reason, StateFilter(SwitchingOff.reason), flags={"action": Action.SWITCH_MODULE}
    )
    for screen, handler, action in (
        ("open", back_to_desk, Action.OPEN_DESK),
        ("gaps", see_gaps, Action.SEE_GAPS),
        ("feedback", see_feedback, Action.SEE_FEEDBACK),
        ("modules", see_modules, Action.SWITCH_MODULE),
        ("off", ask_reason, Action.SWITCH_MODULE),
        ("on", put_on, Action.SWITCH_MODULE),
    ):
        router.callback_query.register(
            handler, Desk.filter(F.screen == screen), flags={"action": action}
        )
    return router
