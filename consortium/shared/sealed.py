"""Secrets at rest: ID numbers encrypted (AES-256-GCM) beside a keyed hash that finds them again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_MARK = "v1."  # names the scheme, so that a later one can live beside it


class CannotUnseal(RuntimeError):
    """The stored value does not belong to this key; nothing is guessed."""


def seal(plain: str, key: str) -> str:
    """Encrypt a short text; a new nonce each time, so equal texts look different."""
    nonce = os.urandom(12)
    box = AESGCM(_derived(key, b"seal")).encrypt(nonce, plain.encode(), None)
    return _MARK + base64.urlsafe_b64encode(nonce + box).decode()


def unseal(stored: str, key: str) -> str:
    """The text again; raises CannotUnseal on another key or a changed value."""
    if not stored.startswith(_MARK):
        raise CannotUnseal("unknown scheme")
    try:
        raw = base64.urlsafe_b64decode(stored[len(_MARK) :])
        return AESGCM(_derived(key, b"seal")).decrypt(raw[:12], raw[12:], None).decode()
    except (InvalidTag, ValueError) as broken:
        raise CannotUnseal("wrong key or changed value") from broken


def keyed_hash(plain: str, key: str) -> str:
    """64 hex digits (HMAC-SHA256) to look an ID number up without storing it."""
    return hmac.new(_derived(key, b"find"), plain.upper().encode(), hashlib.sha256).hexdigest()


def masked(identity: str) -> str:
    """1101**********002X: what lists show."""
    return identity[:4] + "*" * max(len(identity) - 8, 4) + identity[-4:] if len(identity) > 8 else "****"


def seal_bytes(plain: bytes, key: str) -> bytes:
    """The same for a file."""
    nonce = os.urandom(12)
    return nonce + AESGCM(_derived(key, b"file")).encrypt(nonce, plain, None)


def unseal_bytes(stored: bytes, key: str) -> bytes:
    """The file again; raises CannotUnseal."""
    try:
        return AESGCM(_derived(key, b"file")).decrypt(stored[:12], stored[12:], None)
    except (InvalidTag, ValueError) as broken:
        raise CannotUnseal("wrong key or changed file") from broken


@lru_cache(maxsize=8)
def _derived(key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key.encode())
