"""What nobody may, past all pages; and what each programme does on its own, as if there were no other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID, uuid4

from django.utils import timezone

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.client.consents import actions as consent_actions
from accord.clinic.clinician.reactions import actions as reactions
from accord.clinic.models import CheckIn, Event, Flag, ImportBatch, Person, Population, Scale
from accord.clinic.models.actors import SYSTEM, Link
from accord.clinic.monitoring import contacts, dropout, flags
from accord.clinic.monitoring.episodes import Episode
from accord.clinic.policy import Denied
from accord.clinic.programme.imports import ratings_import, uploads
from accord.clinic.programme.research import actions as research_actions
from accord.instruments.catalogue import get
from accord.records.ratings import Rater
from tests.access.call import Call, Did, client_of, nobody, other
from tests.access.programme import Programme
from tests.access.records import SCALE
from tests.support import jobs
from tests.support.imports import confirm
from tests.support.world import days_ago

RATINGS = "client,clinician,session,date,rater,instrument,score"
EPISODES = "client,start,end,end_reason,arm"
EVENTS = "client,date,kind,count"
SAID_YES = {"ana": 2, "far_client": 1}  # clients of each programme who allow research
LEARNED_FROM = 12  # relationships
SAID_TODAY = Episode(Flag.Kind.SAID, (99,), {"said": ["tension"]}, "word-1", is_open=True)


def _imports(do: Did) -> Call:
    return Call((("IMPORT", "programme"),), do)


def _held(
    world: Programme, about: str, by: Person, what: str, *lines: str, clinician: UUID | None = None
) -> uploads.Upload:
    team, scale = (world.team(about).pk, SCALE) if what == ImportBatch.What.RATINGS else (None, None)
    return uploads.hold(
        chunks=["\n".join(lines).encode()], filename="x.csv", team=team, clinician=clinician, scale=scale,
        by=by, what=what,
    )  # fmt: skip


def _ratings(world: Programme, about: str, by: Person, *rows: str) -> ImportBatch:
    upload = _held(world, about, by, "ratings", RATINGS, *rows)
    found = ratings_import.preview(upload=upload, by=by)
    if found.clients_known:
        raise AssertionError("a client of another programme is known here")
    return confirm(upload, by)


def _same_codes(instrument: str, day: date) -> Did:
    """Ratings of a client and a clinician whose codes the other programme has too, about a session it has.

    It knows another scale by the name of the one in the file.
    """

    def do(world: Programme, about: str, by: Person) -> object:
        far = other(world, about)
        Scale.objects.create(
            organisation=far.organisation, name=SCALE.name, low=1, high=5, lower_is_better=True,
            construct=SCALE.construct, batch=ImportBatch.objects.filter(organisation=far.organisation)[0],
        )  # fmt: skip
        row = f"{far.ana.code},{far.lind.code},1,{day},client,{instrument},7"
        batch = _ratings(world, about, by, row)
        for checkin in CheckIn.objects.filter(batch=batch):
            whose = checkin.contact.engagement
            found = {whose.organisation_id, whose.client.organisation_id, whose.clinician.organisation_id}
            if found != {batch.organisation_id}:
                raise AssertionError("ratings went to people of another programme")
        return batch

    return do


def _learned_although_others_did(world: Programme, about: str, by: Person) -> object:
    """A first import is learned from, whatever the other programme knows of the same scale."""
    Population.objects.create(
        organisation=other(world, about).organisation, instrument=SCALE.name, rater="client",
        values={}, relationships=LEARNED_FROM, made_at=timezone.now(),
    )  # fmt: skip
    rows = [
        f"L{client},T9,{session},{days_ago(99 - session)},client,{SCALE.name},{3 + (client + session) % 5}"
        for client in range(LEARNED_FROM)
        for session in range(1, 9)
    ]
    batch = _ratings(world, about, by, *rows)
    jobs.after_facts()  # also where no fixture sees to it
    if not Population.objects.filter(organisation=batch.organisation_id, instrument=SCALE.name).exists():
        raise AssertionError("nothing was learned")
    return batch


def _with_clinician_of_another(world: Programme, about: str, by: Person) -> object:
    upload = _held(
        world, about, by, "ratings", "client,session,date,rater,instrument,score",
        f"N1,1,{days_ago(9)},client,{SCALE.name},7", clinician=other(world, about).okafor.pk,
    )  # fmt: skip
    return ratings_import.preview(upload=upload, by=by)


def _care(world: Programme, about: str, by: Person, what: str, *lines: str) -> ImportBatch:
    """Into the programme of whoever brings the file: nobody brings one to another."""
    if by.organisation_id != world.team(about).organisation.pk:
        raise Denied("the file of another programme")
    upload = _held(world, about, by, what, *lines)
    return confirm(upload, by, without=["bad"])


def _same_episode(world: Programme, about: str, by: Person) -> object:
    """An episode of a client whose code the other programme has too, at a time at which it treats them."""
    return _care(world, about, by, "episodes", EPISODES,
                 f"{other(world, about).ana.code},{days_ago(80)},,ongoing,DBT")  # fmt: skip


def _same_event(world: Programme, about: str, by: Person) -> object:
    """An event of a client whose code the other programme has too, and which it knows of its own."""
    here, far = world.team(about).organisation, other(world, about)
    Event.objects.create(
        organisation=far.organisation, client=far.ana, day=days_ago(5), kind="attempt", count=1,
        made_at=timezone.now(),
    )  # fmt: skip
    Person.objects.create(organisation=here, kind="client", code=far.ana.code, name="Same")
    return _care(world, about, by, "events", EVENTS, f"{far.ana.code},{days_ago(5)},attempt,1")


def _event_of_another(world: Programme, about: str, by: Person) -> object:
    code = other(world, about).ana.code
    return _care(world, about, by, "events", EVENTS, f"{code},{days_ago(5)},attempt,1")


def _after_care(world: Programme, about: str, by: Person) -> object:
    """A form about a relationship that was left standing when the client's care here had ended."""
    contact = contacts.record(engagement=world.after_care, day=days_ago(4), by=SYSTEM)
    return checkins.submit(
        checkin_id=uuid4(), contact=contact, rater=Rater.CLIENT, instrument=get("session-checkin"),
        answers={1: 5}, by=by,
    )  # fmt: skip


def _taken_out(world: Programme, about: str, by: Person) -> object:
    taken = research_actions.export_record(by=by)
    if by.organisation_id != world.team(about).organisation.pk:
        raise Denied("the record of another programme")
    if taken.clients != SAID_YES[about]:
        raise AssertionError(f"{taken.clients} clients were taken out, expected {SAID_YES[about]}")
    return taken


CALLS: Mapping[str, Call] = {
    "care_imports.commit of an episode": _imports(_same_episode),
    "care_imports.commit of an event": _imports(_same_event),
    "care_imports.commit of another's client": nobody(_event_of_another, ratings_import.Unconfirmed),
    "checkins.ask after care": nobody(
        lambda world, about, by: checkins.ask(engagement=world.after_care, day=days_ago(0), by=by),
        tried=("ana",),
    ),
    "checkins.submit after care": nobody(_after_care, tried=("ana",)),
    "consents.choose by link again": nobody(
        lambda world, about, by: consent_actions.choose(
            client=client_of(world, about), choices={"research": False},
            by=Link(client_of(world, about)),
        )
    ),
    "contacts.log by the site itself": nobody(
        lambda world, about, by: contacts.log(
            contact_id=uuid4(), engagement=world.engagement(about), day=days_ago(0),
            reported=contacts.ReportedContact("attended", "individual"), by=SYSTEM,  # type: ignore[arg-type]
        )
    ),
    "estimates.reach_out by a peer worker": nobody(
        lambda world, about, by: dropout.reach_out(
            engagement=client_of(world, about).engagements.get(clinician=world.person("peer")),
            done="planned", by=by,
        )
    ),
    "flags.raise_flag": nobody(
        lambda world, about, by: flags.raise_flag(
            engagement=world.engagement(about), episode=SAID_TODAY, assessment=None, digest="", by=by,
            now=timezone.now(),
        )
    ),
    "imports.commit of codes that others have": _imports(
        _same_codes(SCALE.name, timezone.localdate() - timedelta(days=90))
    ),
    "imports.commit of a form that others have": _imports(
        _same_codes("session-checkin", timezone.localdate())
    ),
    "imports.commit learned from": _imports(_learned_although_others_did),
    "imports.preview with another's clinician": nobody(_with_clinician_of_another),
    "reactions.share with anybody": nobody(
        lambda world, about, by: reactions.share(
            reaction=world.reactions[about], person=other(world, about).okafor, by=by
        )
    ),
    "research.take_out": Call((("TAKE_OUT", "programme"),), _taken_out),
}  # fmt: skip
