"""The whole application: the API with the pages beside it, as every way of serving starts it."""

from collections.abc import Callable
from typing import Any

from api.deps import Container
from api.main import Application, create_app
from web.main import add_pages


def make_application(container: Container, *, lifespan: Callable[[], Any] | None = None) -> Application:
    """API and pages for this composition root. `lifespan` is a context manager around serving."""
    return add_pages(create_app(container, lifespan=lifespan))
