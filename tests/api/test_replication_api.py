"""Cases, batches and adoptions over HTTP: what is opened, read, refused, and saved as a spreadsheet."""

from io import BytesIO

import openpyxl
import pytest

from domain.permissions import Role
from domain.units import UnitKind
from services.export import MEDIA_TYPE
from tests.replication_world import build_replication
from tests.world import build_world

OFFICE = "滨海示范市联席会议办公室"


@pytest.fixture
def city(new_session, clock):
    return build_replication(build_world(new_session, clock))


@pytest.fixture
def clerk(client_as, city):
    return client_as(Role.OFFICE_STAFF, unit=OFFICE)


@pytest.fixture
def head(client_as, city):
    return client_as(Role.UNIT_LEADER, unit=OFFICE)


def nomination(city, **changed):
    body = {"office_unit_id": str(city.world.office), "title": "样品清单", "applicants": [str(city.applicant)]}
    return body | changed


def test_a_liaison_nominates_for_its_own_unit_alone(client_as, city):
    liaison = client_as(Role.LIAISON, unit="市牵头甲局")
    answer = liaison.post("/api/v1/cases", json=nomination(city))
    assert answer.status_code == 201
    assert [work["bpmn_id"] for work in answer.json()["opened"]] == ["nominate"]
    shown = liaison.get(f"/api/v1/cases/{answer.json()['item_id']}").json()
    assert (shown["row"]["state"], shown["row"]["applicants"]) == ("nomination", ["市牵头甲局"])
    other = liaison.post("/api/v1/cases", json=nomination(city, applicants=[str(city.world.leads[1])]))
    assert (other.status_code, other.json()["code"]) == (403, "permission_denied")


@pytest.mark.parametrize(
    "changed", [{"title": " "}, {"applicants": []}, {"source_kind": "rumour"}, {"unknown": 1}, {"title": "字" * 201}]
)
def test_a_nomination_that_is_not_well_formed_opens_nothing(clerk, city, changed):
    assert clerk.post("/api/v1/cases", json=nomination(city, **changed)).status_code == 422
    assert clerk.get("/api/v1/cases").json()["items"] == []


def test_a_batch_is_drafted_issued_read_and_saved(clerk, head, client_as, city):
    case = str(city.approved())
    draft = {"office_unit_id": str(city.world.office), "title": "第一批", "case_ids": [case]}
    drafted = clerk.post("/api/v1/replication-batches", json=draft).json()
    path = f"/api/v1/replication-batches/{drafted['id']}"
    assert clerk.post(f"{path}/issue", json={"seen_version": 1}).status_code == 403
    assert head.post(f"{path}/issue", json={"seen_version": 7}).json()["code"] == "stale_version"
    issued = head.post(f"{path}/issue", json={"seen_version": drafted["version"]})
    assert (issued.status_code, issued.json()["adoptions"]) == (200, 2)
    assert head.post(f"{path}/issue", json={"seen_version": 2}).json()["code"] == "batch_issued"
    district = client_as(Role.LIAISON, unit="江北区")
    [entry] = district.get(path).json()["entries"]
    assert (entry["position"], entry["range_text"]) == (1, "全市")
    saved = district.get(f"{path}.xlsx")
    assert saved.headers["content-type"] == MEDIA_TYPE
    assert openpyxl.load_workbook(BytesIO(saved.content)).worksheets[0].max_row == 2
    cells = district.get("/api/v1/adoptions").json()["cells"]
    assert [(cell["unit"], cell["state"]) for cell in cells] == [("江北区", "asked")]
    assert len(clerk.get("/api/v1/adoptions", params={"batch_id": drafted["id"]}).json()["cells"]) == 2
    assert clerk.get("/api/v1/cases", params={"state": "implementing"}).json()["items"][0]["adoptions"] == 2


def test_markup_in_a_case_is_text_everywhere(clerk, city):
    title = "<script>alert(1)</script>=HYPERLINK(1)"
    opened = clerk.post("/api/v1/cases", json=nomination(city, title=title)).json()
    assert clerk.get(f"/api/v1/cases/{opened['item_id']}").json()["row"]["title"] == title


def test_what_ends_a_case_needs_its_reason_and_the_right_person(clerk, head, city):
    case = city.approved()
    city.issue(case)
    assert head.post(f"/api/v1/cases/{case}/stop", json={"reason": " "}).status_code == 422
    assert clerk.post(f"/api/v1/cases/{case}/stop", json={"reason": "到期"}).status_code == 403
    assert head.post(f"/api/v1/cases/{case}/stop", json={"reason": "到期"}).status_code == 204
    again = head.post(f"/api/v1/cases/{case}/stop", json={"reason": "到期"})
    assert (again.status_code, again.json()["code"]) == (422, "case_state_wrong")
    assert "停止推广" in again.json()["detail"]


def test_a_known_list_is_imported_and_read_by_its_office_alone(clerk, client_as, city, directory):
    columns = "序号\t改革事项\t主要内容及成效\t推广范围\t负责单位"
    content = f"首批复制推广清单\n\n{columns}\n1\t样品清单\t一次备案。\t全市\t市商务局\n"
    query = {"name": "首批.txt", "office_unit_id": str(city.world.office)}
    headers = {"Content-Type": "application/octet-stream"}
    sent = clerk.post("/api/v1/known-replications", params=query, content=content.encode(), headers=headers)
    assert (sent.status_code, sent.json()) == (201, {"rows": 1})
    assert [row["title"] for row in clerk.get("/api/v1/known-replications").json()["items"]] == ["样品清单"]
    directory.unit("另一办公室", UnitKind.OFFICE)
    assert client_as(Role.OFFICE_STAFF, unit="另一办公室").get("/api/v1/known-replications").json()["items"] == []
