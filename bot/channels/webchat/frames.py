"""What a page may send, read strictly: everything else is no frame."""

import json
import math
import re
from dataclasses import dataclass
from typing import Any, NoReturn

_SECRET = re.compile(r"[0-9a-f]{32}")
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_START = re.compile(r"[A-Za-z0-9_-]{1,64}")
_EPOCH = re.compile(r"[A-Za-z0-9_-]{1,40}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class BadFrame(ValueError):
    """Not something our page would send. Its message names the fault and quotes nothing."""


@dataclass(frozen=True, slots=True)
class Hello:
    """A page introduces itself: which life of the room it knows and the last event it saw."""

    epoch: str | None
    last: int
    language: str | None
    start: str | None
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """The visitor wrote something."""

    client_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """The visitor pressed a button under a message."""

    client_id: str
    message_id: int
    data: str


@dataclass(frozen=True, slots=True)
class Located:
    """The visitor shares where they are; accuracy in metres."""

    client_id: str
    latitude: float
    longitude: float
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class Worked:
    """The page did a task."""

    client_id: str
    salt: str
    nonce: int


@dataclass(frozen=True, slots=True)
class Ping:
    """The page asks whether the line still works."""


@dataclass(frozen=True, slots=True)
class Close:
    """The visitor closes the chat for good; the page has dropped its secret."""


Frame = Said | Pressed | Located | Worked | Ping | Close


def read_json(raw: str | bytes) -> dict[str, Any]:
    """The object in a JSON text. Raises `BadFrame`, also for NaN and for endless nesting."""
    try:
        value = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadFrame("no JSON") from None
    if not isinstance(value, dict):
        raise BadFrame("no object")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def read_secret(value: object) -> bytes:
    """The 16 bytes of a visitor's secret. Raises `BadFrame`."""
    return bytes.fromhex(_matching(value, _SECRET, "secret"))


def read_hello(value: dict[str, Any]) -> Hello:
    """How a page introduces itself. Raises `BadFrame`."""
    epoch, language, start = value.get("room"), value.get("lang"), value.get("start")
    known = isinstance(language, str) and _LANGUAGE.fullmatch(language)
    return Hello(
        epoch=None if epoch is None else _matching(epoch, _EPOCH, "room"),
        last=_whole(value.get("last", 0), "last"),
        # Browsers are free to invent languages; a strange one is no reason to send anyone away.
        language=language if known else None,
        start=None if start is None else _matching(start, _START, "start"),
        client_id=None if start is None else read_client_id(value.get("cid")),
    )


def read_frame(value: dict[str, Any]) -> Frame:
    """One frame after the hello. Raises `BadFrame`."""
    match value.get("type"):
        case "text":
            return Said(read_client_id(value.get("cid")), clean_text(value.get("text")))
        case "press":
            data = value.get("data")
            if not isinstance(data, str) or not 1 <= len(data) <= 64:
                raise BadFrame("data")
            message_id = _whole(value.get("message"), "message")
            return Pressed(read_client_id(value.get("cid")), message_id, data)
        case "location":
            accuracy = value.get("accuracy")
            return Located(
                read_client_id(value.get("cid")),
                _degrees(value.get("latitude"), 90),
                _degrees(value.get("longitude"), 180),
                None if accuracy is None else min(_number(accuracy, "accuracy"), 1500.0),
            )
        case "work":
            return Worked(
                read_client_id(value.get("cid")),
                _matching(value.get("salt"), _CLIENT_ID, "salt"),
                _whole(value.get("nonce"), "nonce"),
            )
        case "ping":
            return Ping()
        case "close":
            return Close()
        case _:
            raise BadFrame("type")


def read_client_id(value: object) -> str:
    """The page's own number of a message. Raises `BadFrame`."""
    return _matching(value, _CLIENT_ID, "cid")


def clean_text(value: object) -> str:
    """A text without control characters and halves of characters. Raises `BadFrame`.

    A lone surrogate would pass as a Python string and fail wherever it is encoded.
    """
    if not isinstance(value, str):
        raise BadFrame("text")
    return _CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _matching(value: object, pattern: re.Pattern[str], name: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadFrame(name)
    return value


def _whole(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise BadFrame(name)
    return value


def _number(value: object, name: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise BadFrame(name)
    if isinstance(value, int) and abs(value) > 2**53:
        raise BadFrame(name)
    if not math.isfinite(value) or (name == "accuracy" and value < 0):
        raise BadFrame(name)
    return float(value)


def _degrees(value: object, most: int) -> float:
    number = _number(value, "degrees")
    if abs(number) > most:
        raise BadFrame("degrees")
    return number
