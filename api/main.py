"""The API as an ASGI application."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from api import problems
from api.deps import Container
from api.dispatch import ModuleRoutes
from api.problems import PROBLEMS, Problem
from api.routes import (
    absences,
    accounts,
    assessments,
    audit,
    auth,
    bulletins,
    calendar,
    cases,
    channels,
    conferences,
    continuation,
    deliveries,
    documents,
    dossiers,
    drafts,
    escalations,
    evaluations,
    evidence,
    item_time,
    items,
    kpi,
    ledger,
    lights,
    lists,
    messages,
    operation,
    people,
    processes,
    replication_batches,
    rhythms,
    rounds,
    sheets,
    signers,
    units,
    work_items,
)
from api.security import FailureLimit, RequestContext

PREFIX = "/api/v1"
ROUTERS: tuple[APIRouter, ...] = (
    absences.router,
    accounts.router,
    assessments.router,
    audit.router,
    auth.router,
    bulletins.router,
    calendar.router,
    cases.router,
    channels.router,
    conferences.router,
    continuation.router,
    deliveries.router,
    documents.router,
    escalations.router,
    item_time.router,
    dossiers.router,
    drafts.router,
    evaluations.router,
    evidence.router,
    items.router,
    kpi.router,
    ledger.router,
    lights.router,
    lists.router,
    messages.router,
    operation.router,
    people.router,
    processes.router,
    replication_batches.router,
    rhythms.router,
    rounds.router,
    sheets.router,
    signers.router,
    units.router,
    work_items.router,
)
"""Every module of `api.routes`, alphabetical."""
MAX_BODY = 1024 * 1024
"""Bytes of a request. A route that takes files sets its own `max_body_size`."""


class Application(FastAPI):
    """FastAPI with the request context around everything, the framework's own error answers included."""

    def build_middleware_stack(self) -> ASGIApp:
        """The framework's layers inside ours."""
        return RequestContext(super().build_middleware_stack())

    def openapi(self) -> dict[str, Any]:
        """The description of the API, with the problem document among its schemas."""
        if self.openapi_schema is None:
            schema = super().openapi()
            components = schema.setdefault("components", {}).setdefault("schemas", {})
            described = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            components.update(described.pop("$defs", {}))
            components["Problem"] = described
            self.openapi_schema = schema
        return self.openapi_schema


def create_app(container: Container, *, lifespan: Callable[[], Any] | None = None) -> Application:
    """The application for this composition root. `lifespan` is a context manager around serving."""

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        # As many threads as connections: more would only queue for the pool, and time out there.
        anyio.to_thread.current_default_thread_limiter().total_tokens = container.threads
        if lifespan is None:
            yield
        else:
            with lifespan():
                yield

    app = Application(
        title="dudao 督导",
        version=version("dudao"),
        description="Supervision of government task lists. Errors are RFC 9457 problem documents.",
        openapi_url=f"{PREFIX}/openapi.json",
        # Their pages load scripts from elsewhere, which an office's network does not reach.
        docs_url=None,
        redoc_url=None,
        lifespan=running,
        max_body_size=MAX_BODY,
        generate_unique_id_function=_operation_id,
    )
    app.state.container = container
    app.state.failures = FailureLimit()
    for router in ROUTERS:
        app.include_router(ModuleRoutes(router, prefix=PREFIX, responses=PROBLEMS))
    problems.install(app)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
