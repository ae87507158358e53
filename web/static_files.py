"""Style sheets, scripts and pictures, read once and served with the digest of them all in their address.

An address never changes its content, so browsers keep it for a year; a new version of the program has new addresses.
One digest for all of them lets a script import its neighbour by a relative name.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from domain.errors import NotFound

FOLDER = Path(__file__).parent / "static"
SERVED = ("css", "img", "js", "vendor")
"""The folders below `static` that are served; `vendor` is put there by `scripts/static`."""
UNSERVED = ("vendor/dev/",)
WORTH_PACKING = frozenset({".css", ".js", ".svg"})
FOREVER = "public, max-age=31536000, immutable"

# The machine's own table of types may say something else, and browsers refuse scripts of the wrong type.
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file as it goes over the wire; `packed` is its gzip form where that is worth it."""

    content: bytes
    packed: bytes | None
    media_type: str


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """All of them by their path below the folder, such as `css/base.css`."""

    files: Mapping[str, StaticFile]
    digest: str

    @classmethod
    def read(cls, folder: Path = FOLDER) -> "StaticFiles":
        """Everything that may be served, as it lies there now."""
        digest = hashlib.sha256()
        files = {}
        for name, path in _found(folder):
            content = path.read_bytes()
            digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
            files[name] = _as_served(path, content)
        return cls(files, digest.hexdigest()[:12])

    def path_of(self, name: str) -> str:
        """The address of a file. A file of our own that is not there is a mistake in a template: KeyError.

        Those of `vendor` may be missing where nobody ran the set-up; pages work without them.
        """
        if name not in self.files and not name.startswith("vendor/"):
            raise KeyError(name)
        return f"/static/{self.digest}/{name}"

    async def serve(self, request: Request) -> Response:
        """Answer `GET /static/{digest}/{name}`. Raises NotFound, also for the address of another version."""
        found = self.files.get(request.path_params["name"])
        if found is None or request.path_params["digest"] != self.digest:
            raise NotFound(request.url.path)
        headers = {"Cache-Control": FOREVER}
        if found.packed is None:
            return Response(found.content, headers=headers, media_type=found.media_type)
        headers["Vary"] = "Accept-Encoding"
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(found.packed, headers=headers, media_type=found.media_type)
        return Response(found.content, headers=headers, media_type=found.media_type)


def _found(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name.partition("/")[0] in SERVED and not name.startswith(UNSERVED):
            yield name, path


def _as_served(path: Path, content: bytes) -> StaticFile:
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = gzip.compress(content, mtime=0) if path.suffix in WORTH_PACKING else None
    return StaticFile(content, packed, media_type)
