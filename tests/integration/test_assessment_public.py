"""The public version of an assessment's report: what must not be published is nowhere in it, and it is a paper too."""

import io
import json
import zipfile

import pypdfium2
import pytest
from sqlmodel import select

from db.tables import Assessment, IssuedDocument, Person
from domain.assessment_errors import ReportNotIssued, ReportPublished
from domain.document_errors import DocumentNotFound
from domain.errors import NotFound, PermissionDenied
from domain.permissions import Role
from services.assessment_public import PublishReport
from services.assessments import StopAssessment
from services.documents import WithdrawDocument
from services.queries.assessments import assessment
from services.queries.documents import document_detail
from services.queries.reading import reading
from tests.assessment_world import MEETING, AssessmentWorld, build_assessment_world
from tests.integration.test_judged_papers import assert_well_printed, drawing, squeezed  # noqa: F401  a fixture
from tests.unit.dossiers.pages import Drawn
from tests.world import World

FIRM, PHONE, OFFICIAL = "远帆蓝湾数据科技有限公司", "13812345678", "韩处长"
MINORITY, GROUNDS, REPLY = "窗口其实还没有开张", "我们不认同这个等次", "佐证对不上时间"


@pytest.fixture
def city(world: World) -> AssessmentWorld:
    return build_assessment_world(world)


def reported(city: AssessmentWorld) -> tuple[str, ...]:
    """A report that names a person, a firm, a phone number and an official, with opinions of every kind; the names."""
    with city.world.sessions() as session:
        name = session.get_one(Person, city.world.clerk.id).name
    city.drawn(sampling="number", size=2, named=[{"number": "1"}, {"number": "2"}], visits="unannounced")
    for number in city.papers():
        city.assess_self(number)
        city.review(number, "completed")
        city.review(number, "mostly_completed")
        seen = {"visited_on": "2026-04-01", "place": "服务窗口", "findings": "窗口已启用。"}
        city.world.complete(city.papers()[number].item_id, "check_on_site", form=seen)
        city.settle(number, "mostly_completed")
    meeting = MEETING | {
        "overall": f"总体按方案推进，{FIRM}已接入，联系人{name}，电话{PHONE}，{OFFICIAL}作了说明。",
        "minority": [{"unit": "西湖评区", "number": "1", "view": MINORITY}],
        "recommendations": [{"kind": "new_item", "unit": "市牵头甲局", "text": f"由{name}牵头补齐{FIRM}的接口。"}],
    }
    city.world.complete(city.assessment, "hold_group_meeting", form=meeting)
    for opinion in city.opinions():
        city.world.complete(opinion.item_id, "give_opinion", "object", form={"grounds": GROUNDS})
        city.world.complete(opinion.item_id, "answer_opinion", "refuse", form={"reply": REPLY})
    city.world.complete(city.assessment, "rule_on_assessment", "approve")
    city.world.complete(
        city.assessment, "issue_report", form={"title": f"试点中期评估报告（{name}）", "addressee": "市人民政府"}
    )
    return (name, FIRM, PHONE, OFFICIAL, MINORITY, GROUNDS, REPLY, "不打招呼", "市人民政府：")


def published(city: AssessmentWorld) -> IssuedDocument:
    made = city.world.do(PublishReport(assessment_id=city.assessment), city.world.head)
    with city.world.sessions() as session:
        return session.get_one(IssuedDocument, made.id)


def test_nothing_that_must_be_masked_is_in_snapshot_text_metadata_or_attachments(city, drawing):  # noqa: F811
    kept = reported(city)
    document = published(city)
    assert_well_printed(drawing, document)
    content = json.loads(document.snapshot)["content"]
    pdf, word = drawing.pdf(document.template, content), drawing.docx(document.template, content)
    drawn, opened = Drawn(pdf), pypdfium2.PdfDocument(pdf)
    printed = squeezed("".join(drawn.text(page) for page in range(len(drawn))))
    with zipfile.ZipFile(io.BytesIO(word)) as packed:
        parts = "".join(packed.read(name).decode(errors="replace") for name in packed.namelist())
    texts = {
        "snapshot": document.snapshot,
        "title": document.title,
        "printed": printed,
        "metadata": repr(opened.get_metadata_dict()) + pdf.decode("utf-8", errors="replace"),
        "word": parts,
    }
    found = [(where, words) for where, text in texts.items() for words in kept if words in text]
    assert found == []
    assert opened.count_attachments() == 0
    with city.world.sessions() as session:
        whole = session.get_one(IssuedDocument, session.get_one(Assessment, city.assessment).document_id).snapshot
    assert [words for words in kept[:7] if words not in whole] == []
    for said in (
        "少数意见1条",
        "有异议3份",
        "未反馈0份",
        "第1项试点任务",
        "基本完成",
        "公开本",
        "此件公开发布",
        "实地核查",
    ):
        assert said in printed, said


def test_it_is_numbered_names_its_source_and_is_read_by_everybody_while_the_report_is_not(city):
    reported(city)
    document = published(city)
    content = json.loads(document.snapshot)["content"]
    with city.world.sessions() as session:
        report = session.get_one(IssuedDocument, session.get_one(Assessment, city.assessment).document_id)
    assert content["public"] == {
        "mark": report.mark,
        "date": report.issued_on.isoformat(),
        "sha256": report.sha256.hex(),
    }
    assert (document.public, document.number) == (True, report.number + 1)
    with reading(city.world.executor, city.world.actor(city.world.co_units[0], Role.LIAISON)) as asked:
        assert document_detail(asked, document.id).row.title.endswith("（公开本）")
        with pytest.raises(DocumentNotFound):
            document_detail(asked, report.id)


def test_it_is_made_once_by_who_rules_after_the_report_and_again_when_it_was_taken_back(city):
    city.start()
    command = PublishReport(assessment_id=city.assessment)
    with pytest.raises(ReportNotIssued):
        city.world.do(command, city.world.head)
    city.world.do(StopAssessment(assessment_id=city.assessment, reason="误开。"), city.world.head)
    reported(city)
    command = PublishReport(assessment_id=city.assessment)
    with pytest.raises(PermissionDenied):
        city.world.do(command, city.world.clerk)
    with pytest.raises(NotFound):
        city.world.do(command, city.world.actor(city.members["市评甲局"], Role.UNIT_LEADER))
    first = published(city)
    with pytest.raises(ReportPublished) as refused:
        city.world.do(command, city.world.head)
    assert refused.value.facts["mark"] == first.mark
    with reading(city.world.executor, city.world.head) as asked:
        seen = assessment(asked, city.assessment)
    assert (seen.public_document_id, seen.may_publish) == (first.id, False)
    city.world.do(WithdrawDocument(document_id=first.id, reason="重做。"), city.world.head)
    assert published(city).number == first.number + 1
    with city.world.sessions() as session:
        assert len(session.exec(select(IssuedDocument)).all()) == 3
