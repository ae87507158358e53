"""Secrets of endpoints are sealed with the installation's key, which is made once and read by nobody else."""

import stat
from pathlib import Path

import pytest

from app.delivery import KEY_FILE, make_secret_box
from app.settings import Settings
from domain.delivery_errors import SecretsUnreadable
from services.secret_box import SecretBox


def test_what_was_sealed_is_opened_by_the_same_key_only():
    box = SecretBox(b"k" * 32)
    sealed = box.seal("SEC密钥")
    assert box.unseal(sealed) == "SEC密钥"
    assert sealed != box.seal("SEC密钥"), "the same secret looks different each time"
    with pytest.raises(SecretsUnreadable):
        SecretBox(b"x" * 32).unseal(sealed)
    with pytest.raises(SecretsUnreadable):
        box.unseal(sealed[:-1] + b"\x00")
    assert "k" * 32 not in repr(box)


def test_the_installations_key_is_made_once_and_is_its_owners_alone(tmp_path: Path):
    settings = Settings(data_dir=tmp_path / "data")
    sealed = make_secret_box(settings).seal("geheim")
    assert make_secret_box(settings).unseal(sealed) == "geheim"
    key = settings.data_dir / KEY_FILE
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert [path.name for path in settings.data_dir.iterdir()] == [KEY_FILE]


def test_a_configured_key_is_the_same_on_every_host(tmp_path: Path):
    one = Settings(data_dir=tmp_path / "a", secret_key="s3cret")
    two = Settings(data_dir=tmp_path / "b", secret_key="s3cret")
    assert make_secret_box(two).unseal(make_secret_box(one).seal("geheim")) == "geheim"
    assert not (tmp_path / "a").exists()
