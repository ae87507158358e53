"""The work list: what waits for a person, the most pressing first."""

from fastapi import APIRouter
from fastapi.responses import Response

from services.queries.worklist import WorkFilter, open_work
from web.visit import Visiting

router = APIRouter()


@router.get("/todo", name="todo")
def show_todo(visit: Visiting) -> Response:
    """What waits for the visitor."""
    return visit.page("todo/todo.html", work=open_work(visit.reading, WorkFilter()))
