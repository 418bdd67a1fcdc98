"""Each action called as everybody, past all pages: who may is what the reviewed table of actions says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import uuid4

from django.core.exceptions import ObjectDoesNotExist

from accord.clinic.actions import (
    break_glass,
    care_episodes,
    checkins,
    consents,
    contacts,
    engagements,
    flags,
    groups,
    imports,
    invitations,
    leaving,
    lines,
    organisations,
    populations,
    reactions,
    uploads,
)
from accord.clinic.models import Contact, Flag, ImportBatch, Membership, Person
from accord.clinic.policy import Denied, standing_engagements
from accord.instruments.catalogue import get
from accord.records import InputError, Rater
from tests.access import acts
from tests.access.cells import taken_back
from tests.access.programme import Programme
from tests.access.records import FILE, SCALE
from tests.integration.world import days_ago

TRIED = ("ana", "far_client")
Did = Callable[[Programme, str, Person], object]


@dataclass(frozen=True)
class Call:
    """`acts`: actions of which one must be open to who calls, with the kind of record that it is about."""

    acts: tuple[tuple[str, str], ...]
    do: Did
    refusals: tuple[type[Exception], ...] = (Denied, ObjectDoesNotExist)


def _keeps(do: Did) -> Call:
    return Call((("ADMINISTER", "programme"),), do)


def _treats(action: str, do: Did) -> Call:
    return Call(((action, "relationship"),), do)


def _cares(do: Did) -> Call:
    return Call((("KEEP_EPISODES", "client"), ("ADMINISTER", "programme")), do)


def _client(world: Programme, about: str) -> Person:
    return world.engagement(about).client


def _contact(world: Programme, about: str) -> Contact:
    return world.engagement(about).contacts.earliest("session")


def _form(rater: Rater, form: str) -> Did:
    def fill(world: Programme, about: str, by: Person) -> object:
        contact, instrument = _contact(world, about), get(form)
        return checkins.submit(
            checkin_id=uuid4(), contact=contact, rater=rater, instrument=instrument, answers={1: 5}, by=by
        )

    return fill


def _meeting(world: Programme, about: str, by: Person) -> object:
    told = {world.engagement(about): contacts.Told("attended", "individual")}
    return contacts.log_meeting(meeting_id=uuid4(), day=days_ago(0), told=told, by=by)


def _handed_over(world: Programme, about: str, by: Person) -> object:
    leaver = world.clinician(about)
    mine = standing_engagements().filter(clinician=leaver)
    to = dict.fromkeys(mine.values_list("pk", flat=True), world.successor(about))
    return leaving.hand_over(leaver=leaver, successors=to, by=by)


def _upload(world: Programme, about: str, by: Person) -> uploads.Upload:
    """Their own, into a team of the organisation whose record is meant."""
    team = world.team(about).pk
    return uploads.hold(chunks=[FILE], filename="x.csv", team=team, clinician=None, scale=SCALE, by=by)


def _imported(world: Programme, about: str, by: Person) -> object:
    return imports.commit(
        upload=_upload(world, about, by), by=by, read_by={}, leave_out_bad=False, confirmed_not_real=True
    )


def _learned_from_others(world: Programme, about: str, by: Person) -> object:
    """Learning from what only the other programme has: whoever asks, there is nothing of it here."""
    found = {name for name, *_ in populations.refit_all(organisation=world.organisation)}
    if about == "far_client" or checkins.CLINICIAN_FORM not in found:
        raise Denied("nothing of another programme's")
    return found


CALLS: Mapping[str, Call] = {
    "break_glass.open_record": Call(
        (("BREAK_GLASS", "client"),),
        lambda world, about, by: break_glass.open_record(
            client=_client(world, about), reason="She is at the door and cannot speak.", by=by
        ),
    ),
    "break_glass.look_at": Call(
        (("REVIEW_BREAK_GLASS", "programme"),),
        lambda world, about, by: break_glass.look_at(
            opening={"ana": world.emergency, "far_client": world.far_emergency}[about], by=by
        ),
    ),
    "care_episodes.end": _cares(
        lambda world, about, by: care_episodes.end(
            episode=world.episodes[about], until=days_ago(0), reason="agreed", by=by
        )
    ),
    "care_episodes.correct": _cares(
        lambda world, about, by: care_episodes.correct(
            episode=world.episodes[about], since=days_ago(90), method="mbt", by=by
        )
    ),
    "checkins.submit own": Call(
        (("FILL_OWN_FORM", "relationship"),), _form(Rater.CLIENT, checkins.CLIENT_FORM)
    ),
    "checkins.submit clinician": _treats("RATE_OWN", _form(Rater.CLINICIAN, checkins.CLINICIAN_FORM)),
    "checkins.ask": _treats(
        "ASK_CHECKIN",
        lambda world, about, by: checkins.ask(engagement=world.engagement(about), day=days_ago(0), by=by),
    ),
    "consents.choose own": Call(
        (("CHOOSE_USES", "client"), ("NOTE_USES", "client")),
        lambda world, about, by: consents.choose(
            client=_client(world, about), choices={"research": False}, by=by
        ),
    ),
    "consents.set_feedback": Call(
        (("SET_FEEDBACK", "client"),),
        lambda world, about, by: consents.set_feedback(client=_client(world, about), mode="nobody", by=by),
    ),
    "contacts.log": _treats(
        "LOG_CONTACT",
        lambda world, about, by: contacts.log(
            contact_id=uuid4(), engagement=world.engagement(about), day=days_ago(0),
            told=contacts.Told("attended", "individual"), by=by,
        ),
    ),
    "contacts.log_meeting": _treats("LOG_CONTACT", _meeting),
    "contacts.correct": _treats(
        "LOG_CONTACT",
        lambda world, about, by: contacts.correct(
            contact=_contact(world, about), told=contacts.Told("late", "individual"), seen=None, by=by
        ),
    ),
    "engagements.end": _keeps(
        lambda world, about, by: engagements.end(
            engagement=world.engagement(about), until=days_ago(0), why="step_down", by=by
        )
    ),
    "flags.respond": _treats(
        "RESPOND",
        lambda world, about, by: flags.respond(
            flag=Flag.objects.get(engagement=world.engagement(about), kind=Flag.Kind.SAID),
            done="planned", by=by,
        ),
    ),
    "groups.add": _keeps(  # a group of another organisation has this name
        lambda world, about, by: groups.add(
            team=world.team(about), name={"ana": "Far", "far_client": "Here"}[about],
            leader=world.clinician(about), since=days_ago(1), by=by,
        )
    ),
    "groups.add_leader": _keeps(
        lambda world, about, by: groups.add_leader(
            group=world.groups[about], person=world.successor(about), since=days_ago(1), by=by
        )
    ),
    "groups.end_leader": _keeps(
        lambda world, about, by: groups.end_leader(
            leader=world.groups[about].leaders.earliest("since"), until=days_ago(0), by=by
        )
    ),
    "groups.add_member": _keeps(
        lambda world, about, by: groups.add_member(
            group=world.groups[about], client={"ana": world.cleo, "far_client": world.far.ben}[about],
            since=days_ago(1), by=by,
        )
    ),
    "imports.commit": Call((("IMPORT", "programme"),), _imported),
    "imports.undo": Call(
        (("UNDO_IMPORT", "programme"),),
        lambda world, about, by: imports.undo(
            batch=ImportBatch.objects.get(pk=world.things["batch"][about]), by=by
        ),
    ),
    "invitations.invite": Call(
        (("INVITE", "programme"),),
        lambda world, about, by: invitations.invite(
            person=Person.objects.get(pk=world.things["person"][about]), email="fresh@test.example", by=by
        ),
    ),
    "invitations.withdraw": Call(
        (("INVITE", "programme"),),
        lambda world, about, by: invitations.withdraw(
            person=Person.objects.get(pk=world.things["person"][about]), by=by
        ),
    ),
    "leaving.preview": _keeps(
        lambda world, about, by: leaving.preview(leaver=world.clinician(about), by=by)
    ),
    "leaving.hand_over": _keeps(_handed_over),
    "lines.share": Call(
        (("KEEP_OWN_LINES", "relationship"),),
        lambda world, about, by: lines.share(
            line={"ana": world.lines["clinician"], **world.other_lines}[about], audience="only_me", by=by
        ),
    ),
    "lines.read": _treats(
        "READ_LINE_TO_CLINICIAN",
        lambda world, about, by: lines.read(line_id=world.things["line"][about], by=by),
    ),
    "organisations.set_budget": Call(
        (("SET_LINE", "programme"),),
        lambda world, about, by: organisations.set_budget(
            organisation=world.team(about).organisation, weeks=8, by=by
        ),
    ),
    "organisations.add_person": _keeps(  # somebody of another organisation has this code
        lambda world, about, by: organisations.add_person(
            organisation=world.team(about).organisation, kind="client",
            code={"ana": "CANARY-FAR", "far_client": "code-CANARY-ANA"}[about], name="Fresh", by=by,
        )
    ),
    "organisations.rename": _keeps(
        lambda world, about, by: organisations.rename(person=_client(world, about), name="New", by=by)
    ),
    "organisations.team": _keeps(
        lambda world, about, by: organisations.team(
            organisation=world.team(about).organisation, name="Fresh", by=by
        )
    ),
    "organisations.rename_team": _keeps(  # a team of another organisation has this name
        lambda world, about, by: organisations.rename_team(
            team=world.team(about), name={"ana": "Far", "far_client": "Here"}[about], by=by
        )
    ),
    "organisations.join": _keeps(
        lambda world, about, by: organisations.join(
            person=world.clinician(about), team=world.team(about), role="milieu", since=days_ago(1), by=by
        )
    ),
    "organisations.join oneself": Call(
        (),
        lambda world, about, by: organisations.join(
            person=by, team=world.team(about), role="therapist", since=days_ago(1), by=by
        ),
        (Denied, InputError),
    ),
    "organisations.leave": _keeps(
        lambda world, about, by: organisations.leave(
            membership=Membership.objects.get(pk=world.things["membership"][about]), until=days_ago(0), by=by
        )
    ),
    "organisations.engage": _keeps(
        lambda world, about, by: organisations.engage(
            client=_client(world, about), clinician=world.successor(about), team=world.team(about),
            role="other", since=days_ago(1), by=by,
        )
    ),
    "populations.refit_all of others": Call((), _learned_from_others),
    "reactions.keep": _treats(
        "KEEP_REACTION",
        lambda world, about, by: reactions.keep(
            reaction_id=uuid4(), engagement=world.engagement(about), answers={1: 4}, note="", by=by
        ),
    ),
    "reactions.share": Call(
        (("HOLD_REACTION", "reaction"),),
        lambda world, about, by: reactions.share(
            reaction=world.reactions[about], team=world.team(about), by=by
        ),
    ),
    "reactions.take_back": Call(
        (("HOLD_REACTION", "reaction"),),
        lambda world, about, by: reactions.take_back(sharing=world.sharings[about], by=by),
    ),
}  # fmt: skip


def complaints(world: Programme, people: Iterable[str], names: Iterable[str] = tuple(CALLS)) -> Iterator[str]:
    """Every action that somebody could do who may not, or could not who may."""
    told = acts.table()
    for name in names:
        call = CALLS[name]
        for about in TRIED:
            may = {who for action, kind in call.acts for who in told[action].get(kind, {}).get(about, ())}
            for who in people:
                found = _tried(world, call, about, who)
                expected = "did it" if who in may else "refused"
                if found not in (expected, "is nobody"):
                    yield f"{name} about {about} by {who}: {found}, expected {expected}"


def _tried(world: Programme, call: Call, about: str, who: str) -> str:
    person = getattr(world, who, None)
    if not isinstance(person, Person):
        return "is nobody"
    with taken_back():
        try:
            call.do(world, about, Person.objects.get(pk=person.pk))
        except call.refusals:
            return "refused"
        except Exception as error:  # whatever it is: not what was expected of either
            return f"{type(error).__name__}: {error}"
    return "did it"
