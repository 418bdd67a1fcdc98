"""The programme that everybody of people.toml comes to, and the records that addresses are tried with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.db.models import Model
from django.test import Client
from django.utils import timezone

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.client.consents import actions as consent_actions
from accord.clinic.clinician.reactions import actions as reactions
from accord.clinic.models import (
    Account,
    BreakGlass,
    CareEpisode,
    Consent,
    DutyShift,
    Engagement,
    Group,
    ImportBatch,
    Membership,
    Person,
    SealedText,
    Team,
    Worker,
)
from accord.clinic.models.actors import SYSTEM, Link
from accord.clinic.models.reaction import Reaction, ReactionSharing
from accord.clinic.programme.care import episodes as care_episodes
from accord.clinic.programme.duty import actions as duty_actions
from accord.clinic.programme.duty.times import Times
from accord.clinic.programme.groups import actions as group_actions
from accord.instruments.catalogue import get
from accord.records.ratings import Rater
from tests.access import imported
from tests.access.records import KNOWN, THINGS
from tests.support import jobs
from tests.support.world import HURT, World, confirm_again, days_ago, fill, fill_with_line, signed_in

Role, Kind = Membership.Role, Engagement.Role
RowT = TypeVar("RowT", bound=Model)


class Programme(World):
    """`World` with every further person of people.toml as an attribute, and a second organisation."""

    far: World
    emergency: BreakGlass
    far_emergency: BreakGlass
    episodes: Mapping[str, CareEpisode]
    groups: Mapping[str, Group]
    after_care: Engagement
    reactions: Mapping[str, Reaction]
    sharings: Mapping[str, ReactionSharing]
    shifts: Mapping[str, DutyShift]
    batches: Mapping[str, ImportBatch]
    waiting: Mapping[str, UUID]  # an answer to a form that nobody has responded to
    things: Mapping[str, Mapping[str, Any]]

    def __init__(self) -> None:
        super().__init__()
        self.dora, self.eve = self.client_person("CANARY-DORA"), self.client_person("CANARY-EVE")
        self.cleo, self.fay = self.client_person("CANARY-CLEO"), self.client_person("CANARY-FAY")
        self._staff()
        self._relationships()
        self.holder, self.late = self.staff("holder"), self.staff("late")
        for one in (self.holder, self.late):
            self.join(one, self.second, Role.THERAPIST)
        self.far = World()
        self.far.ana.name = self.far.ana.code = "CANARY-FAR"
        self.far.ana.save()
        self.far.ben.name = self.far.ben.code = "CANARY-OTHER"
        self.far.ben.save()
        self.far_client, self.far_therapist, self.far_lead = self.far.ana, self.far.lind, self.far.lead
        self.unknown = Account.objects.create_user(
            organisation=self.organisation, email="unknown@test.example", password="a-long-password"
        )
        self.groups = {"ana": self._group(self, "Here"), "far_client": self._group(self.far, "Far")}
        self.episodes = {
            about: care_episodes.begin(client=client, since=days_ago(100), method="dbt", by=SYSTEM)
            for about, client in (("ana", self.ana), ("ben", self.ben), ("far_client", self.far_client))
        }
        for engagement in (self.with_lind, self.with_okafor, self.far.with_lind):
            fill(engagement, HURT)
        jobs.after_facts()
        checkins.submit(  # only there clinicians fill forms
            checkin_id=uuid4(),
            contact=self.far.with_lind.contacts.earliest("session"),
            rater=Rater.CLINICIAN,
            instrument=get("session-checkin-clinician"),
            answers={1: 5},
            by=self.far.lind,
        )
        hour = timedelta(hours=1)
        self.emergency = _emergency(self.holder, self.ana, hour)
        _emergency(self.late, self.ana, 4 * hour)
        for name in ("peer", "lead_by_mistake", "administrator", "researcher"):  # once they were therapists
            _emergency(self.person(name), self.ben, hour)
            self.engage(self.cleo, self.person(name), self.first)
            Engagement.objects.filter(client=self.cleo, clinician=self.person(name)).update(until=days_ago(3))
        self.far_emergency = _emergency(self.far.okafor, self.far_client, hour)
        self.reactions = {about: self._reaction(about) for about in KNOWN}
        self.sharings = {
            "ana": reactions.share(reaction=self.reactions["ana"], person=self.ito, by=self.lind),
            "far_client": reactions.share(
                reaction=self.reactions["far_client"], person=self.far.ito, by=self.far.lind
            ),
        }
        for client in (self.ana, self.ben, self.far_client):  # they were asked what answers are used for
            choices = dict.fromkeys(Consent.Purpose.values, True)
            consent_actions.choose(client=client, choices=choices, by=Link(client))
        treating = ((self.ana, self.lind), (self.ben, self.okafor), (self.cleo, self.stranger))
        for client, clinician in (*treating, (self.far_client, self.far_therapist)):
            consent_actions.set_feedback(client=client, mode="together", by=clinician)
        self.words = self._lines() | {"why Ana's record was opened": {f"CANARY {self.holder.name} must know"}}
        self.shifts = {"ana": _shift("here", self.lead), "far_client": _shift("far", self.far_lead)}
        self.words |= {"rota": {self.shifts["ana"].name}, "far rota": {self.shifts["far_client"].name}}
        self._imported()
        self.things = {name: make(self) for name, make in THINGS.items()}
        later = timezone.now() + timedelta(hours=1)
        Worker.objects.create(name="host:1", started=later, seen=later)

    def _imported(self) -> None:
        self.batches = {
            "ana": imported.import_batch(self.lead),
            "far_client": imported.import_batch(self.far_lead),
        }
        rows = (
            ("ana", self.ana, self.lind, self.batches["ana"]),
            ("ben", self.ben, self.okafor, self.batches["ana"]),
            ("far_client", self.far_client, self.far_therapist, self.batches["far_client"]),
        )
        self.waiting = {
            about: imported.keep_about(client, clinician, batch, line)
            for line, (about, client, clinician, batch) in enumerate(rows, 2)
        }
        of = {"imports": (self.ana, self.ben), "far imports": (self.far_client,)}
        self.words |= {owner: {imported.ROW.format(one.name) for one in of[owner]} for owner in of}
        self.words["checks of files"] = {imported.CHECK.format(one.name) for _, one, _, _ in rows}

    def _staff(self) -> None:
        roles = {
            "co_leader": Role.SKILLS, "milieu": Role.MILIEU, "peer": Role.PEER, "peer_other": Role.PEER,
            "psychiatrist": Role.PSYCHIATRIST, "former": Role.THERAPIST, "newcomer": Role.THERAPIST,
            "gone": Role.THERAPIST, "administrator": Role.ADMINISTRATOR, "researcher": Role.RESEARCHER,
            "lead_by_mistake": Role.LEAD, "auditor": Role.AUDITOR,
        }  # fmt: skip
        for name, role in roles.items():
            setattr(self, name, self.staff(name))
            self.join(getattr(self, name), self.first, role)
        self.other_supervisor = self.staff("other_supervisor")
        self.join(self.other_supervisor, self.second, Role.SUPERVISOR)

    def _relationships(self) -> None:
        kinds = {"milieu": Kind.MILIEU, "peer": Kind.PEER, "psychiatrist": Kind.PSYCHIATRY}
        others = (
            "peer_other",
            "former",
            "gone",
            "newcomer",
            "administrator",
            "researcher",
            "lead_by_mistake",
        )
        for name in (*kinds, *others):
            self.engage(self.ana, self.person(name), self.first, kinds.get(name, Kind.OTHER))
        self.engage(self.cleo, self.stranger, self.first)
        self.engage(self.dora, self.lind, self.first)
        self.after_care = self.engage(self.fay, self.stranger, self.first)
        CareEpisode.objects.create(
            organisation=self.organisation, client=self.fay, since=days_ago(90), until=days_ago(3),
            method="dbt", end_reason="left", made_at=timezone.now(),
        )  # fmt: skip
        ended = {"clinician": self.person("former")}, {"client": self.dora}
        for which in ended:
            Engagement.objects.filter(**which).update(until=days_ago(3))
        self.person("gone").memberships.update(until=days_ago(3))

    def _group(self, world: World, name: str) -> Group:
        """Led by Ito and by somebody else; Ana is in it. There is a team of this name too."""
        Team.objects.create(organisation=world.organisation, name=name)
        made = group_actions.add(team=world.first, name=name, leader=world.ito, since=days_ago(60), by=SYSTEM)
        group_actions.add_member(group=made, client=world.ana, since=days_ago(50), by=SYSTEM)
        second = self.person("co_leader") if world is self else world.lind
        group_actions.add_leader(group=made, person=second, since=days_ago(40), by=SYSTEM)
        return made

    def _lines(self) -> dict[str, set[str]]:
        """Ana and two others write lines of their own. Returns what Ana wrote, by whom it is shared with."""
        shared = {
            "line to Lind": "clinician",
            "line to all readers": "readers",
            "line for herself": "only_me",
        }
        self.lines = {
            who: fill_with_line(self.with_lind, f"CANARY {told}", who) for told, who in shared.items()
        }
        self.other_lines = {
            about: fill_with_line(self.engagement(about), f"CANARY line of {about}", "clinician")
            for about in ("ben", "far_client")
        }
        return {told: {f"CANARY {told}"} for told in shared} | {
            f"{who}'s own": {f"CANARY reaction about {about}", str(self.reactions[about].pk)}
            for about, who in (("ana", "lind"), ("ben", "okafor"), ("far_client", "far_therapist"))
        }

    def _reaction(self, about: str) -> Reaction:
        engagement = self.engagement(about)
        return reactions.keep(
            reaction_id=uuid4(),
            engagement=engagement,
            answers={1: 4},
            note=f"CANARY reaction about {about}",
            by=engagement.clinician,
        )

    def person(self, name: str) -> Person:
        found: Person = getattr(self, name)
        return found

    def browser(self, name: str) -> Client:
        """A browser in which somebody of people.toml is signed in, as far as they can be."""
        if name == "nobody":
            return signed_in(None)
        if name == "unknown":
            browser = signed_in(None)
            browser.force_login(self.unknown)
            return browser
        browser = signed_in(self.person(name))
        confirm_again(browser, self.person(name).account)  # type: ignore[arg-type]
        if name in ("eve", "newcomer"):
            Account.objects.filter(person=self.person(name)).update(confirmed_at=None)
        return browser

    def clinician(self, about: str) -> Person:
        return _fresh({"ana": self.lind, "ben": self.okafor, "far_client": self.far.lind}[about])

    def successor(self, about: str) -> Person:
        """Somebody of the same staff who does not treat this client."""
        return _fresh({"ana": self.okafor, "ben": self.lind, "far_client": self.far.okafor}[about])

    def team(self, about: str) -> Team:
        return _fresh({"ana": self.first, "ben": self.second, "far_client": self.far.first}[about])

    def engagement(self, about: str) -> Engagement:
        whose = {"ana": self.with_lind, "ben": self.with_okafor, "far_client": self.far.with_lind}
        return _fresh(whose[about])


def _shift(where: str, by: Person) -> DutyShift:
    """Of tomorrow: while a shift runs, every client of its organisation reads it."""
    tomorrow = days_ago(-1)
    times = Times(tomorrow, time(9), tomorrow, time(18), "UTC")
    entry = duty_actions.Entry(f"CANARY on duty {where}", "000 333", times)
    [shift] = duty_actions.add(shift_id=uuid4(), organisation=by.organisation, entry=entry, by=by)
    return shift


def _fresh(row: RowT) -> RowT:
    """As it is in the database: what somebody did to it before was taken back there, and not in memory."""
    return type(row)._default_manager.get(pk=row.pk)


def _emergency(by: Person, client: Person, ago: timedelta) -> BreakGlass:
    """Made as a row, because its moment lies back."""
    made = BreakGlass.objects.create(
        organisation=by.organisation, by=by, client=client, opened_at=timezone.now() - ago
    )
    SealedText.about(made, BreakGlass.REASON, f"CANARY {by.name} must know").save()
    return made
