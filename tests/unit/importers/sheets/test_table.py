"""Spreadsheets from outside: read as text, refused when they are something else."""

import contextlib
import io
import zipfile
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from importers.errors import ArchiveBomb, MacroDocument, UnsafeXml
from importers.sheets import table
from importers.sheets.table import SheetTooLarge, UnreadableSheet, read_bytes, read_path


def workbook(*rows):
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(data, **changes):
    """The archive with entries replaced or added (dots and slashes in names as given in `changes`)."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, content in changes.items():
            new.writestr(name, content)
    return out.getvalue()


def test_cells_come_as_text_with_the_row_numbers_of_the_sheet():
    data = workbook(
        ["姓名", "电话", "起"],
        [],
        ["李 四 ", 13800000000, datetime.combine(date(2026, 3, 1), time())],
        ["甲", 1.5, date(2026, 4, 2)],
    )
    lines = read_bytes(data, "a.xlsx")
    assert [(line.number, line.cells) for line in lines if not line.is_empty] == [
        (1, ("姓名", "电话", "起")),
        (3, ("李 四", "13800000000", "2026-03-01")),
        (4, ("甲", "1.5", "2026-04-02")),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_text_tables_are_read_in_every_usual_form(encoding, separator):
    text = f'姓名{separator}职务\r\n"王{separator}五"{separator}"主任\n科员"\r\n赵六{separator}\r\n'
    lines = read_bytes(text.encode(encoding), "a.csv")
    assert [(line.number, line.cells) for line in lines] == [
        (1, ("姓名", "职务")),
        (2, (f"王{separator}五", "主任\n科员")),
        (4, ("赵六", "")),
    ]


def test_a_workbook_with_macros_is_refused():
    with pytest.raises(MacroDocument):
        read_bytes(repacked(workbook(["a"]), **{"xl/vbaProject.bin": b"x"}), "a.xlsx")


def test_entities_are_never_expanded():
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "yyyy">]><sst>&x;</sst>'
    with pytest.raises(UnsafeXml):
        read_bytes(repacked(workbook(["a"]), **{"xl/sharedStrings.xml": bomb}), "a.xlsx")


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    with pytest.raises(ArchiveBomb):
        read_bytes(repacked(workbook(["a"]), **{"xl/media/a.bin": b"\0" * 60_000_000}), "a.xlsx")


@pytest.mark.parametrize(
    "data",
    [
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        b"PK\x03\x04 cut off",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b'a,"never closed\n',
        repacked(workbook(["a"]), **{"xl/worksheets/sheet1.xml": "<worksheet><sheetData><row>"}),
        repacked(workbook(["a"]), **{"xl/workbook.xml": "<nothing/>"}),
    ],
)
def test_what_is_no_spreadsheet_is_refused_by_name(data):
    with pytest.raises(UnreadableSheet) as caught:
        read_bytes(data, "名单.xlsx")
    assert caught.value.facts["name"] == "名单.xlsx"


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(UnreadableSheet):
        read_path(tmp_path / "none.xlsx")


def test_sizes_are_limited(monkeypatch):
    monkeypatch.setattr(table, "MAX_ROWS", 3)
    assert len(read_bytes(b"a\nb\nc\n", "a.csv")) == 3
    with pytest.raises(SheetTooLarge):
        read_bytes(b"a\nb\nc\nd\n", "a.csv")
    with pytest.raises(SheetTooLarge):
        read_bytes(workbook(["a"], ["b"], ["c"], ["d"]), "a.xlsx")
    with pytest.raises(SheetTooLarge):
        read_bytes(workbook(list(range(table.MAX_COLUMNS + 1))), "a.xlsx")
    monkeypatch.setattr(table, "MAX_BYTES", 3)
    with pytest.raises(SheetTooLarge):
        read_bytes(b"abcd", "a.csv")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    for prefix in (b"", b"PK\x03\x04", b"\xff\xfe"):
        with contextlib.suppress(UnreadableSheet, ArchiveBomb):
            assert all(isinstance(cell, str) for line in read_bytes(prefix + data, "a") for cell in line.cells)
