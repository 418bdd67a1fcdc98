"""Import a file of ratings: preview it, and write it whole or not at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from django.db import transaction
from django.utils.translation import gettext as _

from accord.clinic.models import ImportBatch, Organisation, Person
from accord.clinic.programme.imports import analyze, ratings_store, uploads
from accord.clinic.programme.imports.ratings_preview import LEAVE, NOBODY, TAKE, Preview, preview
from accord.clinic.programme.imports.uploads import Upload
from accord.exchange.reading import BadCell

NOT_REAL = "confirmed_not_real"  # the box that says so

__all__ = ["Preview", "Unconfirmed", "commit", "preview", "unconfirmed"]


class Unconfirmed(Exception):
    """An import that was not confirmed in every point; `problems` says which."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problems))


def commit(
    *, upload: Upload, by: Person, confirmed: Collection[str], answers: Mapping[str, str] = NOBODY
) -> ImportBatch:
    """Import an upload, all of it in one transaction. Jobs then learn from it, assess and flag.

    `confirmed`: names of the boxes that were ticked, of the preview and of each of its safety answers.
    Raises `Unconfirmed` when a required confirmation is missing.
    """
    with transaction.atomic():
        # One import at a time, so that what was compared with the record still holds when it is written.
        Organisation.objects.select_for_update().get(pk=by.organisation_id)
        shown = preview(upload=upload, by=by, answers=answers)
        if problems := _problems(shown, confirmed):
            raise Unconfirmed(problems)
        batch = ratings_store.write(
            upload=upload,
            content=ratings_store.of_preview(shown),
            confirmed_not_real=NOT_REAL in confirmed,
            by=by,
        )
        uploads.remove(upload=upload, by=by)
    analyze.count_rows()
    return batch


def _problems(shown: Preview, confirmed: Collection[str]) -> list[str]:
    """What must still be answered or confirmed, in words."""
    if shown.unanswered:
        return [_("Say of each code below whom it means.")]
    missing = {kind for kind, name in shown.ticks.items() if name not in confirmed}
    problems = [text for kind, text in _to_confirm() if kind in missing]
    if shown.corrections and shown.answers.get(shown.ticks["corrections"]) not in (TAKE, LEAVE):
        problems.append(_("Some rows differ from the record: say whether they are corrections."))
    if any(answer.field not in confirmed for answer in shown.safety):
        problems.append(_("Each answer above 0 on a safety item has to be read and ticked."))
    if shown.needs_not_real_confirmation and NOT_REAL not in confirmed:
        problems.append(_("A demonstration takes only files that hold no real person: confirm that."))
    if not shown.writes_something:
        problems.append(_("No row is left to import."))
    return problems


def _to_confirm() -> tuple[tuple[str, str], ...]:
    return (
        ("bad", _("Some rows have something wrong: say that they are to be left out, or mend the file.")),
        ("to_confirm", _("Confirm that the known clients are the people that this source means.")),
        ("new_people", _("Confirm the new people, or mend their codes in the file.")),
        ("new_pairs", _("Confirm the new relationships, or mend the file.")),
        ("ended", _("Confirm that rows belong to relationships that have ended, or mend the file.")),
    )


class AnyPreview(Protocol):
    """The part that the previews of all kinds of file share."""

    @property
    def bad(self) -> tuple[BadCell, ...]: ...

    @property
    def rows(self) -> int: ...

    @property
    def needs_not_real_confirmation(self) -> bool: ...


def unconfirmed(upload_preview: AnyPreview, leave_out_bad: bool, confirmed_not_real: bool) -> list[str]:
    """What must still be confirmed before a file of episodes or events is imported, in words."""
    problems = []
    if upload_preview.bad and not leave_out_bad:
        problems.append(
            _("Some rows have something wrong: say that they are to be left out, or mend the file.")
        )
    if upload_preview.needs_not_real_confirmation and not confirmed_not_real:
        problems.append(_("A demonstration takes only files that hold no real person: confirm that."))
    if not upload_preview.rows:
        problems.append(_("No row is left to import."))
    return problems
