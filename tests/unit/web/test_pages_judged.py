"""Every page has a browser test that judges it for accessibility: a new one cannot be forgotten."""

import re

from fastapi.routing import APIRoute

from tests.databases import ROOT
from web.pages import ROUTERS

JUDGED_IN = {
    "test_account": {"account"},
    "test_assessments": {"assessed_item", "assessment", "assessments"},
    "test_board": {"board"},
    "test_bulletins": {"bulletin", "bulletins"},
    "test_calendar": {"calendar"},
    "test_cases": {"adoptions", "batches", "case", "cases", "expert_desk", "new_case", "replication_batch"},
    "test_conferences": {"conference", "conferences", "coordination", "document", "documents"},
    "test_desk": {"desk", "desk_approval", "desk_issue", "desk_list", "desk_names", "desk_rhythm", "desk_row"}
    | {"list_changes"},
    "test_evaluations": {"evaluation", "evaluation_scheme", "evaluations", "score_sheet"},
    "test_foundation": {"accounts", "audit", "channels", "deliveries", "delivery", "model", "models", "sessions"}
    | {"status"},
    "test_inbox": {"inbox"},
    "test_item": {"item"},
    "test_kpi": {"completion", "kpi_target", "kpi_targets"},
    "test_ledger": {"ledger"},
    "test_light_rules": {"light_rules"},
    "test_policies": {"edit_policy", "policies"},
    "test_sheet": {"rounds", "sheet"},
    "test_shell": {"help", "home", "sign_in"},
    "test_step": {"step"},
    "test_todo": {"done", "started", "todo"},
    "test_units": {"import_units", "unit", "units"},
}
"""Pages by the file of `tests/e2e` that opens them in a browser and lets axe look at them."""
NO_PAGES = {
    "adoptions_export": "a workbook",
    "batch_export": "a workbook",
    "document_drawing": "a piece of the document's page that says when its file is drawn",
    "document_file": "a document",
    "evidence_file": "a file",
    "ledger_export": "a workbook",
    "light_rules_file": "a decision table",
    "link": "not judged: its address is a secret that is told once",
    "lists_menu": "a piece of the bar above every page",
    "matter": "leads on to the page of the case, the conference or the bulletin",
    "paper": "printed pages that stand beside the forms; the pages with the forms are judged",
    "paper_pdf": "a document",
    "paper_sheet": "a picture",
    "rounds_late_export": "a workbook",
}
"""What is read and is no page of its own, with the reason."""
ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def test_every_page_is_judged_in_a_browser_or_has_a_reason_not_to_be():
    read = {route.name for route in ROUTES if "GET" in (route.methods or ())}
    judged = [name for names in JUDGED_IN.values() for name in names]
    assert read == {*judged, *NO_PAGES}
    assert len(judged) == len(set(judged))
    assert not set(judged) & set(NO_PAGES)


def test_the_files_named_let_axe_look_at_least_once():
    for file in JUDGED_IN:
        source = (ROOT / "tests" / "e2e" / f"{file}.py").read_text(encoding="utf-8")
        assert re.search(r"\bassert_accessible\(\w+", source), file
