"""Messages to send in tests."""

from datetime import UTC, datetime
from uuid import UUID

from notifications.answers import Post, Words
from services.sendings import EndpointAddress

AT = datetime(2026, 3, 10, 1, tzinfo=UTC)
WORDS = Words(
    subject="【督办提醒】制定方案还有3天到期",
    text="请登录系统办理。\n",
    html="<p>请登录系统办理。</p>",
    brief="【督办提醒】制定方案还有3天到期。请登录系统办理。",
    link="https://dudao.example.gov.cn/work/1",
    markdown="**制定方案**还有3天到期",
)


def post(address: str = "lichenxi@example.gov.cn", *, name: str = "李晨曦", words: Words = WORDS, **fields) -> Post:
    message_id = f"<{UUID(int=7)}@example.gov.cn>"
    return Post(message_id=message_id, address=address, name=name, words=words, at=AT, topic="reminder", **fields)


def endpoint(kind: str, url: str, **options: object) -> EndpointAddress:
    return EndpointAddress(kind, "群", url, None, options)
