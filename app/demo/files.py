"""Evidence files of the demo: a real PDF, Word document, picture and spreadsheet, made on the spot from words."""

import io
import struct
import zlib
from collections.abc import Callable, Sequence

_PAGE_LINES = 24
_LINE_HEIGHT = 24


def pdf(title: str, lines: Sequence[str]) -> bytes:
    """One A4 page in a font that every reader of Chinese documents brings along, so that none is embedded."""
    texts = [title, "", *lines][:_PAGE_LINES]
    drawn = "\n".join(
        f"BT /F1 {13 if n else 18} Tf 1 0 0 1 70 {780 - _LINE_HEIGHT * n} Tm <{text.encode('utf-16-be').hex()}> Tj ET"
        for n, text in enumerate(texts)
        if text
    ).encode()
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /DW 1000 >>",
    )
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def word(title: str, lines: Sequence[str]) -> bytes:
    """A Word document: a heading and paragraphs."""
    import docx

    document = docx.Document()
    document.add_heading(title, level=1)
    for line in lines:
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def sheet(title: str, lines: Sequence[str]) -> bytes:
    """A spreadsheet: a numbered row per line."""
    from openpyxl import Workbook

    book = Workbook()
    page = book.active
    assert page is not None
    page.append([title])
    page.append(["序号", "内容"])
    for number, line in enumerate(lines, 1):
        page.append([number, line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def picture(title: str, lines: Sequence[str]) -> bytes:
    """A PNG of 320 by 200 pixels: stripes whose colours come from the words, as a stand-in for a photograph."""
    width, height = 320, 200
    seed = zlib.crc32("\n".join((title, *lines)).encode())
    rows = bytearray()
    for y in range(height):
        shade = (seed >> (y * 8 // height * 3)) & 0xFF
        rows += b"\0" + bytes((shade, (shade * 3 + y) & 0xFF, 0xFF - shade)) * width
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


MAKERS: dict[str, Callable[[str, Sequence[str]], bytes]] = {
    "pdf": pdf,
    "docx": word,
    "xlsx": sheet,
    "png": picture,
}
"""How a file is made, by its extension."""
