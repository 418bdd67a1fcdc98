"""What a file of ratings would bring, read against the record. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.conf import settings
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
    wording,
)
from accord.clinic.programme.imports.compare import Compared, Difference
from accord.clinic.programme.imports.confirmations import NO_ANSWERS, tick_name
from accord.clinic.programme.imports.preview_lists import (
    KnownPerson,
    NewPerson,
    Pair,
    PeopleLists,
    ShownQuestion,
)
from accord.clinic.programme.imports.ratings_record import Record
from accord.clinic.programme.imports.ratings_rows import File, Row
from accord.clinic.programme.imports.safety_answers import SafetyAnswer
from accord.clinic.programme.imports.same_people import CLIENT, STAFF, KnownPeople, ResolvedRows
from accord.clinic.programme.imports.uploads import Upload
from accord.errors import InputError
from accord.exchange.reading import BadCell

TAKE, LEAVE = "take", "leave"  # answers about corrections


@dataclass(frozen=True)
class Correction:
    """A row that differs from the record, with the client's name and what becomes of it."""

    client: str
    difference: Difference


@dataclass(frozen=True)
class Preview:
    """Preview of an import. `bad`: rows that cannot be imported, each with the value found and expected.

    `ticks`: what has to be confirmed, each by the name of its box; `answers`: those given so far.
    """

    filename: str
    team: str
    source: str
    rows: int
    same: int
    relationships: int
    clients_new: int
    clients_known: int
    clinicians_new: int
    clinicians_known: int
    instruments: tuple[str, ...]
    bad: tuple[BadCell, ...]
    notes: tuple[str, ...]
    safety: tuple[SafetyAnswer, ...]
    questions: tuple[ShownQuestion, ...]
    corrections: tuple[Correction, ...]
    new_people: tuple[NewPerson, ...]
    new_pairs: tuple[Pair, ...]
    ended: tuple[Pair, ...]
    to_confirm: tuple[KnownPerson, ...]
    ticks: Mapping[str, str]
    answers: Mapping[str, str]
    needs_not_real_confirmation: bool
    meant: ResolvedRows[Row]
    people: KnownPeople
    compared: Compared

    @property
    def taken(self) -> tuple[Row, ...]:
        return self.compared.new

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
    def unanswered(self) -> tuple[ShownQuestion, ...]:
        return tuple(asked for asked in self.questions if not asked.question.is_answered)

    @property
    def writes_something(self) -> bool:
        """Whether an import would leave something: rows, corrections, or answers of rows left out."""
        return bool(self.taken or self.corrections or self.safety)

    @property
    def has_nothing_new(self) -> bool:
        return self.same > 0 and not self.bad and not self.writes_something


def preview(*, upload: Upload, by: Person, answers: Mapping[str, str] = NO_ANSWERS) -> Preview:
    """Read an upload against the record. `answers`: of the questions about people, and about corrections.

    Raises `InputError` for what is no ratings file.
    """
    check(by, Action.IMPORT, by.organisation)
    team = Team.objects.get(pk=upload.team, organisation=by.organisation_id)
    file = ratings_rows.read(upload, by.organisation_id, _clinician_code(upload, by))
    if any(not row.clinician for row in file.rows):
        raise InputError(
            _("a column clinician, or a clinician chosen beside the file"),
            file=upload.filename,
            found=_("neither"),
        )
    people = same_people.known(
        by.organisation_id, upload.source, with_checks=any(row.check for row in file.rows)
    )
    meant = same_people.resolve_people(file.rows, people, answers)
    codes = {row.client for row in meant.rows} | {code for each in meant.questions for code in each.options}
    record = ratings_record.load(by.organisation_id, codes)
    compared = compare.compare(meant.rows, record, timezone.localdate())
    return _shown(upload, team, file, meant, people, record, compared, answers)


def _shown(
    upload: Upload,
    team: Team,
    file: File,
    meant: ResolvedRows[Row],
    people: KnownPeople,
    record: Record,
    compared: Compared,
    answers: Mapping[str, str],
) -> Preview:
    taken = compared.new
    written = [*taken, *(difference.row for difference in compared.differs)]
    bad = sorted(
        [*file.bad, *(cell for _row, cell in (*meant.wrong, *compared.wrong))], key=lambda cell: cell.row
    )
    counts = {kind: _known_of(kind, taken, people) for kind in (CLIENT, STAFF)}
    lists = PeopleLists(people, record, compared)
    shown = Preview(
        filename=upload.filename,
        team=team.name,
        source=upload.source,
        rows=len(taken),
        same=len(compared.same),
        relationships=len({row.pair for row in taken}),
        clients_new=counts[CLIENT][0],
        clients_known=counts[CLIENT][1],
        clinicians_new=counts[STAFF][0],
        clinicians_known=counts[STAFF][1],
        instruments=tuple(sorted({row.instrument.name for row in taken})),
        bad=wording.cells(bad),
        notes=(*wording.notes(file.notes), *_notes(taken)),
        safety=tuple(
            safety_answers.with_names(
                _safety(file, meant, record, compared),
                people.people[CLIENT],
                same_people.codes_of_clients(people, meant),
            )
        ),
        questions=tuple(ShownQuestion(each, lists.options(each)) for each in meant.questions),
        corrections=tuple(
            Correction(lists.name(CLIENT, difference.row.client), difference)
            for difference in compared.differs
        ),
        new_people=tuple(lists.new_people(taken)),
        new_pairs=tuple(lists.pairs(row for row in taken if lists.is_new_pair(row))),
        ended=tuple(lists.pairs(compared.ended)),
        to_confirm=tuple(lists.to_confirm(written)),
        ticks={},
        answers=answers,
        needs_not_real_confirmation=settings.ACCORD.use == "demo",
        meant=meant,
        people=people,
        compared=compared,
    )
    return replace(shown, ticks=_ticks(shown))


def _ticks(shown: Preview) -> dict[str, str]:
    """The name of each box that has to be ticked, by what it confirms."""
    lists: dict[str, Sequence[object]] = {
        "bad": shown.bad,
        "new_people": shown.new_people,
        "new_pairs": shown.new_pairs,
        "ended": shown.ended,
        "to_confirm": shown.to_confirm,
        "corrections": [
            (each.client, each.difference.row.line, each.difference.changed) for each in shown.corrections
        ],
    }
    return {kind: tick_name(kind, *shown_list) for kind, shown_list in lists.items() if shown_list}


def _clinician_code(upload: Upload, by: Person) -> str:
    if not upload.clinician:
        return ""
    return Person.objects.get(
        pk=upload.clinician, organisation=by.organisation_id, kind=Person.Kind.STAFF
    ).code


def _known_of(kind: str, rows: Iterable[Row], people: KnownPeople) -> tuple[int, int]:
    """How many new and how many known people of a kind the rows name."""
    codes = {row.client if kind == CLIENT else row.clinician for row in rows}
    known = len(codes & set(people.people[kind]))
    return len(codes) - known, known


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
