"""Every table has a period, and a moved clock proves that deletion happens."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Model, Sessions
from bot.models import (
    Assignment,
    Attendance,
    Broadcast,
    BroadcastAuthor,
    BroadcastScreen,
    BroadcastText,
    CaseMessage,
    CaseOpening,
    CaseState,
    CaseTask,
    CaseToken,
    ChatHalt,
    ColleagueLanguage,
    Conversation,
    Delivery,
    Event,
    EventPicture,
    EventText,
    Feedback,
    Gap,
    Institution,
    InstitutionMember,
    Job,
    Letter,
    Offer,
    PoolInvitation,
    PrivateHour,
    Reminder,
    ReportCase,
    ReportLink,
    Request,
    RequestDetails,
    RequestEvent,
    Resident,
    ShownMessage,
    StaffAction,
    StaffInvitation,
    Subscription,
    UnreachableChat,
    Volunteer,
    VolunteerLanguage,
    VolunteerTally,
    WebVisitor,
    Worker,
)
from bot.retention import delete_what_is_over
from bot.volunteers import DAYS

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_SECONDS_OF_A_MONTH = timedelta(days=31)
# Tables that are kept until somebody changes them, and why.
KEPT = {
    "staff_members": "until staff remove it or the person says /forget",
    "module_switches": "until staff switch the part on",
    "practices": "the office's list, until the next import",
    "bot_names": "the bot's own name",
    "assignments": "the allowance ledger, for its legal period of ten years",
    "report_arrivals": "until the next fixed hour",
    "figures": "counts that lead to no case",
    "figure_releases": "what was published",
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
        *_pool_rows(day, moment),
        ReportCase(id="c", lookup=b"l" * 32, week="2026-W48", sealed=b"s"),
        CaseMessage(
            id="m", case_id="c", direction="note", week="2026-W48", noticed=False, sealed=b"s"
        ),
        CaseTask(id="t", case_id="c", step="close", due_on=day),
        CaseState(case_id="c", state="closed", urgent=False, closed_on=day),
        CaseOpening(case_id="c", staff_id=1, at=moment),
        CaseToken(staff_id=1, token_hash=b"h" * 32, made_at=moment),
        ReportLink(tag=b"t" * 32, owner=b"o" * 32, sealed=b"s", renewed_on=day),
        PrivateHour(bucket=7, run="r", at=moment),
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


def _pool_rows(day: date, moment: datetime) -> list[Model]:
    """Something in every table of the Dolmetsch-Pool."""
    chat: dict[str, Any] = {"channel": "telegram", "chat_id": 1}
    hours = dict.fromkeys(DAYS, 0)
    volunteer = Volunteer(
        id=1, **chat, name="n", phone="p", german="c1", municipality="m", towns=[], on_site=True,
        by_phone=True, by_video=True, quiet_from=0, quiet_until=0, weekly_cap=3, certificate="",
        excluded_topics=[], consented_at=moment, applied_at=moment, state="approved", seen_on=day,
        **hours,
    )  # fmt: skip
    request = Request(
        id=1, institution_id=1, language="kmr", substitutes=[], lane="appointment", mode="phone",
        municipality="m", topic="other", wants_standby=False, starts_at=moment, ends_at=moment,
        opened_at=moment, searched_from=moment, state="done", interpreter_id=1,
    )  # fmt: skip
    return [
        volunteer,
        VolunteerLanguage(volunteer_id=1, language="kmr", level="native"),
        VolunteerTally(volunteer_id=1, part="workday-morning", asked=1, yes=1, no=0),
        Institution(
            id=1, **chat, kind="school", name="n", municipality="m", contact="c", phone="p",
            state="approved", registered_at=moment, seen_on=day,
        ),
        request,
        InstitutionMember(institution_id=1, **chat, joined_at=moment),
        PoolInvitation(token_hash=b"p" * 32, expires_at=moment, digits=42),
        ColleagueLanguage(language="kmr", colleague="c", phone="", checked_on=day),
        RequestDetails(request_id=1, **chat, address="a", reach="r", note="", ends_at=moment),
        RequestEvent(request_id=1, kind="opened", number=0, at=moment),
        Offer(
            request_id=1, volunteer_id=1, wave=1, chance=0.5, score=0.5, reasons={},
            offered_at=moment, part="workday-morning", state="yes",
        ),
        Assignment(
            request_id=1, volunteer_id=1, **chat, volunteer_name="n", institution_name="i",
            language="kmr", mode="phone", municipality="m", starts_at=moment, ends_at=moment,
            planned_minutes=60,
        ),
        ShownMessage(request_id=1, **chat, message_id=1, kind="details"),
        Job(kind="look_after", subject=1, due_at=moment),
    ]  # fmt: skip


async def _keep_everything(session: AsyncSession) -> None:
    for row in _rows(NOW.date(), NOW):
        session.add(row)
        await session.flush()  # in this order: rows name others


async def _counts(sessions: Sessions) -> dict[str, int]:
    async with sessions.begin() as session:
        return {
            table.name: await session.scalar(select(func.count()).select_from(table)) or 0
            for table in Model.metadata.sorted_tables
        }


async def test_everything_goes_in_its_time(empty: Sessions) -> None:
    """Nothing goes on the first day; after three years nothing of it is left."""
    async with empty.begin() as session:
        await _keep_everything(session)
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
        await _keep_everything(session)
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
        await _keep_everything(session)
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
        await _keep_everything(session)
    async with empty.begin() as session:
        await delete_what_is_over(session, NOW + timedelta(days=365))
    assert (await _counts(empty))["subscriptions"] == 1
    async with empty.begin() as session:
        await delete_what_is_over(session, NOW + timedelta(days=366))
    counts = await _counts(empty)
    assert (counts["subscriptions"], counts["residents"]) == (0, 0)
