"""What stands of generated histories is the same however it is asked for."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accord.clinic.client.own_notes import queries as own_notes
from accord.clinic.clinician.reactions import queries as reactions
from accord.clinic.facts import care, consents, current, events
from accord.clinic.models import (
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
    LeavingEstimate,
    LineRead,
    LineSharing,
    OwnLine,
)
from accord.clinic.models.reaction import Reaction, ReactionSharing
from accord.clinic.models.span import going_on
from accord.clinic.monitoring import dropout_shown
from accord.clinic.policy import (
    current_engagements,
    not_undone,
    shared_with,
)
from accord.clinic.policy.table import Relation
from tests.support.slow_relations import direct_relations
from tests.support.thorough import PROOF
from tests.support.world import World, days_ago

pytestmark = pytest.mark.django_db
HISTORIES = range(60 if PROOF else 12)


class History:
    """A chance history of one programme: corrections of corrections, imports that were undone, ended care."""

    def __init__(self, seed: int) -> None:
        self.chance, self.world, self.now = random.Random(seed), World(), timezone.now()
        self.own: dict[str, Any] = {"organisation": self.world.organisation}
        self.batches = [None, self._batch(None), self._batch(self.now)]
        self.engagements = [self.world.with_lind, self.world.with_ito, self.world.with_okafor]
        for client in (self.world.ana, self.world.ben):
            self._about_client(client)
        for engagement in self.engagements:
            self._about_engagement(engagement)

    def _batch(self, undone: Any) -> ImportBatch:
        return ImportBatch.objects.create(
            **self.own, by=self.world.lead, filename="f", sha256="0", created_at=self.now, rows=1,
            relationships=1, undone_at=undone, undone_by=self.world.lead if undone else None,
        )  # fmt: skip

    def about_groups_and_reading(self) -> None:
        """A group with leaders of today and before; relationships of undone imports; lines that were read."""
        chance, world = self.chance, self.world
        group = Group.objects.create(**self.own, team=world.first, name="a group")
        for person in (world.lind, world.ito, world.stranger):
            until = days_ago(1) if chance.random() < 0.3 else None
            GroupLeader.objects.create(
                **self.own, group=group, person=person, since=days_ago(60), until=until
            )
        for client, clinician in ((world.ana, world.stranger), (world.ben, world.ito)):
            in_group = {"role": Engagement.Role.GROUP, "group": group} if chance.random() < 0.6 else {}
            self._about_engagement(world.engage(client, clinician, world.first))
            Engagement.objects.filter(client=client, clinician=clinician).update(
                batch=self.batch(), **in_group
            )
        for line in OwnLine.objects.all():
            if chance.random() < 0.4:
                LineRead.objects.create(**self.own, line=line, by=world.lind, at=self.now)

    def chain(self, model: Any, **columns: Any) -> list[Any]:
        """A fact and its corrections; what is a function is called for each of them."""
        made: list[Any] = []
        for _ in range(self.chance.randint(1, 3)):
            values = {name: row() if callable(row) else row for name, row in columns.items()}
            before = made[-1] if made else None
            place = {"revision": len(made)} if model is CheckIn else {}
            made.append(model.objects.create(**self.own, **values, **place, predecessor=before))
        return made

    def batch(self) -> ImportBatch | None:
        return self.chance.choice(self.batches)

    def _about_client(self, client: Any) -> None:
        by, chance = self.world.lind, self.chance
        self.chain(
            Consent, client=client, purpose="noticing", allowed=lambda: chance.random() < 0.5, at=self.now
        )
        self.chain(FeedbackMode, client=client, mode="clinician", at=self.now, set_by=by)
        self.chain(
            Event, client=client, day=days_ago(3), kind="attempt", count=1, made_at=self.now, batch=self.batch
        )
        self.chain(LeavingEstimate, client=client, day=days_ago(1), missed=1, made_at=self.now)
        for days, ended in ((90, True), (30, chance.random() < 0.5))[: chance.randint(0, 2)]:
            until = {"until": days_ago(days - 10), "end_reason": "left"} if ended else {}
            replaced = self.now if chance.random() < 0.3 else None
            CareEpisode.objects.create(
                **self.own, client=client, since=days_ago(days), method="dbt", made_at=self.now,
                replaced_at=replaced, batch=self.batch(), **until,
            )  # fmt: skip

    def _about_engagement(self, engagement: Engagement) -> None:
        if self.chance.random() < 0.3:
            Engagement.objects.filter(pk=engagement.pk).update(
                until=days_ago(self.chance.randint(0, 20) - 10)
            )
        for session in range(1, 5):
            *_, contact = self.chain(
                Contact, engagement=engagement, session=session, day=days_ago(30 - session),
                made_at=self.now, batch=self.batch,
            )  # fmt: skip
            self._about_contact(contact)
        reaction = Reaction.objects.create(
            **self.own, author=engagement.clinician, engagement=engagement, made_at=self.now
        )
        whom: dict[str, Any] = self.chance.choice(
            [{"person": self.world.supervisor}, {"team": self.world.first}]
        )
        first = ReactionSharing.objects.create(**self.own, **whom, reaction=reaction, at=self.now)
        if self.chance.random() < 0.5:
            ReactionSharing.objects.create(
                **self.own, **whom, reaction=reaction, at=self.now, taken_back=True, predecessor=first
            )

    def _about_contact(self, contact: Contact) -> None:
        kinds = list(ContactReport.Attendance)
        if self.chance.random() < 0.7:
            self.chain(
                ContactReport, contact=contact, side="clinician", by=self.world.lind, kind="individual",
                attendance=lambda: self.chance.choice(kinds), made_at=self.now,
            )  # fmt: skip
        if self.chance.random() < 0.6:
            *_, checkin = self.chain(
                CheckIn, contact=contact, rater="client", instrument="session-checkin",
                instrument_version="1", received_at=self.now, body_hash="", via="link", batch=self.batch,
            )  # fmt: skip
            line = OwnLine.objects.create(**self.own, checkin=checkin, made_at=self.now)
            audience = lambda: self.chance.choice(LineSharing.Audience.values)  # noqa: E731
            self.chain(LineSharing, line=line, audience=audience, at=self.now)


def _forms_by_hand() -> QuerySet[CheckIn]:
    """Forms that count and after which, along their chain, none counts: each chain walked to its end."""
    after = {row.predecessor_id: row for row in CheckIn.objects.filter(predecessor__isnull=False)}
    counting = set(CheckIn.objects.filter(not_undone()).values_list("pk", flat=True))
    current_ids = set(counting)
    for pk in counting:
        later = after.get(pk)
        while later is not None:
            if later.pk in counting:
                current_ids.discard(pk)
            later = after.get(later.pk)
    return CheckIn.objects.filter(pk__in=current_ids)


def _contacts_by_join() -> QuerySet[Contact]:
    """What `current_contacts` means, said over the row that would be a successor."""
    checkins = _forms_by_hand()
    reports = ContactReport.objects.filter(successor__isnull=True)
    about_it = Exists(checkins.filter(contact=OuterRef("pk")))
    mistaken = reports.filter(contact=OuterRef("pk"), attendance=ContactReport.Attendance.MISTAKEN)
    return Contact.objects.filter((not_undone() & ~Exists(mistaken)) | about_it, successor__isnull=True)


def _both_ways(world: World) -> dict[str, tuple[Any, Any]]:
    """Name -> what the site asks, and the same asked over a join."""
    sharings = ReactionSharing.objects.filter(successor__isnull=True, taken_back=False)
    lines = LineSharing.objects.filter(successor__isnull=True)
    result: dict[str, tuple[Any, Any]] = {
        "check-ins": (current.current_checkins(), _forms_by_hand()),
        "contacts": (current.current_contacts(), _contacts_by_join()),
        "reports": (current.current_reports(), ContactReport.objects.filter(successor__isnull=True)),
        "consents": (consents.current_consents(), Consent.objects.filter(successor__isnull=True)),
        "modes": (consents.current_modes(), FeedbackMode.objects.filter(successor__isnull=True)),
        "events": (events.current_events(), Event.objects.filter(not_undone(), successor__isnull=True)),
        "estimates": (
            dropout_shown.current_estimates(), LeavingEstimate.objects.filter(successor__isnull=True)
        ),
        "lines": (own_notes.current_sharings(), lines),
        "told": (
            shared_with(world.supervisor),
            sharings.filter(Q(person=world.supervisor) | Q(team=world.first)),
        ),
        "told to another team": (shared_with(world.okafor), sharings.filter(team=world.second)),
    }  # fmt: skip
    for reaction in Reaction.objects.all():
        asked = reactions.current_sharings(reaction)
        result[f"sharings {reaction.pk}"] = (asked, sharings.filter(reaction=reaction))
    return result


@pytest.mark.parametrize("seed", HISTORIES)
def test_what_stands_is_the_same_asked_by_an_index_and_over_a_join(seed):
    history = History(seed)
    for name, (asked, plain) in _both_ways(history.world).items():
        ids = list(asked.values_list("pk", flat=True))
        assert len(ids) == len(set(ids)), name
        assert set(ids) == set(plain.values_list("pk", flat=True)), name
    for contact in Contact.objects.all():
        rows = LineSharing.objects.filter(successor__isnull=True, line__checkin__successor__isnull=True)
        alone = rows.filter(line__checkin__contact=contact, audience=LineSharing.Audience.ONLY_ME)
        assert own_notes.has_line_for_nobody(contact) == alone.exists()


@pytest.mark.parametrize("seed", HISTORIES)
def test_who_is_in_care_is_the_same_asked_of_one_client_and_of_everybody(seed):
    history = History(seed)
    today = timezone.localdate() - timedelta(days=history.chance.randint(0, 5))
    everybody = set(care.in_care(today).values_list("pk", flat=True))
    assert everybody <= set(current_engagements(today).values_list("pk", flat=True))
    for client in (history.world.ana, history.world.ben):
        own = set(care.in_care(today).filter(client=client).values_list("pk", flat=True))
        assert (
            own
            == {engagement.pk for engagement in history.engagements if engagement.client_id == client.pk}
            & everybody
        )


def _beside_by_lookup(person: Any, today: Any) -> set[Any]:
    """Others' relationships with the clients of one's own: those that no look at one's own finds again."""
    led = GroupLeader.objects.filter(going_on(today), person=person).values("group")
    standing = current_engagements(today)
    own = (standing.filter(clinician=person), standing.filter(group__in=led))
    others = Engagement.objects.all()
    for row in own:
        others = others.filter(~Exists(row.filter(pk=OuterRef("pk"))))
    clients = Q()
    for row in own:
        clients |= Q(client__in=row.exclude(role=Engagement.Role.PEER).values("client"))
    return set(others.filter(clients).values_list("pk", flat=True))


@pytest.mark.parametrize("seed", HISTORIES)
def test_what_somebody_sees_of_others_is_the_same_asked_in_either_way(seed):
    history = History(seed)
    history.about_groups_and_reading()
    world, today = history.world, timezone.localdate()
    for person in (world.lind, world.ito, world.okafor, world.stranger, world.supervisor):
        ways = direct_relations(person, today, {Relation.SHARES})[Relation.SHARES]
        beside = {pk for way in ways for pk in way.values_list("pk", flat=True)}
        assert beside == _beside_by_lookup(person, today)

        read = LineRead.objects.filter(line=OuterRef("line"), by=person)
        mine = {"line__checkin__contact__engagement__clinician": person}
        waiting = own_notes.shared_with(person).filter(~Exists(read), **mine).order_by("at")
        shown = [row.id for row in own_notes.unread(person)]
        assert sorted(shown) == sorted(waiting.values_list("line", flat=True))

        result = Reaction.objects.filter(pk__in=shared_with(person).values("reaction"))
        assert sorted(row.id for row in reactions.shared_with_viewer(person)) == sorted(
            result.values_list("pk", flat=True)
        )
