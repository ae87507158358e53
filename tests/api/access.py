"""Who gets into which route. Every operation of the API has a row; a new route fails the tests until it has one.

`roles` are those that hold the permission (whether they then find the object is another matter); `None` is for routes
that work before anybody is signed in. `body`, `content` and `query` are what a well-formed request carries, so that the
permission is what decides.
"""

from dataclasses import dataclass, field
from typing import Any

from domain.permissions import BUSINESS, Role

EVERYBODY = frozenset(Role)
SOMEBODY = EVERYBODY | {"nobody"}
"""Also people who are signed in and hold no role today."""
KEEPS_ACCOUNTS = frozenset({Role.SECURITY_ADMIN})
KEEPS_REGISTRY = frozenset({Role.SYSTEM_ADMIN})
CONFIRMS_UNITS = frozenset({Role.OFFICE_STAFF, Role.SYSTEM_ADMIN})

READS_DELIVERIES = frozenset({Role.OFFICE_STAFF, Role.SYSTEM_ADMIN})
KEEPS_CHANNELS = frozenset({Role.SYSTEM_ADMIN})
"""Of an endpoint that serves every unit; an office keeps those of its own."""

ISSUES_DOSSIERS = frozenset({Role.OFFICE_STAFF, Role.UNIT_LEADER, Role.CONVENER, Role.ASSESSOR})

NO_ID = "00000000-0000-4000-8000-000000000000"
_CHUNK = {"Upload-Offset": "0"}
_UPLOAD = {"name": "x.pdf", "size": 1}
_PAPER = {"name": "x", "proves": "x", "document_number": "x", "place": "x"}
_COMPLETION = {"seen_version": 1}
_COMPLETIONS = {"completions": [_COMPLETION | {"work_item_id": NO_ID}]}
_ANSWER = {"answered_on": "2026-03-10", "answer": "x"}
_NEW_ITEM = {"office_unit_id": NO_ID, "text": "x", "leads": [NO_ID]}
_ROUNDS = {"item_ids": [NO_ID], "period": "2026-03", "co_due_on": "2026-03-20", "due_on": "2026-03-25"}
_RHYTHM = {"kind": "monthly", "starts_on": "2026-03-01"}
_SHEET = {"rows": [_COMPLETION | {"work_item_id": NO_ID}]}
_UNIT_DAY = {"day": "2026-05-08", "name": "x"}
_ENDPOINT = {"kind": "webhook", "name": "x", "url": "https://203.0.113.9/"}
_STOP = {"seen_version": 1, "reason": "x"}
_RUNG = {"level": 1, "name": "x", "kind": "urge", "to": ["assignee"], "amount": 0}
_POLICY = {"subject_kind": "item", "name": "x", "rungs": [_RUNG]}
_TRIGGER = {"seen_version": 1, "document_number": "x", "happened_on": "2026-03-10"}
_BULLETIN = {"office_unit_id": NO_ID, "kind": "brief", "from_on": "2026-02-01", "as_of": "2026-02-28"}
_CONTRIBUTION = {"office_unit_id": NO_ID, "unit_id": NO_ID, "title": "x", "text": "x"}
_TOPIC = {"office_unit_id": NO_ID, "unit_id": NO_ID, "title": "x", "proposal": "x"}
_CONFERENCE = {"office_unit_id": NO_ID, "kind": "joint", "unit_ids": [NO_ID]}
_ATTENDANCE = {"attendees": [{"unit_id": NO_ID, "present": True}]}
_ASSESSMENT = {"office_unit_id": NO_ID, "cycle": "yearly", "period_from": "2025-01-01", "period_to": "2025-12-31"}
_SUBSTITUTE = {"lost_unit_id": NO_ID, "new_unit_id": NO_ID, "reason": "x"}
_TARGET = {
    "office_unit_id": NO_ID,
    "name": "x",
    "kind": "cumulative_count",
    "target": 1,
    "unit": "x",
    "source": "x",
    "base_on": "2020-12-31",
    "target_on": "2025-12-31",
}
_READING = {"as_of": "2026-01-01", "value": 1, "source": "x"}
OF_ANOTHER_OFFICE = frozenset[Any]()
"""The request names an office, and it is nobody's."""
_EVALUATION = {"office_unit_id": NO_ID, "first_day": "2026-01-01", "last_day": "2026-12-31"}
_NEW_UNIT = {"official_name": "江北市数据局", "short_name": "市数据局", "kind": "department"}


@dataclass(frozen=True)
class Access:
    """Who is let in, and a request to try it with."""

    roles: frozenset[Any] | None
    body: Any = None
    content: bytes | None = None
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


ACCESS: dict[str, Access] = {
    "DELETE /api/v1/accounts/me/sessions/{session_id}": Access(EVERYBODY),
    "DELETE /api/v1/accounts/me/tokens/{token_id}": Access(EVERYBODY),
    "DELETE /api/v1/auth/session": Access(SOMEBODY),
    "DELETE /api/v1/calendar/units/{unit_id}/days/{day}": Access(KEEPS_REGISTRY),
    "DELETE /api/v1/calendar-feed": Access(EVERYBODY),
    "DELETE /api/v1/uploads/{upload_id}": Access(EVERYBODY),
    "DELETE /api/v1/work-items/{work_item_id}/draft": Access(EVERYBODY, query={"seen_version": "1"}),
    "GET /api/v1/absences": Access(EVERYBODY),
    "GET /api/v1/accounts/me": Access(SOMEBODY),
    "GET /api/v1/accounts/me/sessions": Access(SOMEBODY),
    "GET /api/v1/accounts/me/tokens": Access(EVERYBODY),
    "GET /api/v1/adoptions": Access(EVERYBODY),
    "GET /api/v1/assessments": Access(EVERYBODY),
    "GET /api/v1/assessments/sheets/{matter_id}": Access(EVERYBODY),
    "GET /api/v1/assessments/{assessment_id}": Access(EVERYBODY),
    "GET /api/v1/assessments/{assessment_id}/outcome": Access(EVERYBODY),
    "GET /api/v1/audit-entries": Access(frozenset({Role.AUDIT_ADMIN})),
    "GET /api/v1/auth/links/{secret}": Access(None),
    "GET /api/v1/bulletins": Access(EVERYBODY),
    "GET /api/v1/bulletins/contributions": Access(EVERYBODY),
    "GET /api/v1/bulletins/{item_id}": Access(EVERYBODY),
    "GET /api/v1/bulletins/{item_id}/proof": Access(EVERYBODY),
    "GET /api/v1/calendar/changes": Access(EVERYBODY),
    "GET /api/v1/calendar/hours": Access(EVERYBODY),
    "GET /api/v1/calendar/units/{unit_id}/days": Access(EVERYBODY),
    "GET /api/v1/calendar/years": Access(EVERYBODY),
    "GET /api/v1/calendar/years/{year}": Access(EVERYBODY),
    "GET /api/v1/calendar-feed": Access(EVERYBODY),
    "GET /api/v1/calendars/{secret}.ics": Access(None),
    "GET /api/v1/cases": Access(EVERYBODY),
    "GET /api/v1/cases/{item_id}": Access(EVERYBODY),
    "GET /api/v1/channels": Access(EVERYBODY),
    "GET /api/v1/conference-topics": Access(EVERYBODY),
    "GET /api/v1/conferences": Access(EVERYBODY),
    "GET /api/v1/conferences/{item_id}": Access(EVERYBODY),
    "GET /api/v1/coordinations": Access(EVERYBODY),
    "GET /api/v1/coordinations/{instance_id}": Access(EVERYBODY),
    "GET /api/v1/completion": Access(EVERYBODY),
    "GET /api/v1/deliveries": Access(READS_DELIVERIES),
    "GET /api/v1/deliveries/unreachable": Access(READS_DELIVERIES),
    "GET /api/v1/deliveries/{sending_id}": Access(READS_DELIVERIES),
    "GET /api/v1/documents": Access(EVERYBODY),
    "GET /api/v1/documents/due-orders": Access(EVERYBODY),
    "GET /api/v1/documents/{document_id}": Access(EVERYBODY),
    "GET /api/v1/documents/{document_id}.docx": Access(EVERYBODY),
    "GET /api/v1/documents/{document_id}.pdf": Access(EVERYBODY),
    "GET /api/v1/evaluations": Access(EVERYBODY),
    "GET /api/v1/evaluations/scheme": Access(EVERYBODY),
    "GET /api/v1/evaluations/sheets/{item_id}": Access(EVERYBODY),
    "GET /api/v1/evaluations/{evaluation_id}": Access(EVERYBODY),
    "GET /api/v1/evidence/{evidence_id}/content": Access(EVERYBODY),
    "GET /api/v1/expunge-requests": Access(EVERYBODY),
    "GET /api/v1/health": Access(None),
    "GET /api/v1/items": Access(EVERYBODY),
    "GET /api/v1/items/counts": Access(EVERYBODY),
    "GET /api/v1/items/{item_id}": Access(EVERYBODY),
    "GET /api/v1/items/{item_id}/evidence": Access(EVERYBODY),
    "GET /api/v1/items/{item_id}/light": Access(EVERYBODY),
    "GET /api/v1/known-replications": Access(EVERYBODY),
    "GET /api/v1/kpi-requests": Access(EVERYBODY),
    "GET /api/v1/kpi-targets": Access(EVERYBODY),
    "GET /api/v1/kpi-targets/{target_id}": Access(EVERYBODY),
    "GET /api/v1/ledger.xlsx": Access(EVERYBODY),
    "GET /api/v1/lights/behind": Access(EVERYBODY),
    "GET /api/v1/lights/counts": Access(EVERYBODY),
    "GET /api/v1/lists": Access(EVERYBODY),
    "GET /api/v1/items/{item_id}/ladder": Access(EVERYBODY),
    "GET /api/v1/lists/{list_id}": Access(EVERYBODY),
    "GET /api/v1/lists/{list_id}/changes": Access(EVERYBODY),
    "GET /api/v1/lists/{list_id}/policies": Access(EVERYBODY),
    "GET /api/v1/lists/{list_id}/light-rules": Access(EVERYBODY),
    "GET /api/v1/lists/{list_id}/rhythm": Access(EVERYBODY),
    "GET /api/v1/replication-batches": Access(EVERYBODY),
    "GET /api/v1/replication-batches/{batch_id}": Access(EVERYBODY),
    "GET /api/v1/replication-batches/{batch_id}.xlsx": Access(EVERYBODY),
    "GET /api/v1/messages": Access(EVERYBODY),
    "GET /api/v1/messages/preference": Access(EVERYBODY),
    "GET /api/v1/messages/unread": Access(EVERYBODY),
    "GET /api/v1/operation": Access(KEEPS_REGISTRY),
    "GET /api/v1/people": Access(EVERYBODY),
    "GET /api/v1/policies/{policy_id}": Access(EVERYBODY),
    "GET /api/v1/process-instances/{instance_id}/overlay": Access(EVERYBODY),
    "GET /api/v1/processes": Access(EVERYBODY),
    "GET /api/v1/processes/{version_id}/bpmn": Access(EVERYBODY),
    "GET /api/v1/report-sheets/{report_period_id}/{unit_id}": Access(EVERYBODY),
    "GET /api/v1/rounds": Access(EVERYBODY),
    "GET /api/v1/rounds/late": Access(EVERYBODY),
    "GET /api/v1/rounds/late.xlsx": Access(EVERYBODY),
    "GET /api/v1/units/{office_unit_id}/document-series": Access(EVERYBODY),
    "GET /api/v1/units": Access(EVERYBODY),
    "GET /api/v1/units/candidates": Access(EVERYBODY),
    "GET /api/v1/units/{unit_id}": Access(EVERYBODY),
    "GET /api/v1/uploads/{upload_id}": Access(EVERYBODY),
    "GET /api/v1/work-items": Access(EVERYBODY),
    "GET /api/v1/work-items/counts": Access(EVERYBODY),
    "GET /api/v1/work-items/done": Access(EVERYBODY),
    "GET /api/v1/work-items/{work_item_id}": Access(EVERYBODY),
    "GET /api/v1/work-items/{work_item_id}/draft": Access(EVERYBODY),
    "PATCH /api/v1/channels/{endpoint_id}": Access(EVERYBODY, body={"enabled": True, "seen_version": 1}),
    "PATCH /api/v1/items/{item_id}": Access(EVERYBODY, body={"seen_version": 1}),
    "PATCH /api/v1/uploads/{upload_id}": Access(EVERYBODY, content=b"x", headers=_CHUNK),
    "POST /api/v1/absences": Access(BUSINESS, body={"first_day": "2026-03-10", "last_day": "2026-03-11"}),
    "POST /api/v1/absences/{absence_id}/end": Access(EVERYBODY, body={}),
    "POST /api/v1/accounts/invitations": Access(KEEPS_ACCOUNTS, body={"logins": []}),
    "POST /api/v1/accounts/me/tokens": Access(EVERYBODY, body={"name": "x"}),
    "POST /api/v1/accounts/{login}/disable": Access(KEEPS_ACCOUNTS),
    "POST /api/v1/accounts/{login}/enable": Access(KEEPS_ACCOUNTS),
    "POST /api/v1/accounts/{login}/reset": Access(KEEPS_ACCOUNTS),
    "POST /api/v1/assessments": Access(OF_ANOTHER_OFFICE, body=_ASSESSMENT),
    "POST /api/v1/assessments/{assessment_id}/public-report": Access(EVERYBODY),
    "POST /api/v1/assessments/recommendations/{recommendation_id}": Access(EVERYBODY, body={}),
    "POST /api/v1/assessments/{assessment_id}/members": Access(EVERYBODY, body=_SUBSTITUTE),
    "POST /api/v1/assessments/{assessment_id}/stop": Access(EVERYBODY, body={"reason": "x"}),
    "POST /api/v1/auth/links/{secret}": Access(None, body={"password": "x"}),
    "POST /api/v1/auth/session": Access(None, body={"login": "x", "password": "x"}),
    "POST /api/v1/bulletins": Access(OF_ANOTHER_OFFICE, body=_BULLETIN),
    "POST /api/v1/bulletins/contributions": Access(OF_ANOTHER_OFFICE, body=_CONTRIBUTION),
    "POST /api/v1/bulletins/{item_id}/outside-deliveries": Access(
        EVERYBODY, body={"name": "x", "sent_on": "2026-03-09"}
    ),
    "POST /api/v1/bulletins/{item_id}/withdraw": Access(EVERYBODY, body={"reason": "x"}),
    "POST /api/v1/calendar/years": Access(KEEPS_REGISTRY, content=b"x", query={"name": "x.csv"}),
    "POST /api/v1/calendar-feed": Access(EVERYBODY),
    "POST /api/v1/channels": Access(KEEPS_CHANNELS, body=_ENDPOINT),
    "POST /api/v1/conference-topics": Access(OF_ANOTHER_OFFICE, body=_TOPIC),
    "POST /api/v1/conferences": Access(OF_ANOTHER_OFFICE, body=_CONFERENCE),
    "POST /api/v1/deliveries/{sending_id}/resend": Access(READS_DELIVERIES),
    "POST /api/v1/documents/verify": Access(EVERYBODY, content=b"x"),
    "POST /api/v1/documents/{document_id}/withdraw": Access(EVERYBODY, body={"reason": "x"}),
    "POST /api/v1/evaluations": Access(OF_ANOTHER_OFFICE, body=_EVALUATION),
    "POST /api/v1/evaluations/scheme/check": Access(EVERYBODY, body={"scheme": {}}),
    "POST /api/v1/evidence/{evidence_id}/expunge-requests": Access(EVERYBODY, body={"reason": "x"}),
    "POST /api/v1/expunge-requests/{request_id}/decision": Access(EVERYBODY, body={"approve": True}),
    "POST /api/v1/items": Access(OF_ANOTHER_OFFICE, body=_NEW_ITEM),
    "POST /api/v1/items/{item_id}/continue": Access(EVERYBODY, body={"seen_version": 1}),
    "POST /api/v1/items/{item_id}/dossiers": Access(ISSUES_DOSSIERS, body={}),
    "POST /api/v1/items/{item_id}/evidence/papers": Access(EVERYBODY, body=_PAPER),
    "POST /api/v1/items/{item_id}/members": Access(EVERYBODY, body={"seen_version": 1, "unit_ids": [NO_ID]}),
    "POST /api/v1/items/{item_id}/orders": Access(EVERYBODY, body={"document": "reminder_letter"}),
    "POST /api/v1/items/{item_id}/processes": Access(EVERYBODY, body={"seen_version": 1, "process": "extension"}),
    "POST /api/v1/items/{item_id}/reopen": Access(EVERYBODY, body=_STOP),
    "POST /api/v1/items/{item_id}/resume": Access(EVERYBODY, body=_STOP),
    "POST /api/v1/items/{item_id}/take-up": Access(EVERYBODY, body={"seen_version": 1}),
    "POST /api/v1/items/{item_id}/terminate": Access(EVERYBODY, body=_STOP | {"document_number": "x"}),
    "POST /api/v1/items/{item_id}/triggers": Access(EVERYBODY, body=_TRIGGER),
    "POST /api/v1/items/{item_id}/uploads": Access(EVERYBODY, body=_UPLOAD),
    "POST /api/v1/items/{item_id}/ladder/preview": Access(EVERYBODY, body=_POLICY),
    "POST /api/v1/items/{item_id}/urge": Access(EVERYBODY, body={"words": "x"}),
    "POST /api/v1/items/{item_id}/withdraw": Access(EVERYBODY, body=_STOP),
    "POST /api/v1/case-letters/{letter_id}/answer": Access(
        EVERYBODY, body={"answered_on": "2026-03-10", "answer": "x"}
    ),
    "POST /api/v1/case-likenesses/{likeness_id}": Access(EVERYBODY, body={"same": False}),
    "POST /api/v1/cases": Access(
        OF_ANOTHER_OFFICE, body={"office_unit_id": NO_ID, "title": "x", "applicants": [NO_ID]}
    ),
    "POST /api/v1/cases/{item_id}/merge": Access(EVERYBODY, body={"into_id": NO_ID, "reason": "x"}),
    "POST /api/v1/cases/{item_id}/report": Access(EVERYBODY),
    "POST /api/v1/cases/{item_id}/stop": Access(EVERYBODY, body={"reason": "x"}),
    "POST /api/v1/cases/{item_id}/withdraw": Access(EVERYBODY, body={"reason": "x"}),
    "POST /api/v1/known-replications": Access(
        OF_ANOTHER_OFFICE, content=b"x", query={"name": "x.txt", "office_unit_id": NO_ID}
    ),
    "POST /api/v1/kpi-requests/{item_id}/withdraw": Access(EVERYBODY, body={"reason": "x"}),
    "POST /api/v1/kpi-targets": Access(OF_ANOTHER_OFFICE, body=_TARGET),
    "POST /api/v1/kpi-targets/from-item": Access(EVERYBODY, body={"item_id": NO_ID, "base_on": "2020-12-31"}),
    "POST /api/v1/kpi-targets/{target_id}/bases": Access(EVERYBODY, body={"value": 1, "source": "x"}),
    "POST /api/v1/kpi-targets/{target_id}/readings": Access(EVERYBODY, body=_READING),
    "POST /api/v1/kpi-targets/{target_id}/requests": Access(EVERYBODY, body={"as_of": "2026-03-31"}),
    "POST /api/v1/kpi-targets/{target_id}/retire": Access(EVERYBODY),
    "POST /api/v1/lists": Access(OF_ANOTHER_OFFICE, content=b"x", query={"name": "x.txt", "office_unit_id": NO_ID}),
    "POST /api/v1/lists/{list_id}/changes": Access(EVERYBODY),
    "POST /api/v1/lists/{list_id}/approve": Access(EVERYBODY, body={"seen_version": 1}),
    "POST /api/v1/lists/{list_id}/policies/apply": Access(EVERYBODY, body={"subject_kind": "item"}),
    "POST /api/v1/lists/{list_id}/policies/drop": Access(EVERYBODY, body={"subject_kind": "item"}),
    "POST /api/v1/lists/{list_id}/light-rules": Access(EVERYBODY, body={"dmn": "x"}),
    "POST /api/v1/lists/{list_id}/light-rules/preview": Access(EVERYBODY, body={"dmn": "x"}),
    "POST /api/v1/lists/{list_id}/register": Access(EVERYBODY),
    "POST /api/v1/lists/{list_id}/rhythm/preview": Access(EVERYBODY, body=_RHYTHM),
    "POST /api/v1/messages/read": Access(EVERYBODY, body={}),
    "POST /api/v1/operation/retries": Access(KEEPS_REGISTRY, body={"sweep": "x"}),
    "POST /api/v1/people/imports": Access(KEEPS_REGISTRY, content=b"x", query={"name": "x.csv"}),
    "POST /api/v1/report-sheets/{report_period_id}/{unit_id}/review": Access(EVERYBODY, body=_SHEET),
    "POST /api/v1/report-sheets/{report_period_id}/{unit_id}/sign": Access(EVERYBODY, body=_SHEET),
    "POST /api/v1/report-sheets/{report_period_id}/{unit_id}/submit": Access(EVERYBODY, body=_SHEET),
    "POST /api/v1/replication-batches": Access(
        OF_ANOTHER_OFFICE, body={"office_unit_id": NO_ID, "title": "x", "case_ids": []}
    ),
    "POST /api/v1/replication-batches/{batch_id}/issue": Access(EVERYBODY, body={"seen_version": 1}),
    "POST /api/v1/rounds/preliminary": Access(EVERYBODY, body={"round_ids": [NO_ID]}),
    "POST /api/v1/rounds": Access(EVERYBODY, body=_ROUNDS),
    "POST /api/v1/units/candidates/{candidate_id}/add": Access(CONFIRMS_UNITS, body=_NEW_UNIT),
    "POST /api/v1/units/candidates/{candidate_id}/confirm": Access(CONFIRMS_UNITS, body={"unit_id": NO_ID}),
    "POST /api/v1/units/candidates/{candidate_id}/reject": Access(CONFIRMS_UNITS),
    "POST /api/v1/units/imports": Access(KEEPS_REGISTRY, content=b"x", query={"name": "x.csv"}),
    "POST /api/v1/uploads/{upload_id}/finish": Access(EVERYBODY, body={"proves": "x"}),
    "POST /api/v1/urges": Access(EVERYBODY, body={"words": "x"}),
    "POST /api/v1/work-items/complete": Access(
        EVERYBODY, body={"completions": [_COMPLETION | {"work_item_id": NO_ID}]}
    ),
    "POST /api/v1/work-items/{work_item_id}/ask-again": Access(EVERYBODY, body=_STOP),
    "POST /api/v1/work-items/{work_item_id}/complete": Access(EVERYBODY, body=_COMPLETION),
    "POST /api/v1/work-items/{work_item_id}/urge": Access(EVERYBODY, body={"words": "x"}),
    "POST /api/v1/work-items/{work_item_id}/parties": Access(EVERYBODY, body={"seen_version": 1, "unit_id": NO_ID}),
    "PUT /api/v1/replication-batches/{batch_id}/cases": Access(EVERYBODY, body={"seen_version": 1, "case_ids": []}),
    "PUT /api/v1/conferences/{item_id}/agenda": Access(EVERYBODY, body={"topic_ids": []}),
    "PUT /api/v1/conferences/{item_id}/attendance": Access(EVERYBODY, body=_ATTENDANCE),
    "PUT /api/v1/conferences/{item_id}/minutes": Access(EVERYBODY, body={"seen_version": 0, "paragraphs": []}),
    "PUT /api/v1/accounts/me/password": Access(EVERYBODY, body={"current": "x", "new": "y"}),
    "PUT /api/v1/bulletins/{item_id}/recipients": Access(EVERYBODY, body={"recipients": []}),
    "PUT /api/v1/bulletins/{item_id}/text": Access(EVERYBODY, body={"seen_version": 1, "title": "x", "sections": []}),
    "PUT /api/v1/calendar/hours/{valid_from}": Access(KEEPS_REGISTRY, body={"spans": [["08:30", "12:00"]]}),
    "PUT /api/v1/calendar/units/{unit_id}/days": Access(KEEPS_REGISTRY, body={"days": [_UNIT_DAY]}),
    "PUT /api/v1/channels/{endpoint_id}": Access(KEEPS_CHANNELS, body=_ENDPOINT | {"seen_version": 1}),
    "PUT /api/v1/kpi-targets/{target_id}/items/{item_id}": Access(EVERYBODY, body={"serves": True}),
    "PUT /api/v1/kpi-targets/{target_id}/reporting": Access(EVERYBODY, body={"unit_id": NO_ID}),
    "PUT /api/v1/lists/{list_id}/policies": Access(EVERYBODY, body=_POLICY),
    "PUT /api/v1/units/{office_unit_id}/document-series/{key}": Access(OF_ANOTHER_OFFICE, body={"pattern": "{number}"}),
    "PUT /api/v1/items/{item_id}/units": Access(EVERYBODY, body={"seen_version": 1, "leads": [NO_ID]}),
    "PUT /api/v1/evaluations/{evaluation_id}/scheme": Access(EVERYBODY, body={"scheme": {}, "seen_version": 1}),
    "PUT /api/v1/lists/{list_id}/rhythm": Access(EVERYBODY, body=_RHYTHM | {"seen_version": 0}),
    "PUT /api/v1/messages/preference": Access(EVERYBODY, body={"mail": True, "digest": "rounds", "digest_hour": 8}),
    "PUT /api/v1/work-items/{work_item_id}/draft": Access(EVERYBODY, body={"seen_version": 0}),
}
