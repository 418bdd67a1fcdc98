"""The records that addresses are tried with: for each thing that an address names, some of each programme."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from accord.clinic.accounts.closing import actions as closing
from accord.clinic.accounts.invitations import actions as invitation_actions
from accord.clinic.clinician.absences import actions as absences
from accord.clinic.facts import links
from accord.clinic.models import Contact, Flag, Person
from accord.clinic.programme.imports import uploads
from tests.support.world import days_ago

if TYPE_CHECKING:
    from tests.access.programme import Programme

ABOUT = ("ana", "ben", "far_client", "missing")  # whose record an address is tried with
KNOWN = ABOUT[:-1]  # about whom there is a record
FILE = (
    b"client,clinician,session,date,rater,instrument,score\nCANARY-FILE,T9,1,2026-01-05,client,sessions,7\n"
)
Thing = Mapping[str, object]


def _clients(world: Programme) -> Thing:
    return {"ana": world.ana.pk, "ben": world.ben.pk, "far_client": world.far_client.pk, "missing": uuid4()}


def _engagements(world: Programme) -> Thing:
    return {about: world.engagement(about).pk for about in KNOWN} | {"missing": uuid4()}


def _flags(world: Programme) -> Thing:
    said = Flag.objects.filter(kind=Flag.Kind.SAID)
    return {about: said.get(engagement=world.engagement(about)).pk for about in KNOWN} | {"missing": uuid4()}


def _tokens(world: Programme) -> Thing:
    found = {
        about: links.make_token(world.engagement(about).contacts.earliest("session"), "session-checkin")
        for about in KNOWN
    }
    return found | {"missing": found["ana"][:-3] + "xyz"}


def _batches(world: Programme) -> Thing:
    """Ana's stands for an import of this organisation; there is none that is Ben's."""
    return {about: batch.pk for about, batch in world.batches.items()} | {"missing": uuid4()}


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


def _of_each(row: Callable[[Programme, str], object], abouts: Iterable[str] = KNOWN) -> Callable[..., Thing]:
    """One row's id about each, and one that does not exist."""
    return lambda world: {about: row(world, about) for about in abouts} | {"missing": uuid4()}


def _absences(world: Programme) -> Thing:
    def entered(about: str) -> object:
        engagement = world.engagement(about)
        days = {"first_day": days_ago(-20), "last_day": days_ago(-30), "announced_on": days_ago(0)}
        return absences.announce(client=engagement.client, by=engagement.clinician, **days).pk

    return {about: entered(about) for about in KNOWN} | {"missing": uuid4()}


def _sessions(world: Programme) -> Thing:
    """A sign-in of Lind's, elsewhere."""
    world.browser("lind")  # who has an account from then on
    session = UserSession.objects.create(user=world.lind.account, session_key="elsewhere", ip="127.0.0.1")
    return {"ana": session.pk, "missing": 10**9}


def _keys(world: Programme) -> Thing:
    """A passkey of Lind's, as her browser would have told it."""
    world.browser("lind")
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    credential = AttestedCredentialData.create(Aaguid.NONE, b"a key of Lind's", public)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    told = AuthenticatorData.create(bytes(32), flags, 0, credential)
    attested = AttestationObject.create("none", told, {})
    client = json.dumps({"type": "webauthn.create", "challenge": "", "origin": "http://localhost"})
    said = {
        "clientDataJSON": websafe_encode(client.encode()),
        "attestationObject": websafe_encode(bytes(attested)),
    }
    name = websafe_encode(credential.credential_id)
    registered = {"type": "public-key", "id": name, "rawId": name, "response": said}
    key = Authenticator.objects.create(
        user=world.lind.account,
        type=Authenticator.Type.WEBAUTHN,
        data={"name": "Key 1", "credential": registered},
    )
    return {"ana": key.pk, "missing": 10**9}


def _closings(world: Programme) -> Thing:
    """Asked for by the therapist of each."""

    def asked(about: str) -> object:
        engagement = world.engagement(about)
        world.browser({"ana": "ana", "far_client": "far_client"}[about])  # who has an account from then on
        reason = "CANARY reaction of somebody who has their password"
        return closing.ask_to_close(client=engagement.client, reason=reason, by=engagement.clinician).pk

    return {about: asked(about) for about in ("ana", "far_client")} | {"missing": uuid4()}


def _invitations(world: Programme) -> Thing:
    """Of somebody who cannot sign in yet."""
    invited = world.client_person("Invited")
    made = invitation_actions.invite(person=invited, email="invited@test.example", by=world.lead)
    token = invitation_actions.token_of(made)
    return {"ana": token, "missing": token[:-3] + "xyz"}


SCALE = uploads.EnteredScale("sessions", 0, 10, lower_is_better=False, construct="alliance")

# One line for each thing that an address names.
THINGS: Mapping[str, Callable[[Programme], Thing]] = {
    "client": _clients,
    "engagement": _engagements,
    "flag": _flags,
    "token": _tokens,
    "batch": _batches,
    "contact": lambda world: (
        {about: world.engagement(about).contacts.earliest("session").pk for about in KNOWN}
        | {"missing": uuid4()}
    ),
    "absence": _absences,
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
    "clinician": _of_each(lambda world, about: world.clinician(about).pk),
    "membership": _of_each(lambda world, about: world.clinician(about).memberships.get().pk),
    "lead": _of_each(lambda world, about: world.lead.pk, ["ana"]),
    "episode": _of_each(lambda world, about: world.episodes[about].pk),
    "team": _of_each(lambda world, about: world.team(about).pk),
    "group": _of_each(lambda world, about: world.groups[about].pk, ["ana", "far_client"]),
    "leader": _of_each(lambda world, about: world.groups[about].leaders.first().pk, ["ana", "far_client"]),
    "other_form": lambda world: {
        "ana": links.make_token(world.with_lind.contacts.earliest("session"), "session-checkin-clinician")
    },
    "no_contact": lambda world: {
        "ana": links.make_token(Contact(organisation=world.organisation, engagement=world.with_lind), "x")
    },
    "after_care": _of_each(lambda world, about: world.after_care.pk, ["ana"]),
    "session": _sessions,
    "pk": _keys,
    "invitation": _invitations,
    "closing": _closings,
    "line_to_readers": lambda world: {"ana": world.lines["readers"].pk, "missing": uuid4()},
    "line_to_nobody": lambda world: {"ana": world.lines["only_me"].pk, "missing": uuid4()},
    "upload": _uploads,
    "shift": _of_each(lambda world, about: world.shifts[about].pk, ["ana", "far_client"]),
}
