"""The service as a process: it answers, it stops in good order, and its requests run side by side."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest


@pytest.fixture
def service(committed_db, tmp_path):
    """The base address of a running `dudao serve`, and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "DUDAO_DATABASE_URL": committed_db.app_url,
        "DUDAO_OWNER_DATABASE_URL": committed_db.owner_url,
        "DUDAO_DATA_DIR": str(tmp_path),
        "DUDAO_LOG_FORMAT": "json",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", "from app.cli import main; main()", "serve", "--port", str(port)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        base = process.stdout.readline().strip()
        assert base == f"http://127.0.0.1:{port}"
        wait_for(port)
        yield base, process
    finally:
        process.kill()
        process.communicate()


def wait_for(port):
    for _ in range(1200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("nobody listens")


def get(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.load(answer)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_and_stops_when_asked(service, stop):
    base, process = service
    assert get(f"{base}/api/v1/openapi.json")["info"]["title"] == "dudao 督导"
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(get, [f"{base}/api/v1/openapi.json"] * 8))
    assert len(found) == 8
    process.send_signal(stop)
    _, log = process.communicate(timeout=60)
    assert process.returncode in {0, 128 + stop, -stop}
    lines = [json.loads(line) for line in log.splitlines()]
    assert {line["status"] for line in lines if line.get("event") == "request"} == {200}
    assert "Traceback" not in log
