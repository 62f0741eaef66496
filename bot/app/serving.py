"""Starts the bot: the chat page, Telegram, and what happens by the clock; ends in good order."""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import uvicorn
from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.enums import ParseMode
from aiogram.types import Update
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot.answering.encoder import Encoder
from bot.app.casedoor import case_routes
from bot.app.furnishing import build_office
from bot.app.logs import set_up_logs
from bot.app.opening import opened
from bot.app.steps import Steps, collect_from_now_on
from bot.app.tryout import prepare_trial
from bot.broadcasts import Broadcaster
from bot.channels import Channel, no_effort, telegram
from bot.channels.directions import Directions
from bot.channels.webchat import UVICORN, WebChatSession, WebChatSettings, create_app
from bot.clock import Regular, keep_time
from bot.db import Sessions
from bot.errors import SettingsError
from bot.events import fill_places, owe_due_reminders
from bot.interpreting.work import WORKS
from bot.jobs import do_due
from bot.models import Chat
from bot.office import Office
from bot.pacing import Limits, Pace
from bot.reports import Reporting, clear_marks, open_desk
from bot.reports.notices import FixedTimes, move_and_tell
from bot.reports.traces import leave_no_trace
from bot.retention import delete_what_is_over
from bot.settings import Settings
from bot.staff import keep_bot_username
from bot.texts import languages
from bot.visitors import WebVisitors
from handlers import build_dispatcher
from handlers.broadcasts import deliver_parcel
from handlers.buttons import ShownButtons
from handlers.delivery import deliver_due
from handlers.pages import page_words
from handlers.private import Tracing
from handlers.registration import register
from handlers.staff.broadcasts import show_progress

logger = logging.getLogger(__name__)

WEB_TOKEN = "1:webchat"  # noqa: S105 - no secret: the chat page's bot needs the form of a token
_LETTERS_EVERY = timedelta(seconds=1)
_PROGRESS_EVERY = timedelta(seconds=1)
_EVENTS_EVERY = timedelta(seconds=20)
_JOBS_EVERY = timedelta(seconds=1)
_RETENTION_EVERY = timedelta(hours=1)
_REPORTS_EVERY = timedelta(seconds=30)
_GOODBYE_SECONDS = 20


def start(settings: Settings, *, only_work: bool = False) -> int:
    """Run until SIGTERM or SIGINT; returns the exit code."""
    set_up_logs(settings.log_level, [settings.token or "", settings.webhook_token])
    if only_work and settings.database.startswith("sqlite"):
        raise SettingsError("DATABASE_URL must be a PostgreSQL address for `work`")
    return asyncio.run(work(settings) if only_work else serve(settings))


def _until_told() -> asyncio.Event:
    """Set by SIGTERM and SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def serve(settings: Settings) -> int:
    """The chat page, Telegram when there is a token, and the clock, until told to stop."""
    stop = _until_told()
    async with AsyncExitStack() as stack:
        listener = _listen(settings)
        stack.callback(listener.close)
        prepare_trial(settings)
        steps = Steps("database", "articles and search index", "sentence encoder", "doors")
        stack.callback(steps.close)
        sessions = await stack.enter_async_context(opened(settings))
        steps.done()
        encoder = Encoder()
        starting = asyncio.create_task(encoder.start())
        stack.push_async_callback(encoder.close)
        office = await build_office(settings, sessions, encoder)
        steps.done()
        await starting
        steps.done()
        house = House(office)
        stack.push_async_callback(house.close)
        tasks: list[asyncio.Task[None]] = []
        routes: list[BaseRoute] = []
        if settings.token:
            bot = house.add_telegram(settings.token, settings.bot_api_base)
            if settings.webhook_url:
                hook = telegram.Webhook(bot, house.feed_telegram, settings.webhook_token)
                routes.append(hook.route)
            # The chat page does not wait until Telegram can be reached.
            tasks.append(asyncio.create_task(house.live_on_telegram(stop)))
        tasks.append(asyncio.create_task(house.keep_clock(stop)))
        # Indexes of twenty languages: whoever writes meanwhile waits for their own alone.
        warming = asyncio.create_task(asyncio.to_thread(office.answerer.warm_up, stop.is_set))
        stack.push_async_callback(_gathered, warming)
        stack.callback(stop.set)
        await register(house.web)
        server = Server(house.page(routes))
        tasks.append(asyncio.create_task(server.serve(sockets=[listener])))
        steps.done()
        steps.close()
        collect_from_now_on()
        _announce(listener, settings)
        await _wait(tasks, stop)
        stop.set()
        # Pages are sent away first: an open long poll would hold up the server's end.
        await house.web_session.close()
        server.should_exit = True
        await asyncio.wait(tasks, timeout=_GOODBYE_SECONDS)
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, SettingsError):
            raise result
        if isinstance(result, Exception):
            logger.error("the bot stopped: %s", type(result).__name__, exc_info=result)
            return 1
    return 0


async def _gathered(task: "asyncio.Task[None]") -> None:
    """Let something that only helps end, whatever became of it."""
    await asyncio.gather(task, return_exceptions=True)


async def _wait(tasks: "list[asyncio.Task[None]]", stop: asyncio.Event) -> None:
    """Wait until told to stop or until something that must go on ends with an error."""
    told = asyncio.create_task(stop.wait())
    waiting: set[asyncio.Task[Any]] = {told, *tasks}
    while not stop.is_set():
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if any(task.exception() for task in done if not task.cancelled()):
            break
    told.cancel()


async def work(settings: Settings) -> int:
    """Only owed work, beside another process that receives updates and serves the page."""
    collect_from_now_on()
    stop = _until_told()
    async with AsyncExitStack() as stack:
        sessions = await stack.enter_async_context(opened(settings))
        bots: dict[str, Bot] = {}
        tasks: list[Coroutine[Any, Any, None]] = []
        if settings.token:
            pace = telegram_pace(settings, sessions)
            bot = telegram.create_bot(settings.token, settings.bot_api_base, pace)
            stack.push_async_callback(bot.session.close)
            stack.push_async_callback(pace.leave)
            await telegram.check_token(bot, stop)
            bots[telegram.NAME] = bot
            tasks.append(_broadcasting(sessions, bot, pace, _utc_now).run(stop))
        logger.info("working; stop with Ctrl+C")
        clock = keep_time(_regular(sessions, bots, open_desk(settings)), stop)
        await asyncio.gather(clock, *tasks)
    return 0


def _utc_now() -> datetime:
    return datetime.now(UTC)


def telegram_pace(settings: Settings, sessions: Sessions) -> Pace:
    """The pace of everything that is sent on Telegram."""
    limits = Limits(
        per_second=settings.telegram_per_second,
        chat_per_second=settings.telegram_chat_per_second,
    )
    return Pace(sessions, telegram.NAME, limits)


def _broadcasting(
    sessions: Sessions, bot: Bot, pace: Pace, now: Callable[[], datetime]
) -> Broadcaster:
    return Broadcaster(sessions, telegram.NAME, pace, partial(deliver_parcel, bot), now)


def _regular(sessions: Sessions, bots: dict[str, Bot], desk: Reporting) -> list[Regular]:
    fixed_times = FixedTimes(datetime.now(UTC))

    async def letters() -> int:
        return await deliver_due(sessions, bots, datetime.now(UTC)) if bots else 0

    async def progress() -> int:
        return sum(
            [await show_progress(sessions, bot, name, _utc_now()) for name, bot in bots.items()]
        )

    async def jobs() -> int:
        return await do_due(sessions, WORKS, datetime.now(UTC))

    async def retention() -> int:
        async with sessions.begin() as session:
            gone = await delete_what_is_over(session, datetime.now(UTC))
        if gone:
            await leave_no_trace(sessions)
        return 0

    async def reports() -> int:
        now = datetime.now(UTC)
        desk.drafts.sweep(now)
        if fixed_times.has_come(now):
            async with sessions.begin() as session:
                await move_and_tell(session, desk.site, now)
                await clear_marks(session, now)
            await leave_no_trace(sessions)
        return 0

    async def event_letters() -> int:
        async with sessions.begin() as session:
            reminded = await owe_due_reminders(session, datetime.now(UTC))
            return reminded + await fill_places(session, datetime.now(UTC))

    return [
        Regular("reminders and waiting lists of events", _EVENTS_EVERY, event_letters),
        Regular("doing jobs", _JOBS_EVERY, jobs),
        Regular("delivering letters", _LETTERS_EVERY, letters),
        Regular("showing how far broadcasts are", _PROGRESS_EVERY, progress),
        Regular("deleting what is over", _RETENTION_EVERY, retention),
        Regular("moving reports to their cases", _REPORTS_EVERY, reports),
    ]


class House:
    """All doors of a running bot: the dispatcher and the channels that feed it."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.shown = ShownButtons(in_private=self._talks_in_private)
        self.channels: dict[int, Channel] = {}
        self.bots: dict[str, Bot] = {}
        self.pace: Pace | None = None
        self.dispatcher: Dispatcher = build_dispatcher(office, self.channels, self.shown)
        public = office.settings.public_url
        origins = (public,) if public else ()
        self.web_session = WebChatSession(
            WebChatSettings(
                office=office.settings.operator_name or "Büro für Integration",
                languages=languages(),
                origins=origins,
            ),
            strings=page_words,
        )
        web = Bot(
            WEB_TOKEN,
            session=self.web_session,
            default=DefaultBotProperties(parse_mode=ParseMode.HTML),
        )
        self.web = self._add("webchat", web, can_push=False, effort=self.web_session.effort)

    def _add(
        self,
        name: str,
        bot: Bot,
        *,
        can_push: bool,
        effort: Callable[[int], Awaitable[bool]] = no_effort,
    ) -> Bot:
        bot.session.middleware(self.shown)
        bot.session.middleware(Tracing())
        bot.session.middleware(Directions())
        self.channels[bot.id] = Channel(name, can_push, bot.id, effort)
        self.bots[name] = bot
        return bot

    @property
    def telegram(self) -> Bot:
        """The Telegram bot; ``KeyError`` when the channel is off."""
        return self.bots[telegram.NAME]

    @property
    def allowed_updates(self) -> list[str]:
        """The kinds of update that some door is for."""
        return self.dispatcher.resolve_used_update_types()

    def add_telegram(self, token: str, api_base: str) -> Bot:
        """Open the Telegram channel."""
        self.pace = telegram_pace(self.office.settings, self.office.sessions)
        bot = telegram.create_bot(token, api_base, self.pace)
        return self._add(telegram.NAME, bot, can_push=True)

    async def feed_telegram(self, update: Update) -> None:
        """Handle one update from Telegram."""
        await self._feed(self.telegram, update)

    async def feed_web(self, update: Update) -> None:
        """Handle one update from the chat page."""
        await self._feed(self.web, update)

    async def _feed(self, bot: Bot, update: Update) -> None:
        try:
            await self.dispatcher.feed_update(bot, update)
        except Exception as error:
            logger.error("an update was lost: %s", type(error).__name__, exc_info=error)

    async def live_on_telegram(self, stop: asyncio.Event) -> None:
        """Say hello to Telegram and receive updates until told to stop.

        Raises ``SettingsError`` when Telegram does not know the token.
        """
        settings = self.office.settings
        username = await telegram.check_token(self.telegram, stop)
        if stop.is_set():
            return
        async with self.office.sessions.begin() as session:
            await keep_bot_username(session, telegram.NAME, username)
        receiving: Coroutine[Any, Any, None]
        if settings.webhook_url:
            receiving = telegram.set_webhook(
                self.telegram,
                settings.webhook_url,
                settings.webhook_token,
                self.allowed_updates,
                stop,
            )
        else:
            receiving = self.poll(stop)
        await asyncio.gather(receiving, register(self.telegram))

    async def poll(self, stop: asyncio.Event) -> None:
        """Fetch updates from Telegram until told to stop."""
        await telegram.poll(self.telegram, self.feed_telegram, self.allowed_updates, stop)

    def page(self, routes: list[BaseRoute]) -> Starlette:
        """The web application: the chat page, the case workers' door, and more routes."""
        return create_app(
            bot=self.web,
            feed=self.feed_web,
            session=self.web_session,
            visitors=WebVisitors(self.office.sessions, quiet=self._is_private),
            routes=[*case_routes(self.office), *routes],
        )

    def _talks_in_private(self, bot_id: int, chat_id: int) -> bool:
        """Whether a private dialogue is open in this chat."""
        channel = self.channels.get(bot_id)
        return channel is not None and Chat(channel.name, chat_id) in self.office.reporting.drafts

    def _is_private(self, chat_id: int) -> bool:
        """Whether a private dialogue is open at this tab of the chat page."""
        return Chat("webchat", chat_id) in self.office.reporting.drafts

    async def keep_clock(self, stop: asyncio.Event) -> None:
        """Deliver what is owed, send broadcasts, delete what is over until told to stop."""
        tasks: list[Coroutine[Any, Any, None]] = []
        if self.pace is not None:
            tasks.append(self.broadcaster().run(stop))
        regular = _regular(self.office.sessions, self.bots, self.office.reporting)
        await asyncio.gather(keep_time(regular, stop), *tasks)

    def broadcaster(self) -> Broadcaster:
        """The worker that sends broadcasts on Telegram."""
        if self.pace is None:
            raise RuntimeError("the Telegram channel is not open")
        return _broadcasting(self.office.sessions, self.telegram, self.pace, self.office.now)

    async def close(self) -> None:
        """Close the channels."""
        if self.pace is not None:
            await self.pace.leave()
        for bot in self.bots.values():
            await bot.session.close()


class Server(uvicorn.Server):
    """uvicorn without its own signal handling and without an access log: it would print URLs."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(uvicorn.Config(app, ws="websockets-sansio", **UVICORN))

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are ours."""
        yield


def _listen(settings: Settings) -> socket.socket:
    """The socket of the page; ``SettingsError`` when the address is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # With its protocol named asyncio sends small packets at once: 40 ms an answer less.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        # From now on callers wait in line; the server takes them once it has started.
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"HOST and PORT: {settings.host}:{settings.port} cannot be used ({error.strerror})"
        ) from None
    return listener


def _announce(listener: socket.socket, settings: Settings) -> None:
    """Say where the chat page is."""
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    print(f"The chat is open: http://{shown}:{port}", file=sys.stderr, flush=True)
    if settings.token:
        print("Telegram is on.", file=sys.stderr, flush=True)
