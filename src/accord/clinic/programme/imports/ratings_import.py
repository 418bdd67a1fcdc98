"""Import a file of ratings: preview it, and write it whole or not at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from accord.clinic.models import ImportBatch, Organisation, Person
from accord.clinic.programme.imports import analyze, ratings_store, uploads
from accord.clinic.programme.imports.confirmations import NO_ANSWERS, NOT_REAL, Unconfirmed, unconfirmed
from accord.clinic.programme.imports.ratings_preview import LEAVE, TAKE, Preview, preview
from accord.clinic.programme.imports.uploads import Upload

__all__ = ["Preview", "Unconfirmed", "commit", "preview"]


def commit(
    *, upload: Upload, by: Person, confirmed: Collection[str], answers: Mapping[str, str] = NO_ANSWERS
) -> ImportBatch:
    """Import an upload, all of it in one transaction. Jobs then learn from it, assess and flag.

    `confirmed`: names of the boxes that were ticked, of the preview and of each of its safety answers.
    `answers`: of the questions about people, and about corrections.
    Raises `Unconfirmed` when something that is required was not confirmed or answered.
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
    undecided = shown.corrections and shown.takes_corrections not in (TAKE, LEAVE)
    more = [_("Some rows differ from the record: say whether they are corrections.")] if undecided else []
    return unconfirmed(shown, confirmed, more)
