"""Names, sizes and chunks of evidence: the pure rules."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import TooLarge
from domain.evidence import (
    CHUNK_BYTES,
    EXTENSIONS,
    MEDIA_TYPES,
    NAME_BYTES,
    Classification,
    FileKind,
    check_chunk,
    check_classification,
    check_size,
    clean_name,
    declared_kind,
)
from domain.evidence_errors import EvidenceClassified, InvalidFileName, OffsetMismatch
from domain.messages import message_for


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("报告.pdf", "报告.pdf"),
        ("../../etc/报告.pdf", "报告.pdf"),
        (r"C:\Users\王\桌面\报告.pdf", "报告.pdf"),
        ("..\\..//报告.pdf", "报告.pdf"),
        ("报\u202e告fdp.exe", "报告fdp.exe"),
        ("报\x00告\r\n.pdf", "报告.pdf"),
        ("  报告\u3000（终稿） .pdf", "报告 （终稿）.pdf"),
        ('报告"<终>".pdf', "报告__终__.pdf"),
        ("con.pdf", "_con.pdf"),
        ("报告.pdf. ", "报告.pdf"),
        ("\ud800报告.pdf", "报告.pdf"),
    ],
)
def test_name_is_cleaned(given_name, kept):
    assert clean_name(given_name) == kept


@pytest.mark.parametrize("given_name", ["", "..", "/", "\u202e", "x." + "y" * 300])
def test_name_without_anything_left_is_refused(given_name):
    with pytest.raises(InvalidFileName):
        clean_name(given_name)


@given(st.text())
def test_any_name_becomes_one_that_can_be_saved(text):
    try:
        name = clean_name(f"{text}.pdf")
    except InvalidFileName:
        return
    assert 0 < len(name.encode()) <= NAME_BYTES
    assert not set(name) & set('/\\<>:"|?*')
    assert all(unicodedata.category(c)[0] != "C" for c in name)
    assert clean_name(name) == name


def test_long_name_keeps_its_extension():
    name = clean_name("长" * 300 + ".docx")
    assert len(name.encode()) <= NAME_BYTES and name.endswith("长.docx")


def test_every_kind_has_a_media_type_and_an_extension():
    assert set(MEDIA_TYPES) == set(FileKind) == set(EXTENSIONS.values())
    assert declared_kind("照片.JPeG") is FileKind.JPEG


def test_chunk_has_to_continue_what_is_stored():
    check_chunk(offset=10, length=5, received=10, size=15)
    for wrong in (0, 9, 11):
        with pytest.raises(OffsetMismatch) as refused:
            check_chunk(offset=wrong, length=5, received=10, size=100)
        assert refused.value.facts["offset"] == 10
        assert "10" in message_for(refused.value)


def test_chunk_beyond_the_declared_size_or_the_limit_is_refused():
    with pytest.raises(TooLarge):
        check_chunk(offset=10, length=6, received=10, size=15)
    with pytest.raises(TooLarge):
        check_chunk(offset=0, length=CHUNK_BYTES + 1, received=0, size=10**9)


def test_size_limit_is_named_in_the_refusal():
    check_size(200, limit=200)
    with pytest.raises(TooLarge) as refused:
        check_size(300 * 1024**2, limit=200 * 1024**2)
    assert "200 MB" in message_for(refused.value)


def test_declared_state_secret_is_refused_and_internal_is_not():
    check_classification(None)
    check_classification(Classification.INTERNAL)
    for level in set(Classification) - {Classification.INTERNAL}:
        with pytest.raises(EvidenceClassified) as refused:
            check_classification(level)
        assert "纸质" in message_for(refused.value)
