"""What clients of the demonstration allow, and with whom what is computed is looked at."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from django.utils import timezone

from accord.clinic.client.consents import actions as consents
from accord.clinic.facts import uses
from accord.clinic.models import Consent, Engagement, FeedbackMode, Flag, Organisation, Person
from accord.clinic.models.actors import SYSTEM
from accord.clinic.web.demonstration import Demonstration

TWO_OF_FOUR = 2, 4  # of the clients, who are in the two teams by turns: they said yes to research
EVERY_THIRD = 3  # of the clients: what is computed is looked at together with them


def fill(demonstration: Demonstration) -> None:
    _told(demonstration.organisation)
    _looked_at_together(demonstration.organisation)
    clinician, client = demonstration.clinician, demonstration.client
    consents.set_feedback(client=client, mode=FeedbackMode.Mode.TOGETHER, by=clinician)
    _switched_off(clinician, client)


def _told(organisation: Organisation) -> None:
    """Everybody was told before their first form; half said yes to research."""
    clients = Person.objects.filter(organisation=organisation, kind=Person.Kind.CLIENT).order_by("code")
    (some, of), now = TWO_OF_FOUR, timezone.now()
    Consent.objects.bulk_create(
        Consent(organisation=organisation, client=client, purpose=purpose, allowed=allowed, at=now)
        for number, client in enumerate(clients)
        for purpose, allowed in (uses.UNLESS_SAID | {uses.Purpose.RESEARCH: number % of < some}).items()
    )


def _looked_at_together(organisation: Organisation) -> None:
    """Agreed on at the beginning with every third client and their first clinician."""
    first: dict[UUID, Engagement] = {}
    for engagement in (
        Engagement.objects.filter(organisation=organisation).select_related("client").order_by("since")
    ):
        first.setdefault(engagement.client_id, engagement)
    chosen = sorted(first.values(), key=lambda one: str(one.client.code))[::EVERY_THIRD]
    FeedbackMode.objects.bulk_create(
        FeedbackMode(
            organisation=organisation,
            client_id=one.client_id,
            mode=FeedbackMode.Mode.TOGETHER,
            at=timezone.make_aware(datetime.combine(one.since, time(9))),
            set_by_id=one.clinician_id,
        )
        for one in chosen
    )


def _switched_off(clinician: Person, client: Person) -> None:
    """One of the clinician's clients without a flag said no to noticing, so that the worklist shows how that
    looks, and another one to estimates of leaving alone."""
    others = Engagement.objects.filter(clinician=clinician, until__isnull=True).exclude(client=client)
    flagged = Flag.objects.filter(withdrawn_at__isnull=True).values("engagement__client")
    calm = others.exclude(client__in=flagged).order_by("client__code")
    chosen = (calm.first() or others.order_by("client__code")[0]).client
    consents.choose(client=chosen, choices={uses.Purpose.NOTICING: False}, by=SYSTEM)
    for engagement in calm.exclude(client=chosen)[:1]:
        consents.choose(client=engagement.client, choices={uses.Purpose.LEAVING: False}, by=SYSTEM)
