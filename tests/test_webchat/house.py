"""A small bot behind a real web server, and pages that talk to it over a real socket."""

import asyncio
import contextlib
import json
import secrets
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any, Self

import httpx
import uvicorn
from aiogram import Bot, Dispatcher, F, Router, html
from aiogram.client.default import DefaultBotProperties
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.memory import MemoryStorage, SimpleEventIsolation
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    ChatMemberUpdated,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    KeyboardButton,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    Update,
)
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bot.channels.webchat import (
    UVICORN,
    MemoryVisitors,
    WebChatSession,
    WebChatSettings,
    create_app,
)

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d494844520000000200000001080200000"
    "07b40e8dd0000000f49444154789c636460600000000a0002e2219ffa0000000049454e44ae426082"
)
"""A picture of 2 × 1 pixels."""


class Telling(StatesGroup):
    """A dialogue of two questions."""

    name = State()
    town = State()


def choices(*data: str) -> InlineKeyboardMarkup:
    """A row of buttons whose texts are their data in capitals."""
    row = [InlineKeyboardButton(text=one.upper(), callback_data=one) for one in data]
    return InlineKeyboardMarkup(inline_keyboard=[row])


def handlers(session: WebChatSession, visitors: MemoryVisitors) -> Router:
    """What the small bot can do; each test uses a few of these."""
    router = Router()

    @router.message(CommandStart())
    async def start(message: Message, command: CommandObject) -> None:
        word = f" {html.quote(command.args)}" if command.args else ""
        await message.answer(f"<b>Welcome</b>{word}", reply_markup=choices("yes", "no"))

    @router.message(Command("tell"))
    async def tell(message: Message, state: FSMContext) -> None:
        await state.set_state(Telling.name)
        await message.answer("Your name?")

    @router.message(Telling.name, F.text)
    async def name(message: Message, state: FSMContext) -> None:
        await state.update_data(name=message.text)
        await state.set_state(Telling.town)
        await message.answer("Your town?")

    @router.message(Telling.town, F.text)
    async def town(message: Message, state: FSMContext) -> None:
        data = await state.get_data()
        await state.clear()
        await message.answer(html.quote(f"{data['name']} from {message.text}"))

    @router.message(Command("slow"))
    async def slow(message: Message) -> None:
        await asyncio.sleep(0.2)
        await message.answer("slow done")

    @router.message(Command("fault"))
    async def fault(message: Message) -> None:
        raise RuntimeError(f"secret words: {message.text}")

    @router.message(Command("towns"))
    async def towns(message: Message) -> None:
        rows = [
            [KeyboardButton(text="Here", request_location=True)],
            [KeyboardButton(text="Raunheim"), KeyboardButton(text="Ginsheim")],
        ]
        markup = ReplyKeyboardMarkup(keyboard=rows, input_field_placeholder="Town")
        await message.answer("Where?", reply_markup=markup)

    @router.message(F.text == "Raunheim")
    async def raunheim(message: Message) -> None:
        await message.answer("Noted", reply_markup=ReplyKeyboardRemove())

    @router.message(F.location)
    async def location(message: Message) -> None:
        assert message.location is not None
        await message.answer(f"{message.location.latitude} {message.location.longitude}")

    @router.message(Command("file"))
    async def file(message: Message) -> None:
        calendar = BufferedInputFile(b"BEGIN:VCALENDAR", "date.ics")
        await message.answer_document(calendar, caption="Your <i>date</i>")

    @router.message(Command("picture"))
    async def picture(message: Message) -> None:
        await message.answer_photo(BufferedInputFile(PNG, "map.png"), caption="The door")

    @router.message(Command("album"))
    async def album(message: Message) -> None:
        pictures = [InputMediaPhoto(media=BufferedInputFile(PNG, f"{n}.png")) for n in range(3)]
        sent = await message.answer_media_group([*pictures])
        await message.answer(f"{len(sent)} pictures")

    @router.message(F.document | F.photo)
    async def received(message: Message, bot: Bot) -> None:
        given = message.document or (message.photo or [])[-1]
        data = await bot.download(given)
        assert data is not None
        await message.answer(f"got {len(data.read())} bytes")

    @router.message(Command("remove"))
    async def remove(message: Message) -> None:
        await message.delete()
        await message.answer("removed")

    @router.message(Command("speak"))
    async def speak(message: Message, command: CommandObject) -> None:
        await session.announce_language(message.chat.id, command.args or "en")
        await message.answer("مرحبا" if command.args == "ar" else "Hello")

    @router.message(Command("forget"))
    async def forget(message: Message) -> None:
        await visitors.forget(message.chat.id)
        await session.forget(message.chat.id)
        await message.answer("All gone")

    @router.message()
    async def echo(message: Message) -> None:
        await message.reply(html.quote(message.text or "?"))

    @router.callback_query(F.data == "yes")
    async def yes(query: CallbackQuery) -> None:
        assert isinstance(query.message, Message)
        await query.message.edit_text("Yes it is", reply_markup=choices("again", "end"))
        await query.answer("Saved")

    @router.callback_query(F.data == "again")
    async def again(query: CallbackQuery) -> None:
        assert isinstance(query.message, Message)
        try:
            await query.message.edit_text("Yes it is", reply_markup=choices("again", "end"))
        except TelegramBadRequest as error:
            await query.answer(str(error)[:100], show_alert=True)

    @router.callback_query(F.data == "end")
    async def end(query: CallbackQuery) -> None:
        assert isinstance(query.message, Message)
        await query.message.delete()

    return router


class Server(uvicorn.Server):
    """A web server that says when it is ready and leaves a test run's signals alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Opens the doors."""
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing is captured."""
        yield


class House:
    """The small bot, its web server on a free port, and all updates it was fed."""

    def __init__(self, settings: WebChatSettings) -> None:
        self.visitors = MemoryVisitors()
        self.session = WebChatSession(settings)
        self.bot = Bot(
            "1:webchat", session=self.session, default=DefaultBotProperties(parse_mode="HTML")
        )
        self.dispatcher = Dispatcher(
            storage=MemoryStorage(), events_isolation=SimpleEventIsolation()
        )
        self.dispatcher.include_router(handlers(self.session, self.visitors))
        self.dispatcher.my_chat_member.register(self._left)
        self.updates: list[Update] = []
        self.departures: list[ChatMemberUpdated] = []
        self.port = 0

    async def _left(self, change: ChatMemberUpdated) -> None:
        self.departures.append(change)

    async def feed(self, update: Update) -> None:
        """Takes an update as the real program would."""
        self.updates.append(update)
        assert update.bot is self.bot
        await self.dispatcher.feed_update(self.bot, update)

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}"

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Self]:
        """Runs the web server."""
        app = create_app(bot=self.bot, feed=self.feed, session=self.session, visitors=self.visitors)
        # Only with the protocol named does asyncio switch Nagle off: 40 ms an answer otherwise.
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.bind(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        server = Server(uvicorn.Config(app, **UVICORN))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        await server.ready.wait()
        try:
            yield self
        finally:
            server.should_exit = True
            await serving
            listening.close()
            await self.bot.session.close()

    async def reset(self) -> None:
        """Everybody goes home, for the next test."""
        for room in self.session.rooms:
            self.session.rooms.drop(room.chat_id)
        await asyncio.sleep(0)
        self.visitors.clear()
        self.session.calls.commands.clear()
        self.updates.clear()
        self.departures.clear()

    def texts(self) -> list[str]:
        """What visitors wrote, as the bot got it."""
        return [u.message.text for u in self.updates if u.message and u.message.text]


class Page:
    """A page as its script would behave: one secret, the last event seen, no event twice."""

    def __init__(self, house: House, secret: str | None = None) -> None:
        self.house = house
        self.secret = secret or secrets.token_hex(16)
        self.room: str | None = None
        self.last = 0
        self.told: dict[str, Any] = {}
        self.events: list[dict[str, Any]] = []
        self.closed: int | None = None
        self._socket: ClientConnection | None = None

    async def open(self, **hello: Any) -> Self:
        """Dials and says hello."""
        self.closed = None
        self._socket = await connect(
            f"ws://127.0.0.1:{self.house.port}/ws",
            origin=self.house.url,  # type: ignore[arg-type]
            compression=None,
            proxy=None,
            open_timeout=5,
        )
        greeting = {"type": "hello", "secret": self.secret, "room": self.room, "last": self.last}
        await self.send(lang="de-DE", **(greeting | hello))
        return self

    async def drop(self) -> None:
        """Loses the line without a word."""
        assert self._socket is not None
        self._socket.transport.abort()
        await asyncio.sleep(0.05)

    async def send(self, **frame: Any) -> None:
        """Sends a frame as it is."""
        await self.send_raw(json.dumps(frame, ensure_ascii=False))

    async def send_raw(self, text: str | bytes) -> None:
        """Sends anything."""
        assert self._socket is not None
        await self._socket.send(text)

    async def say(self, text: str, cid: str | None = None) -> str:
        """Writes a message; returns its number."""
        cid = cid or secrets.token_hex(10)
        await self.send(type="text", cid=cid, text=text)
        return cid

    async def press(self, message: dict[str, Any], text: str) -> None:
        """Presses the button with this text under a message."""
        [one] = [b for row in message["buttons"] for b in row if b["text"] == text]
        await self.send(
            type="press", cid=secrets.token_hex(8), message=message["id"], data=one["data"]
        )

    async def receive(self, seconds: float = 3.0) -> dict[str, Any] | None:
        """The next event; `None` when the line was closed."""
        assert self._socket is not None
        try:
            async with asyncio.timeout(seconds):
                event: dict[str, Any] = json.loads(await self._socket.recv())
        except ConnectionClosed as closed:
            self.closed = closed.rcvd.code if closed.rcvd else 1006
            return None
        self.take(event)
        return event

    def take(self, event: dict[str, Any]) -> None:
        """Notes an event as the page's script does."""
        if event["kind"] == "welcome":
            self.room = event["room"]
            self.told = event["page"]
        if "n" in event:
            self.last = event["n"]
        self.events.append(event)

    async def until(self, kind: str, **having: Any) -> dict[str, Any]:
        """The next event of this kind."""
        while True:
            event = await self.receive()
            assert event is not None, f"closed with {self.closed} while waiting for {kind}"
            if event["kind"] == kind and having.items() <= event.items():
                return event

    async def hears(self, text: str) -> dict[str, Any]:
        """The next message of the bot that holds this text."""
        while True:
            message: dict[str, Any] = (await self.until("message"))["message"]
            if message["from"] == "bot" and text in plain(message["body"]):
                return message

    async def quiet(self, seconds: float = 0.15) -> list[dict[str, Any]]:
        """All events until nothing comes any more."""
        came = []
        with contextlib.suppress(TimeoutError):
            while (event := await self.receive(seconds)) is not None:
                came.append(event)
        return came

    async def leave(self) -> None:
        """Closes the tab."""
        assert self._socket is not None
        await self._socket.close()


def plain(nodes: list[Any]) -> str:
    """The words in a drawn body."""
    return "".join(node if isinstance(node, str) else plain(node["c"]) for node in nodes)


class PollingPage:
    """A page in a network without WebSockets."""

    def __init__(self, house: House, client: httpx.AsyncClient) -> None:
        self.house = house
        self.secret = secrets.token_hex(16)
        self.room: str | None = None
        self.last = 0
        self.client = client

    @property
    def headers(self) -> dict[str, str]:
        """Where the secret travels."""
        return {"Authorization": f"Visitor {self.secret}", "Origin": self.house.url}

    async def ask(self, *frames: dict[str, Any], wait: bool = False) -> list[dict[str, Any]]:
        """One poll; returns the events that are new."""
        body = {"room": self.room, "last": self.last, "frames": frames, "wait": wait}
        answer = await self.client.post("/poll", json=body, headers=self.headers)
        answer.raise_for_status()
        fresh: list[dict[str, Any]] = []
        for event in answer.json()["events"]:
            if event["kind"] == "welcome":
                self.room = event["room"]
            if event["kind"] != "redraw" and event.get("n", self.last + 1) <= self.last:
                continue
            self.last = event.get("n", self.last)
            fresh.append(event)
        return fresh
