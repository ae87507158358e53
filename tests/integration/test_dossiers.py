"""Dossiers: everything about an item, frozen under a number; what of it may be published; what cannot be proven."""

import hashlib
import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlmodel import col, select

from db.tables import Evidence, IssuedDocument, Item
from domain.document_errors import AttachmentChanged, AttachmentMissing, TooManyAttachments
from domain.errors import NotFound, PermissionDenied
from domain.evidence import Classification
from domain.permissions import Actor
from services.dossier_content import Scope, dossier_content
from services.dossiers import IssueDossier, fingerprint
from services.evidence import AddPaperReference, DecideExpunge, RequestExpunge
from services.queries.dossiers import proofs_of
from services.queries.reading import reading
from tests.evidence_samples import pdf
from tests.evidence_world import EvidenceWorld
from tests.replication_world import NOMINATION, build_replication

FIRM = "海河样品科技有限公司"


def issue(desk: EvidenceWorld, item_id: UUID, *, actor: Actor | None = None, **wanted: Any) -> dict[str, Any]:
    """The content of a dossier as it was frozen."""
    issued = desk.world.do(IssueDossier(item_id=item_id, **wanted), actor or desk.world.clerk)
    with desk.world.sessions() as session:
        snapshot: dict[str, Any] = orjson.loads(session.get_one(IssuedDocument, issued.id).snapshot)
        return snapshot


def returned_item(desk: EvidenceWorld) -> UUID:
    """An item whose plan came back once, with names and numbers in what was said."""
    world, item_id = desk.world, desk.issued()
    world.complete(item_id, "sign_for", "accept")
    world.complete(item_id, "draft_plan", form=PLAN)
    words = f"请与{FIRM}核对，联系13812345678，{world.clerk.name}已看。"
    world.complete(item_id, "sign_plan", "return", reason_code="content_vague", opinion=words)
    world.complete(item_id, "draft_plan", form=PLAN)
    return item_id


PLAN = {"milestones": [{"title": "页面上线", "due_on": "2026-12-31", "evidence_planned": "公告"}]}


def test_a_dossier_is_numbered_and_frozen_with_everything_that_happened(desk):
    item_id = returned_item(desk)
    stored = desk.upload(item_id, pdf())
    frozen = issue(desk, item_id)
    content = frozen["content"]
    assert re.search(r"〔\d{4}〕1号", content["mark"])
    steps = [row["label"] for row in content["timeline"]]
    assert steps.count("制定方案") == 2
    process = content["processes"][0]
    drawn = {shape["id"]: shape for shape in process["picture"]["shapes"]}
    assert (drawn["draft_plan"]["runs"], drawn["sign_plan"]["returned"]) == (2, 1)
    assert drawn["draft_plan"]["dates"]
    assert drawn["sign_plan"]["state"] == "open"
    [proof] = content["evidence"]
    assert (proof["sha256"], proof["state"]) == (stored.sha256, "attached")
    assert [file["sha256"] for file in frozen["files"]] == [stored.sha256]


def test_the_fingerprint_on_the_cover_is_of_what_it_says(desk):
    content = issue(desk, desk.issued())["content"]
    own = {"document_id", "title", "dated", "mark", "number", "year", "fingerprint"}
    assert fingerprint({name: value for name, value in content.items() if name not in own}) == content["fingerprint"]


def test_what_happens_later_does_not_change_it(desk):
    item_id = desk.issued()
    issued = desk.world.do(IssueDossier(item_id=item_id), desk.world.clerk)
    with desk.world.sessions() as session:
        before = session.get_one(IssuedDocument, issued.id).snapshot
    desk.world.complete(item_id, "sign_for", "accept")
    desk.upload(item_id, pdf())
    with desk.world.sessions() as session:
        assert session.get_one(IssuedDocument, issued.id, populate_existing=True).snapshot == before
        assert hashlib.sha256(before.encode()).digest() == session.get_one(IssuedDocument, issued.id).sha256


def test_the_public_version_names_no_person_no_firm_and_no_telephone(desk):
    item_id = returned_item(desk)
    frozen = issue(desk, item_id, scope=Scope.PUBLIC)
    told = orjson.dumps(frozen["content"]).decode()
    names = {actor.name for actor in desk.world.people.values()}
    assert names
    assert [name for name in (*names, FIRM, "13812345678") if name in told] == []
    assert "某企业A" in told
    assert {row["role"] for row in frozen["content"]["timeline"]} >= {"联络员", "单位负责人"}


def test_no_version_has_a_telephone_number(desk):
    assert "13812345678" not in orjson.dumps(issue(desk, returned_item(desk))).decode()


def test_the_public_version_lists_files_and_carries_none(desk):
    item_id = desk.issued()
    stored = desk.upload(item_id, pdf())
    frozen = issue(desk, item_id, scope=Scope.PUBLIC)
    [proof] = frozen["content"]["evidence"]
    assert (proof["state"], proof["sha256"]) == ("listed", stored.sha256)
    assert frozen["files"] == []


def test_what_is_confidential_is_a_number_in_the_public_list(desk):
    item_id = desk.issued()
    paper = AddPaperReference(
        item_id=item_id,
        name="专题会议记录",
        proves="会议已开",
        document_number="2026-3",
        place="机要室二柜",
        classification=Classification.SECRET,
    )
    desk.world.do(paper, desk.liaison)
    [full] = issue(desk, item_id)["content"]["evidence"]
    assert (full["name"], full["state"], full["classification"]) == ("专题会议记录", "paper", "秘密")
    [listed] = issue(desk, item_id, scope=Scope.PUBLIC)["content"]["evidence"]
    assert {name for name, value in listed.items() if value} == {"number", "state", "state_words"}


def test_what_was_expunged_is_listed_with_its_hash_and_does_not_stop_the_dossier(desk):
    item_id = desk.issued()
    stored = desk.upload(item_id, pdf())
    request = desk.world.do(RequestExpunge(evidence_id=stored.id, reason="误传"), desk.liaison)
    desk.world.do(DecideExpunge(request_id=request, approve=True, note=""), desk.world.clerk)
    frozen = issue(desk, item_id)
    [proof] = frozen["content"]["evidence"]
    assert (proof["state"], proof["sha256"], frozen["files"]) == ("expunged", stored.sha256, [])


@pytest.mark.parametrize(("damage", "error"), [("change", AttachmentChanged), ("remove", AttachmentMissing)])
def test_a_file_that_is_not_what_was_taken_in_stops_it_before_a_number_is_given(desk, damage, error):
    item_id = desk.issued()
    stored = desk.upload(item_id, pdf())
    path = desk.files.path(bytes.fromhex(stored.sha256))
    path.chmod(0o600)
    if damage == "change":
        path.write_bytes(b"something else")
    else:
        path.unlink()
    with pytest.raises(error) as refused:
        desk.world.do(IssueDossier(item_id=item_id), desk.world.clerk)
    assert refused.value.facts["name"] == "报告.pdf"
    assert desk.rows(IssuedDocument) == []
    # Without the files it can still be made, and says what the hashes were.
    [proof] = issue(desk, item_id, with_files=False)["content"]["evidence"]
    assert (proof["state"], proof["sha256"]) == ("listed", stored.sha256)


def test_five_hundred_files_are_refused_and_can_be_listed_instead(desk):
    item_id = desk.issued()
    stored = desk.upload(item_id, pdf())
    with desk.world.sessions() as session:
        row = session.exec(select(Evidence).where(Evidence.id == stored.id)).one()
        kept = row.model_dump(exclude={"id"})
        session.add_all(Evidence(**kept | {"name": f"材料{number}.pdf"}) for number in range(499))
        session.commit()
    with pytest.raises(TooManyAttachments) as refused:
        desk.world.do(IssueDossier(item_id=item_id), desk.world.clerk)
    assert refused.value.facts["count"] == 500
    assert desk.rows(IssuedDocument) == []
    assert len(issue(desk, item_id, with_files=False)["content"]["evidence"]) == 500


def test_a_group_item_lists_its_members(desk):
    world = desk.world
    item_id = world.item(co_units=1)
    with world.sessions() as session:
        parent = session.get_one(Item, item_id)
        kept = parent.model_dump(exclude={"id", "position", "number", "parent_id"})
        session.add(Item(**kept | {"position": 77, "number": "1-1", "parent_id": item_id}))
        session.commit()
    [member] = issue(desk, item_id)["content"]["members"]
    assert (member["number"], member["status"]) == ("1-1", "已立项")


def test_an_item_of_somebody_else_is_not_found_and_units_do_not_issue(desk):
    item_id = desk.issued()
    stranger = replace(desk.liaison, memberships=frozenset())
    with pytest.raises(NotFound):
        desk.world.do(IssueDossier(item_id=item_id), stranger)
    with pytest.raises(PermissionDenied):
        desk.world.do(IssueDossier(item_id=item_id), desk.liaison)


def test_a_subject_of_two_thousand_characters_is_whole_in_the_dossier_and_short_in_its_title(desk):
    item_id = desk.issued()
    with desk.world.sessions() as session:
        item = session.exec(select(Item).where(col(Item.id) == item_id)).one()
        item.text = "长" * 2000
        session.add(item)
        session.commit()
    content = issue(desk, item_id)["content"]
    assert content["subject"] == "长" * 2000
    assert len(content["title"]) < 100


def test_the_dossier_of_a_case_has_its_parts_figures_opinions_and_scores(desk):
    city = build_replication(desk.world)
    case = city.approved("样品清单管理")
    content = issue(desk, case)["content"]
    assert content["kind"] == "case"
    assert [part["text"] for part in content["case"]["sections"][:3]] == [
        NOMINATION["background"],
        NOMINATION["practices"],
        NOMINATION["results"],
    ]
    assert content["indicators"] == [
        {"name": "平均办理时间", "unit": "小时", "before": "72", "after": "12", "source": ""}
    ]
    assert [row["answer"] for row in content["consulted"]] == ["同意", "同意"]
    assert len(content["scores"]["rows"]) == 4
    assert content["scores"]["rows"][-1][0] == "平均"


def test_firms_of_a_case_are_named_in_public_only_if_they_agree(desk):
    city = build_replication(desk.world)
    form = {
        **NOMINATION,
        "results": f"{FIRM}和银帆样品有限公司已办理。",
        "firms": [{"name": FIRM, "consents": True}, {"name": "银帆样品有限公司", "consents": False}],
    }
    case = city.nominate()
    with desk.world.sessions() as session:
        from db.tables import ReplicationCase

        row = session.get_one(ReplicationCase, case)
        row.dossier = form
        session.add(row)
        session.commit()
    with reading(desk.world.executor, desk.world.clerk) as asked:
        public = dossier_content(asked, case, scope=Scope.PUBLIC).data
    told = orjson.dumps(public).decode()
    assert FIRM in told
    assert "银帆" not in told
    assert "王老师" not in told


def test_the_proofs_of_a_dossier_are_held_against_the_store(desk):
    item_id = desk.issued()
    kept, changed = desk.upload(item_id, pdf()), desk.upload(item_id, pdf(["另一份"]), name="其他.pdf")
    gone = desk.upload(item_id, pdf(["误传的"]), name="误传.pdf")
    issued = desk.world.do(IssueDossier(item_id=item_id), desk.world.clerk)
    path = desk.files.path(bytes.fromhex(changed.sha256))
    path.chmod(0o600)
    path.write_bytes(b"something else")
    request = desk.world.do(RequestExpunge(evidence_id=gone.id, reason="误传"), desk.liaison)
    desk.world.do(DecideExpunge(request_id=request, approve=True, note=""), desk.world.clerk)
    with desk.world.sessions() as session:
        proofs = {proof.sha256: proof.fault for proof in proofs_of(session, desk.files, issued.id)}
    assert proofs == {kept.sha256: None, changed.sha256: "changed", gone.sha256: "expunged"}
