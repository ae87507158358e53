"""Documents over HTTP: found, downloaded as the same file each time, verified, withdrawn."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pikepdf
import pytest

from api.main import PREFIX
from db.file_store import DiskFileStore
from db.tables import Blob, Evidence
from domain.permissions import SCHEDULER, Permission, Role
from services.documents import Issued, issue_document
from services.printing import print_pending
from tests.api.conftest import ApiClient
from tests.evidence_samples import pdf
from tests.world import build_world

CONTENT = {"text": "请按期办结。", "head": {"name": "滨海示范市开放办公室文件"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A command as others write them."""

    office_unit_id: UUID
    options: Any = None

    def execute(self, uow) -> Issued:
        uow.require(Permission.DOCUMENT_SERIES, unit_id=self.office_unit_id)
        return issue_document(
            uow,
            series="notice",
            template="official",
            title="关于报送进展的通知",
            content=CONTENT,
            office_unit_id=self.office_unit_id,
            **(self.options or {}),
        )


@pytest.fixture
def world(container, new_session, clock):
    made = build_world(new_session, clock)
    made.executor.storage = container.executor.storage
    return made


@pytest.fixture
def as_(application, directory):
    def sign_in(actor):
        client = ApiClient(application, raise_server_exceptions=False)
        client.csrf_token = directory.signed_in(actor.id, f"secret-of-{actor.name}")
        client.cookies.set("dudao_session", f"secret-of-{actor.name}")
        return client

    return sign_in


def sign(world, **options: Any) -> Issued:
    issued: Issued = world.do(Sign(office_unit_id=world.office, options=options), world.clerk)
    return issued


def file_of(world, new_session, item_id: UUID, name: str, content: bytes) -> UUID:
    """Evidence with bytes in the store, as an upload leaves it."""
    files = world.executor.storage.files
    assert isinstance(files, DiskFileStore)
    upload = uuid4()
    files.append(upload, content, offset=0, size=len(content))
    with files.part(upload) as part:
        sha256 = part.sha256()
        part.keep(sha256)
        part.discard()
    with new_session() as session:
        blob = Blob(
            sha256=sha256, size=len(content), media_type="application/pdf", text_read=True, stored_at=world.clock.now()
        )
        session.add(blob)
        session.flush()
        row = Evidence(
            item_id=item_id,
            kind="file",
            name=name,
            proves="页面已上线",
            blob_sha256=sha256,
            added_by=world.clerk.id,
            unit_id=world.office,
            added_at=world.clock.now(),
        )
        session.add(row)
        session.commit()
        return row.id


def verified(client: ApiClient, content: bytes) -> Any:
    answer = client.post(f"{PREFIX}/documents/verify", content=content)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_document_is_found_read_and_downloaded_as_the_same_file_each_time(world, as_):
    issued = sign(world)
    client = as_(world.actor(world.leads[0], Role.LIAISON))
    [row] = client.get(f"{PREFIX}/documents", params={"text": "进展"}).json()["items"]
    assert (row["id"], row["number"], row["series"]) == (str(issued.id), 1, "notice")
    first = client.get(f"{PREFIX}/documents/{issued.id}.pdf")
    assert first.status_code == 200 and first.content.startswith(b"%PDF-")
    assert "attachment" in first.headers["content-disposition"]
    again = client.get(f"{PREFIX}/documents/{issued.id}.pdf")
    assert again.content == first.content
    word = client.get(f"{PREFIX}/documents/{issued.id}.docx")
    assert word.content.startswith(b"PK")
    detail = client.get(f"{PREFIX}/documents/{issued.id}").json()
    assert detail["renderings"] == {
        "pdf": hashlib.sha256(first.content).hexdigest(),
        "docx": hashlib.sha256(word.content).hexdigest(),
    }


def test_a_file_is_verified_with_each_file_in_it(world, as_, new_session, tmp_path: Path):
    item_id = world.item()
    evidence = file_of(world, new_session, item_id, "上线公告.pdf", pdf())
    issued = sign(world, evidence_ids=(evidence,), item_id=item_id)
    client = as_(world.clerk)
    content = client.get(f"{PREFIX}/documents/{issued.id}.pdf").content
    found = verified(client, content)
    assert (found["verdict"], found["intact"]) == ("issued", True)
    assert found["files"] == {"上线公告.pdf": "unchanged"}

    forged = tmp_path / "forged.pdf"
    forged.write_bytes(content)
    with pikepdf.open(forged, allow_overwriting_input=True) as document:
        document.attachments["上线公告.pdf"] = b"other"
        document.attachments["补充.pdf"] = b"new"
        document.save(forged)
    found = verified(client, forged.read_bytes())
    assert (found["verdict"], found["intact"]) == ("changed", False)
    assert found["document"]["id"] == str(issued.id)
    assert found["files"] == {"上线公告.pdf": "changed", "补充.pdf": "added"}

    assert verified(client, b"no document at all")["verdict"] == "unknown"
    assert verified(client, pdf())["verdict"] == "unknown"


def test_evidence_that_was_changed_on_disk_is_not_issued_and_nothing_is_kept(world, as_, new_session):
    item_id = world.item()
    evidence = file_of(world, new_session, item_id, "上线公告.pdf", pdf())
    issued = sign(world, evidence_ids=(evidence,))
    path = world.executor.storage.files.path(hashlib.sha256(pdf()).digest())
    path.chmod(0o600)
    path.write_bytes(b"something else")
    client = as_(world.clerk)
    answer = client.get(f"{PREFIX}/documents/{issued.id}.pdf")
    assert answer.status_code == 422 and answer.json()["code"] == "attachment_changed"
    assert "上线公告.pdf" in answer.json()["detail"]
    assert client.get(f"{PREFIX}/documents/{issued.id}").json()["renderings"] == {}


def test_the_worker_draws_ahead_and_passes_over_what_cannot_be_drawn(world, container, new_session):
    good, bad = sign(world), sign(world, evidence_ids=())
    passed_over: set[UUID] = set()
    broken = file_of(world, new_session, world.item(), "x.pdf", pdf(["x"]))
    lost = sign(world, evidence_ids=(broken,))
    world.executor.storage.files.remove(hashlib.sha256(pdf(["x"])).digest())
    drawn = print_pending(world.executor, container.draughtsman, new_session, passed_over=passed_over)
    assert drawn == 2 and passed_over == {lost.id}
    assert print_pending(world.executor, container.draughtsman, new_session, passed_over=passed_over) == 0
    assert {good.id, bad.id}.isdisjoint(passed_over) and SCHEDULER.id is None


def test_a_withdrawn_document_says_so_to_whoever_verifies_it(world, as_):
    issued = sign(world, recipients=(world.leads[0],), outside=("北方某市",))
    head, clerk = as_(world.head), as_(world.clerk)
    content = clerk.get(f"{PREFIX}/documents/{issued.id}.pdf").content
    told = head.post(f"{PREFIX}/documents/{issued.id}/withdraw", json={"reason": "数字有误"})
    assert told.json() == {"recipients": ["市牵头甲局", "北方某市"]}
    assert verified(clerk, content)["verdict"] == "withdrawn"
    twice = head.post(f"{PREFIX}/documents/{issued.id}/withdraw", json={"reason": "数字有误"})
    assert twice.status_code == 409 and twice.json()["code"] == "document_withdrawn"


def test_the_office_says_how_its_numbers_are_printed(world, as_):
    clerk = as_(world.clerk)
    address = f"{PREFIX}/units/{world.office}/document-series"
    assert clerk.put(f"{address}/notice", json={"pattern": "滨示督〔{year}〕{number}号"}).status_code == 204
    assert sign(world).mark == "滨示督〔2026〕1号"
    assert [row["key"] for row in clerk.get(address).json()["items"]] == ["notice"]
    refused = clerk.put(f"{address}/notice", json={"pattern": "滨示督"})
    assert refused.status_code == 422 and "滨示督" in refused.json()["detail"]
    unknown = clerk.put(f"{address}/nonsense", json={"pattern": "{number}"})
    assert unknown.status_code == 404


def test_what_is_not_public_is_not_found_by_strangers(world, as_):
    issued = sign(world, public=False)
    stranger = as_(world.actor(world.leads[0], Role.LIAISON))
    for path in ("", ".pdf", ".docx"):
        assert stranger.get(f"{PREFIX}/documents/{issued.id}{path}").status_code == 404
    assert stranger.get(f"{PREFIX}/documents").json()["items"] == []
