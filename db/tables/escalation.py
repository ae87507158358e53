"""What was sent up the ladder: reminders, urges and escalations, each exactly once."""

from uuid import UUID

from sqlalchemy import Index, SmallInteger, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from db.columns import datetime, instant, json, key, labels, reference, small_number


class Escalation(SQLModel, table=True):
    """One level of a ladder that went out to one person. Append-only; a `delivery` row of the topic `escalation`
    is written with it, whose subject is this row.

    The subject is a work item, or an item with its deadline. Its `epoch` is counted on by an approved extension, so
    that the ladder works again. Level 0 is what the office urged by hand; its `occurrence` counts the times.
    No foreign keys: nothing that this names is ever deleted, and each would cost a look-up and a lock for every row.
    """

    __tablename__ = "escalation"
    __table_args__ = (
        # What makes it happen once, however many schedulers run and wherever their clocks stand.
        UniqueConstraint(
            "subject_id", "epoch", "level", "occurrence", "recipient_id", "subject_kind", name="uq_escalation_once"
        ),
        Index("ix_escalation_item", "item_id", "fired_at"),
        # Whom the office urged by hand lately.
        Index("ix_escalation_urged", "recipient_id", "fired_at", postgresql_where=sql("level = 0")),
    )

    id: UUID = key()
    subject_kind: str
    subject_id: UUID
    epoch: int = small_number()
    level: int = small_number()
    occurrence: int = 1
    recipient_id: UUID
    recipient_unit_id: UUID
    item_id: UUID
    # A value of `domain.ladder.EscalationKind`.
    kind: str
    document: str | None = None
    channels: list[str] = labels()
    due_at: datetime | None = instant(nullable=True)
    planned_at: datetime = instant()
    fired_at: datetime = instant()
    # The version of the policy, whose rung is the one of this level; null for what was urged by hand.
    policy_id: UUID | None = Field(default=None)
    fired_by: UUID | None = None
    facts: dict[str, object] = json()


class EscalationPolicy(SQLModel, table=True):
    """One version of a ladder: of a list or, without one, of every list that has none of its own; for a step by its
    BPMN id or, without one, for every step. Append-only: what was armed under a version stays with it.
    """

    __tablename__ = "escalation_policy"
    __table_args__ = (
        UniqueConstraint(
            "list_id",
            "subject_kind",
            "step",
            "version",
            name="uq_escalation_policy_version",
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: UUID = key()
    list_id: UUID | None = reference("task_list.id", nullable=True, index=False)
    subject_kind: str
    step: str | None = None
    version: int
    name: str
    # When messages go out: `opens` and `closes` as local times, `working_days_only`.
    quiet: dict[str, object] = json()
    created_at: datetime = instant()
    created_by: UUID | None = None


class EscalationRung(SQLModel, table=True):
    """One level of a policy version, as `domain.ladder.Rung` has it. Append-only."""

    __tablename__ = "escalation_rung"

    policy_id: UUID = Field(foreign_key="escalation_policy.id", primary_key=True)
    level: int = Field(primary_key=True, sa_type=SmallInteger, sa_column_kwargs={"autoincrement": False})
    name: str
    kind: str
    recipients: list[str] = labels()
    amount: int
    unit: str
    base: str
    every: int = 0
    at_most: int = 1
    channels: list[str] = labels()
    document: str | None = None
    not_for: list[str] = labels()


class EscalationPolicyInForce(SQLModel, table=True):
    """Which version is given to what is armed now. A list without a row has the one of all lists."""

    __tablename__ = "escalation_policy_in_force"
    __table_args__ = (
        UniqueConstraint(
            "list_id",
            "subject_kind",
            "step",
            name="uq_escalation_policy_in_force",
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: UUID = key()
    list_id: UUID | None = reference("task_list.id", nullable=True, index=False)
    subject_kind: str
    step: str | None = None
    policy_id: UUID = reference("escalation_policy.id", index=False)
