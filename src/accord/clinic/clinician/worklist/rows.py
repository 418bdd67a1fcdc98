"""Rows and lists of the worklist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from accord.clinic.client.own_notes.queries import LineShown
from accord.clinic.facts.absences import Away
from accord.clinic.monitoring.acts import WaitingAct
from accord.clinic.monitoring.dropout_shown import DropoutEntries
from accord.clinic.monitoring.entries import Entry


@dataclass(frozen=True)
class Section:
    """Flags of one kind, the longest waiting first. `days`: how long the first has waited."""

    key: str
    title: str
    help: str
    entries: tuple[Entry, ...]
    days: int


@dataclass(frozen=True)
class ActRow:
    """Acts and safety answers of a client, newest first, that nobody who treats them has answered yet."""

    client_id: UUID
    client_name: str
    acts: tuple[WaitingAct, ...]
    also: tuple[str, ...] = ()

    @property
    def since(self) -> date:
        """Since when the first of them has waited."""
        return min(act.on_record for act in self.acts)


@dataclass(frozen=True)
class NotEstimated:
    """A client who switched off the estimate of leaving, which says nothing about whether they will stay."""

    client_id: UUID
    client_name: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class NoRecentContact:
    """A current relationship in which the client was not heard of lately; `last_day` None: never.

    `announced`: the latest day for which an absence was announced lately.
    """

    client_id: UUID
    client_name: str
    with_whom: str
    viewer_is_clinician: bool
    last_day: date | None
    announced: date | None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class NoEntry:
    """A client without an entry, and the day they were last heard of; None: never.

    `hidden`: why nothing computed is shown about them, which is not to be taken for calm; else empty.
    `away`: the announced absence that today lies in.
    """

    client_id: UUID
    client_name: str
    last_day: date | None
    hidden: str = ""
    away: Away | None = None


@dataclass(frozen=True)
class Worklist:
    """Sections that hold something, in order of urgency. Each client is in one of the lists that ask for
    something, with a note of the others.

    `acts`: acts and safety answers newly on record. `lines`: clients' own lines that the viewer has not
    opened.
    `not_computed`: clients about whom nothing computed is shown, in whichever other list they are.

    `leaving`: clients whom the viewer treats and who may be leaving, and those of whom that is not estimated.
    `sees_nobody`: no relationship is theirs to see, so an empty page says nothing of anybody.
    """

    acts: tuple[ActRow, ...]
    sections: tuple[Section, ...]
    lines: tuple[LineShown, ...]
    no_entry: tuple[NoEntry, ...]
    not_computed: tuple[NoEntry, ...]
    no_recent_contact: tuple[NoRecentContact, ...]
    leaving: DropoutEntries
    unassessed: int
    as_of: datetime
    read_only: bool
    sees_nobody: bool

    @property
    def acts_days(self) -> int:
        """For how many days the longest of the acts has waited."""
        return max((timezone.localdate(self.as_of) - row.since).days for row in self.acts)

    @property
    def said(self) -> tuple[Section, ...]:
        return tuple(section for section in self.sections if section.key == "said")

    @property
    def missed(self) -> tuple[Section, ...]:
        return tuple(section for section in self.sections if section.key == "missed")

    @property
    def others(self) -> tuple[Section, ...]:
        return tuple(section for section in self.sections if section.key not in ("said", "missed"))

    @property
    def asks_for_something(self) -> bool:
        return bool(
            self.acts or self.sections or self.lines or self.no_recent_contact or self.leaving.entries
        )

    @property
    def client_ids(self) -> set[UUID]:
        """Ids of all clients on the worklist."""
        lists: tuple[Sequence[ActRow | Entry | NoRecentContact | NoEntry], ...] = (
            self.acts,
            *(section.entries for section in self.sections),
            self.no_recent_contact,
            self.no_entry,
            self.not_computed,
        )
        return {entry.client_id for listed in lists for entry in listed} | self.leaving.client_ids
