"""The console's commands for setting up, from the command line down to a committed database."""

import pytest
from sqlmodel import Session, select

from app.cli import EXIT_REFUSED
from app.cli._console import acting
from app.container import make_container, opened_container
from app.settings import Settings
from db.access import external_access
from db.tables import AuditEntry, Person, Unit
from domain.errors import NotFound
from domain.permissions import Role
from tests.console_city import write


@pytest.fixture
def sheet(tmp_path):
    return lambda name, *rows: write(tmp_path / name, rows)


@pytest.fixture
def city(dudao, sheet):
    """Two units and two people, imported."""
    dudao(
        "units",
        "import",
        sheet("units.xlsx", ["单位全称", "简称"], ["江北市商务局", "市商务局"], ["江北市办公室", "市办公室"]),
    )
    people = [
        ["姓名", "单位", "角色", "电话", "登录名"],
        ["张三", "市商务局", "单位负责人", "13800001111", "zhangsan"],
        ["李四", "市办公室", "办公室人员", "13800002222", "lisi"],
    ]
    return dudao("people", "import", sheet("people.xlsx", *people))


def test_units_and_people_are_set_up_from_spreadsheets(dudao, city, engine):
    assert "2 added" in city.stdout
    assert "without a liaison today: 市商务局" in city.stderr
    assert "江北市商务局" in dudao("units", "list").stdout
    listed = dudao("people", "list").stdout
    assert "张三" in listed
    assert "13800001111" not in listed
    with Session(engine) as session:
        entries = session.exec(select(AuditEntry).order_by("id")).all()
    assert [(entry.command, entry.actor_kind, entry.source) for entry in entries] == [
        ("ImportUnits", "operator", "console"),
        ("ImportPeople", "operator", "console"),
    ]


def test_wrong_rows_are_listed_with_their_reasons(dudao, sheet, engine):
    file = sheet("bad.xlsx", ["单位全称", "类别"], ["甲局", "部门"], ["", "部门"], ["乙局", "公司制"])
    refused = dudao("units", "import", file, code=EXIT_REFUSED)
    lines = refused.stderr.splitlines()
    assert [line.split("\t")[:2] for line in lines[:2]] == [["3", "value_missing"], ["4", "value_unknown"]]
    assert lines[2] == "2 rows refused, nothing written"
    with Session(engine) as session:
        assert session.exec(select(Unit)).all() == []


def test_checking_prints_and_writes_nothing(dudao, sheet, engine):
    checked = dudao("units", "import", "--check", sheet("units.xlsx", ["单位全称"], ["甲局"]))
    assert "1 added, 0 changed, 0 unchanged (checked only, nothing written)" in checked.stdout
    with Session(engine) as session:
        assert session.exec(select(Unit)).all() == []


def test_links_are_printed_once_each_and_accounts_can_be_shut(dudao, city, engine):
    invited = dudao("people", "invite", "--all")
    lines = [line.split("\t") for line in invited.stdout.splitlines()]
    assert [(login, name) for login, name, *_ in lines] == [("lisi", "李四"), ("zhangsan", "张三")]
    assert all(url.startswith("https://dudao.test/links/") for _, _, url, _ in lines)
    [reset] = dudao("accounts", "reset", "lisi").stdout.splitlines()
    assert reset.split("\t")[2] not in invited.stdout
    dudao("accounts", "disable", "lisi")
    with Session(engine) as session:
        assert session.exec(select(Person).where(Person.login == "lisi")).one().disabled_at is not None
    dudao("accounts", "enable", "lisi")
    unknown = dudao("accounts", "disable", "nobody", code=EXIT_REFUSED)
    assert "没有找到" in unknown.stderr


def test_business_is_done_as_a_person_with_the_roles_of_today(dudao, city):
    with acting("lisi") as console:
        assert console.actor.name == "李四"
        assert console.actor.units_as(Role.OFFICE_STAFF)
    dudao("accounts", "disable", "lisi")
    with pytest.raises(NotFound), acting("lisi"):
        pytest.fail("a disabled person acted")


def test_reading_sessions_cannot_write(dudao, city, committed_db):
    from sqlalchemy.exc import DBAPIError

    with opened_container() as container:
        with container.reads() as session:
            unit = session.exec(select(Unit)).first()
            assert unit is not None
            unit.short_name = "改名"
            with pytest.raises(DBAPIError, match="read-only transaction"):
                session.flush()
        with container.sessions() as session:
            assert "改名" not in {unit.short_name for unit in session.exec(select(Unit))}


def test_settings_become_the_rules_of_sessions(committed_db, tmp_path):
    settings = Settings(data_dir=tmp_path, session_hours=3, session_idle_minutes=10, secure_cookies=True)
    container = make_container(settings, external_access(committed_db.app_url, committed_db.owner_url))
    assert container.session_policy.lifetime.total_seconds() == 3 * 3600
    assert container.session_policy.idle.total_seconds() == 600
    assert container.secure_cookies
    container.engine.dispose()
