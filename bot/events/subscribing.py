"""Who wants to hear of which events: by topic, everywhere or in one town."""

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.events.answers import Answer
from bot.events.topics import Topic
from bot.models import Attendance, Chat, Resident, Subscription

EVERYWHERE = ""


def _of(chat: Chat) -> ColumnElement[bool]:
    return and_(Subscription.channel == chat.channel, Subscription.chat_id == chat.id)


async def subscribe(
    session: AsyncSession, chat: Chat, topic: Topic, town: str | None = None
) -> bool:
    """Tell somebody of a topic from now on, in one town or everywhere; whether this is new.

    One topic has one reach: the new one takes the place of the old one.
    """
    municipality = town or EVERYWHERE
    rows = await session.scalars(
        select(Subscription).where(_of(chat), Subscription.topic == topic.value)
    )
    old = {row.municipality for row in rows}
    if old == {municipality}:
        return False
    await unsubscribe(session, chat, topic)
    session.add(
        Subscription(
            channel=chat.channel, chat_id=chat.id, topic=topic.value, municipality=municipality
        )
    )
    await session.flush()
    return True


async def unsubscribe(session: AsyncSession, chat: Chat, topic: Topic) -> bool:
    """End a topic; whether there was anything to end."""
    gone = await session.scalars(
        delete(Subscription)
        .where(_of(chat), Subscription.topic == topic.value)
        .returning(Subscription.id)
    )
    return bool(gone.all())


async def follow(session: AsyncSession, chat: Chat, town: str | None) -> None:
    """Who hears of all from their town hears of the new one when they move; without one of none."""
    mine = and_(_of(chat), Subscription.topic == Topic.MY_TOWN.value)
    if town is None:
        await session.execute(delete(Subscription).where(mine))
    else:
        await session.execute(update(Subscription).where(mine).values(municipality=town))


async def my_subscriptions(session: AsyncSession, chat: Chat) -> dict[Topic, str | None]:
    """The topics that somebody hears of, each with its town or nothing for everywhere."""
    rows = await session.scalars(select(Subscription).where(_of(chat)).order_by(Subscription.id))
    return {Topic(row.topic): row.municipality or None for row in rows if row.topic in set(Topic)}


def subscribers(topic: str, town: str | None = None) -> Select[str, int, str]:
    """Whom an event concerns: channel, chat number and language, each chat once, in order.

    ``town`` is the municipality of the event; without one it is for the whole county and goes to
    everybody who wants the topic. In a town it also goes to those who want all from this town.
    """
    wants = Subscription.topic == str(topic)
    if town is not None:
        wants = or_(
            and_(wants, Subscription.municipality.in_((EVERYWHERE, town))),
            and_(Subscription.topic == Topic.MY_TOWN.value, Subscription.municipality == town),
        )
    return (
        select(Subscription.channel, Subscription.chat_id, Resident.language)
        .join(
            Resident,
            and_(
                Resident.channel == Subscription.channel,
                Resident.chat_id == Subscription.chat_id,
            ),
        )
        .where(wants)
        .distinct()
        .order_by(Subscription.channel, Subscription.chat_id)
    )


async def audience_counts(
    session: AsyncSession, topic: str, town: str | None = None
) -> dict[str, int]:
    """How many people an event concerns, by language. Exact figures: who shows them rounds them."""
    people = subscribers(topic, town).order_by(None).subquery()
    rows = await session.execute(
        select(people.c.language, func.count())
        .group_by(people.c.language)
        .order_by(people.c.language)
    )
    return {language: int(count) for language, count in rows}


def comers(event_id: int) -> Select[str, int, str]:
    """Who said that they come, and has not said /stop: channel, chat number and language."""
    return (
        select(Attendance.channel, Attendance.chat_id, Resident.language)
        .join(
            Resident,
            and_(Resident.channel == Attendance.channel, Resident.chat_id == Attendance.chat_id),
        )
        .where(
            Attendance.event_id == event_id,
            Attendance.answer == Answer.COMES.value,
            Attendance.quiet.is_(False),
        )
        .order_by(Attendance.channel, Attendance.chat_id)
    )
