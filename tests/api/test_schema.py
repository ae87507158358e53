"""Every operation against its own description: whatever is sent, the answer is one that OpenAPI declares."""

import json
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from api.main import create_app
from domain.permissions import Role
from services.accounts import CreateToken
from services.sign_in import actor_by_login

# What the chunks of an upload are sent as.
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")

METHODS = ("get", "put", "post", "delete", "patch")
# As a client reads it: within the process, sentences of the catalogue are strings of a kind of their own.
DESCRIPTION = json.loads(json.dumps(create_app(cast("Any", None)).openapi()))
# Loaded once: asking each test's own application would draw up the description two hundred times.
SCHEMA = schemathesis.openapi.from_dict(DESCRIPTION)
OPERATIONS = [
    (method, path) for path, methods in DESCRIPTION["paths"].items() for method in METHODS if method in methods
]


@pytest.fixture
def token(container, directory):
    """The secret of a token of somebody who holds every role, which no real person may: every route lets them in."""
    directory.person("all", *(("江北市办公室", role) for role in Role))
    with container.reads() as session:
        actor = actor_by_login(session, "all", now=container.clock.now())
    return container.executor.execute(CreateToken(name="schema"), actor=actor).secret


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{m.upper()} {p}" for m, p in OPERATIONS])
def test_every_answer_is_one_that_is_declared(application, token, method, path):
    SCHEMA.app = application
    headers = {"Authorization": f"Bearer {token}"}

    @settings(
        max_examples=10,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=SCHEMA[path][method].as_strategy())
    def answers_as_described(case):
        # A request may fit its schema and still break a rule of the field, such as a wrong password.
        case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

    answers_as_described()
