"""Every route, every role: who is let in, and that nobody else is."""

import re
from typing import Any, cast

import pytest

from api.main import create_app
from domain.permissions import Role
from tests.api.access import ACCESS, NO_ID

METHODS = {"get", "put", "post", "delete", "patch"}
OPERATIONS = {
    f"{method.upper()} {path}"
    for path, methods in create_app(cast("Any", None)).openapi()["paths"].items()
    for method in methods
    if method in METHODS
}
REFUSED = {403, 404}
_SAMPLES = {
    "day": "2026-05-08",
    "valid_from": "2026-05-01",
    "year": "2026",
    "session_id": "0123456789abcdef",
    "secret": "x" * 43,
    "login": "nobody-has-this",
}


def test_every_operation_says_who_is_let_in():
    assert set(ACCESS) == OPERATIONS


def ask(client, operation):
    method, path = operation.split(" ")
    access = ACCESS[operation]
    path = re.sub(r"\{(\w+)\}", lambda match: _SAMPLES.get(match[1], NO_ID), path)
    options: dict[str, Any] = {"params": access.query, "headers": dict(access.headers)}
    if access.body is not None:
        options["json"] = access.body
    if access.content is not None:
        options["content"] = access.content
        options["headers"]["Content-Type"] = "application/octet-stream"
    return client.request(method, path, **options)


@pytest.mark.parametrize("operation", sorted(operation for operation in ACCESS if ACCESS[operation].roles is not None))
def test_nobody_gets_in_without_signing_in(anonymous, operation):
    answer = ask(anonymous, operation)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("operation", sorted(operation for operation in ACCESS if ACCESS[operation].roles is None))
def test_what_is_open_to_everybody_does_not_ask_who_they_are(anonymous, operation):
    answer = ask(anonymous, operation)
    if operation == "GET /api/v1/health":
        assert answer.status_code == 200
    else:
        assert answer.status_code in {401, 404, 422}
        assert answer.json()["code"] in {"feed_unknown", "link_unusable", "sign_in_failed"}


@pytest.mark.parametrize("role", Role)
def test_each_role_gets_in_where_it_may_and_nowhere_else(client_as, role):
    client = client_as(role)
    wrong = {}
    for operation, access in ACCESS.items():
        if access.roles is None or operation == "DELETE /api/v1/auth/session":
            continue
        answer = ask(client, operation)
        code = answer.json().get("code") if answer.status_code >= 400 else None
        denied = code in {"permission_denied", "no_role", "not_signed_in", "csrf_failed"}
        if (role in access.roles and denied) or (role not in access.roles and answer.status_code not in REFUSED):
            wrong[operation] = (answer.status_code, code)
    assert wrong == {}


def test_somebody_whose_roles_have_ended_reaches_only_what_is_their_own(application, directory, anonymous):
    person = directory.person("left")
    anonymous.csrf_token = directory.signed_in(person.id, "secret-of-left")
    anonymous.cookies.set("dudao_session", "secret-of-left")
    answers = {
        operation: ask(anonymous, operation).status_code
        for operation, access in ACCESS.items()
        if access.roles is not None and operation != "DELETE /api/v1/auth/session"
    }
    let_in = {operation for operation, status in answers.items() if status not in REFUSED}
    assert let_in == {"GET /api/v1/accounts/me", "GET /api/v1/accounts/me/sessions"}
    assert ask(anonymous, "DELETE /api/v1/auth/session").status_code == 204
