"""``/stop`` and ``/forget``: nothing more is sent, and what is on its way is taken back."""

from sqlalchemy import and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.events.answers import Answer
from bot.models import Attendance, Chat, Event, Letter, Reminder, Subscription

LETTER_KINDS = ("event_moved_up", "event_reminder", "event_changed", "event_cancelled")
"""The letters about events that ``handlers/delivery.py`` finds words for."""


async def be_quiet(session: AsyncSession, chat: Chat) -> list[Event]:
    """End everything that would write to somebody; returns the events they still have places at.

    A place stays theirs: losing it without asking would be worse than silence. They are not told
    of changes any more, and whoever only waited waits no longer.
    """
    for model in (Subscription, Reminder):
        await session.execute(
            delete(model).where(model.channel == chat.channel, model.chat_id == chat.id)
        )
    await session.execute(
        delete(Letter).where(
            Letter.channel == chat.channel,
            Letter.chat_id == chat.id,
            Letter.kind.in_(LETTER_KINDS),
        )
    )
    mine = and_(Attendance.channel == chat.channel, Attendance.chat_id == chat.id)
    await session.execute(delete(Attendance).where(mine, Attendance.answer != Answer.COMES.value))
    await session.execute(update(Attendance).where(mine).values(quiet=True))
    rows = await session.scalars(
        select(Event)
        .join(Attendance, Attendance.event_id == Event.id)
        .where(mine)
        .order_by(Attendance.occurs_at, Event.id)
    )
    return list(rows)
