"""Bad input as a client sends it: each gets its status, its code and a sentence, and nothing is lost or half there."""

import threading
from uuid import uuid4

import anyio
import pytest
from sqlmodel import select

from api.deps import CSRF_HEADER
from db.session import make_sessions
from db.tables import Item, TaskList
from domain.permissions import Role
from domain.units import UnitKind
from importers.readers.limits import MAX_FILE_BYTES
from tests.unit.importers.documents import saved, word
from tests.unit.importers.readers.test_detect import REFUSED, macro, pdf
from tests.world import build_world

OFFICE = "江北市联席会议办公室"
ROWS = [
    ["序号", "任务", "牵头单位", "完成时限"],
    ["1", "开通两条便民公交线路", "江北市交通局", "2026年6月底前"],
]
GOOD = saved(word("江北市重点任务清单", rows=ROWS))


@pytest.fixture
def new_session(committed_db, engine):
    """Sessions that truly commit: an import reads and writes on two connections, and people act at once."""
    return make_sessions(engine)


@pytest.fixture
def clerk(client_as, directory):
    directory.unit(OFFICE, UnitKind.OFFICE)
    return client_as(Role.OFFICE_STAFF, unit=OFFICE)


@pytest.fixture
def office_id(directory):
    return str(directory.unit(OFFICE, UnitKind.OFFICE).id)


def send(client, office_id, data, name="清单.docx", **headers):
    return client.post(
        "/api/v1/lists",
        params={"name": name, "office_unit_id": office_id},
        content=data,
        headers={"Content-Type": "application/octet-stream", **headers},
    )


def stored(new_session):
    with new_session() as session:
        return len(session.exec(select(TaskList.id)).all()), len(session.exec(select(Item.id)).all())


def test_every_file_that_is_no_importable_document_is_refused_and_the_next_one_is_imported(
    clerk, office_id, new_session
):
    """Not a document, encrypted, scanned, a bomb, with macros, with external entities, and all others."""
    for case, (data, error) in REFUSED.items():
        answer = send(clerk, office_id, data)
        assert (answer.status_code, answer.json()["code"]) == (422, error.code), case
        assert "清单.docx" in answer.json()["detail"], case
    assert stored(new_session) == (0, 0)
    taken = send(clerk, office_id, GOOD)
    assert (taken.status_code, taken.json()["items"]) == (201, 1)


def head(client, path, query, **headers):
    """The ASGI scope of a request of this client whose body the test sends by hand."""
    sent = {"cookie": f"dudao_session={client.cookies['dudao_session']}", CSRF_HEADER: str(client.csrf_token)} | headers
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": query.encode(),
        "scheme": "http",
        "server": ("testserver", 80),
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
    }


def exchange(application, scope, chunks):
    """Send `chunks` as they are asked for; the statuses answered, and how many bytes were taken."""
    taken, statuses = 0, []

    async def receive():
        nonlocal taken
        message = next(chunks)
        taken += len(message.get("body", b""))
        return message

    async def answer(message):
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    anyio.run(application, scope, receive, answer)
    return statuses, taken


def without_end():
    while True:
        yield {"type": "http.request", "body": bytes(1024 * 1024), "more_body": True}


@pytest.mark.parametrize("declared", ["314572800", "10", None])
def test_a_document_of_300_megabytes_is_refused_declared_and_lying(
    application, clerk, office_id, new_session, declared
):
    lengths = {} if declared is None else {"content-length": declared}
    scope = head(clerk, "/api/v1/lists", f"name=a.docx&office_unit_id={office_id}", **lengths)
    statuses, taken = exchange(application, scope, without_end())
    assert statuses == [413]
    assert taken <= MAX_FILE_BYTES + 2 * 1024 * 1024
    assert stored(new_session) == (0, 0)


def test_an_import_that_is_cut_off_leaves_nothing_and_may_be_sent_again(application, clerk, office_id, new_session):
    def half():
        yield {"type": "http.request", "body": GOOD[: len(GOOD) // 2], "more_body": True}
        while True:
            yield {"type": "http.disconnect"}

    scope = head(
        clerk,
        "/api/v1/lists",
        f"name=a.docx&office_unit_id={office_id}",
        **{"content-length": str(len(GOOD)), "content-type": "application/octet-stream"},
    )
    statuses, _ = exchange(application, scope, half())
    assert 201 not in statuses
    assert stored(new_session) == (0, 0)
    assert send(clerk, office_id, GOOD).status_code == 201


NAMES = {
    "../../etc/清单.docx": "清单.docx",
    "C:\\公文\\清单.docx": "清单.docx",
    "/etc/passwd": "passwd",
    "清\u202e单\r\n.docx": "清单.docx",
}


def test_a_name_with_path_characters_is_kept_without_them(clerk, office_id, new_session):
    for number, name in enumerate(NAMES):
        document = saved(word(f"江北市重点任务清单（{number}）", rows=ROWS))
        assert send(clerk, office_id, document, name).status_code == 201
    with new_session() as session:
        kept = session.exec(select(TaskList.source_name)).all()
    assert sorted(map(str, kept)) == sorted(NAMES.values())


def test_a_repeated_import_is_answered_again_and_done_once(clerk, office_id, new_session):
    key = {"Idempotency-Key": str(uuid4())}
    first = send(clerk, office_id, GOOD, **key)
    assert send(clerk, office_id, GOOD, **key).json() == first.json()
    other = send(clerk, office_id, saved(word("另一份文件")), **key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")
    same = send(clerk, office_id, GOOD)
    assert (same.json()["id"], same.json()["already"]) == (first.json()["id"], True)
    assert stored(new_session) == (1, 1)


@pytest.fixture
def step(container, new_session, clock, application, directory):
    """A client of the person who is to issue an item, the address of that step, and the world."""
    from tests.api.conftest import ApiClient

    world = build_world(new_session, clock)
    item_id = world.item()
    [work] = world.open_work(item_id, "issue")
    client = ApiClient(application, raise_server_exceptions=False)
    client.csrf_token = directory.signed_in(world.clerk.id, "secret-of-the-clerk")
    client.cookies.set("dudao_session", "secret-of-the-clerk")
    return client, f"/api/v1/work-items/{work.id}/complete", world, item_id


def test_a_stale_version_is_refused_and_says_what_changed(step):
    client, address, world, item_id = step
    refused = client.post(address, json={"seen_version": 7})
    assert (refused.status_code, refused.json()["code"]) == (409, "stale_version")
    assert refused.json()["facts"] == {"seen": 7, "current": 1}
    assert "第7版" in refused.json()["detail"]
    assert world.status(item_id) == "registered"


def test_a_repeated_step_is_answered_again_and_a_second_person_is_told_who_did_it(step):
    client, address, world, item_id = step
    key = {"Idempotency-Key": str(uuid4())}
    first = client.post(address, json={"seen_version": 1}, headers=key)
    again = client.post(address, json={"seen_version": 1}, headers=key)
    assert (first.status_code, again.json()) == (200, first.json())
    late = client.post(address, json={"seen_version": 1})
    assert (late.status_code, late.json()["code"]) == (409, "work_item_closed")
    assert world.clerk.name in late.json()["detail"]
    assert len(world.open_work(item_id, "sign_for")) == 1


HOSTILE = ["__import__('os')", "{{7*7}}", "'; DROP TABLE item; --", "\u0000", "=cmd|'/c calc'!A1", "x" * 100_000]


def test_hostile_words_in_a_decision_or_form_are_words(step):
    client, address, world, item_id = step
    bodies = [
        body
        for text in HOSTILE
        for body in ({"decision": text}, {"form": {"progress": text}}, {"form": {text[:50]: 1}}, {"return_to": text})
    ]
    for body in bodies:
        answer = client.post(address, json={"seen_version": 1, **body})
        assert answer.status_code in {200, 409, 422}, (body, answer.json())
        assert answer.status_code == 200 or answer.json()["detail"]
    assert world.status(item_id) in {"registered", "issued"}


def test_of_two_people_who_complete_one_step_at_once_one_does_and_the_other_is_told(step):
    client, address, world, item_id = step
    barrier, answers = threading.Barrier(2), []

    def press():
        barrier.wait()
        answers.append(client.post(address, json={"seen_version": 1}))

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done, late = sorted(answers, key=lambda answer: answer.status_code)
    assert (done.status_code, late.status_code, late.json()["code"]) == (200, 409, "work_item_closed")
    assert len(world.open_work(item_id, "sign_for")) == 1


def test_encrypted_scanned_and_macro_documents_say_what_to_do(clerk, office_id):
    advice = {
        data: send(clerk, office_id, data).json()["detail"] for data in (pdf(password="x"), pdf(), macro(), b"\x00\x01")
    }
    assert len(set(advice.values())) == len(advice)
    assert all("请" in sentence for sentence in advice.values())
