"""How a process looks after its memory."""

import atexit
import gc

_YOUNG = 10_000
"""New objects before the collector looks at them; a page makes a few thousand, and nearly all die with their last
reference anyway."""
_MIDDLE, _OLD = 20, 20


_LOADING = 200_000
"""New objects before the collector looks at them while a program loads; what it loads stays."""


def load() -> None:
    """Let the collector look seldom while modules are loaded, and not at all when the process ends.

    It took a fifth of the start of every command, and at the end it walks over everything again to free what the
    system takes back anyway.
    """
    gc.set_threshold(_LOADING, _MIDDLE, _OLD)
    atexit.register(gc.freeze)


def settle() -> None:
    """Take what is loaded by now out of the collector's sight, and let it look less often.

    A full collection walks over every model, template and route there is: 200 ms in which the process answers nobody,
    for objects that live as long as it does. To be called once everything is put together.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
