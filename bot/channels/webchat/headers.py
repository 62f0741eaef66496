"""Every answer leaves with the same strict headers; no fault leaves a trace of what was said."""

import logging

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)

SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=(), "
    "display-capture=(), browsing-topics=()",
}


class StrictHeaders:
    """Adds the security headers to every answer, faults included, and takes cookies away.

    It also turns a fault into a plain 500 before any server could log its traceback: a traceback
    may quote a message.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._headers = [(k.encode(), v.encode()) for k, v in SECURITY_HEADERS.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def send_strictly(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                own = [
                    (name, value)
                    for name, value in message.get("headers", [])
                    if name.lower().decode("latin-1") not in SECURITY_HEADERS
                    and name.lower() != b"set-cookie"
                ]
                if not any(name.lower() == b"cache-control" for name, _ in own):
                    own.append((b"cache-control", b"no-store"))
                message = {**message, "headers": [*own, *self._headers]}
            await send(message)

        try:
            await self._app(scope, receive, send_strictly)
        except ClientDisconnect:
            logger.debug("web chat: a request was broken off")
        except Exception as error:
            logger.error("web chat: a request failed: %s", type(error).__name__)
            if begun:
                raise ConnectionAbortedError from None
            start = {"type": "http.response.start", "status": 500, "headers": []}
            await send_strictly(start)
            await send({"type": "http.response.body", "body": b"Internal Server Error"})
