"""The pages over HTTP, without a browser: who gets in, what is refused, and what a refusal looks like to whom."""

import re
from urllib.parse import quote

import pytest
from sqlmodel import select

from db.tables import ApiToken, Person
from domain.permissions import Role
from services import passwords
from services.secrets import TOKEN_PREFIX, digest_of, new_secret
from tests.api.conftest import lent

PAGE = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def application(with_pages, container):
    with lent(with_pages, container) as application:
        yield application


@pytest.fixture
def clerk(client_as):
    client = client_as(Role.OFFICE_STAFF, unit="江北市开放办")
    client.headers.update(PAGE)
    client.follow_redirects = False
    return client


@pytest.fixture
def nobody(anonymous):
    anonymous.headers.update(PAGE)
    anonymous.follow_redirects = False
    return anonymous


def fields(page):
    """The hidden fields of the first form that changes something."""
    return dict(re.findall(r'<input type="hidden" name="(csrf_token|request_key)" value="([^"]+)"', page.text))


def test_who_is_not_signed_in_is_led_to_the_sign_in_page_and_back(nobody):
    answer = nobody.get("/todo?scope=unit&text=港口")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=" + quote("/todo?scope=unit&text=" + quote("港口"), safe="")


def test_a_form_that_came_too_late_leads_back_to_its_page_and_not_to_an_address_that_shows_nothing(nobody):
    assert nobody.post("/account", data={}).headers["location"] == "/sign-in?next=%2Faccount"
    assert nobody.post("/todo/batch/run", data={}).headers["location"] == "/sign-in"


def test_htmx_is_told_to_go_to_the_sign_in_page_with_the_page_that_was_shown(nobody):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://dudao.test/todo?kind=sign_for"}
    answer = nobody.get("/todo?kind=x", headers=headers)
    assert answer.headers["hx-redirect"] == "/sign-in?next=%2Ftodo%3Fkind%3Dsign_for"


def test_signing_in_goes_to_a_page_of_ours_only(nobody, directory, new_session):
    person = directory.person("zhang", ("江北市商务局", Role.LIAISON))
    with new_session() as session:
        session.get_one(Person, person.id).password_hash = passwords.hash_password("Tea-house-47")
        session.commit()
    for wanted, place in (("/account", "/account"), ("//elsewhere.example", "/"), ("", "/")):
        sent = {"login": "zhang", "password": "Tea-house-47", "next": wanted}
        answer = nobody.post("/sign-in", data=sent)
        assert (answer.status_code, answer.headers["location"]) == (303, place)
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite=lax" in cookie
    refused = nobody.post("/sign-in", data={"login": "zhang", "password": "wrong-password"})
    assert refused.status_code in {303, 422}


def test_a_token_opens_no_page(anonymous, client_as, new_session, clock):
    client_as(Role.LIAISON, login="qian")
    secret = new_secret(TOKEN_PREFIX)
    with new_session() as session:
        person = session.exec(select(Person).where(Person.login == "qian")).one()
        expires_at = clock.now().replace(year=2027)
        session.add(
            ApiToken(
                token_hash=digest_of(secret),
                person_id=person.id,
                name="x",
                created_at=clock.now(),
                expires_at=expires_at,
            )
        )
        session.commit()
    bearer = {"Authorization": f"Bearer {secret}"}
    assert anonymous.get("/api/v1/accounts/me", headers=bearer).status_code == 200
    assert anonymous.get("/todo", headers=bearer | PAGE, follow_redirects=False).status_code == 303


def test_nothing_is_done_without_the_token_of_the_session(clerk):
    clerk.csrf_token = None
    sent = {"name": "x", "query": "scope=all"}
    refused = clerk.post("/todo/filters", data=sent)
    assert refused.status_code == 403
    assert "页面过期" in refused.text and refused.headers["content-type"].startswith("text/html")
    page = clerk.get("/todo?scope=all")
    assert clerk.post("/todo/filters", data=sent | fields(page)).status_code == 303
    assert "/todo?scope=all" in clerk.get("/todo").text


def test_a_form_that_is_sent_twice_is_carried_out_once(clerk):
    hidden = fields(clerk.get("/todo?scope=all"))
    sent = hidden | {"name": "甲", "query": "scope=all"}
    first, second = (clerk.post("/todo/filters", data=sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    # Corrected and sent from the same page, it is another request.
    assert clerk.post("/todo/filters", data=sent | {"name": "乙"}).status_code == 303
    assert {"甲", "乙"} <= set(re.findall(r">(甲|乙)</a>", clerk.get("/todo").text))


def test_a_refusal_is_a_page_for_people_and_a_problem_document_for_programs(clerk):
    page = clerk.get("/nowhere")
    assert page.status_code == 404 and "没有这一页" in page.text
    problem = clerk.get("/nowhere", headers={"Accept": "application/json"})
    assert problem.headers["content-type"] == "application/problem+json"
    assert clerk.get("/api/v1/nowhere").headers["content-type"] == "application/problem+json"
    note = clerk.get("/nowhere", headers={"HX-Request": "true"})
    assert note.headers["hx-retarget"] == "#notice" and "<html" not in note.text


def test_an_unexpected_error_shows_its_number_and_not_its_text(clerk, application):
    @application.get("/broken")
    def broken() -> None:
        raise RuntimeError("what nobody should read")

    answer = clerk.get("/broken")
    assert answer.status_code == 500
    assert "what nobody should read" not in answer.text
    assert answer.headers["x-request-id"][:8] in answer.text


def test_pages_are_kept_nowhere_and_static_files_for_ever(clerk, application):
    page = clerk.get("/todo")
    assert page.headers["cache-control"] == "no-store"
    [address] = re.findall(r'href="(/static/[0-9a-f]{12}/css/base\.css)"', page.text)
    sheet = clerk.get(address)
    assert sheet.headers["cache-control"].endswith("immutable") and sheet.headers["content-encoding"] == "gzip"
    assert "content-security-policy" in sheet.headers
    assert clerk.get(address.replace(application.state.templates.static.digest, "0" * 12)).status_code == 404


def test_no_page_has_anything_inline(clerk):
    for path in ("/todo", "/done", "/account", "/sign-in", "/nowhere"):
        text = clerk.get(path, follow_redirects=True).text
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text), path
        assert not re.search(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)", text), path


def test_the_language_is_chosen_by_a_cookie(clerk):
    answer = clerk.post("/language/en", data={"next": "/todo"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/todo")
    page = clerk.get("/todo")
    assert '<html lang="en">' in page.text and "Work list" in page.text
    assert clerk.post("/language/xx", data={}).status_code == 404
    clerk.post("/language/zh", data={"next": "/todo"})
    assert '<html lang="zh-CN">' in clerk.get("/todo").text


def test_a_notice_that_is_none_is_not_shown(clerk):
    clerk.cookies.set("dudao_notice", "not-a-notice")
    assert clerk.get("/todo").status_code == 200


def test_administrators_have_a_first_page_and_no_work_list_in_their_way(client_as):
    for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
        client = client_as(role, login=f"first-{role}")
        page = client.get("/", headers=PAGE)
        assert page.status_code == 200 and 'href="/todo"' not in page.text
