"""The programme that everybody of people.toml comes to, and the records that addresses are tried with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accord.clinic import links
from accord.clinic.actions import consents, reactions, uploads
from accord.clinic.actors import Link
from accord.clinic.models import (
    Account,
    BreakGlass,
    Consent,
    Engagement,
    Flag,
    Heartbeat,
    ImportBatch,
    Membership,
    Person,
    Reaction,
    SealedText,
)
from accord.clinic.views.checkins import ABOUT_SALT
from accord.clinic.views.reactions import ABOUT_SALT as REACTION_SALT
from tests.integration.world import HURT, World, days_ago, fill, fill_with_line, signed_in

ABOUT = ("ana", "ben", "far_client", "missing")  # whose record an address is tried with
FILE = (
    b"client,clinician,session,date,rater,instrument,score\nCANARY-FILE,T9,1,2026-01-05,client,sessions,7\n"
)
Role, Kind = Membership.Role, Engagement.Role


class Programme(World):
    """`World` with every further person of people.toml as an attribute, and a second organisation."""

    def __init__(self) -> None:
        super().__init__()
        self.dora, self.eve = self.client_person("CANARY-DORA"), self.client_person("CANARY-EVE")
        self.cleo = self.client_person("CANARY-CLEO")
        self._staff()
        self._relationships()
        self.holder, self.late = self.staff("holder"), self.staff("late")
        for one in (self.holder, self.late):
            self.join(one, self.second, Role.THERAPIST)
        self.far = World()
        self.far.ana.name = self.far.ana.code = "CANARY-FAR"
        self.far.ana.save()
        self.far_client, self.far_therapist, self.far_lead = self.far.ana, self.far.lind, self.far.lead
        self.unknown = Account.objects.create_user(
            organisation=self.organisation, email="unknown@test.example", password="a-long-password"
        )
        for engagement in (self.with_lind, self.with_okafor, self.far.with_lind):
            fill(engagement, HURT)
        hour = timedelta(hours=1)
        self.emergency = _emergency(self.holder, self.ana, hour)
        _emergency(self.late, self.ana, 4 * hour)
        self.far_emergency = _emergency(self.far.okafor, self.far_client, hour)
        self.reactions = {about: self._reaction(about) for about in ABOUT[:-1]}
        self.sharings = {
            "ana": reactions.share(reaction=self.reactions["ana"], person=self.ito, by=self.lind),
            "far_client": reactions.share(
                reaction=self.reactions["far_client"], person=self.far.ito, by=self.far.lind
            ),
        }
        for client in (self.ana, self.ben, self.far_client):  # they were asked what answers are used for
            choices = dict.fromkeys(Consent.Purpose.values, True)
            consents.choose(client=client, choices=choices, by=Link(client))
        self.words = self._lines() | {"why Ana's record was opened": {f"CANARY {self.holder.name} must know"}}
        self.things = {name: make(self) for name, make in THINGS.items()}
        Heartbeat.objects.create(name="run_due", at=timezone.now() + timedelta(hours=1))

    def _staff(self) -> None:
        roles = {
            "milieu": Role.MILIEU, "peer": Role.PEER, "peer_other": Role.PEER,
            "psychiatrist": Role.PSYCHIATRIST, "former": Role.THERAPIST, "newcomer": Role.THERAPIST,
            "gone": Role.THERAPIST, "administrator": Role.ADMINISTRATOR, "researcher": Role.RESEARCHER,
            "lead_by_mistake": Role.LEAD,
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
        ended = {"clinician": self.person("former")}, {"client": self.dora}
        for which in ended:
            Engagement.objects.filter(**which).update(until=days_ago(3))
        self.person("gone").memberships.update(until=days_ago(3))

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
        if name in ("eve", "newcomer"):
            Account.objects.filter(person=self.person(name)).update(confirmed_at=None)
        return browser

    def engagement(self, about: str) -> Engagement:
        return {"ana": self.with_lind, "ben": self.with_okafor, "far_client": self.far.with_lind}[about]


def _emergency(by: Person, client: Person, ago: timedelta) -> BreakGlass:
    """Made as a row, because its moment lies back."""
    made = BreakGlass.objects.create(
        organisation=by.organisation, by=by, client=client, opened_at=timezone.now() - ago
    )
    SealedText.about(made, BreakGlass.REASON, f"CANARY {by.name} must know").save()
    return made


Thing = Mapping[str, object]


def _clients(world: Programme) -> Thing:
    return {"ana": world.ana.pk, "ben": world.ben.pk, "far_client": world.far_client.pk, "missing": uuid4()}


def _engagements(world: Programme) -> Thing:
    return {about: world.engagement(about).pk for about in ABOUT[:-1]} | {"missing": uuid4()}


def _flags(world: Programme) -> Thing:
    said = Flag.objects.filter(kind=Flag.Kind.SAID)
    return {about: said.get(engagement=world.engagement(about)).pk for about in ABOUT[:-1]} | {
        "missing": uuid4()
    }


def _tokens(world: Programme) -> Thing:
    found = {
        about: links.make_token(world.engagement(about).contacts.earliest("session"), "session-checkin")
        for about in ABOUT[:-1]
    }
    return found | {"missing": found["ana"][:-3] + "xyz"}


def _batches(world: Programme) -> Thing:
    """Ana's stands for an import of this organisation; there is none that is Ben's."""

    def made(by: Person) -> object:
        return ImportBatch.objects.create(
            organisation=by.organisation, by=by, filename="CANARY-IMPORT.csv", sha256="0" * 64,
            confirmed_not_real=True, created_at=timezone.now(), rows=0, relationships=0,
        ).pk  # fmt: skip

    return {"ana": made(world.lead), "far_client": made(world.far_lead), "missing": uuid4()}


def _uploads(world: Programme) -> Thing:
    def held(by: Person, team: UUID) -> str:
        return uploads.hold(
            chunks=[FILE], filename="CANARY-FILE.csv", team=team, clinician=None, scale=SCALE, by=by
        ).token()

    mine, far = held(world.lead, world.first.pk), held(world.far_lead, world.far.first.pk)
    return {"ana": mine, "far_client": far, "missing": mine[:-3] + "xyz"}


def _lines(world: Programme) -> Thing:
    others = {about: line.pk for about, line in world.other_lines.items()}
    return {"ana": world.lines["clinician"].pk, **others, "missing": uuid4()}


SCALE = uploads.ScaleTold("sessions", 0, 10, lower_is_better=False, construct="alliance")

# One line for each thing that an address names.
THINGS: Mapping[str, Callable[[Programme], Thing]] = {
    "client": _clients,
    "engagement": _engagements,
    "flag": _flags,
    "token": _tokens,
    "batch": _batches,
    "contact": lambda world: (
        {about: world.engagement(about).contacts.earliest("session").pk for about in ABOUT[:-1]}
        | {"missing": uuid4()}
    ),
    "line": _lines,
    "reaction": lambda world: (
        {about: one.pk for about, one in world.reactions.items()} | {"missing": uuid4()}
    ),
    "sharing": lambda world: {about: one.pk for about, one in world.sharings.items()} | {"missing": uuid4()},
    "person": lambda world: {
        "ana": world.client_person("Fresh").pk,
        "far_client": world.far.client_person("Fresh").pk,
        "missing": uuid4(),
    },
    "opening": lambda world: {
        "ana": world.emergency.pk,
        "far_client": world.far_emergency.pk,
        "missing": uuid4(),
    },
    "line_to_readers": lambda world: {"ana": world.lines["readers"].pk, "missing": uuid4()},
    "line_to_nobody": lambda world: {"ana": world.lines["only_me"].pk, "missing": uuid4()},
    "upload": _uploads,
}


def _own_checkin(world: Programme, about: str, who: str) -> dict[str, object]:
    """A form as its clinician's own page would have made it."""
    ids = [uuid4().hex if about == "missing" else world.engagement(about).pk.hex, ""]
    return {"checkin_id": uuid4(), "about": signing.dumps(ids, salt=ABOUT_SALT), "item_1": 5}


def _own_reaction(world: Programme, about: str, who: str) -> dict[str, object]:
    told = uuid4().hex if about == "missing" else world.engagement(about).pk.hex
    about_it = signing.dumps(told, salt=REACTION_SALT)
    return {"checkin_id": uuid4(), "about": about_it, "item_1": 4, "note": ""}


def _contact(world: Programme, about: str, who: str) -> dict[str, object]:
    return {"contact_id": uuid4(), "day": days_ago(0), "attendance": "attended", "kind": "individual"}


def _import(world: Programme, about: str, who: str) -> dict[str, object]:
    return {
        "file": SimpleUploadedFile("CANARY-NEW.csv", FILE),
        "team": (world.far if who.startswith("far_") else world).first.pk,
        "scale_name": "sessions",
        "scale_low": 0,
        "scale_high": 10,
        "scale_construct": "alliance",
    }


def _confirm(world: Programme, about: str, who: str) -> dict[str, object]:
    token = str(world.things["upload"][about])
    if about != "missing":  # the one before may have imported it, and with that removed the file
        name = signing.loads(token, salt=uploads.SALT)["id"]
        (Path(settings.IMPORT_FOLDER) / f"{UUID(name).hex}.csv").write_bytes(FILE)
    return {"upload": token, "confirmed_not_real": "on"}


# What is sent to an address: as somebody would send it who may, and who fills everything in right.
SENDS: Mapping[str, Callable[[Programme, str, str], dict[str, object]]] = {
    "respond": lambda world, about, who: {"done": "planned"},
    "own-checkin": _own_checkin,
    "line-share": lambda world, about, who: {"audience": "readers"},
    "log-contact": _contact,
    "correct-contact": _contact,
    "reactions": _own_reaction,
    "reaction-share": lambda world, about, who: {
        "whom": f"team:{(world.engagement(about) if about != 'missing' else world.with_lind).team_id}"
    },
    "invite": lambda world, about, who: {"email": "fresh@test.example"},
    "break-glass": lambda world, about, who: {
        "client": "CANARY-FAR" if who.startswith("far_") else "CANARY-ANA",
        "reason": "She is at the door and cannot say who treats her.",
    },
    "noticing": lambda world, about, who: {"weeks": 4},
    "leaving": lambda world, about, who: {"missed": 4, "days": 28},
    "reach-out": lambda world, about, who: {"done": "planned"},
    "checkin": lambda world, about, who: {"checkin_id": uuid4(), "item_1": 3},
    "import-new": _import,
    "import-preview": _confirm,
}
