"""Opens the database of the settings, or says in one line which variable is wrong."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import SQLAlchemyError

from bot.db import Sessions, open_database
from bot.errors import SettingsError
from bot.settings import Settings


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Sessions]:
    """The migrated database, closed at the end; ``SettingsError`` when it cannot be opened."""
    try:
        sessions = await open_database(settings.database)
    except (OSError, SQLAlchemyError, TypeError) as error:
        name = "DATABASE_URL" if settings.database_url else "DATA_DIR"
        raise SettingsError(
            f"{name}: the database cannot be opened ({type(error).__name__})"
        ) from None
    try:
        yield sessions
    finally:
        await sessions.close()
