"""What the record knows of the people and relationships that a file of ratings names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from accord.clinic.facts import care
from accord.clinic.facts import current as facts
from accord.clinic.models import CareEpisode, CheckIn, Contact, Engagement, Person, SafetyRead
from accord.clinic.policy import not_undone

Pair = tuple[str, str]  # codes of a client and a clinician
Place = tuple[UUID, str, str]  # contact, rater and instrument of a form
COMPARED = ("contact_id", "rater", "instrument", "answers", "given_score", "via", "revision")
A_FEW = 500  # codes that a query may name; of more, everybody is read


@dataclass(frozen=True)
class Record:
    """`engagements`: those of each pair, in order of their beginning. `read`: form and item of each safety
    answer that somebody confirmed having read. `care_ends`: the last day of care that is over, by client.
    """

    engagements: Mapping[Pair, Sequence[Engagement]]
    contacts: Mapping[UUID, Mapping[int, Contact]]
    filled: Mapping[Place, CheckIn]
    read: frozenset[tuple[UUID, int]]
    care_ends: Mapping[str, date]


def load(organisation_id: UUID, codes: Collection[str]) -> Record:
    """The record of the clients with these codes, and maybe of others."""
    clients = Person.objects.filter(organisation=organisation_id, kind=Person.Kind.CLIENT)
    if len(codes) <= A_FEW:
        clients = clients.filter(code__in=list(codes))
    contacts: dict[UUID, dict[int, Contact]] = {}
    of_clients = {"organisation": organisation_id, "engagement__client__in": clients}
    rows = facts.current_contacts().filter(not_undone("engagement__"), **of_clients)
    for contact in rows.only("engagement_id", "session", "day"):
        contacts.setdefault(contact.engagement_id, {})[contact.session] = contact
    checkins = facts.current_checkins().filter(contact__engagement__client__in=clients)
    # Only the columns that are compared: of thousands of rows, the others would take most of the time.
    checkins = checkins.only(*COMPARED)
    reads = SafetyRead.objects.filter(not_undone(), checkin__contact__engagement__client__in=clients)
    return Record(
        _engagements(clients),
        contacts,
        {(row.contact_id, row.rater, row.instrument): row for row in checkins},
        frozenset(reads.values_list("checkin", "item")),
        _care_ends(clients),
    )


def _engagements(clients: QuerySet[Person]) -> Mapping[Pair, Sequence[Engagement]]:
    result: dict[Pair, list[Engagement]] = {}
    rows = Engagement.objects.filter(not_undone(), client__in=clients).select_related("client", "clinician")
    for engagement in rows.order_by("since"):
        result.setdefault((engagement.client.code, engagement.clinician.code), []).append(engagement)
    return result


def _care_ends(clients: QuerySet[Person]) -> Mapping[str, date]:
    rows = care.current_episodes().filter(client__in=clients).select_related("client")
    newest: dict[str, CareEpisode] = {}
    for episode in sorted(rows, key=lambda row: (row.until is None, row.until or row.since)):
        newest[episode.client.code] = episode
    return {code: episode.until for code, episode in newest.items() if episode.until is not None}


def people(organisation_id: UUID, kind: str) -> dict[str, Person]:
    """Everybody of a kind by their code, including people whom only an undone import knew."""
    return {person.code: person for person in Person.objects.filter(organisation=organisation_id, kind=kind)}


def engagements(organisation_id: UUID) -> dict[Pair, Engagement]:
    """The newest relationship of each pair of codes; those of undone imports come last."""
    existing = Engagement.objects.filter(organisation=organisation_id).select_related(
        "client", "clinician", "batch"
    )
    ordered = sorted(
        existing,
        key=lambda engagement: (
            engagement.batch is None or engagement.batch.undone_at is None,
            engagement.since,
        ),
    )
    return {(engagement.client.code, engagement.clinician.code): engagement for engagement in ordered}
