"""How a person is related to a record, worked out from plain rows: the same as the queries say."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from django.db.models import BooleanField, ExpressionWrapper
from django.utils import timezone

from accord.clinic.models import BreakGlass, Engagement, Membership, Person
from accord.clinic.models.batch import ImportBatch
from accord.clinic.models.group import Group, GroupLeader
from accord.clinic.policy import primary_relation_to_each, relations, staff_roles
from accord.clinic.policy.primary_relation import primary_relation
from accord.clinic.policy.relation_queries import not_undone
from accord.clinic.policy.table import GRANTED_BY_ROLE, NO_RELATION, TABLE, Action, Relation
from tests.support.slow_relations import conditions
from tests.support.thorough import PROOF
from tests.support.world import World, days_ago

R = Relation
SEEDS = range(60 if PROOF else 6)
BY_ENGAGEMENT = frozenset(
    {R.ENGAGED, R.PEER, R.SHARES, R.SUPERVISES, R.BREAK_GLASS, R.SAME_TEAM, R.OTHER_TEAM, R.FORMER}
)


class Drawn(World):
    """The small programme with roles, relationships, groups, emergencies and imports at random."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.drawn = random.Random(seed)
        self.teams = (self.first, self.second)
        self.clients = (self.ana, self.ben, self.client_person("Third"))
        self.people = (self.lind, self.ito, self.okafor, self.supervisor, self.stranger, self.lead)
        self.groups = [
            Group.objects.create(organisation=self.organisation, team=team, name=f"group of {team.name}")
            for team in self.teams
        ]
        self.undone = ImportBatch.objects.create(
            organisation=self.organisation,
            by=self.lead,
            created_at=timezone.now(),
            undone_at=timezone.now(),
            rows=0,
            relationships=0,
        )
        for _ in range(12):
            self._role()
            self._relationship()
            self._leader()
        for _ in range(4):
            self._emergency()

    def _span(self) -> dict[str, date | None]:
        """From some day around today, for some days or for good."""
        since = timezone.localdate() + timedelta(days=self.drawn.choice((-300, -20, -1, 0, 1)))
        lasts = self.drawn.choice((None, None, 0, 1, 20))
        return {"since": since, "until": None if lasts is None else since + timedelta(days=lasts)}

    def _role(self) -> None:
        fields = {
            "person": self.drawn.choice(self.people),
            "team": self.drawn.choice(self.teams),
            "role": self.drawn.choice(Membership.Role.values),
        }
        if not Membership.objects.filter(**fields).exists():
            Membership.objects.create(organisation=self.organisation, **fields, **self._span())

    def _relationship(self) -> None:
        fields = {
            "client": self.drawn.choice(self.clients),
            "clinician": self.drawn.choice(self.people),
            "role": self.drawn.choice((*Engagement.Role.values, *[Engagement.Role.GROUP] * 4)),
        }
        in_group = fields["role"] == Engagement.Role.GROUP
        if not Engagement.objects.filter(**fields).exists():
            Engagement.objects.create(
                organisation=self.organisation,
                team=self.drawn.choice(self.teams),
                group=self.drawn.choice(self.groups) if in_group else None,
                batch=self.drawn.choice((None, None, self.undone)),
                **fields,
                **self._span(),
            )

    def _leader(self) -> None:
        fields = {"group": self.drawn.choice(self.groups), "person": self.drawn.choice(self.people)}
        if not GroupLeader.objects.filter(**fields).exists():
            GroupLeader.objects.create(organisation=self.organisation, **fields, **self._span())

    def _emergency(self) -> None:
        hours = self.drawn.choice((1, 3, 5))
        BreakGlass.objects.create(
            organisation=self.organisation,
            by=self.drawn.choice(self.people),
            client=self.drawn.choice(self.clients),
            opened_at=timezone.now() - timedelta(hours=hours),
        )


def _by_query(person: Person, asked: frozenset[Relation]) -> dict[Engagement, set[Relation]]:
    """Relationship -> relations, each asked of the database as a condition of its own."""
    rows = Engagement.objects.filter(not_undone())
    result: dict[Engagement, set[Relation]] = {row: set() for row in rows}
    for relation, condition in conditions(person, timezone.localdate(), asked).items():
        holds = ExpressionWrapper(condition, output_field=BooleanField())
        for item in rows.annotate(holds=holds).filter(holds=True):
            result[item].add(relation)
    return result


def _to(client: Person, result: dict[Engagement, set[Relation]]) -> set[Relation]:
    held = {
        relation
        for engagement, each in result.items()
        if engagement.client_id == client.pk
        for relation in each
    }
    return held - NO_RELATION or held


@pytest.mark.parametrize("seed", SEEDS)
def test_plain_rows_and_queries_give_everybody_the_same_relations(db, seed):
    world = Drawn(seed)
    seen: set[Relation] = set()
    for person in world.people:
        slow = _by_query(person, BY_ENGAGEMENT)
        for client in world.clients:
            assert relations(person, client) & BY_ENGAGEMENT == _to(client, slow)
        for engagement in Engagement.objects.all():
            assert relations(person, engagement) & BY_ENGAGEMENT == slow.get(engagement, set())
        seen = seen.union(*slow.values())
    assert len(seen) >= 5, "the drawn programme has relations of most kinds"


@pytest.mark.parametrize("seed", SEEDS)
def test_the_closest_relation_to_each_client_is_that_of_the_queries(db, seed):
    world, asked = Drawn(seed), TABLE[Action.SEE_WORKLIST]
    for person in world.people:
        result = _by_query(person, asked)
        slow = {client.pk: primary_relation(_to(client, result)) for client in world.clients}
        closest = primary_relation_to_each(person, [client.pk for client in world.clients])
        assert closest == {client: relation for client, relation in slow.items() if relation}


def test_a_relation_that_no_role_grants_is_seen_to_be_too_many(db, monkeypatch):
    """The planted fault: rows decide alone, whatever roles somebody holds."""
    monkeypatch.setattr(staff_roles.StaffRoles, "granted", frozenset(Relation))
    world = World()
    world.lind.memberships.update(until=days_ago(1))
    assert relations(world.lind, world.with_lind) & BY_ENGAGEMENT
    assert not _to(world.ana, _by_query(world.lind, BY_ENGAGEMENT))


def test_every_relation_by_engagement_is_among_those_compared():
    granted = frozenset().union(*GRANTED_BY_ROLE.values())
    elsewhere = {R.AUTHOR, R.SHARED_WITH, R.LEAD, R.ADMINISTRATOR, R.RESEARCHER, R.SUPERVISOR, R.AUDITOR}
    assert granted - elsewhere == BY_ENGAGEMENT
