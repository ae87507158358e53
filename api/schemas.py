"""The base of every request and answer of the API."""

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """A request's body. What it does not know it refuses: a misspelt field must not be lost in silence."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


class Answer(BaseModel):
    """An answer's body."""

    model_config = ConfigDict(from_attributes=True, frozen=True)
