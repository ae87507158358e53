"""Bundles: what decides their digest, and what can be asked of them."""

import pytest

from bpmn.bundle import Bundle
from domain.process_errors import ModelRefused
from tests.unit.bpmn.drawing import bundle, end, model, path, start, user

REVIEW = bundle(
    model(
        start(),
        user("draft"),
        user("review", role="unit_leader"),
        end(),
        path("started", "draft", "review", "finished"),
    )
)


def test_the_digest_covers_every_file_and_the_key():
    content = model(start(), user("work"), end(), path("started", "work", "finished"))
    digests = {
        Bundle.of({"a.bpmn": content}, "small_process").digest,
        Bundle.of({"b.bpmn": content}, "small_process").digest,
        Bundle.of({"a.bpmn": content + b" "}, "small_process").digest,
        Bundle.of({"a.bpmn": content, "forms/x.json": b"{}"}, "small_process").digest,
        Bundle.of({"a.bpmn": content}, "other").digest,
    }
    assert len(digests) == 5
    assert Bundle.of({"a.bpmn": content}, "small_process").digest in digests


def test_a_bundle_gives_its_user_tasks_and_forms():
    assert set(REVIEW.user_tasks) == {"draft", "review"}
    assert REVIEW.user_tasks["review"].properties["role"] == "unit_leader"
    form = REVIEW.form("opinion")
    assert form is not None and form["type"] == "object"
    assert REVIEW.form("missing") is None


def test_the_shipped_bundles_carry_what_they_refer_to():
    shipped = Bundle.shipped("supervision")
    wanted = {task.properties["form"] for task in shipped.user_tasks.values()}
    assert {path.removeprefix("forms/").removesuffix(".json") for path in shipped.files if "/" in path} == wanted
    assert Bundle.shipped("supervision").specs is shipped.specs


def test_a_key_that_is_not_shipped_is_refused():
    with pytest.raises(ModelRefused, match="not shipped"):
        Bundle.shipped("no_such_process")


def test_a_bundle_cannot_be_changed():
    with pytest.raises(TypeError):
        REVIEW.files["more.bpmn"] = b""  # type: ignore[index]
    with pytest.raises(TypeError):
        REVIEW.user_tasks["draft"].properties["role"] = "liaison"  # type: ignore[index]
