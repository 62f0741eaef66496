"""The pace, the broadcasts and their ledger.

Revision: 0003_broadcasts, after 0002_events.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003_broadcasts"
down_revision = "0002_events"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "broadcast_texts",
        sa.Column("broadcast_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("fallback", sa.String(length=16), nullable=True),
        sa.Column("card", sa.Boolean(), nullable=False),
        sa.Column("approved", sa.Text(), nullable=True),
        sa.Column("stopped", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("broadcast_id", "language", name=op.f("pk_broadcast_texts")),
    )
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("towns", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("urgent_reason", sa.String(length=300), nullable=False),
        sa.Column("author_channel", sa.String(length=16), nullable=True),
        sa.Column("author_chat_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("approved_version", sa.Integer(), nullable=True),
        sa.Column("scheduled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("followed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_through", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("pause_reason", sa.String(length=16), nullable=False),
        sa.Column("uncertain_choice", sa.String(length=8), nullable=True),
        sa.Column("screen_channel", sa.String(length=16), nullable=True),
        sa.Column("screen_chat_id", sa.BigInteger(), nullable=True),
        sa.Column("screen_message_id", sa.BigInteger(), nullable=True),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'waiting', 'ready', 'planning', 'running', 'paused', 'done', "
            "'cancelled')",
            name=op.f("ck_broadcasts_state_is_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("broadcasts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_broadcasts_changed_at"), ["changed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_broadcasts_event_id"), ["event_id"], unique=False)

    op.create_table(
        "chat_halts",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("halted_until", sa.Double(), nullable=False),
        sa.Column("halt_seconds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "chat_id", name=op.f("pk_chat_halts")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("broadcast_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("task", sa.String(length=8), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("claimed_by", sa.String(length=32), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'claimed', 'sending', 'sent', 'failed', 'uncertain', 'held', "
            "'left out')",
            name=op.f("ck_deliveries_state_is_known"),
        ),
        sa.CheckConstraint("task IN ('send', 'edit')", name=op.f("ck_deliveries_task_is_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint(
            "broadcast_id",
            "channel",
            "chat_id",
            name=op.f("uq_deliveries_broadcast_id_channel_chat_id"),
        ),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index("ix_deliveries_chat", ["channel", "chat_id", "sent_at"], unique=False)
        batch_op.create_index(
            "ix_deliveries_due", ["broadcast_id", "state", "due_at", "id"], unique=False
        )

    op.create_table(
        "pace_meters",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("free_at", sa.Double(), nullable=False),
        sa.Column("halted_until", sa.Double(), nullable=False),
        sa.Column("halt_seconds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_pace_meters")),
    )
    op.create_table(
        "unreachable_chats",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel", "chat_id", name=op.f("pk_unreachable_chats")),
    )
    op.create_table(
        "workers",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_workers")),
    )


def downgrade() -> None:
    op.drop_table("workers")
    op.drop_table("unreachable_chats")
    op.drop_table("pace_meters")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index("ix_deliveries_due")
        batch_op.drop_index("ix_deliveries_chat")

    op.drop_table("deliveries")
    op.drop_table("chat_halts")
    with op.batch_alter_table("broadcasts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_broadcasts_event_id"))
        batch_op.drop_index(batch_op.f("ix_broadcasts_changed_at"))

    op.drop_table("broadcasts")
    op.drop_table("broadcast_texts")
