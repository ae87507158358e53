"""Dossiers: how long a page takes, what a long one needs, and whether several at once use the machine."""

import os
import resource
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.figures import Figure
from bpmn.bundle import Bundle
from bpmn.drawing import read_drawing

SHORT_ROWS, LONG_ROWS = 48, 800
"""Of the story: they make about 20 pages and 84."""
AT_ONCE = 43
MEGABYTE = 1024 * 1024
_WORDS = "涉及我单位的流程已简化两个环节，与牵头单位商定了下一步分工，首批企业已经按新办法申报，问题清单同步更新。"


def dossiers() -> Iterable[Figure]:
    """Figures of dossiers in worker processes that are warm, as the service's are; sizes in MB of 1,048,576 bytes."""
    from dossiers.rendering import MEMORY, Renderer, prepare

    renderer = Renderer()
    try:
        renderer.pdf("dossier", content(4))
        pages, took = _timed(renderer, SHORT_ROWS)
        yield Figure("dossier of 20 pages: pages", pages, "pages")
        yield Figure("dossier of 20 pages", took, "s", goal=1.5, better="lower")
        one = _cpu_bound(renderer, 1)
        many = _cpu_bound(renderer, AT_ONCE)
        cores = min(len(os.sched_getaffinity(0)), AT_ONCE)
        yield Figure(f"{AT_ONCE} dossiers at once", many, "s")
        yield Figure("speed-up by working at once", AT_ONCE * one / many, f"x of {cores}", goal=0.8 * cores)
    finally:
        renderer.close()
    # A process of its own, prepared as the renderer's, so that its peak is that of this document.
    with (
        TemporaryDirectory() as folder,
        ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=prepare, initargs=(MEMORY, folder)) as pool,
    ):
        pages, took, peak = pool.submit(_long, LONG_ROWS).result()
    yield Figure("dossier of 800 rows: pages", pages, "pages")
    yield Figure("dossier of 800 rows", took, "s", goal=8, better="lower")
    yield Figure("dossier of 800 rows: memory", peak, "MB", goal=400, better="lower")


def _timed(renderer: Any, rows: int) -> tuple[int, float]:
    """Pages, and the better of two runs: the first one of a process loads what it needs."""
    times = []
    for _ in range(2):
        began = time.perf_counter()
        drawn = renderer.pdf("dossier", content(rows))
        times.append(time.perf_counter() - began)
    return _pages(drawn), min(times)


def _cpu_bound(renderer: Any, count: int) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(lambda _: renderer.pdf("dossier", content(12)), range(count)))
    return time.perf_counter() - began


def _long(rows: int) -> tuple[int, float, float]:
    from dossiers.drawing import draw_pdf

    began = time.perf_counter()
    drawn = draw_pdf("dossier", content(rows), ())
    took = time.perf_counter() - began
    return _pages(drawn), took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE


def _pages(drawn: bytes) -> int:
    import io

    import pikepdf

    with pikepdf.open(io.BytesIO(drawn)) as pdf:
        return len(pdf.pages)


def content(rows: int) -> dict[str, Any]:
    """A dossier with a story of so many rows, one process with its picture, a chart and a proof for every ten rows."""
    told = [["本期做成了什么", _WORDS], ["下期做什么", _WORDS]]
    story = [
        {
            "at": f"2026-{3 + number % 9:02d}-{1 + number % 28:02d} 09:30", "kind": "step", "label": "牵头汇总",
            "process": "进展报送", "period": f"2026-{3 + number % 9:02d}", "person": "李晨曦", "unit": "市商务局",
            "role": "联络员", "decision": "报送", "reason": "", "return_to": "", "opinion": "", "document_number": "",
            "late": number % 7 == 0, "evidence": [],
            "said": [["完成比例", str(number % 100)], *(told if rows < LONG_ROWS else [])],
        }
        for number in range(rows)
    ]  # fmt: skip
    proofs = [
        {
            "number": number, "id": str(number), "name": f"进展材料第{number}期.pdf", "proves": "办法已印发",
            "unit": "市商务局", "added_by": "李晨曦", "added_on": "2026-03-02", "classification": "",
            "document_number": "", "place": "", "size": 48213, "media_type": "application/pdf",
            "sha256": f"{number:064x}", "state": "listed", "state_words": "登记校验值，文件未附", "file_name": "",
        }
        for number in range(1, rows // 10 + 1)
    ]  # fmt: skip
    return {
        "title": "督办事项案卷", "dated": "2026-11-21", "mark": "市开放办案〔2026〕3号", "fingerprint": "ab" * 32,
        "kind": "item", "scope": "full", "paper": "督办事项案卷", "subject": "编制服务业市场准入一张图。",
        "item_number": "1", "office": "滨海示范市开放办公室", "began_on": "2026-03-01", "ended_on": "",
        "made_on": "2026-11-21", "as_of": "2026-11-21 09:00", "facts": [["牵头单位", "市商务局"]], "text_printed": "",
        "measures": ["梳理现行许可事项。"], "case": None, "indicators": [], "parts": [], "deadlines": [],
        "members": [], "milestones": [], "rounds": [], "lights": [], "opinions": [], "scores": None, "consulted": [],
        "progress": {
            "points": [["2026-04-02", 20], ["2026-05-06", 55]], "dues": [], "start": "2026-03-01", "end": "2026-11-21",
        },
        "processes": [
            {
                "name": "督办事项办理", "model": "", "began_on": "2026-03-01", "ended_on": "", "outcome": "",
                "picture": _picture(), "steps": [],
            }
        ],
        "timeline": story, "evidence": proofs,
    }  # fmt: skip


def _picture() -> dict[str, Any]:
    drawing = read_drawing(Bundle.shipped("supervision").files["supervision.bpmn"], "supervision.bpmn")
    return {
        "shapes": [
            {
                "id": shape.id, "kind": shape.kind, "name": shape.name, "event": shape.event, "holds": shape.holds,
                "interrupts": shape.interrupts, "state": "completed", "runs": 1, "returned": 0,
                "dates": "2026.03.02-03.09",
                "box": [shape.box.x, shape.box.y, shape.box.width, shape.box.height],
                "label": shape.label and [shape.label.x, shape.label.y, shape.label.width, shape.label.height],
            }
            for shape in drawing.shapes
        ],
        "lines": [
            {
                "name": line.name, "points": line.points, "taken": 1,
                "label": line.label and [line.label.x, line.label.y, line.label.width, line.label.height],
            }
            for line in drawing.lines
        ],
    }  # fmt: skip
