"""What the description of the API shows as answers: values of the very types that the routes return."""

from datetime import UTC, date, datetime
from uuid import UUID

from domain.light_words import light_words
from domain.lights import Judgement, Light
from domain.urgency import Urgency
from services.queries.actions import Actions, ItemAction, ReturnTarget, WorkAction
from services.queries.audit import AuditRow
from services.queries.counts import Count
from services.queries.late_reports import LateReport
from services.queries.ledger import LedgerRow
from services.queries.ledger_facts import Holder
from services.queries.lists import ListRow
from services.queries.operation import Failure, Operation, Process, SweepRow
from services.queries.rounds import RoundRow
from services.queries.steps import Choice
from services.queries.work_counts import WorkCounts
from services.queries.worklist import WorkRow
from services.stepping import OpenedWorkItem
from services.work_items import Completed

ITEM_ID = UUID("0c7e1f0a-5a0e-4d2c-9a55-0d6a3f1c2b11")
LIST_ID = UUID("4b1d9f5e-2a64-4f7c-8a0e-6f1f4b7f9d22")
AHEAD = Judgement(
    Light.GREEN, "on_schedule", "按进度推进", facts={"expected_percent": 38, "reported_percent": 40, "lag": -2}
)
BEHIND = Judgement(
    Light.YELLOW, "behind", "落后10至30个百分点", facts={"expected_percent": 80, "reported_percent": 62, "lag": 18}
)
UNIT_ID = UUID("8d2f6c3b-7c1e-4e8e-b7a3-1f0b5e9a4c33")
WORK_ITEM_ID = UUID("f3a9c1d7-6e2b-4b0f-93de-2c4d8b7a5e44")
INSTANCE_ID = UUID("a1b2c3d4-0f6e-4f3a-8c9d-5e6f7a8b9c55")
PERSON_ID = UUID("6c5b4a39-2817-4605-94f3-d2c1b0a98766")
MESSAGE_ID = UUID("b7a1f0e2-3c4d-4e5f-8a9b-0c1d2e3f4a77")
SENDING_ID = UUID("c8b2a1f3-4d5e-4f60-9bac-1d2e3f4a5b88")
ENDPOINT_ID = UUID("d9c3b2a4-5e6f-4071-8cbd-2e3f4a5b6c99")
AT = datetime(2026, 3, 6, 1, 30, tzinfo=UTC)
DUE = datetime(2026, 3, 10, 16, tzinfo=UTC)

HOLDER = Holder(
    work_item_id=WORK_ITEM_ID,
    instance_id=INSTANCE_ID,
    unit_id=UNIT_ID,
    unit="市商务局",
    bpmn_id="sign_for",
    step="签收",
    role="liaison",
    since=AT,
)

WORK_ROW = WorkRow(
    id=WORK_ITEM_ID,
    version=1,
    bpmn_id="sign_for",
    step="签收",
    role="liaison",
    unit_id=UNIT_ID,
    unit="市商务局",
    item_id=ITEM_ID,
    number="12",
    text="建立外贸企业联系服务机制",
    section="一、稳定外贸",
    list_id=LIST_ID,
    list_title="稳外贸任务清单",
    period=None,
    opened_at=AT,
    due_at=DUE,
    provisional=False,
    urgency=Urgency.TODAY,
    urgency_label="今日到期",
    days_left=0,
)

WORK_COUNTS = WorkCounts(
    total=7,
    by_kind=(Count("contribute", "配合单位报送", 4), Count("sign_for", "签收", 3)),
    by_urgency=(
        Count("overdue", "已逾期", 1),
        Count("today", "今日到期", 2),
        Count("soon", "三个工作日内", 3),
        Count("later", "未到期", 1),
        Count("no_limit", "无时限", 0),
    ),
)

LEDGER_ROW = LedgerRow(
    id=ITEM_ID,
    version=3,
    number="12",
    list_id=LIST_ID,
    list_title="稳外贸任务清单",
    document_number="江政办发2026年3号",
    section="一、稳定外贸",
    text="建立外贸企业联系服务机制",
    measures=("一是建立名录", "二是定期走访"),
    deadline_phrase="2026年底前",
    due_on=date(2026, 12, 31),
    provisional=False,
    strength="firm",
    strength_label="限时",
    leads=("市商务局",),
    co_units=("市财政局",),
    groups=(),
    status="in_progress",
    status_label="推进中",
    urgency=Urgency.LATER,
    urgency_label="未到期",
    light="green",
    light_words=light_words(AHEAD),
    light_since=AT,
    clock=None,
    days_left=296,
    held_by=(HOLDER,),
    percent=40,
    percent_on=date(2026, 2, 25),
    parent_id=None,
    members=0,
    members_ended=0,
    issued_at=AT,
    ended_at=None,
)

COMPLETED = Completed(
    work_item_id=WORK_ITEM_ID,
    decided=True,
    opened=(OpenedWorkItem(UUID("b7d1e2f3-3c4d-4e5f-8a6b-7c8d9e0f1a77"), "draft_plan", UNIT_ID, DUE),),
    outcome=None,
)

WORK_ACTION = WorkAction(
    work_item_id=WORK_ITEM_ID,
    seen_version=1,
    bpmn_id="sign_plan",
    step="方案签发",
    unit_id=UNIT_ID,
    unit="市商务局",
    role="unit_leader",
    decisions=(Choice("sign", "签发"), Choice("return", "退回")),
    adverse="return",
    return_targets=(ReturnTarget("draft_plan", "制定方案"),),
    evidence="none",
    form_name="sign",
    form={"type": "object", "properties": {"opinion": {"type": "string", "title": "意见"}}},
)

ACTIONS = Actions(work=(WORK_ACTION,), item=(ItemAction.OPEN_ROUND,), seen_version=3)

LIST_ROW = ListRow(
    id=LIST_ID,
    version=1,
    title="稳外贸任务清单",
    document_number="江政办发2026年3号",
    issuer="江北市人民政府办公厅",
    origin="document",
    origin_label="文件",
    kind="task_list",
    status="draft",
    status_label="待核",
    office_unit_id=UNIT_ID,
    declared_count=24,
    found_count=24,
    created_at=AT,
    approved_at=None,
    open_flags=5,
    open_blocking=2,
    historical=False,
)

ROUND_ROW = RoundRow(
    id=UUID("d4c3b2a1-9e8f-4a7b-8c6d-5e4f3a2b1c88"),
    instance_id=INSTANCE_ID,
    item_id=ITEM_ID,
    number="12",
    text="建立外贸企业联系服务机制",
    list_id=LIST_ID,
    period="2026-03",
    opened_at=AT,
    co_due_at=datetime(2026, 3, 20, 16, tzinfo=UTC),
    due_at=datetime(2026, 3, 25, 16, tzinfo=UTC),
    provisional=False,
    outcome=None,
    percent=None,
    held_by=(HOLDER,),
)

LATE_REPORT = LateReport(
    round_id=ROUND_ROW.id,
    item_id=ITEM_ID,
    number="12",
    text="建立外贸企业联系服务机制",
    list_id=LIST_ID,
    list_title="稳外贸任务清单",
    period="2026-03",
    unit_id=UNIT_ID,
    unit="市商务局",
    part="lead",
    due_on=date(2026, 3, 25),
    reported_on=None,
    days_late=3,
    unsigned=True,
    waits_for=("市财政局",),
)

AUDIT_ROW = AuditRow(
    id=4711,
    at=AT,
    actor_id=PERSON_ID,
    actor="张三",
    unit_id=UNIT_ID,
    unit="市商务局",
    command="CompleteWorkItem",
    subject_id=WORK_ITEM_ID,
    payload={"decision": "accept", "seen_version": 1},
    error_code=None,
    request_id="0f7a1c52b7f44c43",
    source="10.1.2.3",
    sequence=4690,
)

OPERATION = Operation(
    ticking=True,
    processes=(
        Process(
            id=UUID("0b9a8c7d-6e5f-4a3b-9c2d-1e0f9a8b7c66"),
            kind="scheduler",
            host="dudao-1",
            pid=4711,
            ticking=True,
            started_at=AT,
            seen_at=AT,
            silent=False,
        ),
    ),
    sweeps=(
        SweepRow(
            name="process_timers",
            ran_at=AT,
            took_ms=1.9,
            done=0,
            done_ever=1280,
            backlog=1,
            oldest_due_at=AT,
            lag_seconds=0.4,
            failing=1,
        ),
    ),
    failures=(
        Failure(
            sweep="process_timers",
            key=str(INSTANCE_ID),
            attempts=3,
            first_at=AT,
            failed_at=AT,
            next_try_at=AT,
            error_code="process_fault",
            error="no condition of check_plan holds",
            incident=True,
        ),
    ),
)
