"""Builds what the bot says: the Bot API's message and the page's view of it, or a refusal."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiogram import Bot
from aiogram.client.default import Default
from aiogram.types import InlineKeyboardMarkup, InputFile, MessageEntity, URLInputFile

from bot.channels.webchat import formatting, keyboards
from bot.channels.webchat.files import Files, KeptFile, NoSpace, photo_type
from bot.channels.webchat.rooms import Entry, Room, Rooms
from bot.channels.webchat.settings import TEXT_LIMIT
from bot.texts import spoken_language

CAPTION_LIMIT = 1024
_UNREACHABLE = "Forbidden: the visitor has left the chat page"
NAMELESS = "–"
"""A visitor's first name in updates: the Bot API demands one, and nobody's name is known."""


class Refused(Exception):
    """What Telegram would say no to, with its HTTP status and its words."""

    def __init__(self, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.status = status
        self.description = description if status != 400 else f"Bad Request: {description}"


@dataclass(frozen=True, slots=True)
class Body:
    """A text or caption with its spans."""

    text: str
    spans: list[formatting.Span]

    @property
    def entities(self) -> list[dict[str, Any]]:
        """The Bot API's entities."""
        return formatting.to_entities(self.text, self.spans)

    @property
    def nodes(self) -> list[formatting.Node]:
        """What the page draws."""
        return formatting.tree(self.text, self.spans)


def compose(
    bot: Bot,
    text: str,
    parse_mode: str | Default | None,
    entities: Sequence[MessageEntity] | None,
    *,
    caption: bool = False,
) -> Body:
    """Text as Telegram would keep it. Raises `Refused` for what it would not take."""
    mode = bot.default[parse_mode.name] if isinstance(parse_mode, Default) else parse_mode
    try:
        if entities:
            plain, spans = text, formatting.from_entities(text, entities)
        elif mode is None:
            plain, spans = text, []
        elif str(getattr(mode, "value", mode)).upper() == "HTML":
            plain, spans = formatting.parse_html(text)
        else:
            # Telegram knows Markdown too; this bot speaks HTML alone, and two parsers would
            # be two sets of faults.
            raise Refused("unsupported parse_mode")
    except formatting.MarkupError as error:
        raise Refused(f"can't parse entities: {error}") from None
    plain, spans = formatting.trimmed(plain, spans)
    if caption and len(plain) > CAPTION_LIMIT:
        raise Refused("message caption is too long")
    if not caption and not plain:
        raise Refused("message text is empty")
    if len(plain) > TEXT_LIMIT:
        raise Refused("message is too long")
    return Body(plain, formatting.with_found(plain, spans))


def bot_person(bot: Bot, rooms: Rooms) -> dict[str, Any]:
    """The bot as a Bot API user, named after the office."""
    settings = rooms.settings
    return {
        "id": bot.id,
        "is_bot": True,
        "first_name": settings.office,
        "username": settings.username,
    }


def room_for(rooms: Rooms, chat_id: int | str | None) -> Room:
    """The room a call means. Raises `Refused` where nobody can be reached."""
    try:
        number = int(chat_id or 0)
    except ValueError:
        raise Refused("chat not found") from None
    if number == 0:
        raise Refused("chat_id is empty")
    room = rooms.waiting(number)
    if room is None:
        raise Refused(_UNREACHABLE, 403)
    return room


def buttons_of(markup: Any) -> keyboards.Inline:
    """The buttons under a message. Raises `Refused` for what Telegram does not take."""
    if not isinstance(markup, InlineKeyboardMarkup):
        return keyboards.Inline()
    try:
        return keyboards.inline(markup)
    except keyboards.KeyboardError as error:
        raise Refused(str(error)) from None


def put_buttons(message: dict[str, Any], view: dict[str, Any], buttons: keyboards.Inline) -> None:
    """Writes buttons under a message, or takes the old ones away."""
    message.pop("reply_markup", None)
    view.pop("buttons", None)
    if buttons.markup:
        message["reply_markup"] = buttons.markup
        view["buttons"] = buttons.rows


def visitor_person(room: Room) -> dict[str, Any]:
    """The visitor as a Bot API user, who has no name here."""
    person: dict[str, Any] = {"id": room.chat_id, "is_bot": False, "first_name": NAMELESS}
    if room.proposed_language:
        person["language_code"] = room.proposed_language
    return person


def chat_of(room: Room) -> dict[str, Any]:
    """The conversation as a Bot API chat."""
    return {"id": room.chat_id, "type": "private", "first_name": NAMELESS}


def new_message(room: Room, sender: dict[str, Any]) -> dict[str, Any]:
    """A message with its number, time, chat and sender."""
    return {
        "message_id": room.next_message_id(),
        "date": int(time.time()),
        "chat": chat_of(room),
        "from": sender,
    }


def put_body(message: dict[str, Any], body: Body, *, caption: bool) -> None:
    """Writes a text or caption with entities into a message, or takes an empty one out."""
    names = ("caption", "caption_entities") if caption else ("text", "entities")
    for name, value in zip(names, (body.text, body.entities), strict=True):
        if value:
            message[name] = value
        else:
            message.pop(name, None)


def draw(room: Room, entry_view: dict[str, Any], body: Body) -> None:
    """Writes a body with its language and reading direction into a page view."""
    language = spoken_language() or room.language
    entry_view["body"] = body.nodes
    entry_view["dir"] = formatting.direction(body.text, language)
    # A German card in an Arabic conversation must not be read aloud as Arabic.
    fits = language and formatting.language_direction(language) == entry_view["dir"]
    if fits and body.text:
        entry_view["lang"] = language
    else:
        entry_view.pop("lang", None)


def new_view(message: dict[str, Any], sender: str) -> dict[str, Any]:
    """The page's view of a message, without its content; `sender` is bot or visitor."""
    return {"id": message["message_id"], "from": sender, "date": message["date"], "body": []}


def reply_view(entry: Entry) -> dict[str, Any]:
    """The first words of the message that another one answers."""
    said = entry.message.get("text") or entry.message.get("caption") or ""
    return {"id": entry.message["message_id"], "text": said[:120]}


async def take_file(
    bot: Bot, files: Files, chat_id: int, given: InputFile | str, *, photo: bool
) -> KeptFile:
    """The file a message is to carry. Raises `Refused` for one that Telegram would not take."""
    if isinstance(given, str):
        known = files.get(given)
        if known is None:
            raise Refused("wrong file identifier/HTTP URL specified")
        files.share(chat_id, known)
        return known
    if isinstance(given, URLInputFile):
        raise Refused("failed to get HTTP URL content")
    data = b"".join([piece async for piece in given.read(bot)])
    if not data:
        raise Refused("file must be non-empty")
    mime = photo_type(data)
    if photo and mime is None:
        raise Refused("IMAGE_PROCESS_FAILED")
    try:
        return files.keep(chat_id, data, given.filename or "file", mime)
    except NoSpace:
        raise Refused("Request Entity Too Large", 413) from None


def put_file(message: dict[str, Any], view: dict[str, Any], file: KeptFile, *, photo: bool) -> None:
    """Writes a photo or a document into a message and its view."""
    message.pop("photo", None)
    message.pop("document", None)
    common = {
        "file_id": file.file_id,
        "file_unique_id": file.unique_id,
        "file_size": len(file.data),
    }
    view["media"] = {
        "type": "photo" if photo else "document",
        "file": file.file_id,
        "name": file.name,
        "size": len(file.data),
        "mime": file.mime,
    }
    if photo and file.size is not None:
        width, height = file.size
        if width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise Refused("PHOTO_INVALID_DIMENSIONS")
        message["photo"] = [common | {"width": width, "height": height}]
        view["media"] |= {"width": width, "height": height}
    else:
        message["document"] = common | {"file_name": file.name, "mime_type": file.mime}
