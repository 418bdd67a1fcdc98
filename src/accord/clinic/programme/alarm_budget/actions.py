"""How often a false flag may come."""

from __future__ import annotations

from django.db import transaction

from accord.clinic.audit.write import record_event
from accord.clinic.models import Organisation, Person
from accord.clinic.policy import Action, check


@transaction.atomic
def set_budget(*, organisation: Organisation, weeks: int, by: Person) -> None:
    """Allow one false flag per client in `weeks`; relationships use it from their next assessment on."""
    check(by, Action.SET_LINE, organisation)
    organisation.weeks_per_false_flag = weeks
    organisation.save(update_fields=["weeks_per_false_flag"])
    fields = ["weeks_per_false_flag"]
    record_event(by=by, action="organisation.set_budget", subject=organisation,
                 organisation_id=organisation.pk, fields=fields)  # fmt: skip
