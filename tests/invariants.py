"""What must hold for every item at every moment: read from the tables and from the engine's state."""

from collections import Counter

from sqlmodel import Session, col, select

from bpmn.engine import ProcessEngine
from db.tables import (
    ActivityLog,
    DeadlineChange,
    EventWait,
    Item,
    ItemDeadline,
    ProcessInstance,
    ProcessTimer,
    Suspension,
    WorkItem,
)
from domain.calendar import end_of
from domain.items import FINAL, STATUS_AFTER, STATUS_WHILE_OPEN, ItemKind, ItemStatus
from services.process_library import ProcessLibrary

ENGINE, LIBRARY = ProcessEngine(), ProcessLibrary()


def check_everything(session: Session) -> None:
    """Every instance's indexes equal the engine's truth, its log is whole, and items agree with their processes."""
    for instance in session.exec(select(ProcessInstance)):
        check_instance(session, instance)
    for item in session.exec(select(Item)):
        check_item(session, item)


def check_instance(session: Session, instance: ProcessInstance) -> None:
    """Open work items are the engine's open tasks; timers and waits too; one log row per step."""
    work = session.exec(select(WorkItem).where(WorkItem.instance_id == instance.id)).all()
    open_tasks = {w.task_id for w in work if w.closed_at is None}
    revs = session.exec(select(ActivityLog.rev).where(ActivityLog.instance_id == instance.id)).all()
    assert sorted(revs) == list(range(instance.rev + 1)), "one log row per step"
    if instance.ended_at is not None:
        assert instance.state is None
        assert instance.outcome is not None
        assert not open_tasks, "an ended instance has no open work"
        timers, waits = set(), set()
    else:
        assert instance.state is not None
        bundle = LIBRARY.bundle(session, instance.version_id)
        truth = ENGINE.inspect(bundle, instance.state)
        assert open_tasks == {task.task_id for task in truth.open_tasks}, "open work items are the open tasks"
        timers = {timer.task_id for timer in truth.timers}
        waits = {wait.task_id for wait in truth.waits}
    stored_timers = session.exec(select(ProcessTimer.task_id).where(ProcessTimer.instance_id == instance.id)).all()
    stored_waits = session.exec(select(EventWait.task_id).where(EventWait.instance_id == instance.id)).all()
    assert set(stored_timers) == timers
    assert set(stored_waits) == waits
    for row in work:
        assert (row.closed_at is None) == (row.closed_as is None)
        # Only an answer that was set aside has somebody who gave it and does not count.
        assert row.closed_by is not None if row.closed_as == "done" else row.closed_by is None or row.decision
    per_task = Counter((w.task_id, w.unit_id) for w in work if w.closed_as == "done")
    assert all(count == 1 for count in per_task.values()), "a party answers a task once"


def check_item(session: Session, item: Item) -> None:
    """The item's status is that of its process; a final item has nothing running."""
    running = session.exec(
        select(ProcessInstance).where(ProcessInstance.item_id == item.id, col(ProcessInstance.ended_at).is_(None))
    ).all()
    if item.status in FINAL:
        assert running == [], "a final item has no running process"
        assert item.ended_at is not None
        # A matter is settled, whatever its process came to.
        after = STATUS_AFTER[str(item.outcome)] if item.kind == ItemKind.TASK else ItemStatus.SETTLED
        assert item.status == after
    check_clock(session, item)
    supervision = [p for p in running if p.key == "supervision"]
    assert len(supervision) <= 1
    for instance in supervision:
        steps = session.exec(
            select(WorkItem.bpmn_id).where(WorkItem.instance_id == instance.id, col(WorkItem.closed_at).is_(None))
        ).all()
        assert all(STATUS_WHILE_OPEN[step] == item.status for step in steps)


def check_clock(session: Session, item: Item) -> None:
    """The original deadline stands, the current one is the last approved change, and a stopped clock is not armed."""
    changes = session.exec(
        select(DeadlineChange).where(DeadlineChange.item_id == item.id).order_by(col(DeadlineChange.id))
    ).all()
    assert item.due_at == (changes[-1].due_at if changes else None), "the current deadline is the last approved change"
    rows = session.exec(
        select(ItemDeadline).where(
            ItemDeadline.item_id == item.id,
            col(ItemDeadline.replaced_at).is_(None),
            ItemDeadline.applies_to == "row",
        )
    )
    printed = [row.on_date for row in rows if row.on_date is not None]
    if item.issued_at is not None and printed:
        originals = [change.due_at for change in changes if change.kind == "original"]
        assert originals[-1] == end_of(max(printed)), "the original stands"
    assert item.paused_at is None or item.escalate_at is None, "a stopped clock is not armed"
    suspensions = session.exec(
        select(Suspension).where(Suspension.item_id == item.id, col(Suspension.resumed_at).is_(None))
    ).all()
    assert len(suspensions) <= 1
    if suspensions:
        assert item.paused_at is not None, "a suspended item's clock stands still"
    if item.status in FINAL:
        assert not suspensions
        assert (item.escalate_at, item.paused_at) == (None, None), "an ended item has no clock"
    work = session.exec(select(WorkItem).where(WorkItem.item_id == item.id, col(WorkItem.closed_at).is_(None))).all()
    assert all(row.paused_at is None or row.escalate_at is None for row in work), "stopped work is not armed"
