"""how much is done by a day is counted ahead for large lists, with their board.

Must run while the previous version of the program is up: its own counts have no completion, and are counted anew.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "d41f6ab03c97"
down_revision: str | None = "6727629d36fa"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("board_summary", sa.Column("completion", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("board_summary", "completion")
