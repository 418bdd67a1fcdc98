"""PeopleLists of the people that a file names: known, new, in new pairs, or asked about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from accord.clinic.programme.imports.compare import Compared
from accord.clinic.programme.imports.ratings_record import Record
from accord.clinic.programme.imports.ratings_rows import Row
from accord.clinic.programme.imports.same_people import CLIENT, STAFF, KnownPeople, Question


@dataclass(frozen=True)
class KnownPerson:
    """A person on record, with what helps to recognise them; `last`: the day of their last answer."""

    code: str
    name: str
    with_whom: str
    last: date | None


@dataclass(frozen=True)
class ShownQuestion:
    """A question about a code, with the people whom it may mean."""

    question: Question
    options: tuple[KnownPerson, ...]


@dataclass(frozen=True)
class NewPerson:
    kind: str
    code: str
    rows: int
    line: int  # of the first row that names them


@dataclass(frozen=True)
class Pair:
    """A client and a clinician by name, and how many rows are about them."""

    client: str
    clinician: str
    rows: int


class PeopleLists:
    """The lists of people that a preview shows."""

    def __init__(self, people: KnownPeople, record: Record, compared: Compared | None = None) -> None:
        self.people, self.record, self.compared = people, record, compared
        self.answered = {contact for contact, _rater, _instrument in record.filled}

    def name(self, kind: str, code: str) -> str:
        person = self.people.people[kind].get(code)
        return person.name if person else code

    def options(self, question: Question) -> tuple[KnownPerson, ...]:
        return tuple(self._somebody(question.kind, code) for code in question.options)

    def _somebody(self, kind: str, code: str) -> KnownPerson:
        side = 0 if kind == CLIENT else 1
        theirs = [rows for pair, rows in self.record.engagements.items() if pair[side] == code]
        engagements = [engagement for rows in theirs for engagement in rows]
        days = [
            contact.day
            for engagement in engagements
            for contact in self.record.contacts.get(engagement.pk, {}).values()
            if contact.day and contact.pk in self.answered
        ]
        others = {(each.clinician if kind == CLIENT else each.client).name for each in engagements}
        with_whom = ", ".join(sorted(others)) if kind == CLIENT else ""
        return KnownPerson(code, self.name(kind, code), with_whom, max(days, default=None))

    def new_people(self, rows: Sequence[Row]) -> Iterator[NewPerson]:
        yield from self.new(CLIENT, [(row.client, row.line) for row in rows])
        yield from self.new(STAFF, [(row.clinician, row.line) for row in rows])

    def new(self, kind: str, named: Sequence[tuple[str, int]]) -> Iterator[NewPerson]:
        """People whom the record does not know, among the codes and lines that a file names."""
        lines: dict[str, int] = {}
        for code, line in named:
            lines[code] = min(lines.get(code, line), line)
        for code, n in sorted(Counter(code for code, _line in named).items()):
            if code not in self.people.people[kind]:
                yield NewPerson(kind, code, n, lines[code])

    def is_new_pair(self, row: Row) -> bool:
        """A relationship that is not on record between two people who are."""
        known = row.client in self.people.people[CLIENT] and row.clinician in self.people.people[STAFF]
        return known and self.compared is not None and row.line not in self.compared.homes

    def pairs(self, rows: Iterable[Row]) -> Iterator[Pair]:
        for (client, clinician), n in sorted(Counter(row.pair for row in rows).items()):
            yield Pair(self.name(CLIENT, client), self.name(STAFF, clinician), n)

    def to_confirm(self, rows: Collection[Row]) -> Iterator[KnownPerson]:
        """Known clients who were never confirmed for this source, and whom no check recognises."""
        recognised = {row.client for row in rows if row.check and row.client in self.people.checks}
        yield from self.unconfirmed({row.client for row in rows} - recognised)

    def unconfirmed(self, codes: Collection[str]) -> Iterator[KnownPerson]:
        """Known clients of these codes who were never confirmed for this source."""
        confirmed = {code for (kind, _code), code in self.people.confirmed.items() if kind == CLIENT}
        for code in sorted(set(codes) & set(self.people.people[CLIENT]) - confirmed):
            yield self._somebody(CLIENT, code)
