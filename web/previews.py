"""Papers as pictures of their pages, drawn once for the same content and kept for a while in memory.

A preview is asked for after each saving, by one or two people at a time, and then each of its pages is. Drawing takes
a second or more in a process of its own; meanwhile no connection to the database is held.
"""

from collections import OrderedDict
from threading import Lock

from services.queries.papers import Paper
from web.visit import Visit

KEPT = 24
"""Papers whose pictures stay in memory: some 5 MB."""

_kept: OrderedDict[str, tuple[bytes, ...]] = OrderedDict()
_lock = Lock()


def sheets_of(visit: Visit, paper: Paper) -> tuple[bytes, ...]:
    """The pages as PNG. Raises the errors of `domain.document_errors`."""
    with _lock:
        if paper.digest in _kept:
            _kept.move_to_end(paper.digest)
            return _kept[paper.digest]
    visit.close_reading()
    drawn = visit.container.draughtsman.sheets(paper.template, paper.content)
    with _lock:
        _kept[paper.digest] = drawn
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return drawn
