"""Files confirmed as somebody would who reads the preview and ticks what it asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from accord.clinic.models import ImportBatch, Person
from accord.clinic.programme.imports import care_import, ratings_import
from accord.clinic.programme.imports.confirmations import NOT_REAL
from accord.clinic.programme.imports.file_preview import FilePreview
from accord.clinic.programme.imports.uploads import Upload


def ticks(shown: FilePreview[Any], without: Collection[str] = ()) -> set[str]:
    """Every box of a preview, without those of these kinds; `safety` is the kind of all its answers."""
    boxes = {name for kind, name in shown.ticks.items() if kind not in without}
    answers = {answer.field for answer in shown.safety if "safety" not in without}
    return boxes | answers | ({NOT_REAL} if "not_real" not in without else set())


def confirm(
    upload: Upload,
    by: Person,
    *,
    without: Collection[str] = (),
    answers: Mapping[str, str] | None = None,
    corrections: str = "",
) -> ImportBatch:
    """Import a file with every box ticked but those of the kinds `without`."""
    given = dict(answers or {})
    of_kind = ratings_import if upload.what == ImportBatch.What.RATINGS else care_import
    shown = of_kind.preview(upload=upload, by=by, answers=given)
    if corrections:
        given[shown.ticks["corrections"]] = corrections
    return of_kind.commit(upload=upload, by=by, confirmed=ticks(shown, without), answers=given)
