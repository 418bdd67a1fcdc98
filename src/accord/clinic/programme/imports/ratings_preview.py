"""What a file of ratings would bring, read against the record. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accord.clinic.models import Person, Team
from accord.clinic.policy import Action, check
from accord.clinic.programme.imports import (
    compare,
    ratings_record,
    ratings_rows,
    safety_answers,
    same_people,
)
from accord.clinic.programme.imports.compare import Compared, Difference
from accord.clinic.programme.imports.confirmations import NO_ANSWERS
from accord.clinic.programme.imports.file_preview import FilePreview
from accord.clinic.programme.imports.preview_lists import KnownPerson, NewPerson, Pair, PeopleLists
from accord.clinic.programme.imports.ratings_record import Record
from accord.clinic.programme.imports.ratings_rows import File, Row
from accord.clinic.programme.imports.safety_answers import SafetyAnswer
from accord.clinic.programme.imports.same_people import CLIENT, STAFF, ResolvedRows
from accord.clinic.programme.imports.uploads import Upload
from accord.errors import InputError

TAKE, LEAVE = "take", "leave"  # answers about corrections


@dataclass(frozen=True)
class Correction:
    """A row that differs from the record, with the client's name and what becomes of it."""

    client: str
    difference: Difference


@dataclass(frozen=True, kw_only=True)
class Preview(FilePreview[Row]):
    """Preview of an import of ratings. `answers`: those about people and about corrections, so far."""

    team: str
    record: Record
    compared: Compared
    answers: Mapping[str, str]

    def more_notes(self) -> Iterable[str]:
        return _notes(self.taken)

    def answers_to_read(self) -> Iterator[SafetyAnswer]:
        answers = _safety(self.file, self.meant, self.record, self.compared)
        codes = same_people.codes_of_clients(self.people, self.meant)
        return safety_answers.with_names(answers, self.people.people[CLIENT], codes)

    @property
    def relationships(self) -> int:
        return len({row.pair for row in self.taken})

    @property
    def clinicians_new(self) -> int:
        return len(self._clinicians) - self.clinicians_known

    @property
    def clinicians_known(self) -> int:
        return len(self._clinicians & set(self.people.people[STAFF]))

    @property
    def _clinicians(self) -> set[str]:
        return {row.clinician for row in self.taken}

    @property
    def instruments(self) -> tuple[str, ...]:
        return tuple(sorted({row.instrument.name for row in self.taken}))

    @cached_property
    def corrections(self) -> tuple[Correction, ...]:
        return tuple(
            Correction(self.lists.name(CLIENT, difference.row.client), difference)
            for difference in self.compared.differs
        )

    @cached_property
    def new_people(self) -> tuple[NewPerson, ...]:
        return tuple(self.lists.new_people(self.taken))

    @cached_property
    def new_pairs(self) -> tuple[Pair, ...]:
        return tuple(self.lists.pairs(row for row in self.taken if self.lists.is_new_pair(row)))

    @cached_property
    def ended(self) -> tuple[Pair, ...]:
        return tuple(self.lists.pairs(self.compared.ended))

    @cached_property
    def to_confirm(self) -> tuple[KnownPerson, ...]:
        written = [*self.taken, *(difference.row for difference in self.compared.differs)]
        return tuple(self.lists.to_confirm(written))

    def to_tick(self) -> dict[str, Sequence[object]]:
        corrections = [
            (each.client, each.difference.row.line, each.difference.changed) for each in self.corrections
        ]
        of_ratings = {"new_pairs": self.new_pairs, "ended": self.ended, "corrections": corrections}
        return {**super().to_tick(), **of_ratings}

    @property
    def takes_corrections(self) -> str:
        """The answer about the rows that differ from the record, if it was given."""
        return self.answers.get(self.ticks.get("corrections", ""), "")

    @property
    def corrected(self) -> tuple[Difference, ...]:
        """Differences that are taken as corrections."""
        return self.compared.differs if self.takes_corrections == TAKE else ()

    @property
    def client_ids(self) -> set[UUID]:
        """Clients of whom it shows answers on record."""
        return {difference.engagement.client_id for difference in self.compared.differs}

    @property
    def writes_something(self) -> bool:
        return bool(self.corrections) or super().writes_something


def preview(*, upload: Upload, by: Person, answers: Mapping[str, str] = NO_ANSWERS) -> Preview:
    """Read an upload against the record. `answers`: of the questions about people, and about corrections.

    Raises `InputError` for what is no ratings file.
    """
    check(by, Action.IMPORT, by.organisation)
    team = Team.objects.get(pk=upload.team, organisation=by.organisation_id)
    file = _read(upload, by)
    has_checks = any(row.check for row in file.rows)
    people = same_people.known(by.organisation_id, upload.source, with_checks=has_checks)
    meant = same_people.resolve_people(file.rows, people, answers)
    record = ratings_record.load(by.organisation_id, meant.named_codes)
    compared = compare.compare(meant.rows, record, timezone.localdate())
    return Preview(
        upload=upload,
        file=file,
        meant=meant,
        people=people,
        lists=PeopleLists(people, record, compared),
        taken=compared.new,
        same=len(compared.same),
        wrong=compared.wrong,
        team=team.name,
        record=record,
        compared=compared,
        answers=answers,
    )


def _read(upload: Upload, by: Person) -> File:
    """The file. Raises `InputError` where a row names no clinician, and none was chosen beside the file."""
    file = ratings_rows.read(upload, by.organisation_id, _clinician_code(upload, by))
    if any(not row.clinician for row in file.rows):
        raise InputError(
            _("a column clinician, or a clinician chosen beside the file"),
            file=upload.filename,
            found=_("neither"),
        )
    return file


def _clinician_code(upload: Upload, by: Person) -> str:
    if not upload.clinician:
        return ""
    return Person.objects.get(
        pk=upload.clinician, organisation=by.organisation_id, kind=Person.Kind.STAFF
    ).code


def _safety(
    file: File, meant: ResolvedRows[Row], record: Record, compared: Compared
) -> Iterator[SafetyAnswer]:
    """The answers of every row, in the order of the file, without those that somebody has read before."""
    answers = [each for cell in file.bad for each in safety_answers.of_unread(cell, file.text, file.known)]
    for row, _cell in (*meant.wrong, *compared.wrong):
        answers += safety_answers.of_row(row, file.text, left_out=True)
    for row in (*compared.new, *(difference.row for difference in compared.differs)):
        answers += safety_answers.of_row(row, file.text, left_out=False)
    for row, old in compared.same:
        same = safety_answers.of_row(row, file.text, left_out=False)
        answers += [answer for answer in same if (old.pk, answer.item) not in record.read]
    yield from sorted(answers, key=lambda answer: (answer.line, answer.item))


def _notes(taken: Sequence[Row]) -> list[str]:
    totals = ratings_rows.totals_of_safety_forms(list(taken))
    if not totals:
        return []
    note = ngettext(
        "%(n)s row of a form with safety items holds a total only: its answers to them are not known here.",
        "%(n)s rows of forms with safety items hold a total only: their answers to them are not known here.",
        totals,
    )
    return [note % {"n": totals}]
