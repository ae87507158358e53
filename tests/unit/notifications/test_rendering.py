"""What messages look like: every topic, digests, nothing too wide, nothing that a user wrote becomes markup."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.delivery import Channel, Topic
from domain.labels import label
from domain.ladder import EscalationDocument
from domain.notices import notice
from notifications.rendering import Renderer, columns, folded, markdown_text
from services.sendings import Carried, Outgoing

NOW = datetime(2026, 3, 10, 1, tzinfo=UTC)
FACTS = {
    "number": "12",
    "text": "推动政务服务事项“一网通办”，首批不少于30项高频事项实现全流程网上办理（含电子证照、电子印章）。",
    "list": "滨海示范市政务服务提质增效任务分工表",
    "office": "市开放办",
    "unit": "市商务局",
    "step": "制定方案",
    "due_at": datetime(2026, 3, 13, 16, tzinfo=UTC).isoformat(),
    "after": {"step": "方案签发", "unit": "市商务局", "decision": "退回"},
}
renderer = Renderer("https://dudao.example.gov.cn")


def carried(topic: str, **facts: object) -> Carried:
    return Carried(uuid4(), topic, UUID(int=5), UUID(int=6), {**FACTS, **facts}, NOW)


def outgoing(*messages: Carried, digest: bool = False) -> Outgoing:
    return Outgoing(uuid4(), 1, Channel.MAIL, "a@b", "李晨曦", messages[0].topic, digest, "<x@y>", messages, NOW)


@pytest.mark.parametrize("topic", list(Topic))
def test_every_topic_says_why_what_until_when_and_where(topic: Topic):
    words = renderer.render(outgoing(carried(topic, purpose="reset", level=2)))
    assert words.subject.startswith("【") and "\n" not in words.subject
    for said in (words.text, words.html):
        assert "李晨曦" in said and words.link in said
        assert notice(topic, FACTS | {"purpose": "reset"}, NOW).action in said.replace("\n", "")
    if topic is not Topic.ACCOUNT:
        assert "2026年3月13日" in words.text or topic is Topic.CLOSED
    assert "{" not in words.text + words.subject + words.brief


@pytest.mark.parametrize("topic", list(Topic))
def test_text_mails_are_at_most_76_columns_wide(topic: Topic):
    words = renderer.render(outgoing(carried(topic, document="supervision_order", provisional=True)))
    wide = [line for line in words.text.splitlines() if columns(line) > 76 and not line.startswith("https://")]
    assert wide == []


def test_a_provisional_limit_says_so():
    assert "（暂定）" in renderer.render(outgoing(carried("reminder", provisional=True))).text


@pytest.mark.parametrize(
    ("days", "said"), [(3, "还有3天到期"), (0, "今天到期"), (-1, "已逾期1天"), (-30, "已逾期30天")]
)
def test_how_long_is_left_is_said_as_of_the_sending(days: int, said: str):
    due_at = datetime(2026, 3, 10, 16, tzinfo=UTC) + timedelta(days=days)
    assert said in renderer.render(outgoing(carried("reminder", due_at=due_at.isoformat()))).subject


def test_a_digest_lists_the_most_pressing_first_and_what_has_no_limit_last():
    later = carried("opened", text="丙", due_at=datetime(2026, 3, 20, 16, tzinfo=UTC).isoformat())
    over = carried("opened", text="甲", due_at=datetime(2026, 3, 8, 16, tzinfo=UTC).isoformat())
    never = carried("opened", text="丁", due_at=None)
    words = renderer.render(outgoing(later, never, over, digest=True))
    assert words.subject == "【督办】3件事项：甲等"
    for said in (words.text, words.html):
        assert said.index("甲") < said.index("丙") < said.index("丁")
    assert all(columns(line) <= 76 or "https://" in line for line in words.text.splitlines())


def test_what_users_wrote_is_never_markup():
    evil = "<script>alert(1)</script>[x](http://evil)*b*"
    words = renderer.render(outgoing(carried("opened", text=evil)))
    assert "<script>" not in words.html and "&lt;script&gt;" in words.html
    assert "\\<script\\>" in words.markdown and "\\[x\\](http://evil)\\*b\\*" in words.markdown
    assert evil in words.text.replace("\n          ", ""), "plain text stays as it is"


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc"))), st.integers(0, 20))
def test_folding_loses_no_character(text: str, indent: int):
    assert "".join(folded(text, indent).split()) == "".join(text.split())


@given(st.text(alphabet="督办事项，。、（）年月日abc 12"), st.integers(0, 20))
def test_folded_lines_are_not_too_wide(text: str, indent: int):
    # A closing mark may stand in the margin rather than begin a line.
    assert all(columns(line.strip()) <= 76 + 2 * 12 for line in folded(text, indent).splitlines())


def test_no_line_begins_with_a_closing_mark():
    lines = folded("督" * 38 + "，" + "办" * 37 + "。").splitlines()
    assert not any(line.startswith(("，", "。")) for line in lines)


def test_markdown_escapes_what_would_be_a_link():
    assert markdown_text("[a](b) *c* #d") == "\\[a\\](b) \\*c\\* \\#d"


@pytest.mark.parametrize("document", list(EscalationDocument))
def test_every_document_is_named_in_chinese(document: EscalationDocument):
    words = renderer.render(outgoing(carried("escalation", document=document.value)))
    assert document.value not in words.text + words.html
    assert label(EscalationDocument, document.value) in words.text


def test_an_urge_by_hand_says_what_the_office_wrote_and_who_wrote_it():
    said = {"words": "请于明日下班前报送，市领导周五专题听取。", "by": "周敏"}
    words = renderer.render(outgoing(carried("urge", ladder=said)))
    for mail in (words.text, words.html):
        assert "请于明日下班前报送，市领导周五专题听取。" in mail and "周敏" in mail


def test_many_messages_in_one_mail_say_what_each_is_and_name_the_most_pressing():
    reminder = carried("reminder", text="甲。")
    order = replace(carried("escalation", text="乙", document="supervision_order"), item_id=UUID(int=7))
    words = renderer.render(outgoing(reminder, order, digest=True))
    assert words.subject == "【督办升级】2件事项：甲等"
    for said in (words.text, words.html, words.markdown):
        assert "提醒" in said and "升级（督办单）" in said and "市商务局" in said
    assert all(columns(line) <= 76 or "https" in line for line in words.text.splitlines())


def test_what_was_reminded_of_urged_and_escalated_at_once_is_one_entry():
    about = [carried(topic, text="甲") for topic in ("reminder", "escalation", "urge")]
    words = renderer.render(outgoing(*about, digest=True))
    assert words.subject.startswith("【督办升级】") and "事项：" not in words.subject
    other = carried("reminder", text="甲", unit="市司法局")
    assert "2件" in renderer.render(outgoing(*about, other, digest=True)).subject
