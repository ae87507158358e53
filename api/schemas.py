"""The base of every request and answer of the API."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Body(BaseModel):
    """A request's body. What it does not know it refuses: a misspelt field must not be lost in silence."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


class Answer(BaseModel):
    """An answer's body."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


SeenVersion = Annotated[
    int, Field(ge=1, le=2**31 - 1, examples=[3], description="The version one looked at; 409 if there is a newer one.")
]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 12, 31), examples=["2026-12-31"])]
"""A local day. The calendar reckons on both sides of it, and ends in the year 9999."""
