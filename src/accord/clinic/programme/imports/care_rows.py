"""Read an uploaded file of episodes of care or events, and compare it with the record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accord.clinic.facts import care, events
from accord.clinic.models import CareEpisode, ImportBatch, Person
from accord.clinic.policy import not_undone
from accord.clinic.programme.imports.uploads import Upload
from accord.errors import InputError
from accord.exchange.episodes_csv import read_episodes
from accord.exchange.events_csv import read_events
from accord.exchange.reading import BadCell, TableReading
from accord.exchange.text_table import TextTable, read_text
from accord.records.care import END_REASONS, EndReason, EpisodeTable, EventTable
from accord.records.ratings import NO_DAY

EPOCH = date(1970, 1, 1)
AT_MOST = 50  # rows of one person and kind that are read to find another import that names the person


@dataclass(frozen=True)
class EpisodeRow:
    """An episode in a file. `end` None: it is ongoing."""

    line: int
    client: str
    start: date
    end: date | None
    reason: str  # empty while it goes on
    arm: str


@dataclass(frozen=True)
class EventRow:
    line: int
    client: str
    day: date
    kind: str
    count: int


Row = EpisodeRow | EventRow


@dataclass(frozen=True)
class File:
    """A file of episodes or events; `bad`: rows that cannot be read."""

    rows: Sequence[Row]
    bad: tuple[BadCell, ...]
    notes: tuple[str, ...]
    text: TextTable


def read(upload: Upload) -> File:
    """The file, with every row that cannot be read named. Raises `InputError` for what is no such file."""
    try:
        with upload.opened() as path:
            if upload.what == ImportBatch.What.EPISODES:
                episodes = read_episodes(path, skip_bad=True)
                return File(list(_episodes(episodes)), episodes.bad, episodes.notes, read_text(path))
            events_read = read_events(path, skip_bad=True)
            return File(list(_events(events_read)), events_read.bad, events_read.notes, read_text(path))
    except InputError as error:  # the name of the temporary file means nothing to a reader
        raise InputError(
            error.expected, file=upload.filename, row=error.row, column=error.column, found=error.found
        ) from None


def _episodes(reading: TableReading[EpisodeTable]) -> Iterable[EpisodeRow]:
    table = reading.table
    for at in range(len(table)):
        reason = END_REASONS[table.end_reason[at]]
        open_still = reason is EndReason.ONGOING or table.end[at] == NO_DAY
        yield EpisodeRow(
            int(table.line[at]),
            table.clients[table.client[at]],
            _day(table.start[at]),
            None if open_still else _day(table.end[at]),
            "" if open_still else reason.value,
            table.arms[table.arm[at]],
        )


def _events(reading: TableReading[EventTable]) -> Iterable[EventRow]:
    table = reading.table
    for at in range(len(table)):
        client, kind = table.clients[table.client[at]], table.kinds[table.kind[at]]
        yield EventRow(int(table.line[at]), client, _day(table.day[at]), kind, int(table.count[at]))


def _day(number: int) -> date:
    return EPOCH + timedelta(days=int(number))


@dataclass(frozen=True)
class CareRecord:
    """What the record holds by code of the client.

    `episodes`: beginning, end and reason; `events`: how often something happened, by client, day and kind.
    """

    clients: frozenset[str]
    episodes: Mapping[str, Sequence[tuple[date, date | None, str]]]
    events: Mapping[tuple[str, date, str], int]


def load(organisation_id: UUID) -> CareRecord:
    """The clients, episodes and events of an organisation that count now."""
    people = Person.objects.filter(not_undone(), organisation=organisation_id, kind=Person.Kind.CLIENT)
    episodes: dict[str, list[tuple[date, date | None, str]]] = {}
    rows = care.current_episodes().filter(organisation=organisation_id)
    for row in rows.select_related("client"):
        episodes.setdefault(row.client.code, []).append((row.since, row.until, row.end_reason))
    happened = events.current_events().filter(organisation=organisation_id)
    return CareRecord(
        frozenset(people.values_list("code", flat=True)),
        episodes,
        {
            (code, day, kind): n
            for code, day, kind, n in happened.values_list("client__code", "day", "kind", "count")
        },
    )


def is_on_record(row: Row, record: CareRecord) -> bool:
    """Whether the record holds exactly this row already, as it does when a file comes again."""
    if isinstance(row, EventRow):
        return record.events.get((row.client, row.day, row.kind)) == row.count
    return (row.start, row.end, row.reason) in record.episodes.get(row.client, ())


def clashes(rows: Sequence[Row], record: CareRecord, today: date) -> Iterator[tuple[Row, BadCell]]:
    """Rows that contradict the record, or an earlier row about the same person.

    A file may name a person by two codes, so that no reader of the file alone would notice the latter.
    """
    earlier: dict[str, list[Row]] = {}
    for row in rows:
        of_client = earlier.setdefault(row.client, [])
        conflict = clash(row, record, today) or _twice(row, of_client)
        if conflict:
            yield row, conflict
        else:
            of_client.append(row)


def _twice(row: Any, earlier: Sequence[Row]) -> BadCell | None:
    for other in earlier:
        place = {"row": other.line}
        if isinstance(row, EventRow) and isinstance(other, EventRow):
            if (row.day, row.kind) == (other.day, other.kind):
                expected = _("one row for a client, day and kind; row %(row)s has the same")
                return _bad(row, "kind", row.kind, expected % place)
        elif isinstance(other, EpisodeRow) and _overlap(row, other.start, other.end):
            expected = _("no overlap with the episode of this client in row %(row)s")
            return _bad(row, "start", str(row.start), expected % place)
    return None


def clash(row: Row, record: CareRecord, today: date) -> BadCell | None:
    """What is wrong with a row beside the record; None where nothing is."""
    if isinstance(row, EventRow):
        return _event_clash(row, record, today)
    for column, day in (("start", row.start), ("end", row.end)):
        if day is not None and day > today:
            return _bad(row, column, str(day), _("a date up to today, %(today)s") % {"today": today})
    for since, until, _reason in record.episodes.get(row.client, ()):
        if _overlap(row, since, until):
            other = {"since": since, "until": until or _("now")}
            expected = _("no overlap with the episode of this client in the record, %(since)s to %(until)s")
            return _bad(row, "start", str(row.start), expected % other)
    return None


def _event_clash(row: EventRow, record: CareRecord, today: date) -> BadCell | None:
    if row.client not in record.clients:
        return _bad(row, "client", row.client, _("the code of a client who is known here"))
    if row.day > today:
        return _bad(row, "date", str(row.day), _("a date up to today, %(today)s") % {"today": today})
    count = record.events.get((row.client, row.day, row.kind))
    if count is not None:
        expected = _("%(n)s, as the record has it for this client, day and kind") % {"n": count}
        return _bad(row, "count", str(row.count), expected)
    return None


def _overlap(row: EpisodeRow, since: date, until: date | None) -> bool:
    """Whether two episodes share more than the day on which one ends and the other begins."""
    before = until is not None and until <= row.start
    after = row.end is not None and row.end <= since
    return row.start == since or not (before or after)


def _bad(row: Row, column: str, found: str, expected: str) -> BadCell:
    return BadCell(row.line, column, found, expected, "")


def count_outside_care(rows: Sequence[Row], record: CareRecord) -> int:
    """How many events lie on days on which their client was in no episode of care known here."""
    return sum(
        not any(
            since <= row.day and (until is None or row.day <= until)
            for since, until, _reason in record.episodes.get(row.client, ())
        )
        for row in rows
        if isinstance(row, EventRow)
    )


def method_of(arm: str) -> tuple[str, str]:
    """The method an arm names, and the words for another one."""
    methods = {
        method.value: method.value for method in CareEpisode.Method if method is not CareEpisode.Method.OTHER
    }
    if arm.casefold() in methods:
        return methods[arm.casefold()], ""
    return CareEpisode.Method.OTHER.value, arm or CareEpisode.NOT_NAMED


def with_other_entries(batch: ImportBatch) -> list[tuple[Person, ImportBatch | None]]:
    """People added by this import who have other entries by now, each with the import of those."""
    result = []
    for person in Person.objects.filter(batch=batch):
        rows = (
            events.current_events().filter(client=person).exclude(batch=batch),
            care.current_episodes().filter(client=person).exclude(batch=batch),
            person.engagements.filter(not_undone()).exclude(batch=batch),
        )
        others = [row.batch for of_kind in rows for row in of_kind.select_related("batch")[:AT_MOST]]
        if others:
            result.append((person, None if None in others else others[0]))
    return result
