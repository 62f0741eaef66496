"""Edits and deletions in a room, with Telegram's refusals word for word."""

import time
from typing import Any

from aiogram import Bot, methods
from aiogram.types import InlineKeyboardMarkup, InputMediaDocument, InputMediaPhoto

from bot.channels.webchat.messages import (
    Refused,
    buttons_of,
    compose,
    draw,
    put_body,
    put_buttons,
    put_file,
    room_for,
    take_file,
)
from bot.channels.webchat.rooms import Entry, Room, Rooms

_OFFERED_KEPT = 400
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)


class Editing:
    """Changes what was said. Results are the Bot API's JSON values."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def _editable(self, call: Any) -> tuple[Room, Entry]:
        if call.inline_message_id is not None:
            raise Refused("MESSAGE_ID_INVALID")
        room = room_for(self._rooms, call.chat_id)
        entry = room.messages.get(call.message_id or 0)
        if entry is None or entry.view is None:
            raise Refused("message to edit not found")
        if not entry.from_bot or not entry.editable:
            raise Refused("message can't be edited")
        return room, entry

    def _edited(
        self,
        room: Room,
        entry: Entry,
        message: dict[str, Any],
        view: dict[str, Any],
        markup: InlineKeyboardMarkup | None,
    ) -> dict[str, Any]:
        """Puts the new content in place. Without a keyboard in the call the old one goes."""
        buttons = buttons_of(markup)
        put_buttons(message, view, buttons)
        if message == entry.message:
            raise Refused(_NOT_MODIFIED)
        message["edit_date"] = int(time.time())
        entry.message, entry.view = message, view
        # A press may be under way while its button is being replaced, so buttons that this
        # message had before stay valid.
        many = len(entry.offered) > _OFFERED_KEPT
        entry.offered = buttons.offered if many else buttons.offered | entry.offered
        room.change(entry)
        return message

    async def edit_text(self, bot: Bot, call: methods.EditMessageText) -> dict[str, Any]:
        """A new text."""
        room, entry = self._editable(call)
        if "text" not in entry.message:
            raise Refused("there is no text in the message to edit")
        body = compose(bot, call.text or "", call.parse_mode, call.entities)
        message, view = dict(entry.message), dict(entry.view or {})
        put_body(message, body, caption=False)
        draw(room, view, body)
        return self._edited(room, entry, message, view, call.reply_markup)

    async def edit_caption(self, bot: Bot, call: methods.EditMessageCaption) -> dict[str, Any]:
        """A new caption; without one the caption goes."""
        room, entry = self._editable(call)
        if "media" not in (entry.view or {}):
            raise Refused("there is no caption in the message to edit")
        body = compose(
            bot, call.caption or "", call.parse_mode, call.caption_entities, caption=True
        )
        message, view = dict(entry.message), dict(entry.view or {})
        put_body(message, body, caption=True)
        draw(room, view, body)
        return self._edited(room, entry, message, view, call.reply_markup)

    async def edit_media(self, bot: Bot, call: methods.EditMessageMedia) -> dict[str, Any]:
        """Another picture or file, also in place of a text."""
        room, entry = self._editable(call)
        media = call.media
        if not isinstance(media, InputMediaPhoto | InputMediaDocument):
            raise Refused("can't use specified media type in the message")
        body = compose(
            bot, media.caption or "", media.parse_mode, media.caption_entities, caption=True
        )
        photo = isinstance(media, InputMediaPhoto)
        file = await take_file(bot, self._rooms.files, room.chat_id, media.media, photo=photo)
        message, view = dict(entry.message), dict(entry.view or {})
        message.pop("text", None)
        message.pop("entities", None)
        put_file(message, view, file, photo=photo)
        put_body(message, body, caption=True)
        draw(room, view, body)
        return self._edited(room, entry, message, view, call.reply_markup)

    async def edit_reply_markup(
        self, bot: Bot, call: methods.EditMessageReplyMarkup
    ) -> dict[str, Any]:
        """Other buttons, or none."""
        room, entry = self._editable(call)
        message, view = dict(entry.message), dict(entry.view or {})
        return self._edited(room, entry, message, view, call.reply_markup)

    async def delete_message(self, bot: Bot, call: methods.DeleteMessage) -> bool:
        """Takes one message away."""
        if not self._remove(call.chat_id, [call.message_id]):
            raise Refused("message to delete not found")
        return True

    def _remove(self, chat_id: int | str, message_ids: list[int]) -> list[int]:
        """Takes messages away with the files that no other message of the room shows."""
        room = room_for(self._rooms, chat_id)
        files = {_file_of(room.messages[n]) for n in message_ids if n in room.messages}
        gone = room.remove(message_ids)
        kept = {_file_of(entry) for entry in room.messages.values()}
        for file_id in files - kept:
            if file_id is not None:
                self._rooms.files.leave(room.chat_id, file_id)
        return gone

    async def delete_messages(self, bot: Bot, call: methods.DeleteMessages) -> bool:
        """Takes messages away; those not found are passed over."""
        if not 1 <= len(call.message_ids) <= 100:
            raise Refused("message identifiers are not specified, or too many of them")
        self._remove(call.chat_id, list(call.message_ids))
        return True


def _file_of(entry: Entry) -> str | None:
    """The file that a message shows."""
    shown = entry.message.get("document") or (entry.message.get("photo") or [{}])[-1]
    found: str | None = shown.get("file_id")
    return found
