"""Spreadsheets over HTTP: the file is the request's body, its name a parameter, the answer tells of every row."""

from typing import Annotated

from fastapi import Body, Query

from api.schemas import Answer
from services.imported_rows import RowOutcome

SheetBytes = Annotated[
    bytes, Body(media_type="application/octet-stream", description="The .xlsx, or a .csv in UTF-8 or GB18030.")
]
SheetName = Annotated[str, Query(min_length=1, max_length=200, description="What messages call the file.")]
CheckOnly = Annotated[bool, Query(description="Check everything and write nothing.")]


class RowAnswer(Answer):
    """What one row led to; `number` as the spreadsheet program shows it."""

    number: int
    what: str
    outcome: RowOutcome
    fields: list[str]
