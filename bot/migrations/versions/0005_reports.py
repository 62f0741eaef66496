"""Reports and cases.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_messages",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("case_id", sa.String(length=16), nullable=False),
        sa.Column("direction", sa.String(length=16), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("noticed", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_messages")),
    )
    with op.batch_alter_table("case_messages", schema=None) as batch_op:
        batch_op.create_index("ix_case_messages_case_id", ["case_id"], unique=False)

    op.create_table(
        "case_openings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.String(length=16), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_openings")),
    )
    with op.batch_alter_table("case_openings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_openings_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_openings_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_states",
        sa.Column("case_id", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("substatus", sa.String(length=32), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("worker_staff_id", sa.BigInteger(), nullable=True),
        sa.Column("closing_staff_id", sa.BigInteger(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_states")),
    )
    with op.batch_alter_table("case_states", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_states_closed_on"), ["closed_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_states_state"), ["state"], unique=False)

    op.create_table(
        "case_tasks",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("case_id", sa.String(length=16), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_tasks")),
    )
    with op.batch_alter_table("case_tasks", schema=None) as batch_op:
        batch_op.create_index("ix_case_tasks_case_id", ["case_id"], unique=False)

    op.create_table(
        "case_tokens",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_case_tokens_token_hash")),
    )
    op.create_table(
        "figure_releases",
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=False),
        sa.Column("tables", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("period", name=op.f("pk_figure_releases")),
    )
    op.create_table(
        "figures",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("form", sa.String(length=32), nullable=False),
        sa.Column("motive", sa.String(length=32), nullable=False),
        sa.Column("town", sa.String(length=64), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("release", sa.String(length=8), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figures")),
    )
    with op.batch_alter_table("figures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_figures_release"), ["release"], unique=False)

    op.create_table(
        "private_hours",
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "run", name=op.f("pk_private_hours")),
    )
    op.create_table(
        "report_arrivals",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_arrivals")),
    )
    with op.batch_alter_table("report_arrivals", schema=None) as batch_op:
        batch_op.create_index("ix_report_arrivals_lookup", ["lookup"], unique=False)

    op.create_table(
        "report_cases",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_cases")),
        sa.UniqueConstraint("lookup", name=op.f("uq_report_cases_lookup")),
    )
    op.create_table(
        "report_links",
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("owner", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("renewed_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_report_links")),
    )
    with op.batch_alter_table("report_links", schema=None) as batch_op:
        batch_op.create_index("ix_report_links_owner", ["owner"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("report_links", schema=None) as batch_op:
        batch_op.drop_index("ix_report_links_owner")

    op.drop_table("report_links")
    op.drop_table("report_cases")
    with op.batch_alter_table("report_arrivals", schema=None) as batch_op:
        batch_op.drop_index("ix_report_arrivals_lookup")

    op.drop_table("report_arrivals")
    op.drop_table("private_hours")
    with op.batch_alter_table("figures", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_figures_release"))

    op.drop_table("figures")
    op.drop_table("figure_releases")
    op.drop_table("case_tokens")
    with op.batch_alter_table("case_tasks", schema=None) as batch_op:
        batch_op.drop_index("ix_case_tasks_case_id")

    op.drop_table("case_tasks")
    with op.batch_alter_table("case_states", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_states_state"))
        batch_op.drop_index(batch_op.f("ix_case_states_closed_on"))

    op.drop_table("case_states")
    with op.batch_alter_table("case_openings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_openings_case_id"))
        batch_op.drop_index(batch_op.f("ix_case_openings_at"))

    op.drop_table("case_openings")
    with op.batch_alter_table("case_messages", schema=None) as batch_op:
        batch_op.drop_index("ix_case_messages_case_id")

    op.drop_table("case_messages")
