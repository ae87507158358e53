"""Issued documents: gapless numbers at signing only, frozen, seen by whom they concern, withdrawn with who has them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from db.file_store import DiskFileStore
from db.tables import Message, Person, Sending
from domain.document_errors import (
    ContentRefused,
    DocumentNotFound,
    DocumentWithdrawn,
    MarkPatternRefused,
    RendererFailed,
    RenderingTookTooLong,
    SeriesUnknown,
)
from domain.documents import DocumentFormat, check_pattern
from domain.errors import PermissionDenied
from domain.messages import message_for
from domain.notices import notice
from domain.permissions import SCHEDULER, Permission, Role
from notifications.rendering import Renderer
from services.documents import Issued, SetSeries, WithdrawDocument, issue_document
from services.hand_over import HandOver, waiting_deliveries
from services.ports import Draughtsman, Storage
from services.printing import printed
from services.queries.documents import document_detail, documents_of_item, list_documents, series_of
from services.queries.inbox import inbox
from services.queries.reading import reading
from services.sendings import BeginSending
from tests.world import World, build_world

CONTENT = {"text": "请按期办结。", "head": {"name": "滨海示范市开放办公室文件"}}


@pytest.fixture
def world(new_session, clock) -> World:
    return build_world(new_session, clock)


class RolledBackError(Exception):
    """What the test throws after the number was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A command as others write them: it signs a document, and may fail after that."""

    office_unit_id: UUID
    series: str = "notice"
    fails: bool = False
    content: Any = field(default=None, metadata={"audit": False})
    options: Any = None

    def execute(self, uow) -> Issued:
        uow.require(Permission.DOCUMENT_SERIES, unit_id=self.office_unit_id)
        issued = issue_document(
            uow,
            series=self.series,
            template="official",
            title="关于报送进展的通知",
            content=self.content or CONTENT,
            office_unit_id=self.office_unit_id,
            **(self.options or {}),
        )
        if self.fails:
            raise RolledBackError
        return issued


def sign(world: World, **options: Any) -> Issued:
    issued: Issued = world.do(Sign(office_unit_id=world.office, options=options), world.clerk)
    return issued


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(attempts=st.lists(st.tuples(st.sampled_from(["notice", "letter"]), st.booleans()), max_size=12))
def test_numbers_have_no_gap_and_no_double_whatever_is_rolled_back(world: World, attempts):
    before = {series: numbers(world, series) for series in ("notice", "letter")}
    for series, fails in attempts:
        command = Sign(office_unit_id=world.office, series=series, fails=fails)
        if fails:
            with pytest.raises(RolledBackError):
                world.do(command, world.clerk)
        else:
            world.do(command, world.clerk)
    for series, had in before.items():
        signed = sum(1 for each, fails in attempts if each == series and not fails)
        assert numbers(world, series) == list(range(1, len(had) + signed + 1))


def numbers(world: World, series: str) -> list[int]:
    with world.sessions() as session, reading(world.executor, world.clerk, sessions=lambda: session) as asked:
        return sorted(row.number for row in list_documents(asked, series=series, limit=200).rows)


def test_many_who_sign_at_once_get_consecutive_numbers(committed_world: World):
    world = committed_world
    start = threading.Barrier(6)

    def signing(worker: int) -> list[int]:
        start.wait()
        got = []
        for turn in range(5):
            fails = (worker + turn) % 3 == 0
            try:
                got.append(world.do(Sign(office_unit_id=world.office, fails=fails), world.clerk).number)
            except RolledBackError:
                continue
        return got

    with ThreadPoolExecutor(6) as pool:
        given_out = sorted(number for got in pool.map(signing, range(6)) for number in got)
    assert given_out == list(range(1, len(given_out) + 1)) and len(given_out) == 20


def test_a_number_is_counted_for_its_year_its_series_and_its_office(world: World, clock):
    first, second = sign(world), sign(world)
    clock.advance(days=365)
    third = sign(world)
    assert [(each.year, each.number) for each in (first, second, third)] == [(2026, 1), (2026, 2), (2027, 1)]
    assert second.mark == "滨海示范市联席会议办公室督〔2026〕2号"
    world.do(SetSeries(office_unit_id=world.office, key="notice", pattern="滨示督〔{year}〕{number}号"), world.clerk)
    assert sign(world).mark == "滨示督〔2027〕2号"


@pytest.mark.parametrize("pattern", ["滨示督", "{year}", "{number}{place}", "{number", "{number.real}", "{0}{number}"])
def test_a_pattern_that_would_not_number_is_refused(pattern: str):
    with pytest.raises(MarkPatternRefused):
        check_pattern(pattern)


def test_what_was_signed_is_frozen_with_number_date_and_hash(world: World):
    issued = sign(world)
    with reading(world.executor, world.clerk) as asked:
        found = document_detail(asked, issued.id)
    assert found.content["mark"] == issued.mark == found.content["head"]["mark"]
    assert found.content["dated"] == "2026-03-10" and found.content["document_id"] == str(issued.id)
    assert found.sha256 == issued.sha256_of_content.hex()
    assert found.issued_by == world.clerk.name


def test_a_series_that_nobody_knows_and_content_that_is_no_data_are_refused(world: World):
    with pytest.raises(SeriesUnknown):
        world.do(Sign(office_unit_id=world.office, series="letters-of-love"), world.clerk)
    with pytest.raises(ContentRefused):
        world.do(Sign(office_unit_id=world.office, content={"text": object()}), world.clerk)
    assert numbers(world, "notice") == []


def test_who_it_does_not_concern_does_not_see_a_document_that_is_not_public(world: World):
    item_id = world.item()
    world.complete(item_id, "issue")
    liaison, other = world.actor(world.leads[0], Role.LIAISON), world.actor(world.leads[1], Role.LIAISON)
    third = world.actor(world.co_units[0], Role.LIAISON)
    of_item = sign(world, public=False, item_id=item_id, recipients=(world.co_units[0],))
    public = sign(world)
    seen = {}
    for actor in (world.clerk, liaison, other, third):
        with reading(world.executor, actor) as asked:
            seen[actor.name] = {row.id for row in list_documents(asked).rows}
    assert seen[world.clerk.name] == seen[liaison.name] == seen[third.name] == {of_item.id, public.id}
    assert seen[other.name] == {public.id}
    with reading(world.executor, other) as asked, pytest.raises(DocumentNotFound):
        document_detail(asked, of_item.id)
    with reading(world.executor, liaison) as asked:
        assert [row.id for row in documents_of_item(asked, item_id)] == [of_item.id]


def test_a_withdrawn_document_keeps_its_number_and_names_all_who_have_it(world: World):
    issued = sign(world, recipients=world.leads, outside=("北方某市商务局",))
    with pytest.raises(PermissionDenied):
        world.do(WithdrawDocument(document_id=issued.id, reason="数字有误"), world.clerk)
    stranger = world.actor(world.leads[0], Role.UNIT_LEADER)
    with pytest.raises(DocumentNotFound):
        world.do(WithdrawDocument(document_id=issued.id, reason="x"), stranger)
    told = world.do(WithdrawDocument(document_id=issued.id, reason="数字有误"), world.head)
    assert set(told) == {"市牵头甲局", "市牵头乙局", "北方某市商务局"}
    with pytest.raises(DocumentWithdrawn):
        world.do(WithdrawDocument(document_id=issued.id, reason="再撤"), world.head)
    with reading(world.executor, world.clerk) as asked:
        found = document_detail(asked, issued.id)
    assert found.withdrawal_reason == "数字有误" and found.row.withdrawn_at is not None
    assert sign(world).number == issued.number + 1


def test_who_has_a_withdrawn_document_is_told_why_and_the_outside_stands_on_the_list(world: World):
    issued = sign(world, recipients=world.leads[:1], outside=("北方某市商务局",))
    liaison = world.actor(world.leads[0], Role.LIAISON)
    with world.sessions() as session:
        session.get_one(Person, liaison.id).email = "liaison@binhai.example"
        session.commit()
    world.do(WithdrawDocument(document_id=issued.id, reason="数字有误"), world.head)
    with world.sessions() as session:
        ranges = waiting_deliveries(session, world.clock.now(), 10)
    told = sum(world.do(HandOver(batch=each), SCHEDULER).messages for each in ranges)
    with world.sessions() as session:
        messages = session.exec(select(Message).where(Message.topic == "withdrawn")).all()
    people = {world.actor(world.leads[0], role).id for role in (Role.LIAISON, Role.UNIT_LEADER)}
    assert ({each.recipient_id for each in messages}, told) == (people, 2)
    said = notice("withdrawn", messages[0].facts, world.clock.now())
    assert issued.mark in said.headline and "数字有误" in said.reason
    assert ("文件", "关于报送进展的通知") in said.fields
    with world.sessions() as session:
        [mail] = session.exec(select(Sending.id)).all()
    [carried] = world.do(BeginSending(sending_id=mail, host="x"), SCHEDULER).messages
    assert Renderer("https://dudao.example").link(carried) == f"https://dudao.example/documents/{issued.id}"
    with reading(world.executor, liaison) as asked:
        [row] = inbox(asked, unread_only=True, limit=9).rows
        assert (row.path, row.topic) == (f"/documents/{issued.id}", "withdrawn")
        assert document_detail(asked, issued.id).row.withdrawn_at is not None


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (RenderingTookTooLong("x", seconds=60), "document_issued_took_too_long"),
        (RendererFailed("x"), "document_issued_not_drawn"),
    ],
)
def test_an_issued_document_that_is_not_drawn_says_that_it_stands_and_what_to_do(world: World, broken, code, tmp_path):
    """It is frozen: nobody is asked to make it shorter."""

    class Draws:
        def pdf(self, *_given: Any, **_named: Any) -> bytes:
            raise broken

    world.executor.storage = Storage(DiskFileStore(tmp_path), 1024)
    issued = sign(world)
    with reading(world.executor, world.head) as asked, pytest.raises(type(broken)) as refused:
        printed(world.executor, cast("Draughtsman", Draws()), asked, issued.id, DocumentFormat.PDF)
    said = message_for(refused.value)
    assert refused.value.code == code
    assert "已经定稿" in said and "减少内容" not in said


def test_documents_are_found_by_words_year_and_series_page_by_page(world: World):
    issued = [sign(world) for _ in range(3)]
    with reading(world.executor, world.clerk) as asked:
        first = list_documents(asked, text="〔2026〕", series="notice", year=2026, limit=2)
        rest = list_documents(asked, limit=2, after=first.next)
        assert list_documents(asked, year=2025).rows == () == list_documents(asked, text="%").rows
        assert [row.key for row in series_of(asked, world.office)] == ["notice"]
    assert {row.id for row in (*first.rows, *rest.rows)} == {each.id for each in issued}
