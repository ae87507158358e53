"""Every address that people are given outside the pages leads to a page that they may see."""

import re
from urllib.parse import urlsplit

import icalendar
from sqlalchemy import select
from sqlmodel import col

from db.tables import Escalation, Message, Person, Sending
from domain.addresses import item_path, step_path
from domain.delivery import Topic
from domain.ladder import SubjectKind
from domain.permissions import SCHEDULER
from notifications.rendering import Renderer
from services.sendings import BeginSending

_ADDRESS = re.compile(r"https?://[^\s\"<>)\]]+")
OUTSIDE = "https://dudao.example.gov.cn"
MOST = 12
"""Sendings of one topic that are tried: the city has hundreds."""


def addresses_in(words):
    """The addresses in everything a message is worded as."""
    said = "\n".join([words.text, words.html, words.brief, words.markdown, words.link])
    found = {address.rstrip("。") for address in _ADDRESS.findall(said.replace("\\", ""))}
    assert all(address.startswith(OUTSIDE) for address in found), found
    return {address.removeprefix(OUTSIDE) or "/" for address in found}


def asked_for(answer, path):
    """The page stands at that very address: neither an error nor somewhere else."""
    assert answer.ok, (path, answer.status)
    assert path == "/" or urlsplit(answer.url).path == path, (path, answer.url)


def test_every_address_in_what_is_sent_is_a_page_its_reader_may_see(site):
    for _ in range(3):
        site.sweep()
    with site.sessions() as session:
        statement = select(col(Sending.id), col(Sending.topic), col(Person.login)).join(
            Person, col(Person.id) == col(Sending.recipient_id)
        )
        # Who never signed in has nothing but the mail that says so.
        statement = statement.where(col(Sending.state) == "queued", col(Person.password_hash).is_not(None))
        waiting = session.execute(statement.order_by(col(Sending.id))).all()
    topics: set[str] = set()
    tried: dict[str, set[tuple[str, str]]] = {}
    for sending_id, topic, login in waiting:
        if len(tried.setdefault(topic, set())) >= MOST:
            continue
        outgoing = site.container.executor.execute(BeginSending(sending_id=sending_id, host="x"), actor=SCHEDULER)
        if outgoing is not None:
            topics |= {carried.topic for carried in outgoing.messages}
            tried[topic] |= {(login, path) for path in addresses_in(Renderer(OUTSIDE).render(outgoing))}
    assert topics >= {Topic.OPENED, Topic.REMINDER, Topic.ESCALATION}, topics
    links = sorted(set().union(*tried.values()))
    assert any(path.startswith("/work/") for _, path in links)
    for login in {login for login, _ in links}:
        reader = site.visitor(login).context.request
        for path in (path for reads, path in links if reads == login):
            asked_for(reader.get(path), path)


def test_a_message_about_a_step_leads_to_the_step_also_from_the_ladder(site):
    with site.sessions() as session:
        about_step = (
            select(col(Message.id), col(Person.login), col(Escalation.subject_id))
            .join(Escalation, col(Escalation.id) == col(Message.subject_id))
            .join(Person, col(Person.id) == col(Message.recipient_id))
            .where(col(Escalation.subject_kind) == SubjectKind.WORK_ITEM, col(Person.password_hash).is_not(None))
        )
        message_id, login, work_item_id = session.execute(about_step).all()[0]
        other = session.execute(
            select(col(Message.id), col(Person.login), col(Message.item_id))
            .join(Person, col(Person.id) == col(Message.recipient_id))
            .where(col(Message.subject_kind) == "item", col(Person.password_hash).is_not(None))
        ).first()
    expected = [(message_id, login, step_path(work_item_id))]
    expected += [] if other is None else [(other[0], other[1], item_path(other[2]))]
    for opened, reader, path in expected:
        page = site.visitor(reader).page
        page.goto("/messages")
        form = page.locator(f"form[action='/messages/{opened}/open']")
        while not form.count():
            page.get_by_role("link", name="下一页").click()
        form.get_by_role("button").click()
        page.wait_for_url(f"**{path}")


def test_every_address_in_a_calendar_is_a_page_its_owner_may_see(site):
    for login in ("lichenxi", "zhoumin"):
        reader = site.visitor(login).context.request
        page = site.visitor(login).page
        page.goto("/messages")
        page.get_by_role("button", name="要一个地址").click()
        address = urlsplit(page.locator(".secret code").inner_text())
        calendar = icalendar.Calendar.from_ical(reader.get(address.path).body())
        paths = {urlsplit(str(event["url"])).path for event in calendar.walk("VEVENT")}
        assert paths, login
        for path in paths:
            asked_for(reader.get(path), path)
