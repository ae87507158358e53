"""Which module of routes a request belongs to."""

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from api.dispatch import ModuleRoutes, first_words


def router(*paths):
    made = APIRouter()
    for path in paths:
        made.add_api_route(path, lambda asked=path: asked, methods=["GET"])
    return made


@pytest.fixture
def client():
    app = FastAPI()
    app.include_router(ModuleRoutes(router("/items", "/items/{id}", "/lists/{id}/items"), prefix="/api/v1"))
    app.include_router(ModuleRoutes(router("/items/{id}/clock", "/"), prefix="/api/v1"))
    app.include_router(ModuleRoutes(router("/", "/items")))
    return TestClient(app)


@pytest.mark.parametrize(
    ("path", "answered"),
    [
        ("/api/v1/items", "/items"),
        ("/api/v1/items/7", "/items/{id}"),
        ("/api/v1/items/7/clock", "/items/{id}/clock"),  # the first module begins alike and has no such route
        ("/api/v1/lists/7/items", "/lists/{id}/items"),
        ("/api/v1/", "/"),
        ("/items", "/items"),
        ("/", "/"),
    ],
)
def test_a_request_reaches_the_module_whose_path_it_is(client, path, answered):
    assert client.get(path).json() == answered


@pytest.mark.parametrize("path", ["/api", "/api/v1", "/api/v1/lists", "/lists/7/items", "/item", "/items/"])
def test_what_no_module_has_is_not_found(client, path):
    assert client.get(path, follow_redirects=False).status_code in {404, 307}


def test_another_method_is_told_apart_from_another_path(client):
    assert client.post("/api/v1/items").status_code == 405


def test_below_another_path_every_route_is_reached():
    outer, inner = FastAPI(), FastAPI()
    inner.include_router(ModuleRoutes(router("/items"), prefix="/api/v1"))
    outer.mount("/dudao", inner)
    assert TestClient(outer).get("/dudao/api/v1/items").json() == "/items"


def test_a_module_whose_path_begins_with_a_parameter_is_refused():
    with pytest.raises(ValueError, match="word of its own"):
        first_words(router("/{anything}").routes)
