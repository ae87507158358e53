"""suspensions, triggers and history.

Must run while the previous version of the program is up: add first, remove one release later. Backfills of
more than a few thousand rows are batched commands, not migrations.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "b7e4c1d09a32"
down_revision: str | None = "75d88be21c6e"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "responsibility_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("new_unit_id", sa.Uuid(), nullable=False),
        sa.Column("old_unit_id", sa.Uuid(), nullable=True),
        sa.Column("old_stays", sa.Boolean(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_responsibility_change_item_id_item")),
        sa.ForeignKeyConstraint(["new_unit_id"], ["unit.id"], name=op.f("fk_responsibility_change_new_unit_id_unit")),
        sa.ForeignKeyConstraint(["old_unit_id"], ["unit.id"], name=op.f("fk_responsibility_change_old_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responsibility_change")),
    )
    op.create_index(op.f("ix_responsibility_change_item_id"), "responsibility_change", ["item_id"], unique=False)
    op.create_index(
        "ix_responsibility_change_waiting",
        "responsibility_change",
        ["effective_on"],
        unique=False,
        postgresql_where=sa.text("applied_at IS NULL"),
    )
    op.create_table(
        "suspension",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=True),
        sa.Column("document_number", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resumed_by", sa.Uuid(), nullable=True),
        sa.Column("resumed_because", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_suspension_item_id_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspension")),
    )
    op.create_index(op.f("ix_suspension_item_id"), "suspension", ["item_id"], unique=False)
    op.create_index(
        "ix_suspension_until", "suspension", ["until_on"], unique=False, postgresql_where=sa.text("resumed_at IS NULL")
    )
    op.create_index(
        "uq_suspension_open", "suspension", ["item_id"], unique=True, postgresql_where=sa.text("resumed_at IS NULL")
    )
    op.create_table(
        "trigger_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=True),
        sa.Column("document_number", sa.String(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_trigger_event_item_id_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trigger_event")),
    )
    op.create_index(op.f("ix_trigger_event_item_id"), "trigger_event", ["item_id"], unique=False)
    op.add_column("deadline_change", sa.Column("kind", sa.String(), server_default="original", nullable=False))
    op.add_column("deadline_change", sa.Column("instance_id", sa.Uuid(), nullable=True))
    op.add_column("item", sa.Column("historical", sa.Boolean(), server_default=sa.text("false"), nullable=False))


def downgrade() -> None:
    op.drop_column("item", "historical")
    op.drop_column("deadline_change", "instance_id")
    op.drop_column("deadline_change", "kind")
    op.drop_index(op.f("ix_trigger_event_item_id"), table_name="trigger_event")
    op.drop_table("trigger_event")
    op.drop_index("uq_suspension_open", table_name="suspension", postgresql_where=sa.text("resumed_at IS NULL"))
    op.drop_index("ix_suspension_until", table_name="suspension", postgresql_where=sa.text("resumed_at IS NULL"))
    op.drop_index(op.f("ix_suspension_item_id"), table_name="suspension")
    op.drop_table("suspension")
    op.drop_index(
        "ix_responsibility_change_waiting",
        table_name="responsibility_change",
        postgresql_where=sa.text("applied_at IS NULL"),
    )
    op.drop_index(op.f("ix_responsibility_change_item_id"), table_name="responsibility_change")
    op.drop_table("responsibility_change")
