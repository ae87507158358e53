"""Task lists over HTTP: a document comes in, its questions are settled, its leader approves it."""

from functools import cache
from uuid import UUID, uuid4

import pytest

from domain.permissions import Role
from tests.api.conftest import ApiClient
from tests.api.test_surfaces import got, path, refused
from tests.unit.importers.documents import saved, word
from tests.world import build_world

ROWS = [
    ["序号", "重点任务", "完成时限", "责任单位（首个为牵头单位）"],
    ["1", "建立外贸企业联系服务机制", "2026年底前", "市商务局、市财政局"],
    ["2", "完善口岸收费公示制度", "2026年底前", "市口岸管理服务局"],
]


@pytest.fixture
def world(container, new_session, clock):
    return build_world(new_session, clock)


@pytest.fixture
def as_(application, directory, world):
    @cache
    def sign_in(actor):
        client = ApiClient(application, raise_server_exceptions=False)
        secret = f"secret-of-{actor.name}"
        client.csrf_token = directory.signed_in(actor.id, secret)
        client.cookies.set("dudao_session", secret)
        return client

    return sign_in


@pytest.fixture
def document(directory):
    """Two rows; the registry knows the units of the first one only."""
    directory.unit("市商务局")
    directory.unit("市财政局")
    return saved(word("江北市2026年开放工作任务清单", rows=ROWS))


def send(client, world, content, *, name="清单.docx", key=None, office=None):
    return client.post(
        path("lists"),
        params={"name": name, "office_unit_id": str(office or world.office)},
        content=content,
        headers={"Content-Type": "application/octet-stream"} | ({"Idempotency-Key": key} if key else {}),
    )


def test_a_document_becomes_a_draft_once(as_, world, document):
    clerk = as_(world.clerk)
    first = got(send(clerk, world, document, key=str(uuid4())), 201)
    assert (first["already"], first["items"]) == (False, 2)
    again = got(send(clerk, world, document), 201)
    assert (again["id"], again["already"]) == (first["id"], True)
    [row] = got(clerk.get(path("lists")))["items"]
    assert (row["id"], row["status_label"], row["found_count"]) == (first["id"], "待核", 2)
    assert row["open_flags"] == first["flags"]
    assert got(clerk.get(path("lists"), params={"status": "approved"}))["items"] == []


def test_the_same_request_twice_is_answered_twice_alike(as_, world, document):
    clerk, key = as_(world.clerk), str(uuid4())
    assert got(send(clerk, world, document, key=key), 201) == got(send(clerk, world, document, key=key), 201)
    other = saved(word("另一份清单", rows=ROWS))
    refused(send(clerk, world, other, key=key), 409, "idempotency_mismatch")


def test_a_file_name_loses_its_folders(as_, world, document):
    clerk = as_(world.clerk)
    for name in ("../../etc/清单.docx", "C:\\文件\\清单.docx"):
        made = got(send(clerk, world, document, name=name), 201)
        assert got(clerk.get(path("lists", made["id"])))["source_name"] == "清单.docx"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"PK\x03\x04xxxx", "document_broken"), (b"%PDF-1.7 x", "document_unreadable"), (b"  \n ", "document_empty")],
)
def test_what_is_no_list_is_refused_by_name_and_leaves_nothing(as_, world, content, code):
    clerk = as_(world.clerk)
    answer = send(clerk, world, content)
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"].startswith("document_")
    assert "清单.docx" in answer.json()["detail"] or answer.json()["detail"]
    assert got(clerk.get(path("lists")))["items"] == []


def test_only_the_office_imports_and_sees_its_draft(as_, world, document):
    liaison = as_(world.actor(world.leads[0], Role.LIAISON))
    refused(send(liaison, world, document), 403, "permission_denied")
    refused(send(as_(world.clerk), world, document, office=world.leads[0]), 403, "permission_denied")
    made = got(send(as_(world.clerk), world, document), 201)
    refused(liaison.get(path("lists", made["id"])), 404, "not_found")
    assert got(liaison.get(path("lists")))["items"] == []


def test_a_list_is_approved_by_its_leader_and_registered_when_its_questions_are_settled(as_, world, document):
    clerk, head = as_(world.clerk), as_(world.head)
    made = got(send(clerk, world, document), 201)
    shown = got(clerk.get(path("lists", made["id"])))
    assert [u["printed"] for u in shown["unknown_units"]] == ["市口岸管理服务局"]
    assert shown["actions"] == []
    leaders = got(head.get(path("lists", made["id"])))
    assert leaders["actions"] == ["approve"]
    refused(clerk.post(path("lists", made["id"], "approve"), json={"seen_version": 1}), 403, "permission_denied")
    refused(head.post(path("lists", made["id"], "approve"), json={"seen_version": 4}), 409, "stale_version")
    done = got(head.post(path("lists", made["id"], "approve"), json={"seen_version": 1}))
    assert len(done["registered"]) == 1
    [waiting] = done["waiting"]
    assert waiting["number"] == "2"
    refused(head.post(path("lists", made["id"], "approve"), json={"seen_version": 2}), 409, "wrong_status")

    item = got(clerk.get(path("items", waiting["item_id"])))
    flags = [flag["id"] for flag in item["flags"] if flag["resolved_at"] is None]
    seen = item["actions"]["seen_version"]
    corrected = {"seen_version": seen, "flag_ids": flags, "resolution": "已核对"}
    version = got(clerk.patch(path("items", waiting["item_id"]), json=corrected))["version"]
    assigned = {"seen_version": version, "leads": [str(world.leads[1])]}
    got(clerk.put(path("items", waiting["item_id"], "units"), json=assigned))
    registered = got(clerk.post(path("lists", made["id"], "register")))
    assert (registered["registered"], registered["waiting"]) == ([waiting["item_id"]], [])
    after = got(clerk.get(path("lists", made["id"])))
    assert {c["value"]: c["count"] for c in after["by_status"]} == {"registered": 2}
    assert (after["to_resolve"], after["unknown_units"]) == ([], [])


def test_a_unit_sees_the_list_of_its_item_without_the_offices_questions(as_, client_as, world, document):
    clerk, head = as_(world.clerk), as_(world.head)
    made = got(send(clerk, world, document), 201)
    done = got(head.post(path("lists", made["id"], "approve"), json={"seen_version": 1}))
    world.complete(UUID(done["registered"][0]), "issue")
    liaison = client_as(Role.LIAISON, unit="市商务局")
    shown = got(liaison.get(path("lists", made["id"])))
    assert {c["value"]: c["count"] for c in shown["by_status"]} == {"issued": 1}
    assert (shown["to_resolve"], shown["unknown_units"], shown["actions"]) == ([], [], [])
