"""Files as offices upload them, and files as they should not, made when they are needed."""

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
BODY = ["平江市推进跨境物流工作专班", "二季度进展报告", "本季度新开通班列线路两条。"]


def pdf(lines: Sequence[str] = BODY, *, title: str = "", tail: bytes = b"", turned: bool = False) -> bytes:
    """A PDF of one A4 page. The lines are drawn in reverse, as programs do that draw a page's head last."""
    drawn = "\n".join(
        f"BT /F1 14 Tf {_placed(n, turned=turned)} Tm <{line.encode('utf-16-be').hex()}> Tj ET"
        for n, line in reversed(list(enumerate(lines)))
    ).encode()
    info = f"<< /Title <feff{title.encode('utf-16-be').hex()}> >>".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> /Rotate %d >>" % (90 if turned else 0),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /SimSun /Encoding /UniGB-UTF16-H /DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /SimSun"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /DW 1000 >>",
        info,
    ]
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 7 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out) + tail


def _placed(line: int, *, turned: bool) -> str:
    return f"0 1 -1 0 {80 + 24 * line} 80" if turned else f"1 0 0 1 80 {780 - 24 * line}"


def encrypted_pdf(*, user: str, owner: str = "owner", algorithm: str = "AES-256") -> bytes:
    """The same page with a password to open it, or (with an empty one) only with rights taken away."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
    writer.encrypt(user, owner, algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def scanned_pdf() -> bytes:
    """A page without any text."""
    return pdf([])


def docx(
    lines: Sequence[str] = BODY,
    *,
    header: str = "",
    box: str = "",
    keywords: str = "",
    more: dict[str, bytes] | None = None,
) -> bytes:
    """A Word document, by hand where python-docx cannot make what Word does."""
    import docx as word

    document = word.Document()
    for line in lines:
        document.add_paragraph(line)
    if header:
        document.sections[0].header.paragraphs[0].text = header
    document.core_properties.keywords = keywords
    out = io.BytesIO()
    document.save(out)
    changes = dict(more or {})
    if box:
        with zipfile.ZipFile(out) as package:
            xml = package.read("word/document.xml").decode()
        text_box = (
            f'<w:p xmlns:w="{W}"><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>{box}</w:t></w:r></w:p></w:txbxContent>'
            "</w:pict></w:r></w:p>"
        )
        changes["word/document.xml"] = xml.replace("<w:sectPr", text_box + "<w:sectPr", 1).encode()
    return rezipped(out.getvalue(), changes)


def xlsx(rows: Sequence[Sequence[str]] = (("序号", "事项"), ("1", "开通班列"))) -> bytes:
    """A spreadsheet."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def pptx(lines: Sequence[str] = BODY) -> bytes:
    """A presentation with as little in it as its format allows."""
    a = "http://schemas.openxmlformats.org/drawingml/2006/main"
    paragraphs = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in lines)
    return zipped(
        {
            "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            b'<Override PartName="/ppt/presentation.xml" ContentType="application/'
            b'vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"/></Types>',
            "ppt/presentation.xml": b"<p/>",
            "ppt/slides/slide1.xml": f'<p xmlns:a="{a}">{paragraphs}</p>'.encode(),
        }
    )


def ofd(lines: Sequence[str] = BODY, *, keywords: str = "") -> bytes:
    """An OFD of one page."""
    ns = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    objects = "".join(
        f'<ofd:TextObject Boundary="30 {30 + 12 * n} 100 6"><ofd:TextCode>{line}</ofd:TextCode></ofd:TextObject>'
        for n, line in reversed(list(enumerate(lines)))
    )
    parts = {
        "OFD.xml": f"<ofd:OFD {ns}><ofd:DocBody><ofd:DocInfo><ofd:Keywords><ofd:Keyword>{keywords}</ofd:Keyword>"
        "</ofd:Keywords></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f'<ofd:Document {ns}><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/>'
        "</ofd:Pages></ofd:Document>",
        "Doc_0/Pages/Page_0/Content.xml": f"<ofd:Page {ns}><ofd:Content><ofd:Layer>{objects}</ofd:Layer></ofd:Content>"
        "</ofd:Page>",
    }
    return zipped({name: text.encode() for name, text in parts.items()})


def png() -> bytes:
    """One white pixel."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\xff")) + chunk(b"IEND", b"")
    )


def jpeg() -> bytes:
    """The frame of a picture of 8 by 8 pixels."""
    app0 = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, 8, 8, 1) + b"\x01\x11\x00"
    scan = b"\xff\xda" + struct.pack(">HB", 8, 1) + b"\x01\x00\x00\x3f\x00" + b"\x3f"
    return b"\xff\xd8" + app0 + frame + scan + b"\xff\xd9"


def tiff() -> bytes:
    """A picture's directory with one entry."""
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 1) + struct.pack("<HHII", 256, 3, 1, 1) + b"\0" * 4


def zipped(parts: dict[str, bytes]) -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def rezipped(package: bytes, changes: dict[str, bytes]) -> bytes:
    """The same archive with some parts replaced or added."""
    with zipfile.ZipFile(io.BytesIO(package)) as old:
        return zipped({name: old.read(name) for name in old.namelist()} | changes)
