"""How a case worker's machine talks to the server: HTTPS with a staff token, or loopback."""

import base64
import json
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from bot.errors import CaseworkError

_PREFIX = "/cases/api"
_SECONDS = 60
_MOST_BYTES = 256 * 1024 * 1024
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_REASONS = {
    "token": "the server does not know this token (any more); ask for a new one",
    "NotYourCase": "the process guide does not allow this step, or it needs a second person",
    "NothingToDo": "this has been done already, or the case is gone; pull to see",
    "NotStaff": "this number is no case worker's",
    "not-over": "this period is not over yet",
    "too-few": "too few closed cases; they will count in the next period",
    "year-published": "the year was published as a whole; its quarters cannot be any more",
}


class Offline(CaseworkError):
    """The server cannot be reached now."""


class Refused(CaseworkError):
    """The server says no; the text says why."""


class _NoRedirects(HTTPRedirectHandler):
    """A token is never carried to another address."""

    def redirect_request(self, *_given: Any, **_more: Any) -> None:
        """Follow nothing."""
        return


class Server:
    """The case workers' door of the bot."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        if not safe:
            raise CaseworkError("the address must begin with https://")
        self._url = url.rstrip("/") + _PREFIX
        self._token = token
        self._opener = build_opener(_NoRedirects)

    def get(self, path: str) -> Any:
        """What the server answers, from JSON."""
        return json.loads(self._ask(path, None))

    def fetch(self, path: str) -> bytes:
        """What the server answers, as bytes."""
        return self._ask(path, None)

    def post(self, path: str, words: dict[str, Any]) -> Any:
        """Tell the server something; its answer, from JSON."""
        return json.loads(self._ask(path, json.dumps(words).encode()))

    def _ask(self, path: str, body: bytes | None) -> bytes:
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
        }
        # The scheme was checked: https, or http on this machine.
        request = Request(self._url + path, body, headers)  # noqa: S310
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                data = bytes(answer.read(_MOST_BYTES + 1))
        except HTTPError as error:
            raise Refused(_reason(error)) from None
        except (URLError, OSError) as error:
            raise Offline(f"the server cannot be reached ({type(error).__name__})") from None
        if len(data) > _MOST_BYTES:
            raise CaseworkError("the server sends more than a case can hold")
        return data


def _reason(error: HTTPError) -> str:
    try:
        reason = str(json.loads(error.read())["reason"])
    except (ValueError, KeyError, TypeError):
        return f"the server refused with {error.code}"
    return _REASONS.get(reason, f"the server refused with {error.code}")


def base64_of(sealed: bytes) -> str:
    """Ciphertext as it travels inside JSON."""
    return base64.b64encode(sealed).decode()
