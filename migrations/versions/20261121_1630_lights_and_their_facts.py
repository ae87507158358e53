"""lights, and the facts they are judged by.

Must run while the previous version of the program is up: add first, remove one release later. Backfills of
more than a few thousand rows are batched commands, not migrations.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "5f1bd09c7a42"
down_revision: str | None = "b70b5c0de626"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Whoever changes what a light is judged by, by whatever command, has it judged again. On columns that change a few
# times in an item's life: a step that only sets the status does not run this.
_ARM_ITEM = """
CREATE FUNCTION arm_light() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.light_check_at := 'epoch';
    RETURN NEW;
END $$
"""
_ARM_BY_FACT = """
CREATE FUNCTION arm_light_of_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE item SET light_check_at = 'epoch' WHERE id = NEW.item_id;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "progress_fact",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source_kind", sa.String(), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_progress_fact_item_id_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_fact")),
    )
    op.create_index("ix_progress_fact_item", "progress_fact", ["item_id", "kind"], unique=False)
    op.create_table(
        "light_rule_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["list_id"], ["task_list.id"], name=op.f("fk_light_rule_set_list_id_task_list")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_light_rule_set")),
        sa.UniqueConstraint(
            "list_id", "version", name=op.f("uq_light_rule_set_list_id_version"), postgresql_nulls_not_distinct=True
        ),
    )
    op.create_table(
        "light",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("rule_set_id", sa.Integer(), nullable=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_on", sa.DateTime(timezone=True), nullable=False),
        sa.Column("light", sa.String(), nullable=False),
        sa.Column("reason", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_light_item_id_item")),
        sa.ForeignKeyConstraint(
            ["rule_set_id"], ["light_rule_set.id"], name=op.f("fk_light_rule_set_id_light_rule_set")
        ),
        sa.PrimaryKeyConstraint("item_id", "period", name=op.f("pk_light")),
    )
    op.create_table(
        "light_period",
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["task_list.id"], name=op.f("fk_light_period_list_id_task_list")),
        sa.PrimaryKeyConstraint("list_id", "period", name=op.f("pk_light_period")),
    )
    op.add_column("item", sa.Column("light", sa.String(), nullable=True))
    op.add_column("item", sa.Column("light_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("item", sa.Column("light_reason", postgresql.JSONB(none_as_null=True), nullable=True))
    # A constant default is no rewrite: every item there is gets its first light from the sweep.
    op.add_column(
        "item",
        sa.Column("light_check_at", sa.DateTime(timezone=True), server_default=sa.text("'epoch'"), nullable=True),
    )
    op.create_index(
        "ix_item_light_check",
        "item",
        ["light_check_at"],
        unique=False,
        postgresql_where=sa.text("light_check_at IS NOT NULL"),
    )
    op.execute(_ARM_ITEM)
    op.execute(_ARM_BY_FACT)
    op.execute(
        "CREATE TRIGGER arm_light BEFORE UPDATE OF due_at, due_strength, paused_at, issued_at, ended_at ON item"
        " FOR EACH ROW EXECUTE FUNCTION arm_light()"
    )
    op.execute(
        "CREATE TRIGGER arm_light AFTER INSERT ON progress_fact FOR EACH ROW WHEN (NEW.kind <> 'state')"
        " EXECUTE FUNCTION arm_light_of_item()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER arm_light ON item")
    op.drop_index("ix_item_light_check", table_name="item", postgresql_where=sa.text("light_check_at IS NOT NULL"))
    op.drop_column("item", "light_check_at")
    op.drop_column("item", "light_reason")
    op.drop_column("item", "light_since")
    op.drop_column("item", "light")
    op.drop_table("light_period")
    op.drop_table("light")
    op.drop_table("light_rule_set")
    op.drop_table("progress_fact")
    op.execute("DROP FUNCTION arm_light_of_item")
    op.execute("DROP FUNCTION arm_light")
