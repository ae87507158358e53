"""Dossiers over HTTP: asked for, drawn, fetched as every other document, genuine."""

import io

import pikepdf
import pytest

from domain.permissions import Role
from services.ports import Storage
from tests.api.conftest import ApiClient
from tests.evidence_samples import pdf
from tests.evidence_world import MAX_BYTES, EvidenceWorld
from tests.world import build_world


@pytest.fixture
def desk(container, new_session, clock, tmp_path):
    world = build_world(new_session, clock)
    storage = Storage(container.executor.storage.files, MAX_BYTES)
    container.executor.storage = world.executor.storage = storage
    return EvidenceWorld(world, storage, tmp_path)


@pytest.fixture
def as_(application, directory):
    def sign_in(actor):
        client = ApiClient(application, raise_server_exceptions=False)
        client.csrf_token = directory.signed_in(actor.id, f"secret-of-{actor.name}")
        client.cookies.set("dudao_session", f"secret-of-{actor.name}")
        return client

    return sign_in


def test_a_dossier_is_asked_for_fetched_with_its_proofs_in_it_and_genuine(desk, as_):
    item_id = desk.issued()
    desk.upload(item_id, pdf())
    clerk = as_(desk.world.clerk)
    asked = clerk.post(f"/api/v1/items/{item_id}/dossiers", json={})
    assert asked.status_code == 202, asked.text
    document_id = asked.json()["document_id"]
    file = clerk.get(f"/api/v1/documents/{document_id}.pdf")
    assert file.status_code == 200, file.text
    with pikepdf.open(io.BytesIO(file.content)) as drawn:
        assert [drawn.attachments[name].get_file().read_bytes() for name in drawn.attachments] == [pdf()]
    assert clerk.get(f"/api/v1/documents/{document_id}.pdf").content == file.content


def test_the_public_version_is_read_by_units_that_only_work_here(desk, as_):
    item_id = desk.issued()
    clerk, stranger = as_(desk.world.clerk), as_(desk.world.actor(desk.world.leads[1], Role.LIAISON))
    full, public = (
        clerk.post(f"/api/v1/items/{item_id}/dossiers", json={"scope": scope}).json()["document_id"]
        for scope in ("full", "public")
    )
    assert stranger.get(f"/api/v1/documents/{public}").status_code == 200
    assert stranger.get(f"/api/v1/documents/{full}").status_code == 404


def test_a_liaison_does_not_number_dossiers(desk, as_):
    item_id = desk.issued()
    answer = as_(desk.liaison).post(f"/api/v1/items/{item_id}/dossiers", json={})
    assert answer.status_code == 403
    assert answer.json()["code"] == "permission_denied"
