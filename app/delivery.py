"""Mail, robots and gateways, put together from the settings: what a worker sends with, and what endpoints are tried
with before they are saved.
"""

import contextlib
import hashlib
import os
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from app.settings import Settings
from domain.delivery import ENDPOINT_KINDS, Channel
from notifications.answers import Carrier
from notifications.channels.endpoints import EndpointCarrier
from notifications.channels.mail import FileMail, MailSender, SmtpMail, SmtpServer
from notifications.channels.outbound import Outbound
from notifications.deliverer import Deliverer
from notifications.rendering import Renderer
from notifications.trial import Trial
from services.executor import Executor
from services.secret_box import KEY_BYTES, SecretBox

KEY_FILE = "secret.key"


def make_deliverer(settings: Settings, executor: Executor) -> Deliverer:
    """What a worker needs. Opens no connection yet."""
    endpoints = EndpointCarrier(Outbound(settings.allowed_networks))
    carriers: dict[Channel, Carrier] = dict.fromkeys(ENDPOINT_KINDS, endpoints)
    carriers[Channel.MAIL] = make_mail(settings)
    return Deliverer(
        executor=executor,
        renderer=Renderer(settings.base_url),
        carriers=carriers,
        host=message_host(settings),
        unseal=make_secret_box(settings).unseal,
    )


def make_mail(settings: Settings) -> Carrier:
    """Over SMTP, or into files when no server is configured."""
    sender = MailSender(settings.mail_from, settings.mail_from_name, settings.mail_bounces)
    if settings.smtp_host is None:
        return FileMail(settings.outbox, sender)
    context = ssl.create_default_context()
    if settings.smtp_ca_file is not None:
        context.load_verify_locations(settings.smtp_ca_file)
    password = settings.smtp_password.get_secret_value()
    server = SmtpServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_user,
        password,
        context=context,
    )
    return SmtpMail(server, sender)


def make_trial(settings: Settings) -> Trial:
    """Tries endpoints before they are saved."""
    return Trial(Outbound(settings.allowed_networks), Renderer(settings.base_url))


def message_host(settings: Settings) -> str:
    """The right side of Message-IDs: the domain that mail comes from."""
    return settings.mail_from.rpartition("@")[2] or urlsplit(settings.base_url).hostname or "localhost"


def make_secret_box(settings: Settings) -> SecretBox:
    """By the configured key, or by one that this installation makes itself, readable to its own user alone."""
    if settings.secret_key is not None:
        return SecretBox(hashlib.sha256(settings.secret_key.get_secret_value().encode()).digest())
    return SecretBox(_own_key(settings.data_dir / KEY_FILE))


def _own_key(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(os.urandom(KEY_BYTES))
        # A link and not a rename: of two processes that start together only one makes the key.
        if not path.exists():
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(part)
    finally:
        part.unlink()
    return path.read_bytes()
