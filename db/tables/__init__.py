"""Every table, one module per aggregate. Importing this package registers them all on the metadata."""

from db.tables.boards import BoardSummary
from db.tables.calendars import CalendarChange, CalendarDay, CalendarHours, CalendarYear, UnitCalendarDay
from db.tables.drafts import Draft
from db.tables.escalation import Escalation, EscalationPolicy, EscalationPolicyInForce, EscalationRung
from db.tables.evidence import Blob, Evidence, ExpungeRequest, UploadSession
from db.tables.items import (
    DeadlineChange,
    ImportFlag,
    Item,
    ItemDeadline,
    Milestone,
    PrintedRow,
    Responsibility,
    ResponsibilityChange,
    Suspension,
    TaskList,
    TriggerEvent,
)
from db.tables.lights import Light, LightPeriod, LightRuleSet, ProgressFact
from db.tables.messages import (
    CalendarFeed,
    ChannelEndpoint,
    Message,
    MessagePreference,
    Sending,
    SendingAttempt,
    SendingMessage,
)
from db.tables.operation import Heartbeat, SweepFailure, SweepStatus
from db.tables.people import Absence, ApiToken, Person, SignInLink, UnitMember, UserSession
from db.tables.processes import (
    ActivityLog,
    EventWait,
    ProcessFile,
    ProcessInstance,
    ProcessTimer,
    ProcessVersion,
    ProgressRound,
    Submission,
    WorkItem,
)
from db.tables.records import (
    AuditEntry,
    AuditSeal,
    Delivery,
    IdempotencyKey,
)
from db.tables.reporting import PreliminaryReport, ReportPeriod, ReportRhythm
from db.tables.saved_filters import SavedFilter
from db.tables.units import Unit, UnitAlias, UnitCandidate, UnitGroup, UnitGroupMember

__all__ = [
    "Absence",
    "ActivityLog",
    "ApiToken",
    "AuditEntry",
    "AuditSeal",
    "Blob",
    "BoardSummary",
    "CalendarChange",
    "CalendarDay",
    "CalendarFeed",
    "CalendarHours",
    "CalendarYear",
    "ChannelEndpoint",
    "DeadlineChange",
    "Delivery",
    "Draft",
    "Escalation",
    "EscalationPolicy",
    "EscalationPolicyInForce",
    "EscalationRung",
    "EventWait",
    "Evidence",
    "ExpungeRequest",
    "Heartbeat",
    "IdempotencyKey",
    "ImportFlag",
    "Item",
    "ItemDeadline",
    "Light",
    "LightPeriod",
    "LightRuleSet",
    "Message",
    "MessagePreference",
    "Milestone",
    "Person",
    "PreliminaryReport",
    "PrintedRow",
    "ProcessFile",
    "ProcessInstance",
    "ProcessTimer",
    "ProcessVersion",
    "ProgressFact",
    "ProgressRound",
    "ReportPeriod",
    "ReportRhythm",
    "Responsibility",
    "ResponsibilityChange",
    "SavedFilter",
    "Sending",
    "SendingAttempt",
    "SendingMessage",
    "SignInLink",
    "Submission",
    "Suspension",
    "SweepFailure",
    "SweepStatus",
    "TaskList",
    "TriggerEvent",
    "Unit",
    "UnitAlias",
    "UnitCalendarDay",
    "UnitCandidate",
    "UnitGroup",
    "UnitGroupMember",
    "UnitMember",
    "UploadSession",
    "UserSession",
    "WorkItem",
]
