"""What a file is, is read from its content; what may not be here is refused."""

import io
import zipfile

import pytest

from domain.evidence import FileKind
from domain.evidence_errors import (
    EvidenceClassified,
    ExtensionMismatch,
    FileDamaged,
    FileEncrypted,
    FileExpandsTooFar,
    FileHasMacros,
    FileTypeNotAllowed,
)
from importers.inspection import inspect_file
from tests import evidence_samples as samples

MEBI = 1024 * 1024
CONTENT_TYPES = "[Content_Types].xml"


@pytest.fixture
def inspect(tmp_path):
    """Inspects bytes under a name that has nothing to do with where they lie."""

    def run(content: bytes, name: str):
        path = tmp_path / "part"
        path.write_bytes(content)
        return inspect_file(path, name)

    return run


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (samples.pdf(), "报告.pdf", FileKind.PDF),
        (samples.docx(), "报告.docx", FileKind.DOCX),
        (samples.xlsx(), "表.XLSX", FileKind.XLSX),
        (samples.pptx(), "汇报.pptx", FileKind.PPTX),
        (samples.ofd(), "公文.ofd", FileKind.OFD),
        ("第一行\n第二行".encode(), "说明.txt", FileKind.TEXT),
        ("序号,事项\r\n1,班列".encode("gb18030"), "表.csv", FileKind.TEXT),
        ("第一行".encode("utf-16"), "说明.txt", FileKind.TEXT),
    ],
)
def test_kind_is_read_from_content_and_text_is_looked_at(inspect, content, name, kind):
    found = inspect(content, name)
    assert (found.kind, found.text_read) == (kind, True)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (samples.png(), "照片.png"),
        (samples.jpeg(), "照片.JPG"),
        (samples.tiff(), "扫描.tif"),
        (samples.scanned_pdf(), "扫描.pdf"),
    ],
)
def test_picture_and_scan_are_taken_and_say_that_nobody_read_them(inspect, content, name):
    assert inspect(content, name).text_read is False


@pytest.mark.parametrize(
    ("content", "name"),
    [(samples.png(), "报告.pdf"), (samples.pdf(), "照片.jpg"), (samples.docx(), "表.xlsx"), (b"hello", "a.pdf")],
)
def test_extension_has_to_agree_with_content(inspect, content, name):
    with pytest.raises(ExtensionMismatch):
        inspect(content, name)


@pytest.mark.parametrize("name", ["工具.exe", "网页.html", "包.zip", "旧.doc", "文字.wps", "没有扩展名", "图.svg"])
def test_extension_outside_the_list_is_refused_before_the_content_is_looked_at(inspect, name):
    with pytest.raises(FileTypeNotAllowed):
        inspect(samples.pdf(), name)


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00" + bytes(range(256)) * 10,
        samples.zipped({"报告.pdf": samples.pdf()}),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        b"Rar!\x1a\x07\x01\x00" + bytes(100),
    ],
)
def test_content_outside_the_list_is_refused_under_any_name(inspect, content):
    with pytest.raises(FileTypeNotAllowed):
        inspect(content, "报告.pdf")


def test_pdf_that_is_also_an_archive_is_judged_by_its_header(inspect):
    polyglot = samples.pdf(tail=samples.zipped({"vbaProject.bin": b"x"}))
    assert zipfile.is_zipfile(io.BytesIO(polyglot))
    assert inspect(polyglot, "报告.pdf").kind is FileKind.PDF
    with pytest.raises(ExtensionMismatch):
        inspect(polyglot, "报告.docx")


def test_pdf_header_further_down_does_not_make_a_pdf(inspect):
    with pytest.raises(FileTypeNotAllowed):
        inspect(b"MZ\x00\x01\x02" * 20 + samples.pdf(), "报告.pdf")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"%PDF-1.7\n" + b"garbage " * 50, "报告.pdf"),
        (samples.pdf()[:200], "报告.pdf"),
        (samples.docx()[:-400], "报告.docx"),
        (samples.png()[:-14], "图.png"),
        (b"\x89PNG\r\n\x1a\n", "图.png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "图.jpg"),
        (b"II*\0\xff\xff\xff\xff", "图.tiff"),
        (samples.zipped({"OFD.xml": b"<OFD><DocRoot>nowhere.xml</DocRoot></OFD>"}), "文.ofd"),
    ],
)
def test_damaged_file_is_refused(inspect, content, name):
    with pytest.raises(FileDamaged):
        inspect(content, name)


def test_encrypted_files_are_refused(inspect):
    with pytest.raises(FileEncrypted):
        inspect(samples.encrypted_pdf(user="123456"), "报告.pdf")
    locked = bytearray(samples.zipped({CONTENT_TYPES: b"x"}))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        place = locked.index(mark) + (6 if mark == b"PK\x03\x04" else 8)
        locked[place] |= 1
    with pytest.raises(FileEncrypted):
        inspect(bytes(locked), "报告.docx")


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_pdf_that_only_forbids_copying_is_read(inspect, algorithm):
    assert inspect(samples.encrypted_pdf(user="", algorithm=algorithm), "报告.pdf").text_read


def test_macros_are_refused_whatever_the_document_calls_itself(inspect):
    with pytest.raises(FileHasMacros):
        inspect(samples.docx(more={"word/vbaProject.bin": b"x"}), "报告.docx")
    with pytest.raises(FileHasMacros):
        inspect(samples.rezipped(samples.xlsx(), {"xl/macrosheets/sheet1.xml": b"<x/>"}), "表.xlsx")
    with zipfile.ZipFile(io.BytesIO(samples.docx())) as package:
        types = package.read(CONTENT_TYPES).decode()
    renamed = types.replace(
        "</Types>", '<Default Extension="dat" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
    )
    with pytest.raises(FileHasMacros):
        inspect(samples.docx(more={CONTENT_TYPES: renamed.encode()}), "报告.docx")
    enabled = types.replace(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        "application/vnd.ms-word.document.macroEnabled.main+xml",
    )
    with pytest.raises(FileHasMacros):
        inspect(samples.docx(more={CONTENT_TYPES: enabled.encode()}), "报告.docx")


def test_zip_bomb_is_refused_without_being_unpacked(inspect):
    bomb = samples.docx(more={"word/media/image1.bmp": bytes(300 * MEBI)})
    assert len(bomb) < MEBI
    with pytest.raises(FileExpandsTooFar):
        inspect(bomb, "报告.docx")


def test_document_type_with_entities_is_refused(inspect):
    evil = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><x xmlns:w="u"><w:p>&a;</w:p></x>'
    with pytest.raises(FileDamaged):
        inspect(samples.docx(more={"word/document.xml": evil}), "报告.docx")


MARKED = ["秘密★10年", *samples.BODY]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (samples.pdf(MARKED), "报告.pdf"),
        (samples.pdf([f"第{n}段" for n in range(9)] + ["机密"] + ["正文"] * 9, turned=True), "横页.pdf"),
        (samples.pdf(title="机密★5年"), "报告.pdf"),
        (samples.docx(MARKED), "报告.docx"),
        (samples.docx(header="机密★"), "报告.docx"),
        (samples.docx(box="秘　密"), "报告.docx"),
        (samples.docx(keywords="物流；绝密"), "报告.docx"),
        (samples.xlsx([["秘密★1年"], ["序号", "事项"]]), "表.xlsx"),
        (samples.pptx(MARKED), "汇报.pptx"),
        (samples.ofd(MARKED), "公文.ofd"),
        (samples.ofd(keywords="机密"), "公文.ofd"),
        ("\r\n".join(MARKED).encode("gb18030"), "说明.txt"),
        (samples.pdf(), "机密★3年 报告.pdf"),
    ],
)
def test_marked_file_is_refused(inspect, content, name):
    with pytest.raises(EvidenceClassified) as refused:
        inspect(content, name)
    assert refused.value.facts["mark"]


TALKING = ["关于加强商业秘密保护工作的通知", "各单位要严格保守国家秘密、工作秘密。", "凡标注秘密★的文件不得上传。"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (samples.pdf(TALKING, title="保守秘密工作总结"), "商业秘密.pdf"),
        (samples.docx(TALKING, header="商业秘密", box="保守秘密", keywords="商业秘密, 保密"), "报告.docx"),
        (samples.xlsx([["序号", "文件", "密级"], ["1", "某通知", "秘密"]]), "台账.xlsx"),
        ("\n".join(TALKING).encode(), "说明.txt"),
        (samples.pdf([f"第{n}段" for n in range(12)] + ["秘密★10年"]), "报告.pdf"),
    ],
)
def test_file_that_talks_about_secrets_passes(inspect, content, name):
    assert inspect(content, name).text_read


def test_pdf_that_computes_too_long_is_stopped(inspect, monkeypatch):
    from importers.inspection import pdf

    monkeypatch.setattr(pdf, "SECONDS", 0.01)
    with pytest.raises(FileDamaged):
        inspect(samples.pdf(), "报告.pdf")
