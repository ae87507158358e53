"""changes of a whole list, which set deadlines of issued items anew beside the printed ones.

Must run while the previous version of the program is up: add first, remove one release later. Backfills of
more than a few thousand rows are batched commands, not migrations.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "6727629d36fa"
down_revision: str | None = "e7d220fe5de7"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# What was printed stands, also its mark, unless a change of the whole list has set another beside it.
_KEEP_DEADLINE = """
CREATE OR REPLACE FUNCTION keep_original_deadline() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM item WHERE id = OLD.item_id AND issued_at IS NOT NULL){but} THEN
        RAISE EXCEPTION 'the original deadline of an issued item stands'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
"""
_BUT = (
    " AND (OLD.replaced_at IS NOT NULL OR NOT EXISTS (SELECT FROM item_deadline n"
    " WHERE n.item_id = OLD.item_id AND n.set_at IS NOT NULL AND n.position > OLD.position))"
)


def upgrade() -> None:
    op.add_column("item_deadline", sa.Column("set_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(_KEEP_DEADLINE.format(but=_BUT))
    op.create_table(
        "list_change",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("document_number", sa.String(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by", sa.Uuid(), nullable=True),
        sa.Column("in_force_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_list_change_item_id_item")),
        sa.ForeignKeyConstraint(["list_id"], ["task_list.id"], name=op.f("fk_list_change_list_id_task_list")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_list_change")),
        sa.UniqueConstraint("list_id", "number", name=op.f("uq_list_change_list_id_number")),
    )
    op.create_table(
        "list_change_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"], ["list_change.item_id"], name=op.f("fk_list_change_entry_change_id_list_change")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_list_change_entry_item_id_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_change_entry")),
    )
    op.create_index("ix_list_change_entry_change", "list_change_entry", ["change_id", "position"], unique=False)
    op.create_index(op.f("ix_list_change_entry_item_id"), "list_change_entry", ["item_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_list_change_entry_item_id"), table_name="list_change_entry")
    op.drop_index("ix_list_change_entry_change", table_name="list_change_entry")
    op.drop_table("list_change_entry")
    op.drop_table("list_change")
    op.execute(_KEEP_DEADLINE.format(but=""))
    op.drop_column("item_deadline", "set_at")
