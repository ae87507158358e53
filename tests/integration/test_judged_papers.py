"""The six papers of 评价 and 评估: frozen, without identifiers of the program, the same as .docx as in print."""

import hashlib
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import docx
import pytest
from sqlmodel import Session, col, select

from app.demo.judged_papers import of_evaluations
from db.tables import IssuedDocument, Item, Unit
from dossiers.rendering import Renderer
from tests.assessment_world import build_assessment_world
from tests.evaluation_world import evaluated_year
from tests.unit.dossiers.pages import Drawn

IDENTIFIERS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}|\d{4}-\d\d-\d\dT|\d\d:\d\d:\d\d|[a-z]+_[a-z]+|None|\b[A-Za-z]{3,}\b")
KINDS = ("单位评价方案", "自评表", "评价数据核定单", "评分底稿", "单位评价结果的通报", "中期评估报告")


@pytest.fixture(scope="module")
def drawing() -> Iterator[Renderer]:
    renderer = Renderer(processes=1)
    yield renderer
    renderer.close()


def headings_of(content: dict[str, Any]) -> list[str]:
    """Title, numbered headings of the text and titles of annexes, in order."""
    lines = [line for line in str(content.get("text", "")).splitlines() if re.match("[一二三四五六]、", line)]
    return [content["title"], *lines, *(each["title"] for each in content.get("annexes", ()))]


def squeezed(text: str) -> str:
    return "".join(text.split())


def assert_well_printed(drawing: Renderer, document: IssuedDocument) -> None:
    """Frozen under its hash, no identifier of the program in it, and Word says what the print says."""
    assert hashlib.sha256(document.snapshot.encode()).digest() == document.sha256
    frozen = json.loads(document.snapshot)
    template, content = frozen["template"], frozen["content"]
    drawn = Drawn(drawing.pdf(template, content))
    text = squeezed("".join(drawn.text(page) for page in range(len(drawn))))
    found = IDENTIFIERS.findall("".join(drawn.text(page) for page in range(len(drawn))))
    assert not found, f"{document.title}: {found}"
    paragraphs = [squeezed(each.text) for each in docx.Document(io.BytesIO(drawing.docx(template, content))).paragraphs]
    wanted = [squeezed(each) for each in headings_of(content)]
    assert [each for each in paragraphs if each in wanted] == wanted, document.title
    assert all(each in text for each in wanted), document.title


def papers(session: Session) -> dict[str, IssuedDocument]:
    rows = session.exec(
        select(IssuedDocument).order_by(col(IssuedDocument.issued_at), col(IssuedDocument.number))
    ).all()
    return {kind: row for row in rows for kind in KINDS if kind in row.title}


def test_the_papers_of_an_evaluation_say_in_words_what_was_scored_and_stay_as_they_were(world, drawing):
    year = evaluated_year(world)
    year.to_approval()
    for unit in year.units():
        partners = world.co_units[:2] if unit in world.leads[:2] else world.leads[:2]
        year.self_score(unit, dict.fromkeys(partners, 8))
    year.lock()
    for unit in year.units():
        year.score(unit)
        year.accept(unit)
    year.decide()
    with world.sessions() as session:
        found = papers(session)
        assert set(found) == set(KINDS[:5])
        for document in found.values():
            assert_well_printed(drawing, document)
        record = session.exec(
            select(IssuedDocument.snapshot).where(col(IssuedDocument.title).contains("评分底稿"))
        ).all()
        facts = "".join(record)
        assert "红灯期数；2026年" in facts
        whole = {year.id}
        written = of_evaluations(session, world.office)
        assert {kind for row in written for kind in KINDS if kind in row.title} == set(KINDS[:5])
        assert len({row.item_id for row in written} - whole) == 1
        before = {row.id: bytes(row.sha256) for row in found.values()}
        for row in session.exec(select(Unit)):
            row.short_name = f"更名{row.short_name}"
        for row in session.exec(select(Item).where(Item.kind == "task")):
            row.text = "改写"
        session.commit()
        for row in papers(session).values():
            assert before[row.id] == hashlib.sha256(row.snapshot.encode()).digest()
            assert "更名" not in row.snapshot


def test_the_report_of_an_assessment_is_the_same_in_print_and_for_editing(world, drawing):
    city = build_assessment_world(world)
    city.reported(
        {"kind": "case", "number": "2", "text": "总结突破经验"},
        plan={"sampling": "number", "size": 2, "named": [{"number": "1"}, {"number": "2"}], "seed": "第二次抽样"},
    )
    with world.sessions() as session:
        document = papers(session)["中期评估报告"]
        assert_well_printed(drawing, document)
        content = json.loads(document.snapshot)["content"]
        said = [
            squeezed(each.text)
            for each in docx.Document(io.BytesIO(drawing.docx(document.template, content))).paragraphs
        ]
    headings = ["一、评估组织", "二、总体评价", "三、少数意见", "四、牵头单位意见采纳情况", "五、建议"]
    assert [each for each in said if each in headings] == headings
    printed = Drawn(drawing.pdf("assessment_report", content))
    text = squeezed("".join(printed.text(page) for page in range(len(printed))))
    places = [text.index(each) for each in headings]
    assert places == sorted(places)
