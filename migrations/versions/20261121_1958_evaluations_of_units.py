"""evaluations of units.

The scheme with its frozen digest, who is evaluated, the facts as they were locked, what people put on the sheets, and
the results as they were decided.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "df0e4df327c3"
down_revision: str | None = "0e2ede7aa035"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "evaluation",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("office_unit_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("trial", sa.Boolean(), nullable=False),
        sa.Column("host_unit_id", sa.Uuid(), nullable=True),
        sa.Column("scheme", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("scheme_digest", sa.LargeBinary(), nullable=False),
        sa.Column("scheme_version", sa.Integer(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("known_on", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("circular_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["host_unit_id"], ["unit.id"], name=op.f("fk_evaluation_host_unit_id_unit")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_evaluation_item_id_item")),
        sa.ForeignKeyConstraint(["office_unit_id"], ["unit.id"], name=op.f("fk_evaluation_office_unit_id_unit")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_evaluation")),
        sa.UniqueConstraint(
            "office_unit_id",
            "first_day",
            "last_day",
            "trial",
            name=op.f("uq_evaluation_office_unit_id_first_day_last_day_trial"),
        ),
    )
    op.create_table(
        "evaluation_unit",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("inherits", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluation.item_id"], name=op.f("fk_evaluation_unit_evaluation_id_evaluation")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_evaluation_unit_item_id_item")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_evaluation_unit_unit_id_unit")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_evaluation_unit")),
        sa.UniqueConstraint("evaluation_id", "unit_id", name=op.f("uq_evaluation_unit_evaluation_id_unit_id")),
    )
    op.create_index(op.f("ix_evaluation_unit_unit_id"), "evaluation_unit", ["unit_id"], unique=False)
    op.create_table(
        "evaluation_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("points", sa.Numeric(precision=7, scale=2), nullable=True),
        sa.Column("fact_key", sa.String(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("from_unit_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=True),
        sa.Column("answers", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["from_unit_id"], ["unit.id"], name=op.f("fk_evaluation_entry_from_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["item_id"], ["evaluation_unit.item_id"], name=op.f("fk_evaluation_entry_item_id_evaluation_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_entry")),
    )
    op.create_index(op.f("ix_evaluation_entry_item_id"), "evaluation_entry", ["item_id"], unique=False)
    op.create_table(
        "evaluation_facts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_on", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["evaluation_unit.item_id"], name=op.f("fk_evaluation_facts_item_id_evaluation_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_facts")),
        sa.UniqueConstraint("item_id", "version", name=op.f("uq_evaluation_facts_item_id_version")),
    )
    op.create_table(
        "evaluation_result",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("facts_id", sa.BigInteger(), nullable=False),
        sa.Column("sheet", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("standing", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["facts_id"], ["evaluation_facts.id"], name=op.f("fk_evaluation_result_facts_id_evaluation_facts")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["evaluation_unit.item_id"], name=op.f("fk_evaluation_result_item_id_evaluation_unit")
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_evaluation_result")),
    )


def downgrade() -> None:
    op.drop_table("evaluation_result")
    op.drop_table("evaluation_facts")
    op.drop_index(op.f("ix_evaluation_entry_item_id"), table_name="evaluation_entry")
    op.drop_table("evaluation_entry")
    op.drop_index(op.f("ix_evaluation_unit_unit_id"), table_name="evaluation_unit")
    op.drop_table("evaluation_unit")
    op.drop_table("evaluation")
