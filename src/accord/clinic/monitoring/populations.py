"""Population values of an instrument: learned from the programme's relationships, stored as a fact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accord.clinic.audit.write import record_event
from accord.clinic.facts import changed, instruments
from accord.clinic.facts import current as facts
from accord.clinic.models import CheckIn, ImportBatch, JobState, Organisation, Population, claims
from accord.clinic.models.actors import SYSTEM, Actor
from accord.clinic.monitoring import assessment
from accord.clinic.policy import not_undone
from accord.records.ratings import Construct, Instrument, Rater

ENOUGH = 10  # relationships below which the stated priors stay
JOB = "learn-populations"


@dataclass(frozen=True)
class Series:
    """The check-ins of one instrument by one rater across an organisation."""

    organisation_id: UUID
    rater: str
    instrument: str

    @property
    def key(self) -> str:
        return f"{self.organisation_id}:{self.rater}:{self.instrument}"

    @classmethod
    def of_key(cls, key: str) -> Series:
        organisation, rater, instrument = key.split(":", 2)
        return cls(UUID(organisation), rater, instrument)

    def columns(self) -> dict[str, object]:
        return {"organisation": self.organisation_id, "rater": self.rater, "instrument": self.instrument}


def refit_all(
    *, organisation: Organisation, by: Actor = SYSTEM
) -> Iterator[tuple[str, str, Population | None]]:
    """Learn every followed series again; yields instrument, rater and the new version, if there is one."""
    for name, rater in facts.series(organisation.pk):
        instrument = instruments.find(organisation.pk, name)
        if instrument.construct is not Construct.OTHER:
            learned = refit(organisation_id=organisation.pk, instrument=instrument, rater=Rater(rater), by=by)
            yield instrument.id, rater, learned


def refit(
    *,
    organisation_id: UUID,
    instrument: Instrument,
    rater: Rater,
    by: Actor,
    batch: ImportBatch | None = None,
) -> Population | None:
    """Learn the values again. With too few relationships the result is None and the values in use stay.

    Values learned for a `batch` are dropped when it is undone. `made_at` is when reading began: an import
    undone after that is not in what was learned.
    """
    began = timezone.now()
    learned = assessment.learn(organisation_id, instrument, rater)  # seconds: outside the transaction
    if learned is None or learned.relationships < ENOUGH:
        return None
    with claims.fenced():
        row = Population.objects.create(
            organisation_id=organisation_id,
            instrument=instrument.id,
            rater=rater.value,
            values=learned.to_json(),
            relationships=learned.relationships,
            batch=batch,
            made_at=began,
        )
        record_event(by=by, action="population.refit", subject=row, fields=["values"])
    return row


def wake_for(batch: ImportBatch) -> None:
    """An import was written or undone: what there is to learn of its series is learned by a job."""
    for rater, instrument in set(CheckIn.objects.filter(batch=batch).values_list("rater", "instrument")):
        claims.wake(JOB, Series(batch.organisation_id, rater, instrument).key)


def learn_after_imports(key: str) -> None:
    """Learn a series that nothing was learned of yet, or anew where an import was undone since."""
    series = Series.of_key(key)
    with transaction.atomic():  # an import or undo that is under way is waited for
        Organisation.objects.select_for_update().get(pk=series.organisation_id)
    if _changes(series).get(series):
        refit(
            organisation_id=series.organisation_id,
            instrument=instruments.find(series.organisation_id, series.instrument),
            rater=Rater(series.rater),
            by=SYSTEM,
            batch=_stands_for(series),
        )
    claims.wake(changed.ASSESS)  # those that waited for it


def _stands_for(series: Series) -> ImportBatch | None:
    """The import that brought the series; None where one was undone, or something was learned before."""
    of_series = ImportBatch.objects.filter(
        pk__in=CheckIn.objects.filter(**series.columns(), batch__isnull=False).values("batch")
    )
    if of_series.filter(undone_at__isnull=False).exists() or series in _newest(series):
        return None
    return of_series.order_by("-created_at").first()


def waiting() -> list[str]:
    """Series that imports changed since they were learned, or since that was last tried."""
    tried = dict(JobState.objects.filter(name=JOB).values_list("key", "last_success"))
    return [
        series.key
        for series, at in _changes().items()
        if (last := tried.get(series.key)) is None or at > last
    ]


def not_tried() -> list[Series]:
    """Those among them that no run has tried to learn, or that one is learning now."""
    keys = waiting()
    given_up = JobState.objects.filter(name=JOB, key__in=keys, claim__isnull=True, attempts__gt=0)
    return [Series.of_key(key) for key in set(keys).difference(given_up.values_list("key", flat=True))]


def _changes(only: Series | None = None) -> dict[Series, datetime]:
    """Series that values are to be learned of, and when an import last changed them."""
    known, changes = _newest(only), {}
    rows = CheckIn.objects.filter(batch__isnull=False, **(only.columns() if only else {}))
    for *columns, created, undone in (
        rows.values_list("organisation_id", "rater", "instrument")
        .annotate(Max("batch__created_at"), Max("batch__undone_at"))
        .order_by()
    ):
        series = Series(*columns)
        if series not in known:
            changes[series] = max(created, undone or created)
        elif undone and undone > known[series]:
            changes[series] = undone
    return changes


def _newest(only: Series | None = None) -> dict[Series, datetime]:
    """When the values in use of each series were made."""
    rows = Population.objects.filter(not_undone(), **(only.columns() if only else {}))
    columns = rows.values_list("organisation_id", "rater", "instrument")
    return {Series(*of): at for *of, at in columns.annotate(Max("made_at")).order_by()}
