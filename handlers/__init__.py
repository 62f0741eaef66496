"""What people can say and what they read: every door, in the order in which it is tried."""

from aiogram import Dispatcher

from bot.channels import Channel
from bot.office import Office
from handlers.buttons import ShownButtons
from handlers.conversations import ChatIsolation, DatabaseStorage
from handlers.dialogue import build_dialogue_router
from handlers.directory import build_directory_router
from handlers.elsewhere import build_elsewhere_router
from handlers.emergency import build_emergency_router
from handlers.errors import build_errors_router
from handlers.events import build_events_router
from handlers.institutions import build_institutions_router
from handlers.interpreting.appointments import build_appointments_router
from handlers.interpreting.door import build_door_router
from handlers.interpreting.hours import build_hours_router
from handlers.letters import build_letters_router, build_rest_router
from handlers.middleware import Acknowledging, ErrorLanguage, Listening, Reception
from handlers.places import build_place_router
from handlers.questions import build_questions_router
from handlers.reports import build_one_at_a_time_router, build_reports_router
from handlers.staff import build_staff_router
from handlers.start import build_start_router
from handlers.topics import build_topics_router
from handlers.volunteers.offers import build_offers_router
from handlers.volunteers.page import build_page_router
from handlers.volunteers.pausing import build_pausing_router


def build_dispatcher(
    office: Office, channels: dict[int, Channel], shown: ShownButtons
) -> Dispatcher:
    """A dispatcher with every door. ``channels`` is by the bot's id and may still be filled."""
    dispatcher = Dispatcher(
        storage=DatabaseStorage(office.sessions, lambda bot_id: channels[bot_id].name, office.now),
        events_isolation=ChatIsolation(),
        office=office,
        shown=shown,
    )
    dispatcher.update.outer_middleware(Reception(office, channels, shown))
    dispatcher.errors.outer_middleware(ErrorLanguage())
    listening = Listening(office, shown, dispatcher)
    dispatcher.message.outer_middleware(listening)
    dispatcher.edited_message.outer_middleware(listening)
    dispatcher.callback_query.outer_middleware(Acknowledging())
    include_handlers(dispatcher)
    return dispatcher


def include_handlers(dispatcher: Dispatcher) -> None:
    """Danger first, then commands, then dialogues; any other text is a question: last."""
    dispatcher.include_routers(
        build_errors_router(),
        build_emergency_router(),
        build_one_at_a_time_router(),
        build_institutions_router(),
        build_door_router(),
        build_start_router(),
        build_pausing_router(),
        build_page_router(),
        build_staff_router(),
        build_reports_router(),
        build_appointments_router(),
        build_hours_router(),
        build_offers_router(),
        build_dialogue_router(),
        build_place_router(),
        build_directory_router(),
        build_events_router(),
        build_topics_router(),
        build_letters_router(),
        build_questions_router(),
        build_elsewhere_router(),
        build_rest_router(),
    )
