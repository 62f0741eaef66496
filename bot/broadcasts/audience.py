"""Whom a broadcast concerns: everybody who wants its topics, in its towns.

Few people are never singled out: what concerns fewer than ``SMALLEST`` is shown as "<5" and cannot
be chosen, and larger figures are rounded down to tens, so that two of them tell nothing about one
person.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Broadcast, Resident, Subscription

SMALLEST = 5
MY_TOWN = "my-town"  # the topic of those who want everything from their town


@dataclass(frozen=True, slots=True)
class Audience:
    """Topics and towns of a broadcast; an empty one means all of them."""

    topics: tuple[str, ...] = ()
    towns: tuple[str, ...] = ()

    @classmethod
    def of(cls, broadcast: Broadcast) -> "Audience":
        """The audience of a broadcast."""
        return cls(_split(broadcast.topics), _split(broadcast.towns))

    @property
    def wants(self) -> ColumnElement[bool]:
        """Which subscriptions it concerns.

        Who wants a topic everywhere hears of every town; what is for the whole county goes to
        everybody who wants the topic.
        """
        topic = Subscription.topic.in_(self.topics) if self.topics else true()
        if not self.towns:
            return topic
        here = Subscription.municipality.in_(self.towns)
        return or_(
            and_(topic, or_(here, Subscription.municipality == "")),
            and_(Subscription.topic == MY_TOWN, here),
        )


def _split(names: str) -> tuple[str, ...]:
    return tuple(name for name in names.split(",") if name)


def joined(names: Sequence[str]) -> str:
    """Names as a broadcast keeps them."""
    return ",".join(sorted(set(names)))


def about(count: int) -> int | None:
    """A figure as staff may see it: rounded down to tens, 5 below ten; ``None`` below five.

    Zero stays zero: nobody is behind it.
    """
    if count == 0:
        return 0
    if count < SMALLEST:
        return None
    return SMALLEST if count < 2 * SMALLEST else count - count % 10


async def count_by_language(
    session: AsyncSession, channel: str, audience: Audience
) -> dict[str, int]:
    """How many people it concerns now, by language, the largest group first. Exact figures."""
    people = (
        select(Subscription.chat_id)
        .where(Subscription.channel == channel, audience.wants)
        .distinct()
        .subquery()
    )
    rows = await session.execute(
        select(Resident.language, func.count())
        .join(people, people.c.chat_id == Resident.chat_id)
        .where(Resident.channel == channel)
        .group_by(Resident.language)
        .order_by(func.count().desc(), Resident.language)
    )
    return {language: int(count) for language, count in rows}


async def count_by_topic(session: AsyncSession, channel: str) -> dict[str, int]:
    """How many people want each topic. Exact figures."""
    rows = await session.execute(
        select(Subscription.topic, func.count(Subscription.chat_id.distinct()))
        .where(Subscription.channel == channel)
        .group_by(Subscription.topic)
        .order_by(Subscription.topic)
    )
    return {topic: int(count) for topic, count in rows}


async def reach_by_town(
    session: AsyncSession, channel: str, topics: Sequence[str]
) -> dict[str, int]:
    """How many people a broadcast about these topics would reach in each town that anybody named.

    They are those of that town and those who want to hear of every town. Exact figures, in which
    somebody with two topics may count twice.
    """
    wants = Subscription.topic.in_((*topics, MY_TOWN)) if topics else true()
    rows = await session.execute(
        select(Subscription.municipality, func.count(Subscription.chat_id.distinct()))
        .where(Subscription.channel == channel, wants)
        .group_by(Subscription.municipality)
        .order_by(Subscription.municipality)
    )
    counts = {town: int(count) for town, count in rows}
    everywhere = counts.pop("", 0)
    return {town: count + everywhere for town, count in counts.items()}
