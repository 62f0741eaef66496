"""What a visitor does becomes an aiogram `Update`, shaped as Telegram would send it."""

import time
from typing import Any

from aiogram import Bot
from aiogram.types import Update

from bot.channels.webchat import formatting
from bot.channels.webchat.files import KeptFile, photo_type
from bot.channels.webchat.frames import Located, Pressed
from bot.channels.webchat.messages import (
    Body,
    bot_person,
    chat_of,
    draw,
    new_message,
    new_view,
    put_body,
    put_file,
    visitor_person,
)
from bot.channels.webchat.rooms import Entry, Room, Rooms


class Updates:
    """Builds updates bound to the bot and keeps what was said in the room.

    Update numbers rise even over restarts: they begin with the milliseconds of the start.
    """

    def __init__(self, bot: Bot, rooms: Rooms) -> None:
        self._bot = bot
        self._rooms = rooms
        self._number = int(time.time() * 1000)

    def _update(self, **content: Any) -> Update:
        self._number += 1
        return Update.model_validate(
            {"update_id": self._number, **content}, context={"bot": self._bot}
        )

    def text(self, room: Room, text: str, client_id: str | None) -> Update:
        """A text message. Without a client id it is the page's own first word and not shown."""
        spans = formatting.with_found(text, [])
        body = Body(text, spans)
        message = new_message(room, visitor_person(room))
        put_body(message, body, caption=False)
        view = new_view(message, "visitor") if client_id is not None else None
        if view is not None:
            # Their own command needs no link to send it again.
            links = [span for span in spans if span.type != "bot_command"]
            draw(room, view, Body(text, links))
        return self._said(room, message, view, client_id)

    def location(self, room: Room, located: Located) -> Update:
        """A shared location."""
        message = new_message(room, visitor_person(room))
        place: dict[str, Any] = {"latitude": located.latitude, "longitude": located.longitude}
        message["location"] = dict(place)
        if located.accuracy is not None:
            message["location"]["horizontal_accuracy"] = located.accuracy
        view = new_view(message, "visitor")
        view["place"] = place
        return self._said(room, message, view, located.client_id)

    def upload(self, room: Room, file: KeptFile, client_id: str) -> Update:
        """A photo, where the file is an image the page can show, else a document."""
        message = new_message(room, visitor_person(room))
        view = new_view(message, "visitor")
        width, height = file.size or (0, 0)
        fits = width + height <= 10_000 and max(width, height) <= 20 * min(width, height)
        photo = photo_type(file.data) in {"image/jpeg", "image/png", "image/webp"} and fits
        put_file(message, view, file, photo=photo)
        return self._said(room, message, view, client_id)

    def _said(
        self,
        room: Room,
        message: dict[str, Any],
        view: dict[str, Any] | None,
        client_id: str | None,
    ) -> Update:
        if client_id is not None:
            room.remember_client_id(client_id, message["message_id"])
        if view is not None:
            view.pop("lang", None)
            view["cid"] = client_id
        room.add(Entry(message, view, from_bot=False, editable=False))
        return self._update(message=message)

    def press(self, room: Room, pressed: Pressed) -> Update | None:
        """A pressed button; `None` if this message never had a button that says so."""
        entry = room.messages.get(pressed.message_id)
        if entry is None or pressed.data not in entry.offered:
            return None
        room.remember_client_id(pressed.client_id, pressed.message_id)
        return self._update(
            callback_query={
                "id": room.open_callback(pressed.client_id),
                "from": visitor_person(room),
                "chat_instance": room.epoch,
                "message": entry.message,
                "data": pressed.data,
            }
        )

    def left(self, room: Room) -> Update:
        """The visitor closed the chat for good: what Telegram tells when someone blocks a bot."""
        me = bot_person(self._bot, self._rooms)
        return self._update(
            my_chat_member={
                "chat": chat_of(room),
                "from": visitor_person(room),
                "date": int(time.time()),
                "old_chat_member": {"user": me, "status": "member"},
                "new_chat_member": {"user": me, "status": "kicked", "until_date": 0},
            }
        )
