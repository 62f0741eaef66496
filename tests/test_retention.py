"""Every table has a period, and a moved clock proves that deletion happens."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select

from bot.db import Model, Sessions
from bot.models import (
    Attendance,
    Broadcast,
    BroadcastAuthor,
    BroadcastScreen,
    BroadcastText,
    ChatHalt,
    Conversation,
    Delivery,
    Event,
    EventPicture,
    EventText,
    Feedback,
    Gap,
    Letter,
    Reminder,
    Resident,
    StaffAction,
    StaffInvitation,
    Subscription,
    UnreachableChat,
    WebVisitor,
    Worker,
)
from bot.retention import delete_what_is_over

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_SECONDS_OF_A_MONTH = timedelta(days=31)
# Tables that are kept until somebody changes them, and why.
KEPT = {
    "staff_members": "until staff remove it or the person says /forget",
    "module_switches": "until staff switch the part on",
    "practices": "the office's list, until the next import",
    "bot_names": "the bot's own name",
    "pace_meters": "one row for all messages together, always overwritten",
}


def _rows(day: date, moment: datetime) -> list[Model]:
    return [
        Resident(
            channel="telegram", chat_id=1, language="de", consent_version="1", last_seen_on=day
        ),
        Resident(
            channel="webchat", chat_id=1, language="de", consent_version="1", last_seen_on=day
        ),
        WebVisitor(chat_id=1, secret_hash=b"h" * 32, last_seen_on=day),
        Conversation(channel="telegram", chat_id=1, state="s", data={}, updated_at=moment),
        Gap(terms="kurs", language="de", asked_on=day, run="r", residents=3),
        Feedback(
            topic_id="pension", language="de", month=day.replace(day=1), helpful=1, unhelpful=0
        ),
        StaffInvitation(token_hash=b"t" * 32, role="editor", expires_at=moment, digits=42),
        StaffAction(action="a", detail="", at=moment),
        Broadcast(id=1, state="done", changed_at=moment, followed_at=moment, ends_at=moment),
        BroadcastText(broadcast_id=1, language="de", html="x", changed_at=moment),
        BroadcastAuthor(broadcast_id=1, channel="telegram", chat_id=1, changed_at=moment),
        BroadcastScreen(
            broadcast_id=1, channel="telegram", chat_id=1, message_id=1, shown_at=moment
        ),
        Delivery(broadcast_id=1, channel="telegram", chat_id=1, state="sent", due_at=moment),
        UnreachableChat(channel="telegram", chat_id=1, reason="blocked", since=moment),
        ChatHalt(channel="telegram", chat_id=1, halted_until=moment.timestamp(), halt_seconds=1.0),
        Worker(name="w", seen_at=moment),
        Letter(channel="telegram", chat_id=1, kind="k", content={}, due_at=moment),
        *_events(moment),
    ]


def _events(moment: datetime) -> list[Model]:
    """An event that is over at a moment, what belongs to it, and who wanted to know and comes."""
    return [
        Event(
            id=1,
            uid="a@b",
            state="announced",
            topic="sport",
            title="t",
            text="t",
            place="",
            address="",
            starts_at=moment - timedelta(hours=2),
            over_at=moment,
            languages="",
            registration="",
            registration_at="",
            created_at=moment,
            changed_at=moment,
        ),
        EventText(event_id=1, language="en", title="t", text="t", changed_at=moment),
        EventPicture(event_id=1, content=b"x"),
        Subscription(channel="telegram", chat_id=1, topic="sport", municipality=""),
        Attendance(
            event_id=1,
            channel="telegram",
            chat_id=1,
            answer="comes",
            places=1,
            occurs_at=moment - timedelta(hours=2),
            over_at=moment,
            answered_at=moment,
        ),
        Reminder(event_id=1, channel="telegram", chat_id=1, occurs_at=moment, due_at=moment),
    ]


async def _counts(sessions: Sessions) -> dict[str, int]:
    async with sessions.begin() as session:
        return {
            table.name: await session.scalar(select(func.count()).select_from(table)) or 0
            for table in Model.metadata.sorted_tables
        }


async def test_everything_goes_in_its_time(empty: Sessions) -> None:
    """Nothing goes on the first day; after three years nothing of it is left."""
    async with empty.begin() as session:
        session.add_all(_rows(NOW.date(), NOW))
    before = await _counts(empty)
    filled = {name for name, count in before.items() if count}
    assert filled | set(KEPT) == set(before), "a table without a period"
    async with empty.begin() as session:
        assert await delete_what_is_over(session, NOW) == 0
    async with empty.begin() as session:
        await delete_what_is_over(session, NOW + timedelta(days=3 * 365))
    after = await _counts(empty)
    assert {name: count for name, count in after.items() if count and name not in KEPT} == {}


async def test_a_tab_lives_a_month_and_a_chat_a_year(empty: Sessions) -> None:
    """The chat page forgets sooner than Telegram: its visitor cannot come back."""
    async with empty.begin() as session:
        session.add_all(_rows(NOW.date(), NOW))
    async with empty.begin() as session:
        await delete_what_is_over(session, NOW + _SECONDS_OF_A_MONTH)
        left = list(await session.scalars(select(Resident.channel)))
        assert left == ["telegram"]
        assert await session.scalar(select(func.count()).select_from(WebVisitor)) == 0
    async with empty.begin() as session:
        await delete_what_is_over(session, NOW + timedelta(days=366))
        assert list(await session.scalars(select(Resident.channel))) == []


async def test_who_came_is_forgotten_after_two_weeks_and_the_event_after_a_year(
    empty: Sessions,
) -> None:
    """Nobody can say later who was where; what was on stays a little longer."""
    async with empty.begin() as session:
        session.add_all(_rows(NOW.date(), NOW))
    for days, left in (
        (13, {"attendances": 1, "reminders": 1, "events": 1, "subscriptions": 1}),
        (15, {"attendances": 0, "reminders": 0, "events": 1, "subscriptions": 1}),
        (364, {"attendances": 0, "reminders": 0, "events": 1, "subscriptions": 1}),
        (367, {"events": 0, "event_texts": 0, "event_pictures": 0, "subscriptions": 0}),
    ):
        async with empty.begin() as session:
            await delete_what_is_over(session, NOW + timedelta(days=days))
        counts = await _counts(empty)
        assert {name: counts[name] for name in left} == left, days


async def test_a_subscription_stays_as_long_as_its_resident(empty: Sessions) -> None:
    """Whoever still writes keeps it, whoever has not written for a year loses it."""
    async with empty.begin() as session:
        session.add_all(_rows(NOW.date(), NOW))
    async with empty.begin() as session:
        await delete_what_is_over(session, NOW + timedelta(days=365))
    assert (await _counts(empty))["subscriptions"] == 1
    async with empty.begin() as session:
        await delete_what_is_over(session, NOW + timedelta(days=366))
    counts = await _counts(empty)
    assert (counts["subscriptions"], counts["residents"]) == (0, 0)
