"""Signing in, staying in, getting out: over HTTP, against the real tables."""

from datetime import timedelta

import pytest
from sqlmodel import select

from api.deps import CSRF_HEADER
from api.security import FailureLimit
from db.tables import AuditEntry, Person, SignInLink, UserSession
from domain.permissions import Role
from services import passwords
from services.secrets import digest_of

PASSWORD = "Tea-house-47"
STORED = passwords.hash_password(PASSWORD)


@pytest.fixture
def zhang(directory):
    return directory.person("zhang", ("江北市商务局", Role.LIAISON), name="张三", password_hash=STORED)


def sign_in(client, login="zhang", password=PASSWORD):
    answer = client.post("/api/v1/auth/session", json={"login": login, "password": password})
    if answer.status_code == 201:
        client.csrf_token = answer.json()["csrf_token"]
    return answer


def test_signing_in_gives_a_cookie_that_scripts_cannot_read(anonymous, zhang, new_session):
    answer = sign_in(anonymous)
    assert answer.status_code == 201
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    secret = anonymous.cookies["dudao_session"]
    assert secret not in answer.text
    with new_session() as session:
        stored = session.exec(select(UserSession)).one()
    assert stored.token_hash == digest_of(secret)
    assert anonymous.get("/api/v1/accounts/me").json()["name"] == "张三"


def test_over_tls_the_cookie_is_secure_and_bound_to_the_host(anonymous, zhang):
    anonymous.base_url = "https://testserver"
    answer = sign_in(anonymous)
    assert answer.headers["set-cookie"].startswith("__Host-dudao_session=")
    assert "secure" in answer.headers["set-cookie"].lower()
    assert answer.headers["strict-transport-security"]
    assert anonymous.get("/api/v1/accounts/me").status_code == 200


def test_unknown_wrong_disabled_and_locked_get_the_same_answer(anonymous, zhang, directory, clock, new_session):
    directory.person("li", password_hash=STORED, disabled_at=clock.now())
    directory.person("wang", password_hash=STORED, locked_until=clock.now() + timedelta(hours=1))
    directory.person("zhao")
    answers = [
        sign_in(anonymous, login, password)
        for login, password in [
            ("nobody", PASSWORD),
            ("zhang", "wrong"),
            ("li", PASSWORD),
            ("wang", PASSWORD),
            ("zhao", PASSWORD),
        ]
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.json()["detail"] for answer in answers}) == 1
    assert {answer.json()["code"] for answer in answers} == {"sign_in_failed"}
    with new_session() as session:
        refused = session.exec(select(AuditEntry.error_code).where(AuditEntry.command == "SignIn")).all()
    assert refused == ["sign_in_failed"] * 5


def test_every_way_of_failing_costs_one_hash(anonymous, zhang, directory, clock, monkeypatch):
    directory.person("li", password_hash=STORED, disabled_at=clock.now())
    hashed = []
    verify = passwords.verify_password

    def counted(stored, password):
        hashed.append(stored)
        return verify(stored, password)

    monkeypatch.setattr(passwords, "verify_password", counted)
    for login in ("nobody", "zhang", "li"):
        sign_in(anonymous, login, "wrong")
    assert len(hashed) == 3


def test_repeated_failures_lock_for_a_growing_while(anonymous, zhang, clock):
    def try_(password):
        return sign_in(anonymous, password=password).status_code

    assert [try_("wrong") for _ in range(5)] == [401] * 5
    assert try_(PASSWORD) == 401
    clock.advance(seconds=61)
    assert try_("wrong") == 401
    clock.advance(seconds=61)
    assert try_(PASSWORD) == 401
    clock.advance(seconds=61)
    assert try_(PASSWORD) == 201


def test_a_success_forgives_the_failures_before(anonymous, zhang, new_session):
    for _ in range(4):
        sign_in(anonymous, password="wrong")
    assert sign_in(anonymous).status_code == 201
    with new_session() as session:
        assert session.get_one(Person, zhang.id).failed_attempts == 0


def test_a_source_that_keeps_failing_is_slowed_down(anonymous, application, zhang):
    at = [0.0]
    application.state.failures = FailureLimit(per_minute=6, burst=2, clock=lambda: at[0])
    assert [sign_in(anonymous, login=f"guess{n}").status_code for n in range(2)] == [401, 401]
    refused = sign_in(anonymous)
    assert refused.status_code == 429
    assert refused.json()["code"] == "too_many_requests"
    assert refused.headers["retry-after"] == "10"
    at[0] += 10
    assert sign_in(anonymous).status_code == 201
    assert sign_in(anonymous).status_code == 201


def test_a_hash_of_older_parameters_is_renewed_at_sign_in(anonymous, directory, new_session):
    from argon2 import PasswordHasher

    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    person = directory.person("old", password_hash=old)
    assert sign_in(anonymous, "old").status_code == 201
    with new_session() as session:
        renewed = session.get_one(Person, person.id).password_hash
    assert renewed != old
    assert not passwords.needs_rehash(renewed)
    assert sign_in(anonymous, "old").status_code == 201


def test_signing_in_again_ends_the_session_the_browser_had(anonymous, zhang):
    sign_in(anonymous)
    first = anonymous.cookies["dudao_session"]
    sign_in(anonymous)
    assert anonymous.cookies["dudao_session"] != first
    anonymous.cookies.clear()
    anonymous.cookies.set("dudao_session", first)
    assert anonymous.get("/api/v1/accounts/me").status_code == 401


def test_signing_out_ends_the_session_on_the_server(anonymous, zhang):
    sign_in(anonymous)
    secret = anonymous.cookies["dudao_session"]
    assert anonymous.delete("/api/v1/auth/session").status_code == 204
    assert "dudao_session" not in anonymous.cookies
    anonymous.cookies.set("dudao_session", secret)
    assert anonymous.get("/api/v1/accounts/me").status_code == 401


def test_a_session_ends_when_it_is_not_used(anonymous, zhang, clock):
    sign_in(anonymous)
    for _ in range(3):
        clock.advance(minutes=59)
        assert anonymous.get("/api/v1/accounts/me").status_code == 200
    clock.advance(minutes=61)
    assert anonymous.get("/api/v1/accounts/me").status_code == 401


def test_a_session_ends_however_much_it_is_used(anonymous, zhang, clock):
    sign_in(anonymous)
    for _ in range(14):
        clock.advance(minutes=50)
        assert anonymous.get("/api/v1/accounts/me").status_code == 200
    clock.advance(minutes=50)
    assert anonymous.get("/api/v1/accounts/me").status_code == 401


def test_noting_the_use_of_a_session_leaves_no_audit_entry(anonymous, zhang, clock, new_session):
    sign_in(anonymous)
    clock.advance(minutes=30)
    anonymous.get("/api/v1/accounts/me")
    with new_session() as session:
        assert session.exec(select(UserSession.last_seen_at)).one() == clock.now()
        assert session.exec(select(AuditEntry.command)).all() == ["SignIn"]


@pytest.mark.parametrize("token", [None, "", "wrong", "短"])
def test_a_write_with_the_cookie_needs_the_csrf_token(client_as, token):
    client = client_as(Role.LIAISON)
    csrf, client.csrf_token = client.csrf_token, None
    headers = {} if token is None else {CSRF_HEADER: token.encode()}
    refused = client.post("/api/v1/accounts/me/tokens", json={"name": "x"}, headers=headers)
    assert refused.status_code == 403
    assert refused.json()["code"] == "csrf_failed"
    assert client.get("/api/v1/accounts/me/tokens").json() == []
    allowed = client.post("/api/v1/accounts/me/tokens", json={"name": "x"}, headers={CSRF_HEADER: csrf})
    assert allowed.status_code == 201


def test_secrets_are_in_no_audit_entry_and_no_idempotency_row(anonymous, zhang, new_session):
    from db.tables import IdempotencyKey

    key = {"Idempotency-Key": "once"}
    anonymous.post("/api/v1/auth/session", json={"login": "zhang", "password": PASSWORD}, headers=key)
    anonymous.csrf_token = anonymous.get("/api/v1/accounts/me").json()["csrf_token"]
    made = anonymous.post("/api/v1/accounts/me/tokens", json={"name": "x"}, headers=key).json()
    with new_session() as session:
        entries = [entry.payload for entry in session.exec(select(AuditEntry))]
        answers = [row.response for row in session.exec(select(IdempotencyKey))]
    written = str(entries) + str(answers)
    for secret in (PASSWORD, anonymous.cookies["dudao_session"], made["secret"], anonymous.csrf_token):
        assert secret not in written


@pytest.fixture
def link(client_as, directory):
    """The secret of a link for somebody who never signed in."""
    directory.person("qian", ("江北市财政局", Role.LIAISON), name="钱七", phone="13800001111")
    admin = client_as(Role.SECURITY_ADMIN)
    [issued] = admin.post("/api/v1/accounts/invitations", json={"logins": ["qian"]}).json()
    assert (issued["login"], issued["purpose"]) == ("qian", "first_sign_in")
    assert issued["url"].startswith("http://dudao.test/links/")
    return issued["url"].replace("http://dudao.test/links", "/api/v1/auth/links")


def test_a_first_sign_in_by_link_works_once(anonymous, link, new_session):
    assert anonymous.get(link).json() == {
        "name": "钱七",
        "login": "qian",
        "purpose": "first_sign_in",
        "expires_at": "2026-03-13T01:00:00Z",
    }
    assert anonymous.get(link).status_code == 200
    assert anonymous.post(link, json={"password": PASSWORD}).status_code == 201
    assert anonymous.get("/api/v1/accounts/me").json()["login"] == "qian"
    again = anonymous.post(link, json={"password": "Another-one-48"})
    assert (again.status_code, again.json()["code"]) == (422, "link_unusable")
    assert sign_in(anonymous, "qian").status_code == 201
    with new_session() as session:
        assert link.rpartition("/")[2].encode() not in session.exec(select(SignInLink.token_hash)).one()


def test_a_link_expires(anonymous, link, clock):
    clock.advance(days=3)
    assert anonymous.get(link).json()["code"] == "link_unusable"
    assert anonymous.post(link, json={"password": PASSWORD}).json()["code"] == "link_unusable"


def test_a_weak_password_leaves_the_link_usable(anonymous, link):
    for weak in ("short", "Qian-13800001111"):
        refused = anonymous.post(link, json={"password": weak})
        assert (refused.status_code, refused.json()["code"]) == (422, "weak_password")
    assert anonymous.post(link, json={"password": PASSWORD}).status_code == 201


def test_a_newer_link_takes_the_place_of_the_older(anonymous, link, client_as):
    admin = client_as(Role.SECURITY_ADMIN, login="admin2")
    newer = admin.post("/api/v1/accounts/qian/reset").json()
    assert newer["purpose"] == "reset"
    assert anonymous.get(link).status_code == 422
    assert anonymous.get(newer["url"].replace("http://dudao.test/links", "/api/v1/auth/links")).status_code == 200


def test_a_reset_ends_whatever_was_open(anonymous, zhang, client_as):
    sign_in(anonymous)
    token = anonymous.post("/api/v1/accounts/me/tokens", json={"name": "x"}).json()["secret"]
    link = client_as(Role.SECURITY_ADMIN).post("/api/v1/accounts/zhang/reset").json()["url"]
    assert anonymous.get("/api/v1/accounts/me").status_code == 200
    anonymous.cookies.clear()
    anonymous.post(link.replace("http://dudao.test/links", "/api/v1/auth/links"), json={"password": "Mountain-view-9"})
    anonymous.cookies.clear()
    bearer = {"Authorization": f"Bearer {token}"}
    assert anonymous.get("/api/v1/accounts/me", headers=bearer).status_code == 401
    assert sign_in(anonymous).status_code == 401
    assert sign_in(anonymous, password="Mountain-view-9").status_code == 201


def test_guessing_links_is_slowed_down(anonymous, application):
    application.state.failures = FailureLimit(per_minute=6, burst=1, clock=lambda: 0.0)
    path = f"/api/v1/auth/links/{'x' * 43}"
    assert anonymous.get(path).status_code == 422
    assert anonymous.get(path).status_code == 429
