"""What else a notice moves: report days, and deadlines that run in working days."""

from datetime import date, datetime

from db.tables import (
    AuditEntry,
    DeadlineChange,
    Item,
    ProgressRound,
    ReportPeriod,
)
from domain.calendar import end_of
from domain.items import DeadlineKind, Strength
from domain.permissions import OPERATOR, SCHEDULER
from domain.rhythm import Rhythm, RhythmKind
from services.clock_keeping import RecordTrigger
from services.items import NewDeadline
from services.rhythms import SetRhythm
from services.rounds import OpenDueRound
from tests.calendar_world import notice, rows, settle


def test_report_days_of_open_periods_move_with_their_rounds_and_work_items(december, clock):
    item_id = december.item(co_units=0)
    december.to_progress(item_id)
    with december.sessions() as session:
        list_id = session.get_one(Item, item_id).list_id
    rhythm = Rhythm(
        kind=RhythmKind.MONTHLY, starts_on=date(2027, 1, 1), due_day=31, co_due_day=31, opens_before=28, joins_before=0
    )
    december.do(SetRhythm(list_id=list_id, seen_version=0, rhythm=rhythm), december.clerk)
    clock.at = datetime.fromisoformat("2027-01-05T09:00:00+08:00")
    assert december.do(OpenDueRound(list_id=list_id, item_id=item_id), SCHEDULER) is not None
    [before] = december.open_work(item_id, "consolidate")
    # 31 January 2027 is a Sunday, by weekdays alone: the Friday before it. The notice has it worked.
    assert (before.due_at, before.provisional) == (end_of(date(2027, 1, 29)), True)

    december.do(notice(), OPERATOR)
    batches = settle(december, clock)
    [after] = december.open_work(item_id, "consolidate")
    assert batches[-1].done
    assert (after.due_at, after.provisional, after.escalate_at) == (end_of(date(2027, 1, 31)), False, clock.now())
    [period] = rows(december, ReportPeriod)
    [asked] = rows(december, ProgressRound)
    assert (period.due_at, period.provisional, asked.due_at) == (after.due_at, False, after.due_at)
    assert [e.payload["report_days"][0][2] for e in rows(december, AuditEntry) if "report_days" in (e.payload or {})]


def test_a_deadline_in_working_days_after_a_trigger_moves_and_one_in_months_does_not(december, clock):
    waiting = {
        rule: december.item(
            deadlines=(
                NewDeadline(
                    phrase="上级部署后",
                    kind=DeadlineKind.RELATIVE,
                    rule=rule,
                    strength=Strength.CONDITIONAL_ON_HIGHER_LEVEL,
                ),
            )
        )
        for rule in ("P10D/WORKDAYS", "P1M")
    }
    for item_id in waiting.values():
        december.to_progress(item_id)
        item = item_of(december, item_id)
        december.do(
            RecordTrigger(
                item_id=item_id,
                seen_version=item.version,
                document_number="滨政发〔2026〕9号",
                happened_on=date(2026, 12, 29),
            ),
            december.clerk,
        )
    working, monthly = (item_of(december, waiting[rule]) for rule in ("P10D/WORKDAYS", "P1M"))
    assert (working.due_at, working.due_provisional) == (end_of(date(2027, 1, 12)), True)
    assert (monthly.due_at, monthly.due_provisional) == (end_of(date(2027, 1, 29)), False)

    december.do(notice(), OPERATOR)
    settle(december, clock)
    moved = item_of(december, working.id)
    assert (moved.due_at, moved.due_provisional, moved.escalate_at) == (end_of(date(2027, 1, 13)), False, clock.now())
    [claim] = december.open_work(working.id, "claim_completion")
    assert (claim.due_at, claim.provisional) == (moved.due_at, False)
    assert item_of(december, monthly.id).due_at == monthly.due_at
    kinds = [c.kind for c in rows(december, DeadlineChange) if c.item_id == working.id]
    assert kinds[-1] == "recomputed"


def item_of(world, item_id):
    with world.sessions() as session:
        return session.get_one(Item, item_id)
