"""which report or assessment the clue of a case came from.

Must run while the previous version of the program is up: add first, remove one release later. Backfills of
more than a few thousand rows are batched commands, not migrations.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "7c41e0d98a35"
down_revision: str | None = "5d0c94a1b7e2"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("replication_case", sa.Column("source_round_id", sa.Uuid(), nullable=True))
    op.add_column("replication_case", sa.Column("source_assessment_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_replication_case_source_round_id_progress_round"),
        "replication_case",
        "progress_round",
        ["source_round_id"],
        ["id"],
    )
    op.create_foreign_key(
        op.f("fk_replication_case_source_assessment_id_item"),
        "replication_case",
        "item",
        ["source_assessment_id"],
        ["id"],
    )
    # Until now the assessment stood where the task belongs.
    op.execute(
        "UPDATE replication_case SET source_assessment_id = source_item_id, source_item_id = NULL"
        " WHERE source_item_id IN (SELECT item_id FROM assessment)"
    )


def downgrade() -> None:
    op.execute(
        "UPDATE replication_case SET source_item_id = source_assessment_id WHERE source_assessment_id IS NOT NULL"
    )
    op.drop_constraint(op.f("fk_replication_case_source_assessment_id_item"), "replication_case", type_="foreignkey")
    op.drop_constraint(
        op.f("fk_replication_case_source_round_id_progress_round"), "replication_case", type_="foreignkey"
    )
    op.drop_column("replication_case", "source_assessment_id")
    op.drop_column("replication_case", "source_round_id")
