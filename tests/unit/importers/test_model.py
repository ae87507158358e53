"""The published format of a parse."""

import datetime as dt
import json

import orjson

from importers.model import (
    Baseline,
    Deadline,
    DeadlineKind,
    DocumentKind,
    Flag,
    FlagCode,
    Kpi,
    KpiType,
    LeadRule,
    LeadRuleKind,
    Notice,
    ParsedDocument,
    ParsedRow,
    Party,
)
from importers.structure import Position

DOCUMENT_KEYS = [
    "title",
    "document_number",
    "issuer",
    "kind",
    "declared_count",
    "found_count",
    "lead_rule",
    "rows",
    "warnings",
]
ROW_KEYS = [
    "number",
    "section",
    "article",
    "text",
    "text_printed",
    "measures",
    "deadlines",
    "leads",
    "co_units",
    "groups",
    "open_ended",
    "by_duty",
    "range",
    "kpi",
    "flags",
]


def full() -> ParsedDocument:
    row = ParsedRow(
        text="甲",
        text_printed="甲 ",
        number=1,
        measures=("子", "丑"),
        deadlines=(Deadline("2026年底前", DeadlineKind.BY_DATE, dt.date(2026, 12, 31)),),
        leads=(Party("市商务局", "市商务局"),),
        co_units=(Party("某局"),),
        groups=("各区人民政府",),
        kpi=Kpi("占比", 45, "%", KpiType.SHARE_LEVEL, dt.date(2025, 12, 31), Baseline(19.9, "%", 2020)),
        flags=(Flag(FlagCode.UNIT_UNKNOWN, "units", "某局", blocking=True),),
        others=(("备注", "乙"),),
        position=Position(3, 1, 0),
    )
    return ParsedDocument(
        kind=DocumentKind.TASK_LIST,
        title="清单",
        declared_count=2,
        lead_rule=LeadRule(LeadRuleKind.FIRST_LEADS, "首个为牵头单位"),
        rows=(row,),
        warnings=(Notice("count_mismatch", "少1项", 9),),
    )


def test_the_keys_are_those_of_the_format_in_its_order():
    document = full().to_json()
    assert list(document) == DOCUMENT_KEYS
    rows = document["rows"]
    assert isinstance(rows, list)
    assert list(rows[0])[: len(ROW_KEYS)] == ROW_KEYS


def test_values_are_plain():
    document = json.loads(json.dumps(full().to_json()))
    row = document["rows"][0]
    assert (document["kind"], document["found_count"], document["lead_rule"]) == ("task_list", 1, "首个为牵头单位")
    assert row["deadlines"] == [
        {
            "phrase": "2026年底前",
            "kind": "by_date",
            "date": "2026-12-31",
            "rule": None,
            "anchor": None,
            "strength": None,
            "applies_to": "row",
        }
    ]
    assert row["leads"] == [{"printed": "市商务局", "unit": "市商务局"}]
    assert row["co_units"] == [{"printed": "某局", "unit": None}]
    assert row["flags"] == [{"code": "unit_unknown", "field": "units", "note": "某局", "blocking": True}]
    assert row["kpi"]["baseline"] == {"value": 19.9, "unit": "%", "year": 2020, "quote": ""}
    assert row["position"] == {"line": 3, "column": 1, "segment": 0}
    assert document["warnings"] == [{"code": "count_mismatch", "note": "少1项", "line": 9}]


def test_two_encoders_agree():
    assert orjson.loads(orjson.dumps(full().to_json())) == json.loads(json.dumps(full().to_json()))


def test_a_row_is_blocked_by_a_blocking_flag_only():
    assert full().rows[0].blocked
    assert not ParsedRow("甲", "甲", flags=(Flag(FlagCode.OPEN_LIST, "units"),)).blocked
