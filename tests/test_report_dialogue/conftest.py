"""A case worker's key, and people who report."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import telegram
from pyrage import x25519
from sqlalchemy import select

from bot.app.serving import House
from bot.db import Sessions
from bot.models import Chat, ReportArrival
from bot.reports.gate import Budget
from bot.reports.sealing import unseal
from bot.reports.told import Opened, unpack
from bot.settings import Settings
from tests.conftest import Meet
from tests.people import Person, Reply

_IDENTITY = x25519.Identity.generate()
_RECEIPT = re.compile(r"\d{4} \d{4} \d{4} \d{4} \d{3}")


@pytest.fixture
def identity(settings: Settings) -> x25519.Identity:
    """The private key of a case worker; the house knows the public one."""
    settings.recipients_file.write_text(f"{_IDENTITY.to_public()}\n", encoding="utf-8")
    return _IDENTITY


class Reporter:
    """Somebody who reports on Telegram."""

    def __init__(self, person: Person, house: House, identity: x25519.Identity) -> None:
        self.person = person
        self.house = house
        self.identity = identity
        self.here = Chat("telegram", person.id)

    @property
    def sessions(self) -> Sessions:
        """The database."""
        return self.house.office.sessions

    async def begin(self) -> Reply:
        """Through the door to telling."""
        await self.say("/report")
        await self.press("Hier weiter")
        return self.last

    async def say(self, text: str) -> list[Reply]:
        """Write something."""
        return await self.person.say(text)

    async def press(self, label: str) -> list[Reply]:
        """Press a button of the message that is newest on the screen and has it."""
        return await self.person.press(label)

    async def send_photo(self, data: bytes, **more: Any) -> list[Reply]:
        """A photo, as the app sends it."""
        number = self.person.message().message_id
        file_id = f"photo-{self.person.id}-{number}"
        self.person.fake.chats.files[file_id] = data
        size = telegram.PhotoSize(file_id, file_id, width=10, height=10, file_size=len(data))
        return await self.person.send(message=self.person.message(photo=(size,), **more))

    async def send_file(
        self, data: bytes, name: str = "IMG_Mehmet.jpg", *, announced: int | None = None
    ) -> list[Reply]:
        """A file."""
        number = self.person.message().message_id
        file_id = f"file-{self.person.id}-{number}"
        self.person.fake.chats.files[file_id] = data
        size = len(data) if announced is None else announced
        document = telegram.Document(file_id, file_id, file_name=name, file_size=size)
        return await self.person.send(message=self.person.message(document=document))

    async def send_voice(self, data: bytes) -> list[Reply]:
        """A voice message."""
        file_id = f"voice-{self.person.id}-{self.person.message().message_id}"
        self.person.fake.chats.files[file_id] = data
        voice = telegram.Voice(file_id, file_id, duration=3, file_size=len(data))
        return await self.person.send(message=self.person.message(voice=voice))

    @property
    def last(self) -> Reply:
        """What the bot showed last."""
        return self.person.last

    @property
    def on_screen(self) -> list[str]:
        """The texts that stand in the chat now, in order."""
        messages = self.person.fake.messages
        mine = sorted(number for chat, number in messages if chat == self.person.id)
        return [messages[self.person.id, number].get("text", "") for number in mine]

    async def send_it(self) -> str:
        """From the preview to the receipt."""
        await self.press("Senden")
        await self.press("Senden, Code aus 19 Ziffern")
        return self.receipt

    @property
    def receipt(self) -> str:
        """The receipt on the screen."""
        found = _RECEIPT.findall("\n".join(self.on_screen))
        assert len(found) == 1, self.on_screen
        return str(found[0])

    async def to_preview(self) -> Reply:
        """Pass over everything."""
        await self.press("Das ist alles")
        await self.press("Keine Fragen mehr")
        if "Nur mit dem Beleg-Code" in self.last.labels:
            await self.press("Nur mit dem Beleg-Code")
        return self.last


@pytest.fixture(autouse=True)
def new_hour(request: pytest.FixtureRequest) -> None:
    """The house serves all tests: each of its tests begins with an unused budget of reports."""
    if "house" in request.fixturenames:
        house: House = request.getfixturevalue("house")
        house.office.reporting.budget = Budget()


@pytest_asyncio.fixture
async def reporter(meet: Meet, house: House, identity: x25519.Identity) -> AsyncIterator[Reporter]:
    """Somebody whom the bot knows and who wants to report."""
    person = await meet().arrive()
    yield Reporter(person, house, identity)
    house.office.reporting.drafts.close(Chat("telegram", person.id))
    house.office.door.leave(Chat("telegram", person.id))


async def arrived(sessions: Sessions, identity: x25519.Identity) -> list[Opened]:
    """What waits for the case workers, opened with their key."""
    async with sessions.begin() as session:
        rows = await session.scalars(
            select(ReportArrival.sealed).where(ReportArrival.kind == "report")
        )
        return [unpack(unseal(sealed, identity)) for sealed in rows]
