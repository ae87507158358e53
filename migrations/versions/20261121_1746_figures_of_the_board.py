"""figures of the board.

Must run while the previous version of the program is up: add first, remove one release later. Backfills of
more than a few thousand rows are batched commands, not migrations.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "d4a8e20c71b3"
down_revision: str | None = "c3f1d7a95e20"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "board_summary",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_unit_id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["task_list.id"], name=op.f("fk_board_summary_list_id_task_list")),
        sa.ForeignKeyConstraint(["office_unit_id"], ["unit.id"], name=op.f("fk_board_summary_office_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_summary")),
        sa.UniqueConstraint(
            "office_unit_id",
            "list_id",
            name=op.f("uq_board_summary_office_unit_id_list_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        "ix_item_behind",
        "item",
        ["light", "light_since", "id"],
        postgresql_where=sa.text("light IN ('red', 'yellow')"),
    )


def downgrade() -> None:
    op.drop_index("ix_item_behind", table_name="item")
    op.drop_table("board_summary")
