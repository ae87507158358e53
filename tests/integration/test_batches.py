from uuid import uuid4

import pytest

from bpmn.bundle import Bundle
from domain.errors import NotFound, PermissionDenied, Unavailable
from domain.permissions import OPERATOR
from domain.process_errors import ModelRefused
from services.batches import each
from services.executor import RequestInfo
from services.items import StopItem
from services.publishing import PublishModel


def stops(*item_ids):
    return [
        (item_id, StopItem(item_id=item_id, seen_version=1, message="withdraw", reason="重复")) for item_id in item_ids
    ]


def test_one_that_is_refused_does_not_stop_the_others(world):
    first, missing, last = world.item(), uuid4(), world.item()
    found = list(each(world.executor, stops(first, missing, last), actor=world.head, request=RequestInfo()))
    assert [f.subject_id for f in found] == [first, missing, last]
    assert [f.result for f in found] == ["withdrawn", None, "withdrawn"]
    assert isinstance(found[1].error, NotFound)
    assert world.status(first) == world.status(last) == "withdrawn"


def test_a_repeated_batch_answers_what_was_done_and_does_what_is_missing(world):
    first, second = world.item(), world.item()
    request = RequestInfo(key=uuid4())
    batch = each(world.executor, stops(first, second), actor=world.head, request=request)
    assert next(batch).result == "withdrawn"
    assert world.status(second) == "registered"
    again = list(each(world.executor, stops(first, second), actor=world.head, request=request))
    assert [f.error for f in again] == [None, None]
    assert world.status(second) == "withdrawn"


def test_a_database_that_is_away_ends_the_batch(world, monkeypatch):
    tried = []

    def away(command, **_):
        tried.append(command)
        raise Unavailable("gone")

    monkeypatch.setattr(type(world.executor), "execute", lambda _self, command, **options: away(command, **options))
    with pytest.raises(Unavailable):
        list(each(world.executor, stops(uuid4(), uuid4()), actor=world.head, request=RequestInfo()))
    assert len(tried) == 1


def test_the_same_model_again_is_the_version_it_already_is(world):
    shipped = Bundle.shipped("supervision")
    again = world.do(PublishModel(process="supervision", files=dict(shipped.files)), OPERATOR)
    assert (again.version, again.already) == (1, True)
    changed = {p: c.replace("签收了？".encode(), "是否签收？".encode()) for p, c in shipped.files.items()}
    newer = world.do(PublishModel(process="supervision", files=changed), OPERATOR)
    assert (newer.version, newer.already) == (2, False)


def test_a_model_that_the_linter_refuses_is_not_published(world):
    files = dict(Bundle.shipped("supervision").files)
    files["supervision.bpmn"] = files["supervision.bpmn"].replace(
        b'name="role" value="liaison"', b'name="role" value="x"'
    )
    with pytest.raises(ModelRefused) as refused:
        world.do(PublishModel(process="supervision", files=files), OPERATOR)
    assert refused.value.facts["reason"]
    with pytest.raises(PermissionDenied):
        world.do(PublishModel(process="supervision", files=files), world.clerk)
