"""The page about one import: the answers it left out, and the effects of undoing it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accord.clinic.models import (
    CareEpisode,
    CheckIn,
    Engagement,
    Event,
    Flag,
    ImportBatch,
    LeftOutAnswer,
    Person,
    SealedText,
)
from accord.clinic.policy import Action, check
from accord.clinic.programme.imports import putting_back, undoing
from accord.clinic.programme.imports.safety_answers import spoken_day


@dataclass(frozen=True)
class LeftOut:
    """A safety answer of a row that was not taken, as the file had it; texts are None where unreadable."""

    line: int
    client_id: UUID | None
    client: str | None
    instrument: str
    item: int
    day: str | None
    answer: str | None
    row: str | None
    read_by: str
    read_on: date

    @property
    def spoken_day(self) -> str:
        return spoken_day(self.day or "")


@dataclass(frozen=True)
class UndoEffects:
    """What would no longer count if an import were undone, and who stays. People are given by name."""

    clients: tuple[str, ...]
    clinicians: tuple[str, ...]
    staying: tuple[str, ...]  # people of this import with other entries by now
    relationships: int
    answers: int
    corrections: int  # among the answers; what they replaced would count again
    events: int
    episodes: int
    flags: tuple[str, ...]
    flagged: frozenset[UUID]  # the clients of these flags


@dataclass(frozen=True)
class BatchPage:
    """`left_out`: safety answers of rows not taken. `obstacle`: why it cannot be put back, if so."""

    batch: ImportBatch
    read: int
    left_out: tuple[LeftOut, ...]
    effects: UndoEffects | None
    obstacle: str

    @property
    def client_ids(self) -> set[UUID]:
        """Clients of whom the page shows an answer or a flag."""
        answered = {answer.client_id for answer in self.left_out if answer.client_id}
        return answered | (self.effects.flagged if self.effects else frozenset())


def batch_page(viewer: Person, batch_id: UUID) -> BatchPage:
    """The page about an import. Raises `Denied` for anybody but the leads of its organisation."""
    batch = ImportBatch.objects.select_related("by", "undone_by", "organisation").get(pk=batch_id)
    check(viewer, Action.UNDO_IMPORT, batch)
    return BatchPage(
        batch=batch,
        read=batch.safety_reads.count(),
        left_out=tuple(left_out(LeftOutAnswer.objects.filter(batch=batch))),
        effects=None if batch.undone_at else effects_of_undo(batch),
        obstacle=putting_back.obstacle(batch) if batch.undone_at else "",
    )


def left_out(answers: QuerySet[LeftOutAnswer]) -> Iterator[LeftOut]:
    """These answers with their opened texts, in the order of the file."""
    rows = list(answers.select_related("client", "read_by").order_by("line", "item"))
    texts = SealedText.texts(rows, LeftOutAnswer.ROW)
    for row in rows:
        text = texts[row.pk]
        content: dict[str, str | None] = json.loads(text) if text else {}
        name = row.client.name if row.client else content.get("client")
        yield LeftOut(
            row.line, row.client_id, name, row.instrument, row.item, content.get("day"),
            content.get("answer"), content.get("row"), row.read_by.name, row.read_on,
        )  # fmt: skip


def effects_of_undo(batch: ImportBatch) -> UndoEffects:
    """The effects that undoing this import would have now."""
    staying = undoing.with_other_entries(batch)
    people = Person.objects.filter(batch=batch).order_by("name")
    checkins = CheckIn.objects.filter(batch=batch)
    relationships = Engagement.objects.filter(batch=batch).exclude(pk__in=undoing.kept_relationships(batch))
    flags = list(_flags(checkins))
    return UndoEffects(
        clients=tuple(_names(people, Person.Kind.CLIENT, staying)),
        clinicians=tuple(_names(people, Person.Kind.STAFF, staying)),
        staying=tuple(person.name for person in people if person.pk in staying),
        relationships=relationships.count(),
        answers=checkins.count(),
        corrections=checkins.filter(predecessor__isnull=False).count(),
        events=Event.objects.filter(batch=batch).count(),
        episodes=CareEpisode.objects.filter(batch=batch, replaced_at__isnull=True).count(),
        flags=tuple(_spoken(flag) for flag in flags),
        flagged=frozenset(flag.engagement.client_id for flag in flags),
    )


def _names(people: QuerySet[Person], kind: str, staying: Collection[UUID]) -> Iterator[str]:
    return (person.name for person in people if person.kind == kind and person.pk not in staying)


def _flags(checkins: QuerySet[CheckIn]) -> Iterator[Flag]:
    """Flags raised at sessions that these answers are about; an undo has them assessed again."""
    sessions = set(checkins.values_list("contact__engagement", "contact__session"))
    engagements = {engagement for engagement, _session in sessions}
    flags = Flag.objects.filter(withdrawn_at__isnull=True).select_related("engagement__client")
    ids = list(engagements)
    for start in range(0, len(ids), undoing.AT_ONCE):
        for flag in flags.filter(engagement__in=ids[start : start + undoing.AT_ONCE]).order_by("raised_at"):
            if (flag.engagement_id, flag.session) in sessions:
                yield flag


def _spoken(flag: Flag) -> str:
    day = date_format(flag.raised_at.date(), "j M Y")
    values = {"client": flag.engagement.client.name, "kind": flag.get_kind_display(), "day": day}
    return _("%(client)s: %(kind)s, raised %(day)s") % values
