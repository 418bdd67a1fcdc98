"""What a file of episodes of care or of events would bring. Nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.utils import timezone
from django.utils.translation import ngettext

from accord.clinic.facts.events import ACTS
from accord.clinic.models import ImportBatch, Person
from accord.clinic.policy import Action, check
from accord.clinic.programme.imports import care_rows, ratings_record, safety_answers, same_people, wording
from accord.clinic.programme.imports.care_rows import EventRow, File, Row
from accord.clinic.programme.imports.confirmations import NO_ANSWERS, tick_name
from accord.clinic.programme.imports.preview_lists import KnownPerson, NewPerson, PeopleLists, ShownQuestion
from accord.clinic.programme.imports.safety_answers import SafetyAnswer
from accord.clinic.programme.imports.same_people import CLIENT, KnownPeople, ResolvedRows
from accord.clinic.programme.imports.uploads import Upload
from accord.exchange.reading import BadCell
from accord.records.care import EndReason


@dataclass(frozen=True)
class CarePreview:
    """What an import would do. `counts`: rows by kind or end, in the file's words. `same`: rows on record.

    `safety`: acts in rows that are not taken. `ticks`: what has to be confirmed, by the names of its boxes.
    """

    filename: str
    what: str
    source: str
    rows: int
    same: int
    clients_new: int
    clients_known: int
    counts: tuple[tuple[str, int], ...]
    bad: tuple[BadCell, ...]
    notes: tuple[str, ...]
    safety: tuple[SafetyAnswer, ...]
    questions: tuple[ShownQuestion, ...]
    new_people: tuple[NewPerson, ...]
    to_confirm: tuple[KnownPerson, ...]
    ticks: Mapping[str, str]
    needs_not_real_confirmation: bool
    taken: tuple[Row, ...]
    meant: ResolvedRows[Row]
    people: KnownPeople

    @property
    def unanswered(self) -> tuple[ShownQuestion, ...]:
        return tuple(asked for asked in self.questions if not asked.question.is_answered)

    @property
    def writes_something(self) -> bool:
        return bool(self.taken or self.safety)

    @property
    def has_nothing_new(self) -> bool:
        return self.same > 0 and not self.bad and not self.writes_something


def preview(*, upload: Upload, by: Person, answers: Mapping[str, str] = NO_ANSWERS) -> CarePreview:
    """Read an upload against the record. `answers`: of the questions about people.

    Raises `InputError` for what is no such file.
    """
    check(by, Action.IMPORT, by.organisation)
    file = care_rows.read(upload)
    people = same_people.known(by.organisation_id, upload.source)
    makes_people = upload.what == ImportBatch.What.EPISODES
    meant = same_people.resolve_clients(file.rows, people, answers, may_be_new=makes_people)
    record, today = care_rows.load(by.organisation_id), timezone.localdate()
    same = {row.line for row in meant.rows if care_rows.is_on_record(row, record)}
    others = [row for row in meant.rows if row.line not in same]
    clashes = list(care_rows.clashes(others, record, today))
    out = {row.line for row, _clash in clashes}
    taken = tuple(row for row in others if row.line not in out)
    clients = {row.client for row in taken}
    lists = _lists(by, meant, people)
    bad = sorted([*file.bad, *(cell for _row, cell in (*meant.wrong, *clashes))], key=lambda cell: cell.row)
    shown = CarePreview(
        filename=upload.filename,
        what=upload.what,
        source=upload.source,
        rows=len(taken),
        same=len(same),
        clients_new=len(clients - record.clients),
        clients_known=len(clients & record.clients),
        counts=_counts(taken),
        bad=wording.cells(bad),
        notes=(*wording.notes(file.notes), *_notes(care_rows.count_outside_care(taken, record))),
        safety=tuple(_acts(file, [row for row, _cell in (*meant.wrong, *clashes)], people, meant)),
        questions=tuple(ShownQuestion(each, lists.options(each)) for each in meant.questions),
        new_people=tuple(lists.new(CLIENT, [(row.client, row.line) for row in taken])),
        to_confirm=tuple(lists.unconfirmed(clients)),
        ticks={},
        needs_not_real_confirmation=settings.ACCORD.use == "demo",
        taken=taken,
        meant=meant,
        people=people,
    )
    return replace(shown, ticks=_ticks(shown))


def _lists(by: Person, meant: ResolvedRows[Row], people: KnownPeople) -> PeopleLists:
    codes = {row.client for row in meant.rows} | {code for each in meant.questions for code in each.options}
    return PeopleLists(people, ratings_record.load(by.organisation_id, codes))


def _ticks(shown: CarePreview) -> dict[str, str]:
    lists: dict[str, Sequence[object]] = {
        "bad": shown.bad,
        "new_people": shown.new_people,
        "to_confirm": shown.to_confirm,
    }
    return {kind: tick_name(kind, *listed) for kind, listed in lists.items() if listed}


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
