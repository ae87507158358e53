"""The demo on other terms: interrupted and taken up again, and on a document that was not written for it."""

import io
from dataclasses import replace
from datetime import date, timedelta

import docx
import pytest
from openpyxl import load_workbook
from rich.console import Console
from sqlmodel import col, select

from app.demo import any_document, desk, replication_before, stories
from app.demo.document import write_task_list
from app.demo.report import show_ledger
from app.demo.run import DOCUMENT_NAME, found, import_list, play_sample, stage_of
from app.demo.show import Screen
from app.demo.tasks import Issue
from db.tables import Item, TaskList
from domain.demo_errors import DemoDataDiffers
from domain.items import ItemStatus
from domain.messages import message_for
from tests.executors import new_executor

TODAY = date(2026, 11, 20)


def test_an_interrupted_play_is_taken_up_where_it_stopped(committed_db, engine, tmp_path):
    """Both plays, of the year before and of the list, end in the middle; run again they do the rest, no act twice."""

    class Impatient(Screen):
        def playing(self, acts):
            return acts[:40]

    executor = new_executor(engine, tmp_path)
    silent = Console(file=io.StringIO())
    first = play_sample(executor, Impatient(silent), today=TODAY, out=tmp_path)
    assert first.new_acts == 40 + 40

    class Patient(Screen):
        def playing(self, acts):
            return acts[:60]

    later = replace(executor)
    second = play_sample(later, Patient(silent), today=date(2026, 12, 24), out=tmp_path)
    assert (second.new_acts, second.left_alone) == (20 + 20, frozenset())
    with executor.sessions() as session:
        assert len(session.exec(select(TaskList.id).where(col(TaskList.source_digest).is_not(None))).all()) == 1


def test_any_document_is_played_with_units_and_people_of_its_own(committed_db, engine, tmp_path):
    path = tmp_path / "分工表.docx"
    document = docx.Document()
    document.add_paragraph("江口市促进首店经济任务分工表")
    table = document.add_table(rows=1, cols=3)
    written = (
        ("序号", "任务", "责任单位"),
        ("1", "出台首店引进办法，明确补助口径。", "江口市商贸局牵头，江口市财税局配合"),
        ("2", "简化首店开业前的检查流程。", "江口市消防局、江口市商贸局"),
        ("3", "培育自有品牌首发活动。", "有关区人民政府"),
    )
    for cell, words in zip(table.rows[0].cells, written[0], strict=True):
        cell.text = words
    for line in written[1:]:
        for cell, words in zip(table.add_row().cells, line, strict=True):
            cell.text = words
    document.save(str(path))
    executor = new_executor(engine, tmp_path)
    screen = Screen(Console(file=io.StringIO()))
    stage = found(executor, screen, today=TODAY, days=any_document.LAST_DAY)
    played = any_document.play_document(stage, screen, path=path)
    assert played.left_alone == frozenset() and played.new_acts > 20
    with executor.sessions() as session:
        items = session.exec(select(Item).where(Item.list_id == played.list_id)).all()
        assert all(item.status != ItemStatus.DRAFT for item in items) and len(items) == 3
    rows = show_ledger(executor, screen, played, tmp_path / "out" / "ledger.xlsx")
    sheet = load_workbook(tmp_path / "out" / "ledger.xlsx").worksheets[0]
    assert len(rows) == 3 and sheet.max_row == 1 + len(rows)
    again = any_document.play_document(
        found(executor, screen, today=TODAY, days=any_document.LAST_DAY), screen, path=path
    )
    assert again == replace(played, new_acts=0)


def test_data_of_another_versions_play_say_how_to_begin_anew(committed_db, engine, tmp_path):
    """What an older version did under other names is met again by this one, which cannot do it twice."""
    executor = new_executor(engine, tmp_path)
    screen = Screen(Console(file=io.StringIO()))
    founded = found(executor, screen, today=TODAY, days=stories.LAST_DAY, before=replication_before.DAYS)
    issue = Issue(founded.start)
    list_id = import_list(founded, DOCUMENT_NAME, write_task_list(issue))
    desk.clear_sample_list(replace(stage_of(founded, list_id), scope="older"), list_id, issue)
    with pytest.raises(DemoDataDiffers) as refused:
        play_sample(executor, screen, today=TODAY, out=tmp_path)
    said = message_for(refused.value)
    assert "数字经济促进中心" in said
    assert "make clean" in said
    with pytest.raises(DemoDataDiffers) as refused:
        play_sample(executor, screen, today=TODAY - timedelta(days=60), out=tmp_path)
    assert f"{founded.clock.at:%Y-%m-%d}" in message_for(refused.value)
