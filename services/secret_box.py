"""Secrets that we have to use again, sealed with the installation's key: what an endpoint wants to be called with."""

import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.delivery_errors import SecretsUnreadable

KEY_BYTES = 32
_NONCE_BYTES = 12
_ALGORITHM = b"\x01"
"""AES-256-GCM. Stored with each secret, so that another one can take its place beside it."""


@dataclass(frozen=True, slots=True, repr=False)
class SecretBox:
    """Seals and opens with one key of `KEY_BYTES` bytes."""

    key: bytes

    def seal(self, secret: str) -> bytes:
        """What the database holds."""
        nonce = os.urandom(_NONCE_BYTES)
        return _ALGORITHM + nonce + AESGCM(self.key).encrypt(nonce, secret.encode(), _ALGORITHM)

    def unseal(self, sealed: bytes) -> str:
        """The secret. Raises SecretsUnreadable when it was sealed with another key."""
        nonce, content = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return AESGCM(self.key).decrypt(nonce, content, sealed[:1]).decode()
        except (InvalidTag, ValueError) as error:
            raise SecretsUnreadable("sealed with another key") from error
