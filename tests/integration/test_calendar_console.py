"""The calendar from the command line."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from app.cli import EXIT_REFUSED
from db.tables import CalendarChange, CalendarYear, Unit
from tests.unit.importers.notices import NOTICE_2027


@pytest.fixture
def notice(tmp_path):
    path = tmp_path / "通知.txt"
    path.write_text(NOTICE_2027, encoding="utf-8")
    return path


def test_a_year_is_previewed_imported_shown_and_replaced_on_purpose(dudao, engine, notice):
    preview = dudao("calendar", "import", notice, "--dry-run").stdout
    assert "2027-02-14" in preview and "would be written" in preview and "advice, no day off" in preview
    assert "not loaded" in dudao("calendar", "show", "2027").stdout

    assert "2027: 18 weekdays off, 6 make-up days; written" in dudao("calendar", "import", notice).stdout
    shown = dudao("calendar", "show", "2027").stdout
    assert "2027-10-09" in shown and "国庆节" in shown and "通知.txt" in shown
    assert "2027" in dudao("calendar", "list").stdout
    assert "nothing changed" in dudao("calendar", "import", notice).stdout

    notice.write_text(NOTICE_2027.replace("1月31日（周日）、", ""), encoding="utf-8")
    refused = dudao("calendar", "import", notice, code=EXIT_REFUSED)
    assert "1月31日（周日）同平日" in refused.stderr
    assert "written" in dudao("calendar", "import", notice, "--replace").stdout
    assert "2027-01-31" not in dudao("calendar", "show", "2027").stdout


def test_an_impossible_day_is_refused_with_its_sentence_and_nothing_is_stored(dudao, engine, notice):
    notice.write_text(NOTICE_2027.replace("2月14日（周日）", "2月30日（周日）"), encoding="utf-8")
    refused = dudao("calendar", "import", notice, code=EXIT_REFUSED)
    assert "“春节”部分的“2月30日”不是存在的日期" in refused.stderr
    with Session(engine) as session:
        assert session.get(CalendarYear, 2027) is None


def test_a_table_with_wrong_rows_names_each(dudao, tmp_path):
    path = tmp_path / "2027.csv"
    path.write_text("日期,安排\n2027-01-01,休\n明天,休\n2027-01-04,也许\n", encoding="utf-8")
    refused = dudao("calendar", "import", path, code=EXIT_REFUSED)
    assert "3\tdate_invalid" in refused.stderr and "4\tvalue_unknown" in refused.stderr


def test_a_missing_file_and_an_empty_one_are_said_to_be_so(dudao, tmp_path):
    empty = tmp_path / "空.txt"
    empty.write_text("", encoding="utf-8")
    assert "空.txt" in dudao("calendar", "import", empty, code=EXIT_REFUSED).stderr
    assert "没有.txt" in dudao("calendar", "import", tmp_path / "没有.txt", code=EXIT_REFUSED).stderr


def test_days_of_a_unit_and_working_hours_are_set_and_taken_back(dudao, engine):
    with Session(engine) as session:
        session.add(Unit(official_name="江北区政府", short_name="江北区", kind="district"))
        session.commit()
    set_ = dudao("calendar", "unit-days", "江北区", "--off", "2027-03-03", "--work", "2027-03-07", "--name", "区庆")
    assert "2027-03-03" in set_.stdout and "区庆" in set_.stdout
    assert "2027-03-07" in dudao("calendar", "show", "2027", "--unit", "江北区").stdout
    assert "2027-03-03" not in dudao("calendar", "unit-days", "江北区", "--remove", "2027-03-03").stdout
    dudao("calendar", "unit-days", "江北区", "--off", "2027-02-30", "--name", "x", code=2)
    dudao("calendar", "unit-days", "江北区", "--off", "2027-03-03", code=EXIT_REFUSED)

    dudao("calendar", "hours", "--from", "2027-05-01", "--spans", "08:30-12:00,14:30-18:00")
    assert "14:30-18:00" in dudao("calendar", "hours").stdout
    assert "不成立" in dudao("calendar", "hours", "--from", "2027-05-01", "--spans", "12-09", code=EXIT_REFUSED).stderr
    dudao("calendar", "hours", "--from", "2027-05-01", "--spans", "morning", code=2)


def test_recompute_works_off_what_every_process_knows(dudao, engine, notice):
    dudao("calendar", "import", notice)
    with Session(engine) as session:
        for change in session.exec(select(CalendarChange)):
            change.changed_at -= timedelta(minutes=5)
        session.commit()
    assert "0 limits looked at, 0 changed" in dudao("calendar", "recompute").stdout
    with Session(engine) as session:
        assert all(change.recomputed_at for change in session.exec(select(CalendarChange)))
