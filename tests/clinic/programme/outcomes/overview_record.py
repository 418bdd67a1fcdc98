"""A programme of some size, written as rows: treatments, forms, words, flags and what was done about them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import uuid4

import numpy as np
from django.utils import timezone

from accord.clinic.facts import instruments
from accord.clinic.models import (
    Assessment,
    CareEpisode,
    CheckIn,
    Consent,
    Contact,
    Engagement,
    Event,
    FeedbackMode,
    Flag,
    Person,
    Response,
)
from accord.clinic.models.actors import SYSTEM
from accord.clinic.monitoring import populations
from accord.clinic.programme.imports import analyze
from accord.records.ratings import Rater
from tests.support.world import World, days_ago

SESSIONS, CLINICIANS, STARTED = 10, 12, 300  # days ago


def at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(10)))


class Record:
    """`people` clients, each with one clinician for ten weekly contacts from `STARTED` days ago on.

    Every other client is of the arm dbt, the rest of mbt. The first `left` left after their last contact.
    """

    def __init__(self, world: World, people: int = 48, left: int = 0, seed: int = 1) -> None:
        self.world, self.organisation = world, world.organisation
        self.rng = np.random.default_rng(seed)
        self.start = days_ago(STARTED)
        here = {"organisation": self.organisation}
        self.clients = [Person(**here, kind="client", code=f"P{n:03}", name=f"P{n}") for n in range(people)]
        self.staff = [Person(**here, kind="staff", code=f"S{n}", name=f"S{n}") for n in range(CLINICIANS)]
        Person.objects.bulk_create([*self.clients, *self.staff])
        self.engagements = [
            Engagement(**here, client=client, clinician=self.staff[n % CLINICIANS], team=world.first,
                       since=self.start, revision=1)
            for n, client in enumerate(self.clients)
        ]  # fmt: skip
        Engagement.objects.bulk_create(self.engagements)
        self._contacts()
        self._episodes(left)

    def _contacts(self) -> None:
        self.contacts = {
            engagement.pk: [
                Contact(organisation=self.organisation, engagement=engagement, session=n,
                        day=self.start + timedelta(weeks=n - 1), made_at=timezone.now())
                for n in range(1, SESSIONS + 1)
            ]
            for engagement in self.engagements
        }  # fmt: skip
        Contact.objects.bulk_create([contact for of in self.contacts.values() for contact in of])

    def _episodes(self, left: int) -> None:
        last = self.start + timedelta(weeks=SESSIONS - 1)
        CareEpisode.objects.bulk_create(
            CareEpisode(
                organisation=self.organisation, client=client, since=self.start,
                method="dbt" if n % 2 else "mbt", made_at=timezone.now(),
                until=last if n < left else None, end_reason="left" if n < left else "",
            )
            for n, client in enumerate(self.clients)
        )  # fmt: skip

    def fill(
        self, instrument: str, score, rater: str = "client", sessions=range(1, SESSIONS + 1), answers=None
    ):
        """A form about these sessions of everybody; `score` of the client's number and the session."""
        made = instruments.find(self.organisation.pk, instrument)
        CheckIn.objects.bulk_create(
            CheckIn(
                pk=uuid4(), organisation=self.organisation, contact=self.contacts[engagement.pk][n - 1],
                rater=rater,
                instrument=made.id, instrument_version=made.version,
                answers=answers(place, n) if answers else {},
                given_score=None if answers else float(score(place, n)),
                received_at=timezone.now(), body_hash="", via=CheckIn.Via.IMPORT,
            )
            for place, engagement in enumerate(self.engagements)
            for n in sessions
        )  # fmt: skip
        analyze.count_rows()  # as after an import: PostgreSQL takes the tables for empty ones otherwise

    def followed(self, instrument: str) -> None:
        """As if every relationship had been assessed by this series."""
        made = instruments.find(self.organisation.pk, instrument)
        Assessment.objects.bulk_create(
            Assessment(
                organisation=self.organisation, engagement=engagement, revision=1, made_at=timezone.now(),
                method_version="switching-1", instrument=made.id, instrument_version=made.version,
                rater="client", checkins_seen=SESSIONS, as_of=timezone.localdate(), findings=[], state={},
            )
            for engagement in self.engagements
        )  # fmt: skip
        populations.refit(
            organisation_id=self.organisation.pk, instrument=made, rater=Rater.CLIENT, by=SYSTEM
        )

    def happened(self, kind: str, who, day: int, count: int = 1) -> None:
        Event.objects.bulk_create(
            Event(organisation=self.organisation, client=self.clients[n], kind=kind, count=count,
                  day=self.start + timedelta(days=day), made_at=timezone.now())
            for n in who
        )  # fmt: skip

    def flagged(self, who, kind: str = Flag.Kind.SAID, talked=None, settled=None) -> None:
        """A rupture of each of these; days until it was talked about and settled, None: not."""
        for n in who:
            raised = at(self.start + timedelta(days=20))
            flag = Flag.objects.create(
                organisation=self.organisation, engagement=self.engagements[n], session=3, kind=kind,
                method_version="t", finding={"said": ["probe"]}, facts="", raised_at=raised,
            )  # fmt: skip
            for done, days in ((Response.Done.TALKED_ABOUT, talked), (Response.Done.SETTLED, settled)):
                if days is not None:
                    when = raised + timedelta(days=days)
                    Response.objects.create(
                        organisation=self.organisation, flag=flag, by=self.engagements[n].clinician,
                        done=done, day=when.date(), made_at=when,
                    )  # fmt: skip

    def mode(self, who, mode: str, day: int = 0) -> None:
        before = {mode.client_id: mode for mode in FeedbackMode.objects.filter(successor__isnull=True)}
        FeedbackMode.objects.bulk_create(
            FeedbackMode(organisation=self.organisation, client=self.clients[n], mode=mode,
                         at=at(self.start + timedelta(days=day)), set_by=self.staff[0],
                         predecessor=before.get(self.clients[n].pk))
            for n in who
        )  # fmt: skip

    def says(self, who, purpose: str, allowed: bool) -> None:
        Consent.objects.bulk_create(
            Consent(organisation=self.organisation, client=self.clients[n], purpose=purpose, allowed=allowed,
                    at=timezone.now())
            for n in who
        )  # fmt: skip
