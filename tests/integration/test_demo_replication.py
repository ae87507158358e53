"""The demo's chapter on 复制推广, played by itself on the sample city."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import cast

import openpyxl
import pytest
from rich.console import Console
from sqlmodel import col, select

from app.demo import replication, replication_before, stories
from app.demo.city import OFFICE
from app.demo.papers import write_documents
from app.demo.replication import write_papers
from app.demo.replication_forms import BEFORE
from app.demo.run import found
from app.demo.show import Screen
from app.demo.stage import Stage
from db.tables import (
    Adoption,
    Delivery,
    Item,
    NationalReport,
    ReplicationBatch,
    ReplicationCase,
    ReplicationOpinion,
    WorkItem,
)
from domain.calendar import LOCAL
from services.occasions import WORK_TOPIC
from services.ports import Draughtsman
from tests.executors import new_executor

TODAY = date(2026, 11, 20)
LATER = sorted([*replication.acts(), *replication_before.checks()], key=lambda act: act.day)
ACTS = [*replication_before.acts(), *LATER]


@pytest.fixture(scope="module")
def played(database, engine, owner_engine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("replication")
    executor = new_executor(engine, folder)
    with (folder / "told.txt").open("w") as told:
        founded = found(
            executor, Screen(Console(file=told)), today=TODAY, days=stories.LAST_DAY, before=replication_before.DAYS
        )
    stage = Stage(founded.executor, founded.clock, founded.start, "replication")
    for act in ACTS:
        stage.on_day(act.day)
        act.perform(stage)
    yield stage, folder
    engine.dispose()
    owner_engine.dispose()
    database.recreate()


def rows(played, statement):
    with played[0].session() as session:
        return list(session.exec(statement).all())


def test_a_year_has_two_batches_and_cases_that_end_in_every_way(played):
    states = dict(
        rows(
            played,
            select(Item.text, ReplicationCase.state).join(
                ReplicationCase, col(ReplicationCase.item_id) == col(Item.id)
            ),
        )
    )
    assert Counter(states.values()) == {
        "implementing": 4,
        "kept": 1,
        "revised": 1,
        "stopped": 2,
        "merged": 1,
        "withdrawn": 1,
        "not_adopted": 1,
    }
    assert states["夜间查验预约"] == "stopped"
    issued = sorted(batch.issued_at for batch in rows(played, select(ReplicationBatch)))
    begun = datetime.combine(played[0].start, time(), LOCAL)
    assert [at > begun for at in issued] == [False, True, True]


def test_a_year_after_the_first_batch_its_cases_are_kept_revised_and_stopped(played):
    ends = dict(
        rows(
            played,
            select(Item.text, ReplicationCase.state)
            .join(ReplicationCase, col(ReplicationCase.item_id) == col(Item.id))
            .where(col(Item.text).in_([story.title for story in BEFORE.values()])),
        )
    )
    assert [ends[story.title] for story in BEFORE.values()] == ["kept", "revised", "stopped"]
    issued = min(batch.issued_at for batch in rows(played, select(ReplicationBatch)))
    checked = rows(played, select(WorkItem).where(WorkItem.bpmn_id == "check_effect"))
    assert len(checked) == 3
    assert all(timedelta(days=365) <= work.opened_at - issued < timedelta(days=380) for work in checked)


def test_adoptions_stand_in_every_state(played):
    states = {row.state for row in rows(played, select(Adoption))}
    assert states == {"asked", "carrying_out", "adopted", "already_in_place", "not_applicable", "cancelled"}


def test_one_report_upward_is_selected_and_silence_is_on_record(played):
    [report] = rows(played, select(NationalReport))
    assert (report.result, report.supplements) == ("selected", 1)
    assert report.document_number
    assert "none" in {row.answer for row in rows(played, select(ReplicationOpinion))}


def test_the_issued_lists_are_spreadsheets_that_name_no_firm_against_its_will(played, tmp_path):
    stage, _ = played
    _, first, second = replication.write_lists(stage, tmp_path)
    sheet = openpyxl.load_workbook(first).worksheets[0]
    printed = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert printed[0] == ["序号", "改革事项", "主要内容及成效", "推广范围", "负责单位"]
    assert [row[1] for row in printed[1:]] == ["研发样品清单验放", "跨境直播合规指引", "夜间查验预约"]
    assert "示范生物研究" not in str(printed)
    assert "某企业甲" in str(printed[1][2])
    assert openpyxl.load_workbook(second).worksheets[0].max_row == 3


def test_each_act_is_done_once(played):
    stage, _ = played
    assert all(stage.has_done(act.name) for act in ACTS)


def test_everything_that_was_issued_lies_in_the_folder_as_a_file(played, tmp_path):
    """How it is drawn is tested elsewhere, and takes its time."""

    class Draws:
        def pdf(self, template, content, *, attachments=()):
            return f"{template} {content.get('title', '')} {len(attachments)}".encode()

    stage, _ = played
    draws, office_id = cast("Draughtsman", Draws()), stage.unit(OFFICE)
    written = write_documents(stage.executor, draws, office_id=office_id, out=tmp_path)
    folders = Counter(str(each.path.parent.relative_to(tmp_path)) for each in written)
    assert folders == {"公文/通知": 5, "公文/函": 2, "公文/报告": 1}
    assert all(each.path.is_file() for each in written)
    batches = write_papers(stage.executor, draws, office_id=office_id, out=tmp_path)
    assert [each.path.name[:15] for each in batches] == [f"关于印发滨海示范市第{n}批复制推" for n in "一二三"]


def test_whoever_is_asked_next_is_told(played):
    """Each step that opens is a hand-over, and has its row of `delivery` from the same transaction."""
    told = select(Delivery.subject_id).where(Delivery.topic == WORK_TOPIC)
    works = rows(played, select(WorkItem.bpmn_id, col(WorkItem.id).in_(told)))
    assert len(works) > 200
    assert [step for step, known in works if not known] == []
