"""Many commands of one request, each in its own transaction: one that is refused does not stop the others."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar
from uuid import UUID, uuid5

from domain.errors import DomainError, Unavailable
from domain.permissions import Actor
from services.executor import Command, Executor, RequestInfo

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Result]):
    """What became of the command on one subject: a result, or the error that refused it."""

    subject_id: UUID
    result: Result | None
    error: DomainError | None


def each(
    executor: Executor,
    commands: Iterable[tuple[UUID, Command[Result]]],
    *,
    actor: Actor,
    request: RequestInfo,
    progress: Callable[[], None] | None = None,
) -> Iterator[Outcome[Result]]:
    """Run the commands in order and give what became of each, by the subject it is named with.

    A request's key becomes one key per subject, so that a repeated request carries out what is missing and answers
    the rest again.

    Raises Unavailable at the first subject for which the database does not answer: the others would fare no better.
    """
    for subject_id, command in commands:
        key = None if request.key is None else uuid5(request.key, str(subject_id))
        try:
            result = executor.execute(command, actor=actor, request=replace(request, key=key))
        except Unavailable:
            raise
        except DomainError as error:
            yield Outcome(subject_id, None, error)
        else:
            yield Outcome(subject_id, result, None)
        if progress is not None:
            progress()
