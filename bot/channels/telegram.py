"""Telegram: long polling or a webhook, through aiogram.

An update counts as received only when it has been handled: polling confirms it after its
handler is through, and the webhook answers then. A crash in between makes Telegram deliver the
update again, so a question is never lost; aiogram's own polling loop confirms first.
"""

import asyncio
import hmac
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, TypeVar

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import AnswerCallbackQuery, GetUpdates, Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import LinkPreviewOptions, Update
from aiogram.types.update import UpdateTypeLookupError
from aiogram.utils.backoff import Backoff, BackoffConfig
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.responses import Response as HttpResponse
from starlette.routing import Route

from bot.channels.calls import Pacing, Patience, unreadable
from bot.errors import SettingsError
from bot.pacing import Pace

logger = logging.getLogger(__name__)

NAME = "telegram"
WEBHOOK_PATH = "/telegram/webhook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
POLL_SECONDS = 25
_PATIENCE = 30.0  # seconds after which an update under way is confirmed all the same
_LOOK_AGAIN = 0.5  # seconds between two looks for new updates while others are under way
_LARGEST_UPDATE = 1 << 20
_BACKOFF = BackoffConfig(min_delay=0.5, max_delay=20.0, factor=2.0, jitter=0.1)

Feed = Callable[[Update], Coroutine[Any, Any, None]]
_Answer = TypeVar("_Answer")


# The one call that may travel in the answer to a webhook request, while that is still open.
_webhook_answer: ContextVar["asyncio.Future[AnswerCallbackQuery] | None"] = ContextVar(
    "webhook_answer", default=None
)


class AnswerInWebhook(BaseRequestMiddleware):
    """Lets the acknowledgement of a pressed button travel in the webhook's answer."""

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Hand the acknowledgement to the open request, or make the call."""
        waiting = _webhook_answer.get()
        if isinstance(method, AnswerCallbackQuery) and waiting is not None and not waiting.done():
            waiting.set_result(method)
            # The caller of ``answer()`` only learns "true": Telegram says nothing more either.
            return True  # type: ignore[return-value]
        return await make_request(bot, method)


def create_bot(token: str, api_base: str, pace: Pace | None = None) -> Bot:
    """A bot that speaks HTML, shows no link previews and waits when Telegram says so.

    With a pace every call waits for its turn.
    """
    connections = max(100, int(pace.limits.per_second) if pace else 0)
    session = AiohttpSession(
        api=TelegramAPIServer.from_base(api_base), timeout=40, limit=min(connections, 500)
    )
    bot = Bot(
        token,
        session=session,
        default=DefaultBotProperties(
            parse_mode=ParseMode.HTML, link_preview=LinkPreviewOptions(is_disabled=True)
        ),
    )
    session.middleware(Patience())
    session.middleware(AnswerInWebhook())
    if pace is not None:
        session.middleware(Pacing(pace))
    return bot


async def check_token(bot: Bot, stop: asyncio.Event | None = None) -> str:
    """The bot's public name. Raises ``SettingsError`` when Telegram does not know the token.

    Waits and tries again while Telegram cannot be reached; empty when told to stop meanwhile.
    """
    me = await _insist(bot.me, "Telegram cannot be reached", stop)
    return me.username or "" if me else ""


async def _insist(
    call: Callable[[], Coroutine[Any, Any, _Answer]],
    trouble: str,
    stop: asyncio.Event | None = None,
) -> _Answer | None:
    """A call that the start cannot do without, again and again; nothing when told to stop.

    Raises ``SettingsError`` for a wrong token, and what Telegram answers to a mistake of ours.
    """
    backoff = Backoff(config=_BACKOFF)
    stopping = asyncio.create_task((stop or asyncio.Event()).wait())
    try:
        while not stopping.done():
            try:
                return await _unless(stopping, call())
            except (TelegramUnauthorizedError, TelegramNotFound):
                # 404 is the answer to a token that Telegram cannot even read.
                raise SettingsError("BOT_TOKEN is not known to Telegram") from None
            except TelegramBadRequest:
                raise
            except TelegramAPIError as error:
                logger.warning("%s: %s", trouble, type(error).__name__)
                await _pause(backoff, stopping)
        return None
    finally:
        stopping.cancel()


async def _unless(
    stopping: "asyncio.Task[Any]", call: Coroutine[Any, Any, _Answer]
) -> _Answer | None:
    """What a call gives, or nothing when the stop comes first; no call is left behind."""
    calling = asyncio.create_task(call)
    try:
        await asyncio.wait({calling, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return calling.result() if calling.done() else None
    finally:
        if not calling.done():
            calling.cancel()
            await asyncio.gather(calling, return_exceptions=True)


class _Intake:
    """The updates that were fetched. What may be confirmed ends before the first unfinished one."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._jobs: dict[int, tuple[asyncio.Task[None], float]] = {}
        self._newest: int | None = None
        self._all: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> bool:
        """Whether anything is under way."""
        return bool(self._all)

    def take(self, number: int, update: Update | None) -> None:
        """Begin with an update, unless it was begun before; ``None`` counts as handled."""
        if number in self._jobs:
            return
        self._newest = number if self._newest is None else max(self._newest, number)
        if update is not None:
            task = asyncio.create_task(self._feed(update))
            self._jobs[number] = (task, time.monotonic())
            self._all.add(task)
            task.add_done_callback(self._all.discard)

    def offset(self) -> int | None:
        """Where to go on fetching. What was under way for too long no longer holds up the rest."""
        if self._newest is None:
            return None
        since = time.monotonic() - _PATIENCE
        held = [n for n, (task, begun) in self._jobs.items() if begun > since and not task.done()]
        offset = min(held, default=self._newest + 1)
        self._jobs = {number: job for number, job in self._jobs.items() if number >= offset}
        return offset

    async def rest(self, seconds: float | None = None) -> None:
        """Wait until everything is done, at most for some seconds."""
        if self._all:
            await asyncio.wait(self._all, timeout=seconds)


async def poll(bot: Bot, feed: Feed, allowed: list[str], stop: asyncio.Event) -> None:
    """Fetch and handle updates until ``stop``; what is under way then is finished and confirmed.

    While something is under way, Telegram is asked again and again for what is new: a slow answer
    to one chat keeps nobody else waiting. Raises ``SettingsError`` when the token is revoked.
    """
    await _insist(bot.delete_webhook, "polling cannot begin", stop)
    intake = _Intake(feed)
    backoff = Backoff(config=_BACKOFF)
    stopping = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            seconds = 0 if intake.busy else POLL_SECONDS
            try:
                updates = await _unless(stopping, _fetch(bot, intake.offset(), seconds, allowed))
            except TelegramConflictError:
                logger.error("somebody else polls with this token (HTTP 409)")
                await _pause(backoff, stopping)
                continue
            except TelegramRetryAfter as error:
                await asyncio.wait({stopping}, timeout=error.retry_after)
                continue
            except TelegramUnauthorizedError:
                raise SettingsError("BOT_TOKEN is not known to Telegram any more") from None
            except TelegramAPIError as error:
                logger.warning("no updates: %s", type(error).__name__)
                await _pause(backoff, stopping)
                continue
            backoff.reset()
            for number, update in updates or []:
                intake.take(number, update)
            await intake.rest(_LOOK_AGAIN)
        await intake.rest()
        await _confirm(bot, intake.offset(), allowed)
    finally:
        stopping.cancel()


async def _pause(backoff: Backoff, stopping: "asyncio.Task[Any]") -> None:
    await asyncio.wait({stopping}, timeout=next(backoff))


async def _fetch(
    bot: Bot, offset: int | None, seconds: int, allowed: list[str]
) -> list[tuple[int, Update | None]]:
    """The next updates with their numbers; ``None`` stands for one that we cannot read."""
    try:
        updates = await bot.get_updates(
            offset=offset,
            timeout=seconds,
            allowed_updates=allowed,
            request_timeout=seconds + 15,
        )
    except ClientDecodeError as error:
        # One update newer than our library must not hide the others for ever.
        found = error.data.get("result") if isinstance(error.data, dict) else None
        if not isinstance(found, list):
            raise unreadable(GetUpdates()) from None
        return [(int(raw["update_id"]), _readable(bot, raw)) for raw in found]
    return [(update.update_id, _known(update)) for update in updates]


def _readable(bot: Bot, raw: object) -> Update | None:
    """An update from JSON or its values; nothing when it is newer than our library."""
    try:
        if isinstance(raw, bytes):
            return _known(Update.model_validate_json(raw, context={"bot": bot}))
        return _known(Update.model_validate(raw, context={"bot": bot}))
    except ValidationError:
        logger.warning("an update could not be read")
        return None


def _known(update: Update) -> Update | None:
    """The update if its kind is known: aiogram would print an unknown one with all its words."""
    try:
        return update if update.event_type else None
    except UpdateTypeLookupError:
        logger.warning("an update of an unknown kind")
        return None


async def _confirm(bot: Bot, offset: int | None, allowed: list[str]) -> None:
    """Tell Telegram what was handled, so that the next start does not handle it again."""
    if offset is None:
        return
    try:
        await bot.get_updates(
            offset=offset, limit=1, timeout=0, allowed_updates=allowed, request_timeout=5
        )
    except (TelegramAPIError, ClientDecodeError) as error:
        logger.warning("the last updates are not confirmed: %s", type(error).__name__)


async def set_webhook(
    bot: Bot, url: str, secret: str, allowed: list[str], stop: asyncio.Event | None = None
) -> None:
    """Ask Telegram to send updates to us; again and again while Telegram cannot be reached.

    Raises ``SettingsError`` when Telegram does not take the address.
    """

    async def ask() -> bool:
        return await bot.set_webhook(
            f"{url}{WEBHOOK_PATH}",
            secret_token=secret,
            allowed_updates=allowed,
            drop_pending_updates=False,
        )

    try:
        await _insist(ask, "the webhook is not set", stop)
    except TelegramBadRequest as error:
        raise SettingsError(f"WEBHOOK_URL is refused by Telegram: {error.message}") from None


class Webhook:
    """The address that Telegram calls. Calls without our secret word get 403 and are not read."""

    def __init__(self, bot: Bot, feed: Feed, secret: str, remembered: int = 10_000) -> None:
        self._bot = bot
        self._feed = feed
        self._secret = secret
        self._handled: OrderedDict[int, None] = OrderedDict()
        self._under_way: set[asyncio.Task[None]] = set()
        self._remembered = remembered

    @property
    def route(self) -> Route:
        """The route for the web server."""
        return Route(WEBHOOK_PATH, self.receive, methods=["POST"])

    async def receive(self, request: Request) -> HttpResponse:
        """Handle one update; the acknowledgement of a button travels back in the answer."""
        word = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(word.encode(), self._secret.encode()):
            return PlainTextResponse("forbidden", status_code=403)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LARGEST_UPDATE:
                return PlainTextResponse("too large", status_code=413)
        update = _readable(self._bot, bytes(body))
        if update is None or update.update_id in self._handled:
            # What we cannot read now we could not read later either: Telegram need not repeat it.
            return PlainTextResponse("")
        self._handled[update.update_id] = None
        while len(self._handled) > self._remembered:
            self._handled.popitem(last=False)
        return await self._handle(update, request)

    async def _handle(self, update: Update, request: Request) -> HttpResponse:
        waiting: asyncio.Future[AnswerCallbackQuery] = asyncio.get_running_loop().create_future()
        token = _webhook_answer.set(waiting if update.callback_query else None)
        try:
            handling = asyncio.create_task(self._feed(update))
        finally:
            _webhook_answer.reset(token)
        self._under_way.add(handling)
        handling.add_done_callback(self._under_way.discard)
        # Shielded: when the server stops waiting, the update is still handled to its end.
        await asyncio.shield(handling)
        if not waiting.done():
            waiting.cancel()
            return PlainTextResponse("")
        method = waiting.result()
        if await request.is_disconnected():
            # Telegram hung up and would not read it: the call is made after all.
            with suppress(TelegramAPIError):
                await self._bot(method)
            return PlainTextResponse("")
        answer = {"method": "answerCallbackQuery"}
        answer.update(json.loads(method.model_dump_json(exclude_none=True)))
        return JSONResponse(answer)
