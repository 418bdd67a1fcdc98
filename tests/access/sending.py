"""What is sent to an address: as somebody would send it who may, and who fills everything in right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from uuid import UUID, uuid4

from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accord.clinic.client.checkins.views import ABOUT_SALT
from accord.clinic.clinician.reactions.views import ABOUT_SALT as REACTION_SALT
from accord.clinic.models import Person, UploadedFile
from accord.clinic.policy import current_engagements
from accord.clinic.programme.imports import ratings_import, uploads
from tests.access.programme import Programme
from tests.access.records import FILE, KNOWN
from tests.support.imports import ticks
from tests.support.world import World, days_ago

REASON = "She is at the door and cannot say who treats her."


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
        told = signing.loads(token, salt=uploads.SALT)
        by = Person.objects.get(pk=told["by"])
        if not UploadedFile.objects.filter(pk=told["id"]).exists():
            UploadedFile.objects.create(
                pk=UUID(told["id"]), organisation=by.organisation, by=by, made_at=timezone.now(), content=FILE
            )  # type: ignore[misc]  # a sealed field takes bytes
    return {"upload": token, "confirmed_not_real": "on"} | _boxes(world, about)


def _boxes(world: Programme, about: str) -> dict[str, object]:
    """What the preview of the file asks for, as the person who uploaded it sees it."""
    if about == "missing":
        return {}
    by = world.far_lead if about == "far_client" else world.lead
    upload = uploads.held(str(world.things["upload"][about]), by=by)
    return dict.fromkeys(ticks(ratings_import.preview(upload=upload, by=by)), "on")


def _handover(world: Programme, about: str, who: str) -> dict[str, object]:
    """Everything that goes on goes over to one person."""
    mine = current_engagements().filter(clinician=world.clinician(about)) if about in KNOWN else []
    to = world.successor(about).pk if about in KNOWN else ""
    return {"confirmed": "1", **{f"to_{one.pk.hex}": to for one in mine}}


def _relationship(world: Programme, about: str, who: str) -> dict[str, object]:
    about = about if about in KNOWN else "ana"
    return {"clinician": world.successor(about).pk, "team": world.team(about).pk, "role": "other"} | SINCE


def _meeting(world: Programme, about: str, who: str) -> dict[str, object]:
    group = world.groups.get(about, world.groups["ana"])
    return {"meeting_id": uuid4(), "day": days_ago(0)} | {
        f"to_{one.pk.hex}": "attended" for one in group.engagements.all()
    }


def _of(world: Programme, about: str, who: str) -> World:
    """The organisation of the record; at an address without one, of whoever asks."""
    return world.far if about == "far_client" or (about == "to" and who.startswith("far_")) else world


def _group(world: Programme, about: str, who: str) -> dict[str, object]:
    of = _of(world, about, who)
    return {"name": "Fresh group", "team": of.first.pk, "person": of.ito.pk} | SINCE


def _monday() -> date:
    """The next Monday that begins more than a day from now."""
    return days_ago(-8 + days_ago(-1).weekday())


SINCE: dict[str, object] = {"since": str(days_ago(1))}
UNTIL: dict[str, object] = {"until": str(days_ago(0))}
SHIFT: dict[str, object] = {
    "name": "CANARY on duty", "number": "000 333", "day": str(_monday()), "start": "09:00", "end": "18:00",
    "zone": "UTC",
}  # fmt: skip


SENDS: Mapping[str, Callable[[Programme, str, str], dict[str, object]]] = {
    "respond": lambda world, about, who: {"done": "planned"},
    "respond-acts": lambda world, about, who: {
        "done": "planned",
        "shown": [f"left_out:{world.waiting.get(about, uuid4())}"],
    },
    "own-checkin": _own_checkin,
    "an answer that is not on the list": lambda world, about, who: {"done": "?", "audience": "?"},
    "a form about somebody else": lambda world, about, who: {
        **_own_checkin(world, "missing", who),
        **_own_reaction(world, "missing", who),
        "note": "",
        "about": signing.dumps([uuid4().hex, ""], salt=ABOUT_SALT),
    },
    "a reaction about somebody else": lambda world, about, who: _own_reaction(world, "missing", who),
    "line-share": lambda world, about, who: {"audience": "readers"},
    "log-contact": _contact,
    "correct-contact": _contact,
    "reactions": _own_reaction,
    "reaction-share": lambda world, about, who: {
        "whom": f"team:{(world.engagement(about) if about != 'missing' else world.with_lind).team_id}"
    },
    "client-sign-in": lambda world, about, who: {"reason": REASON},
    "invite": lambda world, about, who: {"email": "fresh@test.example"},
    "break-glass": lambda world, about, who: {
        "client": "CANARY-FAR" if who.startswith("far_") else "CANARY-ANA",
        "reason": REASON,
    },
    "somebody of another organisation": lambda world, about, who: {
        "client": ("CANARY-ANA" if who.startswith("far_") else "CANARY-FAR").lower(),  # it is shown again
        "reason": REASON,
    },
    "duty-new": lambda world, about, who: {**SHIFT, "shift_id": uuid4(), "repeat": "weekdays", "weeks": 2},
    "duty-change": lambda world, about, who: SHIFT,
    "noticing": lambda world, about, who: {"weeks": 4},
    "leaving": lambda world, about, who: {"missed": 4, "days": 28},
    "reach-out": lambda world, about, who: {"done": "planned"},
    "checkin": lambda world, about, who: {"checkin_id": uuid4(), "item_1": 3},
    "import-new": _import,
    "person-new": lambda world, about, who: {"kind": "client", "name": "Fresh", "code": "fresh-code"},
    "person-name": lambda world, about, who: {"name": "Renamed"},
    "role-new": lambda world, about, who: {
        "team": _of(world, about, who).second.pk,
        "role": "milieu",
        **SINCE,
    },
    "role-end": lambda world, about, who: UNTIL,
    "relationship-new": _relationship,
    "relationship-end": lambda world, about, who: {**UNTIL, "why": "step_down"},
    "care-begin": lambda world, about, who: {**SINCE, "method": "mbt"},
    "care-end": lambda world, about, who: {**UNTIL, "reason": "agreed", "confirmed": "1"},
    "care-correct": lambda world, about, who: {**SINCE, "method": "mbt"},
    "handover": _handover,
    "team-new": lambda world, about, who: {"name": "Fresh team"},
    "team-name": lambda world, about, who: {"name": "Renamed team"},
    "group-new": _group,
    "group-meeting": _meeting,
    "leader-new": lambda world, about, who: {"person": _of(world, about, who).stranger.pk, **SINCE},
    "member-new": lambda world, about, who: {"code": _of(world, about, who).ben.code, **SINCE},
    "leader-end": lambda world, about, who: UNTIL,
    "absences": lambda world, about, who: {
        "first_day": days_ago(-3),
        "last_day": days_ago(-9),
        "announced_on": days_ago(0),
    },
    "agreements": lambda world, about, who: {
        "noticing": "yes",
        "leaving": "no",
        "research": "no",
        "mode": "clinician",
    },
    "own-uses": lambda world, about, who: {"noticing": "yes"},
    "invitation": lambda world, about, who: dict.fromkeys(("password1", "password2"), "a-long-test-password"),
    "import-preview": _confirm,
}
