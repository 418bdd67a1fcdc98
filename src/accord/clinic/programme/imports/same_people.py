"""The people whom the codes of a file mean: known people, new ones, and those who have to be asked about."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar
from uuid import UUID

from accord.clinic.models import ConfirmedCode, Person, PersonCheck, SealedText
from accord.clinic.policy import not_undone
from accord.clinic.programme.imports.confirmations import tick_name
from accord.clinic.programme.imports.ratings_rows import Row
from accord.errors import message as _
from accord.exchange.reading import BadCell

OTHER, SAME, LEAVE_OUT = "=somebody else", "=the same", "=leave out"  # no code in a file begins like these
CLIENT, STAFF = Person.Kind.CLIENT.value, Person.Kind.STAFF.value
RowT = TypeVar("RowT", bound=Any)  # a dataclass with a line and a client
MINUS = "\N{MINUS SIGN}"
_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")


@dataclass(frozen=True)
class Question:
    """Whether an unknown code means a known person, or the same person as an earlier code of the file.

    `options`: codes it may mean. With a `check` the code is known, and what else recognises the client
    differs from `known_check`. `may_be_other`: whether it may mean
    somebody new; not so for the address with which somebody signs in.
    """

    field: str
    kind: str
    code: str
    line: int
    options: tuple[str, ...]
    answer: str = ""
    may_be_other: bool = True
    check: str = ""
    known_check: str = ""

    @property
    def is_answered(self) -> bool:
        if self.check:
            return self.answer in (SAME, LEAVE_OUT)
        return self.answer in (*self.options, LEAVE_OUT) or (self.answer == OTHER and self.may_be_other)


@dataclass(frozen=True)
class KnownPeople:
    """What the record knows of people.

    `people`: by kind and code. `confirmed`: kind and code of this source -> code of the record. `checks`: by
    code of the client. `addresses`: those with which staff sign in -> code.
    """

    people: Mapping[str, Mapping[str, Person]]
    confirmed: Mapping[tuple[str, str], str]
    checks: Mapping[str, str]
    addresses: Mapping[str, str]


@dataclass(frozen=True)
class ResolvedRows(Generic[RowT]):
    """The rows with the codes of the record. `codes`: kind and code in the file -> the code in the record."""

    rows: tuple[RowT, ...]
    wrong: tuple[tuple[RowT, BadCell], ...]
    questions: tuple[Question, ...]
    codes: Mapping[tuple[str, str], str]

    @property
    def named_codes(self) -> set[str]:
        """Codes of clients whom the rows mean, or may mean."""
        may_be = {code for question in self.questions for code in question.options}
        return {row.client for row in self.rows} | may_be


def known(organisation_id: UUID, source: str, *, with_checks: bool = False) -> KnownPeople:
    """The people on record; `with_checks`: with the checks of clients, each of which has to be opened."""
    people = list(Person.objects.filter(not_undone(), organisation=organisation_id).select_related("account"))
    by_kind = {kind: {row.code: row for row in people if row.kind == kind} for kind in (CLIENT, STAFF)}
    confirmed = ConfirmedCode.objects.filter(
        not_undone(), not_undone("person__"), organisation=organisation_id, batch__source__iexact=source
    ).select_related("person")
    return KnownPeople(
        by_kind,
        {(row.kind, row.code): row.person.code for row in confirmed.order_by("batch__created_at")},
        _checks(organisation_id) if with_checks else {},
        {row.account.email.casefold(): row.code for row in by_kind[STAFF].values() if row.account},
    )


def _checks(organisation_id: UUID) -> dict[str, str]:
    """The newest check of each client by their code, without those that cannot be read."""
    rows = PersonCheck.objects.filter(not_undone(), organisation=organisation_id).select_related("person")
    newest = {row.person.code: row for row in rows.order_by("made_at")}
    texts = SealedText.texts(newest.values(), PersonCheck.CHECK)
    return {code: text for code, row in newest.items() if (text := texts[row.pk])}


def resolve_clients(
    rows: Sequence[RowT], people: KnownPeople, answers: Mapping[str, str], *, may_be_new: bool
) -> ResolvedRows[RowT]:
    """As `resolve_people`, for rows that name a client only; `may_be_new`: the file can make people."""
    resolver = _Resolver(CLIENT, people, answers, may_be_new)
    for row in rows:
        resolver.meet(row.client, row.line)
    wrong = [
        (row, cell) for row in rows if (cell := _left_out(row, {CLIENT: resolver}, [(CLIENT, "client")]))
    ]
    out = {row.line for row, _cell in wrong}
    mapped = [replace(row, client=resolver.codes[row.client]) for row in rows if row.line not in out]
    codes = {(CLIENT, code): to for code, to in resolver.codes.items()}
    return ResolvedRows(tuple(mapped), tuple(wrong), tuple(resolver.questions), codes)


def resolve_people(rows: Sequence[Row], people: KnownPeople, answers: Mapping[str, str]) -> ResolvedRows[Row]:
    """Give each row the codes of the record, following the answers to the questions."""
    resolvers = {kind: _Resolver(kind, people, answers) for kind in (CLIENT, STAFF)}
    for row in rows:
        resolvers[CLIENT].meet(row.client, row.line)
        resolvers[STAFF].meet(row.clinician, row.line)
    sides = ((CLIENT, "client"), (STAFF, "clinician"))
    wrong = [(row, cell) for row in rows if (cell := _left_out(row, resolvers, sides))]
    out = {row.line for row, _cell in wrong}
    mapped = [
        replace(
            row, client=resolvers[CLIENT].codes[row.client], clinician=resolvers[STAFF].codes[row.clinician]
        )
        for row in rows
        if row.line not in out
    ]
    checks = _Checks(mapped, people, answers)
    return ResolvedRows(
        tuple(row for row in mapped if row.line not in checks.wrong),
        (*wrong, *((row, checks.wrong[row.line]) for row in mapped if row.line in checks.wrong)),
        (*resolvers[CLIENT].questions, *resolvers[STAFF].questions, *checks.questions.values()),
        {(kind, code): to for kind, resolver in resolvers.items() for code, to in resolver.codes.items()},
    )


def codes_of_clients(people: KnownPeople, meant: ResolvedRows[Any]) -> dict[str, str]:
    """Code in the file -> code in the record, also of rows that could not be read."""
    codes = {**people.confirmed, **meant.codes}
    return {code: to for (kind, code), to in codes.items() if kind == CLIENT}


def folded(code: str) -> str:
    """The same for codes that differ in case, spaces, dashes, leading zeros or the form of their letters."""
    text = unicodedata.normalize("NFKC", code).casefold()
    return _ZEROS.sub("", "".join(letter for letter in text if not letter.isspace() and not _is_dash(letter)))


def _is_dash(letter: str) -> bool:
    """Hyphens, dashes and underscores of any kind, and the minus: programs put one for another."""
    return letter == MINUS or unicodedata.category(letter) in ("Pd", "Pc")


def folded_check(check: str) -> str:
    """The same for checks that differ in case, form of letters, or signs that are no letters or digits."""
    text = unicodedata.normalize("NFKC", check).casefold()
    return "".join(letter for letter in text if letter.isalnum())


@dataclass
class _Resolver:
    """The codes of one kind of people, in the order in which a file names them."""

    kind: str
    people: KnownPeople
    answers: Mapping[str, str]
    may_be_new: bool = True
    codes: dict[str, str] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    questions: list[Question] = field(default_factory=list)
    near: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.near = {}
        for code in sorted(self.people.people[self.kind]):
            self.near.setdefault(folded(code), []).append(code)

    def meet(self, code: str, line: int) -> None:
        if code in self.codes:
            return
        known_as = code if code in self.people.people[self.kind] else self._confirmed(code)
        if known_as is not None:
            self.codes[code] = known_as
            return
        self.codes[code] = self._answered(code, line)
        # Also after an answer: the options of a later code must not depend on it.
        self.near.setdefault(folded(code), []).append(code)

    def _confirmed(self, code: str) -> str | None:
        return self.people.confirmed.get((self.kind, code))

    def _answered(self, code: str, line: int) -> str:
        address = self.people.addresses.get(code.casefold()) if self.kind == STAFF else None
        options = (address,) if address else tuple(self.near.get(folded(code), ()))
        if not options:
            return code
        name = tick_name("who", self.kind, code, *options)
        may_be_other = self.may_be_new and not address
        question = Question(name, self.kind, code, line, options, self.answers.get(name, ""), may_be_other)
        self.questions.append(question)
        if question.answer == LEAVE_OUT or question.answer in self.left_out:
            self.left_out.add(code)
        return self.codes.get(question.answer, question.answer) if question.answer in options else code


def _left_out(
    row: Any, resolvers: Mapping[str, _Resolver], sides: Iterable[tuple[str, str]]
) -> BadCell | None:
    for kind, column in sides:
        code: str = getattr(row, column)
        if code in resolvers[kind].left_out:
            expected = _("a code whose meaning is clear; you chose to leave this one out")
            return BadCell(row.line, column, code, expected, "")
    return None


class _Checks:
    """The checks in a file, compared with those of the record and with each other."""

    def __init__(self, rows: Sequence[Row], people: KnownPeople, answers: Mapping[str, str]) -> None:
        self.questions: dict[tuple[str, str], Question] = {}
        self.wrong: dict[int, BadCell] = {}
        first: dict[str, Row] = {}
        for row in (row for row in rows if row.check):
            known_check = people.checks.get(row.client)
            if known_check is None:
                self._beside_first(row, first.setdefault(row.client, row))
            elif folded_check(known_check) != folded_check(row.check):
                self._ask(row, known_check, answers)

    def _beside_first(self, row: Row, first: Row) -> None:
        if folded_check(first.check) != folded_check(row.check):
            expected = _(
                "the same for one client: row %(row)s has %(check)s", row=first.line, check=first.check
            )
            self.wrong[row.line] = BadCell(row.line, "check", row.check, expected, "")

    def _ask(self, row: Row, known_check: str, answers: Mapping[str, str]) -> None:
        key = row.client, folded_check(row.check)
        name = tick_name("check", row.client, folded_check(row.check), known_check)
        asked = Question(
            name, CLIENT, row.client, row.line, (row.client,), answers.get(name, ""),
            check=row.check, known_check=known_check,
        )  # fmt: skip
        self.questions.setdefault(key, asked)
        if asked.answer == LEAVE_OUT:
            expected = _("%(check)s, as this client is known here", check=known_check)
            self.wrong[row.line] = BadCell(row.line, "check", row.check, expected, "")


def new_checks(
    meant: ResolvedRows[Row], people: KnownPeople, clients: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Code and check of each of these clients whose check in the file is not on record."""
    wanted, done = set(clients), set[str]()
    for row in meant.rows:
        if row.client in wanted and row.check and row.client not in done:
            known_check = people.checks.get(row.client)
            if known_check is None or folded_check(known_check) != folded_check(row.check):
                done.add(row.client)
                yield row.client, row.check
