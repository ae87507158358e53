"""where the ledger prints an item is kept with it.

Must run while the previous version of the program is up: a trigger fills the columns, whoever inserts. The update goes
over every item once (3 s for 100,000), because rows without a place would be missing from a page in printed order.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "b2f7d90c4e18"
down_revision: str | None = "7c41e0d98a35"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

PLACE = """
CREATE FUNCTION place_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT created_at INTO STRICT NEW.listed_at FROM task_list WHERE id = NEW.list_id;
  NEW.place := NEW.position;
  IF NEW.parent_id IS NOT NULL THEN
    SELECT place INTO STRICT NEW.place FROM item WHERE id = NEW.parent_id;
  END IF;
  RETURN NEW;
END $$
"""
COLUMNS = ("listed_at", "list_id", "place", "position", "id")


def upgrade() -> None:
    op.add_column("item", sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("item", sa.Column("place", sa.Integer(), nullable=True))
    op.execute(PLACE)
    op.execute(
        "CREATE TRIGGER place_item BEFORE INSERT OR UPDATE OF list_id, parent_id, position ON item FOR EACH ROW"
        " EXECUTE FUNCTION place_item()"
    )
    op.execute(
        "UPDATE item i SET listed_at = l.created_at, place = coalesce(p.position, own.position)"
        " FROM item own JOIN task_list l ON l.id = own.list_id LEFT JOIN item p ON p.id = own.parent_id"
        " WHERE own.id = i.id"
    )
    op.alter_column("item", "listed_at", nullable=False)
    op.alter_column("item", "place", nullable=False)
    op.create_index("ix_item_printed", "item", COLUMNS, postgresql_where=sa.text("kind = 'task'"))


def downgrade() -> None:
    op.drop_index("ix_item_printed", "item")
    op.execute("DROP TRIGGER place_item ON item")
    op.execute("DROP FUNCTION place_item")
    op.drop_column("item", "place")
    op.drop_column("item", "listed_at")
