"""The page and its files, read once and sent from memory."""

import gzip
import hashlib
import html
import json
import re
from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.webchat import words
from bot.channels.webchat.formatting import language_direction
from bot.channels.webchat.settings import TEXT_LIMIT, WebChatSettings

_FOLDER = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_PLACE = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class _Asset:
    body: bytes
    zipped: bytes
    mime: str
    etag: str


def _asset(body: bytes, mime: str) -> _Asset:
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    return _Asset(body, gzip.compress(body, 9, mtime=0), mime, etag)


class Pages:
    """Answers for `/` and `/static/…`."""

    def __init__(self, settings: WebChatSettings, strings: words.Strings) -> None:
        self._settings = settings
        self._strings = strings
        self._assets = {
            path.name: _asset(path.read_bytes(), _TYPES[path.suffix])
            for path in sorted(_FOLDER.iterdir())
            if path.suffix in _TYPES
        }
        self._template = (_FOLDER / "index.html").read_text(encoding="utf-8")
        digests = "".join(asset.etag for asset in self._assets.values())
        self._version = hashlib.sha256(digests.encode()).hexdigest()[:12]
        self._pages: dict[str, _Asset] = {}

    async def index(self, request: Request) -> Response:
        """The page, its words already in a language the browser asks for."""
        language = self._settings.spoken(*_accepted(request.headers.get("accept-language", "")))
        if language not in self._pages:
            self._pages[language] = _asset(self._page(language), "text/html; charset=utf-8")
        answer = _answer(request, self._pages[language], "no-cache")
        answer.headers["vary"] = "accept-encoding, accept-language"
        return answer

    async def static(self, request: Request) -> Response:
        """A style sheet, script or picture; for good where the address carries its version."""
        asset = self._assets.get(request.path_params["name"])
        if asset is None:
            raise HTTPException(404)
        versioned = request.query_params.get("v") == self._version
        cache = "public, max-age=31536000, immutable" if versioned else "no-cache"
        return _answer(request, asset, cache)

    def _page(self, language: str) -> bytes:
        strings = words.complete(self._strings, language)
        settings = self._settings
        start = {
            "strings": strings,
            "language": language,
            "textLimit": TEXT_LIMIT,
            "uploadLimit": settings.upload_bytes,
        }
        values = strings | {
            "office_name": settings.office,
            "operator": settings.operator,
            "language": language,
            "dir": language_direction(language),
            "version": self._version,
        }
        filled = {key: html.escape(value) for key, value in values.items()}
        # Inside a script element "</" would end it; JSON may write the slash as an escape.
        filled["start"] = json.dumps(start, ensure_ascii=False).replace("<", "\\u003c")
        page = _PLACE.sub(lambda found: filled[found.group(1)], self._template)
        return page.encode()


def _answer(request: Request, asset: _Asset, cache: str) -> Response:
    headers = {"etag": asset.etag, "cache-control": cache, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == asset.etag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return Response(asset.zipped, media_type=asset.mime, headers=headers)
    return Response(asset.body, media_type=asset.mime, headers=headers)


def _accepted(header: str) -> list[str]:
    """Languages of an Accept-Language header, the most wanted first."""
    wanted: list[tuple[float, str]] = []
    for part in header[:200].split(","):
        language, _, quality = part.strip().partition(";q=")
        try:
            wanted.append((-float(quality or 1), language))
        except ValueError:
            continue
    return [language for _, language in sorted(wanted, key=lambda pair: pair[0])]
