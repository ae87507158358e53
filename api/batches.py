"""What became of one of several commands of a request, on the wire."""

from typing import Any

from pydantic_core import to_jsonable_python

from api.problems import status_of
from api.schemas import Answer
from domain.errors import DomainError
from domain.messages import message_for


class Refusal(Answer):
    """Why one was refused: the problem document of a single request, without what all have in common."""

    status: int
    code: str
    detail: str
    facts: dict[str, Any]


def refusal(error: DomainError | None) -> Refusal | None:
    """The refusal of one; None where it was done."""
    if error is None:
        return None
    facts = to_jsonable_python(dict(error.facts), fallback=str)
    return Refusal(status=status_of(error), code=error.code, detail=message_for(error), facts=facts)
