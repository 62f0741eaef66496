"""Objects of the Bot API built from its description alone: every field that it requires, no more.

``Builder`` knows nothing of our bot. What the description cannot say (the word in ``type`` or
``status`` that tells the kinds of a union apart) is taken from aiogram's own constants.
"""

import time
from collections.abc import Iterator
from typing import Any

import aiogram.types

from tests.telegram_rules import API

Made = dict[str, Any]

# What only says where a message comes from or how it is shown: it goes with some content.
_MANNER = {
    "message_id", "message_thread_id", "direct_messages_topic", "from", "sender_chat", "date",
    "chat", "business_connection_id", "entities", "caption", "caption_entities", "text",
}  # fmt: skip
_WORDS = {
    "currency": "EUR",
    "emoji": "🎲",
    "country_code": "DE",
    "first_name": "Vorname",
    "title": "Titel",
    "url": "https://example.org/",
    "language": "de",
}


class Builder:
    """Builds objects around one person and one chat."""

    def __init__(self, person: Made, chat: Made) -> None:
        self.person = person
        self.chat = chat
        self._ids = 0

    def build(self, kind: str, **fixed: Any) -> Any:
        """A minimal value of a type; ``fixed`` sets fields of it."""
        if kind == "User":
            return {**self.person, **fixed}
        if kind == "Chat":
            return {**self.chat, **fixed}
        described = API["types"][kind]
        if described.get("subtypes"):
            first = described["subtypes"][0]
            if first not in API["types"]:
                return self._value(kind, "text", first)
            return self.build(first, **fixed)
        made = {
            field["name"]: self._value(kind, field["name"], field["types"][0])
            for field in described.get("fields", [])
            if field["required"] and field["name"] not in fixed
        }
        return {**made, **fixed}

    def every(self, kind: str, **fixed: Any) -> Iterator[tuple[str, Made]]:
        """One object of each kind of a union, with its name; of another type the one object."""
        for name in API["types"][kind].get("subtypes") or [kind]:
            if (API["types"][name].get("subtypes")) and name != kind:
                yield from self.every(name, **fixed)
            else:
                yield name, self.build(name, **fixed)

    def message(self, number: int = 1, **content: Any) -> Made:
        """A message of the person in the chat."""
        made: Made = self.build("Message", message_id=number, **{"from": self.person}, **content)
        return made

    def contents(self) -> Iterator[tuple[str, Made]]:
        """A message for each thing that a message can hold, with the field's name."""
        for field in API["types"]["Message"]["fields"]:
            name = field["name"]
            if name not in _MANNER:
                yield name, self.message(**{name: self._value("Message", name, field["types"][0])})

    def _value(self, owner: str, name: str, kind: str) -> Any:
        if kind.startswith("Array of "):
            return [self._value(owner, name, kind.removeprefix("Array of "))]
        match kind:
            case "Integer":
                return self._number(name)
            case "Float":
                return 1.5
            case "Boolean" | "True":
                return True
            case "String":
                return _constant(owner, name) or self._word(name)
        if name in {"pinned_message", "reply_to_message"}:
            return self.message(text="älter")
        return self.build(kind)

    def _number(self, name: str) -> int:
        if name == "date" or name.endswith("_date"):
            return int(time.time())
        return 1

    def _word(self, name: str) -> str:
        if name == "id" or name.endswith("_id"):
            self._ids += 1
            return f"{self.person['id']}-{self._ids}"
        return _WORDS.get(name, "wort")


def _constant(owner: str, name: str) -> str | None:
    """The one word that a field of this type may hold, where aiogram knows it."""
    known = getattr(aiogram.types, owner, None)
    field = known.model_fields.get(name) if known is not None else None
    default = getattr(field, "default", None)
    return str(getattr(default, "value", default)) if isinstance(default, str) else None
