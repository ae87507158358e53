"""The picture of a process: everything drawn is on a page, readable, and says what happened without colours."""

import re

import pytest
from lxml import etree

from bpmn.bundle import SHIPPED, Bundle
from bpmn.drawing import Box, Drawing, read_drawing
from dossiers.pictures.lettering import em_width, fitted, wrapped
from dossiers.pictures.process import legend, process_pieces
from dossiers.pictures.tiling import Area, Obstacles, laid_out

SVG = "{http://www.w3.org/2000/svg}"


def drawing_of(key: str) -> Drawing:
    return read_drawing(Bundle.shipped(key).files[f"{key}.bpmn"], f"{key}.bpmn")


def numbers(box: Box | None) -> list[float] | None:
    return None if box is None else [box.x, box.y, box.width, box.height]


def picture_of(drawing: Drawing, **happened: dict[str, object]) -> dict[str, object]:
    """The picture's data; `happened` by element id."""
    quiet = {"state": "", "runs": 0, "returned": 0, "dates": ""}
    return {
        "shapes": [
            {
                "id": shape.id,
                "kind": shape.kind,
                "name": shape.name,
                "box": numbers(shape.box),
                "label": numbers(shape.label),
                "event": shape.event,
                "holds": shape.holds,
                "interrupts": shape.interrupts,
                **quiet,
                **happened.get(shape.id, {}),
            }
            for shape in drawing.shapes
        ],
        "lines": [
            {"name": line.name, "points": line.points, "label": numbers(line.label), "taken": 0}
            for line in drawing.lines
        ],
    }


def texts(svg: str) -> str:
    return "".join(element.text or "" for element in etree.fromstring(svg.encode()).iter(f"{SVG}text"))


@pytest.mark.parametrize("key", SHIPPED)
def test_every_step_of_a_shipped_model_is_named_whole_on_some_page(key: str):
    drawing = drawing_of(key)
    pieces = process_pieces(picture_of(drawing), face="serif")
    shown = "|".join(texts(piece.svg) for piece in pieces)
    steps = [shape for shape in drawing.shapes if shape.kind == "userTask"]
    assert steps
    assert [shape.name for shape in steps if shape.name not in shown] == []


@pytest.mark.parametrize("key", SHIPPED)
def test_a_piece_fits_its_page_with_letters_that_can_be_read(key: str):
    for piece in process_pieces(picture_of(drawing_of(key)), face="serif"):
        root = etree.fromstring(piece.svg.encode())
        width, height = (float(root.get(name, "").removesuffix("mm")) for name in ("width", "height"))
        assert width <= (247 if piece.landscape else 156)
        assert height <= (126 if piece.landscape else 200)
        scale = width / float(root.get("viewBox", "").split()[2])
        assert 11 * scale >= 1.7, "the smallest name of a step is 1.7 mm high"


def test_a_large_model_is_cut_between_its_steps():
    drawing = drawing_of("supervision")
    shapes = [Area(*numbers(shape.box) or ()) for shape in drawing.shapes if not shape.holds]
    layout = laid_out(Area(26, 44, 1900, 1032), Obstacles(shapes, [], []))
    assert len(layout.tiles) > 1
    whole = [box for box in shapes if any(tile.area.holds(box) for tile in layout.tiles)]
    assert len(whole) >= len(shapes) - 1


def test_the_pieces_of_a_very_large_model_leave_nothing_out():
    layout = laid_out(Area(0, 0, 9000, 4000), Obstacles([], [], []))
    for column in range(0, 9000, 250):
        for row in range(0, 4000, 250):
            point = Area(column, row, 0, 0)
            assert any(tile.area.meets(point) for tile in layout.tiles), (column, row)


def test_what_happened_is_said_in_words():
    happened = {
        "apply": {"state": "completed", "runs": 2, "returned": 0, "dates": "2026-03-02"},
        "sign_application": {"state": "late", "runs": 0, "returned": 3, "dates": "2026-03-04"},
    }
    drawing = drawing_of("extension")
    ids = [shape.id for shape in drawing.shapes if shape.kind == "userTask"][:2]
    picture = picture_of(drawing, **dict(zip(ids, happened.values(), strict=True)))
    [piece] = process_pieces(picture, face="serif")
    for words in ("办2次", "退回3次", "逾期", "2026-03-02", "2026-03-04"):
        assert words in texts(piece.svg)


def test_only_greys_are_used():
    picture = picture_of(drawing_of("progress_round"), contribute={"state": "open", "runs": 1})
    drawn = "".join(piece.svg for piece in process_pieces(picture, face="serif")) + legend(face="serif")
    colours = set(re.findall(r"#([0-9a-f]{3,6})\b", drawn))
    assert colours
    assert {colour for colour in colours if len({*channels(colour)}) > 1} == set()


def channels(colour: str) -> list[str]:
    """Red, green and blue of a hexadecimal colour."""
    width = len(colour) // 3
    return [colour[place * width : (place + 1) * width] for place in range(3)]


def test_names_that_are_markup_are_printed_and_not_obeyed():
    picture = picture_of(drawing_of("quarterly_check"))
    picture["shapes"][-1] |= {"kind": "userTask", "name": "<script>a&b</script>\x00", "label": None}  # type: ignore[index]
    [piece] = process_pieces(picture, face="serif")
    root = etree.fromstring(piece.svg.encode())
    assert root.find(f".//{SVG}script") is None
    assert "&lt;" in piece.svg


def test_a_process_that_nobody_drew_has_no_picture():
    assert process_pieces({"shapes": [], "lines": []}, face="serif") == []


def test_the_same_picture_has_the_same_bytes():
    first, second = (process_pieces(picture_of(drawing_of("suspension")), face="serif") for _ in range(2))
    assert first == second


def test_words_break_within_their_room_and_never_before_a_closing_mark():
    lines = wrapped("市商务局牵头制定实施方案（含阶段目标），报办公室审核。", width=100, size=10, lines=9)
    assert all(em_width(line) <= 11 for line in lines)
    assert not any(line[0] in "，。）" for line in lines)


def test_what_does_not_fit_even_in_small_letters_ends_with_an_ellipsis():
    size, lines = fitted("办理" * 100, width=60, height=30, largest=16, smallest=11)
    assert size == 11
    assert lines[-1].endswith("…")


def test_the_pieces_of_a_long_low_model_stand_below_each_other_on_one_page():
    layout = laid_out(Area(0, 0, 1500, 380), Obstacles([], [], []))
    assert not layout.landscape
    assert (len(layout.tiles), layout.pages) == (2, 1)


def test_a_model_that_is_cut_anyway_stays_on_upright_pages():
    layout = laid_out(Area(0, 0, 2000, 380), Obstacles([], [], []))
    assert (layout.landscape, layout.pages) == (False, 2)
