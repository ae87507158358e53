"""what recommendations of an assessment became.

Must run while the previous version of the program is up: add first, remove one release later. Backfills of
more than a few thousand rows are batched commands, not migrations.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "5d0c94a1b7e2"
down_revision: str | None = "83dfc02d5d0f"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("recommendation", sa.Column("became_as", sa.String(), nullable=True))
    op.add_column("recommendation", sa.Column("became_instance_id", sa.Uuid(), nullable=True))
    # What was settled before became an item or the number of a paper; only the first has a row to point at.
    op.execute("UPDATE recommendation SET became_as = 'item' WHERE became_id IS NOT NULL")
    op.create_check_constraint(
        op.f("ck_recommendation_answered"),
        "recommendation",
        "settled_at IS NULL OR became_id IS NOT NULL OR document_number IS NOT NULL OR dropped_because IS NOT NULL",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_recommendation_answered"), "recommendation", type_="check")
    op.drop_column("recommendation", "became_instance_id")
    op.drop_column("recommendation", "became_as")
