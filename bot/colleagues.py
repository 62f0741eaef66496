"""The colleagues' languages ("Sprachvielfalt im Haus"): who in the house speaks what.

Staff keep the list. It is named when nobody of the pool was found.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotEligible, NothingToDo
from bot.models import Chat, ColleagueLanguage, StaffMember
from bot.staff import Action, note
from bot.texts import HOUSE_TIME


async def colleagues_for(
    session: AsyncSession, languages: Collection[str]
) -> list[ColleagueLanguage]:
    """Colleagues of the house who speak one of the languages."""
    rows = await session.scalars(
        select(ColleagueLanguage)
        .where(ColleagueLanguage.language.in_(languages))
        .order_by(ColleagueLanguage.language, ColleagueLanguage.colleague, ColleagueLanguage.id)
    )
    return list(rows)


async def all_colleagues(session: AsyncSession) -> list[ColleagueLanguage]:
    """The whole list, by language."""
    rows = await session.scalars(
        select(ColleagueLanguage).order_by(
            ColleagueLanguage.language, ColleagueLanguage.colleague, ColleagueLanguage.id
        )
    )
    return list(rows)


async def add_colleague(
    session: AsyncSession, chat: Chat, language: str, colleague: str, phone: str, now: datetime
) -> ColleagueLanguage:
    """Put a colleague (with their consent) on the list. Raises ``NotEligible`` without a name."""
    if not colleague.strip():
        raise NotEligible(("name",))
    staff_id = await session.scalar(
        select(func.min(StaffMember.id)).where(
            StaffMember.channel == chat.channel, StaffMember.chat_id == chat.id
        )
    )
    row = ColleagueLanguage(
        language=language,
        colleague=colleague.strip()[:160],
        phone=phone.strip()[:40],
        added_by_staff_id=staff_id,
        checked_on=now.astimezone(HOUSE_TIME).date(),
    )
    session.add(row)
    await session.flush()
    await note(session, chat, Action.KEEP_COLLEAGUES, f"#{row.id}", now)
    return row


async def remove_colleague(
    session: AsyncSession, chat: Chat, colleague_id: int, now: datetime
) -> None:
    """Take a colleague off the list. Raises ``NothingToDo``."""
    gone = await session.scalar(
        delete(ColleagueLanguage)
        .where(ColleagueLanguage.id == colleague_id)
        .returning(ColleagueLanguage.id)
    )
    if gone is None:
        raise NothingToDo
    await note(session, chat, Action.KEEP_COLLEAGUES, f"removed #{colleague_id}", now)
