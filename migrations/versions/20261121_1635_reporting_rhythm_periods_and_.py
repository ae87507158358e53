"""reporting rhythm, periods and preliminary figures.

Must run while the previous version of the program is up: add first, remove one release later. Backfills of
more than a few thousand rows are batched commands, not migrations.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "cdbec19dd859"
down_revision: str | None = "262ceadb7b0a"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "report_period",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("co_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("sheet", sa.Boolean(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["task_list.id"], name=op.f("fk_report_period_list_id_task_list")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_period")),
        sa.UniqueConstraint("list_id", "period", name=op.f("uq_report_period_list_id_period")),
    )
    op.create_table(
        "report_rhythm",
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rule", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["task_list.id"], name=op.f("fk_report_rhythm_list_id_task_list")),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_report_rhythm")),
    )
    op.create_index(op.f("ix_report_rhythm_next_at"), "report_rhythm", ["next_at"], unique=False)
    op.create_table(
        "preliminary_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("work_item_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("form", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["progress_round.id"], name=op.f("fk_preliminary_report_round_id_progress_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preliminary_report")),
    )
    op.create_index(op.f("ix_preliminary_report_round_id"), "preliminary_report", ["round_id"], unique=False)
    op.add_column("progress_round", sa.Column("report_period_id", sa.Uuid(), nullable=True))
    op.add_column("progress_round", sa.Column("unit_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_progress_round_sheet",
        "progress_round",
        ["report_period_id", "unit_id"],
        unique=False,
        postgresql_where=sa.text("report_period_id IS NOT NULL"),
    )
    op.create_foreign_key(
        op.f("fk_progress_round_report_period_id_report_period"),
        "progress_round",
        "report_period",
        ["report_period_id"],
        ["id"],
    )
    op.create_foreign_key(op.f("fk_progress_round_unit_id_unit"), "progress_round", "unit", ["unit_id"], ["id"])


def downgrade() -> None:
    op.drop_constraint(op.f("fk_progress_round_unit_id_unit"), "progress_round", type_="foreignkey")
    op.drop_constraint(op.f("fk_progress_round_report_period_id_report_period"), "progress_round", type_="foreignkey")
    op.drop_index(
        "ix_progress_round_sheet", table_name="progress_round", postgresql_where=sa.text("report_period_id IS NOT NULL")
    )
    op.drop_column("progress_round", "unit_id")
    op.drop_column("progress_round", "report_period_id")
    op.drop_index(op.f("ix_preliminary_report_round_id"), table_name="preliminary_report")
    op.drop_table("preliminary_report")
    op.drop_index(op.f("ix_report_rhythm_next_at"), table_name="report_rhythm")
    op.drop_table("report_rhythm")
    op.drop_table("report_period")
