"""requests for kpi figures.

Must run while the previous version of the program is up: add first, remove one release later. Backfills of
more than a few thousand rows are batched commands, not migrations.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "e7d220fe5de7"
down_revision: str | None = "b2f7d90c4e18"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "kpi_request",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_kpi_request_item_id_item")),
        sa.ForeignKeyConstraint(["target_id"], ["kpi_target.id"], name=op.f("fk_kpi_request_target_id_kpi_target")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_kpi_request_unit_id_unit")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_kpi_request")),
    )
    op.create_index(op.f("ix_kpi_request_target_id"), "kpi_request", ["target_id"], unique=False)
    op.create_index(
        "uq_kpi_request_day",
        "kpi_request",
        ["target_id", "last_on"],
        unique=True,
        postgresql_where=sa.text("outcome IS DISTINCT FROM 'cancelled'"),
    )
    op.add_column("kpi_reading", sa.Column("request_item_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_kpi_reading_request_item_id"), "kpi_reading", ["request_item_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_kpi_reading_request_item_id_kpi_request"),
        "kpi_reading",
        "kpi_request",
        ["request_item_id"],
        ["item_id"],
    )
    op.add_column("kpi_target", sa.Column("unit_id", sa.Uuid(), nullable=True))
    op.add_column("kpi_target", sa.Column("rhythm", sa.String(), nullable=True))
    op.add_column("kpi_target", sa.Column("reported_since", sa.Date(), nullable=True))
    op.create_index(op.f("ix_kpi_target_unit_id"), "kpi_target", ["unit_id"], unique=False)
    op.create_foreign_key(op.f("fk_kpi_target_unit_id_unit"), "kpi_target", "unit", ["unit_id"], ["id"])


def downgrade() -> None:
    op.drop_constraint(op.f("fk_kpi_target_unit_id_unit"), "kpi_target", type_="foreignkey")
    op.drop_index(op.f("ix_kpi_target_unit_id"), table_name="kpi_target")
    op.drop_column("kpi_target", "reported_since")
    op.drop_column("kpi_target", "rhythm")
    op.drop_column("kpi_target", "unit_id")
    op.drop_constraint(op.f("fk_kpi_reading_request_item_id_kpi_request"), "kpi_reading", type_="foreignkey")
    op.drop_index(op.f("ix_kpi_reading_request_item_id"), table_name="kpi_reading")
    op.drop_column("kpi_reading", "request_item_id")
    op.drop_index(
        "uq_kpi_request_day", table_name="kpi_request", postgresql_where=sa.text("outcome IS DISTINCT FROM 'cancelled'")
    )
    op.drop_index(op.f("ix_kpi_request_target_id"), table_name="kpi_request")
    op.drop_table("kpi_request")
