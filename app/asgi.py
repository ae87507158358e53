"""The application for an ASGI server that wants a factory: `uvicorn app.asgi:create --factory`.

`dudao serve` is the ordinary way; this one is for servers that start several processes themselves.
"""

from contextlib import ExitStack

from api.main import Application
from app.application import make_application
from app.container import opened_container
from app.logging import configure_logging
from app.settings import Settings


def create() -> Application:
    """The application on the configured database, which is closed when the server shuts down.

    Raises:
        Unavailable: one of its subclasses says why there is no database, or SchemaOutOfDate.
    """
    settings = Settings()
    configure_logging(settings.log_level, settings.log_format)
    with ExitStack() as stack:
        container = stack.enter_context(opened_container(settings))
        kept = stack.pop_all()
    return make_application(container, lifespan=lambda: kept)
