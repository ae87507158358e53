"""System status 系统状态: the clock and its sweeps, what fails, what waits to be sent, the seals, the calendar."""

from fastapi import APIRouter
from fastapi.responses import Response

from domain.errors import NotFound
from domain.messages.scheduling import sweep_name
from services.operation import TryAgain
from services.queries.system_status import system_status
from web.notices import Notice
from web.visit import Submitting, Visiting

router = APIRouter()


@router.get("/status", name="status")
def show_status(visit: Visiting) -> Response:
    """Everything that runs by itself, at one moment."""
    return visit.page("status/status.html", status_now=system_status(visit.reading), sweep_name=sweep_name)


@router.post("/status", name="retry_sweep")
def retry_sweep(visit: Submitting) -> Response:
    """Try again at once what failed and rests. What succeeded in the meantime needs no second try."""
    try:
        count = visit.run(TryAgain(sweep=visit.text("sweep"), key=visit.text("key") or None))
    except NotFound:
        count = 0
    return visit.redirect("status", notice=Notice("sweep_retried", {"count": count}))
