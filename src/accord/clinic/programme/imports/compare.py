"""Compare the rows of a file with the record: new, the same, different, and wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext

from accord.clinic.models import CheckIn, Contact, Engagement
from accord.clinic.programme.imports.ratings_record import Record
from accord.clinic.programme.imports.ratings_rows import Row
from accord.errors import message as _
from accord.exchange.reading import BadCell
from accord.exchange.wrong_cell import plain

SAME_SCORE = 1e-9


@dataclass(frozen=True)
class Changed:
    """A score or an item, on record and in the file; empty where there is none."""

    name: str
    old: str
    new: str

    @property
    def spoken(self) -> str:
        """The name as a page says it."""
        if self.name == "score":
            return gettext("score")
        return gettext("item %(n)s") % {"n": self.name.removeprefix("item_")}


@dataclass(frozen=True)
class Difference:
    """A row whose form the record holds with other answers. `old`: that form; `engagement`: whose it is."""

    row: Row
    old: CheckIn
    engagement: Engagement
    changed: tuple[Changed, ...]


@dataclass(frozen=True)
class Compared:
    """Every row that was read, in one of four lists. `homes`: the relationship of a new row, by its line;
    none for a pair of people that the record does not know. `ended`: new rows of relationships that are over.
    """

    new: tuple[Row, ...]
    same: tuple[tuple[Row, CheckIn], ...]
    differs: tuple[Difference, ...]
    wrong: tuple[tuple[Row, BadCell], ...]
    homes: Mapping[int, Engagement]
    ended: tuple[Row, ...]


Verdict = CheckIn | Difference | BadCell | None  # the same form on record, and so on; None for a new row


def compare(rows: Sequence[Row], record: Record, today: date) -> Compared:
    """Sort the rows of a file by what the record says of each."""
    verdicts = list(_verdicts(rows, record, today))
    new = [(row, home) for row, home, verdict in verdicts if verdict is None]
    return Compared(
        tuple(row for row, _home in new),
        tuple((row, verdict) for row, _home, verdict in verdicts if isinstance(verdict, CheckIn)),
        tuple(verdict for _row, _home, verdict in verdicts if isinstance(verdict, Difference)),
        tuple((row, verdict) for row, _home, verdict in verdicts if isinstance(verdict, BadCell)),
        {row.line: home for row, home in new if home is not None},
        tuple(row for row, home in new if home is not None and has_ended(home, today)),
    )


def _verdicts(
    rows: Sequence[Row], record: Record, today: date
) -> Iterator[tuple[Row, Engagement | None, Verdict]]:
    """Each row with its relationship, if it is known, and what the record and earlier rows say of it."""
    days, first = _days(rows), dict[tuple[object, ...], Row]()
    out_of_order = _sessions_out_of_order(days)
    for row in rows:
        comparison = _Comparison(row, record, today)
        verdict = comparison.verdict(days.get((*row.pair, row.session)))
        if not isinstance(verdict, CheckIn | BadCell):
            verdict = comparison.duplicate_of(first.setdefault(comparison.form, row)) or verdict
        if verdict is None and (*row.pair, row.session) in out_of_order:
            verdict = comparison.out_of_order()
        yield row, comparison.home, verdict


def has_ended(engagement: Engagement, today: date) -> bool:
    """Whether the last day of the relationship is past."""
    return engagement.until is not None and engagement.until < today


def _days(rows: Iterable[Row]) -> dict[tuple[str, str, int], date]:
    """The date of each session in the file: the earliest among its rows."""
    days: dict[tuple[str, str, int], date] = {}
    for row in rows:
        if row.day is not None:
            key = (*row.pair, row.session)
            days[key] = min(days.get(key, row.day), row.day)
    return days


def _sessions_out_of_order(days: Mapping[tuple[str, str, int], date]) -> set[tuple[str, str, int]]:
    """Sessions dated before an earlier session, which happens only where two codes mean one person."""
    out_of_order: set[tuple[str, str, int]] = set()
    latest: dict[tuple[str, str], date] = {}
    for (client, clinician, session), day in sorted(days.items()):
        if day < latest.get((client, clinician), day):
            out_of_order.add((client, clinician, session))
        latest[client, clinician] = max(day, latest.get((client, clinician), day))
    return out_of_order


class _Comparison:
    """One row beside the record."""

    def __init__(self, row: Row, record: Record, today: date) -> None:
        self.row, self.record, self.today = row, record, today
        self.known = record.engagements.get(row.pair, ())
        self.home = _home(row, self.known, today)

    @property
    def form(self) -> tuple[object, ...]:
        """Which form of which relationship the row is about."""
        whose = self.home.pk if self.home else self.row.pair
        return whose, self.row.session, self.row.rater, self.row.instrument.id

    def duplicate_of(self, first: Row) -> BadCell | None:
        """What is wrong with a row about the same form as an earlier row, which used another code."""
        if first.line == self.row.line:
            return None
        expected = _(
            "one row for a client, clinician, session, rater and instrument; row %(row)s has the same",
            row=first.line,
        )
        return self._bad("session", str(self.row.session), expected)

    def verdict(self, day: date | None) -> Verdict:
        """The same form on record, how it differs, what is wrong with the row, or None for a new one."""
        for engagement in [self.home] if self.home else self.known:
            contact = self.record.contacts.get(engagement.pk, {}).get(self.row.session)
            old = contact and self.record.filled.get(
                (contact.pk, self.row.rater.value, self.row.instrument.id)
            )
            if contact and old:
                return self._beside_record(old, contact, engagement, day)
        return self._after_end() or self._misdated()

    def _beside_record(
        self, old: CheckIn, contact: Contact, engagement: Engagement, day: date | None
    ) -> CheckIn | Difference | BadCell:
        if contact.day and day and contact.day not in (day, self.row.day):
            return self._other_day(contact.day)
        if old.via != CheckIn.Via.IMPORT:  # also where it is the same: what was answered is not to be guessed
            expected = _(
                "no row about this form: it was filled in here, and a file neither changes nor repeats it"
            )
            return self._bad("instrument", self.row.instrument.id, expected)
        changed = tuple(_changed(self.row, old))
        return Difference(self.row, old, engagement, changed) if changed else old

    def _after_end(self) -> BadCell | None:
        """What is wrong with a row of a relationship, or of care, that has ended: no file opens it again."""
        found = str(self.row.day or "")
        if self.known and self.home is None:
            ended = max(engagement.until for engagement in self.known if engagement.until)
            expected = _(
                "a date in this relationship, which ended on %(day)s; a file does not open it again",
                day=ended,
            )
            return self._bad("date", found, expected)
        ended_care = self.record.care_ends.get(self.row.client)
        if ended_care is None or (self.home and self.row.day and self.row.day <= ended_care):
            return None
        expected = _(
            "a date up to %(day)s, when this client's care here ended, in a relationship that is known here",
            day=ended_care,
        )
        return self._bad("date", found, expected)

    def _misdated(self) -> BadCell | None:
        row = self.row
        if row.day is None:
            return None
        if row.day > self.today:
            return self._bad("date", str(row.day), _("a date up to today, %(today)s", today=self.today))
        sessions = self.record.contacts.get(self.home.pk, {}) if self.home else {}
        same = sessions.get(row.session)
        if same and same.day and same.day != row.day:
            return self._other_day(same.day)
        if same is None and _out_of_order(row, sessions):
            expected = _("a date that rises with the session numbers in the record")
            return self._bad("date", str(row.day), expected)
        return None

    def out_of_order(self) -> BadCell:
        expected = _("a date that rises with the session numbers of the same person's other code")
        return self._bad("date", str(self.row.day or ""), expected)

    def _other_day(self, day: date) -> BadCell:
        expected = _("%(day)s, the date of this session in the record", day=day)
        return self._bad("date", str(self.row.day), expected)

    def _bad(self, column: str, found: str, expected: str) -> BadCell:
        return BadCell(self.row.line, column, found, expected, "")


def _home(row: Row, known: Sequence[Engagement], today: date) -> Engagement | None:
    """The relationship of a row: the one that its day lies in, otherwise the newest that goes on."""
    open_now = [engagement for engagement in known if not has_ended(engagement, today)]
    if row.day is not None:
        begun = [engagement for engagement in open_now if engagement.since <= row.day]
        within = [e for e in known if e.since <= row.day and (e.until is None or row.day <= e.until)]
        if begun or within:
            return (begun or within)[-1]
    return open_now[-1] if open_now else None


def _out_of_order(row: Row, sessions: Mapping[int, Contact]) -> bool:
    dated = [(number, contact.day) for number, contact in sessions.items() if contact.day]
    return any((number < row.session and day > row.day) or (number > row.session and day < row.day)
               for number, day in dated if row.day)  # fmt: skip


def _changed(row: Row, old: CheckIn) -> Iterator[Changed]:
    answers = {int(number): float(value) for number, value in old.answers.items()}
    if not _is_same(old.given_score, row.given_score):
        yield Changed("score", _text(old.given_score), _text(row.given_score))
    for number in sorted({*answers, *row.answers}):
        if answers.get(number) != row.answers.get(number):
            yield Changed(f"item_{number}", _text(answers.get(number)), _text(row.answers.get(number)))


def _is_same(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is new
    return abs(old - new) <= SAME_SCORE


def _text(value: float | None) -> str:
    return "" if value is None else plain(value)
