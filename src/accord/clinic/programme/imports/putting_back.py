"""Put an undone import back: its rows count again, unless others have taken their place since."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accord.clinic.facts import care, events
from accord.clinic.facts import current as facts
from accord.clinic.facts.changed import many_changed
from accord.clinic.models import CareEpisode, Contact, Event, ImportBatch, Person, Scale
from accord.clinic.monitoring import populations
from accord.clinic.policy import not_undone
from accord.clinic.programme.imports import undoing


def obstacle(batch: ImportBatch) -> str:
    """Why an undone import cannot be put back now, in words; empty where it can."""
    for rows, client, text in (
        (
            _sessions_again(batch),
            "engagement__client",
            _("It cannot be put back: sessions of %(client)s are on record again. Undo the later import "
              "first."),
        ),
        (
            _events_again(batch),
            "client",
            _("It cannot be put back: events of %(client)s are on record again. Undo the later import "
              "first."),
        ),
        (
            _episodes_again(batch),
            "client",
            _("It cannot be put back: another treatment of %(client)s is on record at that time. Undo the "
              "later import first, or correct that treatment."),
        ),
    ):  # fmt: skip
        name = rows.values_list(f"{client}__name", flat=True).first()
        if name is not None:
            return text % {"client": name}
    if _scales_again(batch):
        return _("It cannot be put back: its scale is on record with another range or direction.")
    return ""


def put_back(*, batch: ImportBatch, by: Person) -> None:
    """Count everything of an import again, with the ids it had. Runs inside its caller's transaction."""
    CareEpisode.objects.filter(batch=batch, replaced_at=batch.undone_at).update(replaced_at=None)
    batch.undone_at, batch.undone_by = None, None
    batch.save(update_fields=["undone_at", "undone_by"])
    many_changed(undoing.touched(batch))
    populations.wake_for(batch)
    undoing.audit_rows(batch=batch, action="import.rows_put_back", by=by)


def _sessions_again(batch: ImportBatch) -> QuerySet[Contact]:
    """Contacts of the import for whose session another contact counts now."""
    other = facts.current_contacts().filter(
        engagement=OuterRef("engagement"), session=OuterRef("session")
    ).exclude(batch=batch)  # fmt: skip
    return Contact.objects.filter(Exists(other), batch=batch)


def _events_again(batch: ImportBatch) -> QuerySet[Event]:
    """Events of the import for whose client, day and kind another event counts now."""
    same = {name: OuterRef(name) for name in ("client", "day", "kind")}
    return Event.objects.filter(Exists(events.current_events().filter(**same)), batch=batch)


def _episodes_again(batch: ImportBatch) -> QuerySet[CareEpisode]:
    """Episodes of the import that overlap another episode of the client which counts now."""
    other = care.current_episodes().filter(client=OuterRef("client")).exclude(batch=batch)
    begun = Q(since__lt=OuterRef("until")) | Q(since=OuterRef("since"))
    after = Q(until__isnull=True) | Q(until__gt=OuterRef("since")) | Q(since=OuterRef("since"))
    mine = CareEpisode.objects.filter(batch=batch, replaced_at=batch.undone_at)
    ended = mine.filter(Exists(other.filter(begun, after)), until__isnull=False)
    return ended | mine.filter(Exists(other.filter(after)), until__isnull=True)


def _scales_again(batch: ImportBatch) -> bool:
    """Whether a scale of the import is on record now with another range or direction."""
    scales = Scale.objects.filter(organisation=batch.organisation_id)
    for scale in scales.filter(batch=batch):
        same = {name: getattr(scale, name) for name in ("low", "high", "lower_is_better", "construct")}
        others = scales.filter(not_undone(), name__iexact=scale.name)
        if others.exclude(batch=batch).exclude(**same).exists():
            return True
    return False
