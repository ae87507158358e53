"""Puts the pages beside the API: their routes, their static files, their error pages."""

from starlette.routing import Route

from api.main import Application
from web.error_pages import error_page
from web.pages import ROUTERS
from web.templating import make_templates


def add_pages(app: Application) -> Application:
    """The application with its pages, under `/`. The API keeps its addresses and its problem documents."""
    for router in ROUTERS:
        app.include_router(router, include_in_schema=False)

    def has_page(name: str) -> bool:
        return name in pages

    templates = make_templates(app.url_path_for, has_page)
    app.router.routes.append(
        Route("/static/{digest}/{name:path}", templates.static.serve, methods=["GET"], name="static")
    )
    pages = {str(name) for router in ROUTERS for route in router.routes if (name := getattr(route, "name", None))}
    app.state.templates = templates
    app.state.error_pages = error_page
    return app
