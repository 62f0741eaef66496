"""A tab of the chat page, driven below its socket: what it says becomes an update for the house."""

import asyncio
import itertools
import json
import secrets
from typing import Any

from bot.app.serving import House
from bot.channels.webchat.effort import solves
from bot.channels.webchat.frames import Pressed
from bot.channels.webchat.updates import Updates
from bot.channels.webchat.visitors import hash_secret


def plain(nodes: list[Any]) -> str:
    """The words in a drawn body."""
    return "".join(node if isinstance(node, str) else plain(node["c"]) for node in nodes)


class Tab:
    """Somebody at the chat page."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.chat_id = 1 + secrets.randbits(50)
        self.rooms = house.web_session.rooms
        self.room = self.rooms.open(self.chat_id, hash_secret(secrets.token_bytes(16)))
        self.updates = Updates(house.web, self.rooms)
        self.worked: set[str] = set()

    async def say(self, text: str) -> str:
        """Write something; returns all that stands on the page then."""
        await self.house.feed_web(self.updates.text(self.room, text, secrets.token_hex(8)))
        return self.screen

    async def send(self, data: bytes, name: str = "IMG.jpg") -> str:
        """Send a file."""
        file = self.rooms.files.keep(self.chat_id, data, name)
        await self.house.feed_web(self.updates.upload(self.room, file, secrets.token_hex(8)))
        return self.screen

    async def press(self, label: str) -> str:
        """Press the newest button that begins so."""
        for message in reversed(self.room.messages.values()):
            markup = message.message.get("reply_markup", {}).get("inline_keyboard", [])
            for button in (button for row in markup for button in row):
                words = button["text"].partition(" · ")[2] or button["text"]
                if words.startswith(label):
                    number = message.message["message_id"]
                    pressed = Pressed(secrets.token_hex(8), number, button["callback_data"])
                    update = self.updates.press(self.room, pressed)
                    assert update is not None
                    await asyncio.gather(self.house.feed_web(update), self._work())
                    return self.screen
        raise AssertionError(f"no button {label!r} on {self.screen}")

    async def _work(self) -> None:
        """Do the task that a page is given against floods, if it is given one."""
        for _turn in range(40):
            await asyncio.sleep(0.01)
            for _number, text, _about in list(self.room._events):
                event = json.loads(text)
                if event["kind"] == "work" and event["salt"] not in self.worked:
                    self.worked.add(event["salt"])
                    nonces = itertools.count()
                    nonce = next(n for n in nonces if solves(event["salt"], n, event["bits"]))
                    assert self.house.web_session.efforts.take(self.room, event["salt"], nonce)
                    return

    @property
    def screen(self) -> str:
        """Everything that stands on the page."""
        return "\n".join(entry.message.get("text", "") for entry in self.room.messages.values())

    @property
    def memory(self) -> str:
        """Everything that the room still holds: messages, and events for pages that are away."""
        events = " ".join(text for _number, text, _about in self.room._events)
        return self.screen + events
