"""The file store: whatever the order, the line or the process does, the bytes are whole."""

import itertools
import subprocess
import sys
import threading
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.file_store import DiskFileStore
from db.tables import Blob, Evidence
from domain.errors import DomainError
from domain.evidence_errors import OffsetMismatch
from services.uploads import FinishUpload
from tests import evidence_samples as samples
from tests.evidence_world import digest, with_store

CONTENT = samples.pdf([f"第{n}项进展" for n in range(40)])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, len(CONTENT)), st.integers(0, 2)), max_size=12))
def test_any_split_with_repeats_gives_the_same_file(tmp_path, cuts):
    """`cuts` are where chunks end, and how often the sender, who heard no answer, sends each again."""
    store = DiskFileStore(tmp_path / str(uuid4()))
    upload_id = uuid4()
    edges = sorted({0, len(CONTENT), *(place for place, _ in cuts)})
    repeats = dict(cuts)
    for start, end in itertools.pairwise(edges):
        assert store.append(upload_id, CONTENT[start:end], offset=start, size=len(CONTENT)) == end
        for _ in range(repeats.get(end, 0)):
            with pytest.raises(OffsetMismatch) as refused:
                store.append(upload_id, CONTENT[start:end], offset=start, size=len(CONTENT))
            assert refused.value.facts["offset"] == end == store.received(upload_id)
    with store.part(upload_id) as part:
        assert part.sha256().hex() == digest(CONTENT)


def test_chunks_sent_at_once_are_taken_one_by_one(tmp_path):
    store = DiskFileStore(tmp_path)
    upload_id, size, piece = uuid4(), 40, 10
    outcomes: list[object] = []

    def send(letter: bytes) -> None:
        sent = 0
        while sent < size:
            offset = store.received(upload_id)
            if offset == size:
                return
            try:
                outcomes.append(store.append(upload_id, letter * piece, offset=offset, size=size))
            except OffsetMismatch as refused:
                outcomes.append(refused.facts["offset"])

    threads = [threading.Thread(target=send, args=(letter,)) for letter in (b"a", b"b", b"c", b"d")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.part(upload_id) as part:
        content = part.path.read_bytes()
    assert len(content) == size
    assert all(len(set(content[start : start + piece])) == 1 for start in range(0, size, piece))


def test_chunk_waits_while_the_upload_is_looked_at(tmp_path):
    store, upload_id = DiskFileStore(tmp_path), uuid4()
    done = threading.Event()

    def send():
        store.append(upload_id, b"x", offset=0, size=1)
        done.set()

    sender = threading.Thread(target=send)
    with store.part(upload_id) as part:
        sender.start()
        assert not done.wait(0.3)
        assert part.size == 0
    sender.join()
    assert done.is_set() and store.received(upload_id) == 1


def test_same_content_uploaded_at_once_is_stored_once(committed_world, tmp_path):
    desk = with_store(committed_world, tmp_path / "evidence")
    item_id = desk.issued()
    content = samples.docx()
    uploads = [desk.start(item_id, content, "报告.docx") for _ in range(4)]
    for upload_id in uploads:
        desk.send(upload_id, content, offset=0)
    done: list[object] = []

    def finish(upload_id):
        try:
            done.append(desk.finish(upload_id).sha256)
        except DomainError as error:
            done.append(error)

    threads = [threading.Thread(target=finish, args=(upload_id,)) for upload_id in uploads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [digest(content)] * 4
    assert desk.on_disk() == [digest(content)]
    assert len(desk.rows(Blob)) == 1 and len(desk.rows(Evidence)) == 4


def test_lost_transaction_finds_the_upload_again(desk, item_id, monkeypatch):
    """The content was put in its place, and then the commit failed: the upload can be finished again."""
    content = samples.pdf()
    upload_id = desk.start(item_id, content)
    desk.send(upload_id, content, offset=0)
    with monkeypatch.context() as patched:
        patched.setattr(FinishUpload, "_record", lambda *_: (_ for _ in ()).throw(RuntimeError("lost")))
        with pytest.raises(RuntimeError, match="lost"):
            desk.finish(upload_id)
    assert desk.rows(Evidence) == [] and desk.files.received(upload_id) == len(content)
    assert desk.finish(upload_id).sha256 == digest(content)
    assert desk.on_disk() == [digest(content)]


WRITER = """
import sys
from pathlib import Path
from uuid import UUID
from db.file_store import DiskFileStore

store, upload_id, size = DiskFileStore(Path(sys.argv[1])), UUID(sys.argv[2]), int(sys.argv[3])
offset = 0
while offset < size:
    offset = store.append(upload_id, bytes([offset // 4096 % 251]) * 4096, offset=offset, size=size)
    print(offset, flush=True)
"""


def test_killed_process_leaves_what_it_acknowledged_and_no_lock(tmp_path):
    upload_id, size = uuid4(), 4096 * 100_000
    command = [sys.executable, "-c", WRITER, str(tmp_path), str(upload_id), str(size)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline()) for _ in range(20)][-1]
        writer.kill()
    store = DiskFileStore(tmp_path)
    received = store.received(upload_id)
    assert received >= acknowledged
    with store.part(upload_id) as part:
        content = part.path.read_bytes()
    assert content == b"".join(bytes([block % 251]) * 4096 for block in range(received // 4096 + 1))[:received]
    assert store.append(upload_id, b"x", offset=received, size=size) == received + 1
