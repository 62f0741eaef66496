"""A fake Bot API that does next to nothing, for thousands of calls a second.

``python -m tests.benchmarks.lean_telegram PORT DELAY_MS FLOOD`` answers every call after the delay
as if it had been carried out. With ``FLOOD`` 1 it limits the pace as strictly as
``tests/telegram_flood.py``. ``GET /stats`` gives what came in so far, as JSON; ``GET /count`` only
how many broadcasts.
"""

import asyncio
import itertools
import json
import os
import re
import sys
import time
from collections import Counter
from contextlib import suppress
from typing import Any

from tests.telegram_flood import FloodControl

_CHAT = re.compile(rb'chat_id(?:"?\s*:\s*|=|"\r\n\r\n)(\d+)')
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
REPLY_CHATS = 1_000  # chats below this number get replies, those above get broadcasts


class _Book:
    """What came in: how often each chat was written to, and when."""

    def __init__(self, *, flood: bool) -> None:
        self.flood = FloodControl() if flood else None
        self.counts: Counter[int] = Counter()
        self.times: list[float] = []
        self.broadcast_times: list[float] = []
        self.numbers = itertools.count(1)

    def answer(self, method: str, chat: int) -> tuple[int, dict[str, Any]]:
        """The status and the body for a call; a message that is taken is counted."""
        wait = self.flood.wait(method, {"chat_id": chat}) if self.flood else None
        if wait is not None:
            words = f"Too Many Requests: retry after {wait}"
            more = {"parameters": {"retry_after": wait}}
            return 429, {"ok": False, "error_code": 429, "description": words, **more}
        if method == "getMe":
            me = {"id": 4242, "is_bot": True, "first_name": "T", "username": "kreis_test_bot"}
            return 200, {"ok": True, "result": me}
        if method == "sendMessage":
            now = time.time()
            self.counts[chat] += 1
            self.times.append(now)
            if chat >= REPLY_CHATS:
                self.broadcast_times.append(now)
        message = {
            "message_id": next(self.numbers),
            "date": int(time.time()),
            "chat": {"id": chat, "type": "private", "first_name": "A"},
            "text": "x",
        }
        return 200, {"ok": True, "result": message}

    def stats(self) -> dict[str, Any]:
        """Everything so far; moments are seconds since 1970."""
        return {
            "counts": {str(chat): count for chat, count in self.counts.items()},
            "times": self.times,
            "broadcast_times": self.broadcast_times,
            "caused_429": self.flood.caused if self.flood else 0,
            "early": len(self.flood.early) if self.flood else 0,
        }


class _Line(asyncio.Protocol):
    """One connection; one call after the other."""

    def __init__(self, book: _Book, delay: float) -> None:
        self._book, self._delay = book, delay
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            found = _LENGTH.search(head)
            length = int(found.group(1)) if found else 0
            if len(self._buffer) < end + 4 + length:
                return
            body = self._buffer[end + 4 : end + 4 + length]
            self._buffer = self._buffer[end + 4 + length :]
            self._call(head, body)

    def _call(self, head: bytes, body: bytes) -> None:
        path = head.split(b" ", 2)[1].decode()
        if path == "/stats":
            self._answer(200, self._book.stats())
            return
        if path == "/count":
            self._answer(200, {"broadcasts": len(self._book.broadcast_times)})
            return
        chat = _CHAT.search(body)
        method = path.rpartition("/")[2]
        status, answer = self._book.answer(method, int(chat.group(1)) if chat else 0)
        asyncio.get_running_loop().call_later(self._delay, self._answer, status, answer)

    def _answer(self, status: int, answer: dict[str, Any]) -> None:
        if self._transport.is_closing():
            return
        body = json.dumps(answer).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
        self._transport.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)


async def serve(port: int, delay: float, *, flood: bool) -> None:
    """Answer until killed."""
    book = _Book(flood=flood)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Line(book, delay), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    # It judges the pace by its own clock: where it may, it goes before what it measures.
    with suppress(OSError):
        os.nice(-10)
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]) / 1000, flood=sys.argv[3] == "1"))
