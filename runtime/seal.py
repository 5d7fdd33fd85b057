"""Sealing bytes at rest: AES-256-GCM with a key that is derived from a secret.

What was sealed with the previous secret still opens: give both, the current one first.
"""

import os
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

_NONCE = 12


class SealBroken(ValueError):
    """None of the known keys opens these bytes."""


class Sealer:
    """Seals with the first secret, opens with any. Sealed form: 12 bytes nonce, then ciphertext and tag."""

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets or not all(secrets):
            raise ValueError("sealing needs at least one secret, none of them empty")
        self._ciphers = [AESGCM(sha256(secret.encode()).digest()) for secret in secrets]

    @classmethod
    def of(cls, secrets: Iterable[SecretStr]) -> Self:
        """With the secrets of a setting, newest first."""
        return cls([secret.get_secret_value() for secret in secrets])

    def seal(self, data: bytes) -> bytes:
        """Encrypt and authenticate `data` with a fresh nonce."""
        nonce = os.urandom(_NONCE)
        return nonce + self._ciphers[0].encrypt(nonce, data, None)

    def open(self, sealed: bytes) -> bytes:
        """Undo `seal`; raises `SealBroken` when the bytes were changed or the key is unknown."""
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
            except (InvalidTag, ValueError):
                continue
        raise SealBroken("no known key opens these bytes")
