"""Rings of keys: one file each in the folder `keys` of the site, apart from the key that signs sessions.

A ring holds several keys by id, one of them current. New texts are sealed under the current key; the others
open what was sealed before. An id is derived from its key and its ring, so a damaged or exchanged file is
noticed when it is read and not when a text does not open.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from fcntl import LOCK_EX, flock
from hashlib import sha256
from pathlib import Path
from typing import Any

from accord.exchange.atomic import replacing

FOLDER = "keys"
KEY_BYTES = 32  # AES-256
_cached: dict[Path, tuple[tuple[int, ...], Ring]] = {}


class RingName(StrEnum):
    TEXT = "text"  # what clients and staff write into the record
    REACTIONS = "reactions"  # what clinicians keep for themselves


class KeyProblem(Exception):
    """A ring that cannot be used: which file, what was found, what was expected. Never a key."""


@dataclass(frozen=True)
class Key:
    id: str
    made: str  # when, ISO 8601, UTC
    secret: bytes = field(repr=False)


@dataclass(frozen=True)
class Ring:
    name: RingName
    current: str
    keys: Mapping[str, Key]

    @property
    def sealing(self) -> Key:
        """The key that new texts are sealed under."""
        return self.keys[self.current]


def path_of(folder: Path, name: RingName) -> Path:
    """Where a ring is kept; `folder` is the site's data folder."""
    return folder / FOLDER / name.value


def load(folder: Path, name: RingName) -> Ring:
    """A ring as its file holds it now. Raises `KeyProblem` if it is missing, open to others or damaged."""
    path = path_of(folder, name)
    stamp = _private(path)
    known = _cached.get(path)
    if known is None or known[0] != stamp:
        known = _cached[path] = (stamp, _parsed(path, name))
    return known[1]


def _private(path: Path) -> tuple[int, ...]:
    """Fingerprint of the file's state. A key file that others may read is refused."""
    try:
        own, around = path.lstat(), path.parent.lstat()
    except OSError:
        raise KeyProblem(f"{path}: found no such file, expected a ring of keys") from None
    if not stat.S_ISREG(own.st_mode) or not stat.S_ISDIR(around.st_mode):
        raise KeyProblem(f"{path}: found a link or a device, expected a file in a folder of its own")
    for status, place in ((own, path), (around, path.parent)):
        if status.st_mode & 0o077:
            raise KeyProblem(
                f"{place}: found mode {status.st_mode & 0o777:03o}, expected no access for others (chmod go=)"
            )
    return own.st_mtime_ns, own.st_ino, own.st_size


def _parsed(path: Path, name: RingName) -> Ring:
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
        keys = [
            Key(name_of, entry["made"], base64.b64decode(entry["key"], validate=True))
            for name_of, entry in content["keys"].items()
        ]
        ring = Ring(RingName(content["ring"]), content["current"], {key.id: key for key in keys})
    except OSError:
        raise KeyProblem(f"{path}: the site may not read it, expected a file of its own") from None
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error):
        raise KeyProblem(
            f"{path}: found something that is no ring of keys, expected one as accord wrote it"
        ) from None
    if ring.name is not name:
        raise KeyProblem(f"{path}: found the ring “{ring.name}”, expected “{name}”")
    wrong = [key.id for key in keys if len(key.secret) != KEY_BYTES or key.id != _id(name, key.secret)]
    if wrong or ring.current not in ring.keys:
        raise KeyProblem(
            f"{path}: found a changed key ({', '.join(wrong) or ring.current}), expected it as it was made"
        )
    return ring


def _id(name: RingName, secret: bytes) -> str:
    return sha256(b"accord key id\0" + name.encode() + b"\0" + secret).hexdigest()[:12]


def make(folder: Path, name: RingName) -> Ring:
    """A ring with its first key. Raises `KeyProblem` where there is one already: keys are not overwritten."""
    path = path_of(folder, name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(path.parent):
        if path.exists() and path.stat().st_size:
            raise KeyProblem(f"{path}: found a ring already, expected none")
        key = _new_key(name)
        return _written(path, Ring(name, key.id, {key.id: key}))


def make_missing(folder: Path) -> list[RingName]:
    """Makes the rings that have no file yet, for a site that holds nothing sealed. Returns their names."""
    missing = [name for name in RingName if not path_of(folder, name).exists()]
    for name in missing:
        make(folder, name)
    return missing


def add(folder: Path, name: RingName) -> Ring:
    """The ring with a new current key; the earlier ones stay."""
    with _alone(folder / FOLDER):
        ring, key = load(folder, name), _new_key(name)
        return _written(path_of(folder, name), replace(ring, current=key.id, keys={**ring.keys, key.id: key}))


def retire(folder: Path, name: RingName, id: str) -> Ring:
    """The ring without an earlier key, which is kept aside in `NAME.retired` for backups of its time."""
    with _alone(folder / FOLDER):
        ring = load(folder, name)
        if id not in ring.keys or id == ring.current:
            raise KeyProblem(f"found {id}, expected an earlier key of the ring “{name}”")
        path = path_of(folder, name)
        _append(path.with_name(f"{name}.retired"), ring.keys[id])
        left = {key.id: key for key in ring.keys.values() if key.id != id}
        return _written(path, replace(ring, keys=left))


def _new_key(name: RingName) -> Key:
    secret = secrets.token_bytes(KEY_BYTES)
    return Key(_id(name, secret), datetime.now(UTC).isoformat(timespec="seconds"), secret)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One command at a time changes the keys of a site."""
    lock = folder / ".lock"
    lock.touch(mode=0o600)
    with lock.open("r+b") as held:
        flock(held, LOCK_EX)
        yield


def _written(path: Path, ring: Ring) -> Ring:
    content = {
        "about": "Keys of an accord site. What they sealed is lost without them: keep a copy apart.",
        "ring": ring.name.value,
        "current": ring.current,
        "keys": {key.id: _serialized(key) for key in ring.keys.values()},
    }
    path.touch(mode=0o600)  # `replacing` keeps the mode of what it takes the place of
    with replacing(path) as file:
        json.dump(content, file, indent=1)
    return ring


def _append(path: Path, key: Key) -> None:
    path.touch(mode=0o600)
    earlier = json.loads(path.read_text(encoding="utf-8") or "{}")
    with replacing(path) as file:
        json.dump({**earlier, key.id: _serialized(key)}, file, indent=1)


def _serialized(key: Key) -> dict[str, str]:
    return {"made": key.made, "key": base64.b64encode(key.secret).decode()}
