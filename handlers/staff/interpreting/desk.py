"""The desk of the interpreter pool: how many wait, and the way to each list."""

from aiogram import F, Router, html
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.institutions import waiting_institutions
from bot.interpreting.hours import unsettled
from bot.interpreting.requests import open_requests
from bot.office import Office
from bot.staff import Action
from bot.texts import _
from bot.volunteers import applications, volunteers_expiring
from handlers.buttons import Keys
from handlers.staff.desk import Desk


class Pool(CallbackData, prefix="pool"):
    """A screen or an action of the pool's desk: about whom, and a second number where needed."""

    what: str
    item: int = 0
    other: int = 0


def desk_keys() -> InlineKeyboardMarkup:
    """The way back to the pool's desk."""
    return Keys().row((_("Desk: interpreters"), Desk(screen="pool"))).markup()


async def see_pool(query: CallbackQuery, office: Office) -> None:
    """What waits for staff."""
    if not isinstance(query.message, Message):
        return
    now = office.now()
    async with office.sessions.begin() as session:
        counts = (
            (_("Open requests"), "requests", len(await open_requests(session, now))),
            (_("Applications"), "applications", len(await applications(session))),
            (_("New institutions"), "newhouses", len(await waiting_institutions(session))),
            (
                _("Certificates that run out"),
                "certificates",
                len(await volunteers_expiring(session, office.today())),
            ),
            (_("Hours to settle"), "hours", len(await unsettled(session, now))),
        )
    keys = Keys()
    for label, what, count in counts:
        keys.row((f"{label}: {count}", Pool(what=what)))
    keys.row((_("All interpreters"), Pool(what="volunteers")))
    keys.row((_("All institutions"), Pool(what="houses")))
    keys.row((_("Colleagues' languages (Sprachvielfalt im Haus)"), Pool(what="colleagues")))
    keys.row((_("Coverage report"), Pool(what="coverage")))
    keys.row((_("Hours of a month as a file"), Pool(what="ledger")))
    keys.row((_("Invite an interpreter"), Pool(what="invite")))
    keys.row((_("Desk"), Desk(screen="open")))
    await query.message.answer(html.bold(_("Desk: interpreters")), reply_markup=keys.markup())


def build_pool_desk_router() -> Router:
    """The pool's desk."""
    router = Router(name="pool desk")
    router.callback_query.register(
        see_pool, Desk.filter(F.screen == "pool"), flags={"action": Action.SEE_REQUESTS}
    )
    return router
