"""Configuration from the environment, `DUDAO_*`. Read by whoever starts a process, then passed down."""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, IPvAnyNetwork, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def default_data_dir() -> Path:
    """The system's place for root, the user's own otherwise (XDG base directories)."""
    if os.geteuid() == 0:
        return Path("/var/lib/dudao")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "dudao"


class Settings(BaseSettings):
    """Everything that differs between two installations."""

    model_config = SettingsConfigDict(env_prefix="DUDAO_", extra="ignore", frozen=True)

    database_url: SecretStr | None = None
    """A PostgreSQL 15 or newer; without one the embedded server is run."""
    owner_database_url: SecretStr | None = None
    """Connects as the owner of the schema, for migrations; without one `database_url` does."""
    data_dir: Path = Field(default_factory=default_data_dir)
    embedded_major: int = 18
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    public_url: str | None = None
    """The address users type, for links in messages; from `host` and `port` without one."""
    place_name: Annotated[str, Field(max_length=30)] = ""
    """The city or area whose tasks are supervised here, for the top of the pages."""
    secure_cookies: bool = False
    """Cookies only over TLS: set it behind a proxy that terminates it."""
    max_upload_mb: Annotated[int, Field(ge=1)] = 200
    session_hours: Annotated[int, Field(ge=1)] = 12
    """How long a session lasts at most."""
    session_idle_minutes: Annotated[int, Field(ge=1)] = 60
    """How long a session lasts without use."""
    smtp_host: str | None = None
    """The server that takes our mail; without one, mail is written into files of `mail_dir`."""
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_ca_file: Path | None = None
    """Certificates to trust beside the system's, for a mail server with one of the office's own."""
    mail_from: str = "dudao@localhost.localdomain"
    mail_from_name: str = ""
    mail_bounces: str = ""
    """The envelope sender, where undeliverable mail comes back to; `mail_from` without one."""
    mail_dir: Path | None = None
    """Where mail is written to without a server; `mail` in the data directory without one."""
    allowed_networks: tuple[IPvAnyNetwork, ...] = ()
    """Networks beyond the public ones that webhooks and gateways may be in, as `["10.2.0.0/16"]`."""
    secret_key: SecretStr | None = None
    """Seals the secrets of webhooks and gateways; the same on every host. A file of the data directory without one."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "console", "json"] = "auto"
    """`auto` is for people when standard error is a terminal, JSON otherwise."""

    @property
    def evidence_dir(self) -> Path:
        """Where evidence files are stored by content."""
        return self.data_dir / "evidence"

    @property
    def outbox(self) -> Path:
        """Where mail is written to when there is no server."""
        return self.mail_dir or self.data_dir / "mail"

    @property
    def base_url(self) -> str:
        """The address users type, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def app_url(self) -> str | None:
        """The configured database's URL, if one is configured."""
        return self.database_url.get_secret_value() if self.database_url else None

    @property
    def owner_url(self) -> str | None:
        """The configured owner's URL, if one is configured."""
        return self.owner_database_url.get_secret_value() if self.owner_database_url else None
