"""The WebSocket of an open page: first its secret, then frames in and events out."""

import asyncio
import logging

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.channels.webchat.frames import (
    BadFrame,
    Hello,
    read_frame,
    read_hello,
    read_json,
    read_secret,
)
from bot.channels.webchat.origins import same_origin
from bot.channels.webchat.reception import Departed, Reception
from bot.channels.webchat.rooms import GONE, TRY_LATER, HouseFull, Listener, Room, packed

logger = logging.getLogger(__name__)

_LAST_WORDS_SECONDS = 2.0
NORMAL = 1000
NOT_OURS = 4400


def welcome(reception: Reception, room: Room) -> str:
    """The first event of a page: which life of the room this is, and the words to speak."""
    return packed("welcome", room=room.epoch, page=reception.session.page(room))


class Lines:
    """All WebSockets of the chat."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception
        self._settings = reception.settings
        self._open = 0

    async def websocket(self, socket: WebSocket) -> None:
        """One page's line from hello to goodbye."""
        headers = socket.headers
        if not same_origin(headers.get("origin"), headers.get("host"), self._settings):
            await socket.close(NOT_OURS)
            return
        await socket.accept()
        if self._open >= self._settings.max_connections:
            await socket.send_text(packed("full"))
            await socket.close(TRY_LATER)
            return
        self._open += 1
        try:
            await self._serve(socket)
        except WebSocketDisconnect:
            pass  # The page went away, which pages do.
        except Exception as error:
            # No traceback: it may quote what was said.
            logger.error("web chat: a line broke: %s", type(error).__name__)
            await _close(socket, 1011)
        finally:
            self._open -= 1

    async def _serve(self, socket: WebSocket) -> None:
        try:
            async with asyncio.timeout(self._settings.hello_within.total_seconds()):
                first = read_json(await self._receive(socket))
            secret, hello = read_secret(first.get("secret")), read_hello(first)
        except (BadFrame, TimeoutError):
            await _close(socket, NOT_OURS)
            return
        listener = Listener()
        try:
            room = await self._reception.admit(secret, hello)
        except HouseFull:
            await socket.send_text(packed("full"))
            await _close(socket, TRY_LATER)
            return
        except Departed:
            await self._part(socket, secret, hello)
            return
        listener.offer([welcome(self._reception, room)])
        room.join(listener, hello.epoch, hello.last)
        tasks = self._reception.session.efforts.open_for(room)
        listener.offer(packed("work", salt=salt, bits=bits) for salt, bits in tasks)
        sender = asyncio.create_task(self._send(socket, listener))
        try:
            await self._listen(socket, room, listener)
        finally:
            room.leave(listener)
            if listener.closing is not None:
                # The last words and the reason are still on their way.
                await asyncio.wait({sender}, timeout=_LAST_WORDS_SECONDS)
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    async def _part(self, socket: WebSocket, secret: bytes, hello: Hello) -> None:
        """The last words to a page whose chat was just forgotten."""
        listener = Listener()
        room = self._reception.leaving(secret)
        if room is not None:
            room.join(listener, hello.epoch, hello.last)
            room.leave(listener)
        listener.offer([packed("forgotten")])
        for event in await listener.take():
            await socket.send_text(event)
        await _close(socket, GONE)

    async def _listen(self, socket: WebSocket, room: Room, listener: Listener) -> None:
        bad = 0
        while listener.closing is None:
            try:
                frame = read_frame(read_json(await self._receive(socket)))
            except BadFrame:
                bad += 1
                listener.offer([packed("refused", cid=None, reason="bad")])
                if bad >= self._settings.bad_frames:
                    listener.close(NOT_OURS)
                    return
                continue
            events = await self._reception.take(room, frame)
            if any('"reason":"fast"' in event for event in events):
                # Whoever is too fast is also read slowly.
                await asyncio.sleep(0.2)
            listener.offer(events)

    async def _send(self, socket: WebSocket, listener: Listener) -> None:
        while True:
            for event in await listener.take():
                await socket.send_text(event)
            if listener.closing is not None:
                await _close(socket, listener.closing)
                return

    async def _receive(self, socket: WebSocket) -> str:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", NORMAL))
        text = message.get("text")
        if not isinstance(text, str):
            raise BadFrame("bytes")
        if len(text) > self._settings.frame_bytes:
            raise BadFrame("too large")
        return text


async def _close(socket: WebSocket, code: int) -> None:
    try:
        await socket.close(code)
    except (RuntimeError, WebSocketDisconnect):
        logger.debug("web chat: a line was already closed")
