"""What real Telegram would refuse: the Bot API's own description, its limits, and its HTML."""

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.telegram_html import SCHEMES, BadRequestError, links, parse, plain, utf16_length

__all__ = [
    "API",
    "BadRequestError",
    "UnknownMethodError",
    "check_call",
    "content_of",
    "links",
    "parse",
    "plain",
    "utf16_length",
]

API: dict[str, Any] = json.loads(
    (Path(__file__).parent / "data" / "bot-api.json").read_text(encoding="utf-8")
)
UPDATE_TYPES = [f["name"] for f in API["types"]["Update"]["fields"] if f["name"] != "update_id"]
TEXT_LIMIT, CAPTION_LIMIT, CALLBACK_LIMIT, TOAST_LIMIT = 4096, 1024, 64, 200
_MARKUP_BYTES = 10_000
_PARSE_MODES = {"", "HTML", "Markdown", "MarkdownV2"}
_MOST_SECONDS = 50  # a long poll that lasts longer is cut


class UnknownMethodError(Exception):
    """Telegram's answer 404: there is no such method."""


def check_call(method: str, call: dict[str, Any], files: dict[str, bytes]) -> dict[str, Any]:
    """The call with its JSON parts read; ``BadRequestError`` for what the API does not know.

    Real Telegram ignores unknown parameters; here they are a mistake of ours.
    """
    described = API["methods"].get(method)
    if described is None:
        raise UnknownMethodError("Not Found")
    fields = {field["name"]: field for field in described.get("fields", [])}
    read: dict[str, Any] = {}
    for name, value in call.items():
        if name not in fields:
            raise BadRequestError(f"Bad Request: {method} has no parameter {name}")
        read[name] = _read(value, fields[name]["types"], f"{method}.{name}", files)
    for name, field in fields.items():
        if field["required"] and name not in read:
            raise BadRequestError(f"Bad Request: {method} needs {name}")
    _check_content(method, read)
    _check_markup(read.get("reply_markup") or {})
    if method in _RULES:
        _RULES[method](read)
    return read


def _read(value: Any, types: list[str], where: str, files: dict[str, bytes]) -> Any:
    problems = []
    for kind in types:
        try:
            return _read_one(value, kind, where, files)
        except (ValueError, TypeError, BadRequestError) as error:
            problems.append(str(error).removeprefix("Bad Request: "))
    raise BadRequestError(f"Bad Request: {where}: {'; '.join(problems)}")


def _read_one(value: Any, kind: str, where: str, files: dict[str, bytes]) -> Any:
    if kind.startswith("Array of "):
        items = json.loads(value) if isinstance(value, str) else value
        if not isinstance(items, list):
            raise ValueError("not a list")
        return [_read_one(item, kind.removeprefix("Array of "), where, files) for item in items]
    if kind in _SIMPLE:
        return _SIMPLE[kind](value)
    if kind == "InputFile":
        name = str(value).removeprefix("attach://")
        if name not in files:
            raise ValueError(f"no file {name}")
        return files[name]
    thing = json.loads(value) if isinstance(value, str) else value
    if not isinstance(thing, dict):
        raise ValueError(f"not a {kind}")
    return _read_object(thing, kind, where, files)


def _integer(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError("not an integer")
    return int(value)


def _float(value: Any) -> float:
    number = float(value)
    if isinstance(value, bool) or not math.isfinite(number):
        raise ValueError("not a number")
    return number


def _boolean(value: Any) -> bool:
    if value not in (True, False, "true", "false", "True", "False", "1", "0"):
        raise ValueError("not a boolean")
    return value in (True, "true", "True", "1")


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not a string")
    value.encode()  # strings must be UTF-8: a lone surrogate is refused
    return value


_SIMPLE: dict[str, Callable[[Any], Any]] = {
    "Integer": _integer,
    "Float": _float,
    "Boolean": _boolean,
    "True": _boolean,
    "String": _string,
}


def _read_object(thing: dict[str, Any], kind: str, where: str, files: dict[str, bytes]) -> Any:
    described = API["types"].get(kind)
    if described is None:
        raise ValueError(f"unknown type {kind}")
    subtypes = described.get("subtypes") or []
    if subtypes:
        return _read(thing, subtypes, where, files)
    fields = {field["name"]: field for field in described.get("fields", [])}
    for name, value in thing.items():
        if name not in fields:
            raise BadRequestError(f"Bad Request: {kind} has no field {name}")
        if value is not None:
            _read(value, fields[name]["types"], f"{where}.{name}", files)
    for name, field in fields.items():
        if field["required"] and name not in thing:
            raise BadRequestError(f"Bad Request: {kind} needs {name}")
    return thing


def content_of(call: dict[str, Any], name: str) -> tuple[str, list[dict[str, Any]]]:
    """A call's text or caption as people see it, with its entities."""
    words = str(call.get(name, ""))
    return parse(words) if call.get("parse_mode") == "HTML" else (words, [])


def _check_content(method: str, call: dict[str, Any]) -> None:
    if call.get("parse_mode", "") not in _PARSE_MODES:
        raise BadRequestError("Bad Request: unsupported parse_mode")
    for name, limit in (("text", TEXT_LIMIT), ("caption", CAPTION_LIMIT)):
        if name not in call or method == "answerCallbackQuery":
            continue
        text, _entities = content_of(call, name)
        if name == "text" and not text.strip():
            raise BadRequestError("Bad Request: message text is empty")
        if utf16_length(text) > limit:
            what = "message is too long" if name == "text" else "message caption is too long"
            raise BadRequestError(f"Bad Request: {what}")
        if call.get("parse_mode") == "HTML":
            for link in links(str(call[name])):
                if not link.startswith(SCHEMES) or any(c.isspace() for c in link):
                    raise BadRequestError("Bad Request: a link nobody can open")


def _check_markup(markup: dict[str, Any]) -> None:
    rows = markup.get("inline_keyboard", markup.get("keyboard", []))
    if sum(len(row) for row in rows) > 100 or any(len(row) > 8 for row in rows):
        raise BadRequestError("Bad Request: reply markup is too long")
    if any(not row for row in rows) or len(json.dumps(markup)) > _MARKUP_BYTES:
        raise BadRequestError("Bad Request: reply markup is too long or has an empty row")
    for row in markup.get("inline_keyboard", []):
        for button in row:
            _check_button(button)


def _check_button(button: dict[str, Any]) -> None:
    if not button.get("text", "").strip():
        raise BadRequestError("Bad Request: text buttons are unallowed in the inline keyboard")
    kinds = set(button) - {"text", "icon_custom_emoji_id", "style"}
    if len(kinds) != 1:
        raise BadRequestError("Bad Request: a button does exactly one thing")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(data.encode()) <= CALLBACK_LIMIT:
        raise BadRequestError("Bad Request: BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not url.startswith(SCHEMES[:3]):
        raise BadRequestError("Bad Request: BUTTON_URL_INVALID")


def _check_language(call: dict[str, Any]) -> None:
    if not re.fullmatch(r"([a-z]{2})?", call.get("language_code", "")):
        raise BadRequestError("Bad Request: invalid language code specified")


def _check_commands(call: dict[str, Any]) -> None:
    _check_language(call)
    if len(call["commands"]) > 100:
        raise BadRequestError("Bad Request: BOT_COMMANDS_TOO_MUCH")
    for command in call["commands"]:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
            raise BadRequestError("Bad Request: BOT_COMMAND_INVALID")
        if not 1 <= utf16_length(command["description"].strip()) <= 256:
            raise BadRequestError("Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")


def _at_most(name: str, limit: int) -> Callable[[dict[str, Any]], None]:
    def rule(call: dict[str, Any]) -> None:
        _check_language(call)
        if utf16_length(call.get(name, "")) > limit:
            raise BadRequestError(f"Bad Request: {name} is too long")

    return rule


def _check_toast(call: dict[str, Any]) -> None:
    if utf16_length(call.get("text", "")) > TOAST_LIMIT:
        raise BadRequestError("Bad Request: MESSAGE_TOO_LONG")
    if call.get("cache_time", 0) < 0:
        raise BadRequestError("Bad Request: a negative time")


def _check_reason(call: dict[str, Any]) -> None:
    if not call["ok"] and not call.get("error_message", "").strip():
        raise BadRequestError("Bad Request: error_message must be non-empty")


def _check_inline(call: dict[str, Any]) -> None:
    if len(call["results"]) > 50:
        raise BadRequestError("Bad Request: RESULTS_TOO_MUCH")


def _check_updates(call: dict[str, Any]) -> None:
    unknown = set(call.get("allowed_updates", [])) - set(UPDATE_TYPES)
    if unknown:
        raise BadRequestError(f"Bad Request: no such updates: {', '.join(sorted(unknown))}")
    if not 1 <= call.get("limit", 100) <= 100 or not 0 <= call.get("timeout", 0) <= _MOST_SECONDS:
        raise BadRequestError("Bad Request: limit or timeout cannot be taken")


def _check_webhook(call: dict[str, Any]) -> None:
    _check_updates({"allowed_updates": call.get("allowed_updates", [])})
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", call.get("secret_token", "")):
        raise BadRequestError("Bad Request: secret token contains illegal characters")
    # Plain HTTP and loopback are what a self-hosted server allows; the public one needs HTTPS.
    if call["url"] and not re.match(r"https://|http://(127\.0\.0\.1|localhost)\b", call["url"]):
        raise BadRequestError("Bad Request: bad webhook: An HTTPS URL must be provided for webhook")


def _check_edit(call: dict[str, Any]) -> None:
    if "inline_message_id" not in call and not {"chat_id", "message_id"} <= set(call):
        raise BadRequestError("Bad Request: message identifier is not specified")


def _check_many(call: dict[str, Any]) -> None:
    if not 1 <= len(call["message_ids"]) <= 100:
        raise BadRequestError("Bad Request: message identifiers are not specified or too many")


def _check_group(call: dict[str, Any]) -> None:
    if not 2 <= len(call["media"]) <= 10:
        raise BadRequestError("Bad Request: a media group holds 2 to 10 items")


def _check_spot(call: dict[str, Any]) -> None:
    if not -90 <= call["latitude"] <= 90 or not -180 <= call["longitude"] <= 180:
        raise BadRequestError("Bad Request: LOCATION_INVALID")


_RULES: dict[str, Callable[[dict[str, Any]], None]] = {
    "setMyCommands": _check_commands,
    "getMyCommands": _check_language,
    "deleteMyCommands": _check_language,
    "setMyName": _at_most("name", 64),
    "setMyDescription": _at_most("description", 512),
    "setMyShortDescription": _at_most("short_description", 120),
    "answerCallbackQuery": _check_toast,
    "answerPreCheckoutQuery": _check_reason,
    "answerShippingQuery": _check_reason,
    "answerInlineQuery": _check_inline,
    "getUpdates": _check_updates,
    "setWebhook": _check_webhook,
    "editMessageText": _check_edit,
    "editMessageCaption": _check_edit,
    "editMessageReplyMarkup": _check_edit,
    "deleteMessages": _check_many,
    "sendMediaGroup": _check_group,
    "sendLocation": _check_spot,
    "sendVenue": _check_spot,
}
