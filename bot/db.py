"""The database: one engine, short transactions, the same code on SQLite and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from sqlalchemy import JSON, DateTime, Dialect, MetaData, event, text
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.types import TypeDecorator

MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 7_203_114  # any number of our own; PostgreSQL advisory locks are per database
_BUSY_SECONDS = 30
_Result = TypeVar("_Result")
_in_transaction: ContextVar[bool] = ContextVar("in_transaction", default=False)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always aware and in UTC. A naive moment is refused: it would be a guess."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments; SQLite keeps no zone, so everything is turned to UTC first."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must carry its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Model(DeclarativeBase):
    """A row. Says what is so and decides nothing."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
    }


def create_engine(address: str) -> AsyncEngine:
    """An engine for a SQLAlchemy address.

    SQLite: WAL, ``BEGIN IMMEDIATE`` for every transaction (a deferred one fails at once with
    "database is locked", whatever the timeout), one connection a process, deleted content
    overwritten. Statement parameters never reach a log or an error text.
    """
    if not address.startswith("sqlite"):
        return create_async_engine(address, hide_parameters=True, pool_pre_ping=True)
    engine = create_async_engine(
        address,
        hide_parameters=True,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=_BUSY_SECONDS,
        connect_args={"timeout": _BUSY_SECONDS},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, record: object) -> None:
        # SQLAlchemy, not the driver, says when a transaction begins.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


class Sessions:
    """Opens transactions: ``async with sessions.begin() as session``; the end of the block commits.

    A transaction inside another one of the same task is refused at once: on SQLite, with its
    one connection, it would wait for itself.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._maker = async_sessionmaker(engine, expire_on_commit=False)

    @property
    def sqlite(self) -> bool:
        """Whether the embedded database is used (one process) instead of PostgreSQL."""
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """A session in a transaction; committed at the end, rolled back by an exception."""
        if _in_transaction.get():
            raise RuntimeError("a transaction is already open in this task")
        token = _in_transaction.set(True)
        try:
            async with self._maker.begin() as session:
                yield session
        finally:
            _in_transaction.reset(token)

    async def close(self) -> None:
        """Give the connections back; on SQLite the journal is folded into the file first."""
        if self.sqlite:
            await self.fold_journal()
        await self.engine.dispose()

    async def fold_journal(self) -> None:
        """Move SQLite's journal into the file and empty it, so that nothing deleted stays there."""
        async with self.engine.connect() as connection:
            # Past SQLAlchemy, which would begin a transaction first: then nothing can be folded.
            driver: Any = (await connection.get_raw_connection()).driver_connection
            await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def undisturbed(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Let work with the database come to its end even when whoever waits for it is cancelled.

    A transaction that is cancelled half way costs its connection; SQLite has only one.
    """
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


async def migrate(engine: AsyncEngine, revision: str = "head") -> None:
    """Bring the tables to a revision; several processes starting at once do it one by one."""
    async with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            await connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK}
            )
        await run_migrations(connection, revision)


async def run_migrations(connection: AsyncConnection, revision: str) -> None:
    """Run Alembic up or down to a revision on an open connection."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    def run(sync_connection: Any) -> None:
        config.attributes["connection"] = sync_connection
        if revision.startswith("-") or revision == "base":
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)

    await connection.run_sync(run)


async def open_database(address: str) -> Sessions:
    """A migrated database, ready for use; the folder of a SQLite file is made where it is missing.

    Raises ``OSError`` or SQLAlchemy's errors when the database cannot be reached.
    """
    if address.startswith("sqlite+aiosqlite:///"):
        folder = Path(address.removeprefix("sqlite+aiosqlite:///")).parent
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    engine = create_engine(address)
    try:
        await migrate(engine)
    except BaseException:
        await engine.dispose()
        raise
    return Sessions(engine)
