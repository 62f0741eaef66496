"""The Dolmetsch-Pool as its tests meet it: people with a chat number, and a clock to turn."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from bot.db import Sessions
from bot.institutions import (
    InstitutionKind,
    Registration,
    approve_institution,
    register_institution,
)
from bot.interpreting import (
    Answer,
    Seat,
    Wish,
    accept_offer,
    decline_offer,
    my_offers,
    open_request,
    withdraw,
)
from bot.interpreting.work import WORKS
from bot.jobs import do_due
from bot.models import Chat, Letter, Request, StaffMember
from bot.volunteers import (
    Application,
    German,
    Level,
    Mode,
    Spoken,
    Topic,
    apply_as_volunteer,
    approve_volunteer,
    hours_of,
)

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
"""A Tuesday, 10 o'clock in the county."""

ALL_DAY = hours_of([(0, 24)])
WEEK = (ALL_DAY,) * 7
_numbers = count(880_000)

APPLICATION = Application(
    name="Amina Beispiel",
    phone="06152 000000",
    consent=True,
    of_age=True,
    german=German.C1,
    languages=(Spoken("kmr", Level.NATIVE),),
    municipality="Groß-Gerau",
    modes=frozenset(Mode),
    hours=WEEK,
    radius_km=40,
    quiet_from=0,
    quiet_until=0,
    weekly_cap=20,
    certificate="Dolmetsch-Pool 2026",
    certified_on=date(2026, 3, 1),
    pledged_on=date(2026, 3, 1),
)


@dataclass
class Pool:
    """The pool on a database. ``now`` is its time."""

    sessions: Sessions
    now: datetime = START
    staff: Chat = field(default_factory=lambda: Chat("telegram", next(_numbers)))

    def later(self, **span: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**span)
        return self.now

    async def hire(self) -> Chat:
        """Somebody who arranges interpreters."""
        async with self.sessions.begin() as session:
            session.add(
                StaffMember(
                    channel="telegram", chat_id=self.staff.id, role="dispatcher", added_at=self.now
                )
            )
        return self.staff

    async def volunteer(
        self, *languages: str, approved: bool = True, until: date | None = None, **changes: Any
    ) -> Chat:
        """A volunteer, by default one who can everything at every hour."""
        chat = Chat("telegram", next(_numbers))
        spoken = tuple(Spoken(language, Level.NATIVE) for language in languages or ("kmr",))
        application = replace(APPLICATION, languages=spoken, **changes)
        async with self.sessions.begin() as session:
            row = await apply_as_volunteer(session, chat, application, self.now, can_push=True)
            if approved:
                until = until or date(2029, 3, 1)
                await approve_volunteer(session, row.id, until, self.now, self.staff)
        return chat

    async def institution(self, name: str = "Kita Sonnenschein") -> tuple[Chat, int]:
        """An approved institution, and the chat of its contact person."""
        chat = Chat("telegram", next(_numbers))
        registration = Registration(
            InstitutionKind.CHILDCARE, name, "Groß-Gerau", "Frau Muster", "06152 111111"
        )
        async with self.sessions.begin() as session:
            row = await register_institution(session, chat, registration, self.now)
            await approve_institution(session, row.id, self.now, self.staff)
        return chat, row.id

    def wish(self, **changes: Any) -> Wish:
        """What a Kita asks for: Kurmanji, in three days, an hour, on site."""
        wish = Wish(
            language="kmr",
            starts_at=self.now + timedelta(days=3),
            minutes=60,
            mode=Mode.ON_SITE,
            municipality="Groß-Gerau",
            topic=Topic.CHILDCARE,
            address="Musterweg 1, 1. Stock",
            reach="bitte klingeln",
        )
        return replace(wish, **changes)

    async def ask(self, who: tuple[Chat, int], **changes: Any) -> int:
        """Open a request and let its first wave go out."""
        async with self.sessions.begin() as session:
            request = await open_request(session, *who, self.wish(**changes), self.now)
        await self.work()
        return request.id

    async def work(self) -> int:
        """Do every job that is due."""
        done = 0
        while tried := await do_due(self.sessions, WORKS, self.now):
            done += tried
        return done

    async def request(self, request_id: int) -> Request:
        """A request as it stands."""
        async with self.sessions.begin() as session:
            row = await session.get(Request, request_id)
            assert row is not None
            return row

    async def offer(self, chat: Chat, request_id: int) -> int | None:
        """The number of a volunteer's open offer for a request."""
        async with self.sessions.begin() as session:
            mine = await my_offers(session, chat, self.now)
        return next((each.offer.id for each in mine if each.request.id == request_id), None)

    async def asked(self, chats: Collection[Chat], request_id: int) -> list[Chat]:
        """Who of them has an open offer for a request."""
        return [chat for chat in chats if await self.offer(chat, request_id) is not None]

    async def wait_for(self, chat: Chat, request_id: int) -> int:
        """Let time pass until a volunteer is asked; the number of the offer."""
        for _ in range(60):
            offer_id = await self.offer(chat, request_id)
            if offer_id is not None:
                return offer_id
            self.later(hours=1)
            await self.work()
        raise AssertionError("nobody asked")

    async def accept(self, chat: Chat, request_id: int) -> Seat:
        """A volunteer says yes, once they are asked."""
        offer_id = await self.wait_for(chat, request_id)
        assert offer_id is not None
        async with self.sessions.begin() as session:
            seat = await accept_offer(session, chat, offer_id, self.now)
        await self.work()
        return seat

    async def decline(self, chat: Chat, request_id: int, answer: Answer = Answer.NO) -> None:
        """A volunteer does not say yes, once they are asked."""
        offer_id = await self.wait_for(chat, request_id)
        async with self.sessions.begin() as session:
            await decline_offer(session, chat, offer_id, answer, self.now)

    async def leave(self, chat: Chat, request_id: int) -> Seat:
        """A volunteer gives the seat back."""
        async with self.sessions.begin() as session:
            return await withdraw(session, chat, request_id, self.now)

    async def letters(self, chat: Chat, kind: str | None = None) -> list[dict[str, Any]]:
        """What is owed to a chat, as content with its kind, oldest first."""
        async with self.sessions.begin() as session:
            rows = await session.scalars(
                select(Letter)
                .where(Letter.channel == chat.channel, Letter.chat_id == chat.id)
                .order_by(Letter.id)
            )
            return [{"kind": row.kind, **row.content} for row in rows if kind in {None, row.kind}]

    async def kinds(self, chat: Chat) -> list[str]:
        """Which letters are owed to a chat."""
        return [letter["kind"] for letter in await self.letters(chat)]
