"""Secrets that a client keeps and we only recognise: session tokens, bearer tokens, one-time links."""

import hashlib
import secrets

TOKEN_PREFIX = "dudao_"  # noqa: S105  lets scanners find a leaked token; it is no secret
BYTES = 32


def new_secret(prefix: str = "") -> str:
    """256 random bits, printable. Whoever has it is whoever it was given to."""
    return prefix + secrets.token_urlsafe(BYTES)


def digest_of(secret: str) -> bytes:
    """What the database holds. No salt and no slow hash: 256 random bits cannot be guessed."""
    return hashlib.sha256(secret.encode()).digest()
