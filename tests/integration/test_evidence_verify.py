"""`dudao evidence verify` finds what is not what it was, and says so with its exit code."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import orjson
import pytest
from typer.testing import CliRunner

from app.cli import evidence as cli
from services.evidence import DecideExpunge, RequestExpunge
from services.queries.evidence_check import SETTLED, FaultKind, orphans, stored_contents, verify_contents
from tests import evidence_samples as samples
from tests.evidence_world import with_store


def check(desk, item_id=None, *, now=None):
    """The faults, as `verify` puts them together."""
    read: list[int] = []
    with desk.world.sessions() as session:
        contents = stored_contents(session, item_id)
        faults = verify_contents(contents, desk.files, progress=read.append)
        if item_id is None:
            faults += orphans(session, desk.files, now=now or datetime.now(UTC))
    assert sum(read) == sum(content.size for content in contents)
    return faults


def later():
    return datetime.now(UTC) + 2 * SETTLED


@pytest.fixture
def stored(desk, item_id) -> Path:
    return desk.files.path(bytes.fromhex(desk.upload(item_id, samples.pdf(), "印发文件.pdf").sha256))


def test_sound_store_has_no_fault(desk, stored):
    assert check(desk, now=later()) == []


def test_flipped_bit_is_found_with_the_name_of_its_evidence(desk, stored):
    content = bytearray(stored.read_bytes())
    content[len(content) // 2] ^= 1
    stored.write_bytes(content)
    [fault] = check(desk)
    assert (fault.kind, fault.path, fault.names) == (FaultKind.CHANGED, stored, ("印发文件.pdf",))


def test_shortened_and_missing_files_are_found(desk, stored):
    os.truncate(stored, 10)
    assert [fault.kind for fault in check(desk)] == [FaultKind.CHANGED]
    stored.unlink()
    assert [fault.kind for fault in check(desk)] == [FaultKind.MISSING]


def test_file_that_belongs_to_nothing_is_found_once_it_is_settled(desk, stored):
    strange = stored.with_name("说明.txt")
    strange.write_bytes(b"x")
    unknown = desk.files.path(bytes(32))
    unknown.parent.mkdir(parents=True, exist_ok=True)
    unknown.write_bytes(b"y")
    part = uuid4()
    desk.files.append(part, b"z", offset=0, size=1)
    assert check(desk) == []
    found = check(desk, now=later())
    assert {fault.kind for fault in found} == {FaultKind.ORPHANED}
    assert {fault.path for fault in found} == {strange, unknown, Path("parts", str(part))}


def test_bytes_of_expunged_content_are_a_fault(desk, item_id, stored):
    world = desk.world
    content = stored.read_bytes()
    with world.sessions() as session:
        from sqlmodel import select

        from db.tables import Evidence

        evidence_id = session.exec(select(Evidence.id)).one()
    request_id = world.do(RequestExpunge(evidence_id=evidence_id, reason="误传"), world.clerk)
    world.do(DecideExpunge(request_id=request_id, approve=True), world.head)
    assert check(desk) == []
    stored.write_bytes(content)
    assert [fault.kind for fault in check(desk)] == [FaultKind.NOT_EXPUNGED]


def test_one_items_evidence_is_checked_alone(desk, item_id, stored):
    other = desk.issued()
    desk.upload(other, b"other", "说明.txt")
    stored.unlink()
    assert check(desk, other) == []
    assert len(check(desk, item_id)) == 1


@pytest.fixture
def installation(committed_world, database, tmp_path, monkeypatch):
    """Evidence in a committed database, which the command line finds by its settings."""
    monkeypatch.setenv("DUDAO_DATABASE_URL", database.app_url)
    monkeypatch.setenv("DUDAO_DATA_DIR", str(tmp_path))
    desk = with_store(committed_world, tmp_path / "evidence")
    item_id = desk.issued()
    path = desk.files.path(bytes.fromhex(desk.upload(item_id, samples.pdf(), "印发文件.pdf").sha256))
    return desk, item_id, path


def test_command_line_tells_by_its_exit_code(installation):
    _, item_id, path = installation
    run = CliRunner().invoke
    sound = run(cli.app, ["verify"])
    assert (sound.exit_code, sound.stdout.strip()) == (0, "1 checked, 0 faults")
    path.write_bytes(b"%PDF-1.7 forged")
    faulty = run(cli.app, ["verify", "--item", str(item_id), "--json"])
    assert faulty.exit_code == cli.EXIT_FAULTS
    [fault] = orjson.loads(faulty.stdout)["faults"]
    assert fault == {"kind": "changed", "path": str(path), "names": ["印发文件.pdf"]}
    assert run(cli.app, ["verify", "--item", str(uuid4())]).exit_code == 0


def test_command_line_sweeps_expired_uploads(installation):
    desk, item_id, _ = installation
    # Started by a clock that is long past for the machine's own.
    desk.world.clock.at = datetime.now(UTC) - timedelta(days=30)
    upload_id = desk.start(item_id, b"", "说明.txt", size=5)
    desk.files.append(upload_id, b"x", offset=0, size=5)
    swept = CliRunner().invoke(cli.app, ["sweep"])
    assert (swept.exit_code, swept.stdout.strip()) == (0, "1")
    assert str(upload_id) not in desk.on_disk()
