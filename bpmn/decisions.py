"""Decision tables in DMN, read as they are written.

SpiffWorkflow's DMN engine stops at the first match whatever the hit policy says, and checks nothing when a table is
saved. What a list's rules may say is judged by `domain.decision_tables`, which asks for no more than this reading.
"""

from collections.abc import Iterator
from importlib import resources
from typing import Final

from lxml import etree

from bpmn.xml import parse_xml
from domain.decision_tables import WrittenRow, WrittenTable
from domain.process_errors import ModelRefused

MAX_TABLE_BYTES: Final = 200_000
DMN: Final = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
    }
)
"""DMN 1.1 to 1.4: for a single table they differ in nothing but their names."""


def shipped_table(name: str) -> bytes:
    """The decision table `name` that this release carries in `bpmn/models`. Raises ModelRefused."""
    source = resources.files("bpmn") / "models" / f"{name}.dmn"
    if not source.is_file():
        raise _refused(f"{name}.dmn", "is not shipped")
    return source.read_bytes()


def read_table(content: bytes, path: str = "lights.dmn") -> WrittenTable:
    """The one decision table of a DMN file: facts are its input expressions, the outcome its one output, the words of
    a row its description or else its first annotation.

    Raises ModelRefused: too large, unsafe or invalid XML, not DMN, not exactly one table with exactly one output.
    """
    if len(content) > MAX_TABLE_BYTES:
        raise _refused(path, f"larger than {MAX_TABLE_BYTES} bytes")
    root = parse_xml(content, path)
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in DMN:
        raise _refused(path, "no DMN definitions")
    tables = [element for element in root.iter() if _named(element, "decisionTable")]
    if len(tables) != 1:
        raise _refused(path, f"{len(tables)} decision tables, one is needed")
    [table] = tables
    outputs = list(_children(table, "output"))
    if len(outputs) != 1:
        raise _refused(path, f"{len(outputs)} outputs, one is needed")
    facts = []
    for column in _children(table, "input"):
        expression = next(_children(column, "inputExpression"), None)
        facts.append("" if expression is None else _text(expression))
    return WrittenTable(
        hit_policy=table.get("hitPolicy", "UNIQUE"),
        facts=tuple(facts),
        rows=tuple(_row(rule, number) for number, rule in enumerate(_children(table, "rule"), 1)),
    )


def _row(rule: etree._Element, number: int) -> WrittenRow:
    outcome = next((_text(entry) for entry in _children(rule, "outputEntry")), "")
    words = next((_plain(entry) for entry in _children(rule, "description")), "") or next(
        (_text(entry) for entry in _children(rule, "annotationEntry")), ""
    )
    return WrittenRow(
        id=rule.get("id") or f"row_{number}",
        cells=tuple(_text(entry) for entry in _children(rule, "inputEntry")),
        outcome=outcome.removeprefix('"').removesuffix('"'),
        words=words,
    )


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return (child for child in element if _named(child, name))


def _named(element: etree._Element, name: str) -> bool:
    tag = etree.QName(element)
    return tag.localname == name and tag.namespace in DMN


def _text(element: etree._Element) -> str:
    return next((_plain(child) for child in _children(element, "text")), "")


def _plain(element: etree._Element) -> str:
    return (element.text or "").strip()


def _refused(path: str, reason: str) -> ModelRefused:
    return ModelRefused(f"{path}: {reason}", path=path, reason=f"{path}: {reason}")
