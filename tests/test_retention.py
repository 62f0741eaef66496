"""Every table has a period, and a moved clock proves that deletion happens."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select

from bot.db import Model, Sessions
from bot.models import (
    CaseMessage,
    CaseOpening,
    CaseState,
    CaseTask,
    CaseToken,
    Conversation,
    Feedback,
    Gap,
    Letter,
    PrivateHour,
    ReportCase,
    ReportLink,
    Resident,
    StaffAction,
    StaffInvitation,
    WebVisitor,
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
    "report_arrivals": "until the next fixed hour",
    "figures": "counts that lead to no case",
    "figure_releases": "what was published",
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
        Letter(channel="telegram", chat_id=1, kind="k", content={}, due_at=moment),
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
