"""assessments and kpi targets.

Must run while the previous version of the program is up: add first, remove one release later. Backfills of
more than a few thousand rows are batched commands, not migrations.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "b70f7796a4b1"
down_revision: str | None = "74e1d7453111"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # An event-based gateway waits for several events under one task.
    op.drop_constraint("pk_event_wait", "event_wait", type_="primary")
    op.create_primary_key("pk_event_wait", "event_wait", ["task_id", "name"])
    op.create_table(
        "kpi_target",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_unit_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.Float(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("base_on", sa.Date(), nullable=False),
        sa.Column("target_on", sa.Date(), nullable=False),
        sa.Column("strength", sa.String(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_kpi_target_item_id_item")),
        sa.ForeignKeyConstraint(["office_unit_id"], ["unit.id"], name=op.f("fk_kpi_target_office_unit_id_unit")),
        sa.ForeignKeyConstraint(["parent_id"], ["kpi_target.id"], name=op.f("fk_kpi_target_parent_id_kpi_target")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kpi_target")),
    )
    op.create_index(op.f("ix_kpi_target_item_id"), "kpi_target", ["item_id"], unique=False)
    op.create_index(op.f("ix_kpi_target_office_unit_id"), "kpi_target", ["office_unit_id"], unique=False)
    op.create_table(
        "assessment",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("cycle", sa.String(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("list_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("sampling", sa.String(), nullable=True),
        sa.Column("sample_percent", sa.Integer(), nullable=True),
        sa.Column("sample_size", sa.Integer(), nullable=True),
        sa.Column("named", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("seed", sa.String(), nullable=True),
        sa.Column("visits", sa.String(), nullable=True),
        sa.Column("visit_percent", sa.Integer(), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["issued_document.id"], name=op.f("fk_assessment_document_id_issued_document")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_assessment_item_id_item")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_assessment")),
    )
    op.create_table(
        "kpi_base",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["target_id"], ["kpi_target.id"], name=op.f("fk_kpi_base_target_id_kpi_target")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kpi_base")),
    )
    op.create_index(op.f("ix_kpi_base_target_id"), "kpi_base", ["target_id"], unique=False)
    op.create_table(
        "kpi_item",
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("linked_by", sa.Uuid(), nullable=True),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_kpi_item_item_id_item")),
        sa.ForeignKeyConstraint(["target_id"], ["kpi_target.id"], name=op.f("fk_kpi_item_target_id_kpi_target")),
        sa.PrimaryKeyConstraint("target_id", "item_id", name=op.f("pk_kpi_item")),
    )
    op.create_table(
        "kpi_reading",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("evidence_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["target_id"], ["kpi_target.id"], name=op.f("fk_kpi_reading_target_id_kpi_target")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kpi_reading")),
    )
    op.create_index("ix_kpi_reading_target", "kpi_reading", ["target_id", "as_of"], unique=False)
    op.create_table(
        "assessed_item",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("accepts_breakthrough", sa.Boolean(), nullable=False),
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("seats", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("settler_id", sa.Uuid(), nullable=False),
        sa.Column("self_item_id", sa.Uuid(), nullable=True),
        sa.Column("self_outcome", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.item_id"], name=op.f("fk_assessed_item_assessment_id_assessment")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_assessed_item_item_id_item")),
        sa.ForeignKeyConstraint(["settler_id"], ["unit.id"], name=op.f("fk_assessed_item_settler_id_unit")),
        sa.ForeignKeyConstraint(["task_id"], ["item.id"], name=op.f("fk_assessed_item_task_id_item")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_assessed_item")),
        sa.UniqueConstraint("assessment_id", "task_id", name=op.f("uq_assessed_item_assessment_id_task_id")),
    )
    op.create_index(op.f("ix_assessed_item_assessment_id"), "assessed_item", ["assessment_id"], unique=False)
    op.create_index(op.f("ix_assessed_item_task_id"), "assessed_item", ["task_id"], unique=False)
    op.create_table(
        "assessment_meeting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("present", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("overall", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.item_id"], name=op.f("fk_assessment_meeting_assessment_id_assessment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_meeting")),
        sa.UniqueConstraint("assessment_id", "number", name=op.f("uq_assessment_meeting_assessment_id_number")),
    )
    op.create_table(
        "assessment_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("chair", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.item_id"], name=op.f("fk_assessment_member_assessment_id_assessment")
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["assessment_member.id"], name=op.f("fk_assessment_member_replaces_id_assessment_member")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_assessment_member_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_member")),
    )
    op.create_index(
        "uq_assessment_member_now",
        "assessment_member",
        ["assessment_id", "unit_id"],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "assessment_pool",
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("outside", sa.String(), nullable=True),
        sa.Column("drawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.item_id"], name=op.f("fk_assessment_pool_assessment_id_assessment")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["item.id"], name=op.f("fk_assessment_pool_task_id_item")),
        sa.PrimaryKeyConstraint("assessment_id", "task_id", name=op.f("pk_assessment_pool")),
    )
    op.create_table(
        "assessment_recusal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.item_id"], name=op.f("fk_assessment_recusal_assessment_id_assessment")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["item.id"], name=op.f("fk_assessment_recusal_task_id_item")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_assessment_recusal_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_recusal")),
    )
    op.create_index("ix_assessment_recusal_item", "assessment_recusal", ["assessment_id", "task_id"], unique=False)
    op.create_table(
        "item_grade",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("assessed_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("grade", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessed_id"], ["assessed_item.item_id"], name=op.f("fk_item_grade_assessed_id_assessed_item")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_grade")),
    )
    op.create_index(op.f("ix_item_grade_assessed_id"), "item_grade", ["assessed_id"], unique=False)
    op.create_table(
        "item_review",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("assessed_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("grade", sa.String(), nullable=True),
        sa.Column("scores", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("findings", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessed_id"], ["assessed_item.item_id"], name=op.f("fk_item_review_assessed_id_assessed_item")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_review_item_id_item")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_item_review_unit_id_unit")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_item_review")),
    )
    op.create_index(op.f("ix_item_review_assessed_id"), "item_review", ["assessed_id"], unique=False)
    op.create_table(
        "lead_opinion",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("assessed_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("grade", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("grounds", sa.Text(), nullable=True),
        sa.Column("proposed_grade", sa.String(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessed_id"], ["assessed_item.item_id"], name=op.f("fk_lead_opinion_assessed_id_assessed_item")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_lead_opinion_item_id_item")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["assessment_meeting.id"], name=op.f("fk_lead_opinion_meeting_id_assessment_meeting")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_lead_opinion_unit_id_unit")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_lead_opinion")),
    )
    op.create_index(op.f("ix_lead_opinion_assessed_id"), "lead_opinion", ["assessed_id"], unique=False)
    op.create_table(
        "minority_opinion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("assessed_id", sa.Uuid(), nullable=True),
        sa.Column("view", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessed_id"], ["assessed_item.item_id"], name=op.f("fk_minority_opinion_assessed_id_assessed_item")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["assessment_meeting.id"], name=op.f("fk_minority_opinion_meeting_id_assessment_meeting")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_minority_opinion_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minority_opinion")),
    )
    op.create_index(op.f("ix_minority_opinion_meeting_id"), "minority_opinion", ["meeting_id"], unique=False)
    op.create_table(
        "recommendation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("became_id", sa.Uuid(), nullable=True),
        sa.Column("document_number", sa.String(), nullable=True),
        sa.Column("dropped_because", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.item_id"], name=op.f("fk_recommendation_assessment_id_assessment")
        ),
        sa.ForeignKeyConstraint(["became_id"], ["item.id"], name=op.f("fk_recommendation_became_id_item")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["assessment_meeting.id"], name=op.f("fk_recommendation_meeting_id_assessment_meeting")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["item.id"], name=op.f("fk_recommendation_task_id_item")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_recommendation_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendation")),
        sa.UniqueConstraint("meeting_id", "position", name=op.f("uq_recommendation_meeting_id_position")),
    )
    op.create_index(op.f("ix_recommendation_assessment_id"), "recommendation", ["assessment_id"], unique=False)


def downgrade() -> None:
    op.drop_constraint("pk_event_wait", "event_wait", type_="primary")
    op.create_primary_key("pk_event_wait", "event_wait", ["task_id"])
    op.drop_index(op.f("ix_recommendation_assessment_id"), table_name="recommendation")
    op.drop_table("recommendation")
    op.drop_index(op.f("ix_minority_opinion_meeting_id"), table_name="minority_opinion")
    op.drop_table("minority_opinion")
    op.drop_index(op.f("ix_lead_opinion_assessed_id"), table_name="lead_opinion")
    op.drop_table("lead_opinion")
    op.drop_index(op.f("ix_item_review_assessed_id"), table_name="item_review")
    op.drop_table("item_review")
    op.drop_index(op.f("ix_item_grade_assessed_id"), table_name="item_grade")
    op.drop_table("item_grade")
    op.drop_index("ix_assessment_recusal_item", table_name="assessment_recusal")
    op.drop_table("assessment_recusal")
    op.drop_table("assessment_pool")
    op.drop_index(
        "uq_assessment_member_now", table_name="assessment_member", postgresql_where=sa.text("valid_to IS NULL")
    )
    op.drop_table("assessment_member")
    op.drop_table("assessment_meeting")
    op.drop_index(op.f("ix_assessed_item_task_id"), table_name="assessed_item")
    op.drop_index(op.f("ix_assessed_item_assessment_id"), table_name="assessed_item")
    op.drop_table("assessed_item")
    op.drop_index("ix_kpi_reading_target", table_name="kpi_reading")
    op.drop_table("kpi_reading")
    op.drop_table("kpi_item")
    op.drop_index(op.f("ix_kpi_base_target_id"), table_name="kpi_base")
    op.drop_table("kpi_base")
    op.drop_table("assessment")
    op.drop_index(op.f("ix_kpi_target_office_unit_id"), table_name="kpi_target")
    op.drop_index(op.f("ix_kpi_target_item_id"), table_name="kpi_target")
    op.drop_table("kpi_target")
