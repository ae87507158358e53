"""The demo's chapters on 总结评估 and KPI targets, played on the sample city with the items that they are about."""

from datetime import date

import pytest
from rich.console import Console
from sqlmodel import col, select

from app.demo import assessment, desk, kpi, stories
from app.demo.document import write_task_list
from app.demo.run import DOCUMENT_NAME, found, import_list, stage_of
from app.demo.show import Screen
from app.demo.tasks import Issue
from db.tables import (
    Assessment,
    IssuedDocument,
    Item,
    ItemReview,
    LeadOpinion,
    ListChange,
    ListChangeEntry,
    MinorityOpinion,
    Recommendation,
)
from domain.permissions import Role
from services.queries.assessments import assessments
from services.queries.kpi import kpi_target, kpi_targets
from services.queries.kpi_requests import kpi_requests
from services.queries.reading import reading
from tests.executors import new_executor

TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def played(database, engine, owner_engine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("assessment")
    executor = new_executor(engine, folder)
    with (folder / "told.txt").open("w") as told:
        founded = found(executor, Screen(Console(file=told)), today=TODAY, days=stories.LAST_DAY)
    issue = Issue(founded.start)
    list_id = import_list(founded, DOCUMENT_NAME, write_task_list(issue))
    stage = stage_of(founded, list_id)
    desk.clear_sample_list(stage, list_id, issue)
    begun = [act for act in stories.acts(list_id) if act.ref in {*assessment.SAMPLE, "16"} and act.day <= 10]
    for act in sorted([*begun, *assessment.acts(), *kpi.acts(stage.start)], key=lambda each: each.day):
        stage.on_day(act.day)
        act.perform(stage)
    yield stage
    engine.dispose()
    owner_engine.dispose()
    database.recreate()


def rows(stage, statement):
    with stage.session() as session:
        return list(session.exec(statement).all())


def test_an_assessment_came_to_its_report_with_everything_that_can_happen_in_one(played):
    with reading(played.executor, played.person("市开放办", Role.OFFICE_STAFF)) as asked:
        [row] = assessments(asked)
    assert (row.sample, row.graded, row.outcome) == (4, 4, "reported")
    assert [view.seat for view in rows(played, select(ItemReview).order_by(col(ItemReview.seat)))].count(3) == 1
    outcomes = {opinion.outcome for opinion in rows(played, select(LeadOpinion))}
    assert outcomes == {"adopted", "refused", "agreed", "silent"}
    assert len(rows(played, select(MinorityOpinion))) == 1
    assert all(each.settled_at for each in rows(played, select(Recommendation)))
    assert rows(played, select(Item.id).where(Item.kind == "field_visit"))
    [change] = rows(played, select(ListChange))
    assert (change.number, len(rows(played, select(ListChangeEntry)))) == (1, 2)
    assert change.item_id in {each.became_id for each in rows(played, select(Recommendation))}
    [document_id] = rows(played, select(Assessment.document_id))
    [document] = rows(played, select(IssuedDocument).where(IssuedDocument.id == document_id))
    assert "湖西区" in document.snapshot


def test_targets_have_their_months_and_the_one_without_a_base_cannot_be_assessed(played):
    with reading(played.executor, played.person("市开放办", Role.OFFICE_STAFF)) as asked:
        targets = {row.name: row for row in kpi_targets(asked)}
    assert len(targets) == 5
    assert (targets["数字贸易年均增速"].value, targets["数字贸易年均增速"].why_not) == (None, "base_missing")
    counted = targets["制度创新成果"]
    assert (counted.value, counted.method, counted.items) == (52, "linear", 2)
    assert counted.low is not None
    assert counted.forecast is not None
    assert counted.low <= counted.forecast


def test_a_unit_reported_a_share_month_by_month_and_the_last_figure_waits_for_its_signature(played):
    with reading(played.executor, played.person("市开放办", Role.OFFICE_STAFF)) as asked:
        share = next(row for row in kpi_targets(asked) if row.name == "知识密集型服务出口占比")
        detail = kpi_target(asked, share.id)
        by_hand = [row for row in kpi_requests(asked, open_only=True) if row.asked_by]
    assert share.rhythm == "monthly"
    assert [row.outcome for row in detail.requests] == [None, "recorded", "not_measured", *["recorded"] * 4]
    assert detail.requests[0].holder is not None
    assert detail.requests[0].holder.step == "数据签发"
    assert len(detail.figures) == 5
    assert {(figure.reported_by, len(figure.evidence) > 0) for figure in detail.figures} == {(share.reporter, True)}
    assert [row.target for row in by_hand] == ["制度创新成果"]


def test_played_again_the_chapters_add_nothing(played):
    assert all(played.has_done(act.name) for act in (*assessment.acts(), *kpi.acts(played.start)))
