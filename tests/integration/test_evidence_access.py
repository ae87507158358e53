"""Who may take evidence out, and how a file that must not be here goes, by two persons."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from db.tables import AuditEntry, Blob, ExpungeRequest
from domain.errors import NotFound, PermissionDenied, ReasonMissing
from domain.evidence_errors import (
    ContentExpunged,
    ContentMissing,
    EvidenceExpunged,
    ExpungeDecided,
    ExpungePending,
    SecondPersonNeeded,
)
from domain.permissions import ADMINISTRATORS, SCHEDULER, Actor, Membership, Role
from services.evidence import DecideExpunge, DownloadEvidence, RequestExpunge
from services.queries.evidence import evidence_of_item, pending_expunges
from services.queries.reading import reading
from services.uploads import SweepUploads
from tests import evidence_samples as samples

CONTENT = samples.pdf()


@pytest.fixture
def evidence_id(desk, item_id):
    return desk.upload(item_id, CONTENT).id


def download(desk, evidence_id, actor):
    return desk.world.do(DownloadEvidence(evidence_id=evidence_id), actor)


def person(desk, unit_id, role):
    """Somebody with that role there, as a person of their own."""
    with desk.world.sessions() as session:
        from tests.world import add_person

        actor = add_person(session, desk.world.clock, unit_id, role)
        session.commit()
    return actor


def audited(desk, command):
    return [entry for entry in desk.rows(AuditEntry) if entry.command == command]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("where", ["office", "lead", "co_unit", "outside"])
def test_evidence_is_taken_out_by_whom_the_item_is_visible_to(desk, item_id, evidence_id, role, where):
    world = desk.world
    unit_id = {
        "office": world.office,
        "lead": world.leads[0],
        "co_unit": world.co_units[0],
        "outside": world.co_units[2],
    }[where]
    actor = Actor(id=world.clerk.id, name="某人", memberships=frozenset({Membership(unit_id, role)}))
    business = role not in ADMINISTRATORS
    sees = business and (where in {"lead", "co_unit"} or (where == "office" and role != Role.LIAISON))
    if sees:
        found = download(desk, evidence_id, actor)
        assert found.path.read_bytes() == CONTENT
        with reading(world.executor, actor) as r:
            assert [row.id for row in evidence_of_item(r, item_id)] == [evidence_id]
    else:
        with pytest.raises(NotFound):
            download(desk, evidence_id, actor)
        with reading(world.executor, actor) as r, pytest.raises(NotFound):
            evidence_of_item(r, item_id)


def test_evidence_of_an_unissued_item_is_the_offices_own(desk):
    world = desk.world
    item_id = world.item()
    evidence_id = desk.upload(item_id, CONTENT, actor=world.clerk).id
    with pytest.raises(NotFound):
        download(desk, evidence_id, desk.liaison)
    assert download(desk, evidence_id, world.head)


def test_audit_says_who_took_what_out_and_who_was_refused(desk, evidence_id):
    world = desk.world
    stranger = world.actor(world.co_units[2], Role.LIAISON)
    download(desk, evidence_id, world.clerk)
    with pytest.raises(NotFound):
        download(desk, evidence_id, stranger)
    taken, refused = audited(desk, "DownloadEvidence")
    assert (taken.actor_id, taken.subject_id, taken.error_code) == (world.clerk.id, evidence_id, None)
    assert (refused.actor_id, refused.subject_id, refused.error_code) == (stranger.id, evidence_id, "not_found")


@pytest.mark.parametrize("table", ["evidence", "expunge_request", "blob"])
def test_application_cannot_delete_the_record(desk, evidence_id, table):
    with desk.world.sessions() as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text(f"DELETE FROM {table}"))


def test_paper_has_nothing_to_take_out(desk, item_id):
    paper = desk.world.evidence(item_id, desk.liaison)
    for evidence_id in (paper, uuid4()):
        with pytest.raises(NotFound):
            download(desk, evidence_id, desk.liaison)


def test_missing_bytes_are_named_and_not_an_unexpected_error(desk, evidence_id):
    [blob] = desk.rows(Blob)
    desk.files.path(blob.sha256).unlink()
    with pytest.raises(ContentMissing):
        download(desk, evidence_id, desk.liaison)


def request(desk, evidence_id, actor, reason="误传涉密附件"):
    return desk.world.do(RequestExpunge(evidence_id=evidence_id, reason=reason), actor)


def decide(desk, request_id, actor, *, approve=True, note=""):
    return desk.world.do(DecideExpunge(request_id=request_id, approve=approve, note=note), actor)


def test_two_persons_remove_the_bytes_everywhere_and_the_hash_stays(desk, item_id, evidence_id):
    world = desk.world
    other = desk.upload(desk.issued(), CONTENT, "同一内容.pdf")
    request_id = request(desk, evidence_id, world.clerk)
    assert desk.on_disk() == [other.sha256]
    decision = decide(desk, request_id, world.head)
    assert (decision.approved, decision.uses, decision.evidence_id) == (True, 2, evidence_id)
    assert desk.on_disk() == []
    [blob] = desk.rows(Blob)
    assert blob.sha256.hex() == other.sha256 and blob.expunged_at == world.clock.now()
    for id_ in (evidence_id, other.id):
        with pytest.raises(EvidenceExpunged):
            download(desk, id_, world.clerk)
    with reading(world.executor, desk.liaison) as r:
        [row] = evidence_of_item(r, item_id)
    assert row.sha256 == other.sha256 and row.expunged_at is not None
    [asked], [decided] = audited(desk, "RequestExpunge"), audited(desk, "DecideExpunge")
    assert (asked.actor_id, decided.actor_id) == (world.clerk.id, world.head.id)
    assert asked.payload is not None and asked.payload["reason"] == "误传涉密附件"


def test_expunged_content_is_not_taken_again(desk, item_id, evidence_id):
    world = desk.world
    decide(desk, request(desk, evidence_id, world.clerk), world.head)
    [blob] = desk.rows(Blob)
    with pytest.raises(ContentExpunged):
        desk.start(item_id, CONTENT, sha256=blob.sha256.hex())
    with pytest.raises(ContentExpunged):
        desk.upload(item_id, CONTENT, "改个名字.pdf")
    assert desk.on_disk() == []


def test_nobody_decides_about_their_own_request(desk, evidence_id):
    world = desk.world
    request_id = request(desk, evidence_id, world.head)
    with pytest.raises(SecondPersonNeeded):
        decide(desk, request_id, world.head)
    with pytest.raises(SecondPersonNeeded):
        decide(desk, request_id, world.head, approve=False, note="不必")
    assert len(desk.on_disk()) == 1
    assert decide(desk, request_id, world.clerk).approved


def test_refusal_needs_a_note_and_keeps_the_file(desk, evidence_id):
    world = desk.world
    request_id = request(desk, evidence_id, world.clerk)
    with pytest.raises(ReasonMissing):
        decide(desk, request_id, world.head, approve=False)
    assert decide(desk, request_id, world.head, approve=False, note="不涉密").approved is False
    assert download(desk, evidence_id, world.clerk)
    with pytest.raises(ExpungeDecided):
        decide(desk, request_id, world.head)
    # A new request may be made.
    assert decide(desk, request(desk, evidence_id, world.clerk), world.head).approved


def test_one_request_at_a_time_and_none_about_what_is_gone(desk, evidence_id):
    world = desk.world
    request_id = request(desk, evidence_id, world.clerk)
    with pytest.raises(ExpungePending):
        request(desk, evidence_id, world.head)
    decide(desk, request_id, world.head)
    with pytest.raises(EvidenceExpunged):
        request(desk, evidence_id, world.clerk)


def test_reason_is_asked_for(desk, evidence_id):
    with pytest.raises(ReasonMissing):
        request(desk, evidence_id, desk.world.clerk, reason="  ")


def test_who_may_ask_and_who_may_decide(desk, evidence_id):
    world = desk.world
    lead, co_unit = world.leads[0], world.co_units[0]
    for actor in (world.actor(co_unit, Role.LIAISON), world.actor(co_unit, Role.UNIT_LEADER)):
        with pytest.raises(PermissionDenied):
            request(desk, evidence_id, actor)
    with pytest.raises(NotFound):
        request(desk, evidence_id, world.actor(world.co_units[2], Role.UNIT_LEADER))
    colleague = person(desk, lead, Role.LIAISON)
    with pytest.raises(PermissionDenied):
        request(desk, evidence_id, colleague)
    # Who added it may ask, and may not decide.
    request_id = request(desk, evidence_id, desk.liaison)
    for actor in (desk.liaison, colleague, world.actor(co_unit, Role.UNIT_LEADER)):
        with pytest.raises(PermissionDenied):
            decide(desk, request_id, actor)
    with pytest.raises(NotFound):
        decide(desk, request_id, world.actor(world.co_units[2], Role.UNIT_LEADER))
    assert decide(desk, request_id, world.actor(lead, Role.UNIT_LEADER)).approved


def test_open_requests_are_listed_for_who_sees_the_item(desk, evidence_id):
    world = desk.world
    desk.upload(desk.issued(), CONTENT)
    request_id = request(desk, evidence_id, desk.liaison)
    with world.sessions() as session:
        [found] = pending_expunges(session, world.head)
        assert (found.id, found.evidence_id, found.uses) == (request_id, evidence_id, 2)
        assert pending_expunges(session, world.actor(world.co_units[2], Role.UNIT_LEADER)) == []
    decide(desk, request_id, world.head, approve=False, note="不涉密")
    with world.sessions() as session:
        assert pending_expunges(session, world.head) == []
    assert desk.rows(ExpungeRequest)[0].note == "不涉密"


def test_bytes_that_a_dead_process_left_are_swept(desk, evidence_id, monkeypatch):
    world = desk.world
    request_id = request(desk, evidence_id, world.clerk)
    with monkeypatch.context() as patched:
        patched.setattr("services.executor._follow_up", lambda _uow: None)
        decide(desk, request_id, world.head)
    assert len(desk.on_disk()) == 1
    world.do(SweepUploads(), SCHEDULER)
    assert desk.on_disk() == []


def test_expunged_evidence_is_not_handed_in(desk):
    from tests.world import CLAIM

    world = desk.world
    item_id = world.item()
    world.to_progress(item_id)
    gone = desk.upload(item_id, CONTENT).id
    decide(desk, request(desk, gone, world.clerk), world.head)
    with pytest.raises(NotFound):
        world.complete(item_id, "claim_completion", "completed", form=CLAIM, evidence_ids=(gone,))
