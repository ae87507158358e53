"""Who may do what: pure functions over an actor and the unit that owns the object.

The three administrators are kept apart from business and from each other: none of them sees an item
(GB/T 22239-2019 level 3, 8.1.4.2, read in a secondary copy).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from domain.errors import RolesMixed


class Role(StrEnum):
    """What a person is in one unit. The names of `design.md` §1."""

    LIAISON = "liaison"
    UNIT_LEADER = "unit_leader"
    OFFICE_STAFF = "office_staff"
    ASSESSOR = "assessor"
    CONVENER = "convener"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"


ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
BUSINESS = frozenset(Role) - ADMINISTRATORS


class Permission(StrEnum):
    """Named `<resource>:<action>`, alphabetical."""

    ABSENCE_RECORD = "absence:record"
    ABSENCE_SELF = "absence:self"
    ACCOUNT_MANAGE = "account:manage"
    ACCOUNT_SELF = "account:self"
    ASSESSMENT_RULE = "assessment:rule"
    ASSESSMENT_RUN = "assessment:run"
    AUDIT_READ = "audit:read"
    AUDIT_SEAL = "audit:seal"
    BATCH_ISSUE = "batch:issue"
    BULLETIN_CONTRIBUTE = "bulletin:contribute"
    BULLETIN_EDIT = "bulletin:edit"
    BULLETIN_WITHDRAW = "bulletin:withdraw"
    CALENDAR_EDIT = "calendar:edit"
    CALENDAR_LOAD = "calendar:load"
    CALENDAR_RECOMPUTE = "calendar:recompute"
    CASE_MANAGE = "case:manage"
    CASE_NOMINATE = "case:nominate"
    CHANNEL_MANAGE = "channel:manage"
    CLOCK_SET = "clock:set"
    CONFERENCE_EDIT = "conference:edit"
    DELIVERY_READ = "delivery:read"
    DELIVERY_RESEND = "delivery:resend"
    DOCUMENT_ISSUE = "document:issue"
    DOCUMENT_KEEP = "document:keep"
    DOCUMENT_READ = "document:read"
    DOCUMENT_SERIES = "document:series"
    DOCUMENT_SIGN = "document:sign"
    DOCUMENT_WITHDRAW = "document:withdraw"
    DOSSIER_ISSUE = "dossier:issue"
    DRAFT_REMOVE = "draft:remove"
    ESCALATION_FIRE = "escalation:fire"
    ESCALATION_POLICY = "escalation:policy"
    ESCALATION_URGE = "escalation:urge"
    EVALUATION_EDIT = "evaluation:edit"
    EVALUATION_OPEN = "evaluation:open"
    EVIDENCE_ADD = "evidence:add"
    EVIDENCE_EXPUNGE = "evidence:expunge"
    EVIDENCE_SWEEP = "evidence:sweep"
    FLAG_RESOLVE = "flag:resolve"
    ITEM_CREATE = "item:create"
    ITEM_EDIT = "item:edit"
    ITEM_ISSUE = "item:issue"
    ITEM_READ = "item:read"
    ITEM_STOP = "item:stop"
    KPI_ASK = "kpi:ask"
    KPI_EDIT = "kpi:edit"
    LIGHT_FREEZE = "light:freeze"
    LIGHT_REFRESH = "light:refresh"
    LIGHT_RULE_PUBLISH = "light_rule:publish"
    LIST_APPROVE = "list:approve"
    LIST_CHANGE = "list:change"
    LIST_IMPORT = "list:import"
    MESSAGE_DELIVER = "message:deliver"
    MODEL_PUBLISH = "model:publish"
    PERSON_IMPORT = "person:import"
    PROCESS_START = "process:start"
    RHYTHM_SET = "rhythm:set"
    ROUND_OPEN = "round:open"
    SCHEDULER_READ = "scheduler:read"
    SCHEDULER_RETRY = "scheduler:retry"
    SCHEDULER_RUN = "scheduler:run"
    TIMER_FIRE = "timer:fire"
    TOPIC_PROPOSE = "topic:propose"
    UNIT_CONFIRM = "unit:confirm"
    UNIT_IMPORT = "unit:import"
    WORK_ITEM_ADD_PARTY = "work_item:add_party"
    WORK_ITEM_COMPLETE = "work_item:complete"


@dataclass(frozen=True, slots=True)
class Membership:
    """One role in one unit, held now."""

    unit_id: UUID
    role: Role


class ActorKind(StrEnum):
    """A person, the operator at the machine's console, or the clock."""

    PERSON = "person"
    OPERATOR = "operator"
    SCHEDULER = "scheduler"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts. `id` is the person's id; operator and scheduler have none.

    `lent` are those of the memberships that the actor has only as the substitute of somebody on leave, with that
    person's id.
    """

    id: UUID | None
    name: str
    kind: ActorKind = ActorKind.PERSON
    memberships: frozenset[Membership] = field(default_factory=frozenset)
    lent: frozenset[tuple[Membership, UUID]] = field(default_factory=frozenset)

    def units_as(self, *roles: Role) -> frozenset[UUID]:
        """The units in which the actor holds one of `roles`; all units with a membership if none is named."""
        return frozenset(m.unit_id for m in self.memberships if not roles or m.role in roles)

    def holds(self, role: Role, unit_id: UUID) -> bool:
        """Whether the actor holds `role` in that unit."""
        return Membership(unit_id, role) in self.memberships

    def stands_in_for(self, *memberships: Membership) -> frozenset[UUID]:
        """Whom the actor stands in for when acting by one of these memberships; nobody if one of them is their own."""
        if not self.lent:
            return frozenset()
        lenders = [{person_id for lent, person_id in self.lent if lent == each} for each in memberships]
        return frozenset().union(*lenders) if all(lenders) else frozenset()


OPERATOR = Actor(id=None, name="operator", kind=ActorKind.OPERATOR)
ANONYMOUS = Actor(id=None, name="anonymous")
"""Somebody who has not signed in yet: holds nothing, so every permission is denied."""
SCHEDULER = Actor(id=None, name="scheduler", kind=ActorKind.SCHEDULER)

_OFFICE = frozenset(
    {
        Permission.DOCUMENT_ISSUE,
        Permission.ASSESSMENT_RUN,
        Permission.KPI_ASK,
        Permission.KPI_EDIT,
        Permission.DOCUMENT_SERIES,
        Permission.BULLETIN_EDIT,
        Permission.CONFERENCE_EDIT,
        Permission.DOSSIER_ISSUE,
        Permission.ESCALATION_POLICY,
        Permission.ESCALATION_URGE,
        Permission.CASE_MANAGE,
        Permission.CASE_NOMINATE,
        Permission.CHANNEL_MANAGE,
        Permission.CLOCK_SET,
        Permission.DELIVERY_READ,
        Permission.DELIVERY_RESEND,
        Permission.EVALUATION_EDIT,
        Permission.EVALUATION_OPEN,
        Permission.FLAG_RESOLVE,
        Permission.ITEM_CREATE,
        Permission.ITEM_EDIT,
        Permission.ITEM_ISSUE,
        Permission.LIST_CHANGE,
        Permission.LIST_IMPORT,
        Permission.PROCESS_START,
        Permission.RHYTHM_SET,
        Permission.ROUND_OPEN,
        Permission.UNIT_CONFIRM,
        Permission.WORK_ITEM_ADD_PARTY,
    }
)
_EVERY_BUSINESS_ROLE = frozenset(
    {
        Permission.ABSENCE_SELF,
        Permission.ACCOUNT_SELF,
        Permission.DOCUMENT_READ,
        Permission.ITEM_READ,
        Permission.WORK_ITEM_COMPLETE,
    }
)

# What each role may do, for objects that its own unit owns.
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.LIAISON: _EVERY_BUSINESS_ROLE
    | {
        Permission.BULLETIN_CONTRIBUTE,
        Permission.CASE_NOMINATE,
        Permission.EVIDENCE_ADD,
        Permission.PROCESS_START,
        Permission.TOPIC_PROPOSE,
    },
    Role.UNIT_LEADER: _EVERY_BUSINESS_ROLE
    | {
        Permission.ABSENCE_RECORD,
        Permission.ASSESSMENT_RULE,
        Permission.DOCUMENT_ISSUE,
        Permission.DOCUMENT_SERIES,
        Permission.DOCUMENT_SIGN,
        Permission.DOCUMENT_WITHDRAW,
        Permission.BATCH_ISSUE,
        Permission.CASE_NOMINATE,
        Permission.BULLETIN_WITHDRAW,
        Permission.DOSSIER_ISSUE,
        Permission.ESCALATION_POLICY,
        Permission.ESCALATION_URGE,
        Permission.LIGHT_RULE_PUBLISH,
        Permission.LIST_APPROVE,
        Permission.ITEM_STOP,
        Permission.EVIDENCE_EXPUNGE,
    },
    Role.OFFICE_STAFF: _EVERY_BUSINESS_ROLE | _OFFICE | {Permission.EVIDENCE_ADD, Permission.EVIDENCE_EXPUNGE},
    Role.ASSESSOR: _EVERY_BUSINESS_ROLE | {Permission.DOSSIER_ISSUE, Permission.EVIDENCE_ADD},
    Role.CONVENER: _EVERY_BUSINESS_ROLE
    | {
        Permission.ASSESSMENT_RULE,
        Permission.BATCH_ISSUE,
        Permission.DOCUMENT_SIGN,
        Permission.DOSSIER_ISSUE,
        Permission.ITEM_STOP,
    },
    Role.SYSTEM_ADMIN: frozenset(
        {
            Permission.ACCOUNT_SELF,
            Permission.CALENDAR_EDIT,
            Permission.CALENDAR_LOAD,
            Permission.CALENDAR_RECOMPUTE,
            Permission.CHANNEL_MANAGE,
            Permission.DELIVERY_READ,
            Permission.DELIVERY_RESEND,
            Permission.MODEL_PUBLISH,
            Permission.PERSON_IMPORT,
            Permission.SCHEDULER_READ,
            Permission.SCHEDULER_RETRY,
            Permission.UNIT_CONFIRM,
            Permission.UNIT_IMPORT,
        }
    ),
    Role.SECURITY_ADMIN: frozenset({Permission.ACCOUNT_SELF, Permission.ACCOUNT_MANAGE}),
    Role.AUDIT_ADMIN: frozenset({Permission.ACCOUNT_SELF, Permission.AUDIT_READ}),
}

# The person at the console can already do anything to the machine; what they may do through dudao is set-up only.
OPERATOR_GRANTS = frozenset(
    {
        Permission.ACCOUNT_MANAGE,
        Permission.AUDIT_READ,
        Permission.AUDIT_SEAL,
        Permission.CALENDAR_EDIT,
        Permission.CALENDAR_LOAD,
        Permission.CALENDAR_RECOMPUTE,
        Permission.CHANNEL_MANAGE,
        Permission.DELIVERY_READ,
        Permission.DELIVERY_RESEND,
        Permission.MODEL_PUBLISH,
        Permission.PERSON_IMPORT,
        Permission.SCHEDULER_READ,
        Permission.SCHEDULER_RETRY,
        Permission.UNIT_CONFIRM,
        Permission.UNIT_IMPORT,
    }
)
SCHEDULER_GRANTS = frozenset(
    {
        Permission.AUDIT_SEAL,
        Permission.BULLETIN_EDIT,
        Permission.CALENDAR_LOAD,
        Permission.CALENDAR_RECOMPUTE,
        Permission.CLOCK_SET,
        Permission.DOCUMENT_KEEP,
        Permission.DRAFT_REMOVE,
        Permission.ESCALATION_FIRE,
        Permission.EVIDENCE_SWEEP,
        Permission.KPI_ASK,
        Permission.LIGHT_FREEZE,
        Permission.LIGHT_REFRESH,
        Permission.MESSAGE_DELIVER,
        Permission.PROCESS_START,
        Permission.ROUND_OPEN,
        Permission.SCHEDULER_RUN,
        Permission.TIMER_FIRE,
    }
)


def is_allowed(actor: Actor, permission: Permission, *, unit_id: UUID | None = None) -> bool:
    """Whether `actor` may do `permission`: on an object of `unit_id`, or in any of its units if None is given.

    Everything is denied that no grant names.
    """
    if actor.kind is ActorKind.OPERATOR:
        return permission in OPERATOR_GRANTS
    if actor.kind is ActorKind.SCHEDULER:
        return permission in SCHEDULER_GRANTS
    return any(_grants(m, permission, unit_id) for m in actor.memberships)


def granting(actor: Actor, permission: Permission, *, unit_id: UUID | None = None) -> frozenset[Membership]:
    """The memberships by which the actor may do it."""
    return frozenset(m for m in actor.memberships if _grants(m, permission, unit_id))


def with_lent(
    own: frozenset[Membership], lent: Iterable[tuple[Membership, UUID]]
) -> frozenset[tuple[Membership, UUID]]:
    """What a substitute has besides their own: the roles in business of those on leave, and nothing for an
    administrator, who has no part in business.
    """
    if any(m.role in ADMINISTRATORS for m in own):
        return frozenset()
    return frozenset((m, person_id) for m, person_id in lent if m.role in BUSINESS and m not in own)


def _grants(m: Membership, permission: Permission, unit_id: UUID | None) -> bool:
    return permission in GRANTS[m.role] and (unit_id is None or m.unit_id == unit_id or m.role in ADMINISTRATORS)


def check_separation(roles: Iterable[Role]) -> None:
    """Refuse a set of roles of one person that mixes the three administrators with each other or with business.

    Raises RolesMixed.
    """
    held = frozenset(roles)
    administrators = held & ADMINISTRATORS
    if len(administrators) > 1 or (administrators and held - ADMINISTRATORS):
        raise RolesMixed(", ".join(sorted(held)))
