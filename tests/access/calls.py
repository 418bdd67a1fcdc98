"""Each action called as everybody, past all pages: who may is what the reviewed table of actions says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from uuid import uuid4

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.client.consents import actions as consent_actions
from accord.clinic.client.own_notes import actions as own_notes
from accord.clinic.clinician.absences import actions as absences
from accord.clinic.clinician.emergency import actions as break_glass
from accord.clinic.clinician.reactions import actions as reactions
from accord.clinic.models import Absence, Contact, Flag, Person
from accord.clinic.models.actors import SYSTEM
from accord.clinic.monitoring import acts, contacts, dropout, flags
from accord.clinic.programme.care import episodes as care_episodes
from accord.instruments.catalogue import get
from accord.records.ratings import Rater
from tests.access import keeping, looking, reaching, tables
from tests.access.call import Call, Did, client_of
from tests.access.cells import taken_back
from tests.access.programme import Programme
from tests.support.world import days_ago


def _treats(action: str, do: Did) -> Call:
    return Call(((action, "relationship"),), do)


def _cares(do: Did) -> Call:
    return Call((("KEEP_EPISODES", "client"), ("ADMINISTER", "programme")), do)


def _contact(world: Programme, about: str) -> Contact:
    return world.engagement(about).contacts.earliest("session")


def _form(rater: Rater, form: str) -> Did:
    def fill(world: Programme, about: str, by: Person) -> object:
        contact, instrument = _contact(world, about), get(form)
        return checkins.submit(
            checkin_id=uuid4(), contact=contact, rater=rater, instrument=instrument, answers={1: 5}, by=by
        )

    return fill


def _asked_again(world: Programme, about: str, by: Person) -> object:
    """About a contact of which the client was asked already: it brings no new one."""
    engagement, today = world.engagement(about), days_ago(0)
    checkins.ask(engagement=engagement, day=today, by=SYSTEM)
    return checkins.ask(engagement=engagement, day=today, by=by)


def _meeting(world: Programme, about: str, by: Person) -> object:
    told = {world.engagement(about): contacts.ReportedContact("attended", "individual")}
    return contacts.log_meeting(meeting_id=uuid4(), day=days_ago(0), reported=told, by=by)


ON_THE_RECORD: Mapping[str, Call] = {
    "break_glass.open_record": Call(
        (("BREAK_GLASS", "client"),),
        lambda world, about, by: break_glass.open_record(
            client=client_of(world, about), reason="She is at the door and cannot speak.", by=by
        ),
    ),
    "break_glass.review": Call(
        (("REVIEW_BREAK_GLASS", "programme"),),
        lambda world, about, by: break_glass.review(
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
        (("FILL_OWN_FORM", "relationship"),), _form(Rater.CLIENT, "session-checkin")
    ),
    "checkins.submit clinician": _treats("RATE_OWN", _form(Rater.CLINICIAN, "session-checkin-clinician")),
    "checkins.ask": _treats(
        "ASK_CHECKIN",
        lambda world, about, by: checkins.ask(engagement=world.engagement(about), day=days_ago(0), by=by),
    ),
    "checkins.withdraw_links": _treats(
        "ASK_CHECKIN",
        lambda world, about, by: checkins.withdraw_links(contact=_contact(world, about), by=by),
    ),
    "checkins.ask again": _treats("ASK_CHECKIN", _asked_again),
    "consents.choose own": Call(
        (("CHOOSE_USES", "client"), ("NOTE_USES", "client")),
        lambda world, about, by: consent_actions.choose(
            client=client_of(world, about), choices={"research": False}, by=by
        ),
    ),
    "consents.set_feedback": Call(
        (("SET_FEEDBACK", "client"),),
        lambda world, about, by: consent_actions.set_feedback(
            client=client_of(world, about), mode="nobody", by=by
        ),
    ),
    "consents.open_picture": Call(
        (("OPEN_PICTURE", "client"),),
        lambda world, about, by: consent_actions.open_picture(client=client_of(world, about), by=by),
    ),
    "absences.announce": Call(
        (("KEEP_ABSENCES", "client"),),
        lambda world, about, by: absences.announce(
            client=client_of(world, about), first_day=days_ago(-3), last_day=days_ago(-9),
            announced_on=days_ago(0), by=by,
        ),
    ),
    "absences.take_back": Call(
        (("KEEP_ABSENCES", "client"),),
        lambda world, about, by: absences.take_back(
            absence=Absence.objects.get(pk=world.things["absence"][about]), by=by
        ),
    ),
    "contacts.record": _treats(
        "LOG_CONTACT",
        lambda world, about, by: contacts.record(engagement=world.engagement(about), day=days_ago(0), by=by),
    ),
    "contacts.log": _treats(
        "LOG_CONTACT",
        lambda world, about, by: contacts.log(
            contact_id=uuid4(), engagement=world.engagement(about), day=days_ago(0),
            reported=contacts.ReportedContact("attended", "individual"), by=by,
        ),
    ),
    "contacts.log_meeting": _treats("LOG_CONTACT", _meeting),
    "contacts.correct": _treats(
        "LOG_CONTACT",
        lambda world, about, by: contacts.correct(
            contact=_contact(world, about), reported=contacts.ReportedContact("late", "individual"),
            seen=None, by=by,
        ),
    ),
    "dropout.reach_out": _treats(
        "RESPOND",
        lambda world, about, by: dropout.reach_out(
            engagement=world.engagement(about), done="planned", by=by
        ),
    ),
    "acts.respond": Call(
        (("ANSWER_ACTS", "client"),),
        lambda world, about, by: acts.respond(
            client=client_of(world, about), shown=[f"left_out:{world.waiting[about]}"], done="planned", by=by
        ),
    ),
    "flags.respond": _treats(
        "RESPOND",
        lambda world, about, by: flags.respond(
            flag=Flag.objects.get(engagement=world.engagement(about), kind=Flag.Kind.SAID),
            done="planned", by=by,
        ),
    ),
    "lines.share": Call(
        (("KEEP_OWN_LINES", "relationship"),),
        lambda world, about, by: own_notes.share(
            line={"ana": world.lines["clinician"], **world.other_lines}[about], audience="only_me", by=by
        ),
    ),
    "lines.read": _treats(
        "READ_LINE_TO_CLINICIAN",
        lambda world, about, by: own_notes.read(line_id=world.things["line"][about], by=by),
    ),
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
    "reactions.revoke": Call(
        (("HOLD_REACTION", "reaction"),),
        lambda world, about, by: reactions.revoke(sharing=world.sharings[about], by=by),
    ),
}  # fmt: skip


CALLS: Mapping[str, Call] = {**ON_THE_RECORD, **keeping.CALLS, **looking.CALLS, **reaching.CALLS}


def complaints(world: Programme, people: Iterable[str], names: Iterable[str] = tuple(CALLS)) -> Iterator[str]:
    """Every action that somebody could do who may not, or could not who may."""
    told = tables.actions()
    for name in names:
        call = CALLS[name]
        for about in call.tried:
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
