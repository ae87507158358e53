"""Errors on the wire: one shape, a 中文 sentence, never the text of an exception."""

from typing import Annotated

import psycopg
import pytest
from fastapi import Body
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api.deps import get_container
from api.main import MAX_BODY
from api.problems import MEDIA_TYPE, STATUS, status_of
from domain import errors
from domain.errors import DomainError, NotFound, RowLocked, StaleVersion, TooManyRequests, Unavailable
from domain.operation_errors import InternalError
from domain.permissions import Role
from domain.process_errors import ProcessFault, StateUnreadable


@pytest.fixture
def raising(application, anonymous):
    """`raising(error)`: what the API answers when a route raises it."""
    thrown: dict[str, Exception] = {}

    @application.get("/api/v1/raise")
    def throw() -> None:
        raise thrown["error"]

    def ask(error, **options):
        thrown["error"] = error
        return anonymous.get("/api/v1/raise", **options)

    return ask


def test_an_error_of_the_rules_is_a_problem_document(raising):
    answer = raising(StaleVersion("secret detail", seen=3, current=4), headers={"X-Request-ID": "abcdef0123456789"})
    assert answer.status_code == 409
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.json() == {
        "type": "urn:dudao:stale_version",
        "title": "Conflict",
        "status": 409,
        "detail": "您打开后内容已有更新（您看到第3版，现在是第4版）。请刷新查看变化，再决定是否提交。",
        "code": "stale_version",
        "instance": "/api/v1/raise",
        "request_id": "abcdef0123456789",
        "facts": {"seen": 3, "current": 4},
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound(), 404),
        (errors.NotSignedIn(), 401),
        (errors.OwnSubmission(), 403),
        (RowLocked(), 409),
        (errors.ReasonMissing(), 422),
        (errors.TooLarge(limit="1 MB"), 413),
        (TooManyRequests(seconds=7), 429),
        (Unavailable(), 503),
    ],
)
def test_every_kind_of_error_has_its_status(raising, error, status):
    answer = raising(error)
    assert (answer.status_code, answer.json()["code"]) == (status, error.code)
    assert ("retry-after" in answer.headers) == (status in {429, 503})
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_only_faults_of_the_program_are_answered_as_its_errors():
    waiting, without = [DomainError], set()
    while waiting:
        error = waiting.pop()
        waiting += error.__subclasses__()
        if not any(kind in STATUS for kind in error.__mro__):
            without.add(error)
    faults = {InternalError, ProcessFault, StateUnreadable}
    assert {error for error in without - {DomainError} if not set(error.__mro__) & faults} == set()
    assert status_of(DomainError()) == 500


def test_a_fault_of_a_process_says_where_to_look_it_up(raising):
    answer = raising(ProcessFault("a traceback's words"))
    assert (answer.status_code, answer.json()["code"]) == (500, "process_fault")
    assert answer.json()["facts"]["error_id"] == answer.headers["x-request-id"]
    assert "traceback" not in answer.text


def test_an_unexpected_error_shows_an_id_and_never_its_text(raising, application):
    answer = raising(ValueError("password=hunter2"))
    assert (answer.status_code, answer.headers["content-type"]) == (500, MEDIA_TYPE)
    body = answer.json()
    assert body["code"] == "internal_error"
    assert body["facts"]["error_id"] == body["request_id"] == answer.headers["x-request-id"]
    assert body["request_id"] in body["detail"]
    assert "hunter2" not in answer.text


def test_an_error_before_any_route_is_a_problem_too(application, anonymous):
    async def broken():
        raise RuntimeError("hunter2")

    application.dependency_overrides[get_container] = broken
    answer = anonymous.get("/api/v1/accounts/me")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "hunter2" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/api/v1/nothing", 404, "route_not_found"), ("PATCH", "/api/v1/units", 405, "method_not_allowed")],
)
def test_the_frameworks_own_refusals_have_the_same_shape(anonymous, method, path, status, code):
    answer = anonymous.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == MEDIA_TYPE


def test_an_invalid_request_names_every_field_in_chinese(client_as):
    answer = client_as(Role.LIAISON).post("/api/v1/accounts/me/tokens", json={"days": 0, "nmae": "x"})
    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")
    assert answer.json()["errors"] == [
        {"field": "name", "code": "missing", "detail": "缺少此项"},
        {"field": "days", "code": "greater_than_equal", "detail": "应不小于1"},
        {"field": "nmae", "code": "extra_forbidden", "detail": "不认识此项"},
    ]
    assert "days：应不小于1" in answer.json()["detail"]


@pytest.mark.parametrize("content", [b"{not json", b"\xff\xfe", b'"text"', b"[]", b"null"])
def test_a_body_that_is_no_object_is_refused(client_as, content):
    answer = client_as(Role.LIAISON).post(
        "/api/v1/accounts/me/tokens", content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == MEDIA_TYPE


def test_a_form_post_from_another_site_cannot_sign_anybody_in(anonymous):
    answer = anonymous.post(
        "/api/v1/auth/session", content='{"login":"a","password":"b"}', headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_over_the_limit_is_refused(anonymous, declared):
    big = b"x" * (MAX_BODY + 1)

    def pieces():
        yield from (big[:1000], big[1000:])

    answer = anonymous.post("/api/v1/auth/session", content=big if declared else pieces())
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["x-request-id"]


def test_a_route_may_take_more_than_the_rest(application, anonymous):
    @application.post("/api/v1/big", max_body_size=3 * MAX_BODY)
    def take(data: Annotated[bytes, Body(media_type="application/octet-stream")]) -> int:
        return len(data)

    headers = {"Content-Type": "application/octet-stream"}
    assert anonymous.post("/api/v1/big", content=b"x" * 2 * MAX_BODY, headers=headers).json() == 2 * MAX_BODY
    assert anonymous.post("/api/v1/big", content=b"x" * 4 * MAX_BODY, headers=headers).status_code == 413


def test_every_answer_carries_the_headers_that_browsers_heed(anonymous):
    for path in ("/api/v1/openapi.json", "/api/v1/nothing", "/nothing"):
        headers = anonymous.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["content-security-policy"].startswith("default-src 'none'; ")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("given", ["short", "x" * 65, "white space 12345", "<script>alert(1)</script>"])
def test_a_request_id_of_another_form_is_replaced(anonymous, given):
    assert anonymous.get("/api/v1/nothing", headers={"X-Request-ID": given}).headers["x-request-id"] != given


def test_a_character_that_no_database_stores_is_the_requests_fault(client_as, anonymous):
    client = client_as(Role.LIAISON)
    answers = [
        client.get("/api/v1/units", params={"name": "a\0b"}),
        client.post("/api/v1/accounts/me/tokens", json={"name": "a\0b"}),
        anonymous.post("/api/v1/auth/session", json={"login": "a\0b", "password": "x"}),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(422, "unstorable_value")] * 3
    surrogate = {"content": b'{"name": "\\ud800"}', "headers": {"Content-Type": "application/json"}}
    assert client.post("/api/v1/accounts/me/tokens", **surrogate).json()["code"] == "request_invalid"


@pytest.mark.parametrize(
    "error",
    [
        DBAPIError("SELECT 1", {}, psycopg.OperationalError("server closed the connection unexpectedly")),
        DBAPIError("SELECT 1", {}, psycopg.errors.AdminShutdown("terminating connection")),
        PoolTimeout("QueuePool limit reached"),
    ],
)
def test_a_database_that_is_away_is_said_to_be_away(raising, error):
    answer = raising(error)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"]


def test_work_beyond_the_time_limit_is_told_apart_from_a_database_that_is_away(raising):
    answer = raising(DBAPIError("SELECT 1", {}, psycopg.errors.QueryCanceled("statement timeout")))
    assert (answer.status_code, answer.json()["code"]) == (503, "took_too_long")


def test_a_faulty_query_is_a_fault_of_the_program(raising):
    answer = raising(DBAPIError("SELECT nothing", {}, psycopg.errors.UndefinedColumn("no such column")))
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "SELECT" not in answer.text


def test_a_repeated_request_is_carried_out_once(client_as, directory, new_session):
    from sqlmodel import select

    from db.tables import AuditEntry

    directory.person("li", ("江北市财政局", Role.LIAISON))
    admin = client_as(Role.SECURITY_ADMIN)
    for key in ("any words", "any words", "5d4f1f3e-6b1c-4b57-9f7c-0a2b3c4d5e6f"):
        answer = admin.post("/api/v1/accounts/li/disable", headers={"Idempotency-Key": key})
        assert answer.status_code == 204
    mismatch = admin.post("/api/v1/accounts/li/enable", headers={"Idempotency-Key": "any words"})
    assert (mismatch.status_code, mismatch.json()["code"]) == (409, "idempotency_mismatch")
    with new_session() as session:
        done = [entry.command for entry in session.exec(select(AuditEntry)) if entry.error_code is None]
    assert done == ["DisableAccount"] * 2


def test_the_audit_entry_knows_the_request(client_as, new_session):
    from sqlmodel import select

    from db.tables import AuditEntry

    client = client_as(Role.LIAISON)
    client.post("/api/v1/accounts/zhang/disable", headers={"X-Request-ID": "abcdef0123456789"})
    with new_session() as session:
        entry = session.exec(select(AuditEntry)).one()
    assert (entry.error_code, entry.request_id, entry.source) == ("permission_denied", "abcdef0123456789", "testclient")
