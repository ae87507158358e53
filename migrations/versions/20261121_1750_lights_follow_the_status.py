"""lights follow the status.

Must run while the previous version of the program is up: add first, remove one release later. Backfills of
more than a few thousand rows are batched commands, not migrations.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "d4a81b7c60e5"
down_revision: str | None = "d4a8e20c71b3"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_BEFORE = "due_at, due_strength, paused_at, issued_at, ended_at"


def upgrade() -> None:
    # A plan that was accepted, or a claim, changes what the light is judged by, and both set the status.
    _arm_on(f"{_BEFORE}, status")


def downgrade() -> None:
    _arm_on(_BEFORE)


def _arm_on(columns: str) -> None:
    op.execute("DROP TRIGGER arm_light ON item")
    op.execute(f"CREATE TRIGGER arm_light BEFORE UPDATE OF {columns} ON item FOR EACH ROW EXECUTE FUNCTION arm_light()")
