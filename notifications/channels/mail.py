"""Mail: over SMTP with TLS and sign-in, or into files where no server is configured."""

import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from threading import Lock
from typing import Literal

from domain.calendar import LOCAL
from domain.delivery import Outcome
from notifications.answers import Answer, Post

KEPT_SECONDS = 30.0
"""How long a connection is kept for the next mail."""
MOST_PER_CONNECTION = 100
"""Servers end a session after so many; better at a point of our choosing."""
_SHUTTING_DOWN = 421
# Not the full name: on a closed network asking for it takes many seconds.
_OWN_NAME = socket.gethostname()


@dataclass(frozen=True, slots=True)
class MailSender:
    """Whose name mail carries, and where what cannot be delivered comes back to (`bounces`, the envelope sender)."""

    address: str
    name: str
    bounces: str = ""

    @property
    def envelope(self) -> str:
        """The address of the envelope."""
        return self.bounces or self.address


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The server that takes our mail. `seconds` limit each answer of it."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    seconds: float = 20.0
    context: ssl.SSLContext | None = None


def compose(post: Post, sender: MailSender) -> EmailMessage:
    """The mail: text with an HTML alternative. Raises ValueError for an address or a subject that a header cannot
    hold: nothing a user typed can begin a header of its own.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _address(sender.name, sender.address)
    mail["To"] = _address(post.name, post.address)
    mail["Subject"] = " ".join(post.words.subject.split())
    mail["Date"] = format_datetime(post.at.astimezone(LOCAL))
    mail["Message-ID"] = post.message_id
    if post.thread is not None:
        mail["In-Reply-To"] = post.thread
        mail["References"] = post.thread
    # RFC 3834: vacation programs are not to answer; nobody reads this mailbox.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["Content-Language"] = "zh-CN"
    mail.set_content(post.words.text, cte="base64")
    mail.add_alternative(post.words.html, subtype="html", cte="base64")
    return mail


def _address(name: str, address: str) -> Address:
    local, _, domain = address.strip().rpartition("@")
    if not local or not domain:
        raise ValueError(f"no mail address: {address}")
    return Address(display_name=" ".join(name.split()), username=local, domain=domain)


@dataclass(slots=True)
class FileMail:
    """Writes one file per mail into a directory: for development, demonstration and rehearsal."""

    directory: Path
    sender: MailSender

    def send(self, post: Post) -> Answer:
        """Write the mail. A repeat of the same mail replaces its file."""
        try:
            mail = compose(post, self.sender)
        except ValueError as error:
            return Answer(Outcome.PERMANENT, str(error))
        name = f"{post.at.astimezone(LOCAL):%Y%m%d-%H%M%S}-{post.message_id.strip('<>').split('@')[0]}.eml"
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            part = self.directory / f".{name}.part"
            part.write_bytes(mail.as_bytes())
            part.replace(self.directory / name)
        except OSError as error:
            return Answer(Outcome.TEMPORARY, str(error))
        return Answer(Outcome.ACCEPTED, name)


@dataclass(slots=True)
class SmtpMail:
    """Sends over SMTP, one mail at a time, over one connection while there is more to send."""

    server: SmtpServer
    sender: MailSender
    clock: Callable[[], float] = time.monotonic
    _session: smtplib.SMTP | None = None
    _used_at: float = 0.0
    _sent: int = 0
    _lock: Lock = field(default_factory=Lock)

    def send(self, post: Post) -> Answer:
        """Send one mail. A connection that the server has ended meanwhile is opened anew, once."""
        try:
            mail = compose(post, self.sender)
        except ValueError as error:
            return Answer(Outcome.PERMANENT, str(error))
        with self._lock:
            reused = self._session is not None
            answer = self._attempt(mail, post.address)
            if reused and answer.outcome is Outcome.UNREACHABLE:
                answer = self._attempt(mail, post.address)
            return answer

    def close(self) -> None:
        """End the connection, if there is one."""
        with self._lock:
            self._drop()

    def _attempt(self, mail: EmailMessage, address: str) -> Answer:
        try:
            session = self._connected()
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return _refused_by_server(error)
        try:
            return self._transmit(session, mail, address)
        except smtplib.SMTPResponseException as error:
            self._drop()
            return _judged(error.smtp_code, error.smtp_error)
        except smtplib.SMTPNotSupportedError as error:
            # The server cannot take this address or this mail, and never will.
            self._drop()
            return Answer(Outcome.PERMANENT, str(error))
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return Answer(Outcome.UNREACHABLE, str(error) or type(error).__name__)

    def _transmit(self, session: smtplib.SMTP, mail: EmailMessage, address: str) -> Answer:
        """The envelope and the data, answer by answer: `send_message` would hide what the server said to each."""
        wide = not address.isascii()
        if wide and not session.has_extn("smtputf8"):
            raise smtplib.SMTPNotSupportedError(f"the server does not take {address}")
        code, said = session.mail(self.sender.envelope, ["SMTPUTF8", "BODY=8BITMIME"] if wide else [])
        if code == 250:  # noqa: PLR2004  RFC 5321, 4.2.3
            code, said = session.rcpt(address)
        if code not in (250, 251):
            session.rset()
            return self._kept(_judged(code, said))
        # From here on the server may have taken it even if no answer comes: the same Message-ID marks the repeat.
        code, said = session.data(mail.as_bytes())
        self._sent += 1
        return self._kept(_judged(code, said))

    def _kept(self, answer: Answer) -> Answer:
        self._used_at = self.clock()
        return answer

    def _connected(self) -> smtplib.SMTP:
        session = self._session
        if session is not None:
            fresh = self.clock() - self._used_at < KEPT_SECONDS and self._sent < MOST_PER_CONNECTION
            if fresh:
                return session
            self._drop()
        server = self.server
        context = server.context or ssl.create_default_context()
        if server.security == "tls":
            session = smtplib.SMTP_SSL(server.host, server.port, _OWN_NAME, timeout=server.seconds, context=context)
        else:
            session = smtplib.SMTP(server.host, server.port, _OWN_NAME, timeout=server.seconds)
        self._session, self._sent = session, 0
        session.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            session.starttls(context=context)
            session.ehlo()
        if server.user:
            session.login(server.user, server.password)
        return session

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            # No farewell: a server that hangs would let us wait for it.
            session.close()


def _judged(code: int, said: bytes | str) -> Answer:
    """RFC 5321, 4.2.1: 2yz is done, 4yz may be tried again, 5yz may not."""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    text = f"{code} {words}"
    if code == _SHUTTING_DOWN or code < 0:
        return Answer(Outcome.UNREACHABLE, text)
    if 200 <= code < 300:  # noqa: PLR2004
        return Answer(Outcome.ACCEPTED, text)
    return Answer(Outcome.PERMANENT if code >= 500 else Outcome.TEMPORARY, text)  # noqa: PLR2004


def _refused_by_server(error: Exception) -> Answer:
    """No session came about. That says nothing about the mail: a wrong password is mended by an administrator, and
    all mail would be lost if it counted as a refusal of each.
    """
    if isinstance(error, smtplib.SMTPResponseException):
        return Answer(Outcome.UNREACHABLE, _judged(error.smtp_code, error.smtp_error).words)
    return Answer(Outcome.UNREACHABLE, str(error) or type(error).__name__)
