"""Process versions as published, and where an instance stands in its drawing."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from api.deps import CurrentActor
from api.reading import Asking
from services.queries.processes import InstanceOverlay, Version, instance_overlay, process_xml, versions

router = APIRouter(tags=["processes"])

VersionId = Annotated[int, Path(ge=1, le=2**31 - 1)]
XML = "application/xml"
FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}


@router.get("/processes")
def list_process_versions(asking: Asking) -> list[Version]:
    """All published versions, the newest of each process first."""
    return list(versions(asking))


@router.get(
    "/processes/{version_id}/bpmn",
    response_class=Response,
    responses={200: {"description": "BPMN 2.0.", "content": {XML: {"schema": {"type": "string"}}}}},
)
def get_process_bpmn(version_id: VersionId, _actor: CurrentActor, asking: Asking) -> Response:
    """The BPMN of a version, as it was published; it never changes."""
    return Response(
        process_xml(asking, version_id),
        media_type=XML,
        headers={"Cache-Control": "private, max-age=31536000, immutable"},
    )


@router.get("/process-instances/{instance_id}/overlay")
def get_instance_overlay(instance_id: UUID, asking: Asking) -> InstanceOverlay:
    """What to draw on the diagram of an instance: what is open, what was done how often, which way it came."""
    return instance_overlay(asking, instance_id)
