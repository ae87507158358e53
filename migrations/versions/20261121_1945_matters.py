"""matters.

Must run while the previous version of the program is up: add first, remove one release later. Backfills of
more than a few thousand rows are batched commands, not migrations.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "e1b7c2d94f60"
down_revision: str | None = "b7e40c5d2a91"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_LEDGER = ["office_unit_id", "status", "due_at", "id"]
# A matter has no light, whatever changes about it.
_ARM_ITEM = """
CREATE OR REPLACE FUNCTION arm_light() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {body}
    RETURN NEW;
END $$
"""
_ARM_BY_FACT = """
CREATE OR REPLACE FUNCTION arm_light_of_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE item SET light_check_at = 'epoch' WHERE id = NEW.item_id{condition};
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.add_column("item", sa.Column("kind", sa.String(), server_default=sa.text("'task'"), nullable=False))
    op.create_table(
        "matter_counter",
        sa.Column("office_unit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["office_unit_id"], ["unit.id"], name=op.f("fk_matter_counter_office_unit_id_unit")),
        sa.PrimaryKeyConstraint("office_unit_id", "kind", "year", name=op.f("pk_matter_counter")),
    )
    op.execute("CREATE SEQUENCE matter_position AS integer")
    op.drop_index("ix_item_ledger", table_name="item")
    op.create_index("ix_item_ledger", "item", _LEDGER, postgresql_where=sa.text("kind = 'task'"))
    op.create_index(
        "ix_item_matter", "item", ["office_unit_id", "kind", "created_at"], postgresql_where=sa.text("kind <> 'task'")
    )
    op.execute(_ARM_ITEM.format(body="IF NEW.kind = 'task' THEN NEW.light_check_at := 'epoch'; END IF;"))
    op.execute(_ARM_BY_FACT.format(condition=" AND kind = 'task'"))


def downgrade() -> None:
    op.execute(_ARM_BY_FACT.format(condition=""))
    op.execute(_ARM_ITEM.format(body="NEW.light_check_at := 'epoch';"))
    op.drop_index("ix_item_matter", table_name="item")
    op.drop_index("ix_item_ledger", table_name="item")
    op.create_index("ix_item_ledger", "item", _LEDGER)
    op.execute("DROP SEQUENCE matter_position")
    op.drop_table("matter_counter")
    op.drop_column("item", "kind")
