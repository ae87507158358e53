"""escalation policies.

Must run while the previous version of the program is up: add first, remove one release later. Backfills of
more than a few thousand rows are batched commands, not migrations.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "75d88be21c6e"
down_revision: str | None = "26073f422147"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "escalation_policy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=True),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("quiet", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["list_id"], ["task_list.id"], name=op.f("fk_escalation_policy_list_id_task_list")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_policy")),
        sa.UniqueConstraint(
            "list_id",
            "subject_kind",
            "step",
            "version",
            name="uq_escalation_policy_version",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "escalation_policy_in_force",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=True),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["task_list.id"], name=op.f("fk_escalation_policy_in_force_list_id_task_list")
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"],
            ["escalation_policy.id"],
            name=op.f("fk_escalation_policy_in_force_policy_id_escalation_policy"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_policy_in_force")),
        sa.UniqueConstraint(
            "list_id", "subject_kind", "step", name="uq_escalation_policy_in_force", postgresql_nulls_not_distinct=True
        ),
    )
    op.create_table(
        "escalation_rung",
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("recipients", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("at_most", sa.Integer(), nullable=False),
        sa.Column("channels", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("document", sa.String(), nullable=True),
        sa.Column("not_for", sa.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["escalation_policy.id"], name=op.f("fk_escalation_rung_policy_id_escalation_policy")
        ),
        sa.PrimaryKeyConstraint("policy_id", "level", name=op.f("pk_escalation_rung")),
    )
    op.add_column("item", sa.Column("ladder_id", sa.Uuid(), nullable=True))
    op.add_column("item", sa.Column("ladder_epoch", sa.SmallInteger(), nullable=True))
    op.add_column("work_item", sa.Column("ladder_id", sa.Uuid(), nullable=True))
    op.add_column("work_item", sa.Column("ladder_epoch", sa.SmallInteger(), nullable=True))
    op.create_index(
        "ix_item_ladder_new",
        "item",
        ["issued_at"],
        unique=False,
        postgresql_where=sa.text(
            "ladder_epoch IS NULL AND escalate_at IS NULL AND paused_at IS NULL AND issued_at IS NOT NULL"
            " AND due_at IS NOT NULL AND ended_at IS NULL"
        ),
    )
    _ship_policies()


def _ship_policies() -> None:
    """The policies that every list has until it gets its own: version 1. A later release adds versions."""
    shipped = json.loads((Path(__file__).parent.parent / "data" / "escalation_policies_1.json").read_text())
    connection = op.get_bind()
    for policy in shipped:
        key = {"id": policy["id"], "kind": policy["subject_kind"], "step": policy["step"]}
        connection.execute(
            sa.text(
                "INSERT INTO escalation_policy (id, subject_kind, step, version, name, quiet, created_at)"
                " VALUES (:id, :kind, :step, 1, :name, cast(:quiet AS jsonb), now())"
            ),
            {**key, "name": policy["name"], "quiet": json.dumps(policy["quiet"])},
        )
        connection.execute(
            sa.text(
                "INSERT INTO escalation_policy_in_force (id, subject_kind, step, policy_id)"
                " VALUES (gen_random_uuid(), :kind, :step, :id)"
            ),
            key,
        )
        for rung in policy["rungs"]:
            connection.execute(
                sa.text(
                    "INSERT INTO escalation_rung (policy_id, level, name, kind, recipients, amount, unit, base, every,"
                    " at_most, channels, document, not_for) VALUES (:id, :level, :name, :kind, :to, :amount, :unit,"
                    " :base, :every, :at_most, :channels, :document, :not_for)"
                ),
                {"id": policy["id"], **rung},
            )


def downgrade() -> None:
    op.drop_index("ix_item_ladder_new", table_name="item")
    op.drop_column("work_item", "ladder_epoch")
    op.drop_column("work_item", "ladder_id")
    op.drop_column("item", "ladder_epoch")
    op.drop_column("item", "ladder_id")
    op.drop_table("escalation_rung")
    op.drop_table("escalation_policy_in_force")
    op.drop_table("escalation_policy")
