"""People who write to the bot on Telegram, built with python-telegram-bot's own classes.

So every message crosses two independent readings of the Bot API: theirs and aiogram's.
"""

import itertools
from datetime import UTC, datetime
from typing import Any

import telegram

from tests.fake_telegram import Call, FakeTelegram
from tests.telegram_rules import links, plain

_numbers = itertools.count(10_001)


class Reply:
    """One thing the bot put into a chat."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.message_id = int(call.result["message_id"]) if isinstance(call.result, dict) else 0
        self.html: str = call.call.get("text") or call.call.get("caption") or ""
        self.text = plain(self.html)
        self.links = links(self.html)
        raw = call.call.get("reply_markup") or {}
        markup = (
            telegram.InlineKeyboardMarkup.de_json(raw, None) if "inline_keyboard" in raw else None
        )
        self.buttons: list[telegram.InlineKeyboardButton] = (
            [button for row in markup.inline_keyboard for button in row] if markup else []
        )

    @property
    def labels(self) -> list[str]:
        """What stands on the buttons, without their numbers."""
        return [button.text.partition(" · ")[2] or button.text for button in self.buttons]

    def __repr__(self) -> str:
        return f"<{self.text!r} {self.labels}>"


class Person:
    """Somebody with a phone."""

    def __init__(self, fake: FakeTelegram, language_code: str | None = "de") -> None:
        self.fake = fake
        self.id = next(_numbers)
        self.user = telegram.User(
            id=self.id,
            first_name=f"Vorname{self.id}",
            last_name=f"Nachname{self.id}",
            username=f"benutzer_{self.id}",
            is_bot=False,
            language_code=language_code,
        )
        self.chat = telegram.Chat(id=self.id, type="private", first_name=self.user.first_name)
        self.replies: list[Reply] = []

    def message(self, **content: Any) -> telegram.Message:
        """A message of this person."""
        return telegram.Message(
            message_id=self.fake.next_message_id(self.id),
            date=datetime.now(UTC),
            chat=self.chat,
            from_user=self.user,
            **content,
        )

    async def send(self, **parts: Any) -> list[Reply]:
        """Send an update with these parts (PTB objects); returns what the bot answered."""
        update = telegram.Update(update_id=0, **parts).to_dict()
        update.pop("update_id")
        before = len(self.fake.sent_to(self.id))
        number = await self.fake.send(update)
        await self.fake.handled(number)
        new = [Reply(call) for call in self.fake.sent_to(self.id)[before:]]
        self.replies.extend(new)
        return new

    @staticmethod
    def command(text: str) -> list[telegram.MessageEntity] | None:
        """The mark that Telegram puts on a command."""
        if not text.startswith("/"):
            return None
        length = len(text.split()[0])
        return [telegram.MessageEntity(type="bot_command", offset=0, length=length)]

    async def say(self, text: str) -> list[Reply]:
        """Write something; returns what the bot answered."""
        return await self.send(message=self.message(text=text, entities=self.command(text)))

    async def press(self, label: str, reply: Reply | None = None) -> list[Reply]:
        """Press a button by the beginning of its words, on the newest message that has it."""
        for shown in [reply] if reply else reversed(self.replies):
            for button, words in zip(shown.buttons, shown.labels, strict=True):
                if words.startswith(label):
                    return await self.press_data(str(button.callback_data), shown.message_id)
        raise AssertionError(f"no button {label!r} in {self.replies[-3:]}")

    async def press_data(self, data: str, message_id: int) -> list[Reply]:
        """Press a button by its data, forged or not."""
        shown = self.fake.messages.get((self.id, message_id), {})
        markup: dict[str, Any] | None = shown.get("reply_markup")
        message = telegram.Message(
            message_id=message_id,
            date=datetime.now(UTC),
            chat=self.chat,
            from_user=telegram.User(id=4242, first_name="Test", is_bot=True),
            text=shown.get("text"),
            reply_markup=telegram.InlineKeyboardMarkup.de_json(markup, None) if markup else None,
        )
        query = telegram.CallbackQuery(
            id=f"query-{next(_numbers)}",
            from_user=self.user,
            chat_instance="1",
            message=message,
            data=data,
        )
        return await self.send(callback_query=query)

    async def arrive(self, language: str = "Deutsch", town: str = "Skip") -> "Person":
        """Come in by the front door: /start, a language, a town."""
        await self.say("/start")
        await self.press(language)
        if self.replies[-1].buttons and len(self.replies[-1].buttons) > 10:
            labels = self.replies[-1].labels
            await self.press(town if town in labels else labels[14])
        return self

    @property
    def last(self) -> Reply:
        """What the bot said last."""
        return self.replies[-1]
