"""Generated lists written as Word and text files come back as they were; and nothing a file holds breaks the reader."""

import contextlib
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from importers import read_document
from importers.errors import DocumentTooLarge, UnreadableDocument
from importers.model import ParsedRow
from importers.readers.detect import load_document
from tests.unit.importers.documents import REGISTRY, parse, parts_of, saved, word

UNITS = ["市商务局", "市财政局", "市数据局", "江北海关", "云湖区人民政府", "江北港集团"]
DEADLINES = ["2026年6月底前", "2026年底前", "持续推进", "力争2027年底前完成"]
WORDS = st.text("推进完善建设提升平台机制服务改革创新便利、“”（）5GAI", min_size=4, max_size=40).map(
    lambda text: f"加强{text}工作。"
)


@dataclass(frozen=True)
class Task:
    """What a generated row says."""

    text: str
    measures: tuple[str, ...]
    deadline: str
    units: tuple[str, ...]


TASKS = st.lists(
    st.builds(
        Task,
        text=WORDS,
        measures=st.lists(WORDS, min_size=2, max_size=5).map(
            lambda bodies: tuple(f"{'一二三四五'[index]}是{body}" for index, body in enumerate(bodies))
        ),
        deadline=st.sampled_from(DEADLINES),
        units=st.lists(st.sampled_from(UNITS), min_size=1, max_size=4, unique=True).map(tuple),
    ),
    min_size=1,
    max_size=8,
)
HEADER = {
    "number": "序号",
    "text": "任务",
    "measures": "举措",
    "deadline": "完成时限",
    "units": "责任单位（首个为牵头单位）",
}
ORDERS = st.permutations(["number", "text", "measures", "deadline", "units"]).filter(
    lambda order: order.index("text") < order.index("measures")
)


def cells(tasks: Sequence[Task], order: Sequence[str]) -> list[list[str]]:
    table = [[HEADER[column] for column in order]]
    for number, task in enumerate(tasks, start=1):
        values = {
            "number": str(number),
            "text": task.text,
            "measures": "".join(task.measures),
            "deadline": task.deadline,
            "units": "、".join(task.units),
        }
        table.append([values[column] for column in order])
    return table


def read_back(rows: Sequence[ParsedRow]) -> list[Task]:
    return [
        Task(
            row.text,
            row.measures,
            next(deadline.phrase for deadline in row.deadlines if deadline.applies_to == "row"),
            tuple(party.printed for party in (*row.leads, *row.co_units)),
        )
        for row in rows
    ]


@settings(max_examples=40, deadline=None)
@given(TASKS, ORDERS)
def test_a_list_in_word_comes_back(tasks, order):
    document = parse(word("任务清单", rows=cells(tasks, order)))
    assert read_back(document.rows) == tasks
    assert [row.number for row in document.rows] == list(range(1, len(tasks) + 1))
    assert not any(row.blocked for row in document.rows)


@settings(max_examples=60, deadline=None)
@given(TASKS, ORDERS, st.sampled_from(["tabs", "pipes", "pages", "stacked"]))
def test_a_list_in_text_comes_back(tasks, order, shape):
    table = cells(tasks, order)
    if shape == "pipes":
        text = "\n".join("| " + " | ".join(row) + " |" for row in [table[0], ["---"] * 5, *table[1:]])
    elif shape == "pages":
        header = "\t".join(table[0])
        text = "\n\n".join(f"{header}\n" + "\t".join(row) for row in table[1:])
    elif shape == "stacked":
        text = "\n\n".join("\n".join(f"\t{cell}" for cell in row) for row in table)
    else:
        text = "\n".join("\t".join(row) for row in table)
    assert read_back(parse(f"任务清单\n\n{text}\n").rows) == tasks


@settings(max_examples=60, deadline=None)
@given(TASKS, st.data())
def test_a_row_cut_anywhere_by_a_page_comes_back(tasks, data):
    """The last row of a page is cut in its long cells, inside Chinese words, and goes on under the next header.

    Latin words are cut by no page: between two of their letters a blank is meant (`records.Field.add`).
    """
    order = ["number", "text", "measures", "deadline", "units"]
    table = cells(tasks, order)
    last = table[-1]
    places = {column: data.draw(st.integers(1, len(last[column]) - 1)) for column in (1, 2)}
    assume(
        not any(re.search("[A-Za-z]$", last[c][:at]) and re.match("[A-Za-z]", last[c][at:]) for c, at in places.items())
    )
    upper = [text[: places[column]] if column in places else text for column, text in enumerate(last)]
    lower = [text[places[column] :] if column in places else "" for column, text in enumerate(last)]
    pages = [[*table[:-1], upper], [table[0], lower]]
    text = "\n\n".join("\n".join("\t".join(row) for row in page) for page in pages)
    assert read_back(parse(f"任务清单\n\n{text}\n").rows) == tasks


PIECES = (
    "序号 任务 举措 责任单位 完成时限 牵头单位 1 2 12 一、 （一） 一是 二是 。 、 市商务局 负责 牵头 等 年底前 "
    "2026年 --- # <p> </p> ** | 各区 到2027年，力争5家 第1条 注： 共3项任务 首个为牵头单位 "
    "江政发〔2026〕1号 甲 \ufeff 𠮷 （ 《"
)
FRAGMENTS = st.sampled_from([*PIECES.split(" "), "\t", "\t", "\n", "\n\n", " ", "\x0b"])


def everything(rows: Sequence[ParsedRow]) -> str:
    parts = []
    for row in rows:
        parts += [
            row.text_printed,
            *row.measures,
            row.units_printed,
            row.section or "",
            row.article or "",
            row.range or "",
        ]
        parts += [deadline.phrase for deadline in row.deadlines] + [*row.persons, *(text for _, text in row.others)]
        parts += [str(row.number)]
    return "".join(parts)


@settings(max_examples=300, deadline=None)
@given(st.lists(FRAGMENTS, max_size=60).map("".join))
def test_no_text_breaks_the_reader(text):
    try:
        document = parse(text)
    except UnreadableDocument:
        return
    assert document.found_count == len(document.rows)
    assert document.to_json()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(FRAGMENTS, min_size=1, max_size=5).map("".join), min_size=3, max_size=12))
def test_no_printed_word_of_a_task_s_cells_is_lost(texts):
    """Whatever stands in the cells of a numbered row is somewhere in the result."""
    plain = ["".join(char for char in text if char.isalpha()) for text in texts]
    lines = [
        f"{number}\t任务{a}甲\t市{b}局" for number, (a, b) in enumerate(zip(plain[::2], plain[1::2], strict=False), 1)
    ]
    document = parse("清单\n\n序号\t任务\t责任单位\n" + "\n".join(lines) + "\n")
    found = "".join(everything(document.rows).split())
    for line in lines:
        for cell in line.split("\t"):
            assert cell in found


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
@example(b"%PDF-1.4")
@example(b"PK\x03\x04")
@example(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
@example(b"\xff\xfe\x00")
@example(b"{\\rtf")
def test_no_bytes_raise_anything_but_the_reader_s_own_errors(data):
    for start in (b"", b"%PDF-1.7\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe"):
        try:
            load_document(start + data, "a")
        except (UnreadableDocument, DocumentTooLarge):
            continue


WORD_FILE = saved(
    word(
        "江北市任务清单",
        rows=cells([Task("甲任务。", ("一是子。", "二是丑。"), "2026年底前", ("市商务局",))], list(HEADER)),
    )
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(WORD_FILE) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_word_file_is_read_or_refused(place, patch):
    data = WORD_FILE[:place] + patch + WORD_FILE[place + len(patch) :]
    with contextlib.suppress(UnreadableDocument):
        read_document(data, "a.docx", REGISTRY)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_a_word_file_with_damaged_xml_is_read_or_refused(data):
    """Whole tags and values of the parts are cut, doubled and moved, which leaves more of them well-formed."""
    parts = parts_of(WORD_FILE)
    name = data.draw(st.sampled_from(["word/document.xml", "word/styles.xml", "word/numbering.xml", "_rels/.rels"]))
    pieces = parts[name].split(b"<")
    first, last = sorted(data.draw(st.tuples(*[st.integers(1, len(pieces) - 1)] * 2)))
    change = data.draw(st.sampled_from(["cut", "double", "number"]))
    if change == "cut":
        pieces[first:last] = []
    elif change == "double":
        pieces[first:first] = pieces[first:last]
    else:
        pieces[first] = pieces[first].replace(b'w:val="', b'w:val="-99999999999')
    parts[name] = b"<".join(pieces)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for part, content in parts.items():
            file.writestr(part, content)
    with contextlib.suppress(UnreadableDocument):
        read_document(buffer.getvalue(), "a.docx", REGISTRY)


def test_reading_the_same_bytes_twice_gives_the_same_document():
    assert read_document(WORD_FILE, "a.docx", REGISTRY) == read_document(WORD_FILE, "a.docx", REGISTRY)


@pytest.mark.parametrize("source", ["path", "string"])
def test_a_document_is_read_from_a_path(tmp_path, source):
    path = tmp_path / "清单.docx"
    path.write_bytes(WORD_FILE)
    document = read_document(path if source == "path" else str(path), registry=REGISTRY)
    assert document.title == "江北市任务清单"
