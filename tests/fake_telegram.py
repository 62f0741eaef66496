"""A stand-in for Telegram on loopback: strict about every call, and able to fail in every way.

Whatever real Telegram would refuse is refused here with the same words and also remembered in
``refused``; a test that ends with something there fails. ``flood`` limits the pace, and ``delay``
is how many seconds each call takes.
"""

import asyncio
import itertools
import socket
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from tests.telegram_chats import BOT, Attached, Chats, ForbiddenError
from tests.telegram_flood import FloodControl
from tests.telegram_rules import UPDATE_TYPES, BadRequestError, UnknownMethodError, check_call

__all__ = ["BOT", "TOKEN", "Call", "FakeTelegram", "Fault"]

TOKEN = "4242:a-token-of-the-fake-bot-api"
_NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
_TERMINATED = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is "
    "running"
)
_NGINX = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>"

# drop: the connection breaks before anything was done; drop_after: when it was done.
# 502: a page in HTML, as the servers in front of the Bot API send it. nonsense: the same with 200.
Failure = Literal[
    "400", "401", "403", "404", "409", "429", "500", "502", "nonsense", "drop", "drop_after", "slow"
]
_DESCRIPTIONS = {
    "400": (400, "Bad Request: something is wrong"),
    "401": (401, "Unauthorized"),
    "403": (403, "Forbidden: bot was blocked by the user"),
    "404": (404, "Not Found"),
    "409": (409, _TERMINATED),
    "500": (500, "Internal Server Error"),
}


@dataclass
class Call:
    """One call that our bot made and what came of it."""

    method: str
    call: dict[str, Any]
    files: dict[str, bytes]
    result: Any = None


class Calls(list[Call]):
    """Every call in order, and by chat what was put into it: tests share one server."""

    def __init__(self) -> None:
        super().__init__()
        self.into: defaultdict[int, list[Call]] = defaultdict(list)

    def append(self, call: Call) -> None:
        """Write down one call."""
        super().append(call)
        if call.method.startswith(("send", "edit")) and "chat_id" in call.call:
            self.into[call.call["chat_id"]].append(call)

    def clear(self) -> None:
        """Forget them all."""
        super().clear()
        self.into.clear()


@dataclass
class Fault:
    """How the next ``times`` calls of a method (``*``: of any) go wrong."""

    method: str
    kind: Failure
    times: int = 1
    seconds: float = 1
    chat_id: int | None = None


@dataclass
class FakeTelegram:
    """The server. ``url`` is what ``BOT_API_BASE`` is set to."""

    token: str = TOKEN
    url: str = ""
    calls: Calls = field(default_factory=Calls)
    refused: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    webhook: dict[str, Any] = field(default_factory=dict)
    webhook_bodies: list[tuple[int, str]] = field(default_factory=list)
    withheld: list[int] = field(default_factory=list)
    attempts: dict[str, int] = field(default_factory=dict)
    flood: FloodControl | None = None
    delay: float = 0.0

    def __post_init__(self) -> None:
        self.chats = Chats()
        self._updates: dict[int, dict[str, Any]] = {}
        self._next_update = itertools.count(1000)
        self._allowed: set[str] = set(UPDATE_TYPES) - _NOT_BY_DEFAULT
        self._confirmed: set[int] = set()
        self._news = asyncio.Condition()
        self._poll = 0  # the number of the newest poll: an older one ends with a conflict
        self._runner: web.AppRunner | None = None
        self._client: ClientSession | None = None
        self._posting: dict[int | None, asyncio.Lock] = {}

    @property
    def messages(self) -> dict[tuple[int, int], dict[str, Any]]:
        """What stands in the chats, by chat and message number."""
        return self.chats.messages

    @property
    def blocked(self) -> set[int]:
        """Who blocked the bot."""
        return self.chats.blocked

    @property
    def open_queries(self) -> set[str]:
        """The presses and queries that may still be answered, once each."""
        return self.chats.open_queries

    async def start(self, port: int = 0) -> None:
        """Listen on a port of loopback, any free one by default."""
        app = web.Application(client_max_size=64 << 20)
        app.router.add_route("*", "/bot{token}/{method}", self._receive)
        app.router.add_get("/file/bot{token}/{path:.*}", self._download)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        await web.SockSite(self._runner, listener).start()
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._client = ClientSession(timeout=ClientTimeout(total=30))

    async def stop(self) -> None:
        """Stop listening: connections are refused from now on."""
        await self._terminate_polls()
        if self._client:
            await self._client.close()
        if self._runner:
            await self._runner.cleanup()

    async def come_back(self) -> None:
        """Listen again where it listened before."""
        await self.start(int(self.url.rpartition(":")[2]))

    # What people do

    async def send(self, update: dict[str, Any], *, anyway: bool = False) -> int:
        """Queue an update, or post it to the webhook; returns its number.

        A kind that nobody asked for is withheld, unless it is sent ``anyway``: Telegram does so
        for a while after the list was changed.
        """
        number = next(self._next_update)
        update = {"update_id": number, **{k: v for k, v in update.items() if k != "update_id"}}
        self._notice(update)
        if not anyway and not (set(update) - {"update_id"}) <= self._allowed:
            self.withheld.append(number)
            await self._confirm({number})
        elif self.webhook.get("url") and await self.post(update):
            await self._confirm({number})
        else:
            async with self._news:
                self._updates[number] = update
                self._news.notify_all()
        return number

    async def handled(self, number: int, within: float = 20) -> None:
        """Wait until the bot has confirmed an update; ``TimeoutError`` if it does not."""
        async with asyncio.timeout(within):
            async with self._news:
                await self._news.wait_for(lambda: number in self._confirmed)

    @property
    def waiting(self) -> list[int]:
        """The updates that are not confirmed."""
        return sorted(self._updates)

    def next_message_id(self, chat_id: int) -> int:
        """A message number in a chat, shared by both sides as in Telegram."""
        return self.chats.next_message_id(chat_id)

    def fail(self, method: str, kind: Failure, **more: Any) -> None:
        """Let the next call of a method go wrong."""
        assert kind in get_args(Failure)
        self.faults.append(Fault(method, kind, **more))

    def sent_to(self, chat_id: int) -> list[Call]:
        """The calls that put something into a chat, in order."""
        return list(self.calls.into[chat_id])

    def _notice(self, update: dict[str, Any]) -> None:
        chat = _chat_of(update)
        if chat is not None:
            self.chats.meet(chat)
        for kind in ("message", "channel_post"):
            if isinstance(update.get(kind), dict) and "from" in update[kind]:
                self.chats.notice(update[kind])
        for kind in ("callback_query", "inline_query", "shipping_query", "pre_checkout_query"):
            if isinstance(update.get(kind), dict):
                self.open_queries.add(str(update[kind]["id"]))

    # The server

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return _answer(401, "Unauthorized")
        method = request.match_info["method"]
        self.attempts[method] = self.attempts.get(method, 0) + 1
        call, files, names = await _read(request)
        wait = self.flood.wait(method, call) if self.flood else None
        if wait is not None:
            return _too_many(wait)
        if self.delay:
            await asyncio.sleep(self.delay)
        fault = self._fault(method, call)
        if fault is not None and fault.kind != "drop_after":
            broken = await _break(fault, request)
            if broken is not None:
                return broken
        done = Call(method, call, files)
        try:
            done.call = check_call(method, call, files)
            if method == "getUpdates":
                return await self._get_updates(done.call)
            done.result = await self._do(method, done.call, Attached(names, files))
            self.calls.append(done)
        except BadRequestError as error:
            self.refused.append(f"{method}: {error}")
            return _answer(400, str(error))
        except ForbiddenError as error:
            return _answer(403, str(error))
        except (UnknownMethodError, NotImplementedError) as error:
            self.refused.append(f"{method}: {error}")
            return _answer(404, str(error))
        if fault is not None and fault.kind == "drop_after":
            return _drop(request)
        return web.json_response({"ok": True, "result": done.result})

    def _fault(self, method: str, call: dict[str, Any]) -> Fault | None:
        for fault in self.faults:
            if fault.method in (method, "*") and fault.chat_id in (
                None,
                int(call.get("chat_id", 0) or 0),
            ):
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    async def _do(self, method: str, call: dict[str, Any], sent: Attached) -> Any:
        if method == "setWebhook":
            self._allow(call)
            self.webhook = call if call["url"] else {}
            await self._terminate_polls()
            return True
        if method == "deleteWebhook":
            self.webhook = {}
            return True
        if method == "getWebhookInfo":
            return {
                "url": self.webhook.get("url", ""),
                "has_custom_certificate": False,
                "pending_update_count": len(self._updates),
                "allowed_updates": sorted(self._allowed),
            }
        return self.chats.do(method, call, sent)

    def _allow(self, call: dict[str, Any]) -> None:
        """Telegram keeps the last list; an empty one means the default."""
        if "allowed_updates" in call:
            chosen = set(call["allowed_updates"])
            self._allowed = chosen or set(UPDATE_TYPES) - _NOT_BY_DEFAULT

    async def _get_updates(self, call: dict[str, Any]) -> web.Response:
        if self.webhook.get("url"):
            return _answer(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        self._allow(call)
        offset, timeout = call.get("offset", 0), call.get("timeout", 0)
        if offset < 0:
            offset = sorted(self._updates)[offset:][0] if self._updates else 0
        await self._confirm({number for number in self._updates if number < offset})
        async with self._news:
            self._poll += 1
            mine = self._poll
            self._news.notify_all()
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    await self._news.wait_for(lambda: bool(self._updates) or self._poll != mine)
            if self._poll != mine:
                return _answer(409, _TERMINATED)
            found = [self._updates[number] for number in sorted(self._updates)]
        return web.json_response({"ok": True, "result": found[: call.get("limit", 100)]})

    async def _confirm(self, numbers: set[int]) -> None:
        async with self._news:
            self._confirmed |= numbers
            for number in numbers:
                self._updates.pop(number, None)
            self._news.notify_all()

    async def _terminate_polls(self) -> None:
        async with self._news:
            self._poll += 1
            self._news.notify_all()

    async def post(self, update: dict[str, Any]) -> bool:
        """Post an update to the webhook, after the ones of the same chat that are under way.

        Whether it was taken; what was not stays in the queue, as in Telegram.
        """
        assert self._client is not None
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.get("secret_token", "")}
        chat = _chat_of(update)
        turn = self._posting.setdefault(chat["id"] if chat else None, asyncio.Lock())
        async with turn:
            try:
                async with self._client.post(
                    self.webhook["url"], json=update, headers=headers
                ) as answer:
                    body = await answer.text()
                    self.webhook_bodies.append((answer.status, body))
                    if answer.status == 200 and answer.content_type == "application/json":
                        self._take_webhook_answer(await answer.json())
                    return answer.status == 200
            except (ClientError, TimeoutError) as error:
                self.webhook_bodies.append((0, type(error).__name__))
                return False

    def _take_webhook_answer(self, body: dict[str, Any]) -> None:
        method = body.pop("method")
        try:
            call = check_call(method, body, {})
            self.calls.append(Call(method, call, {}, self.chats.do(method, call, Attached())))
        except (BadRequestError, UnknownMethodError) as error:
            self.refused.append(f"webhook {method}: {error}")

    async def _download(self, request: web.Request) -> web.Response:
        content = self.chats.files.get(request.match_info["path"].removeprefix("files/"))
        if request.match_info["token"] != self.token or content is None:
            return web.Response(status=404)
        return web.Response(body=content)


async def _break(fault: Fault, request: web.Request) -> web.StreamResponse | None:
    """The answer of a fault; nothing when the call goes on after all."""
    match fault.kind:
        case "429":
            return _too_many(int(fault.seconds))
        case "502":
            return web.Response(status=502, text=_NGINX, content_type="text/html")
        case "nonsense":
            return web.Response(status=200, text=_NGINX, content_type="text/html")
        case "drop":
            return _drop(request)
        case "slow":
            await asyncio.sleep(fault.seconds)
            return None
        case kind:
            return _answer(*_DESCRIPTIONS[kind])


def _too_many(seconds: int) -> web.Response:
    return _answer(
        429, f"Too Many Requests: retry after {seconds}", parameters={"retry_after": seconds}
    )


def _drop(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _read(request: web.Request) -> tuple[dict[str, Any], dict[str, bytes], dict[str, str]]:
    """The call's parameters, the bytes of its files, and the files' names."""
    if request.content_type == "application/json":
        return dict(await request.json()), {}, {}
    call: dict[str, Any] = dict(request.query)
    files: dict[str, bytes] = {}
    given: dict[str, str] = {}
    form = await request.post()
    for name, value in form.items():
        if isinstance(value, web.FileField):
            files[name] = value.file.read()
            given[name] = value.filename
            call.setdefault(name, f"attach://{name}")
        else:
            call[name] = str(value)
    # A file that another parameter names as attach://… is no parameter of its own.
    named = {k: str(v).removeprefix("attach://") for k, v in call.items() if k not in files}
    for name in files:
        if name in named.values() or any(f'"attach://{name}"' in v for v in named.values()):
            call.pop(name, None)
    names = {k: given[v] for k, v in {**{f: f for f in files}, **named}.items() if v in given}
    return call, files, names


def _answer(status: int, description: str, **more: Any) -> web.Response:
    body = {"ok": False, "error_code": status, "description": description, **more}
    return web.json_response(body, status=status)


def _chat_of(update: dict[str, Any]) -> dict[str, Any] | None:
    for part in update.values():
        if isinstance(part, dict):
            message = part.get("message", part)
            if isinstance(message, dict) and isinstance(message.get("chat"), dict):
                return dict(message["chat"])
    return None
