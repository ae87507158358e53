"""复制推广 from the console, on a committed database: from the nomination to a batch that is issued and exported."""

import json

import pytest
from openpyxl import load_workbook
from sqlmodel import select

from app.cli import EXIT_REFUSED
from db.session import make_sessions
from db.tables import Item, ReplicationCase
from tests.console_city import found_city
from tests.replication_world import NOMINATION

UNITS = [
    ["单位全称", "简称", "类别", "别名"],
    ["江北市开放工作办公室", "市开放办", "办公室", ""],
    ["江北市商务局", "市商务局", "部门", "市商务委"],
    ["江北市东湾区人民政府", "东湾区", "区", ""],
]
PEOPLE = [
    ["姓名", "单位", "角色", "登录名"],
    ["周敏", "市开放办", "办公室人员", "zhoumin"],
    ["程远航", "市开放办", "单位负责人", "chengyuanhang"],
    ["李晨曦", "市商务局", "联络员", "lichenxi"],
    ["王建业", "市商务局", "单位负责人", "wangjianye"],
    ["田舒畅", "东湾区", "联络员", "tianshuchang"],
]
EARLIER = (
    "首批清单\n\n序号\t改革事项\t主要内容及成效\t推广范围\t负责单位\n1\t样品清单验放\t一次备案。\t全市\t市商务局\n"
)


@pytest.fixture
def city(dudao, tmp_path):
    return found_city(dudao, tmp_path, units=UNITS, people=PEOPLE)


def test_a_case_goes_from_the_console_into_a_batch(city, engine, tmp_path):
    dudao = city
    opened = dudao("cases", "nominate", "样品清单管理", "--applicant", "市商务委", "--as", "zhoumin").stdout
    case = opened.split()[0]
    [work] = json.loads(dudao("worklist", "list", "--as", "lichenxi", "--json").stdout)
    form = json.dumps(NOMINATION, ensure_ascii=False)
    assert "1 completed" in dudao("worklist", "complete", work["id"], "--form", form, "--as", "lichenxi").stdout
    assert "申报签发" in dudao("cases", "list", "--as", "zhoumin").stdout
    assert dudao("cases", "show", case, "--as", "tianshuchang", code=EXIT_REFUSED).stderr

    earlier = tmp_path / "首批.txt"
    earlier.write_text(EARLIER, encoding="utf-8")
    assert "1 rows" in dudao("batches", "import", earlier, "--as", "zhoumin").stdout
    refused = dudao("batches", "draft", "第一批清单", "--case", case, "--as", "zhoumin", code=EXIT_REFUSED)
    assert "等联席会议审议通过" in refused.stderr

    with make_sessions(engine)() as session:
        # The conference's decision, reached by steps that other tests take.
        row = session.exec(select(ReplicationCase)).one()
        row.state, row.range, row.responsible = "approved", "jjj", ["市商务局"]
        session.commit()
    drafted = dudao("batches", "draft", "第一批清单", "--case", case, "--as", "zhoumin").stdout
    assert "batch 1, 1 to compare" in drafted
    assert dudao("batches", "issue", "1", "--as", "chengyuanhang", code=EXIT_REFUSED).stderr
    assert "样品清单验放" in dudao("batches", "settle", case, "--different", "--as", "zhoumin").stdout
    assert "样品清单管理" in dudao("batches", "show", "1", "--as", "zhoumin").stdout
    file = tmp_path / "batch.xlsx"
    dudao("batches", "export", "1", file, "--as", "zhoumin")
    assert [cell.value for cell in load_workbook(file).worksheets[0][2]][1] == "样品清单管理"
    withdrawn = ("cases", "withdraw", case, "--reason", "再核实", "--as")
    assert dudao(*withdrawn, "zhoumin", code=EXIT_REFUSED).stderr
    dudao(*withdrawn, "wangjianye")
    [shown] = json.loads(dudao("cases", "list", "--state", "withdrawn", "--as", "zhoumin", "--json").stdout)
    assert shown["state_label"] == "已撤回"
    assert json.loads(dudao("batches", "list", "--as", "zhoumin", "--json").stdout)[0]["cases"] == 0
    assert "本批还没有案例" in dudao("batches", "issue", "1", "--as", "chengyuanhang", code=EXIT_REFUSED).stderr


def test_a_clue_names_its_source_on_the_console(city, engine):
    dudao = city
    task = dudao("items", "create", "样品通关提速", "--lead", "市商务局", "--as", "zhoumin").stdout.split()[0]
    with make_sessions(engine)() as session:
        # In progress, reached by steps that other tests take.
        row = session.exec(select(Item).where(Item.text == "样品通关提速")).one()
        row.status = "in_progress"
        session.commit()
    asked = ("--item", task, "--co-due", "2026-10-20", "--due", "2026-10-25", "--as", "zhoumin")
    dudao("rounds", "open", "2026-09", *asked)
    quarter = ("--from", "2026-07-01", "--to", "2026-09-30", "--title", "三季度评估")
    dudao("assessments", "start", "mid_term", *quarter, "--as", "zhoumin")
    [assessment] = json.loads(dudao("assessments", "list", "--as", "zhoumin", "--json").stdout)

    def source(*options, code=0):
        """Kind and words of the new case's source."""
        nominate = ("cases", "nominate", "样品清单", "--applicant", "市商务局", "--as", "zhoumin")
        said = dudao(*nominate, *options, code=code)
        if code:
            return said.output
        case = said.stdout.split()[0]
        found = json.loads(dudao("cases", "show", case, "--as", "zhoumin", "--json").stdout)["source"]
        assert found["words"] in dudao("cases", "show", case, "--as", "zhoumin").stdout
        return found["kind"], found["words"]

    assert source() == ("call", "集中征集")
    kind, words = source("--source", task)
    assert (kind, words.startswith("督办事项（"), "样品通关提速" in words) == ("item", True, True)
    kind, words = source("--source", task, "--period", "2026-09")
    assert (kind, words.startswith("进展报告（"), words.endswith("2026-09）")) == ("round", True, True)
    assert source("--assessment", assessment["id"]) == ("assessment", "总结评估（三季度评估）")
    assert "--source" in source("--period", "2026-09", code=2)
    source("--source", task, "--period", "2026-08", code=EXIT_REFUSED)
    source("--source", task, "--assessment", assessment["id"], code=EXIT_REFUSED)
