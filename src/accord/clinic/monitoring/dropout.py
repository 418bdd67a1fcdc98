"""Dropout estimates: learn the model by command, keep estimates of clients who allow it, log responses."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accord.clinic.audit.write import record_event
from accord.clinic.facts import treatment_history
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
from accord.clinic.monitoring import dropout_model, dropout_shown
from accord.clinic.monitoring.dropout_model import ClientStatus
from accord.clinic.policy import Action, check

HEARTBEAT = "leaving"
AT_ONCE = 200  # clients
ESTIMATE_FIELDS = ("chance", "low", "high")


def refit(*, organisation: Organisation, by: Actor = SYSTEM) -> LeavingModel:
    """Learn and evaluate a model, or store why there can be none; then refresh every client's estimate."""
    learned = dropout_model.learn(
        organisation, timezone.localdate()
    )  # minutes, perhaps: outside the transaction
    with transaction.atomic():
        row = LeavingModel.objects.create(
            organisation=organisation,
            refused=learned.refused,
            values=dict(learned.values),
            report=dict(learned.report),
            made_at=timezone.now(),
            predecessor=None,
        )
        record_event(by=by, action="leaving.refit", subject=row, fields=["values", "report"])
    refresh_all(organisation=organisation, by=by)
    return row


def refresh_due(now: datetime | None = None) -> None:
    """Refresh everybody's estimate once a day."""
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
    ids = list(
        treatment_history.eligible_clients(organisation.pk).order_by("pk").values_list("pk", flat=True)
    )
    for batch in _batches(ids):
        refresh(organisation=organisation, clients=batch, by=by)


@transaction.atomic
def refresh(*, organisation: Organisation, clients: Collection[UUID], by: Actor) -> list[LeavingEstimate]:
    """Refresh these clients' estimates; an unchanged estimate adds no row."""
    # Held, so that estimates are added one after the other.
    list(Person.objects.select_for_update(no_key=True).filter(pk__in=clients).order_by("pk"))
    with claims.fenced():
        return _refreshed(organisation, clients, by)


def _refreshed(organisation: Organisation, clients: Collection[UUID], by: Actor) -> list[LeavingEstimate]:
    model = dropout_shown.model_in_use(organisation)
    statuses = dropout_model.client_statuses(
        organisation, clients, model.values if model else None, timezone.localdate()
    )
    current = {
        estimate.client_id: estimate
        for estimate in dropout_shown.current_estimates().filter(client__in=clients)
    }
    made = [
        row
        for client, status in statuses.items()
        if (row := _new(organisation, client, status, model, current.get(client)))
    ]
    for row in made:
        row.save()
    for row in made:
        fields = ["missed", *(name for name in ESTIMATE_FIELDS if getattr(row, name) is not None)]
        record_event(by=by, action="leaving.estimate", subject=row, client_id=row.client_id, fields=fields)
    return made


def _new(
    organisation: Organisation,
    client: UUID,
    status: ClientStatus,
    model: LeavingModel | None,
    before: LeavingEstimate | None,
) -> LeavingEstimate | None:
    fields: dict[str, Any] = {"day": status.day, "missed": status.missed}
    if status.forecast and model:
        fields |= {name: round(getattr(status.forecast, name), 4) for name in ESTIMATE_FIELDS}
        fields |= {"reasons": list(status.forecast.reasons), "model_id": model.pk}
        fields["listed"] = status.forecast.chance > model.report["by_clinician"]["line"]
    unchanged = before is not None and _is_unchanged(before, fields)
    if unchanged or (before is None and not status.missed and not status.forecast):
        return None
    return LeavingEstimate(
        organisation=organisation, client_id=client, predecessor=before, made_at=timezone.now(), **fields
    )


def _is_unchanged(before: LeavingEstimate, fields: dict[str, Any]) -> bool:
    """Whether the current estimate says the same. A new day alone does not
    count, unless something else is estimated."""
    names = (*ESTIMATE_FIELDS, "missed", "reasons", "model_id")
    empty: dict[str, Any] = {"reasons": []}
    same = all(getattr(before, name) == fields.get(name, empty.get(name)) for name in names)
    return same and (before.day == fields["day"] or not (fields["missed"] or "chance" in fields))


def _batches(ids: list[UUID]) -> Iterator[list[UUID]]:
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
