"""Mail against a real SMTP server, well-behaved and not; and into files."""

import ssl
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from domain.delivery import Outcome
from notifications.channels.mail import FileMail, MailSender, SmtpMail, SmtpServer
from tests.mail_server import free_port, mail_server
from tests.unit.notifications.certificates import self_signed
from tests.unit.notifications.posts import WORDS, post

SENDER = MailSender("duban@example.gov.cn", "滨海市督查室", "bounces@example.gov.cn")


_opened: list[SmtpMail] = []


@pytest.fixture(autouse=True)
def nothing_left_open():
    yield
    while _opened:
        _opened.pop().close()


def mailer(port: int, **options) -> SmtpMail:
    made = SmtpMail(SmtpServer("127.0.0.1", port, **{"security": "none", "seconds": 2.0, **options}), SENDER)
    _opened.append(made)
    return made


def test_a_mail_arrives_as_it_was_written():
    with mail_server() as box:
        answer = mailer(box.port).send(post(thread="<item-1@example.gov.cn>"))
    assert (answer.outcome, answer.words) == (Outcome.ACCEPTED, "250 2.0.0 taken")
    [envelope], [mail] = box.taken, box.mails
    assert (envelope.mail_from, envelope.rcpt_tos) == ("bounces@example.gov.cn", ["lichenxi@example.gov.cn"])
    assert mail["Subject"] == WORDS.subject
    assert mail["From"].addresses[0].display_name == "滨海市督查室"
    assert mail["To"].addresses[0].display_name == "李晨曦"
    assert mail["Message-ID"] == "<00000000-0000-0000-0000-000000000007@example.gov.cn>"
    assert mail["References"] == mail["In-Reply-To"] == "<item-1@example.gov.cn>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime.isoformat() == "2026-03-10T09:00:00+08:00"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and plain.get_content().split() == WORDS.text.split()
    assert html is not None and html.get_content().strip() == WORDS.html
    assert max(map(len, (envelope.original_content or b"").splitlines())) <= 998


def test_several_mails_share_a_connection():
    with mail_server() as box:
        sending = mailer(box.port)
        assert [sending.send(post()).accepted for _ in range(3)] == [True] * 3
    assert box.sessions == 1


def test_a_connection_that_the_server_ended_is_opened_anew():
    port = free_port()
    with mail_server(port) as box:
        sending = mailer(port)
        sending.send(post())
    with mail_server(port) as box:
        assert sending.send(post()).accepted
    assert len(box.taken) == 1


def test_a_server_that_is_away_is_no_answer():
    answer = mailer(free_port()).send(post())
    assert answer.outcome is Outcome.UNREACHABLE
    assert "refused" in answer.words


def test_a_recipient_that_there_is_not_is_permanent_and_the_next_mail_goes_on():
    with mail_server() as box:
        box.to_recipient = lambda address: "550 5.1.1 no such user" if address.startswith("nobody") else None
        sending = mailer(box.port)
        refused = sending.send(post("nobody@example.gov.cn"))
        assert (refused.outcome, refused.words) == (Outcome.PERMANENT, "550 5.1.1 no such user")
        assert sending.send(post()).accepted
    assert box.sessions == 1, "a refusal of one mail does not cost the connection"


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("450 4.2.1 try later", Outcome.TEMPORARY),
        ("452 4.2.2 mailbox full", Outcome.TEMPORARY),
        ("554 5.7.1 looks like spam", Outcome.PERMANENT),
        ("421 4.3.2 shutting down", Outcome.UNREACHABLE),
    ],
)
def test_what_the_server_says_to_the_data_decides(said: str, outcome: Outcome):
    with mail_server() as box:
        box.to_data = lambda: said
        sending = mailer(box.port)
        answer = sending.send(post())
    assert (answer.outcome, answer.words) == (outcome, said)


def test_a_server_that_is_too_slow_is_given_up():
    with mail_server() as box:
        box.delay = 1.5
        answer = mailer(box.port, seconds=0.3).send(post())
    assert answer.outcome is Outcome.UNREACHABLE
    assert "timed out" in answer.words


def test_a_connection_that_breaks_before_the_mail_was_taken_is_no_answer():
    with mail_server() as box:
        box.drop_before = True
        answer = mailer(box.port).send(post())
    assert answer.outcome is Outcome.UNREACHABLE
    assert box.taken == []


def test_a_connection_that_breaks_after_the_mail_was_taken_leads_to_the_same_mail_again():
    with mail_server() as box:
        box.drop_after = True
        sending = mailer(box.port)
        assert sending.send(post()).outcome is Outcome.UNREACHABLE
        box.drop_after = False
        assert sending.send(post()).accepted
    assert len(box.ids) == 2 and len(set(box.ids)) == 1


def test_signing_in_over_tls(tmp_path: Path):
    certificate, key = self_signed(tmp_path)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with mail_server(password="geheim", tls_context=serving, require_starttls=True) as box:
        options = {"security": "starttls", "user": "duban", "context": trusting}
        assert mailer(box.port, **options, password="geheim").send(post()).accepted
        wrong = mailer(box.port, **options, password="falsch").send(post())
        assert wrong.outcome is Outcome.UNREACHABLE, "every mail would be lost if a wrong password refused each"
        assert wrong.words.startswith("535")
        untrusted = mailer(box.port, security="starttls").send(post())
    assert untrusted.outcome is Outcome.UNREACHABLE and "certificate" in untrusted.words.lower()
    assert len(box.taken) == 1


def test_no_word_of_a_user_begins_a_header_of_its_own(tmp_path: Path):
    evil = WORDS.__class__(
        **{**{n: getattr(WORDS, n) for n in WORDS.__slots__}, "subject": "x\r\nBcc: all@example.com"}
    )
    FileMail(tmp_path, SENDER).send(post(name="李\r\nX-Evil: 1", words=evil))
    [file] = tmp_path.glob("*.eml")
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert mail["Bcc"] is None and mail["X-Evil"] is None
    assert mail["Subject"] == "x Bcc: all@example.com"


@pytest.mark.parametrize("address", ["", "nobody", "a@", "@b", "a b@example.com\r\nBcc: x@example.com"])
def test_an_address_that_is_none_is_permanent(tmp_path: Path, address: str):
    answer = FileMail(tmp_path, SENDER).send(post(address))
    assert answer.outcome is Outcome.PERMANENT
    assert list(tmp_path.iterdir()) == []


def test_a_mail_written_twice_is_one_file(tmp_path: Path):
    writing = FileMail(tmp_path / "mail", SENDER)
    assert writing.send(post()).accepted and writing.send(post()).accepted
    assert len(list((tmp_path / "mail").iterdir())) == 1
