"""The worklist section of a flag: a pure rule over the flag, its responses, and the latest state.

- What somebody said, a rupture, "worse than own course" and "low from the start" never leave by themselves:
  they stay until a person logs what was done, then wait under "look again" until they are said to be settled.
- Strain and a dip are weaker. They leave when the latest rated session no longer shows them, and until then
  behave like the others.
"""

from __future__ import annotations

from collections.abc import Sequence

from accord.clinic.models import Flag, Response
from accord.records.ratings import State

SECTION_OF = {
    Flag.Kind.SAID: "said",
    Flag.Kind.RUPTURE: "rupture",
    Flag.Kind.WORSE: "worse",
    Flag.Kind.STRAIN: "strain",
    Flag.Kind.LOW_START: "strain",
    Flag.Kind.DIP: "strain",
}
PASSING = {Flag.Kind.STRAIN: State.STRAIN, Flag.Kind.DIP: State.DIP}


def section_of(flag: Flag, responses: Sequence[Response], latest: State | None) -> str | None:
    """The worklist's section, None where nobody is needed. `latest`: state of the latest rated session."""
    if flag.withdrawn_at is not None:
        return None
    if responses and responses[-1].done == Response.Done.SETTLED:
        return None
    kind = Flag.Kind(flag.kind)
    if kind in PASSING and latest is not None and latest is not PASSING[kind]:
        return None
    return "look_again" if responses else SECTION_OF[kind]
