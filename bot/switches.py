"""Parts of the bot that staff can switch off with a reason; contacts answer meanwhile."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import SwitchedOff
from bot.models import ModuleSwitch


class Module(StrEnum):
    """What can be switched off by itself. Danger, privacy and /forget never can."""

    ANSWERS = "answers"
    DIRECTORY = "directory"
    INTERPRETERS = "interpreters"
    REPORTS = "reports"
    EVENTS = "events"


async def switched_off(session: AsyncSession) -> dict[Module, str]:
    """The modules that are off now, and why."""
    rows = await session.scalars(select(ModuleSwitch).order_by(ModuleSwitch.module))
    return {Module(row.module): row.reason for row in rows}


async def demand_on(session: AsyncSession, module: Module) -> None:
    """Let pass while a module is on. Raises ``SwitchedOff`` with the reason."""
    reason = (await switched_off(session)).get(module)
    if reason is not None:
        raise SwitchedOff(reason)


async def switch_off(session: AsyncSession, module: Module, reason: str, now: datetime) -> None:
    """Switch a module off, or change the reason."""
    row = await session.get(ModuleSwitch, module.value)
    if row is None:
        session.add(ModuleSwitch(module=module.value, reason=reason[:300], off_since=now))
    else:
        row.reason = reason[:300]


async def switch_on(session: AsyncSession, module: Module) -> None:
    """Switch a module on again."""
    await session.execute(delete(ModuleSwitch).where(ModuleSwitch.module == module.value))
