"""Tables go up, down and up again, and then equal the models, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.db import MIGRATIONS, Model, create_engine, run_migrations
from bot.models import Resident


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """An empty database."""
    if request.param == "sqlite":
        engine = create_engine(f"sqlite+aiosqlite:///{tmp_path / 'empty.sqlite'}")
        yield engine
        await engine.dispose()
        return
    address: str = request.getfixturevalue("postgres_address")
    admin = create_engine(address)
    async with admin.connect() as connection:
        plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await plain.execute(text("DROP DATABASE IF EXISTS stairway"))
        await plain.execute(text("CREATE DATABASE stairway"))
    await admin.dispose()
    engine = create_engine(address.rsplit("/", 1)[0] + "/stairway")
    yield engine
    await engine.dispose()


async def test_the_stairway(engine: AsyncEngine) -> None:
    """Every step can be taken up, down and up again; at the end there are the models' tables."""
    script = ScriptDirectory(str(MIGRATIONS))
    revisions = [revision.revision for revision in reversed(list(script.walk_revisions()))]
    assert revisions
    for number, revision in enumerate(revisions):
        below = revisions[number - 1] if number else "base"
        for step in (revision, below, revision):
            async with engine.begin() as connection:
                if step == below:
                    await run_migrations(connection, "-1")
                else:
                    await run_migrations(connection, step)

    def compare(connection: Connection) -> tuple[list[object], set[str]]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Resident.metadata)
        return list(differences), set(inspect(connection).get_table_names())

    async with engine.connect() as connection:
        differences, tables = await connection.run_sync(compare)
    assert differences == []
    assert tables == {*Model.metadata.tables, "alembic_version"}
