"""Puts the pages beside the API: their routes, their static files, their error pages."""

from fastapi.routing import APIRoute
from starlette.routing import Route

from api.dispatch import ModuleRoutes
from api.main import Application
from web.error_pages import error_page
from web.pages import ROUTERS
from web.templating import make_templates


def add_pages(app: Application) -> Application:
    """The application with its pages, under `/`. The API keeps its addresses and its problem documents."""
    pages: dict[str, APIRoute] = {}
    for router in ROUTERS:
        app.include_router(ModuleRoutes(router), include_in_schema=False)
        for route in router.routes:
            if isinstance(route, APIRoute):
                assert route.name not in pages, f"two pages are called {route.name}"
                pages[route.name] = route
    templates = make_templates(pages)
    app.router.routes.append(
        Route("/static/{digest}/{name:path}", templates.static.serve, methods=["GET"], name="static")
    )
    app.state.templates = templates
    app.state.error_pages = error_page
    return app
