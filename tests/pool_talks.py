"""The interpreter pool as people meet it in the chat: who they are, and the post between them."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.app.serving import House
from bot.db import Sessions
from bot.institutions import (
    InstitutionKind,
    Registration,
    approve_institution,
    register_institution,
)
from bot.interpreting import Wish, open_request
from bot.interpreting.work import WORKS
from bot.jobs import do_due
from bot.models import Chat, Letter, StaffMember
from bot.residents import welcome
from bot.volunteers import Level, Mode, Spoken, Topic, apply_as_volunteer, approve_volunteer
from handlers.delivery import deliver_due
from tests.conftest import Clock, Meet
from tests.people import Person, Reply
from tests.pool import APPLICATION


def chat_of(person: Person) -> Chat:
    """The chat of a person on Telegram."""
    return Chat("telegram", person.id)


@dataclass
class Talks:
    """People in an empty office, and the post: jobs are done and letters delivered by hand."""

    house: House
    meet: Meet
    clock: Clock
    people: list[Person] = field(default_factory=list)
    seen: dict[int, int] = field(default_factory=dict)

    @property
    def sessions(self) -> Sessions:
        """The office's database."""
        return self.house.office.sessions

    def now(self) -> datetime:
        """The office's time."""
        return self.house.office.now()

    async def resident(self, language: str = "de") -> Person:
        """Somebody who has chosen a language."""
        person = self.meet(language)
        person.fake.chats.meet(person.chat.to_dict())  # has written to the bot before
        async with self.sessions.begin() as session:
            await welcome(session, chat_of(person), language, self.house.office.today())
        self.people.append(person)
        return person

    async def dispatcher(self, role: str = "dispatcher") -> Person:
        """Somebody of the office who arranges interpreters."""
        person = await self.resident()
        async with self.sessions.begin() as session:
            session.add(
                StaffMember(channel="telegram", chat_id=person.id, role=role, added_at=self.now())
            )
        return person

    async def volunteer(self, *languages: str, **changes: Any) -> Person:
        """Somebody who interprets, at every hour and everywhere unless it is said otherwise."""
        person = await self.resident(changes.pop("reads", "de"))
        spoken = tuple(Spoken(code, Level.NATIVE) for code in languages or ("kmr",))
        told = replace(APPLICATION, languages=spoken, name=f"Name {person.id}", **changes)
        now = self.now()
        async with self.sessions.begin() as session:
            row = await apply_as_volunteer(session, chat_of(person), told, now, can_push=True)
            until = now.date().replace(year=now.year + 2, day=1)
            await approve_volunteer(session, row.id, until, now, Chat("telegram", 1))
        return person

    async def institution(self, name: str = "Kita Sonnenschein") -> tuple[Person, int]:
        """Somebody of an approved institution, and the institution's number."""
        person = await self.resident()
        told = Registration(InstitutionKind.CHILDCARE, name, "Raunheim", "Petra Lang", "06142 1234")
        async with self.sessions.begin() as session:
            row = await register_institution(session, chat_of(person), told, self.now())
            await approve_institution(session, row.id, self.now(), Chat("telegram", 1))
            number = row.id
        await self.post()
        return person, number

    async def request(
        self, who: tuple[Person, int], starts_at: datetime, *, deliver: bool = True, **changes: Any
    ) -> int:
        """A request, sent past the dialogue. Without ``deliver`` its first offers are only owed."""
        wish = Wish(
            language="kmr",
            starts_at=starts_at,
            minutes=60,
            mode=Mode.ON_SITE,
            municipality="Raunheim",
            topic=Topic.SCHOOL,
            address="Ringstr. 4, Zimmer 3",
            reach="Petra Lang, 06142 1234",
        )
        person, house = who
        async with self.sessions.begin() as session:
            row = await open_request(
                session, chat_of(person), house, replace(wish, **changes), self.now()
            )
            number = row.id
        if deliver:
            await self.post()
        else:
            await do_due(self.sessions, WORKS, self.now())
        return number

    async def post(self) -> dict[int, list[Reply]]:
        """Do what is due and deliver every letter; returns what came, by person's number."""
        before = {person.id: len(person.fake.sent_to(person.id)) for person in self.people}
        while True:
            jobs = await do_due(self.sessions, WORKS, self.now())
            letters = await deliver_due(self.sessions, self.house.bots, self.now())
            if not jobs and not letters:
                break
        new = {}
        for person in self.people:
            calls = person.fake.sent_to(person.id)[before[person.id] :]
            new[person.id] = [Reply(call) for call in calls]
            person.replies.extend(new[person.id])
        return new

    async def until_asked(self, *people: Person, step: timedelta) -> None:
        """Let time pass, wave by wave, until each of these has an offer."""
        for _wave in range(60):
            if all(any(_is_offer(reply) for reply in person.replies) for person in people):
                return
            self.clock.ahead += step
            await self.post()
        raise AssertionError("not everybody was asked")

    async def owed(self, person: Person) -> list[str]:
        """Which letters wait for somebody."""
        async with self.sessions.begin() as session:
            rows = await session.scalars(
                select(Letter.kind).where(Letter.chat_id == person.id).order_by(Letter.id)
            )
            return list(rows)


def _is_offer(reply: Reply) -> bool:
    return "Ja, ich mache das" in reply.labels


async def walk(person: Person, *steps: str) -> Reply:
    """Say and press one after the other: ``"#words"`` presses a button, the rest is said."""
    for step in steps:
        await (person.press(step[1:]) if step.startswith("#") else person.say(step))
    return person.last
