"""Settings come from the environment, have safe defaults, and keep passwords to themselves."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import Settings
from tests.databases import ROOT


def test_values_come_from_prefixed_variables(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DUDAO_PORT", "9001")
    monkeypatch.setenv("DUDAO_DATA_DIR", "/srv/dudao")
    assert (Settings().port, Settings().data_dir) == (9001, Path("/srv/dudao"))
    assert Settings().evidence_dir == Path("/srv/dudao/evidence")
    assert Settings().base_url == "http://127.0.0.1:9001"


def test_the_service_is_not_offered_to_the_network_unless_told():
    assert Settings().host == "127.0.0.1"


def test_root_and_others_have_their_own_default_place(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DUDAO_DATA_DIR")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert Settings().data_dir == Path("/var/lib/dudao")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", "/srv/xdg")
    assert Settings().data_dir == Path("/srv/xdg/dudao")


def test_a_password_is_not_printed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DUDAO_DATABASE_URL", "postgresql://office:geheim@db/office")
    settings = Settings()
    assert "geheim" not in repr(settings) + str(settings)
    assert settings.app_url == "postgresql://office:geheim@db/office"
    assert settings.owner_url is None


@pytest.mark.parametrize(("name", "value"), [("PORT", "70000"), ("MAX_UPLOAD_MB", "0"), ("LOG_FORMAT", "xml")])
def test_nonsense_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str):
    monkeypatch.setenv(f"DUDAO_{name}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_importing_reads_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DUDAO_PORT", "nonsense")
    done = subprocess.run([sys.executable, "-c", "import app.settings"], check=False, cwd=ROOT)
    assert done.returncode == 0
    importlib.import_module("app.settings")
