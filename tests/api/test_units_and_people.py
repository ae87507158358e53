"""The registry and the directory over HTTP: pages, imports, decisions on names, and who sees a phone number."""

import base64
import io

import pytest
from openpyxl import Workbook
from sqlmodel import select

from db.tables import Item, Responsibility, TaskList, Unit, UnitAlias, UnitCandidate
from domain.permissions import Role
from importers.sheets.table import MAX_BYTES


def xlsx(*rows):
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


UNITS = xlsx(
    ["单位全称", "简称", "类别", "别名", "所属组别"],
    ["江北市财政局", "市财政局", "部门", "财政部门", "成员单位"],
    ["云湖区人民政府", "云湖区", "区", "", ""],
)


def post(client, path, content, **query):
    headers = {"Content-Type": "application/octet-stream"}
    return client.post(path, content=content, params={"name": "表.xlsx", **query}, headers=headers)


def test_units_are_imported_and_read(client_as):
    admin = client_as(Role.SYSTEM_ADMIN)
    imported = post(admin, "/api/v1/units/imports", UNITS)
    assert imported.status_code == 200
    assert [(row["number"], row["what"], row["outcome"]) for row in imported.json()["rows"]] == [
        (2, "江北市财政局", "added"),
        (3, "云湖区人民政府", "added"),
    ]
    listed = admin.get("/api/v1/units", params={"name": "财政部"}).json()["items"]
    assert [unit["short_name"] for unit in listed] == ["市财政局"]
    detail = admin.get(f"/api/v1/units/{listed[0]['id']}").json()
    assert (detail["groups"], [name["name"] for name in detail["names"]]) == (["成员单位"], ["财政部门"])
    assert [u["short_name"] for u in admin.get("/api/v1/units", params={"kind": "district"}).json()["items"]] == [
        "云湖区"
    ]
    assert len(admin.get("/api/v1/units", params={"group": "成员单位"}).json()["items"]) == 1
    assert admin.get("/api/v1/units", params={"name": "%"}).json()["items"] == []


def test_a_wrong_row_is_a_problem_with_its_number(client_as, new_session):
    admin = client_as(Role.SYSTEM_ADMIN)
    refused = post(admin, "/api/v1/units/imports", xlsx(["单位全称", "类别"], ["甲局", "部门"], ["乙局", "公司制"]))
    assert (refused.status_code, refused.json()["code"]) == (422, "rows_refused")
    [row] = refused.json()["facts"]["rows"]
    assert (row["row"], row["code"]) == (3, "value_unknown")
    assert "第3行" in refused.json()["detail"]
    with new_session() as session:
        assert "甲局" not in {unit.official_name for unit in session.exec(select(Unit))}


def test_checking_an_import_writes_nothing(client_as):
    admin = client_as(Role.SYSTEM_ADMIN)
    assert post(admin, "/api/v1/units/imports", UNITS, check_only=True).status_code == 200
    assert admin.get("/api/v1/units", params={"name": "财政"}).json()["items"] == []


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "request_invalid"),
        (b"PK\x03\x04 broken", 422, "sheet_unreadable"),
        (b"x" * (MAX_BYTES + 1), 413, "too_large"),
    ],
)
def test_what_is_no_spreadsheet_is_refused(client_as, content, status, code):
    answer = post(client_as(Role.SYSTEM_ADMIN), "/api/v1/units/imports", content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_pages_follow_each_other_without_gaps(client_as, directory):
    client = client_as(Role.LIAISON, unit="单位00")
    for number in range(1, 8):
        directory.unit(f"单位{number:02}", sort_order=number // 3)
    seen, cursor = [], None
    while True:
        page = client.get("/api/v1/units", params={"limit": 3, **({"cursor": cursor} if cursor else {})}).json()
        seen += [unit["official_name"] for unit in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"单位{number:02}" for number in range(8)]


FORGED = [b'["people",1]', b'["units"]', b'["units","a",1,2]', b"{}", b"1", b'["units",1,"a","no id"]', b"\xff"]


@pytest.mark.parametrize("cursor", ["x", "!!!!", *(base64.urlsafe_b64encode(each).decode() for each in FORGED)])
def test_a_cursor_of_nobodys_is_refused(client_as, cursor):
    answer = client_as(Role.LIAISON).get("/api/v1/units", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


@pytest.fixture
def waiting(new_session, directory, clock):
    """A printed name that nobody knows, responsible for a draft item."""
    office = directory.unit("江北市商务局")
    with new_session() as session:
        candidate = UnitCandidate(printed="市财 政局", context="某任务", seen_at=clock.now())
        task_list = TaskList(
            office_unit_id=office.id,
            origin="document",
            title="清单",
            kind="task_list",
            found_count=1,
            status="draft",
            created_at=clock.now(),
        )
        session.add_all([candidate, task_list])
        session.flush()
        item = Item(
            list_id=task_list.id,
            office_unit_id=office.id,
            position=1,
            number="1",
            text="任务",
            text_printed="任务",
            status="draft",
            created_at=clock.now(),
        )
        item.root_id = item.id
        session.add(item)
        session.flush()
        session.add(
            Responsibility(item_id=item.id, role="lead", printed="市财 政局", position=0, valid_from=clock.now())
        )
        session.commit()
        return candidate.id


def test_a_printed_name_is_confirmed_once_and_then_known_everywhere(client_as, directory, waiting, new_session):
    unit = directory.unit("江北市财政局", short_name="市财政局")
    clerk = client_as(Role.OFFICE_STAFF)
    [candidate] = clerk.get("/api/v1/units/candidates").json()["items"]
    assert (candidate["printed"], candidate["alike"]) == ("市财 政局", ["市财政局"])
    body = {"unit_id": str(unit.id)}
    assert clerk.post(f"/api/v1/units/candidates/{waiting}/confirm", json=body).json() == body
    assert clerk.get("/api/v1/units/candidates").json()["items"] == []
    with new_session() as session:
        assert session.exec(select(UnitAlias.name)).all() == ["市财 政局"]
        assert session.exec(select(Responsibility)).one().unit_id == unit.id
    again = clerk.post(f"/api/v1/units/candidates/{waiting}/reject")
    assert (again.status_code, again.json()["code"]) == (409, "candidate_decided")


def test_a_printed_name_may_be_a_new_unit_but_not_a_known_one(client_as, directory, waiting, new_session):
    directory.unit("江北市财政局", short_name="市财政局")
    clerk = client_as(Role.OFFICE_STAFF)
    path = f"/api/v1/units/candidates/{waiting}/add"
    known = {"official_name": "江北市财政总局", "short_name": "市财政局", "kind": "department"}
    assert clerk.post(path, json=known).json()["code"] == "already_exists"
    added = clerk.post(path, json=known | {"short_name": "市财政总局"})
    assert added.status_code == 201
    with new_session() as session:
        assert str(session.exec(select(Responsibility)).one().unit_id) == added.json()["unit_id"]


def test_a_rejected_name_is_not_asked_about_again(client_as, waiting, new_session):
    clerk = client_as(Role.OFFICE_STAFF)
    assert clerk.post(f"/api/v1/units/candidates/{waiting}/reject").status_code == 204
    assert clerk.get("/api/v1/units/candidates").json()["items"] == []
    with new_session() as session:
        assert session.exec(select(UnitCandidate)).one().rejected
        assert session.exec(select(Responsibility)).one().unit_id is None


def test_people_are_imported_and_can_be_invited(client_as, directory):
    directory.unit("江北市财政局", short_name="市财政局")
    system, security = client_as(Role.SYSTEM_ADMIN), client_as(Role.SECURITY_ADMIN)
    sheet = xlsx(["姓名", "单位", "角色", "登录名", "电话"], ["李四", "市财政局", "联络员", "lisi", "13800002222"])
    imported = post(system, "/api/v1/people/imports", sheet).json()
    assert imported["rows"][0]["outcome"] == "added"
    [link] = security.post("/api/v1/accounts/invitations", json={"logins": ["lisi"]}).json()
    assert link["name"] == "李四"
    [row] = security.get("/api/v1/people", params={"role": "liaison"}).json()["items"]
    assert (row["login"], row["account"]) == ("lisi", "not_yet")


@pytest.mark.parametrize(
    ("role", "unit", "sees_phone", "sees_login"),
    [
        (Role.LIAISON, "江北市财政局", True, False),
        (Role.LIAISON, "云湖区", False, False),
        (Role.UNIT_LEADER, "云湖区", False, False),
        (Role.OFFICE_STAFF, "江北市办公室", True, False),
        (Role.SECURITY_ADMIN, "江北市办公室", True, True),
        (Role.SYSTEM_ADMIN, "江北市办公室", False, True),
        (Role.AUDIT_ADMIN, "江北市办公室", False, False),
        (Role.ASSESSOR, "江北市办公室", False, False),
    ],
)
def test_a_phone_number_is_for_the_office_colleagues_and_whoever_invites(
    client_as, directory, *, role, unit, sees_phone, sees_login
):
    directory.person("lisi", ("江北市财政局", Role.UNIT_LEADER), name="李四", phone="13800002222", email="l@jb.gov.cn")
    rows = client_as(role, unit=unit, login="asks").get("/api/v1/people").json()["items"]
    [li] = [row for row in rows if row["name"] == "李四"]
    assert (li["phone"], li["email"]) == (("13800002222", "l@jb.gov.cn") if sees_phone else (None, None))
    assert li["login"] == ("lisi" if sees_login else None)
