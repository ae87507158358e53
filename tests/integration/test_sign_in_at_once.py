"""Signing in from several places at the same moment: guesses are counted one by one, a link works once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from bpmn.engine import ProcessEngine
from db.session import make_sessions
from db.tables import Person
from domain.accounts import LOCK_AFTER
from domain.errors import LinkUnusable, SignInFailed
from domain.permissions import ANONYMOUS, OPERATOR
from services import passwords
from services.accounts import RedeemLink, ResetAccount
from services.executor import Executor, RequestInfo
from services.sign_in import SignIn, sign_in

PASSWORD = "Tea-house-47"


@pytest.fixture
def executor(committed_db, engine, clock):
    executor = Executor(make_sessions(engine), clock, ProcessEngine())
    with Session(engine) as session:
        stored = passwords.hash_password(PASSWORD)
        session.add(Person(name="张三", login="zhang", password_hash=stored, created_at=clock.now()))
        session.commit()
    return executor


def outcomes(attempts):
    def run(attempt):
        try:
            attempt()
        except (SignInFailed, LinkUnusable) as error:
            return error.code
        return "ok"

    with ThreadPoolExecutor(len(attempts)) as pool:
        return sorted(pool.map(run, attempts))


def test_guesses_made_at_once_are_counted_one_by_one(executor, engine, clock):
    def guess():
        sign_in(executor, SignIn(login="zhang", password="wrong"), RequestInfo())

    assert outcomes([guess] * (LOCK_AFTER + 4)) == ["sign_in_failed"] * (LOCK_AFTER + 4)
    with Session(engine) as session:
        person = session.exec(select(Person).where(Person.login == "zhang")).one()
    # Those that came after the lock did not even try.
    assert person.failed_attempts == LOCK_AFTER
    assert person.locked_until == clock.now() + timedelta(minutes=1)


def test_a_link_used_twice_at_once_works_once(executor):
    secret = executor.execute(ResetAccount(login="zhang"), actor=OPERATOR).secret
    attempts = [
        lambda new=f"Mountain-view-{n}": executor.execute(RedeemLink(secret=secret, password=new), actor=ANONYMOUS)
        for n in range(4)
    ]
    assert outcomes(attempts) == ["link_unusable"] * 3 + ["ok"]
