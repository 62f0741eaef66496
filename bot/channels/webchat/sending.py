"""Everything the bot can say into a room, with Telegram's refusals word for word."""

import secrets
from collections.abc import Callable
from typing import Any

from aiogram import Bot, methods
from aiogram.types import (
    InlineKeyboardMarkup,
    InputFile,
    InputMediaDocument,
    InputMediaPhoto,
    ReplyParameters,
)

from bot.channels.webchat import keyboards
from bot.channels.webchat.messages import (
    Body,
    Refused,
    bot_person,
    buttons_of,
    compose,
    draw,
    new_message,
    new_view,
    put_body,
    put_buttons,
    put_file,
    reply_view,
    room_for,
    take_file,
)
from bot.channels.webchat.rooms import Entry, Room, Rooms

_ACTIONS = frozenset(
    {
        "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
        "upload_document", "choose_sticker", "find_location", "record_video_note",
        "upload_video_note",
    }
)  # fmt: skip

Fill = Callable[[dict[str, Any], dict[str, Any]], None]


class Sending:
    """Says things. Results are the Bot API's JSON values."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def _say(
        self,
        bot: Bot,
        call: Any,
        room: Room,
        fill: Fill,
        body: Body | None = None,
        group: str | None = None,
    ) -> dict[str, Any]:
        """Completes a message that `fill` gives its content, keeps it and shows it."""
        markup = getattr(call, "reply_markup", None)
        buttons = buttons_of(markup)
        beside = None
        others = markup is not None and not isinstance(markup, InlineKeyboardMarkup)
        if others:
            beside = _beside(markup)
        answered = _answered(room, call)
        message = new_message(room, bot_person(bot, self._rooms))
        view = new_view(message, "bot")
        if body is not None:
            draw(room, view, body)
        fill(message, view)
        if answered is not None:
            message["reply_to_message"] = {
                key: value for key, value in answered.message.items() if key != "reply_to_message"
            }
            view["reply"] = reply_view(answered)
        put_buttons(message, view, buttons)
        if group:
            message["media_group_id"] = view["group"] = group
        room.add(Entry(message, view, buttons.offered, editable=not others))
        if others and beside != room.keyboard:
            room.keyboard = beside
            room.publish("keyboard", keyboard=beside)
        return message

    async def send_message(self, bot: Bot, call: methods.SendMessage) -> dict[str, Any]:
        """A text message."""
        body = compose(bot, call.text, call.parse_mode, call.entities)

        def fill(message: dict[str, Any], view: dict[str, Any]) -> None:
            put_body(message, body, caption=False)

        return self._say(bot, call, room_for(self._rooms, call.chat_id), fill, body)

    async def send_photo(self, bot: Bot, call: methods.SendPhoto) -> dict[str, Any]:
        """A picture; its caption is also its description."""
        room = room_for(self._rooms, call.chat_id)
        fill, body = await self._carrying(bot, room, call.photo, call, photo=True)
        return self._say(bot, call, room, fill, body)

    async def send_document(self, bot: Bot, call: methods.SendDocument) -> dict[str, Any]:
        """A file to download."""
        room = room_for(self._rooms, call.chat_id)
        fill, body = await self._carrying(bot, room, call.document, call, photo=False)
        return self._say(bot, call, room, fill, body)

    async def send_media_group(
        self, bot: Bot, call: methods.SendMediaGroup
    ) -> list[dict[str, Any]]:
        """Several pictures or several files, all or none of them."""
        if not 2 <= len(call.media) <= 10:
            raise Refused("expected 2-10 media in an album, or too many or too few items were sent")
        kinds = {type(item) for item in call.media}
        if kinds not in ({InputMediaPhoto}, {InputMediaDocument}):
            raise Refused("can't use specified media types in the album")
        room = room_for(self._rooms, call.chat_id)
        photo = kinds == {InputMediaPhoto}
        carried = [
            await self._carrying(bot, room, item.media, item, photo=photo) for item in call.media
        ]
        group = str(secrets.randbits(53))
        return [self._say(bot, call, room, fill, body, group) for fill, body in carried]

    async def _carrying(
        self, bot: Bot, room: Room, given: InputFile | str, captioned: Any, *, photo: bool
    ) -> tuple[Fill, Body]:
        body = compose(
            bot,
            captioned.caption or "",
            captioned.parse_mode,
            captioned.caption_entities,
            caption=True,
        )
        file = await take_file(bot, self._rooms.files, room.chat_id, given, photo=photo)

        def fill(message: dict[str, Any], view: dict[str, Any]) -> None:
            put_file(message, view, file, photo=photo)
            put_body(message, body, caption=True)

        return fill, body

    async def send_location(self, bot: Bot, call: methods.SendLocation) -> dict[str, Any]:
        """A place on the map."""
        place = _place(call.latitude, call.longitude)

        def fill(message: dict[str, Any], view: dict[str, Any]) -> None:
            message["location"] = place
            view["place"] = place

        return self._say(bot, call, room_for(self._rooms, call.chat_id), fill)

    async def send_venue(self, bot: Bot, call: methods.SendVenue) -> dict[str, Any]:
        """A place with its name and address."""
        place = _place(call.latitude, call.longitude)
        if not call.title.strip() or not call.address.strip():
            raise Refused("venue title and address must be non-empty")

        def fill(message: dict[str, Any], view: dict[str, Any]) -> None:
            message["location"] = place
            message["venue"] = {"location": place, "title": call.title, "address": call.address}
            view["place"] = place | {"title": call.title, "address": call.address}

        return self._say(bot, call, room_for(self._rooms, call.chat_id), fill)

    async def send_contact(self, bot: Bot, call: methods.SendContact) -> dict[str, Any]:
        """A name with a phone number."""
        if not call.phone_number.strip() or not call.first_name.strip():
            raise Refused("contact phone number and first name must be non-empty")
        name = " ".join(filter(None, (call.first_name, call.last_name)))

        def fill(message: dict[str, Any], view: dict[str, Any]) -> None:
            contact = {"phone_number": call.phone_number, "first_name": call.first_name}
            message["contact"] = contact | ({"last_name": call.last_name} if call.last_name else {})
            view["contact"] = {"name": name, "phone": call.phone_number}

        return self._say(bot, call, room_for(self._rooms, call.chat_id), fill)

    async def send_chat_action(self, bot: Bot, call: methods.SendChatAction) -> bool:
        """Shows for a few seconds that an answer is being written."""
        if call.action not in _ACTIONS:
            raise Refused("wrong parameter action in request")
        room_for(self._rooms, call.chat_id).whisper("typing", action=call.action)
        return True


def _beside(markup: Any) -> dict[str, Any] | None:
    try:
        return keyboards.beside(markup)
    except keyboards.KeyboardError as error:
        raise Refused(str(error)) from None


def _answered(room: Room, call: Any) -> Entry | None:
    """The message this one answers, if it names one that is still here."""
    parameters: ReplyParameters | None = call.reply_parameters
    message_id = parameters.message_id if parameters else call.reply_to_message_id
    if message_id is None:
        return None
    entry = room.messages.get(message_id)
    lenient = call.allow_sending_without_reply is True or (
        parameters is not None and parameters.allow_sending_without_reply is True
    )
    if entry is None and not lenient:
        raise Refused("message to be replied not found")
    return entry


def _place(latitude: float, longitude: float) -> dict[str, Any]:
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Refused("wrong latitude or longitude specified")
    return {"latitude": latitude, "longitude": longitude}
