"""The database of this installation, as its settings say."""

from contextlib import AbstractContextManager

from app.settings import Settings
from db.access import DatabaseAccess, open_database


def opened_database(settings: Settings) -> AbstractContextManager[DatabaseAccess]:
    """Reach the configured database, or run the embedded one while the context lasts.

    Raises:
        Unavailable: one of its subclasses says why there is no database.
    """
    return open_database(
        database_url=settings.app_url,
        owner_database_url=settings.owner_url,
        data_dir=settings.data_dir,
        embedded_major=settings.embedded_major,
    )
