"""Estimates of leaving: learned by a command only, kept for each client who allows it, and what was done."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accord.clinic.audit.write import record_event
from accord.clinic.facts import stays
from accord.clinic.models import (
    Engagement,
    Heartbeat,
    LeavingEstimate,
    LeavingModel,
    Organisation,
    Person,
    ReachedOut,
    Response,
    claims,
)
from accord.clinic.models.actors import SYSTEM, Actor
from accord.clinic.monitoring import leaving_model as forecasting
from accord.clinic.monitoring import leaving_shown as leaving
from accord.clinic.monitoring.leaving_model import Stand
from accord.clinic.policy import Action, check

HEARTBEAT = "leaving"
AT_ONCE = 200  # clients
TOLD = ("chance", "low", "high")


def refit(*, organisation: Organisation, by: Actor = SYSTEM) -> LeavingModel:
    """Learn anew and judge it, or say why there can be no estimates; then bring every client's up to date."""
    found = forecasting.learn(organisation, timezone.localdate())  # minutes, perhaps: outside the transaction
    with transaction.atomic():
        row = LeavingModel.objects.create(
            organisation=organisation,
            refused=found.refused,
            values=dict(found.values),
            report=dict(found.report),
            made_at=timezone.now(),
            predecessor=None,
        )
        record_event(by=by, action="leaving.refit", subject=row, fields=["values", "report"])
    refresh_all(organisation=organisation, by=by)
    return row


def refresh_due(now: datetime | None = None) -> None:
    """Once a day everybody's estimate is brought up to date."""
    now = now or timezone.now()
    today = timezone.localdate(now)
    last = Heartbeat.objects.filter(name=HEARTBEAT).first()
    if last is not None and timezone.localdate(last.at) >= today:
        return
    for organisation in Organisation.objects.all():
        refresh_all(organisation=organisation)
    with claims.fenced():
        Heartbeat.objects.update_or_create(name=HEARTBEAT, defaults={"at": now})


def refresh_all(*, organisation: Organisation, by: Actor = SYSTEM) -> None:
    ids = list(stays.estimated(organisation.pk).order_by("pk").values_list("pk", flat=True))
    for some in _parts(ids):
        refresh(organisation=organisation, clients=some, by=by)


@transaction.atomic
def refresh(*, organisation: Organisation, clients: Collection[UUID], by: Actor) -> list[LeavingEstimate]:
    """Bring these clients' estimates up to date; one that says what stands already adds nothing."""
    # Held, so that estimates are added one after the other.
    list(Person.objects.select_for_update(no_key=True).filter(pk__in=clients).order_by("pk"))
    with claims.fenced():
        return _refreshed(organisation, clients, by)


def _refreshed(organisation: Organisation, clients: Collection[UUID], by: Actor) -> list[LeavingEstimate]:
    model = leaving.model_in_use(organisation)
    stands = forecasting.stand(organisation, clients, model.values if model else None, timezone.localdate())
    standing = {one.client_id: one for one in leaving.standing_estimates().filter(client__in=clients)}
    made = [
        row
        for client, found in stands.items()
        if (row := _new(organisation, client, found, model, standing.get(client)))
    ]
    for row in made:
        row.save()
    for row in made:
        told = ["missed", *(name for name in TOLD if getattr(row, name) is not None)]
        record_event(by=by, action="leaving.estimate", subject=row, client_id=row.client_id, fields=told)
    return made


def _new(
    organisation: Organisation,
    client: UUID,
    found: Stand,
    model: LeavingModel | None,
    before: LeavingEstimate | None,
) -> LeavingEstimate | None:
    told: dict[str, Any] = {"day": found.day, "missed": found.missed}
    if found.told and model:
        told |= {name: round(getattr(found.told, name), 4) for name in TOLD}
        told |= {"reasons": list(found.told.reasons), "model_id": model.pk}
        told["listed"] = found.told.chance > model.report["by_clinician"]["line"]
    said_before = before is not None and _says(before, told)
    if said_before or (before is None and not found.missed and not found.told):
        return None
    return LeavingEstimate(
        organisation=organisation, client_id=client, predecessor=before, made_at=timezone.now(), **told
    )


def _says(before: LeavingEstimate, told: dict[str, Any]) -> bool:
    """Whether the estimate that stands says the same. The day alone, of nobody of whom more is told, does not
    count."""
    names = (*TOLD, "missed", "reasons", "model_id")
    empty: dict[str, Any] = {"reasons": []}
    same = all(getattr(before, name) == told.get(name, empty.get(name)) for name in names)
    return same and (before.day == told["day"] or not (told["missed"] or "chance" in told))


def _parts(ids: list[UUID]) -> Iterator[list[UUID]]:
    for begin in range(0, len(ids), AT_ONCE):
        yield ids[begin : begin + AT_ONCE]


@transaction.atomic
def reach_out(*, engagement: Engagement, done: str, by: Person) -> ReachedOut:
    """Log what was done because a client may be leaving. Raises `Denied` for anyone but their clinicians."""
    check(by, Action.RESPOND, engagement)
    check(by, Action.SEE_ESTIMATE, engagement)
    now = timezone.now()
    row = ReachedOut.objects.create(
        organisation_id=engagement.organisation_id,
        engagement=engagement,
        by=by,
        done=Response.Done(done).value,
        day=timezone.localdate(now),
        made_at=now,
    )
    record_event(
        by=by, action="leaving.reach_out", subject=row, client_id=engagement.client_id, fields=["done"]
    )
    return row


@transaction.atomic
def define(
    *, organisation: Organisation, missed: int, days: int, put_out: bool, in_residence: bool, by: Person
) -> None:
    """When somebody has left; what was missed is counted so at once, chances with the next refit."""
    check(by, Action.DEFINE_LEAVING, organisation)
    organisation.leaving_missed, organisation.leaving_days = missed, days
    organisation.leaving_put_out, organisation.in_residence = put_out, in_residence
    fields = ["leaving_missed", "leaving_days", "leaving_put_out", "in_residence"]
    organisation.save(update_fields=fields)
    record_event(by=by, action="organisation.define_leaving", subject=organisation,
                 organisation_id=organisation.pk, fields=fields)  # fmt: skip
