"""A file between its upload and its import: in the site's folder, for its owner's eyes, for a day."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing

from accord.clinic.models import ImportBatch, Person
from accord.clinic.policy import Denied
from accord.errors import InputError
from accord.instruments.catalogue import by_range
from accord.records.ratings import Construct, Instrument

SALT = "accord.clinic.upload"
KEPT = 24 * 60 * 60  # seconds


@dataclass(frozen=True)
class ScaleTold:
    """A scale as the form told it."""

    name: str
    low: float
    high: float
    lower_is_better: bool
    construct: str

    def instrument(self) -> Instrument:
        return by_range(
            self.name,
            self.low,
            self.high,
            lower_is_better=self.lower_is_better,
            construct=Construct(self.construct),
        )


@dataclass(frozen=True)
class Upload:
    """What the form told about a file, and where the file waits. Ids are text, as they travel in a token."""

    id: str
    by: str
    filename: str
    sha256: str
    team: str
    clinician: str
    scale: ScaleTold | None
    what: str = ImportBatch.What.RATINGS.value

    @property
    def path(self) -> Path:
        return Path(settings.IMPORT_FOLDER) / f"{UUID(self.id).hex}.csv"

    def token(self) -> str:
        return signing.dumps(asdict(self), salt=SALT)


def hold(
    *,
    chunks: Iterable[bytes],
    filename: str,
    team: UUID | None,
    clinician: UUID | None,
    scale: ScaleTold | None,
    by: Person,
    what: str = ImportBatch.What.RATINGS.value,
) -> Upload:
    """Put a file aside. Nothing in it is believed yet. Only a file of ratings belongs to a team."""
    name = uuid4()
    folder = Path(settings.IMPORT_FOLDER)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = sha256()
    path = folder / f"{name.hex}.csv"
    path.touch(mode=0o600)
    with path.open("wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
    who = str(clinician) if clinician else ""
    whose = str(team) if team else ""
    return Upload(str(name), str(by.pk), filename[:200], digest.hexdigest(), whose, who, scale, what)


def held(token: str, *, by: Person) -> Upload:
    """The upload a token names. Raises `Denied` for a changed or old token, or somebody else's upload;
    `InputError` when the file is gone because it was imported."""
    try:
        told: dict[str, Any] = signing.loads(token, salt=SALT, max_age=KEPT)
    except signing.BadSignature as error:
        raise Denied("an upload that was not made here") from error
    scale = ScaleTold(**told.pop("scale")) if told["scale"] else told.pop("scale")
    upload = Upload(**told, scale=scale)
    if upload.by != str(by.pk):
        raise Denied("somebody else's upload")
    if not upload.path.is_file():
        raise InputError(
            "a file that waits; upload it again", file=upload.filename, found="it was imported or removed"
        )
    return upload


def sweep() -> int:
    """Remove files that waited longer than a day. Returns how many."""
    folder = Path(settings.IMPORT_FOLDER)
    old = [path for path in folder.glob("*.csv") if path.stat().st_mtime < time.time() - KEPT]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
