"""Pages are compressed for browsers that take it, with a length that gives nothing away."""

import gzip

from starlette.requests import Request
from starlette.responses import Response

from web.packing import pack


def request(encodings="gzip, br"):
    return Request({"type": "http", "headers": [(b"accept-encoding", encodings.encode())]})


def test_a_page_is_packed_and_unpacks_to_itself():
    page = "看板" * 5_000
    packed = pack(request(), Response(page))
    assert gzip.decompress(packed.body).decode() == page
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert int(packed.headers["content-length"]) == len(packed.body) < 1_000


def test_the_same_page_has_no_fixed_length():
    assert len({len(pack(request(), Response("看板" * 5_000)).body) for _ in range(40)}) > 5


def test_small_answers_and_other_clients_get_it_plain():
    assert pack(request(), Response("x" * 50)).body == b"x" * 50
    plain = pack(request("identity"), Response("x" * 5_000))
    assert (plain.body, "content-encoding" in plain.headers) == (b"x" * 5_000, False)
