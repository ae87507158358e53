"""The list of the late: who has not reported, with the days, and who held whom up."""

from datetime import UTC, date, datetime
from io import BytesIO

import openpyxl
import pytest

from domain.permissions import Role
from services.export import late_workbook
from services.queries.item_detail import visible_item
from services.queries.late_reports import late_reports
from services.queries.ledger import LedgerFilter, whole_ledger
from services.queries.reading import reading
from services.queries.rounds import progress_rounds
from services.queries.timeline import EntryKind, timeline_of
from tests.integration.test_sheets import make_sheet


@pytest.fixture
def sheet(world):
    return make_sheet(world, 2, co_units=1)


def late(world, actor=None, **options):
    with reading(world.executor, actor or world.clerk) as asked:
        return late_reports(asked, **options)


def on(world, day, month=3):
    world.clock.at = datetime(2026, month, day, 2, tzinfo=UTC)


def test_nobody_is_late_before_the_report_day_is_over(world, sheet):
    on(world, 20)
    assert late(world) == ()


def test_a_co_unit_that_is_late_is_named_before_the_lead_and_with_it(world, sheet):
    on(world, 22)
    assert [(row.part, row.days_late) for row in late(world)] == [("co_unit", 2)] * 2
    on(world, 28)
    rows = late(world, period="2026-03")
    leads = [row for row in rows if row.part == "lead"]
    assert [(row.due_on, row.days_late, row.reported_on) for row in leads] == [(date(2026, 3, 25), 3, None)] * 2
    assert [row.waits_for for row in leads] == [("市配合子局",)] * 2
    assert late(world, period="2026-02") == ()


def test_who_has_reported_late_is_listed_with_when_on_demand(world, sheet):
    on(world, 27)
    for item_id in sheet.items:
        world.everybody(item_id, "contribute", form={"progress": "已完成"})
    sheet.draft()
    sheet.submit(preliminary=True)
    assert [(row.part, row.unsigned) for row in late(world)] == [("lead", True)] * 2
    sheet.sign()
    assert late(world) == ()
    assert {(row.part, row.days_late, row.reported_on) for row in late(world, missing_only=False)} == {
        ("lead", 2, date(2026, 3, 27)),
        ("co_unit", 7, date(2026, 3, 27)),
    }


def test_what_was_returned_was_in_time_all_the_same(world, sheet):
    on(world, 19)
    for item_id in sheet.items:
        world.everybody(item_id, "contribute", form={"progress": "已完成"})
    sheet.draft()
    sheet.submit()
    sheet.sign()
    sheet.review(returned=sheet.items)
    on(world, 30)
    assert late(world, missing_only=False) == ()


def test_a_unit_sees_its_own_late_reports_only(world, sheet):
    on(world, 28)
    assert len(late(world, world.actor(world.leads[0], Role.LIAISON))) == 4
    assert late(world, world.actor(world.leads[1], Role.LIAISON)) == ()


def test_the_list_is_exported(world, sheet):
    on(world, 28)
    with reading(world.executor, world.clerk) as asked:
        content = late_workbook(asked, late_reports(asked))
    rows = list(openpyxl.load_workbook(BytesIO(content)).worksheets[0].iter_rows(values_only=True))
    assert rows[0][:4] == ("清单", "报送期", "单位", "承担部分")
    assert len(rows) == 5
    assert {row[3] for row in rows[1:]} == {"牵头汇总", "配合报送"}


def test_unsigned_figures_are_marked_in_ledger_rounds_and_story(world, sheet):
    for item_id in sheet.items:
        world.everybody(item_id, "contribute", form={"progress": "已完成"})
    sheet.draft()
    sheet.submit(preliminary=True)

    def shown():
        with reading(world.executor, world.clerk) as asked:
            ledger = [row.unsigned_percent for row in whole_ledger(asked, LedgerFilter())]
            rounds = [row.preliminary.percent if row.preliminary else None for row in progress_rounds(asked).rows]
            story = timeline_of(asked, visible_item(asked, sheet.items[0]))
        return ledger, rounds, [entry.kind for entry in story if entry.kind is EntryKind.PRELIMINARY]

    assert shown() == ([40, 40], [40, 40], [EntryKind.PRELIMINARY])
    sheet.sign()
    assert shown() == ([None, None], [None, None], [EntryKind.PRELIMINARY])


def test_the_story_names_the_act_that_completed_a_row(world, sheet):
    for item_id in sheet.items:
        world.everybody(item_id, "contribute", form={"progress": "已完成"})
    sheet.draft()
    sheet.submit()
    with reading(world.executor, world.clerk) as asked:
        stories = [timeline_of(asked, visible_item(asked, item_id)) for item_id in sheet.items]
    numbers = {entry.audit_entry for story in stories for entry in story if entry.name == "consolidate"}
    assert len(numbers) == 1
    assert None not in numbers
