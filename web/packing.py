"""Pages go over the wire compressed."""

import gzip
import secrets
from io import BytesIO

from starlette.requests import Request
from starlette.responses import Response

WORTH_PACKING = 1_000
_LEVEL = 5
_MOST_PADDING = 100


def pack(request: Request, response: Response) -> Response:
    """The response, compressed where the browser takes it and it is worth it."""
    response.headers.add_vary_header("Accept-Encoding")
    body = bytes(response.body)
    if "gzip" not in request.headers.get("accept-encoding", "") or len(body) < WORTH_PACKING:
        return response
    packed = BytesIO()
    # A name of random length in the gzip header: a page holds a secret (the CSRF token) beside words from its address,
    # and its exact length must not tell how well the two compress together.
    with gzip.GzipFile("p" * secrets.randbelow(_MOST_PADDING), "wb", _LEVEL, packed, mtime=0) as into:
        into.write(body)
    response.body = packed.getvalue()
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.body))
    return response
