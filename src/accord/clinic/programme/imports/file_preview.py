"""What the previews of all kinds of file have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic

from django.conf import settings

from accord.clinic.programme.imports import wording
from accord.clinic.programme.imports.confirmations import tick_name
from accord.clinic.programme.imports.preview_lists import KnownPerson, NewPerson, PeopleLists, ShownQuestion
from accord.clinic.programme.imports.safety_answers import SafetyAnswer
from accord.clinic.programme.imports.same_people import CLIENT, KnownPeople, ResolvedRows, RowT
from accord.clinic.programme.imports.uploads import Upload
from accord.exchange.reading import BadCell


@dataclass(frozen=True, kw_only=True)
class FilePreview(ABC, Generic[RowT]):
    """What an import would do; nothing is written.

    `file`: the file as it was read. `meant`: its rows with the codes of the record. `taken`: the rows that
    would be new; `same`: how many are on record already; `wrong`: others, each with the cell that is wrong.
    """

    upload: Upload
    file: Any  # with `bad`, the rows that cannot be read, and `notes`
    meant: ResolvedRows[RowT]
    people: KnownPeople
    lists: PeopleLists
    taken: tuple[RowT, ...]
    same: int
    wrong: tuple[tuple[RowT, BadCell], ...]

    @property
    def filename(self) -> str:
        return self.upload.filename

    @property
    def source(self) -> str:
        return self.upload.source

    @property
    def needs_not_real_confirmation(self) -> bool:
        return bool(settings.ACCORD.use == "demo")

    @property
    def rows(self) -> int:
        return len(self.taken)

    @cached_property
    def bad(self) -> tuple[BadCell, ...]:
        """Rows that cannot be imported, each with the value found and expected."""
        cells = [*self.file.bad, *(cell for _row, cell in (*self.meant.wrong, *self.wrong))]
        return tuple(wording.cells(sorted(cells, key=lambda cell: cell.row)))

    @cached_property
    def notes(self) -> tuple[str, ...]:
        return (*wording.notes(self.file.notes), *self.more_notes())

    def more_notes(self) -> Iterable[str]:
        """The notes of this kind of file alone."""
        return ()

    @cached_property
    def safety(self) -> tuple[SafetyAnswer, ...]:
        """Safety answers and acts that somebody has to read, in the order of the file."""
        return tuple(self.answers_to_read())

    @abstractmethod
    def answers_to_read(self) -> Iterator[SafetyAnswer]:
        """Safety answers and acts in rows of this kind of file."""

    @property
    def clients_new(self) -> int:
        return len(self._clients) - self.clients_known

    @property
    def clients_known(self) -> int:
        return len(self._clients & set(self.people.people[CLIENT]))

    @property
    def _clients(self) -> set[str]:
        return {row.client for row in self.taken}

    @cached_property
    def questions(self) -> tuple[ShownQuestion, ...]:
        return tuple(ShownQuestion(each, self.lists.options(each)) for each in self.meant.questions)

    @property
    def unanswered(self) -> tuple[ShownQuestion, ...]:
        return tuple(asked for asked in self.questions if not asked.question.is_answered)

    @cached_property
    def new_people(self) -> tuple[NewPerson, ...]:
        return tuple(self.lists.new(CLIENT, [(row.client, row.line) for row in self.taken]))

    @cached_property
    def to_confirm(self) -> tuple[KnownPerson, ...]:
        """Known clients whom this source names for the first time."""
        return tuple(self.lists.unconfirmed(self._clients))

    @cached_property
    def ticks(self) -> Mapping[str, str]:
        """The name of each box that has to be ticked, by what it confirms."""
        return {kind: tick_name(kind, *listed) for kind, listed in self.to_tick().items() if listed}

    def to_tick(self) -> dict[str, Sequence[object]]:
        """Lists of which each is confirmed by one box."""
        return {"bad": self.bad, "new_people": self.new_people, "to_confirm": self.to_confirm}

    @property
    def writes_something(self) -> bool:
        """Whether an import would leave something: rows, or answers of rows left out."""
        return bool(self.taken or self.safety)

    @property
    def has_nothing_new(self) -> bool:
        return self.same > 0 and not self.bad and not self.writes_something
