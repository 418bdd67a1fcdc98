"""A file between its upload and its import: sealed in the database, for its owner's eyes, for a day.

Readers of CSV files need a path: a reading takes place in a private file that exists for as long as the
reading does. What a process that was killed left of one is removed by the same sweep.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.utils import timezone

from accord.clinic.encryption.envelope import CannotRead
from accord.clinic.encryption.rings import KeyProblem
from accord.clinic.models import ImportBatch, Person, UploadedFile, claims
from accord.clinic.policy import Denied
from accord.errors import InputError
from accord.errors import message as _
from accord.instruments.catalogue import by_range
from accord.records.ratings import Construct, Instrument

log = logging.getLogger(__name__)

SALT = "accord.clinic.upload"
KEPT = 24 * 60 * 60  # seconds
READING = 60 * 60  # seconds; no file is read for as long


@dataclass(frozen=True)
class EnteredScale:
    """A scale as it was entered in the form."""

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
    """A file that waits, with what was entered about it. Ids are text, as they travel in a token."""

    id: str
    by: str
    filename: str
    sha256: str
    team: str
    clinician: str
    scale: EnteredScale | None
    what: str = ImportBatch.What.RATINGS.value
    source: str = ""

    def token(self) -> str:
        return signing.dumps(asdict(self), salt=SALT)

    @contextmanager
    def opened(self) -> Iterator[Path]:
        """A private file of the content for the time of a reading. Raises `InputError` when it is gone."""
        content = self._content()
        folder = Path(settings.IMPORT_FOLDER)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_left(folder)
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".csv") as file:  # mode 600
            file.write(content)
            file.flush()
            yield Path(file.name)

    def _content(self) -> bytes:
        row = UploadedFile.objects.filter(pk=self.id, by=UUID(self.by)).first()
        if row is None:
            raise self.gone()
        try:
            content: bytes = row.content
        except (CannotRead, KeyProblem) as reason:
            log.error("the uploaded file %s cannot be read: %s", self.id, reason)
            raise self.gone() from None
        if sha256(content).hexdigest() != self.sha256:
            log.error("the uploaded file %s is not the one that was uploaded", self.id)
            raise self.gone()
        return content

    def gone(self) -> InputError:
        return InputError(
            _("a file that waits; upload it again"),
            file=self.filename,
            found=_("it was imported or removed"),
        )


def hold(
    *,
    chunks: Iterable[bytes],
    filename: str,
    team: UUID | None,
    clinician: UUID | None,
    scale: EnteredScale | None,
    by: Person,
    what: str = ImportBatch.What.RATINGS.value,
    source: str = "",
) -> Upload:
    """Put a file aside. Nothing in it is believed yet. Only a file of ratings belongs to a team.

    `source`: where it comes from, in the keeper's words.
    """
    content: Any = b"".join(chunks)  # Any: a column of text takes bytes here
    row = UploadedFile.objects.create(
        organisation_id=by.organisation_id, by=by, made_at=timezone.now(), content=content
    )
    who = str(clinician) if clinician else ""
    whose = str(team) if team else ""
    digest = sha256(content).hexdigest()
    return Upload(str(row.pk), str(by.pk), filename[:200], digest, whose, who, scale, what, source.strip())


def held(token: str, *, by: Person) -> Upload:
    """The upload a token names. Raises `Denied` for a changed or old token, or somebody else's upload;
    `InputError` when the file is gone because it was imported."""
    try:
        fields: dict[str, Any] = signing.loads(token, salt=SALT, max_age=KEPT)
    except signing.BadSignature as error:
        raise Denied("an upload that was not made here") from error
    scale = EnteredScale(**fields.pop("scale")) if fields["scale"] else fields.pop("scale")
    upload = Upload(**fields, scale=scale)
    if upload.by != str(by.pk):
        raise Denied("somebody else's upload")
    if not UploadedFile.objects.filter(pk=upload.id, by=by).exists():
        raise upload.gone()
    return upload


def remove(*, upload: Upload, by: Person) -> None:
    """Remove a file that was imported, or that is no such file. Raises `Denied` for somebody else's."""
    if upload.by != str(by.pk):
        raise Denied("somebody else's upload")
    UploadedFile.objects.filter(pk=upload.id).delete()


def sweep() -> int:
    """Remove files that waited longer than a day, and what stopped readings left here. Returns how many."""
    left = _remove_left(Path(settings.IMPORT_FOLDER))
    with claims.fenced():
        old = UploadedFile.objects.filter(made_at__lt=timezone.now() - timedelta(seconds=KEPT))
        return left + old.delete()[0]


def _remove_left(folder: Path) -> int:
    """Remove files of readings that a killed process never ended, and of versions that kept uploads here."""
    removed = 0
    for path in folder.glob("*.csv"):
        with suppress(FileNotFoundError):  # its own reading may remove it at this moment
            if path.stat().st_mtime < time.time() - READING:
                path.unlink()
                removed += 1
    return removed
