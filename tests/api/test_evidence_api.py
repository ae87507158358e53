"""Evidence over HTTP: chunks, downloads, and the two persons."""

import hashlib
from urllib.parse import unquote
from uuid import uuid4

import anyio
import pytest
from sqlmodel import select

from api.deps import CSRF_HEADER
from db.file_store import DiskFileStore
from db.tables import Responsibility
from domain.evidence import CHUNK_BYTES
from domain.permissions import Role
from services.ports import Storage
from tests import evidence_samples as samples
from tests.world import build_world

CONTENT = samples.pdf([f"第{n}项进展" for n in range(20)])
NAME = '一季度"进展"报告.pdf'
MAX_BYTES = 200 * 1024 * 1024


@pytest.fixture
def world(container, new_session, clock, tmp_path):
    world = build_world(new_session, clock)
    container.executor.storage = world.executor.storage = Storage(DiskFileStore(tmp_path), MAX_BYTES)
    return world


@pytest.fixture
def item_id(world):
    item_id = world.item(co_units=1)
    world.complete(item_id, "issue")
    return item_id


@pytest.fixture
def as_(application, directory, world):
    """`as_(actor)`: a client signed in as somebody of the world."""
    from tests.api.conftest import ApiClient

    def sign_in(actor):
        client = ApiClient(application, raise_server_exceptions=False)
        secret = f"secret-of-{actor.name}"
        client.csrf_token = directory.signed_in(actor.id, secret)
        client.cookies.set("dudao_session", secret)
        return client

    return sign_in


@pytest.fixture
def liaison(as_, world):
    return as_(world.actor(world.leads[0], Role.LIAISON))


def start(client, item_id, **fields):
    body = {"name": NAME, "size": len(CONTENT)} | fields
    return client.post(f"/api/v1/items/{item_id}/uploads", json=body)


def send(client, upload_id, data, offset):
    headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return client.patch(f"/api/v1/uploads/{upload_id}", content=data, headers=headers)


def upload(client, item_id, content=CONTENT, **fields):
    upload_id = start(client, item_id, size=len(content), **fields).json()["id"]
    assert send(client, upload_id, content, 0).status_code == 204
    return client.post(f"/api/v1/uploads/{upload_id}/finish", json={"proves": "办法已经印发"})


def test_file_sent_in_chunks_is_evidence_at_the_end(liaison, item_id):
    announced = start(liaison, item_id, sha256=hashlib.sha256(CONTENT).hexdigest())
    assert announced.status_code == 201
    upload_id, address = announced.json()["id"], announced.headers["location"]
    assert announced.json()["offset"] == 0 and announced.json()["chunk_bytes"] == CHUNK_BYTES
    first = send(liaison, upload_id, CONTENT[:100], 0)
    assert (first.status_code, first.headers["upload-offset"]) == (204, "100")
    again = send(liaison, upload_id, CONTENT[:100], 0)
    assert again.status_code == 409
    assert (again.json()["code"], again.json()["facts"]["offset"]) == ("offset_mismatch", 100)
    head = liaison.head(address)
    assert (head.headers["upload-offset"], head.headers["upload-length"]) == ("100", str(len(CONTENT)))
    assert head.content == b""
    assert liaison.get(address).json()["offset"] == 100
    early = liaison.post(f"/api/v1/uploads/{upload_id}/finish", json={"proves": "x"})
    assert (early.status_code, early.json()["code"]) == (409, "upload_incomplete")
    assert send(liaison, upload_id, CONTENT[100:], 100).status_code == 204
    done = liaison.post(f"/api/v1/uploads/{upload_id}/finish", json={"proves": "办法已经印发"})
    assert done.status_code == 201
    assert done.json()["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert done.json()["name"] == "一季度_进展_报告.pdf"


def test_upload_of_300_megabytes_is_refused_when_it_is_announced(liaison, item_id):
    refused = start(liaison, item_id, size=300 * 1024 * 1024)
    assert refused.status_code == 413
    assert "200 MB" in refused.json()["detail"]


def test_chunk_that_is_longer_than_announced_is_refused_while_it_comes(liaison, item_id):
    upload_id = start(liaison, item_id, size=100).json()["id"]
    assert send(liaison, upload_id, b"x" * 101, 0).status_code == 413

    assert liaison.get(f"/api/v1/uploads/{upload_id}").json()["offset"] == 0


def test_body_without_an_end_is_ended_at_the_limit(application, liaison, item_id):
    """No length is declared, so only counting what comes in can end it; a client would send the whole first."""
    upload_id = start(liaison, item_id).json()["id"]
    headers = {"cookie": f"dudao_session={liaison.cookies['dudao_session']}", "upload-offset": "0"}
    headers[CSRF_HEADER] = str(liaison.csrf_token)
    scope = {
        "type": "http",
        "method": "PATCH",
        "path": f"/api/v1/uploads/{upload_id}",
        "query_string": b"",
        "scheme": "http",
        "server": ("testserver", 80),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    taken, answered = 0, []

    async def receive():
        nonlocal taken
        taken += 65536
        return {"type": "http.request", "body": b"x" * 65536, "more_body": True}

    async def answer(message):
        answered.append(message)

    anyio.run(application, scope, receive, answer)
    assert answered[0]["status"] == 413
    assert taken <= CHUNK_BYTES + 65536
    assert liaison.get(f"/api/v1/uploads/{upload_id}").json()["offset"] == 0


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": "工具.exe"}, "file_type_not_allowed"),
        ({"name": "机密★1年.pdf"}, "evidence_classified"),
        ({"classification": "highly_secret"}, "evidence_classified"),
        ({"name": "/"}, "invalid_file_name"),
        ({"size": 0}, "request_invalid"),
        ({"sha256": "xyz"}, "request_invalid"),
        ({"surprise": 1}, "request_invalid"),
    ],
)
def test_announcement_is_refused_with_a_sentence(liaison, item_id, fields, code):
    refused = start(liaison, item_id, **fields)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert refused.json()["detail"].endswith("。") or code == "request_invalid"


def test_chunk_needs_its_offset_a_session_and_the_csrf_token(liaison, anonymous, item_id):
    upload_id = start(liaison, item_id).json()["id"]
    address = f"/api/v1/uploads/{upload_id}"
    assert liaison.patch(address, content=b"x").status_code == 422
    assert liaison.patch(address, content=b"x", headers={"Upload-Offset": "-1"}).status_code == 422
    assert anonymous.patch(address, content=b"x", headers={"Upload-Offset": "0"}).status_code == 401
    forged = liaison.patch(address, content=b"x", headers={"Upload-Offset": "0", CSRF_HEADER: "forged"})
    assert forged.status_code == 403


def test_download_is_an_attachment_that_no_browser_runs(liaison, item_id):
    evidence_id = upload(liaison, item_id, name="一季度 进展.pdf").json()["id"]
    got = liaison.get(f"/api/v1/evidence/{evidence_id}/content")
    assert (got.status_code, got.content) == (200, CONTENT)
    disposition = got.headers["content-disposition"]
    assert disposition.startswith("attachment; filename=\"___ __.pdf\"; filename*=UTF-8''")
    assert unquote(disposition.rsplit("''", 1)[1]) == "一季度 进展.pdf"
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in got.headers["content-security-policy"]
    assert got.headers["cache-control"] == "no-store"


def test_text_is_handed_out_without_a_guessed_character_set(liaison, item_id):
    content = "序号,事项".encode("gb18030")
    evidence_id = upload(liaison, item_id, content, name="表.csv").json()["id"]
    got = liaison.get(f"/api/v1/evidence/{evidence_id}/content")
    assert (got.headers["content-type"], got.content) == ("text/plain", content)


def test_part_of_a_file_is_handed_out(liaison, item_id):
    evidence_id = upload(liaison, item_id).json()["id"]
    address = f"/api/v1/evidence/{evidence_id}/content"
    part = liaison.get(address, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, CONTENT[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(CONTENT)}"
    rest = liaison.get(address, headers={"Range": "bytes=20-", "If-Range": part.headers["etag"]})
    assert (rest.status_code, rest.content) == (206, CONTENT[20:])
    assert liaison.get(address, headers={"Range": f"bytes={len(CONTENT)}-"}).status_code == 416


def test_whoever_does_not_see_the_item_gets_404_everywhere(liaison, as_, world, item_id):
    stranger = as_(world.actor(world.co_units[2], Role.LIAISON))
    upload_id = start(liaison, item_id).json()["id"]
    evidence_id = upload(liaison, item_id).json()["id"]
    answers = [
        start(stranger, item_id),
        stranger.get(f"/api/v1/items/{item_id}/evidence"),
        stranger.post(
            f"/api/v1/items/{item_id}/evidence/papers",
            json={"name": "纪要", "proves": "x", "document_number": "1", "place": "柜"},
        ),
        stranger.get(f"/api/v1/evidence/{evidence_id}/content"),
        stranger.post(f"/api/v1/evidence/{evidence_id}/expunge-requests", json={"reason": "x"}),
        stranger.get(f"/api/v1/uploads/{upload_id}"),
        stranger.head(f"/api/v1/uploads/{upload_id}"),
        send(stranger, upload_id, b"x", 0),
        stranger.post(f"/api/v1/uploads/{upload_id}/finish", json={"proves": "x"}),
        stranger.delete(f"/api/v1/uploads/{upload_id}"),
        liaison.get(f"/api/v1/items/{uuid4()}/evidence"),
        liaison.get(f"/api/v1/evidence/{uuid4()}/content"),
        liaison.post(f"/api/v1/expunge-requests/{uuid4()}/decision", json={"approve": True}),
    ]
    assert [answer.status_code for answer in answers] == [404] * len(answers)


def test_list_shows_files_and_papers(liaison, item_id):
    upload(liaison, item_id)
    paper = {
        "name": "会议纪要",
        "proves": "已经审议",
        "document_number": "纪要〔2026〕3号",
        "place": "机要室2号柜",
        "classification": "secret",
    }
    assert liaison.post(f"/api/v1/items/{item_id}/evidence/papers", json=paper).status_code == 201
    listed = liaison.get(f"/api/v1/items/{item_id}/evidence").json()["items"]
    file, kept = sorted(listed, key=lambda row: row["kind"])
    assert (file["size"], file["proves"], file["step"]) == (len(CONTENT), "办法已经印发", None)
    assert file["text_read"] is True and file["added_by_name"] and file["unit_name"] == "市牵头甲局"
    assert {name: kept[name] for name in paper} == paper and kept["sha256"] is None


def test_expunging_takes_two_persons(liaison, as_, world, item_id):
    clerk, head = as_(world.clerk), as_(world.head)
    evidence_id = upload(liaison, item_id).json()["id"]
    asked = clerk.post(f"/api/v1/evidence/{evidence_id}/expunge-requests", json={"reason": "误传涉密附件"})
    assert asked.status_code == 201
    address = f"/api/v1/expunge-requests/{asked.json()['id']}/decision"
    own = clerk.post(address, json={"approve": True})
    assert (own.status_code, own.json()["code"]) == (403, "second_person_needed")
    [pending] = head.get("/api/v1/expunge-requests").json()["items"]
    assert (pending["evidence_id"], pending["uses"]) == (evidence_id, 1)
    decided = head.post(address, json={"approve": True})
    assert (decided.status_code, decided.json()["uses"]) == (200, 1)
    gone = liaison.get(f"/api/v1/evidence/{evidence_id}/content")
    assert (gone.status_code, gone.json()["code"]) == (404, "evidence_expunged")
    refused = upload(liaison, item_id)
    assert (refused.status_code, refused.json()["code"]) == (422, "content_expunged")


def test_repeated_announcement_with_the_same_key_is_one_upload(liaison, item_id):
    address, body = f"/api/v1/items/{item_id}/uploads", {"name": NAME, "size": 10}
    first, second = (liaison.post(address, json=body, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert first.json()["id"] == second.json()["id"]


def test_download_with_a_used_key_is_judged_anew(liaison, world, item_id):
    evidence_id = upload(liaison, item_id).json()["id"]
    address, key = f"/api/v1/evidence/{evidence_id}/content", {"Idempotency-Key": "monday"}
    assert liaison.get(address, headers=key).status_code == 200
    with world.sessions() as session:
        for row in session.exec(select(Responsibility).where(Responsibility.item_id == item_id)):
            session.delete(row)
        session.commit()
    assert liaison.get(address, headers=key).status_code == 404


def test_abandoned_upload_is_gone(liaison, item_id):
    upload_id = start(liaison, item_id).json()["id"]
    assert liaison.delete(f"/api/v1/uploads/{upload_id}").status_code == 204
    assert liaison.get(f"/api/v1/uploads/{upload_id}").status_code == 404
