"""One's own account, personal tokens, and what a security administrator does with others' accounts."""

from datetime import date, datetime

import pytest
from sqlmodel import select

from db.tables import ApiToken, Delivery, Person, SignInLink, UnitMember
from domain.calendar import LOCAL
from domain.permissions import Role
from services import passwords
from services.secrets import digest_of

PASSWORD = "Tea-house-47"
STORED = passwords.hash_password(PASSWORD)


@pytest.fixture
def zhang(client_as, directory, new_session):
    """A liaison with a password, signed in."""
    client = client_as(Role.LIAISON, login="zhang")
    with new_session() as session:
        person = session.exec(select(Person).where(Person.login == "zhang")).one()
        person.password_hash, person.name, person.phone = STORED, "张三", "13800001111"
        session.commit()
    return client


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


def test_me_tells_roles_and_permissions(zhang):
    me = zhang.get("/api/v1/accounts/me").json()
    assert (me["name"], me["login"], me["csrf_token"]) == ("张三", "zhang", zhang.csrf_token)
    assert [(role["unit"], role["role"], role["deputy"]) for role in me["roles"]] == [
        ("江北市商务局", "liaison", False)
    ]
    assert "work_item:complete" in me["permissions"]
    assert "item:issue" not in me["permissions"]
    assert "password" not in str(me).replace("password_changed_at", "")


def test_a_role_ends_at_midnight_in_the_office_and_not_in_greenwich(zhang, anonymous, new_session, clock):
    with new_session() as session:
        session.exec(select(UnitMember)).one().valid_to = date(2026, 3, 10)
        session.commit()
    headers = bearer(zhang.post("/api/v1/accounts/me/tokens", json={"name": "x"}).json()["secret"])
    clock.at = datetime(2026, 3, 10, 23, 59, tzinfo=LOCAL)
    assert anonymous.get("/api/v1/accounts/me", headers=headers).json()["roles"]
    assert anonymous.get("/api/v1/units", headers=headers).status_code == 200
    clock.advance(minutes=1)
    assert anonymous.get("/api/v1/accounts/me", headers=headers).json()["roles"] == []
    assert anonymous.get("/api/v1/units", headers=headers).json()["code"] == "no_role"


def test_changing_the_password_ends_the_other_sessions(zhang, directory, application):
    from tests.api.conftest import ApiClient

    elsewhere = ApiClient(application)
    elsewhere.post("/api/v1/auth/session", json={"login": "zhang", "password": PASSWORD})
    sessions = zhang.get("/api/v1/accounts/me/sessions").json()
    assert [each["current"] for each in sessions] == [False, True] or [each["current"] for each in sessions] == [
        True,
        False,
    ]
    refused = zhang.put("/api/v1/accounts/me/password", json={"current": "wrong", "new": "Mountain-view-9"})
    assert (refused.status_code, refused.json()["code"]) == (422, "wrong_password")
    weak = zhang.put("/api/v1/accounts/me/password", json={"current": PASSWORD, "new": "Zhang-13800001111"})
    assert (weak.status_code, weak.json()["facts"]["problem"]) == (422, "about_you")
    assert (
        zhang.put("/api/v1/accounts/me/password", json={"current": PASSWORD, "new": "Mountain-view-9"}).status_code
        == 204
    )
    assert zhang.get("/api/v1/accounts/me").status_code == 200
    assert elsewhere.get("/api/v1/accounts/me").status_code == 401
    for password, status in ((PASSWORD, 401), ("Mountain-view-9", 201)):
        answer = elsewhere.post("/api/v1/auth/session", json={"login": "zhang", "password": password})
        assert answer.status_code == status


def test_a_session_forgotten_elsewhere_can_be_ended(zhang, application):
    from tests.api.conftest import ApiClient

    elsewhere = ApiClient(application)
    elsewhere.post("/api/v1/auth/session", json={"login": "zhang", "password": PASSWORD})
    [other] = [each for each in zhang.get("/api/v1/accounts/me/sessions").json() if not each["current"]]
    assert zhang.delete(f"/api/v1/accounts/me/sessions/{other['id']}").status_code == 204
    assert elsewhere.get("/api/v1/accounts/me").status_code == 401
    assert zhang.delete(f"/api/v1/accounts/me/sessions/{other['id']}").status_code == 404


def test_a_token_acts_for_its_person_without_csrf(zhang, anonymous, new_session, clock):
    made = zhang.post("/api/v1/accounts/me/tokens", json={"name": "月报", "days": 30}).json()
    assert made["secret"].startswith("dudao_")
    assert made["expires_at"] == "2026-04-09T01:00:00Z"
    me = anonymous.get("/api/v1/accounts/me", headers=bearer(made["secret"])).json()
    assert (me["login"], me["csrf_token"]) == ("zhang", None)
    refused = anonymous.post("/api/v1/accounts/me/tokens", json={"name": "y"}, headers=bearer(made["secret"]))
    assert (refused.status_code, refused.json()["code"]) == (403, "session_required")
    listed = zhang.get("/api/v1/accounts/me/tokens").json()
    assert {token["name"] for token in listed} == {"月报"}
    assert made["secret"] not in str(listed)
    with new_session() as session:
        token = session.get_one(ApiToken, made["id"])
    assert (token.token_hash, token.last_used_at) == (digest_of(made["secret"]), clock.now())


def test_a_token_ends_when_it_expires(zhang, anonymous, clock):
    secret = zhang.post("/api/v1/accounts/me/tokens", json={"name": "x", "days": 1}).json()["secret"]
    clock.advance(hours=23)
    assert anonymous.get("/api/v1/accounts/me", headers=bearer(secret)).status_code == 200
    clock.advance(hours=1)
    assert anonymous.get("/api/v1/accounts/me", headers=bearer(secret)).status_code == 401


def test_a_token_ends_when_it_is_revoked_and_only_by_its_owner(zhang, anonymous, client_as):
    made = zhang.post("/api/v1/accounts/me/tokens", json={"name": "x"}).json()
    other = client_as(Role.LIAISON, login="li", unit="江北市财政局")
    assert other.delete(f"/api/v1/accounts/me/tokens/{made['id']}").status_code == 404
    assert anonymous.get("/api/v1/accounts/me", headers=bearer(made["secret"])).status_code == 200
    assert zhang.delete(f"/api/v1/accounts/me/tokens/{made['id']}").status_code == 204
    assert anonymous.get("/api/v1/accounts/me", headers=bearer(made["secret"])).status_code == 401


def test_a_wrong_token_is_not_saved_by_a_good_cookie(zhang):
    assert zhang.get("/api/v1/accounts/me", headers=bearer("dudao_wrong")).status_code == 401


def test_disabling_shuts_out_at_once(zhang, anonymous, client_as, new_session):
    secret = zhang.post("/api/v1/accounts/me/tokens", json={"name": "x"}).json()["secret"]
    admin = client_as(Role.SECURITY_ADMIN)
    link = (
        admin.post("/api/v1/accounts/zhang/reset")
        .json()["url"]
        .replace("http://dudao.test/links", "/api/v1/auth/links")
    )
    assert admin.post("/api/v1/accounts/zhang/disable").status_code == 204
    assert zhang.get("/api/v1/accounts/me").status_code == 401
    assert anonymous.get("/api/v1/accounts/me", headers=bearer(secret)).status_code == 401
    assert anonymous.get(link).json()["code"] == "link_unusable"
    credentials = {"login": "zhang", "password": PASSWORD}
    assert anonymous.post("/api/v1/auth/session", json=credentials).status_code == 401
    assert admin.post("/api/v1/accounts/zhang/reset").status_code == 404
    assert admin.post("/api/v1/accounts/zhang/enable").status_code == 204
    # Being let in again revives nothing that was open before.
    assert zhang.get("/api/v1/accounts/me").status_code == 401
    assert anonymous.get("/api/v1/accounts/me", headers=bearer(secret)).status_code == 401
    assert anonymous.post("/api/v1/auth/session", json=credentials).status_code == 201


def test_nobody_disables_their_own_account(client_as):
    admin = client_as(Role.SECURITY_ADMIN, login="admin")
    assert admin.post("/api/v1/accounts/admin/disable").json()["code"] == "own_account"
    assert admin.get("/api/v1/accounts/me").status_code == 200


def test_inviting_everybody_leaves_out_whoever_needs_no_link(client_as, zhang, directory, new_session, clock):
    directory.person("new", ("江北市商务局", Role.ASSESSOR))
    directory.person("gone", ("江北市商务局", Role.ASSESSOR), disabled_at=clock.now())
    directory.person("roleless")
    directory.person(None, ("江北市商务局", Role.ASSESSOR))
    admin = client_as(Role.SECURITY_ADMIN, login="admin")
    issued = admin.post("/api/v1/accounts/invitations", json={}).json()
    # The administrator of this test signed in without a password.
    assert [link["login"] for link in issued] == ["admin", "new"]
    with new_session() as session:
        deliveries = {row.topic for row in session.exec(select(Delivery))}
        assert len(session.exec(select(SignInLink)).all()) == 2
    assert deliveries == {"account_first_sign_in"}
    assert admin.post("/api/v1/accounts/invitations", json={"logins": ["zhang"]}).json() == []
    assert admin.post("/api/v1/accounts/invitations", json={"logins": ["new", "who"]}).status_code == 404
