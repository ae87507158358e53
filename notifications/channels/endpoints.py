"""Webhooks, group robots and HTTP gateways: how each wants to be spoken to, and how it says yes and no."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from string import Template
from typing import Any, Protocol
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit, urlunsplit

import orjson

from domain.delivery import Channel, Outcome
from notifications.answers import Answer, Post
from notifications.channels.outbound import (
    ForbiddenAddressError,
    HttpAnswer,
    InvalidUrlError,
    Outbound,
    UnreachableError,
)

_JSON = {"Content-Type": "application/json; charset=utf-8"}
_TRY_LATER = frozenset({408, 421, 423, 425, 429})


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent to an endpoint."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"


class Dialect(Protocol):
    """How one kind of endpoint is spoken to."""

    def request(self, post: Post, url: str, options: Mapping[str, Any]) -> Request:
        """The request that says it."""
        ...

    def judge(self, answer: HttpAnswer, options: Mapping[str, Any]) -> Answer:
        """What an answer with a status of success means."""
        ...


@dataclass(frozen=True, slots=True)
class EndpointCarrier:
    """Posts to an endpoint in its own dialect."""

    outbound: Outbound

    def send(self, post: Post) -> Answer:
        """Send it. What is wrong with the endpoint itself is a permanent failure, with its reason."""
        endpoint = post.endpoint
        if endpoint is None:
            return Answer(Outcome.PERMANENT, "no endpoint")
        dialect = DIALECTS[Channel(endpoint.kind)]
        try:
            request = dialect.request(post, endpoint.url, endpoint.options)
            answer = self.outbound.request(
                request.method, request.url, headers={"User-Agent": "dudao", **request.headers}, body=request.body
            )
        except ForbiddenAddressError as error:
            return Answer(Outcome.PERMANENT, f"forbidden address: {error}")
        except (InvalidUrlError, ValueError, KeyError) as error:
            return Answer(Outcome.PERMANENT, f"invalid endpoint: {error}")
        except UnreachableError as error:
            return Answer(Outcome.UNREACHABLE, str(error))
        return self.judged(answer, endpoint.kind, endpoint.options)

    @staticmethod
    def judged(answer: HttpAnswer, kind: str, options: Mapping[str, Any]) -> Answer:
        """What an answer of that kind of endpoint means."""
        said = f"{answer.status} {answer.body[:300].decode('utf-8', 'replace')}"
        if answer.status in _TRY_LATER or answer.status >= 500:  # noqa: PLR2004  RFC 9110, 15.6
            return Answer(Outcome.TEMPORARY, said)
        if not 200 <= answer.status < 300:  # noqa: PLR2004  RFC 9110, 15.3; a redirect is not followed
            return Answer(Outcome.PERMANENT, said)
        return DIALECTS[Channel(kind)].judge(answer, options)


class Webhook:
    """A JSON document, signed with HMAC-SHA256 over its time and its body, so that it can be neither forged nor
    replayed: `X-Dudao-Signature: t=<seconds>,v1=<hex of HMAC("<seconds>.<body>")>`.
    """

    def request(self, post: Post, url: str, _options: Mapping[str, Any]) -> Request:
        """The message with its facts."""
        body = orjson.dumps(
            {
                "id": post.message_id.strip("<>"),
                "topic": post.topic,
                "at": post.at,
                "title": post.words.subject,
                "text": post.words.brief,
                "url": post.words.link,
                "facts": post.facts,
            }
        )
        headers = {**_JSON, "X-Dudao-Id": post.message_id.strip("<>"), "X-Dudao-Topic": post.topic}
        if post.secret:
            headers["X-Dudao-Signature"] = signature(post.secret, int(post.at.timestamp()), body)
        return Request(url, headers, body)

    def judge(self, answer: HttpAnswer, _options: Mapping[str, Any]) -> Answer:
        """Any 2xx is a yes."""
        return Answer(Outcome.ACCEPTED, str(answer.status))


def signature(secret: str, seconds: int, body: bytes) -> str:
    """The header with which the other side can check that a call is ours and new."""
    signed = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={signed}"


class WeCom:
    """The group robot of 企业微信: markdown, at most 4096 bytes, 20 messages a minute; its key is in the URL."""

    longest = 4096
    busy = frozenset({45009, -1})
    """45009: more than 20 a minute; -1: the system is busy."""

    def request(self, post: Post, url: str, _options: Mapping[str, Any]) -> Request:
        """One markdown message."""
        content = cut(post.words.markdown or post.words.brief, self.longest)
        return Request(url, _JSON, orjson.dumps({"msgtype": "markdown", "markdown": {"content": content}}))

    def judge(self, answer: HttpAnswer, _options: Mapping[str, Any]) -> Answer:
        """It answers 200 to everything; `errcode` says what it meant."""
        return _by_errcode(answer, self.busy)


class DingTalk:
    """The group robot of 钉钉: markdown, at most 20000 bytes; with `加签` the call carries a time and its HMAC."""

    longest = 20000
    busy = frozenset({-1, 90030, 130101, 410100, 660026})
    """-1: the system is busy; the others: more than 20 messages a minute, or the quota is used up."""

    def request(self, post: Post, url: str, _options: Mapping[str, Any]) -> Request:
        """One markdown message."""
        content = cut(post.words.markdown or post.words.brief, self.longest)
        body = orjson.dumps({"msgtype": "markdown", "markdown": {"title": post.words.subject, "text": content}})
        if post.secret:
            url = signed_url(url, post.secret, int(post.at.timestamp() * 1000))
        return Request(url, _JSON, body)

    def judge(self, answer: HttpAnswer, _options: Mapping[str, Any]) -> Answer:
        """It answers 200 to everything; `errcode` says what it meant."""
        return _by_errcode(answer, self.busy)


def signed_url(url: str, secret: str, milliseconds: int) -> str:
    """The address with `timestamp` and `sign`: base64 of HMAC-SHA256 over "timestamp\\nsecret", by its secret."""
    digest = hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256).digest()
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name not in {"timestamp", "sign"}]
    signed = urlencode([*query, ("timestamp", str(milliseconds)), ("sign", base64.b64encode(digest).decode())])
    return urlunsplit(parts._replace(query=signed))


class Gateway:
    """Any HTTP interface, for text messages and government messengers, by a template.

    `options`: `body` with placeholders `${phone}`, `${name}`, `${title}`, `${text}`, `${url}`, `${secret}`, `${id}`;
    `content_type` (JSON by default; the values are escaped for it), `headers`, and for interfaces that answer 200 to
    everything `accepts`, a piece of text that the answer to an accepted message contains.
    """

    def request(self, post: Post, url: str, options: Mapping[str, Any]) -> Request:
        """The template, filled in. Raises ValueError for a template that cannot be."""
        kind = str(options.get("content_type") or "application/json; charset=utf-8")
        values = {
            "phone": post.address,
            "name": post.name,
            "title": post.words.subject,
            "text": post.words.brief,
            "url": post.words.link,
            "secret": post.secret or "",
            "id": post.message_id.strip("<>"),
        }
        body = fill(str(options.get("body") or ""), values, kind)
        # What goes into a header can end it and begin another.
        plain = {name: " ".join(value.split()) for name, value in values.items()}
        given = options.get("headers") or {}
        headers = {str(name): Template(str(value)).substitute(plain) for name, value in given.items()}
        return Request(url, {"Content-Type": kind, **headers}, body.encode())

    def judge(self, answer: HttpAnswer, options: Mapping[str, Any]) -> Answer:
        """2xx, and the text that means yes if the interface has one."""
        said = answer.body[:300].decode("utf-8", "replace")
        wanted = options.get("accepts")
        if wanted and str(wanted) not in answer.body.decode("utf-8", "replace"):
            return Answer(Outcome.PERMANENT, f"{answer.status} {said}")
        return Answer(Outcome.ACCEPTED, f"{answer.status} {said}")


def fill(template: str, values: Mapping[str, str], content_type: str) -> str:
    """The template with its placeholders filled in, escaped as the content type asks for.

    Raises ValueError for a placeholder that there is not, and for JSON that is none afterwards.
    """
    if "json" in content_type:
        escaped = {name: json.dumps(value, ensure_ascii=False)[1:-1] for name, value in values.items()}
    elif "x-www-form-urlencoded" in content_type:
        escaped = {name: quote_plus(value) for name, value in values.items()}
    elif "xml" in content_type:
        from xml.sax.saxutils import escape

        escaped = {name: escape(value, {'"': "&quot;", "'": "&apos;"}) for name, value in values.items()}
    else:
        escaped = dict(values)
    try:
        filled = Template(template).substitute(escaped)
    except KeyError as error:
        raise ValueError(f"unknown placeholder {error}") from error
    if "json" in content_type:
        json.loads(filled)
    return filled


def cut(content: str, longest: int) -> str:
    """At most so many bytes of UTF-8, without half a character."""
    encoded = content.encode()
    return content if len(encoded) <= longest else encoded[: longest - 3].decode("utf-8", "ignore") + "…"


def _by_errcode(answer: HttpAnswer, busy: frozenset[int]) -> Answer:
    said = answer.body[:300].decode("utf-8", "replace")
    try:
        found = orjson.loads(answer.body)
        code = int(found["errcode"])
    except (ValueError, KeyError, TypeError):
        # Not the robot: a sign-in page of a proxy, for example.
        return Answer(Outcome.TEMPORARY, f"{answer.status} {said}")
    if code == 0:
        return Answer(Outcome.ACCEPTED, said)
    return Answer(Outcome.TEMPORARY if code in busy else Outcome.PERMANENT, said)


DIALECTS: Mapping[Channel, Dialect] = {
    Channel.WEBHOOK: Webhook(),
    Channel.WECOM: WeCom(),
    Channel.DINGTALK: DingTalk(),
    Channel.HTTP: Gateway(),
}
