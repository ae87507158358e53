"""messages and what was sent of them.

Must run while the previous version of the program is up: add first, remove one release later. Backfills of
more than a few thousand rows are batched commands, not migrations.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "ac8006e762af"
down_revision: str | None = "a1c0de5e9011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_calendar_feed_person_id_person")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_calendar_feed")),
    )
    op.create_index(op.f("ix_calendar_feed_person_id"), "calendar_feed", ["person_id"], unique=False)
    op.create_table(
        "channel_endpoint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("topics", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("tested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_channel_endpoint_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_channel_endpoint_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_endpoint")),
    )
    op.create_index(op.f("ix_channel_endpoint_person_id"), "channel_endpoint", ["person_id"], unique=False)
    op.create_index(op.f("ix_channel_endpoint_unit_id"), "channel_endpoint", ["unit_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("office_unit_id", sa.Uuid(), nullable=True),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("collect_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["recipient_id"], ["person.id"], name=op.f("fk_message_recipient_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("delivery_id", "recipient_id", name=op.f("uq_message_delivery_id_recipient_id")),
    )
    op.create_index(
        "ix_message_collect_at",
        "message",
        ["collect_at"],
        unique=False,
        postgresql_where=sa.text("collect_at IS NOT NULL"),
    )
    op.create_index("ix_message_inbox", "message", ["recipient_id", "created_at", "id"], unique=False)
    op.create_index("ix_message_subject", "message", ["subject_id"], unique=False)
    op.create_index(
        "ix_message_unread", "message", ["recipient_id"], unique=False, postgresql_where=sa.text("read_at IS NULL")
    )
    op.create_table(
        "message_preference",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("mail", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("digest_hour", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_message_preference_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_message_preference")),
    )
    op.create_table(
        "sending",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=True),
        sa.Column("recipient_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("office_unit_id", sa.Uuid(), nullable=True),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("last_answer", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["channel_endpoint.id"], name=op.f("fk_sending_endpoint_id_channel_endpoint")
        ),
        sa.ForeignKeyConstraint(["recipient_id"], ["person.id"], name=op.f("fk_sending_recipient_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sending")),
    )
    op.create_index(
        "ix_sending_dead",
        "sending",
        ["office_unit_id", "created_at"],
        unique=False,
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.create_index(
        "ix_sending_due",
        "sending",
        ["next_try_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'deferred')"),
    )
    op.create_index(op.f("ix_sending_endpoint_id"), "sending", ["endpoint_id"], unique=False)
    op.create_index("ix_sending_log", "sending", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_sending_recipient_id"), "sending", ["recipient_id"], unique=False)
    op.create_table(
        "sending_attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("sending_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sending_id"], ["sending.id"], name=op.f("fk_sending_attempt_sending_id_sending")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sending_attempt")),
    )
    op.create_index(op.f("ix_sending_attempt_sending_id"), "sending_attempt", ["sending_id"], unique=False)
    op.create_table(
        "sending_message",
        sa.Column("sending_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_sending_message_message_id_message")),
        sa.ForeignKeyConstraint(["sending_id"], ["sending.id"], name=op.f("fk_sending_message_sending_id_sending")),
        sa.PrimaryKeyConstraint("sending_id", "message_id", name=op.f("pk_sending_message")),
    )
    op.create_index(op.f("ix_sending_message_message_id"), "sending_message", ["message_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_sending_message_message_id"), table_name="sending_message")
    op.drop_table("sending_message")
    op.drop_index(op.f("ix_sending_attempt_sending_id"), table_name="sending_attempt")
    op.drop_table("sending_attempt")
    op.drop_index(op.f("ix_sending_recipient_id"), table_name="sending")
    op.drop_index("ix_sending_log", table_name="sending")
    op.drop_index(op.f("ix_sending_endpoint_id"), table_name="sending")
    op.drop_index("ix_sending_due", table_name="sending", postgresql_where=sa.text("state IN ('queued', 'deferred')"))
    op.drop_index("ix_sending_dead", table_name="sending", postgresql_where=sa.text("state = 'dead'"))
    op.drop_table("sending")
    op.drop_table("message_preference")
    op.drop_index("ix_message_unread", table_name="message", postgresql_where=sa.text("read_at IS NULL"))
    op.drop_index("ix_message_subject", table_name="message")
    op.drop_index("ix_message_inbox", table_name="message")
    op.drop_index("ix_message_collect_at", table_name="message", postgresql_where=sa.text("collect_at IS NOT NULL"))
    op.drop_table("message")
    op.drop_index(op.f("ix_channel_endpoint_unit_id"), table_name="channel_endpoint")
    op.drop_index(op.f("ix_channel_endpoint_person_id"), table_name="channel_endpoint")
    op.drop_table("channel_endpoint")
    op.drop_index(op.f("ix_calendar_feed_person_id"), table_name="calendar_feed")
    op.drop_table("calendar_feed")
