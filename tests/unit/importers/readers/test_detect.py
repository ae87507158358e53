"""What a file is, by its content; and for what is not imported, the error that says what to do."""

import io
import zipfile

import pypdf
import pytest

from domain.messages import message_for
from importers.errors import (
    ArchiveBomb,
    ClassifiedDocument,
    DamagedDocument,
    DocumentNotFound,
    DocumentTooLarge,
    EmptyDocument,
    EncryptedDocument,
    LegacyWord,
    MacroDocument,
    OtherOffice,
    ScannedPdf,
    TextPdf,
    UnreadableDocument,
    UnsafeXml,
    WrongEncoding,
)
from importers.readers import limits
from importers.readers.detect import load_document, shown_name
from importers.structure import Table
from tests.unit.importers.documents import archive, element, parts_of, saved, with_part, word

PROSE = "关于印发任务清单的通知，请各单位认真组织落实，按时报送进展情况。"
TYPES = "[Content_Types].xml"


def pdf(*, fonts: bool = False, password: str = "") -> bytes:
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(595, 842)
    if fonts:
        names = pypdf.generic.NameObject
        page[names("/Resources")] = pypdf.generic.DictionaryObject(
            {names("/Font"): pypdf.generic.DictionaryObject({names("/F1"): pypdf.generic.DictionaryObject()})}
        )
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def ole(*streams: str) -> bytes:
    """A compound file with empty streams of these names: one FAT sector and one of directory entries."""
    free, end, fat = b"\xff\xff\xff\xff", b"\xfe\xff\xff\xff", b"\xfd\xff\xff\xff"
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\x00\x03\x00\xfe\xff\x09\x00\x06\x00" + bytes(10)
        + (1).to_bytes(4, "little") + (1).to_bytes(4, "little") + bytes(4) + (4096).to_bytes(4, "little")
        + end + bytes(4) + end + bytes(4) + bytes(4) + free * 108
    )  # fmt: skip

    def entry(name: str, kind: int, child: int = -1, right: int = -1) -> bytes:
        encoded = name.encode("utf-16-le") + b"\x00\x00"
        siblings = (-1).to_bytes(4, "little", signed=True) + right.to_bytes(4, "little", signed=True)
        return (
            encoded.ljust(64, b"\x00") + len(encoded).to_bytes(2, "little") + bytes([kind, 1]) + siblings
            + child.to_bytes(4, "little", signed=True) + bytes(36) + end + bytes(8)
        )  # fmt: skip

    names = sorted(streams, key=lambda name: (len(name), name.upper()))
    entries = [entry("Root Entry", 5, child=1 if names else -1)]
    for index, name in enumerate(names, start=1):
        entries.append(entry(name, 2, right=index + 1 if index < len(names) else -1))
    directory = b"".join(entries).ljust(512, b"\x00")
    return header + (fat + end).ljust(512, b"\xff") + directory


def bomb() -> bytes:
    return with_part(saved(word("甲")), "word/media/image1.bin", bytes(64 * limits.MEBI))


def macro(part: str = "word/vbaProject.bin") -> bytes:
    return with_part(saved(word("甲")), part, b"\x00")


def macro_type() -> bytes:
    data = saved(word("甲"))
    types = parts_of(data)[TYPES].replace(b"wordprocessingml.document.main+xml", b"macroEnabledTemplate.main+xml")
    return with_part(data, TYPES, types)


def external_entity(part: str = "word/document.xml") -> bytes:
    data = saved(word("甲"))
    declared = b'<!DOCTYPE w:document [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    content = parts_of(data)[part]
    start = content.index(b"?>") + 2
    return with_part(data, part, content[:start] + declared + content[start:].replace("甲".encode(), b"&x;"))


def encrypted_entry() -> bytes:
    data = bytearray(archive({TYPES: b"<Types/>"}, zipfile.ZIP_STORED))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


REFUSED = {
    "nothing": (b"", EmptyDocument),
    "white space": (b" \r\n\t ", EmptyDocument),
    "a document without text": (saved(word()), EmptyDocument),
    "an encrypted pdf": (pdf(password="x"), EncryptedDocument),
    "a scan": (pdf(), ScannedPdf),
    "a pdf with text": (pdf(fonts=True), TextPdf),
    "a broken pdf": (b"%PDF-1.7\n" + b"xyz" * 50, UnreadableDocument),
    "an old Word file": (ole("WordDocument", "1Table"), LegacyWord),
    "an old Excel file": (ole("Workbook"), OtherOffice),
    "an old PowerPoint file": (ole("PowerPoint Document"), OtherOffice),
    "a Word file with a password": (ole("EncryptionInfo", "EncryptedPackage"), EncryptedDocument),
    "an old container of something": (ole("Contents"), UnreadableDocument),
    "a broken old container": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x01" * 600, UnreadableDocument),
    "rich text": (b"{\\rtf1\\ansi hello}", LegacyWord),
    "a spreadsheet": (archive({TYPES: "<Types/>", "xl/workbook.xml": "<workbook/>"}), OtherOffice),
    "a presentation": (archive({TYPES: "<Types/>", "ppt/presentation.xml": "<p/>"}), OtherOffice),
    "an OpenDocument text": (archive({"mimetype": "application/vnd.oasis.opendocument.text"}), OtherOffice),
    "a web page": (b"<!DOCTYPE html><html><body>x</body></html>", OtherOffice),
    "an xml file": (b"<?xml version='1.0'?><a/>", OtherOffice),
    "an xml file with an entity": (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        UnsafeXml,
    ),
    "an archive": (archive({"readme.txt": "x"}), UnreadableDocument),
    "half an archive": (saved(word("甲"))[:2000], DamagedDocument),
    "an archive with a password": (encrypted_entry(), EncryptedDocument),
    "a zip bomb": (bomb(), ArchiveBomb),
    "an archive of very many entries": (
        archive({f"{n}": b"" for n in range(limits.MAX_ENTRIES + 1)}, zipfile.ZIP_STORED),
        ArchiveBomb,
    ),
    "a document with macros": (macro(), MacroDocument),
    "macros hidden elsewhere": (macro("customUI/VBAPROJECT.BIN"), MacroDocument),
    "a macro template": (macro_type(), MacroDocument),
    "external entities": (external_entity(), UnsafeXml),
    "external entities in the styles": (external_entity("word/styles.xml"), UnsafeXml),
    "broken xml": (with_part(saved(word("甲")), "word/document.xml", b"<w:document"), DamagedDocument),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), UnreadableDocument),
    "utf-16 without meaning": (b"\xff\xfe" + bytes([0, 216]) * 50, UnreadableDocument),
    "text of another encoding": (
        ("日本語の文書です。仕事の一覧を作成しました。" * 5).encode("shift_jis"),
        WrongEncoding,
    ),
    "latin text": (("Déjà vu à l'été, où naît l'œuvre. ".replace("œ", "oe") * 9).encode("latin-1"), WrongEncoding),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_imported_is_refused_by_name(case):
    data, error = REFUSED[case]
    with pytest.raises(error) as caught:
        load_document(data, "清单.docx")
    assert type(caught.value) is error
    sentence = message_for(caught.value)
    assert "清单.docx" in sentence
    assert "{" not in sentence


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_the_encodings_of_chinese_offices_are_read(encoding):
    (block,) = load_document(PROSE.encode(encoding), "a.txt").blocks
    assert not isinstance(block, Table)
    assert block.text == PROSE


def test_a_name_proves_nothing():
    assert load_document(saved(word("甲")), "a.txt").blocks
    assert load_document(PROSE.encode(), "a.docx").blocks


def test_a_file_is_read_from_its_path(tmp_path):
    path = tmp_path / "任务.txt"
    path.write_text(PROSE, encoding="utf-8")
    assert load_document(path).name == "任务.txt"


@pytest.mark.parametrize("missing", ["nothing.txt", "", "\x00"])
def test_a_missing_file_is_named_without_its_folder(tmp_path, missing):
    with pytest.raises(DocumentNotFound) as caught:
        load_document(f"{tmp_path}/{missing}")
    assert str(tmp_path) not in message_for(caught.value)


def test_a_file_beyond_the_limit_is_not_read_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_FILE_BYTES", 1000)
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 5000)
    with pytest.raises(DocumentTooLarge):
        load_document(path)


def test_a_text_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(limits, "MAX_TEXT_BYTES", 100)
    with pytest.raises(DocumentTooLarge):
        load_document(b"x" * 101, "a.txt")


@pytest.mark.parametrize(
    ("name", "shown"), [("../../etc/清单.txt", "清单.txt"), ("C:\\a\\b.docx", "b.docx"), ("a\nb", "ab"), ("/", "文件")]
)
def test_names_in_messages_have_no_folders_or_control_characters(name, shown):
    assert shown_name(name) == shown


@pytest.mark.parametrize("mark", ["机密★10年", "秘  密", "绝密★启用前"])
def test_a_document_with_a_classification_mark_is_refused(mark):
    for data in (f"{mark}\n\n{PROSE}".encode(), saved(word(mark, PROSE)), saved(word(rows=[["000001", mark]]))):
        with pytest.raises(ClassifiedDocument):
            load_document(data, "a.docx")


def test_the_word_secret_in_a_sentence_is_no_mark():
    assert load_document("探索商业秘密保护新模式。".encode(), "a.txt").blocks


def test_a_bomb_that_lies_about_its_size_is_not_unpacked():
    data = bytearray(bomb())
    declared = (64 * limits.MEBI).to_bytes(4, "little")
    while declared in data:
        place = data.index(declared)
        data[place : place + 4] = (1000).to_bytes(4, "little")
    assert load_document(bytes(data), "a.docx").blocks


def test_a_comment_in_the_xml_does_no_harm():
    data = saved(word("甲"))
    content = parts_of(data)["word/document.xml"]
    end = content.index(b"</w:body>")
    assert load_document(
        with_part(data, "word/document.xml", content[:end] + b"<!-- x -->" + content[end:]), "a"
    ).blocks


def test_an_unused_element_does_no_harm():
    document = word("甲")
    document.element.body.insert(0, element("proofErr", type="spellStart"))
    assert len(load_document(saved(document), "a").blocks) == 1
