"""Consents and feedback modes of the demonstration's clients."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from django.utils import timezone

from accord.clinic.client.consents import actions as consent_actions
from accord.clinic.facts import consents
from accord.clinic.models import Consent, Engagement, FeedbackMode, Flag, Organisation, Person
from accord.clinic.models.actors import SYSTEM
from accord.clinic.web.demonstration import Demonstration

TWO_OF_FOUR = 2, 4  # of the clients, who are in the two teams by turns: they said yes to research
EVERY_THIRD = 3  # of the clients: what is computed is looked at together with them


def fill(demonstration: Demonstration) -> None:
    _choose_first(demonstration.organisation)
    _looked_at_together(demonstration.organisation)
    clinician, client = demonstration.clinician, demonstration.client
    consent_actions.set_feedback(client=client, mode=FeedbackMode.Mode.TOGETHER, by=clinician)
    _switched_off(clinician, client)


def _choose_first(organisation: Organisation) -> None:
    """Everybody chose before their first form; half said yes to research."""
    clients = Person.objects.filter(organisation=organisation, kind=Person.Kind.CLIENT).order_by("code")
    (some, of), now = TWO_OF_FOUR, timezone.now()
    Consent.objects.bulk_create(
        Consent(organisation=organisation, client=client, purpose=purpose, allowed=allowed, at=now)
        for number, client in enumerate(clients)
        for purpose, allowed in (
            consents.ALLOWED_BY_DEFAULT | {consents.Purpose.RESEARCH: number % of < some}
        ).items()
    )


def _looked_at_together(organisation: Organisation) -> None:
    """Agreed on at the beginning with every third client and their first clinician."""
    first: dict[UUID, Engagement] = {}
    for engagement in (
        Engagement.objects.filter(organisation=organisation).select_related("client").order_by("since")
    ):
        first.setdefault(engagement.client_id, engagement)
    chosen = sorted(first.values(), key=lambda relationship: str(relationship.client.code))[::EVERY_THIRD]
    FeedbackMode.objects.bulk_create(
        FeedbackMode(
            organisation=organisation,
            client_id=relationship.client_id,
            mode=FeedbackMode.Mode.TOGETHER,
            at=timezone.make_aware(datetime.combine(relationship.since, time(9))),
            set_by_id=relationship.clinician_id,
        )
        for relationship in chosen
    )


def _switched_off(clinician: Person, client: Person) -> None:
    """One of the clinician's clients without a flag said no to noticing, so that the worklist shows how that
    looks, and another one to estimates of leaving alone."""
    others = Engagement.objects.filter(clinician=clinician, until__isnull=True).exclude(client=client)
    flagged = Flag.objects.filter(withdrawn_at__isnull=True).values("engagement__client")
    calm = others.exclude(client__in=flagged).order_by("client__code")
    chosen = (calm.first() or others.order_by("client__code")[0]).client
    consent_actions.choose(client=chosen, choices={consents.Purpose.NOTICING: False}, by=SYSTEM)
    for engagement in calm.exclude(client=chosen)[:1]:
        consent_actions.choose(client=engagement.client, choices={consents.Purpose.LEAVING: False}, by=SYSTEM)
