"""Alembic's entry: runs on the connection that ``bot.db.run_migrations`` hands over."""

from typing import Any, Literal

from alembic import context

from bot import models
from bot.db import UtcDateTime


def _plain_types(kind: str, item: Any, autogenerate_context: Any) -> str | Literal[False]:
    """Migrations name SQLAlchemy's own types only: they must outlive our modules."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=models.Resident.metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=_plain_types,
)
with context.begin_transaction():
    context.run_migrations()
