"""Work lists, items, lists, rounds, processes, ledger and audit over HTTP: each route with a real world behind it."""

from dataclasses import is_dataclass
from io import BytesIO
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from pydantic import TypeAdapter

from api import examples
from api.main import PREFIX
from bpmn.bundle import SHIPPED
from db.tables import Item
from domain.labels_of_columns import LEDGER_COLUMNS
from domain.permissions import Role
from tests.api.conftest import ApiClient
from tests.crowd import build_crowd
from tests.world import PLAN, build_world


@pytest.fixture
def world(container, new_session, clock):
    return build_world(new_session, clock)


@pytest.fixture
def as_(application, directory, world):
    """`as_(actor)`: a client signed in as somebody of the world."""

    def sign_in(actor):
        client = ApiClient(application, raise_server_exceptions=False)
        secret = f"secret-of-{actor.name}"
        client.csrf_token = directory.signed_in(actor.id, secret)
        client.cookies.set("dudao_session", secret)
        return client

    return sign_in


@pytest.fixture
def clerk(as_, world):
    return as_(world.clerk)


@pytest.fixture
def head(as_, world):
    return as_(world.head)


@pytest.fixture
def liaison(as_, world):
    return as_(world.actor(world.leads[0], Role.LIAISON))


@pytest.fixture
def stranger(as_, world):
    return as_(world.actor(world.leads[1], Role.LIAISON))


def got(response, status=200):
    assert response.status_code == status, response.text
    return response.json() if response.content else None


def refused(response, status, code):
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == code
    return response.json()


def path(*parts):
    return "/".join([PREFIX, *map(str, parts)])


def test_one_item_goes_from_creation_to_its_plan_over_http(clerk, liaison, stranger, as_, world):
    body = {
        "office_unit_id": str(world.office),
        "origin": "instruction",
        "text": "建立外贸企业联系服务机制",
        "leads": [str(world.leads[0])],
        "deadlines": [{"phrase": "2026年底前", "kind": "by_date", "on_date": "2026-12-31", "strength": "firm"}],
    }
    created = got(clerk.post(path("items"), json=body), 201)
    item = path("items", created["id"])
    refused(liaison.get(item), 404, "not_found")

    [issue] = got(clerk.get(path("work-items"), params={"text": "外贸企业"}))["items"]
    assert (issue["step"], issue["role"], issue["unit_id"]) == ("交办", "office_staff", str(world.office))
    shown = got(clerk.get(path("work-items", issue["id"])))["action"]
    assert [c["decision"] for c in shown["decisions"]] == ["issue"]
    done = got(clerk.post(path("work-items", issue["id"], "complete"), json={"seen_version": shown["seen_version"]}))
    assert [o["bpmn_id"] for o in done["opened"]] == ["sign_for"]

    assert got(liaison.get(item))["summary"]["status_label"] == "已交办"
    refused(stranger.get(item), 404, "not_found")
    [sign_for] = got(liaison.get(path("work-items")))["items"]
    refused(
        stranger.post(path("work-items", sign_for["id"], "complete"), json={"seen_version": 1, "decision": "accept"}),
        404,
        "not_found",
    )
    got(liaison.post(path("work-items", sign_for["id"], "complete"), json={"seen_version": 1, "decision": "accept"}))
    world.clock.advance(minutes=1)
    [plan] = got(liaison.get(path("work-items")))["items"]
    form = refused(
        liaison.post(path("work-items", plan["id"], "complete"), json={"seen_version": 1, "form": {}}),
        422,
        "invalid_form",
    )
    assert form["facts"]["fields"]
    got(liaison.post(path("work-items", plan["id"], "complete"), json={"seen_version": 1, "form": PLAN}))
    leader = as_(world.actor(world.leads[0], Role.UNIT_LEADER))
    [sign] = got(leader.get(item))["actions"]["work"]
    assert [(c["decision"], c["label"]) for c in sign["decisions"]] == [("sign", "签发"), ("return", "退回")]
    assert sign["return_targets"] == [{"bpmn_id": "draft_plan", "label": "制定方案"}]
    story = got(leader.get(item))["timeline"]
    assert [e["label"] for e in story] == ["立项登记", "交办", "签收", "制定方案"]
    assert got(liaison.get(path("work-items", "done")))["items"][0]["decision_label"] == "报送方案"


def test_a_stale_version_and_a_closed_step_say_what_happened(liaison, world):
    item_id = world.item()
    world.complete(item_id, "issue")
    [work] = world.open_work(item_id)
    address = path("work-items", work.id, "complete")
    assert refused(liaison.post(address, json={"seen_version": 7, "decision": "accept"}), 409, "stale_version")[
        "facts"
    ] == {"seen": 7, "current": 1}
    got(liaison.post(address, json={"seen_version": 1, "decision": "accept"}))
    refused(liaison.post(address, json={"seen_version": 1, "decision": "accept"}), 409, "work_item_closed")


def test_a_repeated_request_is_carried_out_once(clerk, world):
    body = {"office_unit_id": str(world.office), "text": "登记一件事项", "leads": [str(world.leads[0])]}
    headers = {"Idempotency-Key": "the same click"}
    first = got(clerk.post(path("items"), json=body, headers=headers), 201)
    assert got(clerk.post(path("items"), json=body, headers=headers), 201) == first
    assert len(got(clerk.get(path("items")))["items"]) == 1
    refused(clerk.post(path("items"), json=body | {"text": "另一件"}, headers=headers), 409, "idempotency_mismatch")


def test_a_batch_answers_for_each_and_repeats_only_what_is_missing(liaison, world):
    items = [world.item() for _ in range(3)]
    for item_id in items:
        world.complete(item_id, "issue")
    works = [world.open_work(item_id)[0] for item_id in items]
    body = {
        "completions": [
            {"work_item_id": str(works[0].id), "seen_version": 1, "decision": "accept"},
            {"work_item_id": str(works[1].id), "seen_version": 9, "decision": "accept"},
            {"work_item_id": str(uuid4()), "seen_version": 1, "decision": "accept"},
            {"work_item_id": str(works[2].id), "seen_version": 1, "decision": "no such"},
        ]
    }
    headers = {"Idempotency-Key": str(uuid4())}
    outcomes = got(liaison.post(path("work-items", "complete"), json=body, headers=headers))["outcomes"]
    assert [o["work_item_id"] for o in outcomes] == [c["work_item_id"] for c in body["completions"]]
    assert outcomes[0]["completed"]["decided"]
    assert [(o["problem"] or {}).get("code") for o in outcomes] == [
        None, "stale_version", "not_found", "invalid_decision",
    ]  # fmt: skip
    assert outcomes[1]["problem"]["status"] == 409
    assert "第9版" in outcomes[1]["problem"]["detail"]
    again = got(liaison.post(path("work-items", "complete"), json=body, headers=headers))["outcomes"]
    assert again[0] == outcomes[0]
    assert [world.status(i) for i in items] == ["received", "issued", "issued"]


def test_pages_follow_their_cursor_and_refuse_a_foreign_one(clerk, world):
    with world.sessions() as session:
        crowd = build_crowd(session, world.clock.now())
    made = [world.item(text=f"第{n}项") for n in range(5)]
    seen, cursor = [], None
    while True:
        page = got(clerk.get(path("items"), params={"limit": 2} | ({"cursor": cursor} if cursor else {})))
        seen += [row["id"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [str(i) for i in made]
    assert not {str(i) for i in crowd.items} & set(seen)
    other = got(clerk.get(path("items"), params={"limit": 2, "sort": "-due"}))["next_cursor"]
    refused(clerk.get(path("items"), params={"cursor": other}), 422, "invalid_cursor")
    refused(clerk.get(path("work-items"), params={"cursor": "????"}), 422, "invalid_cursor")


@pytest.mark.parametrize(
    ("address", "parameters"),
    [
        ("items", {"statuss": "closed"}),
        ("items", {"status": "gone"}),
        ("items", {"sort": "text"}),
        ("items", {"limit": 0}),
        ("work-items", {"scope": "everything"}),
        ("work-items", {"urgency": "red"}),
        ("rounds", {"state": "closed"}),
        ("audit-entries", {"from_day": "yesterday"}),
    ],
)
def test_a_filter_that_does_not_exist_is_refused_and_not_ignored(clerk, address, parameters):
    refused(clerk.get(path(address), params=parameters), 422, "request_invalid")


def test_counts_and_filters_travel_over_http(clerk, world):
    first = world.item()
    world.item()
    world.complete(first, "issue")
    counts = got(clerk.get(path("work-items", "counts"), params={"scope": "all", "kind": ["issue", "sign_for"]}))
    assert counts["total"] == 2
    assert {c["label"]: c["count"] for c in counts["by_kind"]} == {"交办": 1, "签收": 1}
    only = got(clerk.get(path("work-items"), params={"scope": "all", "kind": "sign_for"}))["items"]
    assert [row["item_id"] for row in only] == [str(first)]
    by_status = got(clerk.get(path("items", "counts"), params={"by": "status"}))
    assert {c["value"]: c["count"] for c in by_status} == {"issued": 1, "registered": 1}
    issued = got(clerk.get(path("items"), params={"status": ["issued", "closed"]}))["items"]
    assert [row["id"] for row in issued] == [str(first)]


def test_the_office_corrects_assigns_and_stops_what_others_may_not(clerk, head, liaison, world):
    item_id = world.item(co_units=1)
    address = path("items", item_id)
    version = got(clerk.patch(address, json={"seen_version": 1, "text": "改正后的事项"}))["version"]
    assert version == 2
    assert got(clerk.get(address))["summary"]["text"] == "改正后的事项"
    refused(clerk.patch(address, json={"seen_version": 1, "text": "又改"}), 409, "stale_version")
    refused(liaison.patch(address, json={"seen_version": 2, "text": "我来改"}), 404, "not_found")
    assigned = {"seen_version": 2, "leads": [str(world.leads[1])]}
    assert got(clerk.put(address + "/units", json=assigned))["version"] == 3
    assert got(clerk.get(address))["summary"]["leads"] == ["市牵头乙局"]
    stop = {"seen_version": 3, "reason": "依据已废止", "document_number": "江政发9号"}
    refused(clerk.post(address + "/terminate", json=stop), 403, "permission_denied")
    assert got(head.post(address + "/terminate", json=stop)) == {"status": "terminated"}
    other = world.item()
    withdrawn = got(head.post(path("items", other, "withdraw"), json={"seen_version": 1, "reason": "重复"}))
    assert withdrawn == {"status": "withdrawn"}
    again = {"seen_version": 2, "reason": "审计发现问题仍未解决"}
    refused(head.post(path("items", other, "reopen"), json=again), 403, "permission_denied")
    reopened = got(clerk.post(path("items", other, "reopen"), json=again), 201)
    assert got(clerk.get(path("items", reopened["id"])))["continues_id"] == str(other)
    refused(clerk.post(path("items", other, "continue"), json={"seen_version": 2}), 409, "wrong_status")


def test_a_group_is_fanned_out_and_its_members_are_told(clerk, world):
    item_id = world.item()
    units = [str(u) for u in world.co_units]
    made = got(clerk.post(path("items", item_id, "members"), json={"seen_version": 1, "unit_ids": units}), 201)
    found = got(clerk.get(path("items", item_id)))
    assert [m["id"] for m in found["members"]] == made["item_ids"]
    assert (found["summary"]["members"], found["summary"]["members_ended"]) == (3, 0)
    rows = got(clerk.get(path("items"), params={"parent_id": str(item_id)}))["items"]
    assert [r["number"] for r in rows] == ["1-1", "1-2", "1-3"]


def test_rounds_are_opened_for_many_and_listed_with_who_owes(clerk, liaison, world):
    ready, draft = world.item(), world.item()
    world.to_progress(ready)
    body = {
        "item_ids": [str(ready), str(draft)], "period": "2026-03", "co_due_on": "2026-03-20", "due_on": "2026-03-25",
    }  # fmt: skip
    opened, waiting = got(clerk.post(path("rounds"), json=body))["outcomes"]
    assert opened["problem"] is None
    assert (waiting["instance_id"], waiting["problem"]["code"]) == (None, "wrong_status")
    refused(liaison.post(path("rounds"), json=body | {"due_on": "2026-03-01"}), 422, "request_invalid")
    [row] = got(liaison.get(path("rounds"), params={"state": "open", "period": "2026-03"}))["items"]
    assert (row["item_id"], row["due_at"]) == (str(ready), "2026-03-25T16:00:00Z")
    assert [h["step"] for h in row["held_by"]] == ["牵头汇总"]
    assert got(liaison.post(path("rounds"), json=body))["outcomes"][0]["problem"]["status"] in {403, 404}


def test_the_diagram_of_an_instance_is_for_whom_the_item_is_visible(clerk, liaison, stranger, world):
    item_id = world.item()
    world.complete(item_id, "issue")
    instance = world.instance(item_id)
    overlay = got(liaison.get(path("process-instances", instance.id, "overlay")))
    assert overlay["elements"]["sign_for"] == {"state": "open", "runs": 0, "open": 1}
    assert overlay["held_by"][0]["unit"] == "市牵头甲局"
    refused(stranger.get(path("process-instances", instance.id, "overlay")), 404, "not_found")
    refused(clerk.get(path("process-instances", uuid4(), "overlay")), 404, "not_found")
    versions = got(stranger.get(path("processes")))
    assert {v["process"] for v in versions} == set(SHIPPED)
    xml = stranger.get(path("processes", overlay["version_id"], "bpmn"))
    assert xml.headers["content-type"].startswith("application/xml")
    assert b'id="supervision"' in xml.content
    refused(stranger.get(path("processes", 9999, "bpmn")), 404, "not_found")


def sheet_of(response):
    assert response.status_code == 200, response.text
    return load_workbook(BytesIO(response.content)).worksheets[0]


def test_the_spreadsheet_holds_exactly_what_the_ledger_shows(clerk, liaison, world):
    with world.sessions() as session:
        build_crowd(session, world.clock.now())
    items = [world.item(text=f"第{n}项", co_units=1) for n in range(4)]
    world.complete(items[0], "issue")
    for client in (clerk, liaison):
        for params in ({}, {"status": "issued"}, {"sort": "-number"}, {"text": "第2项"}):
            rows = got(client.get(path("items"), params=params))["items"]
            sheet = sheet_of(client.get(path("ledger.xlsx"), params=params))
            table = list(sheet.iter_rows(values_only=True))
            assert table[0] == tuple(LEDGER_COLUMNS.values())
            at = {name: position for position, name in enumerate(LEDGER_COLUMNS)}
            printed = [(r[at["number"]], r[at["text"]], r[at["status_label"]], r[at["leads"]]) for r in table[1:]]
            shown = [(r["number"], r["text"], r["status_label"], ";".join(r["leads"])) for r in rows]
            assert printed == shown
    assert len(rows) == 0


def test_text_that_looks_like_a_formula_stays_text_in_the_spreadsheet(clerk, world):
    texts = ['=cmd|"/c calc"!A1', "+1+1", "-2", "@SUM(A1)", '=HYPERLINK("http://x")', "\t=1", "普通\x07文本"]
    for text in texts:
        item_id = world.item()
        with world.sessions() as session:
            item = session.get_one(Item, item_id)
            item.text = item.section = text
            session.add(item)
            session.commit()
    sheet = sheet_of(clerk.get(path("ledger.xlsx")))
    columns = list(LEDGER_COLUMNS)
    for row, text in zip(sheet.iter_rows(min_row=2), texts, strict=True):
        for name in ("text", "section"):
            cell = row[columns.index(name)]
            assert cell.data_type == "s"
            assert cell.value == text.replace("\x07", "")
            assert bool(cell.quotePrefix) == (text[0] in "=+-@\t")
    book = load_workbook(BytesIO(clerk.get(path("ledger.xlsx")).content))
    assert book.sheetnames == ["督办台账", "说明"]


def test_only_the_audit_administrator_searches_the_record(clerk, as_, world, directory, application):
    item_id = world.item()
    refused(clerk.get(path("audit-entries")), 403, "permission_denied")
    auditor = directory.person("auditor", ("市审计处", Role.AUDIT_ADMIN))
    client = ApiClient(application, raise_server_exceptions=False)
    client.csrf_token = directory.signed_in(auditor.id, "s" * 30)
    client.cookies.set("dudao_session", "s" * 30)
    [entry] = got(client.get(path("audit-entries"), params={"subject_id": str(item_id)}))["items"]
    assert (entry["command"], entry["actor"], entry["sequence"]) == ("CreateItem", world.clerk.name, None)
    found = got(client.get(path("audit-entries"), params={"command": "CreateItem", "to_day": "2026-03-09"}))
    assert found["items"] == []
    refused(client.get(path("items", item_id)), 404, "not_found")
    assert got(client.get(path("items")))["items"] == []
    got(clerk.post(path("work-items", world.open_work(item_id)[0].id, "complete"), json={"seen_version": 9}), 409)
    [vain] = got(client.get(path("audit-entries"), params={"refused": True}))["items"]
    assert (vain["command"], vain["error_code"]) == ("CompleteWorkItem", "stale_version")


def test_every_example_is_an_answer_of_its_type():
    shown = {name: value for name, value in vars(examples).items() if name.isupper() and is_dataclass(value)}
    assert {"WORK_ROW", "LEDGER_ROW", "COMPLETED", "LIST_ROW", "ROUND_ROW", "AUDIT_ROW"} <= set(shown)
    for value in shown.values():
        adapter = TypeAdapter(type(value))
        assert adapter.validate_json(adapter.dump_json(value)) == value


def test_a_party_is_added_and_asked_again(clerk, liaison, world):
    item_id = world.item(leads=2)
    world.complete(item_id, "issue")
    first, second = world.open_work(item_id, "sign_for")
    added = {"seen_version": 1, "unit_id": str(world.co_units[0])}
    refused(liaison.post(path("work-items", first.id, "parties"), json=added), 404, "not_found")
    assert got(clerk.post(path("work-items", first.id, "parties"), json=added), 201)["work_item_id"]
    world.complete(item_id, "sign_for", "accept", unit_id=first.unit_id)
    again = {"seen_version": 2, "reason": "职责分工已调整"}
    assert got(clerk.post(path("work-items", first.id, "ask-again"), json=again), 201)["work_item_id"]
    assert {w.unit_id for w in world.open_work(item_id, "sign_for")} == {*world.leads, world.co_units[0]}
    refused(clerk.post(path("work-items", second.id, "ask-again"), json=again), 409, "stale_version")
