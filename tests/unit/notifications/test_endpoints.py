"""Webhooks, robots and gateways against a local server; and where messages must not go."""

import hashlib
import hmac
import json
import socket
from ipaddress import ip_address, ip_network
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.delivery import Outcome
from domain.delivery_errors import EndpointForbidden, EndpointInvalid, EndpointRefused, EndpointUnreachable
from notifications.channels.endpoints import EndpointCarrier, cut, fill, signature, signed_url
from notifications.channels.outbound import ForbiddenAddressError, Outbound, UnreachableError, is_allowed
from notifications.rendering import Renderer
from notifications.trial import Trial
from tests.http_server import http_server
from tests.mail_server import free_port
from tests.unit.notifications.posts import AT, WORDS, endpoint, post

HERE = Outbound((ip_network("127.0.0.0/8"),), seconds=2.0)
carrier = EndpointCarrier(HERE)


def test_a_webhook_is_signed_over_its_time_and_body():
    with http_server() as site:
        answer = carrier.send(post(endpoint=endpoint("webhook", f"{site.url}/hook"), secret="geheim", facts={"n": 1}))
    assert answer.accepted
    [sent] = site.got
    document = json.loads(sent.body)
    assert (document["topic"], document["title"], document["url"]) == ("reminder", WORDS.subject, WORDS.link)
    assert document["facts"] == {"n": 1}
    stamp, _, signed = sent.headers["x-dudao-signature"].partition(",v1=")
    seconds = stamp.removeprefix("t=")
    assert int(seconds) == int(AT.timestamp())
    assert signed == hmac.new(b"geheim", f"{seconds}.".encode() + sent.body, hashlib.sha256).hexdigest()
    assert signature("geheim", int(seconds) + 1, sent.body) != sent.headers["x-dudao-signature"]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (204, Outcome.ACCEPTED),
        (302, Outcome.PERMANENT),
        (400, Outcome.PERMANENT),
        (401, Outcome.PERMANENT),
        (404, Outcome.PERMANENT),
        (429, Outcome.TEMPORARY),
        (500, Outcome.TEMPORARY),
        (503, Outcome.TEMPORARY),
    ],
)
def test_what_a_webhooks_status_means(status: int, outcome: Outcome):
    with http_server() as site:
        site.status, site.body = status, b""
        site.headers = {"Location": "http://169.254.169.254/"} if status == 302 else {}
        assert carrier.send(post(endpoint=endpoint("webhook", site.url))).outcome is outcome
    assert len(site.got) == 1, "a redirect is not followed"


@pytest.mark.parametrize("kind", ["wecom", "dingtalk"])
@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ({"errcode": 0, "errmsg": "ok"}, Outcome.ACCEPTED),
        ({"errcode": -1, "errmsg": "system busy"}, Outcome.TEMPORARY),
        ({"errcode": 93000, "errmsg": "invalid webhook url"}, Outcome.PERMANENT),
        ({"errcode": 310000, "errmsg": "sign not match"}, Outcome.PERMANENT),
        ("<html>sign in</html>", Outcome.TEMPORARY),
        ([], Outcome.TEMPORARY),
    ],
)
def test_a_robot_says_no_with_status_200(kind: str, body: object, outcome: Outcome):
    with http_server() as site:
        site.body = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        answer = carrier.send(post(endpoint=endpoint(kind, site.url)))
    assert answer.outcome is outcome
    if isinstance(body, dict):
        assert body["errmsg"] in answer.words


@pytest.mark.parametrize(("kind", "errcode"), [("wecom", 45009), ("dingtalk", 130101), ("dingtalk", 90030)])
def test_a_robot_that_is_asked_too_often_is_tried_again(kind: str, errcode: int):
    with http_server() as site:
        site.body = json.dumps({"errcode": errcode, "errmsg": "too fast"}).encode()
        assert carrier.send(post(endpoint=endpoint(kind, site.url))).outcome is Outcome.TEMPORARY


def test_the_robot_of_wecom_gets_markdown_with_its_key_in_the_address():
    with http_server() as site:
        site.body = b'{"errcode":0}'
        carrier.send(post(endpoint=endpoint("wecom", f"{site.url}/cgi-bin/webhook/send?key=k")))
    [sent] = site.got
    assert sent.path == "/cgi-bin/webhook/send?key=k"
    assert json.loads(sent.body) == {"msgtype": "markdown", "markdown": {"content": WORDS.markdown}}


def test_the_robot_of_dingtalk_is_called_with_a_time_and_its_signature():
    with http_server() as site:
        site.body = b'{"errcode":0}'
        carrier.send(post(endpoint=endpoint("dingtalk", f"{site.url}/robot/send?access_token=t"), secret="SECabc"))
    [sent] = site.got
    query = parse_qs(urlsplit(sent.path).query)
    assert query["access_token"] == ["t"]
    assert query["timestamp"] == [str(int(AT.timestamp() * 1000))]
    expected = hmac.new(b"SECabc", f"{query['timestamp'][0]}\nSECabc".encode(), hashlib.sha256).digest()
    import base64

    assert base64.b64decode(query["sign"][0]) == expected
    assert json.loads(sent.body)["markdown"] == {"title": WORDS.subject, "text": WORDS.markdown}


def test_signing_an_address_again_replaces_the_signature():
    twice = signed_url(signed_url("https://x/robot?access_token=t", "s", 1), "s", 2)
    assert parse_qs(urlsplit(twice).query)["timestamp"] == ["2"]


def test_a_gateway_is_spoken_to_by_its_template():
    options = {
        "body": '{"mobile": "${phone}", "content": "${text}", "sign": "${secret}"}',
        "headers": {"X-Trace": "${id}"},
        "accepts": '"code":0',
    }
    with http_server() as site:
        site.body = b'{"code":0}'
        gateway = endpoint("http", f"{site.url}/sms", **options)
        answer = carrier.send(post("13812345678", endpoint=gateway, secret="s3", name='张"三'))
        assert answer.accepted
        site.body = b'{"code":17,"msg":"black list"}'
        assert carrier.send(post("13812345678", endpoint=gateway, secret="s3")).outcome is Outcome.PERMANENT
    sent = site.got[0]
    assert json.loads(sent.body) == {"mobile": "13812345678", "content": WORDS.brief, "sign": "s3"}
    assert sent.headers["x-trace"].startswith("00000000")


@given(st.text(), st.text())
def test_a_template_stays_json_whatever_is_filled_in(name: str, text: str):
    filled = json.loads(fill('{"a": "${name}", "b": "${text}"}', {"name": name, "text": text}, "application/json"))
    assert filled == {"a": name, "b": text}


def test_a_template_with_an_unknown_placeholder_is_invalid():
    with pytest.raises(ValueError, match="mobile"):
        fill('{"a": "${mobile}"}', {"phone": "1"}, "application/json")


@given(st.text(), st.integers(3, 60))
def test_cutting_keeps_within_the_bytes_and_whole_characters(text: str, longest: int):
    assert len(cut(text, longest).encode()) <= longest


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::",
    ],
)  # fmt: skip
def test_addresses_of_the_own_house_are_refused(address: str):
    assert not is_allowed(ip_address(address), ())


def test_public_addresses_and_allowed_networks_are_not_refused():
    assert is_allowed(ip_address("1.1.1.1"), ()) and is_allowed(ip_address("2606:4700::1111"), ())
    allowed = (ip_network("10.2.0.0/16"),)
    assert is_allowed(ip_address("10.2.3.4"), allowed) and is_allowed(ip_address("::ffff:10.2.3.4"), allowed)
    assert not is_allowed(ip_address("10.3.0.1"), allowed)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"])
def test_no_spelling_of_the_own_machine_gets_through(host: str):
    with pytest.raises(ForbiddenAddressError):
        Outbound().request("POST", f"http://{host}:9/", headers={}, body=b"")


def test_a_name_is_judged_where_the_connection_is_made(monkeypatch: pytest.MonkeyPatch):
    """A name that was public when it was saved, and leads home when it is used."""
    real, answers = socket.getaddrinfo, iter(["10.0.0.1"])

    def lying(host, port, *args, **kinds):
        if host == "rebinding.example":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]
        return real(host, port, *args, **kinds)

    monkeypatch.setattr(socket, "getaddrinfo", lying)
    answer = EndpointCarrier(Outbound()).send(post(endpoint=endpoint("webhook", "https://rebinding.example/")))
    assert answer.outcome is Outcome.PERMANENT
    assert "10.0.0.1" in answer.words
    with pytest.raises(StopIteration):
        next(answers)  # asked once: what was judged is what is connected to


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("1.1.1.1", "192.168.0.9")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kinds: found)
    with pytest.raises(ForbiddenAddressError, match=r"192\.168\.0\.9"):
        Outbound().request("POST", "https://mixed.example/", headers={}, body=b"")


def test_an_endpoint_that_talks_slowly_is_cut_off():
    with http_server() as site:
        site.body, site.drip = b"x" * 100, 0.2
        with pytest.raises(UnreachableError):
            Outbound(HERE.allowed, seconds=0.7).request("POST", site.url, headers={}, body=b"")


def test_an_answer_is_read_up_to_a_limit():
    with http_server() as site:
        site.body = b"x" * 1_000_000
        assert len(HERE.request("POST", site.url, headers={}, body=b"").body) == 64 * 1024


# Saving -------------------------------------------------------------------------------------------------------------


def attempt(kind: str, url: str, *, outbound: Outbound = HERE, secret=None, phone=None, **options: object) -> None:
    Trial(outbound, Renderer("http://dudao.test"))(kind, url, secret, options, phone=phone, now=AT)


def test_a_trial_says_what_could_not_be_reached():
    port = free_port()
    with pytest.raises(EndpointUnreachable) as refused:
        attempt("webhook", f"http://127.0.0.1:{port}/")
    assert refused.value.facts["where"] == f"127.0.0.1:{port}"
    assert "refused" in str(refused.value.facts["reason"])


def test_a_trial_refuses_a_private_address():
    with pytest.raises(EndpointForbidden) as refused:
        attempt("webhook", "http://10.20.30.40/hook", outbound=Outbound())
    assert refused.value.facts == {"where": "10.20.30.40:80", "address": "10.20.30.40"}


def test_a_trial_says_what_the_robot_answered():
    with http_server() as site:
        site.body = b'{"errcode":310000,"errmsg":"keywords not in content"}'
        with pytest.raises(EndpointRefused) as refused:
            attempt("dingtalk", site.url)
    assert "keywords not in content" in str(refused.value.facts["reason"])


@pytest.mark.parametrize("url", ["ftp://x/", "http://", "nonsense", "http://user:pw@example.com/", "http://x:99999/"])
def test_an_address_that_is_none_is_refused(url: str):
    with pytest.raises(EndpointInvalid):
        attempt("webhook", url)


def test_a_gateways_template_is_checked_and_without_a_phone_nobody_gets_a_test_message():
    with http_server() as site:
        attempt("http", site.url, body='{"to": "${phone}"}')
        assert [sent.method for sent in site.got] == ["HEAD"]
        attempt("http", site.url, body='{"to": "${phone}"}', phone="13900000000")
        assert json.loads(site.got[1].body) == {"to": "13900000000"}
        with pytest.raises(EndpointInvalid):
            attempt("http", site.url, body='{"to": ${phone}x}')
