"""Logs that hold no message text, no name and no token.

Libraries put what they were given into their log lines and errors. So an error is logged as its
kind and place only, never with its own words, and a token is cut out of whatever comes through.
"""

import logging
import re
import sys
import traceback
from collections.abc import Iterable, Mapping

_TOKEN = re.compile(r"\d{5,16}:[A-Za-z0-9_-]{20,}")
_HIDDEN = "•••"
_FIRST_WORDS = re.compile(r"[\n<].*", re.DOTALL)
# Chatty libraries: only what an operator must know.
_QUIET = {
    "aiogram": logging.WARNING,
    "aiogram.event": logging.CRITICAL,
    "asyncio": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "alembic": logging.WARNING,
    "markdown_it": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "uvicorn": logging.WARNING,
    "uvicorn.access": logging.CRITICAL,
    "websockets": logging.WARNING,
}


class PlainFormatter(logging.Formatter):
    """One line a record; of an error only its kind and where it came from."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secrets = [secret for secret in secrets if secret]

    def format(self, record: logging.LogRecord) -> str:
        """The record without the words of an error and without secrets."""
        plain = logging.makeLogRecord(record.__dict__)
        if isinstance(plain.args, tuple):
            plain.args = tuple(_without_words(arg) for arg in plain.args)
        elif isinstance(plain.args, Mapping):
            plain.args = {name: _without_words(arg) for name, arg in plain.args.items()}
        if record.name == "asyncio":
            # asyncio describes a failed task with the words of its error, in further lines.
            plain.msg, plain.args = _FIRST_WORDS.sub("", record.getMessage()), None
        plain.exc_info, plain.exc_text, plain.stack_info = None, None, None
        line = super().format(plain)
        if record.exc_info and record.exc_info[1] is not None:
            line += f" [{_place(record.exc_info[1])}]"
        for secret in self._secrets:
            line = line.replace(secret, _HIDDEN)
        return _TOKEN.sub(_HIDDEN, line).replace("\n", " ")


def _without_words(argument: object) -> object:
    """An error as its kind only, also in a list; everything else as it is."""
    if isinstance(argument, BaseException):
        return type(argument).__name__
    if isinstance(argument, list | tuple | set | frozenset):
        return [_without_words(item) for item in argument]
    return argument


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    steps = " < ".join(
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(frames[-4:])
    )
    return f"{type(error).__name__} at {steps}"


def set_up_logs(level: str, secrets: Iterable[str] = ()) -> None:
    """Log to stderr in this form only."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlainFormatter(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, quietest in _QUIET.items():
        logging.getLogger(name).setLevel(quietest)
