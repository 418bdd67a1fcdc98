"""What a file of episodes of care or of events would bring. Nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import ngettext

from accord.clinic.facts.events import ACTS
from accord.clinic.models import ImportBatch, Person
from accord.clinic.policy import Action, check
from accord.clinic.programme.imports import care_rows, ratings_record, safety_answers, same_people
from accord.clinic.programme.imports.care_rows import CareRecord, EventRow, File, Row
from accord.clinic.programme.imports.confirmations import NO_ANSWERS
from accord.clinic.programme.imports.file_preview import FilePreview
from accord.clinic.programme.imports.preview_lists import PeopleLists
from accord.clinic.programme.imports.safety_answers import SafetyAnswer
from accord.clinic.programme.imports.same_people import CLIENT, KnownPeople, ResolvedRows
from accord.clinic.programme.imports.uploads import Upload
from accord.exchange.reading import BadCell
from accord.records.care import EndReason


@dataclass(frozen=True, kw_only=True)
class CarePreview(FilePreview[Row]):
    """What an import of episodes or events would do. `outside`: events on days outside of every episode."""

    outside: int

    @property
    def what(self) -> str:
        return self.upload.what

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """Rows by kind of event, or by end of the episode, in the file's words."""
        return _counts(self.taken)

    def more_notes(self) -> Iterable[str]:
        return _notes(self.outside)

    def answers_to_read(self) -> Iterator[SafetyAnswer]:
        wrong = [row for row, _cell in (*self.meant.wrong, *self.wrong)]
        return iter(_acts(self.file, wrong, self.people, self.meant))


def preview(*, upload: Upload, by: Person, answers: Mapping[str, str] = NO_ANSWERS) -> CarePreview:
    """Read an upload against the record. `answers`: of the questions about people.

    Raises `InputError` for what is no such file.
    """
    check(by, Action.IMPORT, by.organisation)
    file = care_rows.read(upload)
    people = same_people.known(by.organisation_id, upload.source)
    makes_people = upload.what == ImportBatch.What.EPISODES
    meant = same_people.resolve_clients(file.rows, people, answers, may_be_new=makes_people)
    record = care_rows.load(by.organisation_id)
    taken, clashes = _taken(meant.rows, record)
    return CarePreview(
        upload=upload,
        file=file,
        meant=meant,
        people=people,
        lists=PeopleLists(people, ratings_record.load(by.organisation_id, meant.named_codes)),
        taken=taken,
        same=len(meant.rows) - len(taken) - len({row.line for row, _cell in clashes}),
        wrong=clashes,
        outside=care_rows.count_outside_care(taken, record),
    )


def _taken(
    rows: Sequence[Row], record: CareRecord
) -> tuple[tuple[Row, ...], tuple[tuple[Row, BadCell], ...]]:
    """The rows that are new, and those that clash with the record or with one another."""
    others = [row for row in rows if not care_rows.is_on_record(row, record)]
    clashes = tuple(care_rows.clashes(others, record, timezone.localdate()))
    out = {row.line for row, _cell in clashes}
    return tuple(row for row in others if row.line not in out), clashes


def _acts(
    file: File, wrong: Sequence[Row], people: KnownPeople, meant: ResolvedRows[Row]
) -> Iterator[SafetyAnswer]:
    """Self-injury and attempts in rows that are not taken, in the order of the file."""
    acts = [each for cell in file.bad for each in safety_answers.of_unread_event(cell, file.text, ACTS)]
    acts += [
        SafetyAnswer(
            line=row.line, client=row.client, session="", day=str(row.day), instrument=row.kind, item=0,
            about="", answer=str(row.count), left_out=True, row=file.text.text(row.line),
        )
        for row in wrong
        if isinstance(row, EventRow) and row.kind in ACTS and row.count > 0
    ]  # fmt: skip
    acts.sort(key=lambda act: act.line)
    codes = same_people.codes_of_clients(people, meant)
    yield from safety_answers.with_names(acts, people.people[CLIENT], codes)


def _counts(taken: Sequence[Row]) -> tuple[tuple[str, int], ...]:
    """Count events by kind, or episodes by end."""
    counted: Counter[str] = Counter()
    for row in taken:
        counted[row.kind if isinstance(row, EventRow) else row.reason or EndReason.ONGOING] += 1
    return tuple(sorted(counted.items()))


def _notes(outside: int) -> list[str]:
    if not outside:
        return []
    note = ngettext(
        "%(n)s event lies on a day on which its client was in no episode of care known here. It is kept, and "
        "stays out of figures about treatment.",
        "%(n)s events lie on days on which their client was in no episode of care known here. They are kept, "
        "and stay out of figures about treatment.",
        outside,
    )
    return [note % {"n": outside}]
