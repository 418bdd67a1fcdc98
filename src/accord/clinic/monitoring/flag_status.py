"""The worklist section of a flag: a pure rule over the flag, its course so far, its responses and the client.

- What somebody said, a rupture, "worse than own course" and "low from the start" never leave by themselves:
  they stay until a person logs what was done, and then among what was talked about but is not settled.
- A rupture that is improbable even at its likeliest session is not listed; its sentence is on the client's
  page.
- Where only silence speaks, a form left empty or a missed contact, the section says so and no more.
- Strain and a dip are weaker. They leave when the latest rated session no longer shows them, and until then
  behave like the others.
- Only the client settles: with a yes about that session or a later one. A clinician's impression is kept
  beside it and closes nothing, and what is closed can be opened again.
"""

from __future__ import annotations

from collections.abc import Sequence

from accord.clinic.facts.settled import Settled
from accord.clinic.models import Flag, Response
from accord.clinic.monitoring.flag_course import FlagCourse
from accord.records.ratings import State
from accord.words.chance import LIKELY, POSSIBLE

PASSING = {Flag.Kind.STRAIN: State.STRAIN, Flag.Kind.DIP: State.DIP}


def section_of(
    flag: Flag, responses: Sequence[Response], course: FlagCourse, settled: Sequence[Settled] = ()
) -> str | None:
    """The worklist's section, None where nobody is needed."""
    kind, latest = Flag.Kind(flag.kind), course.latest_state
    if flag.withdrawn_at is not None or settled_by_client(flag, responses, settled):
        return None
    if kind in PASSING and latest is not None and latest is not PASSING[kind]:
        return None
    if responses and responses[-1].done != Response.Done.REOPENED:
        return "talked_about"
    return _by_kind(kind, course)


def settled_by_client(
    flag: Flag, responses: Sequence[Response], settled: Sequence[Settled]
) -> Settled | None:
    """The client's yes that closes a flag about which something was done."""
    if not responses:
        return None
    reopened = [response.made_at for response in responses if response.done == Response.Done.REOPENED]
    return next(
        (
            said
            for said in settled
            if said.session >= flag.session and (not reopened or said.said_at > reopened[-1])
        ),
        None,
    )


def _by_kind(kind: Flag.Kind, course: FlagCourse) -> str | None:
    if kind is Flag.Kind.SAID:
        return "said"
    if kind not in (Flag.Kind.RUPTURE, Flag.Kind.WORSE):
        return "strain"
    if course.only_silence:
        return "missed"
    chance = course.chance
    if chance is not None and chance < POSSIBLE:
        return None
    if kind is Flag.Kind.WORSE:
        return "worse"
    return "likely" if chance is not None and chance >= LIKELY else "possible"
