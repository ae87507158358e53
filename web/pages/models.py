"""The process models 流程模型: versions, what the linter says, what runs on them, the drawing and the same in words."""

import re
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from services.queries.models import model_detail, models
from web.visit import Visiting

router = APIRouter()

VersionId = Annotated[int, Path(ge=1, le=2**31 - 1)]
_DAYS = re.compile(r"(\d+)w?d")


@router.get("/models", name="models")
def show_models(visit: Visiting) -> Response:
    """All processes with their versions."""
    return visit.page("models/models.html", rows=models(visit.reading))


@router.get("/models/{version_id}", name="model")
def show_model(visit: Visiting, version_id: VersionId) -> Response:
    """One version."""
    detail = model_detail(visit.reading, version_id)
    limits = {step.bpmn_id: _DAYS.fullmatch(step.limit) for step in detail.steps}
    days = {bpmn_id: int(found[1]) for bpmn_id, found in limits.items() if found}
    return visit.page("models/model.html", detail=detail, days=days)
