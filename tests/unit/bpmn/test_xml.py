"""Hostile XML: refused with the file's name, before anything is expanded, fetched or walked."""

import pytest

from bpmn.bundle import Bundle
from bpmn.xml import MAX_BYTES, parse_xml
from domain.process_errors import ModelRefused
from tests.unit.bpmn.drawing import HEAD, end, model, path, start, user

GOOD = model(start(), user("work"), end(), path("started", "work", "finished"))


def test_a_plain_model_is_read_without_comments_and_instructions():
    root = parse_xml(
        b"<?xml version='1.0'?><!-- c --><?pi x?>" + GOOD.replace(b"<bpmn:process", b"<!--x--><bpmn:process"), "a"
    )
    assert [child.tag for child in root] == ["{http://www.omg.org/spec/BPMN/20100524/MODEL}process"]


EXTERNAL = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'
LAUGHS = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><d>&b;</d>'


@pytest.mark.parametrize(
    "content",
    [
        EXTERNAL.encode(),
        EXTERNAL.replace("DOCTYPE", "doctype").encode(),
        LAUGHS.encode(),
        b'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd"><d/>',
        EXTERNAL.encode("utf-16"),
        EXTERNAL.encode("utf-16-le"),
        EXTERNAL.encode("utf-32"),
        b"<d>&undefined;</d>",
        b"<d>",
        b"<d></e>",
        b"",
        b"not xml",
        b"\x00\x01",
        b"<d>" * 100 + b"</d>" * 100,
        b"<d>" + b"<e/>" * 60_000 + b"</d>",
        b"<d>" + b"x" * MAX_BYTES + b"</d>",
        b"<d xmlns:a='x' a:b='1' xmlns:c='x' c:b='2'/>",
        b"\xff\xfe<d/>",
        b"<d>\x01</d>",
    ],
    ids=range(19),
)
def test_hostile_xml_is_refused(content: bytes):
    with pytest.raises(ModelRefused) as refused:
        parse_xml(content, "upload.bpmn")
    assert str(refused.value.facts["reason"]).startswith("upload.bpmn: ")


@pytest.mark.parametrize("content", [EXTERNAL.encode(), b"<html/>", b"PK\x03\x04", HEAD.encode()])
def test_a_bundle_of_hostile_files_is_a_finding_and_a_refusal_never_a_crash(content: bytes):
    bundle = Bundle.of({"a.bpmn": content, "forms/opinion.json": b"{}"}, "small_process")
    assert [finding.severity for finding in bundle.lint()][:1] == ["error"]
    with pytest.raises(ModelRefused):
        _ = bundle.specs


def test_a_decision_table_is_read_as_carefully():
    bundle = Bundle.of({"small_process.bpmn": GOOD, "grade.dmn": EXTERNAL.encode()}, "small_process")
    with pytest.raises(ModelRefused, match=r"grade\.dmn"):
        _ = bundle.specs
