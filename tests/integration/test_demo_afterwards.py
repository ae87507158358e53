"""After the play the clock goes on: who is late is told, mails lie on disk, and doing it again tells nobody twice."""

import email
import email.policy
from datetime import timedelta

import pytest

from app.demo.afterwards import let_time_pass
from app.demo.stage import SOURCE
from app.settings import Settings
from db.session import make_sessions
from db.tables import Person
from domain.items import DeadlineKind
from services.executor import RequestInfo
from services.items import NewDeadline
from services.work_items import CompleteWorkItem
from tests.conftest import FixedClock
from tests.world import build_world


@pytest.fixture
def world(committed_db, engine):
    """An item that was issued and that nobody signed for, and people with addresses."""
    world = build_world(make_sessions(engine), FixedClock())
    with world.sessions() as session:
        for actor in world.people.values():
            session.get_one(Person, actor.id).email = f"{actor.name}@binhai.example"
        session.commit()
    due = NewDeadline(phrase="3月20日前", kind=DeadlineKind.BY_DATE, on_date=world.clock.at.date() + timedelta(days=10))
    work = world.open_work(world.item(deadlines=(due,)), "issue")[0]
    command = CompleteWorkItem(work_item_id=work.id, seen_version=work.version)
    world.executor.execute(command, actor=world.clerk, request=RequestInfo(source=SOURCE))
    world.clock.advance(days=25)
    return world


def test_who_is_late_is_told_once_and_the_mail_lies_on_disk(world, tmp_path):
    settings = Settings(data_dir=tmp_path)
    first = let_time_pass(world.executor, settings, tmp_path)
    assert {"催办", "升级", "提醒"} <= {told.kind for told in first.told}
    assert all(first.start < told.at <= first.end for told in first.told)
    mails = [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in first.folder.iterdir()
    ]
    assert len(mails) == first.mails > 0
    assert any("督办升级" in mail["Subject"] for mail in mails)
    again = let_time_pass(world.executor, settings, tmp_path)
    assert (again.mails, len(again.told)) == (0, len(first.told))
