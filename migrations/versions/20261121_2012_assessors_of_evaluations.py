"""assessors of evaluations.

Who scores the body that hosts the office, and which units are listed though they had no task.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "7ed07bf4a704"
down_revision: str | None = "b70f7796a4b1"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def _listed(name: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=sa.text("'[]'"))


def upgrade() -> None:
    op.add_column("evaluation", _listed("assessors"))
    op.add_column("evaluation", _listed("without_tasks"))
    # Only the rows that are there needed it.
    for column in ("assessors", "without_tasks"):
        op.alter_column("evaluation", column, server_default=None)


def downgrade() -> None:
    op.drop_column("evaluation", "without_tasks")
    op.drop_column("evaluation", "assessors")
