"""the clock of work items and items, and historical lists.

Must run while the previous version of the program is up: add first, remove one release later. Backfills of
more than a few thousand rows are batched commands, not migrations.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "a1c0de5e9011"
down_revision: str | None = "7d1be0a3c9f2"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("item", sa.Column("escalate_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("item", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("item", sa.Column("epoch", sa.SmallInteger(), server_default=sa.text("1"), nullable=False))
    op.create_index(
        "ix_item_escalate", "item", ["escalate_at"], unique=False, postgresql_where=sa.text("escalate_at IS NOT NULL")
    )
    op.add_column("task_list", sa.Column("historical", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("work_item", sa.Column("escalate_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("work_item", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("work_item", sa.Column("epoch", sa.SmallInteger(), server_default=sa.text("1"), nullable=False))
    op.create_index(
        "ix_work_item_escalate",
        "work_item",
        ["escalate_at"],
        unique=False,
        postgresql_where=sa.text("escalate_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_work_item_escalate", table_name="work_item", postgresql_where=sa.text("escalate_at IS NOT NULL"))
    op.drop_column("work_item", "epoch")
    op.drop_column("work_item", "paused_at")
    op.drop_column("work_item", "escalate_at")
    op.drop_column("task_list", "historical")
    op.drop_index("ix_item_escalate", table_name="item", postgresql_where=sa.text("escalate_at IS NOT NULL"))
    op.drop_column("item", "epoch")
    op.drop_column("item", "paused_at")
    op.drop_column("item", "escalate_at")
