"""The web server of the chat: the page, its WebSocket, the polling fallback and files.

No cookie, no address kept, no secret in a URL. Run it with uvicorn and `UVICORN` below.
"""

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from aiogram import Bot
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from bot.channels.webchat.frames import (
    BadFrame,
    read_client_id,
    read_frame,
    read_hello,
    read_json,
    read_secret,
)
from bot.channels.webchat.headers import StrictHeaders
from bot.channels.webchat.lines import Lines, welcome
from bot.channels.webchat.origins import same_origin
from bot.channels.webchat.pages import Pages
from bot.channels.webchat.reception import Departed, Feed, Reception
from bot.channels.webchat.rooms import HouseFull, Listener, Room, packed
from bot.channels.webchat.session import WebChatSession
from bot.channels.webchat.visitors import Visitors

UVICORN: dict[str, Any] = {
    # The access log would keep addresses, the server header only helps attackers.
    "access_log": False,
    "server_header": False,
    "proxy_headers": False,
    "log_config": None,
    "ws_max_size": 64 * 1024,
    "ws_max_queue": 16,
    # Compression costs hundreds of kilobytes a connection; chat messages are small.
    "ws_per_message_deflate": False,
    "timeout_graceful_shutdown": 10,
    "lifespan": "off",
}
"""Keyword arguments for `uvicorn.Config(app, host=…, port=…, **UVICORN)`."""

_AUTHORIZATION = "visitor "
_BODY_BYTES = 256 * 1024


def create_app(
    *,
    bot: Bot,
    feed: Feed,
    session: WebChatSession,
    visitors: Visitors,
    routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """The whole web server as a Starlette app.

    `bot` is the aiogram bot that speaks through `session`; `feed` gets each update, already bound
    to it, and returns when it is handled. `routes` are further doors in the same process, such as
    Telegram's webhook; they get the same headers. The session's `close` waits for what is under
    way; no lifespan is needed.
    """
    reception = Reception(bot, feed, session, visitors)
    door = _Door(reception)
    pages = Pages(session.settings, session.strings)
    lines = Lines(reception)

    session.at_close(reception.drain)
    return Starlette(
        routes=[
            Route("/", pages.index),
            Route("/static/{name}", pages.static),
            Route("/healthz", _healthz),
            Route("/poll", door.poll, methods=["POST"]),
            Route("/upload", door.upload, methods=["POST"]),
            Route("/file", door.file, methods=["POST"]),
            WebSocketRoute("/ws", lines.websocket),
            *routes,
        ],
        middleware=[Middleware(StrictHeaders)],
    )


async def _healthz(request: Request) -> Response:
    return PlainTextResponse("ok")


class _Door:
    """The plain HTTP requests: polling, uploads and downloads."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception
        self._settings = reception.settings
        self._uploads = asyncio.Semaphore(self._settings.uploads_at_once)

    def _secret(self, request: Request) -> bytes:
        origin = request.headers.get("origin")
        if origin is not None and not same_origin(
            origin, request.headers.get("host"), self._settings
        ):
            raise HTTPException(403)
        given = request.headers.get("authorization", "")
        if not given.lower().startswith(_AUTHORIZATION):
            raise HTTPException(401)
        try:
            return read_secret(given[len(_AUTHORIZATION) :])
        except BadFrame:
            raise HTTPException(401) from None

    async def poll(self, request: Request) -> Response:
        """Takes frames and answers with events, after up to `poll_for` if there is none yet."""
        secret = self._secret(request)
        try:
            asked = read_json(await _body(request, _BODY_BYTES))
            hello = read_hello(asked)
            frames = asked.get("frames", [])
            if not isinstance(frames, list) or len(frames) > self._settings.frames_at_once:
                raise BadFrame("frames")
            wanted = [read_frame(frame if isinstance(frame, dict) else {}) for frame in frames]
        except BadFrame:
            raise HTTPException(400) from None
        listener = Listener()
        try:
            room = await self._reception.admit(secret, hello)
        except HouseFull:
            return _events([packed("full")])
        except Departed:
            parting = self._reception.leaving(secret)
            if parting is not None:
                parting.join(listener, hello.epoch, hello.last)
                parting.leave(listener)
            listener.offer([packed("forgotten")])
            return _events(await listener.take())
        if hello.epoch != room.epoch:
            listener.offer([welcome(self._reception, room)])
        room.join(listener, hello.epoch, hello.last)
        try:
            for frame in wanted:
                listener.offer(await self._reception.take(room, frame))
            return _events(await self._wait(listener, asked.get("wait") is not False))
        finally:
            room.leave(listener)
            room.polled_at = room.left_at

    async def _wait(self, listener: Listener, patient: bool) -> list[str]:
        seconds = self._settings.poll_for.total_seconds() if patient else 0.01
        try:
            async with asyncio.timeout(seconds):
                return await listener.take()
        except TimeoutError:
            return []

    async def upload(self, request: Request) -> Response:
        """Takes one file as the request's body; its name travels percent-encoded in a header."""
        room = self._room(request)
        name = unquote(request.headers.get("x-file-name", ""))[:300]
        try:
            client_id = read_client_id(request.headers.get("x-client-id"))
        except BadFrame:
            raise HTTPException(400) from None
        if self._uploads.locked():
            return _refusal("busy", 503)
        async with self._uploads:
            data = await _body(request, self._settings.upload_bytes)
            reason = await self._reception.upload(room, client_id, name, data)
        if reason is not None:
            status = {"fast": 429, "large": 413, "empty": 400}[reason]
            return _refusal(reason, status)
        return JSONResponse({"ok": True})

    async def file(self, request: Request) -> Response:
        """A photo or document of the visitor's own room, as bytes the browser must not run."""
        room = self._room(request)
        try:
            file_id = read_json(await _body(request, 1024)).get("id")
        except BadFrame:
            raise HTTPException(400) from None
        if room.allowance_for_files.take():
            return _refusal("fast", 429)
        file = self._reception.rooms.files.shown_in(room.chat_id, str(file_id))
        if file is None:
            raise HTTPException(404)
        headers = {"content-disposition": "attachment"}
        return Response(file.data, media_type="application/octet-stream", headers=headers)

    def _room(self, request: Request) -> Room:
        room = self._reception.known(self._secret(request))
        if room is None:
            raise HTTPException(401)
        return room


async def _body(request: Request, most: int) -> bytes:
    """The request's body. Refuses with 413 as soon as it is too large, announced or not."""
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced) > most:
        raise HTTPException(413)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise HTTPException(413)
        parts.append(part)
    return b"".join(parts)


def _events(events: Sequence[str]) -> Response:
    return Response(f'{{"events":[{",".join(events)}]}}', media_type="application/json")


def _refusal(reason: str, status: int) -> Response:
    return Response(
        json.dumps({"reason": reason}), status_code=status, media_type="application/json"
    )
