"""The chats of the fake Telegram: who is known, what stands there, and what each call does to it.

A method that is not here is answered with "not implemented": better than a "true" that nobody
earned.
"""

import itertools
import json
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.telegram_rules import BadRequestError, content_of

BOT: dict[str, Any] = {
    "id": 4242,
    "is_bot": True,
    "first_name": "Test",
    "username": "kreis_test_bot",
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
}
_FORTY_EIGHT_HOURS = 48 * 3600
_NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message"
)
_TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
_OWN_TEXTS = {
    "MyDescription": "description",
    "MyShortDescription": "short_description",
    "MyName": "name",
}
Made = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Attached:
    """The files of a call: their names by parameter, their bytes by the part that carried them."""

    names: dict[str, str] = field(default_factory=dict)
    parts: dict[str, bytes] = field(default_factory=dict)


class ForbiddenError(Exception):
    """Telegram's answer 403 with this description."""


class Chats:
    """What the fake knows and keeps."""

    def __init__(self) -> None:
        self.known: dict[int, Made] = {}
        self.blocked: set[int] = set()
        self.left: list[int] = []
        self.messages: dict[tuple[int, int], Made] = {}
        self.files: dict[str, bytes] = {}
        self.open_queries: set[str] = set()
        self.own_texts: dict[tuple[str, str], Any] = {}
        self._next_message: dict[int, int] = defaultdict(int)
        self._next_file = itertools.count()
        self._does: dict[str, Callable[[Made, Attached], Any]] = {
            "getMe": lambda call, sent: BOT,
            "answerCallbackQuery": lambda call, sent: self._close(call["callback_query_id"]),
            "answerInlineQuery": lambda call, sent: self._close(call["inline_query_id"]),
            "answerPreCheckoutQuery": lambda call, sent: self._close(call["pre_checkout_query_id"]),
            "answerShippingQuery": lambda call, sent: self._close(call["shipping_query_id"]),
            "sendMessage": self._put,
            "sendDocument": self._put,
            "sendPhoto": self._put,
            "sendLocation": self._put,
            "sendVenue": self._put,
            "sendMediaGroup": self._put_group,
            "sendChatAction": lambda call, sent: self._may_write(call["chat_id"]) is not None,
            "editMessageText": self._edit,
            "editMessageReplyMarkup": self._edit,
            "editMessageCaption": self._edit,
            "deleteMessage": lambda call, sent: self._delete(call["chat_id"], call["message_id"]),
            "deleteMessages": self._delete_many,
            "getFile": self._get_file,
            "leaveChat": self._leave,
            "setMyCommands": lambda call, sent: self._keep("MyCommands", call, call["commands"]),
            "getMyCommands": lambda call, sent: self.own_texts.get(_key("MyCommands", call), []),
            "setChatMenuButton": lambda call, sent: self._keep(
                "ChatMenuButton", {}, call.get("menu_button", {"type": "default"})
            ),
            "getChatMenuButton": lambda call, sent: self.own_texts.get(
                ("ChatMenuButton", ""), {"type": "default"}
            ),
        }
        for name, part in _OWN_TEXTS.items():
            self._does[f"set{name}"] = self._keeper(name, part)
            self._does[f"get{name}"] = self._teller(name, part)

    def do(self, method: str, call: Made, sent: Attached) -> Any:
        """Carry out a call that keeps the rules; ``sent`` are its files.

        Raises ``BadRequestError``, ``ForbiddenError`` or ``NotImplementedError``.
        """
        if method not in self._does:
            raise NotImplementedError(f"the fake cannot do {method} yet")
        return self._does[method](call, sent)

    def meet(self, chat: Made) -> None:
        """A chat was seen in an update: the bot may write there."""
        self.known[int(chat["id"])] = {k: v for k, v in chat.items() if v is not None}

    def notice(self, message: Made) -> None:
        """Somebody else's message stands in a chat now."""
        number = int(message["message_id"])
        self.messages.setdefault((int(message["chat"]["id"]), number), message)

    def next_message_id(self, chat_id: int) -> int:
        """A message number in a chat, shared by both sides as in Telegram."""
        self._next_message[chat_id] += 1
        return self._next_message[chat_id]

    def _close(self, query_id: str) -> bool:
        if query_id not in self.open_queries:
            raise BadRequestError(_TOO_OLD)
        self.open_queries.discard(query_id)
        return True

    def _may_write(self, chat_id: int | str) -> Made:
        chat = self.known.get(int(chat_id))
        if chat is None:
            raise BadRequestError("Bad Request: chat not found")
        if int(chat_id) in self.blocked:
            if chat["type"] == "private":
                raise ForbiddenError("Forbidden: bot was blocked by the user")
            raise ForbiddenError(f"Forbidden: bot was kicked from the {chat['type']} chat")
        if int(chat_id) in self.left:
            raise ForbiddenError(f"Forbidden: bot is not a member of the {chat['type']} chat")
        return chat

    def _put(self, call: Made, sent: Attached) -> Made:
        chat = self._may_write(call["chat_id"])
        replied = (call.get("reply_parameters") or {}).get("message_id")
        if replied is not None and (chat["id"], replied) not in self.messages:
            raise BadRequestError("Bad Request: message to be replied not found")
        message = {
            "message_id": self.next_message_id(chat["id"]),
            "from": BOT,
            "chat": chat,
            "date": int(time.time()),
            **_words(call),
            **self._attachment(call, sent),
        }
        markup = call.get("reply_markup") or {}
        if markup.get("inline_keyboard"):
            message["reply_markup"] = markup
        self.messages[chat["id"], message["message_id"]] = message
        return message

    def _put_group(self, call: Made, sent: Attached) -> list[Made]:
        common: Made = {k: call[k] for k in ("chat_id", "reply_parameters") if k in call}
        group = str(next(self._next_file))
        album = []
        for item in call["media"]:
            words: Made = {k: item[k] for k in ("caption", "parse_mode") if k in item}
            message = self._put({**common, **words, item["type"]: item["media"]}, sent)
            message["media_group_id"] = group
            album.append(message)
        return album

    def _attachment(self, call: Made, sent: Attached) -> Made:
        if "venue" in call or "address" in call:
            spot = {"latitude": call["latitude"], "longitude": call["longitude"]}
            venue = {"location": spot, "title": call["title"], "address": call["address"]}
            return {"location": spot, "venue": venue}
        if "latitude" in call:
            return {"location": {"latitude": call["latitude"], "longitude": call["longitude"]}}
        for kind in ("document", "photo"):
            if kind in call:
                return {kind: self._file(kind, call[kind], sent)}
        return {}

    def _file(self, kind: str, content: object, sent: Attached) -> Any:
        name = sent.names.get(kind, "")
        content = sent.parts.get(str(content).removeprefix("attach://"), content)
        if isinstance(content, bytes):
            if not content:
                raise BadRequestError("Bad Request: file must be non-empty")
            file_id = f"{kind}-{next(self._next_file)}"
            self.files[file_id] = content
        elif str(content) not in self.files:
            raise BadRequestError("Bad Request: wrong remote file identifier specified")
        else:
            file_id = str(content)
        sized = {"file_id": file_id, "file_unique_id": file_id}
        sized["file_size"] = len(self.files[file_id])  # type: ignore[assignment]
        if kind == "photo":
            return [{**sized, "width": 1, "height": 1}]
        return {**sized, "file_name": name} if name else sized

    def _own(self, chat_id: int | str, message_id: int) -> Made:
        self._may_write(chat_id)
        message = self.messages.get((int(chat_id), message_id))
        if message is None:
            raise BadRequestError("Bad Request: message to edit not found")
        if message["from"]["id"] != BOT["id"]:
            raise BadRequestError("Bad Request: message can't be edited")
        return message

    def _edit(self, call: Made, sent: Attached) -> Made:
        if "chat_id" not in call:
            raise BadRequestError("Bad Request: MESSAGE_ID_INVALID")
        message = self._own(call["chat_id"], call["message_id"])
        if "text" in call and "text" not in message:
            raise BadRequestError("Bad Request: there is no text in the message to edit")
        words = _words(call)
        if words:
            kept = {k: v for k, v in message.items() if not k.endswith("entities")}
        else:
            kept = dict(message)
        kept.pop("reply_markup", None)
        changed = {**kept, **words}
        if (call.get("reply_markup") or {}).get("inline_keyboard"):
            changed["reply_markup"] = call["reply_markup"]
        if _without_date(changed) == _without_date(message):
            raise BadRequestError(_NOT_MODIFIED)
        changed["edit_date"] = int(time.time())
        self.messages[int(call["chat_id"]), call["message_id"]] = changed
        return changed

    def _delete(self, chat_id: int | str, message_id: int) -> bool:
        message = self.messages.get((int(chat_id), message_id))
        if message is None:
            raise BadRequestError("Bad Request: message to delete not found")
        if message["date"] < time.time() - _FORTY_EIGHT_HOURS:
            raise BadRequestError("Bad Request: message can't be deleted for everyone")
        del self.messages[int(chat_id), message_id]
        return True

    def _delete_many(self, call: Made, sent: Attached) -> bool:
        for message_id in call["message_ids"]:
            self.messages.pop((int(call["chat_id"]), int(message_id)), None)
        return True

    def _get_file(self, call: Made, sent: Attached) -> Made:
        file_id = call["file_id"]
        if file_id not in self.files:
            raise BadRequestError("Bad Request: invalid file_id")
        size = len(self.files[file_id])
        if size > 20 << 20:
            raise BadRequestError("Bad Request: file is too big")
        return {
            "file_id": file_id,
            "file_unique_id": file_id,
            "file_size": size,
            "file_path": f"files/{file_id}",
        }

    def _leave(self, call: Made, sent: Attached) -> bool:
        if self._may_write(call["chat_id"])["type"] == "private":
            raise BadRequestError("Bad Request: chat member status can't be changed in private")
        self.left.append(int(call["chat_id"]))
        return True

    def _keep(self, what: str, call: Made, value: Any) -> bool:
        self.own_texts[_key(what, call)] = value
        return True

    def _keeper(self, what: str, part: str) -> Callable[[Made, Attached], bool]:
        return lambda call, sent: self._keep(what, call, call.get(part, ""))

    def _teller(self, what: str, part: str) -> Callable[[Made, Attached], Made]:
        return lambda call, sent: {part: self.own_texts.get(_key(what, call), "")}


def _key(what: str, call: Made) -> tuple[str, str]:
    return what, call.get("language_code", "")


def _words(call: Made) -> Made:
    """The text or caption as Telegram gives it back: trimmed, its markup as entities."""
    made: Made = {}
    for name, entities in (("text", "entities"), ("caption", "caption_entities")):
        if name in call:
            words, found = content_of(call, name)
            made[name] = words.rstrip()
            if found:
                made[entities] = found
    return made


def _without_date(message: Made) -> str:
    return json.dumps({k: v for k, v in message.items() if k != "edit_date"}, sort_keys=True)
