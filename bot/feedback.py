"""How often articles help: counts by month, beside which no person stands."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Feedback


@dataclass(frozen=True, slots=True)
class Verdict:
    """How often one article helped and did not, over all languages."""

    topic_id: str
    helpful: int
    unhelpful: int


async def count_feedback(
    session: AsyncSession, topic_id: str, language: str, helpful: bool, today: date
) -> None:
    """Add one "this helped" or "this did not help" to this month's count."""
    column = Feedback.helpful if helpful else Feedback.unhelpful
    month = today.replace(day=1)
    one_more = (
        update(Feedback)
        .where(
            Feedback.topic_id == topic_id, Feedback.language == language, Feedback.month == month
        )
        .values({column: column + 1})
        .returning(Feedback.topic_id)
    )
    if await session.scalar(one_more) is not None:
        return
    try:
        async with session.begin_nested():
            session.add(
                Feedback(
                    topic_id=topic_id,
                    language=language,
                    month=month,
                    helpful=int(helpful),
                    unhelpful=int(not helpful),
                )
            )
    except IntegrityError:
        # Another chat was first this month, between the two statements.
        await session.execute(one_more)


async def verdicts(session: AsyncSession, since: date) -> list[Verdict]:
    """The articles that people judged since a day, most often unhelpful first."""
    unhelpful = func.sum(Feedback.unhelpful)
    rows = await session.execute(
        select(Feedback.topic_id, func.sum(Feedback.helpful), unhelpful)
        .where(Feedback.month >= since)
        .group_by(Feedback.topic_id)
        .order_by(unhelpful.desc(), Feedback.topic_id)
    )
    return [Verdict(topic, int(yes), int(no)) for topic, yes, no in rows]
