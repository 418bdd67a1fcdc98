"""The site's signature under its backups (Ed25519, RFC 8032): made with a key that no backup holds.

Everybody who knows the recipient can encrypt a backup of their own to it; only the site can sign one.
"""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from accord.clinic.encryption.rings import RingName, path_of

FILE = "backup-signing"  # beside the rings of keys
PREFIX = "accord-sign-"  # of a public half


def path_in(folder: Path) -> Path:
    """Where the site's signing key is kept; `folder` is the site's data folder."""
    return path_of(folder, RingName.TEXT).with_name(FILE)


def key_of(folder: Path) -> Ed25519PrivateKey:
    """The site's signing key, made on first use. Raises `ValueError` for a file that holds none."""
    path = path_in(folder)
    if not path.exists():
        _make(path)
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(path.read_bytes(), validate=True))


def _make(path: Path) -> None:
    """Written beside and linked: two processes that begin together end with one key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = path.with_name(f".{path.name}.{os.getpid()}")
    made.touch(mode=0o600)
    with made.open("wb") as file:
        file.write(base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(made, path)
    except FileExistsError:
        pass  # the other one's
    finally:
        made.unlink()


def public_of(key: Ed25519PrivateKey) -> str:
    return PREFIX + base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).decode()


def sign(key: Ed25519PrivateKey, content: bytes) -> str:
    return base64.b64encode(key.sign(content)).decode()


def is_signed_by(public: str, content: bytes, signature: str) -> bool:
    """Whether this public half made the signature. False, too, for what is no key or no signature."""
    try:
        raw = base64.urlsafe_b64decode(public.removeprefix(PREFIX))
        Ed25519PublicKey.from_public_bytes(raw).verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return public.startswith(PREFIX)
