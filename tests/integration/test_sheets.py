"""Report sheets: filled by several people, handed in, signed and reviewed in one act, returned row by row."""

import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select

from db.tables import AuditEntry, Draft, PreliminaryReport, ReportPeriod, WorkItem
from domain.errors import AlreadyExists, NotFound, PermissionDenied
from domain.permissions import Role
from domain.reporting_errors import (
    NotPreliminary,
    SheetChanged,
    SheetOvertaken,
    SheetRowsRefused,
    SheetTwice,
    SheetWaits,
)
from services.drafts import SaveDraft
from services.preliminary import SendPreliminary
from services.queries.reading import reading
from services.queries.sheets import sheet_view
from services.queries.work_counts import count_work
from services.queries.worklist import WorkFilter, open_work
from services.sheets import ReviewSheet, RowAct, SheetStep, SignSheet, SubmitSheet
from services.visibility import WorkScope
from tests.integration.test_rhythms import set_rhythm, sweep
from tests.invariants import check_everything
from tests.world import REPORT, add_person


class Sheet:
    """The sheet of the first lead in March, with hands that fill it."""

    def __init__(self, world, items):
        self.world, self.items, self.unit = world, items, world.leads[0]
        self.liaison = world.actor(self.unit, Role.LIAISON)
        self.leader = world.actor(self.unit, Role.UNIT_LEADER)
        with world.sessions() as session:
            self.period = session.exec(select(ReportPeriod.id)).one()

    def view(self, actor=None, unit=None, *, co_unit=False):
        with reading(self.world.executor, actor or self.liaison) as asked:
            return sheet_view(asked, self.period, unit or self.unit, co_unit=co_unit)

    def waiting(self, step, actor=None, **options):
        return [row for row in self.view(actor, **options).rows if row.step == step and row.work_item_id]

    def draft(self, rows=None, form=None, actor=None):
        for row in rows if rows is not None else self.waiting("consolidate"):
            seen = row.draft.version if row.draft else 0
            command = SaveDraft(work_item_id=row.work_item_id, seen_version=seen, form=form or REPORT)
            self.world.do(command, actor or self.liaison)

    def acts(self, rows, **fields):
        return tuple(RowAct(work_item_id=r.work_item_id, seen_version=r.seen_version, **fields) for r in rows)

    def submit(self, rows=None, *, key=None, **options):
        rows = rows if rows is not None else self.acts(self.waiting("consolidate"))
        command = SubmitSheet(report_period_id=self.period, unit_id=self.unit, rows=rows, **options)
        return self.world.do(command, self.liaison, key)

    def sign(self, rows=None, actor=None):
        rows = rows if rows is not None else self.acts(self.waiting("sign_report", self.leader))
        return self.world.do(
            SignSheet(report_period_id=self.period, unit_id=self.unit, rows=rows), actor or self.leader
        )

    def review(self, returned=(), actor=None, **fields):
        rows = self.waiting("review_report", self.world.clerk)
        said = {"reason_code": "figures_contradict", "opinion": "数字与上期不衔接", **fields}
        acts = tuple(
            RowAct(work_item_id=r.work_item_id, seen_version=r.seen_version, decision="return", **said)
            if r.item_id in returned
            else RowAct(work_item_id=r.work_item_id, seen_version=r.seen_version, decision="approve")
            for r in rows
        )
        command = ReviewSheet(report_period_id=self.period, unit_id=self.unit, rows=acts)
        return self.world.do(command, actor or self.world.clerk)


def make_sheet(world, count, **parties):
    items = [world.item(text=f"第{n}件：推动事项", **parties) for n in range(count)]
    for item_id in items:
        world.to_progress(item_id)
    set_rhythm(world, items[0])
    assert set(sweep(world)) == set(items)
    return Sheet(world, items)


@pytest.fixture
def sheet(world):
    return make_sheet(world, 3)


def refused_rows(refused) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = refused.value.facts["rows"]
    return rows


def steps(sheet):
    return {row.item_id: row.outcome or row.step for row in sheet.view().rows}


def test_a_sheet_goes_from_drafts_to_the_offices_approval_in_three_acts(world, sheet):
    sheet.draft()
    assert [row.missing for row in sheet.view().rows] == [""] * 3
    assert len(sheet.submit().rows) == 3
    sheet.sign()
    done = sheet.review()
    assert [each.outcome for each in done.rows] == ["accepted"] * 3
    assert set(steps(sheet).values()) == {"accepted"}
    with world.sessions() as session:
        commands = session.exec(
            select(AuditEntry)
            .where(
                col(AuditEntry.command).in_(["SubmitSheet", "SignSheet", "ReviewSheet", "CompleteWorkItem"]),
                AuditEntry.subject_id == sheet.period,
            )
            .order_by(col(AuditEntry.id))
        ).all()
        assert session.exec(select(Draft)).all() == []
        check_everything(session)
    assert [entry.command for entry in commands] == ["SubmitSheet", "SignSheet", "ReviewSheet"]
    assert [row["decision"] for row in commands[2].payload["decided"]] == ["approve"] * 3
    assert "form" not in str(commands[0].payload)


def test_only_the_returned_row_comes_back_with_why_and_goes_the_same_way_again(world, sheet):
    sheet.draft()
    sheet.submit()
    sheet.sign()
    bad = sheet.items[1]
    sheet.review(returned=[bad])
    assert steps(sheet) == {sheet.items[0]: "accepted", bad: "consolidate", sheet.items[2]: "accepted"}
    [row] = sheet.waiting("consolidate")
    assert (row.returned.reason_code, row.returned.opinion) == ("figures_contradict", "数字与上期不衔接")
    assert row.handed_in.form["percent"] == 40
    sheet.draft(form={**REPORT, "percent": 45})
    sheet.submit()
    sheet.sign()
    sheet.review()
    assert set(steps(sheet).values()) == {"accepted"}
    with world.sessions() as session:
        check_everything(session)


def test_a_leader_returns_a_row_and_signs_the_others(sheet):
    sheet.draft()
    sheet.submit()
    first, *others = sheet.waiting("sign_report", sheet.leader)
    back = RowAct(
        work_item_id=first.work_item_id,
        seen_version=first.seen_version,
        decision="return",
        reason_code="material_insufficient",
        opinion="补充数字",
    )
    sheet.sign((back, *sheet.acts(others)))
    assert steps(sheet) == {sheet.items[0]: "consolidate"} | dict.fromkeys(sheet.items[1:], "review_report")


def test_several_people_fill_it_row_by_row_and_see_who_wrote_what(world, sheet):
    with world.sessions() as session:
        other = add_person(session, world.clock, sheet.unit, Role.LIAISON)
        session.commit()
    first, second, _ = sheet.waiting("consolidate")
    sheet.draft([first])
    sheet.draft([second], form={"percent": 10}, actor=other)
    rows = sheet.view().rows
    assert [row.draft.saved_by_name for row in rows] == [sheet.liaison.name, other.name, ""]
    assert rows[0].missing == ""
    assert "本期做成了什么" in rows[1].missing
    assert [row.draft for row in sheet.view(world.clerk).rows] == [None] * 3


def test_a_sheet_is_handed_in_complete_or_not_at_all(world, sheet):
    first, second, _ = sheet.waiting("consolidate")
    sheet.draft([first, second])
    with pytest.raises(SheetRowsRefused) as refused:
        sheet.submit()
    [row] = refused_rows(refused)
    assert (row["work_item_id"], row["code"]) == (str(sheet.waiting("consolidate")[2].work_item_id), "invalid_form")
    assert set(steps(sheet).values()) == {"consolidate"}
    with pytest.raises(SheetChanged):
        sheet.submit(sheet.acts(sheet.waiting("consolidate")[:2]))
    assert [row.draft.version for row in sheet.view().rows] == [1, 1, 0]


def test_an_overtaken_row_is_named_and_nothing_is_lost(world, sheet):
    sheet.draft()
    seen = sheet.acts(sheet.waiting("consolidate"), seen_draft=1)
    world.complete(sheet.items[1], "consolidate", form=REPORT)
    with pytest.raises(SheetOvertaken) as refused:
        sheet.submit(seen)
    [row] = refused_rows(refused)
    assert (row["code"], refused.value.facts["count"]) == ("work_item_closed", 1)
    assert steps(sheet) == {
        sheet.items[0]: "consolidate",
        sheet.items[1]: "sign_report",
        sheet.items[2]: "consolidate",
    }
    assert [row.draft.version for row in sheet.waiting("consolidate")] == [1, 1]


def test_a_draft_that_somebody_went_on_writing_is_not_handed_in_unseen(sheet):
    sheet.draft()
    seen = sheet.acts(sheet.waiting("consolidate"), seen_draft=1)
    sheet.draft([sheet.waiting("consolidate")[0]], form={**REPORT, "percent": 99})
    with pytest.raises(SheetOvertaken) as refused:
        sheet.submit(seen)
    assert [row["code"] for row in refused_rows(refused)] == ["stale_draft"]


def test_rows_without_drafts_may_bring_their_forms(sheet):
    sheet.submit(sheet.acts(sheet.waiting("consolidate"), form=REPORT))
    assert set(steps(sheet).values()) == {"sign_report"}


def test_nobody_signs_or_reviews_their_own_rows(world, sheet):
    both = world.actor(sheet.unit, Role.LIAISON)
    leader = type(both)(id=both.id, name=both.name, memberships=both.memberships | sheet.leader.memberships)
    sheet.draft()
    sheet.submit()
    with pytest.raises(SheetRowsRefused) as refused:
        sheet.sign(actor=leader)
    assert {row["code"] for row in refused_rows(refused)} == {"own_submission"}


def test_each_act_is_for_its_own_role_and_hidden_from_strangers(world, sheet):
    sheet.draft()
    rows = sheet.acts(sheet.waiting("consolidate"))
    submit = SubmitSheet(report_period_id=sheet.period, unit_id=sheet.unit, rows=rows)
    with pytest.raises(PermissionDenied):
        world.do(submit, sheet.leader)
    with pytest.raises(PermissionDenied):
        world.do(submit, world.clerk)
    stranger = world.actor(world.leads[1], Role.LIAISON)
    with pytest.raises(NotFound):
        world.do(submit, stranger)
    with pytest.raises(NotFound):
        sheet.view(stranger)
    with pytest.raises(NotFound):
        sheet.submit(sheet.acts(sheet.waiting("consolidate")), step=SheetStep.REVIEW)
    wrong = SubmitSheet(report_period_id=sheet.period, unit_id=world.leads[1], rows=rows)
    with pytest.raises(NotFound):
        world.do(wrong, sheet.liaison)
    with pytest.raises(SheetTwice):
        sheet.submit((*rows, rows[0]))


def test_a_return_without_a_reason_names_its_row(sheet):
    sheet.draft()
    sheet.submit()
    sheet.sign()
    with pytest.raises(SheetRowsRefused) as refused:
        sheet.review(returned=[sheet.items[2]], reason_code=None)
    assert [row["code"] for row in refused_rows(refused)] == ["reason_missing"]
    assert set(steps(sheet).values()) == {"review_report"}


def test_a_repeated_request_is_carried_out_once(sheet):
    sheet.draft()
    rows, key = sheet.acts(sheet.waiting("consolidate")), uuid4()
    assert sheet.submit(rows, key=key) == sheet.submit(rows, key=key)


def entries(world, actor, scope=WorkScope.MINE, **filters):
    with reading(world.executor, actor) as asked:
        wanted = WorkFilter(scope=scope, **filters)
        return open_work(asked, wanted).rows, count_work(asked, wanted)


def test_the_work_list_and_its_counts_have_one_entry_per_sheet(world, sheet):
    other = world.item()
    world.to_progress(other)
    rows, counts = entries(world, sheet.liaison, kinds=("consolidate",))
    assert [(row.sheet.waiting, row.sheet.rows, row.sheet.unit_id) for row in rows] == [(3, 3, sheet.unit)]
    assert counts.total == 1
    assert {c.value: c.count for c in counts.by_kind}["consolidate"] == 1
    single, _ = entries(world, sheet.liaison, kinds=("consolidate",), by_sheet=False)
    assert len(single) == 3
    found, counted = entries(world, sheet.liaison, kinds=("consolidate",), text="第1件")
    assert (len(found), counted.total, found[0].sheet) == (1, 1, None)
    sheet.draft()
    sheet.submit()
    sheet.sign()
    rows, counts = entries(world, world.clerk, WorkScope.ALL, kinds=("review_report",))
    assert [row.sheet.waiting for row in rows] == [3]
    assert counts.total == 1
    sheet.review(returned=sheet.items[:1])
    rows, _ = entries(world, sheet.liaison, kinds=("consolidate",))
    assert [(row.sheet.waiting, row.sheet.rows) for row in rows] == [(1, 3)]


def test_a_single_item_is_no_sheet(world):
    alone = make_sheet(world, 1)
    rows, counts = entries(world, alone.liaison, kinds=("consolidate",))
    assert [row.sheet for row in rows] == [None]
    assert counts.total == 1


def test_co_units_hand_their_parts_in_by_sheet_and_the_lead_waits_for_them(world):
    sheet = make_sheet(world, 2, co_units=1)
    unit = world.co_units[0]
    co_liaison = world.actor(unit, Role.LIAISON)
    lonely = world.item()
    world.to_progress(lonely)
    world.clock.advance(hours=1)
    assert sweep(world) == [lonely]
    rows, _ = entries(world, co_liaison, kinds=("contribute",))
    assert [(row.sheet.part, row.sheet.waiting) for row in rows] == [("co_unit", 2)]
    sheet.draft()
    with pytest.raises(SheetWaits):
        sheet.submit()
    sheet.submit(leave_waiting=True)
    waiting = sheet.waiting("contribute", co_liaison, unit=unit, co_unit=True)
    done = world.do(
        SubmitSheet(
            report_period_id=sheet.period,
            unit_id=unit,
            rows=sheet.acts(waiting, form={"progress": "本单位已完成"}),
            step=SheetStep.CONTRIBUTE,
        ),
        co_liaison,
    )
    assert all(each.decided for each in done.rows)
    view = sheet.view()
    assert [row.contributions[0].form["progress"] for row in view.rows[:2]] == ["本单位已完成"] * 2
    assert view.waiting == 0


def test_last_periods_figures_stand_beside_each_row(world, sheet):
    sheet.draft()
    sheet.submit()
    sheet.sign()
    sheet.review()
    world.clock.at = datetime(2026, 4, 15, 1, tzinfo=UTC)
    sweep(world)
    with world.sessions() as session:
        sheet.period = session.exec(select(ReportPeriod.id).where(ReportPeriod.period == "2026-04")).one()
    assert [(row.previous.period, row.previous.form["percent"]) for row in sheet.view().rows] == [("2026-03", 40)] * 3


def test_unsigned_figures_are_marked_until_they_are_signed(world, sheet):
    sheet.draft()
    assert sheet.submit(preliminary=True).preliminary == 3
    marks = [row.preliminary for row in sheet.view(world.clerk).rows]
    assert [(mark.percent, mark.sent_by) for mark in marks] == [(40, sheet.liaison.name)] * 3
    sheet.sign()
    assert [row.preliminary for row in sheet.view(world.clerk).rows] == [None] * 3


def test_unsigned_figures_can_follow_later_and_only_of_what_waits_for_its_signature(world, sheet):
    rounds = tuple(row.round_id for row in sheet.view().rows)
    send = SendPreliminary(round_ids=rounds)
    with pytest.raises(NotPreliminary):
        world.do(send, sheet.liaison)
    sheet.draft()
    sheet.submit()
    with pytest.raises(NotFound):
        world.do(send, world.actor(world.leads[1], Role.LIAISON))
    assert world.do(send, sheet.liaison) == 3
    with pytest.raises(AlreadyExists):
        world.do(send, sheet.liaison)
    with world.sessions() as session:
        assert len(session.exec(select(PreliminaryReport.id)).all()) == 3


def test_a_sheet_of_26_rows_takes_less_than_a_second(world):
    sheet = make_sheet(world, 26)
    sheet.draft()
    rows = sheet.acts(sheet.waiting("consolidate"))
    began = time.perf_counter()
    sheet.submit(rows)
    assert time.perf_counter() - began < 1.0
    rows = sheet.acts(sheet.waiting("sign_report", sheet.leader))
    began = time.perf_counter()
    sheet.sign(rows)
    assert time.perf_counter() - began < 1.0
    with world.sessions() as session:
        assert len(session.exec(select(WorkItem).where(WorkItem.bpmn_id == "review_report")).all()) == 26


def test_a_joint_lead_signs_the_rows_it_shares(world):
    sheet = make_sheet(world, 2, leads=2)
    sheet.draft()
    sheet.submit()
    second = world.leads[1]
    sheet.sign()
    assert set(steps(sheet).values()) == {"sign_report"}
    leader = world.actor(second, Role.UNIT_LEADER)
    rows = sheet.acts(sheet.waiting("sign_report", leader, unit=second))
    world.do(SignSheet(report_period_id=sheet.period, unit_id=second, rows=rows), leader)
    assert set(steps(sheet).values()) == {"review_report"}
    assert isinstance(sheet.period, UUID)
