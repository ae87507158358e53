"""The embedded server on a bad day: killed, orphaned, raced for, mistaken, started by somebody who is not root."""

import contextlib
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from db.access import conninfo
from db.embedded import look
from db.embedded import start as start_durably
from tests.databases import ROOT
from tests.integration.embedded_support import (
    IS_ROOT,
    MAJOR,
    OTHER_MAJOR,
    add_row,
    eventually,
    launch,
    modes,
    private_place,
    query,
    start,
    using,
)

OTHER_USER = "nobody"
needs_root = pytest.mark.skipif(not IS_ROOT, reason="only root can become another user")


@pytest.fixture
def fresh() -> Iterator[Path]:
    with private_place() as created:
        yield created / "data"


def kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def test_many_starts_at_once_make_one_server(fresh: Path):
    processes = [launch(fresh) for _ in range(3)]
    reports = [process.stdout.readline() for process in processes if process.stdout]
    assert len(set(reports)) == 1 and '"pid"' in reports[0]
    for process in processes:
        process.communicate(timeout=30)
        assert process.returncode == 0
    assert look(fresh).pid is None


def test_it_is_taken_over_when_its_parent_was_killed(fresh: Path):
    with using(fresh) as other:
        kill(other.process.pid)
        other.process.wait()
        pid = other.report["pid"]
        assert look(fresh).pid == pid
        with start(fresh, MAJOR) as server:
            assert server.server_pid() == pid
            assert query(server.app_url, "SELECT 1") == 1
    assert look(fresh).pid is None


def test_committed_rows_survive_the_death_of_the_server(fresh: Path):
    with start_durably(fresh, MAJOR) as server:
        add_row(server)
        kill(server.server_pid())
        assert eventually(lambda: server.server_pid() is None)
        assert server.revive()
        assert not server.revive()
        assert query(server.owner_url, "SELECT count(*) FROM kept") == 1


def test_a_watched_server_comes_back_by_itself(fresh: Path):
    with start(fresh, MAJOR) as server:
        server.keep_alive(interval=0.05)
        old = server.server_pid()
        kill(old)
        assert eventually(lambda: server.server_pid() not in {None, old})
        with contextlib.suppress(psycopg.OperationalError):
            query(server.app_url, "SELECT 1")
        assert eventually(lambda: look(fresh).pid is not None)


def test_a_killed_server_that_nobody_buried_does_not_stand_in_the_way(fresh: Path):
    with using(fresh) as other:
        # Its parent never waits for it: the dead server stays as a zombie that `kill -0` takes for alive.
        kill(other.report["pid"])
        assert eventually(lambda: psutil.Process(other.report["pid"]).status() == psutil.STATUS_ZOMBIE)
        with start(fresh, MAJOR) as server:
            assert query(server.app_url, "SELECT 1") == 1


def test_a_stale_pid_file_that_names_a_living_stranger_is_not_believed(fresh: Path):
    start(fresh, MAJOR).stop()
    account = pwd.getpwnam("dudao-pg") if IS_ROOT else pwd.getpwuid(os.geteuid())
    user = (account.pw_uid, account.pw_gid) if IS_ROOT else (None, None)
    stranger = subprocess.Popen(["/bin/sleep", "60"], user=user[0], group=user[1], cwd="/")
    try:
        pid_file = fresh / "postgresql/pgdata/postmaster.pid"
        pid_file.write_text(f"{stranger.pid}\n{pid_file.parent}\n0\n5432\n\n\n\nready\n")
        if IS_ROOT:
            os.chown(pid_file, account.pw_uid, account.pw_gid)
        assert look(fresh).pid is None
        with start(fresh, MAJOR) as server:
            assert server.server_pid() != stranger.pid
            assert query(server.app_url, "SELECT 1") == 1
        assert stranger.poll() is None, "the stranger must not be stopped in the server's stead"
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_it_ends_with_its_only_user(fresh: Path, sent: signal.Signals, code: int):
    with using(fresh) as other:
        assert look(fresh).pid == other.report["pid"]
        other.process.send_signal(sent)
        assert other.process.wait(30) == code
        assert look(fresh).pid is None


def test_ctrl_c_in_the_terminal_reaches_only_the_program(fresh: Path):
    with using(fresh) as other:
        server_session = os.getsid(other.report["pid"])
        assert server_session != os.getsid(other.process.pid)
        assert os.getpgid(other.report["pid"]) != os.getpgid(other.process.pid)


def test_starting_again_takes_less_than_a_second(fresh: Path):
    start(fresh, MAJOR).stop()
    began = time.perf_counter()
    start(fresh, MAJOR).stop()
    # Measured 0.04 s; the bound only catches a sleep or a second initdb.
    assert time.perf_counter() - began < 5


@needs_root
def test_without_root_it_runs_as_the_user_in_a_private_place(fresh: Path):
    fresh.mkdir(mode=0o700)
    entry = pwd.getpwnam(OTHER_USER)
    os.chown(fresh, entry.pw_uid, entry.pw_gid)
    before = modes(fresh)
    with using(fresh, user=OTHER_USER) as other:
        assert other.report["roles"] == ["dudao_app", "dudao_app"]
        assert psutil.Process(other.report["pid"]).uids().real == entry.pw_uid
        # Root itself is nobody to this server: peer knows one user.
        with pytest.raises(psycopg.OperationalError, match="Peer authentication failed"):
            psycopg.connect(conninfo(other.report["owner_url"]))
        assert other.leave() == 0
    assert not (fresh / "postgresql/pgdata/postmaster.pid").exists()
    assert modes(fresh) == before


@needs_root
def test_without_root_a_place_that_may_not_be_written_is_named(fresh: Path):
    fresh.mkdir(mode=0o755)
    with using(fresh, user=OTHER_USER) as other:
        assert other.report["code"] == "embedded_directory_unwritable"
        assert "DUDAO_DATA_DIR" in other.report["message"]


@needs_root
def test_data_of_another_user_is_refused(fresh: Path):
    fresh.mkdir(mode=0o711)
    start(fresh, MAJOR).stop()
    with using(fresh, user=OTHER_USER) as other:
        assert other.report["code"] in {"embedded_directory_foreign", "embedded_directory_unwritable"}


def dudao(data_dir: Path, *arguments: str, major: int = MAJOR) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would."""
    environment = {**os.environ, "DUDAO_DATA_DIR": str(data_dir), "DUDAO_EMBEDDED_MAJOR": str(major)}
    return subprocess.run(
        [Path(sys.executable).with_name("dudao"), *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
    )


def test_data_moves_to_another_major_as_the_refusal_says(fresh: Path):
    older, newer = sorted((MAJOR, OTHER_MAJOR))
    dumped = fresh.parent / "dudao.dump"
    assert dudao(fresh, "db", "upgrade", major=older).returncode == 0
    with start(fresh, older) as server:
        add_row(server)
    refused = dudao(fresh, "db", "check", major=newer)
    assert refused.returncode == 2 and "dudao db dump" in refused.stderr
    assert dudao(fresh, "db", "dump", str(dumped), major=older).returncode == 0
    (fresh / "postgresql").rename(fresh / "postgresql.old")
    restored = dudao(fresh, "db", "restore", str(dumped), major=newer)
    assert restored.returncode == 0, restored.stderr
    with start(fresh, newer) as server:
        assert query(server.app_url, "SELECT count(*) FROM kept") == 1
        assert query(server.app_url, "SELECT current_setting('server_version_num')::int / 10000") == newer
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            query(server.app_url, "TRUNCATE kept")
