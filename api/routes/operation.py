"""How the clock is doing: for administrators in full, and in one line for whoever watches the service."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from api.deps import ContainerDep, ReadSession, Run
from api.examples import OPERATION
from api.reading import Asking, example
from api.schemas import Answer, Body
from services.operation import TryAgain
from services.queries.operation import Health, Operation, health, operation

router = APIRouter(tags=["operation"])


class Retry(Body):
    """What is tried again: one key of a sweep, or all that failed."""

    sweep: Annotated[str, Field(min_length=1, max_length=100, examples=["process_timers"])]
    key: Annotated[str | None, Field(max_length=500)] = None


class Retried(Answer):
    """How many keys will be tried at the next run."""

    keys: int


@router.get("/health")
def get_health(session: ReadSession, container: ContainerDep) -> Health:
    """Whether the service answers, and whether the clock goes: `ticking` is false when no scheduler has ticked for a
    minute. The status stays 200 then: a balancer must not take away a service that works because a clock stands.
    """
    return health(session, container.clock.now())


@router.get("/operation", responses=example(OPERATION))
def get_operation(asking: Asking) -> Operation:
    """The processes that are alive, how late each sweep is, and what could not be done."""
    return operation(asking)


@router.post("/operation/retries", status_code=202)
def retry_sweep(body: Retry, run: Run) -> Retried:
    """Try again at once what failed and rests, after its cause was mended."""
    return Retried(keys=run(TryAgain(sweep=body.sweep, key=body.key)))
