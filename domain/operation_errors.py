"""What keeps the system from running, said to whoever runs it: the database, its files, a fault of the program."""

from domain.errors import Conflict, DomainError, Unavailable


class EmbeddedUnavailable(Unavailable):
    """The embedded database did not start; the log says why."""

    code = "embedded_unavailable"


class EmbeddedAccountMissing(Unavailable):
    """There is no operating system user that could run the embedded database."""

    code = "embedded_account_missing"


class EmbeddedProgramsMissing(Unavailable):
    """No PostgreSQL binaries of that major came with the installation."""

    code = "embedded_programs_missing"


class EmbeddedDirectoryUnwritable(Unavailable):
    """The operating system refuses to write there."""

    code = "embedded_directory_unwritable"


class EmbeddedDirectoryUnreachable(Unavailable):
    """The server's own system user cannot pass a directory above the data."""

    code = "embedded_directory_unreachable"


class EmbeddedDirectoryForeign(Unavailable):
    """What lies there belongs to somebody else, or is open to others."""

    code = "embedded_directory_foreign"


class EmbeddedDiskFull(Unavailable):
    """The disk has no room for the database."""

    code = "embedded_disk_full"


class EmbeddedPathTooLong(Unavailable):
    """A path is longer than the operating system or a socket's address allows."""

    code = "embedded_path_too_long"


class EmbeddedBusy(Unavailable):
    """Another process has been starting or stopping the database for too long."""

    code = "embedded_busy"


class DataOfOlderMajor(Unavailable):
    """The data directory was written by an older PostgreSQL major."""

    code = "data_of_older_major"


class DataOfNewerMajor(Unavailable):
    """The data directory was written by a newer PostgreSQL major."""

    code = "data_of_newer_major"


class DatabaseUnreachable(Unavailable):
    """No answer from the configured database."""

    code = "database_unreachable"


class DatabaseTooOld(Unavailable):
    """The configured database is older than the oldest supported major."""

    code = "database_too_old"


class DatabaseRoleMissing(Unavailable):
    """The application's role does not exist and may not be created, or the user is no member of it."""

    code = "database_role_missing"


class SchemaOutOfDate(Unavailable):
    """The database's schema is not the one this version of the program was written for."""

    code = "schema_out_of_date"


class MigrationRunning(Conflict):
    """Another process is migrating the same database."""

    code = "migration_running"


class EmbeddedInUse(Conflict):
    """Other processes use the embedded database."""

    code = "embedded_in_use"


class InternalError(DomainError):
    """A fault of the program. The log has it under `error_id`; the user sees only the id."""

    code = "internal_error"
