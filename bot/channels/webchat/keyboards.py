"""Keyboards under and beside messages: checked as Telegram checks them, drawn for the page."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from aiogram.types import (
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

MOST_BUTTONS = 100
DATA_BYTES = 64


class KeyboardError(ValueError):
    """Telegram would refuse this keyboard; the message is Telegram's own."""


@dataclass(frozen=True, slots=True)
class Inline:
    """The buttons under one message: for the Bot API, for the page, and what they may send."""

    markup: dict[str, Any] | None = None
    rows: list[list[dict[str, Any]]] = field(default_factory=list)
    offered: frozenset[str] = frozenset()


def inline(markup: InlineKeyboardMarkup | None) -> Inline:
    """The buttons of a message. Raises `KeyboardError` for what Telegram refuses."""
    if markup is None or not any(markup.inline_keyboard):
        return Inline()
    rows = [[_inline_button(button) for button in row] for row in markup.inline_keyboard if row]
    if sum(map(len, rows)) > MOST_BUTTONS:
        raise KeyboardError("reply markup is too long")
    offered = frozenset(button["data"] for row in rows for button in row if "data" in button)
    return Inline(markup.model_dump(exclude_none=True, warnings=False), rows, offered)


def _inline_button(button: InlineKeyboardButton) -> dict[str, Any]:
    if not button.text.strip():
        raise KeyboardError("can't parse inline keyboard button: Text buttons must be non-empty")
    drawn: dict[str, Any] = {"text": button.text}
    if button.style:
        drawn["style"] = str(button.style)
    if button.callback_data is not None:
        if not 1 <= len(button.callback_data.encode("utf-8", "surrogatepass")) <= DATA_BYTES:
            raise KeyboardError("BUTTON_DATA_INVALID")
        return drawn | {"data": button.callback_data}
    if button.url is not None:
        parts = urlsplit(button.url)
        if parts.scheme not in {"http", "https", "tg"} or not parts.netloc:
            raise KeyboardError(
                f"inline keyboard button URL '{button.url}' is invalid: Unsupported URL protocol",
            )
        return drawn | {"url": button.url}
    if button.copy_text is not None:
        return drawn | {"copy": button.copy_text.text}
    known = {"text", "style", "icon_custom_emoji_id", "disabled"}
    if button.disabled is not None:
        return drawn
    if button.model_dump(exclude_none=True, exclude=known, warnings=False):
        raise KeyboardError("BUTTON_TYPE_INVALID")
    raise KeyboardError(
        "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    )


def beside(
    markup: ReplyKeyboardMarkup | ReplyKeyboardRemove | ForceReply,
) -> dict[str, Any] | None:
    """The buttons above the input line, for the page; `None` takes them away."""
    if isinstance(markup, ReplyKeyboardRemove):
        return None
    if isinstance(markup, ForceReply):
        return {"rows": [], "placeholder": markup.input_field_placeholder, "focus": True}
    rows = [[_reply_button(button) for button in row] for row in markup.keyboard if row]
    if not rows:
        raise KeyboardError("keyboard is empty")
    if sum(map(len, rows)) > MOST_BUTTONS * 3:
        raise KeyboardError("reply markup is too long")
    return {
        "rows": rows,
        "placeholder": markup.input_field_placeholder,
        "once": bool(markup.one_time_keyboard),
    }


def _reply_button(button: KeyboardButton) -> dict[str, Any]:
    if not button.text.strip():
        raise KeyboardError("can't parse keyboard button: Text buttons must be non-empty")
    # The page has no phone number to share: such a button sends its own words.
    known = {"text", "style", "icon_custom_emoji_id", "request_location", "request_contact"}
    if button.model_dump(exclude_none=True, exclude=known, warnings=False):
        raise KeyboardError("BUTTON_TYPE_INVALID")
    return {"text": button.text, "ask": "location" if button.request_location else None}
