"""Documents are drawn in processes of their own: with a time limit, a memory limit, and an end that hurts nobody.

A few of them stay ready, because loading what draws takes longer than drawing a letter. One that does not end is
stopped and replaced, and so is one that dies; the caller gets an error and nothing else happens.
"""

import atexit
import ctypes
import gc
import multiprocessing
import os
import resource
import signal
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from domain.document_errors import (
    ContentRefused,
    FileNotRead,
    FileTookTooLong,
    FontsMissing,
    RendererBusy,
    RendererFailed,
    RenderingTookTooLong,
)
from domain.documents import MEGABYTE, Attached, Claims, check_attachments

SECONDS = 60.0
"""The longest one document may take. 300 pages take 25 seconds."""
MEMORY = 2048 * MEGABYTE
"""Of address space. 84 pages with 800 rows take 300 MB of memory, and the fonts are mapped besides."""
WAITING_SECONDS = 300.0
"""The longest a caller waits for its turn and its document together."""
_DOCUMENTS_OF_A_PROCESS = 60
_MOST_PROCESSES = 4
_MMAP_THRESHOLD, _LARGE_BUFFER = -3, 256 * 1024  # M_MMAP_THRESHOLD of <malloc.h>
_KILLED_WITH_PARENT = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may take: seconds, and bytes of address space."""

    seconds: float = SECONDS
    memory: int = MEMORY


class Renderer:
    """Draws documents, several at a time. Thread-safe; `close()` ends its processes."""

    def __init__(self, *, processes: int | None = None, limits: Limits = Limits()) -> None:
        self._processes = processes or min(_MOST_PROCESSES, len(os.sched_getaffinity(0)))
        self._limits = limits
        self._lock = threading.Lock()
        self._pool: Any = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def pdf(self, template: str, content: Mapping[str, Any], *, attachments: Sequence[Attached] = ()) -> bytes:
        """The PDF/A-3b of `content` in `template`; the same bytes each time.

        Raises TooManyAttachments, RenderingTookTooLong, RendererFailed, RendererBusy and what `draw_pdf` raises.
        """
        check_attachments(attachments)
        drawn: bytes = self._done(_draw, template, _plain(content), tuple(attachments))
        return drawn

    def docx(self, template: str, content: Mapping[str, Any]) -> bytes:
        """The same for a word processor: official fonts by name, the same bytes each time. Raises as `pdf`."""
        drawn: bytes = self._done(_draw_word, template, _plain(content))
        return drawn

    def sheets(self, template: str, content: Mapping[str, Any]) -> tuple[bytes, ...]:
        """Each page as a picture (PNG), to be looked at before anything is issued. Raises as `pdf`."""
        drawn: tuple[bytes, ...] = self._done(_draw_sheets, template, _plain(content))
        return drawn

    def claims(self, path: Path) -> Claims:
        """What the PDF at `path` says of itself. Raises FileTookTooLong, FileNotRead, RendererBusy."""
        try:
            claims: Claims = self._done(_inspect, path)
        except RenderingTookTooLong as error:
            raise FileTookTooLong(str(error), **error.facts) from None
        except RendererFailed as error:
            raise FileNotRead(str(error)) from None
        return claims

    def pids(self) -> list[int]:
        """The processes that draw now: none before the first document."""
        with self._lock:
            return list(self._pool._pool_manager.worker_manager.workers) if self._pool is not None else []  # noqa: SLF001  the pool names its processes nowhere else

    def close(self) -> None:
        """End the processes. The next document starts new ones."""
        with self._lock:
            pool, self._pool = self._pool, None
            folder, self._folder = self._folder, None
        if pool is not None:
            pool.stop()
            pool.join()
        if folder is not None:
            folder.cleanup()

    def _done(self, function: Callable[..., object], *arguments: object) -> Any:
        from pebble import ProcessExpired

        future = self._ready().schedule(function, args=arguments, timeout=self._limits.seconds)
        try:
            return future.result(timeout=max(WAITING_SECONDS, self._limits.seconds * 2))
        except TimeoutError as error:
            if not future.done():
                future.cancel()
                raise RendererBusy("its turn did not come") from None
            raise RenderingTookTooLong(str(error), seconds=round(self._limits.seconds)) from None
        except (ProcessExpired, MemoryError) as error:
            raise RendererFailed(f"{type(error).__name__}: {error}") from None
        except (BrokenProcessPool, CancelledError, RuntimeError) as error:
            self.close()
            raise RendererFailed(f"{type(error).__name__}: {error}") from error

    def _ready(self) -> Any:
        from pebble import ProcessPool

        with self._lock:
            if self._pool is None:
                # A clean server process that has everything loaded makes the others by forking itself: our own threads
                # and connections are not in them, and a new one is ready at once.
                context = multiprocessing.get_context("forkserver")
                context.set_forkserver_preload(["dossiers.drawing", "dossiers.word"])
                self._folder = tempfile.TemporaryDirectory(prefix="dudao-drawing-")
                self._pool = ProcessPool(
                    max_workers=self._processes,
                    max_tasks=_DOCUMENTS_OF_A_PROCESS,
                    initializer=prepare,
                    initargs=(self._limits.memory, self._folder.name),
                    context=context,
                )
            return self._pool


@lru_cache(maxsize=1)
def renderer() -> Renderer:
    """The renderer of this process."""
    made = Renderer()
    atexit.register(made.close)
    return made


def render_pdf(template: str, content: Mapping[str, Any], *, attachments: Sequence[Attached] = ()) -> bytes:
    """The PDF/A-3b of `content` (plain JSON data, with `dated` in ISO form and `title`) in `<template>.html.j2`.

    Raises the errors of `domain.document_errors`; nothing is left behind by a failure.
    """
    return renderer().pdf(template, content, attachments=attachments)


def render_docx(template: str, content: Mapping[str, Any]) -> bytes:
    """The same template as .docx. Raises as `render_pdf`."""
    return renderer().docx(template, content)


def _plain(content: Mapping[str, Any]) -> dict[str, Any]:
    """Content as plain data: nothing in it can bring code, or text that claims to be markup already."""
    try:
        plain: dict[str, Any] = orjson.loads(orjson.dumps(content))
    except TypeError as error:
        raise ContentRefused(str(error), what=str(error)) from None
    return plain


def prepare(memory: int, folder: str) -> None:
    """What a process does first: it accepts its limits (bytes of address space), and ends with whoever started it."""
    libc = ctypes.CDLL(None)
    libc.prctl(_KILLED_WITH_PARENT, signal.SIGKILL)
    # Buffers of whole fonts go back to the system at once; glibc would learn to keep them, 60 MB in each process.
    libc.mallopt(_MMAP_THRESHOLD, _LARGE_BUFFER)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    tempfile.tempdir = folder
    from dossiers.drawing import warm_up

    # Whoever asks for the first document does not wait for the faces; that they are missing, they are told then.
    with suppress(FontsMissing):
        warm_up()
    # What is loaded now stays, and garbage is looked for between two documents. While one is drawn nearly all that is
    # made is needed to its end: looking through it took a tenth of the time and saved four megabytes of 240.
    gc.collect()
    gc.freeze()
    gc.disable()


def _tidy() -> None:
    """Give back what the document before this one left behind, which is half as much as a long one takes."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


def _draw(template: str, content: dict[str, Any], attachments: tuple[Attached, ...]) -> bytes:
    from dossiers.drawing import draw_pdf

    _tidy()
    return draw_pdf(template, content, attachments)


def _draw_word(template: str, content: dict[str, Any]) -> bytes:
    from dossiers.word import draw_docx

    _tidy()
    return draw_docx(template, content)


def _draw_sheets(template: str, content: dict[str, Any]) -> tuple[bytes, ...]:
    from dossiers.sheets import draw_sheets

    _tidy()
    return draw_sheets(template, content)


def _inspect(path: Path) -> Claims:
    from dossiers.inspection import read_claims

    _tidy()
    return read_claims(path)
