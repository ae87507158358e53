"""Uploading evidence: resumed, checked, stored once, refused without a trace."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from db.file_store import DiskFileStore
from db.tables import AuditEntry, Blob, Evidence, UploadSession
from domain.errors import NotFound, PermissionDenied, TooLarge, WrongStatus
from domain.evidence import Classification
from domain.evidence_errors import (
    EvidenceClassified,
    FileDamaged,
    FileExpandsTooFar,
    FileTypeNotAllowed,
    HashMismatch,
    MalwareFound,
    OffsetMismatch,
    StorageFull,
    TooManyUploads,
    UnitAmbiguous,
    UnitNotInvolved,
    UploadEnded,
    UploadIncomplete,
)
from domain.permissions import SCHEDULER, Actor, Membership, Role
from services.evidence import AddPaperReference
from services.queries.evidence import evidence_of_item
from services.queries.reading import reading
from services.uploads import LIFETIME, MAX_OPEN, AbandonUpload, SweepUploads, upload_state
from tests import evidence_samples as samples
from tests.evidence_world import MAX_BYTES, digest
from tests.world import CLAIM


def state(desk, upload_id, actor=None):
    with desk.world.sessions() as session:
        return upload_state(session, desk.storage, actor or desk.liaison, upload_id, now=desk.world.clock.now())


def test_uploaded_file_becomes_evidence_of_what_it_proves(desk, item_id):
    content = samples.pdf()
    done = desk.upload(item_id, content, "../进展\u202e报告.pdf", sha256=digest(content))
    assert (done.name, done.size, done.sha256) == ("进展报告.pdf", len(content), digest(content))
    assert (done.media_type, done.text_read) == ("application/pdf", True)
    assert desk.files.path(bytes.fromhex(done.sha256)).read_bytes() == content
    assert desk.on_disk() == [done.sha256]
    [row] = desk.rows(Evidence)
    assert (row.proves, row.added_by, row.unit_id) == ("进展属实", desk.liaison.id, desk.world.leads[0])
    assert row.work_item_id is None


def test_interrupted_upload_goes_on_from_what_is_on_disk(desk, item_id):
    content = samples.pdf()
    upload_id = desk.start(item_id, content)
    assert desk.send(upload_id, content[:100], offset=0) == 100
    # The process died after half of the next chunk had reached the disk.
    with (desk.folder / "parts" / str(upload_id)).open("ab") as part:
        part.write(content[100:130])
    assert state(desk, upload_id).offset == 130
    with pytest.raises(OffsetMismatch) as refused:
        desk.send(upload_id, content[100:200], offset=100)
    assert refused.value.facts["offset"] == 130
    desk.send(upload_id, content[130:], offset=130)
    assert desk.finish(upload_id).sha256 == digest(content)


def test_finishing_twice_gives_the_same_evidence(desk, item_id):
    content = samples.pdf()
    upload_id = desk.start(item_id, content)
    desk.send(upload_id, content, offset=0)
    assert desk.finish(upload_id) == desk.finish(upload_id)
    assert len(desk.rows(Evidence)) == 1
    assert state(desk, upload_id).evidence_id is not None
    with pytest.raises(UploadEnded):
        desk.send(upload_id, b"more", offset=len(content))


def test_upload_that_is_cut_off_cannot_be_finished_and_keeps_what_it_has(desk, item_id):
    content = samples.pdf()
    upload_id = desk.start(item_id, content)
    desk.send(upload_id, content[:-1], offset=0)
    with pytest.raises(UploadIncomplete) as refused:
        desk.finish(upload_id)
    assert refused.value.facts == {"offset": len(content) - 1, "size": len(content)}
    desk.send(upload_id, content[-1:], offset=len(content) - 1)
    assert desk.finish(upload_id)


def test_size_is_refused_when_declared_and_when_it_lies(desk, item_id):
    with pytest.raises(TooLarge):
        desk.start(item_id, b"", size=300 * 1024**2)
    assert desk.start(item_id, b"", size=MAX_BYTES)
    upload_id = desk.start(item_id, b"", size=10)
    with pytest.raises(TooLarge):
        desk.send(upload_id, b"x" * 11, offset=0)
    assert desk.on_disk() in ([], [str(upload_id)])
    assert state(desk, upload_id).offset == 0


def test_full_disk_refuses_before_and_during_an_upload(desk, item_id, monkeypatch):
    upload_id = desk.start(item_id, b"", size=20)
    desk.send(upload_id, b"x" * 5, offset=0)

    def full(*_arguments):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("db.file_store.os.fsync", full)
        with pytest.raises(StorageFull):
            desk.send(upload_id, b"y" * 5, offset=5)
    assert state(desk, upload_id).offset == 5
    monkeypatch.setattr(DiskFileStore, "has_room", lambda *_: False)
    with pytest.raises(StorageFull):
        desk.start(item_id, b"", size=20)


@pytest.mark.parametrize(
    ("content", "name", "error"),
    [
        (samples.pdf(["机密★5年"]), "报告.pdf", EvidenceClassified),
        (samples.docx(["秘密★"]), "报告.docx", EvidenceClassified),
        ("绝密\n正文".encode(), "说明.txt", EvidenceClassified),
        (b"%PDF-1.7 nothing", "报告.pdf", FileDamaged),
        (samples.docx(more={"word/media/a.bmp": bytes(300 * 1024**2)}), "报告.docx", FileExpandsTooFar),
        (b"MZ" + bytes(50), "报告.pdf", FileTypeNotAllowed),
    ],
)
def test_refused_content_is_not_kept(desk, item_id, content, name, error):
    upload_id = desk.start(item_id, content, name)
    desk.send(upload_id, content, offset=0)
    with pytest.raises(error):
        desk.finish(upload_id)
    assert desk.on_disk() == []
    assert desk.rows(Evidence) == desk.rows(Blob) == []
    assert [e.error_code for e in desk.rows(AuditEntry) if e.command == "FinishUpload"] == [error.code]
    # The session is as if nothing had been sent.
    assert state(desk, upload_id).offset == 0


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": "工具.exe"}, FileTypeNotAllowed),
        ({"name": "【机密】方案.pdf"}, EvidenceClassified),
        ({"classification": Classification.SECRET}, EvidenceClassified),
        ({"classification": Classification.TOP_SECRET}, EvidenceClassified),
    ],
)
def test_what_can_be_refused_before_the_first_byte_is(desk, item_id, fields, error):
    with pytest.raises(error):
        desk.start(item_id, samples.pdf(), **fields)
    assert desk.rows(UploadSession) == []


def test_talk_about_secrets_is_accepted_as_evidence(desk, item_id):
    content = samples.docx(["关于加强商业秘密保护的报告", "各单位要保守国家秘密。"])
    assert desk.upload(item_id, content, "商业秘密保护.docx", classification=Classification.INTERNAL)
    assert desk.rows(Evidence)[0].classification == "internal"


def test_wrong_hash_throws_away_what_arrived(desk, item_id):
    content = samples.pdf()
    upload_id = desk.start(item_id, content, sha256=digest(b"something else"))
    desk.send(upload_id, content, offset=0)
    with pytest.raises(HashMismatch):
        desk.finish(upload_id)
    assert desk.on_disk() == []


def test_virus_scanner_is_asked_and_what_it_finds_is_not_kept(desk, item_id):
    class Scanner:
        def scan(self, path: Path) -> str | None:
            return "Eicar-Test-Signature" if b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE" in path.read_bytes() else None

    desk.world.executor.storage = replace(desk.storage, scanner=Scanner())
    test_file = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    with pytest.raises(MalwareFound):
        desk.upload(item_id, test_file, "说明.txt")
    assert desk.on_disk() == []
    assert desk.upload(item_id, b"harmless", "说明.txt")


def test_two_items_share_one_content(desk, item_id):
    content = samples.pdf()
    other = desk.issued()
    first, second = desk.upload(item_id, content), desk.upload(other, content, "另一个名字.pdf")
    assert first.sha256 == second.sha256 and first.id != second.id
    assert desk.on_disk() == [first.sha256]
    assert len(desk.rows(Blob)) == 1


def test_uploading_again_replaces_a_damaged_copy(desk, item_id):
    content = samples.pdf()
    path = desk.files.path(bytes.fromhex(desk.upload(item_id, content).sha256))
    path.write_bytes(b"damaged")
    desk.upload(item_id, content)
    assert path.read_bytes() == content


def test_person_cannot_fill_the_disk_with_unfinished_uploads(desk, item_id):
    for _ in range(MAX_OPEN):
        last = desk.start(item_id, samples.pdf())
    with pytest.raises(TooManyUploads):
        desk.start(item_id, samples.pdf())
    desk.world.do(AbandonUpload(upload_id=last), desk.liaison)
    assert desk.start(item_id, samples.pdf())


def test_abandoned_upload_leaves_nothing(desk, item_id):
    upload_id = desk.start(item_id, samples.pdf())
    desk.send(upload_id, b"%PDF", offset=0)
    desk.world.do(AbandonUpload(upload_id=upload_id), desk.liaison)
    assert desk.on_disk() == [] and desk.rows(UploadSession) == []


def test_expired_upload_ends_and_is_swept_and_a_live_one_stays(desk, item_id):
    old = desk.start(item_id, samples.pdf())
    desk.send(old, b"%PDF", offset=0)
    desk.world.clock.advance(seconds=LIFETIME.total_seconds() - 1)
    live = desk.start(item_id, samples.pdf())
    desk.send(live, b"%PDF", offset=0)
    desk.world.clock.advance(seconds=1)
    for act in (lambda: desk.send(old, b"x", offset=4), lambda: desk.finish(old), lambda: state(desk, old)):
        with pytest.raises(UploadEnded):
            act()
    assert desk.world.do(SweepUploads(), SCHEDULER) == 1
    assert desk.on_disk() == [str(live)]
    assert [row.id for row in desk.rows(UploadSession)] == [live]


def test_sweep_removes_a_part_without_a_session_only_when_it_is_old(desk, item_id):
    stray = uuid4()
    desk.files.append(stray, b"x", offset=0, size=1)
    grown_at = next(desk.files.parts())[1]
    desk.world.clock.at = grown_at + timedelta(hours=23)
    desk.world.do(SweepUploads(), SCHEDULER)
    assert desk.on_disk() == [str(stray)]
    desk.world.clock.advance(hours=2)
    desk.world.do(SweepUploads(), SCHEDULER)
    assert desk.on_disk() == []


def test_nobody_but_the_clock_sweeps(desk):
    with pytest.raises(PermissionDenied):
        desk.world.do(SweepUploads(), desk.world.clerk)


def test_upload_belongs_to_the_person_who_started_it(desk, item_id):
    content = samples.pdf()
    upload_id = desk.start(item_id, content)
    for actor in (desk.world.clerk, desk.world.actor(desk.world.co_units[0], Role.LIAISON)):
        for act in (
            lambda a: desk.send(upload_id, content, offset=0, actor=a),
            lambda a: desk.finish(upload_id, a),
            lambda a: state(desk, upload_id, a),
            lambda a: desk.world.do(AbandonUpload(upload_id=upload_id), a),
        ):
            with pytest.raises(NotFound):
                act(actor)
    with pytest.raises(NotFound):
        desk.finish(uuid4())


def test_who_may_add_evidence_to_an_item(desk, item_id):
    world = desk.world
    lead, co_unit, outside = world.leads[0], world.co_units[0], world.co_units[2]
    for actor in (world.actor(lead, Role.LIAISON), world.actor(co_unit, Role.LIAISON), world.clerk):
        assert desk.upload(item_id, samples.pdf(), actor=actor)
    for actor in (world.actor(lead, Role.UNIT_LEADER), world.head):
        with pytest.raises(PermissionDenied):
            desk.start(item_id, samples.pdf(), actor=actor)
    for role in Role:
        stranger = Actor(id=world.clerk.id, name="外人", memberships=frozenset({Membership(outside, role)}))
        with pytest.raises(NotFound):
            desk.start(item_id, samples.pdf(), actor=stranger)


def test_person_of_two_units_says_for_which_one(desk, item_id):
    world = desk.world
    lead, co_unit = world.leads[0], world.co_units[0]
    both = Actor(
        id=desk.liaison.id,
        name="联络员",
        memberships=frozenset({Membership(lead, Role.LIAISON), Membership(co_unit, Role.LIAISON)}),
    )
    with pytest.raises(UnitAmbiguous):
        desk.start(item_id, samples.pdf(), actor=both)
    with pytest.raises(UnitNotInvolved):
        desk.start(item_id, samples.pdf(), actor=both, unit_id=world.co_units[1])
    desk.upload(item_id, samples.pdf(), actor=both, unit_id=co_unit)
    assert desk.rows(Evidence)[0].unit_id == co_unit


def test_unissued_item_is_nobodys_but_the_offices(desk):
    item_id = desk.world.item()
    with pytest.raises(NotFound):
        desk.start(item_id, samples.pdf())
    assert desk.upload(item_id, samples.pdf(), actor=desk.world.clerk)


def test_ended_item_takes_no_more_evidence(desk, item_id):
    world = desk.world
    content = samples.pdf()
    upload_id = desk.start(item_id, content)
    desk.send(upload_id, content, offset=0)
    from services.items import StopItem

    with world.sessions() as session:
        from db.tables import Item

        version = session.get_one(Item, item_id).version
    world.do(StopItem(item_id=item_id, seen_version=version, message="withdraw", reason="重复"), world.head)
    for act in (lambda: desk.finish(upload_id), lambda: desk.start(item_id, content)):
        with pytest.raises(WrongStatus):
            act()


def test_evidence_is_handed_in_with_a_step_and_listed_with_it(desk):
    world = desk.world
    item_id = world.item(co_units=1)
    world.to_progress(item_id)
    report = desk.upload(item_id, samples.pdf(), "印发文件.pdf")
    paper = world.do(
        AddPaperReference(
            item_id=item_id,
            name="会议纪要",
            proves="已审议",
            document_number="纪要〔2026〕3号",
            place="机要室2号柜",
            classification=Classification.SECRET,
        ),
        desk.liaison,
    )
    world.complete(item_id, "claim_completion", "completed", form=CLAIM, evidence_ids=(report.id, paper))
    with reading(world.executor, desk.liaison) as r:
        listed = evidence_of_item(r, item_id)
    assert [(row.id, row.step, row.kind) for row in sorted(listed, key=lambda r: r.kind)] == [
        (report.id, "claim_completion", "file"),
        (paper, "claim_completion", "paper"),
    ]
    file, kept = sorted(listed, key=lambda r: r.kind)
    assert (file.sha256, file.size, file.unit_name) == (report.sha256, report.size, "市牵头甲局")
    assert (kept.classification, kept.place, kept.sha256) == ("secret", "机要室2号柜", None)


def test_evidence_of_another_person_or_item_is_not_handed_in(desk):
    world = desk.world
    item_id, other = world.item(co_units=1), world.item(co_units=1)
    world.to_progress(item_id)
    world.complete(other, "issue")
    elsewhere = desk.upload(other, samples.pdf())
    of_the_office = desk.upload(item_id, samples.pdf(), actor=world.clerk)
    for evidence_id in (elsewhere.id, of_the_office.id, uuid4()):
        with pytest.raises(NotFound):
            world.complete(item_id, "claim_completion", "completed", form=CLAIM, evidence_ids=(evidence_id,))
