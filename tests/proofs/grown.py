"""A programme whose clients came from a file, with all that a site comes to hold about each of them.

What is made about one client does not depend on how many others there are, so a page about the same people
must cost the same whatever the size.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accord.clinic.models import (
    Account,
    ActResponse,
    AuditEvent,
    CareEpisode,
    CheckIn,
    Consent,
    Contact,
    ContactReport,
    Engagement,
    Event,
    FeedbackMode,
    Group,
    GroupLeader,
    ImportBatch,
    LineSharing,
    Membership,
    OwnLine,
    Person,
    ReachedOut,
    Team,
)  # fmt: skip
from accord.clinic.models.reaction import Reaction, ReactionSharing
from tests.proofs.worklist_cost import AT_ONCE, Programme

CASELOAD = 12
PURPOSES = tuple(Consent.Purpose.values)


class Grown(Programme):
    """Teams of one therapist, one supervisor of the first, and a group with a leader of its own."""

    caseload = CASELOAD
    copies = False
    trainer: Person

    def __init__(self) -> None:
        self.events = 0
        self.now = timezone.now()
        super().__init__()
        self.clients_shown = list(
            Person.objects.filter(engagements__clinician=self.therapist).order_by("code").distinct()
        )

    def _caseload(self, therapist: Person, team: Team, size: int) -> list[Engagement]:
        self.batch = self.batch or self._import(therapist)
        first = self.clients == 0
        engagements = super()._caseload(therapist, team, size)
        trainer = self._staff(f"trainer {self.clients}", team, Membership.Role.SKILLS)
        if first:
            self.trainer = trainer
        self._group(trainer, team, engagements[::2])
        self._about_clients([engagement.client for engagement in engagements], therapist)
        self._about_contacts(engagements, therapist)
        self._about_relationships(engagements, therapist, trainer)
        return engagements

    def _import(self, by: Person) -> ImportBatch:
        return ImportBatch.objects.create(
            organisation=self.organisation, by=by, filename="all.csv", sha256="0" * 64,
            created_at=self.now, rows=1, relationships=1,
        )  # fmt: skip

    def _group(self, trainer: Person, team: Team, members: Sequence[Engagement]) -> None:
        own = {"organisation": self.organisation}
        since = self.today - timedelta(days=90)
        group = Group.objects.create(**own, team=team, name=f"group {self.clients}")
        GroupLeader.objects.create(**own, group=group, person=trainer, since=since)
        joined = [
            Engagement(
                **own, batch=self.batch, client=member.client, clinician=trainer, team=team, since=since,
                role=Engagement.Role.GROUP, group=group, revision=1,
            )
            for member in members
        ]  # fmt: skip
        Engagement.objects.bulk_create(joined, AT_ONCE)

    def _about_clients(self, clients: Sequence[Person], therapist: Person) -> None:
        own: dict[str, Any] = {"organisation": self.organisation}
        accounts = [Account(**own, email=f"{uuid4()}@test.example", confirmed_at=self.now) for _ in clients]
        Account.objects.bulk_create(accounts, AT_ONCE)
        for client, account in zip(clients, accounts, strict=True):
            client.account = account
        Person.objects.bulk_update(clients, ["account"], AT_ONCE)
        _all([
            Consent(**own, client=client, purpose=purpose, allowed=True, at=self.now)
            for client in clients
            for purpose in PURPOSES
        ])  # fmt: skip
        _all([
            FeedbackMode(**own, client=client, mode="clinician", at=self.now, set_by=therapist)
            for client in clients
        ])  # fmt: skip
        since = self.today - timedelta(days=100)
        _all([
            CareEpisode(**own, client=client, since=since, method="dbt", made_at=self.now, batch=self.batch)
            for client in clients
        ])  # fmt: skip
        _all([
            Event(**own, client=client, day=since, kind=kind, count=1, batch=self.batch, made_at=self.now)
            for client in clients
            for kind in ("self-injury", "attempt")
        ])  # fmt: skip
        _all([self._event(client, therapist, days) for client in clients for days in range(4)])
        self._acts(clients, therapist)

    def _acts(self, clients: Sequence[Person], therapist: Person) -> None:
        """Of these weeks: one that waits, and some that were answered."""
        own: dict[str, Any] = {"organisation": self.organisation, "made_at": self.now}
        acts = [
            Event(**own, client=client, day=self.today - timedelta(days=day), kind="self-injury", count=1)
            for client in clients
            for day in range(1, 5)
        ]
        _all(acts)
        _all([
            ActResponse(**own, client=act.client, event=act, by=therapist, done="team", day=self.today)
            for act in acts
            if act.day < self.today - timedelta(days=1)
        ])  # fmt: skip

    def _event(self, client: Person, by: Person, days: int) -> AuditEvent:
        self.events += 1
        return AuditEvent(
            organisation_id=self.organisation.pk, sequence=10**9 + self.events, actor_kind="person",
            at=self.now - timedelta(days=days), actor_id=by.pk, action="client.read", relation="engaged",
            subject_type="Person", subject_id=client.pk, client_id=client.pk, previous="", digest="",
        )  # fmt: skip

    def _about_contacts(self, engagements: Sequence[Engagement], therapist: Person) -> None:
        own: dict[str, Any] = {"organisation": self.organisation}
        waiting = [  # made here and not answered yet
            Contact(**own, engagement=engagement, session=20, day=self.today, made_at=self.now)
            for engagement in engagements
        ]
        _all(waiting)
        contacts = list(Contact.objects.filter(engagement__in=engagements))
        result = {"side": "clinician", "kind": "individual", "attendance": "attended", "made_at": self.now}
        _all([ContactReport(**own, contact=contact, by=therapist, **result) for contact in contacts])
        filled = list(CheckIn.objects.filter(contact__engagement__in=engagements).order_by("pk"))
        lines = [OwnLine(**own, checkin=checkin, made_at=self.now) for checkin in filled[::5]]
        _all(lines)
        _all([LineSharing(**own, line=line, audience="readers", at=self.now) for line in lines])

    def _about_relationships(
        self, engagements: Sequence[Engagement], therapist: Person, trainer: Person
    ) -> None:
        own: dict[str, Any] = {"organisation": self.organisation}
        reactions = [
            Reaction(**own, author=therapist, engagement=engagement, made_at=self.now)
            for engagement in engagements[::3]
        ]
        _all(reactions)
        _all(
            [
                ReactionSharing(**own, reaction=reaction, team=engagements[0].team, at=self.now)
                for reaction in reactions
            ]
        )
        _all(
            [
                ReactionSharing(**own, reaction=reaction, person=trainer, at=self.now)
                for reaction in reactions[::2]
            ]
        )
        _all([
            ReachedOut(
                **own, engagement=engagement, by=therapist, done="team", day=self.today, made_at=self.now,
            )
            for engagement in engagements[::4]
        ])  # fmt: skip


def _all(rows: list[Any]) -> None:
    if rows:
        type(rows[0]).objects.bulk_create(rows, AT_ONCE)
