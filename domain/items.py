"""Statuses of an item and of its list, after `domain.md` P1. Late or near due are lights, not statuses."""

from enum import StrEnum


class ItemStatus(StrEnum):
    """Where an item stands. Everything from CLOSED on is final."""

    DRAFT = "draft"
    REGISTERED = "registered"
    ISSUED = "issued"
    SENT_BACK = "sent_back"
    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    CLAIMED = "claimed"
    UNDER_REVIEW = "under_review"
    COMPLETED = "completed"
    CLOSED = "closed"
    CLOSED_FOR_STAGE = "closed_for_stage"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"
    # Of a matter, whose process says more: tasks have the others.
    UNDER_WAY = "under_way"
    SETTLED = "settled"


FINAL = frozenset(
    {
        ItemStatus.CLOSED,
        ItemStatus.CLOSED_FOR_STAGE,
        ItemStatus.WITHDRAWN,
        ItemStatus.TERMINATED,
        ItemStatus.SETTLED,
    }
)
TASK_STATUSES = tuple(status for status in ItemStatus if status not in {ItemStatus.UNDER_WAY, ItemStatus.SETTLED})
"""What a supervised task can be in."""


class ItemKind(StrEnum):
    """What an item is: a supervised task, or a matter of the office's other mechanisms (docs/decisions/0010)."""

    TASK = "task"
    REPLICATION_CASE = "replication_case"
    BATCH = "batch"
    ADOPTION = "adoption"
    NATIONAL_REPORT = "national_report"
    BULLETIN = "bulletin"
    CONFERENCE = "conference"
    TOPIC = "topic"
    COORDINATION = "coordination"
    EVALUATION = "evaluation"
    UNIT_SCORE = "unit_score"
    ASSESSMENT = "assessment"
    ASSESSED_ITEM = "assessed_item"
    SELF_ASSESSMENT = "self_assessment"
    ITEM_REVIEW = "item_review"
    FIELD_VISIT = "field_visit"
    LEAD_OPINION = "lead_opinion"
    KPI_TARGET = "kpi_target"
    KPI_READING = "kpi_reading"
    LIST_CHANGE = "list_change"


# Before its issue an item is the office's own business.
UNISSUED = frozenset({ItemStatus.DRAFT, ItemStatus.REGISTERED})

# The status an item has while this step of `supervision` is open.
STATUS_WHILE_OPEN: dict[str, ItemStatus] = {
    "issue": ItemStatus.REGISTERED,
    "sign_for": ItemStatus.ISSUED,
    "settle_send_back": ItemStatus.SENT_BACK,
    "rule_on_send_back": ItemStatus.SENT_BACK,
    "draft_plan": ItemStatus.RECEIVED,
    "sign_plan": ItemStatus.RECEIVED,
    "confirm_plan": ItemStatus.RECEIVED,
    "check_plan": ItemStatus.RECEIVED,
    "claim_completion": ItemStatus.IN_PROGRESS,
    "countersign": ItemStatus.CLAIMED,
    "sign_completion": ItemStatus.CLAIMED,
    "review_completion": ItemStatus.UNDER_REVIEW,
    "decide_by_meeting": ItemStatus.UNDER_REVIEW,
    "close": ItemStatus.COMPLETED,
    "file_item": ItemStatus.COMPLETED,
}

# The status an item ends in, by the end event of `supervision`.
STATUS_AFTER: dict[str, ItemStatus] = {
    "closed": ItemStatus.CLOSED,
    "closed_for_stage": ItemStatus.CLOSED_FOR_STAGE,
    "withdrawn": ItemStatus.WITHDRAWN,
    "terminated": ItemStatus.TERMINATED,
}


class ClockState(StrEnum):
    """Why an item's deadline does not press: its clock stands still, or it had passed when the item was taken over."""

    PAUSED = "paused"
    HISTORICAL = "historical"


class ListStatus(StrEnum):
    """A task list: imported as a draft, approved once by the office's leader, changed as a whole, and ended at last."""

    DRAFT = "draft"
    APPROVED = "approved"
    ENDED = "ended"


class Origin(StrEnum):
    """Where an item comes from."""

    DOCUMENT = "document"
    INSTRUCTION = "instruction"
    MEETING = "meeting"
    MANUAL = "manual"
    # The office's register of matters: no list of tasks, and shown among none.
    MATTERS = "matters"


class ResponsibilityRole(StrEnum):
    """The part a unit has in an item. GROUP is a printed group that still has to be expanded, PROPOSED a unit that is
    asked whether it takes the lead over.
    """

    LEAD = "lead"
    CO_UNIT = "co_unit"
    GROUP = "group"
    OVERSIGHT = "oversight"
    PROPOSED = "proposed"
    # In matters.
    APPLICANT = "applicant"
    CONSULTED = "consulted"
    EXPERT = "expert"
    ADOPTER = "adopter"
    MEMBER = "member"
    ASSESSOR = "assessor"
    SUBJECT = "subject"
    CHAIR = "chair"
    CONTRIBUTOR = "contributor"
    QUOTED = "quoted"
    CRITICISED = "criticised"
    RECIPIENT = "recipient"
    RATER = "rater"
    # A consulted unit that did not answer and is asked once more, and who reviews legality.
    SILENT = "silent"
    LEGAL = "legal"


class DeadlineKind(StrEnum):
    """Normal forms of `domain.md` §2.1."""

    BY_DATE = "by_date"
    RELATIVE = "relative"
    RECURRING = "recurring"
    ONGOING = "ongoing"
    NONE = "none"
    UNKNOWN = "unknown"


class Strength(StrEnum):
    """How hard a date is."""

    FIRM = "firm"
    STRIVE = "strive"
    BREAKTHROUGH_OK = "breakthrough_ok"
    CONDITIONAL_ON_HIGHER_LEVEL = "conditional_on_higher_level"
