"""The sessions that a flag is about, and what came after them."""

from __future__ import annotations

from dataclasses import dataclass

from accord.clinic.models import Flag
from accord.clinic.monitoring import findings as stored
from accord.records.ratings import Finding, State

STATES_OF = {
    Flag.Kind.RUPTURE: State.RUPTURE,
    Flag.Kind.WORSE: State.WORSE,
    Flag.Kind.STRAIN: State.STRAIN,
    Flag.Kind.DIP: State.DIP,
}
SILENCE = ("attendance", "form")  # channels that say that nothing was heard


@dataclass(frozen=True)
class FlagCourse:
    """`sessions`: findings of the flag's episode so far; `later`: those after it; `raised`: as it began, None
    for a client's own word."""

    raised: Finding | None
    sessions: tuple[Finding, ...]
    later: tuple[Finding, ...]

    @property
    def likeliest(self) -> Finding | None:
        """The session of the episode at which a rupture is likeliest."""
        known = [finding for finding in self.sessions if finding.p_rupture is not None]
        return max(known, key=lambda finding: finding.p_rupture or 0.0, default=self.raised)

    @property
    def chance(self) -> float | None:
        return None if self.likeliest is None else self.likeliest.p_rupture

    @property
    def only_silence(self) -> bool:
        """Whether nothing speaks but forms left empty and missed contacts: no rating and no answer."""
        finding = self.likeliest
        if finding is None or finding.rating is not None:
            return False
        return not any(ratio > 0 for name, ratio in finding.said if name not in SILENCE)

    @property
    def latest_state(self) -> State | None:
        """State of the latest rated session, the flag's own included."""
        rated = [each for each in (*self.sessions, *self.later) if each.state is not State.NO_RATING]
        return rated[-1].state if rated else None

    @property
    def is_over(self) -> bool:
        """Whether a later session was rated in another state."""
        return any(finding.state is not State.NO_RATING for finding in self.later)


def flag_course(flag: Flag, findings: tuple[Finding, ...]) -> FlagCourse:
    """The course of a flag in the findings of its relationship, oldest first."""
    since = [finding for finding in findings if finding.session >= flag.session]
    raised = None if flag.kind == Flag.Kind.SAID else raised_with(flag)
    state = STATES_OF.get(Flag.Kind(flag.kind))
    if state is None:  # of a single session: what was said, or a low start
        return FlagCourse(raised, tuple(since[:1]), tuple(since[1:]))
    of_state = [at for at, finding in enumerate(since) if finding.state is state]
    other = [at for at, finding in enumerate(since) if finding.state not in (state, State.NO_RATING)]
    end = min(other, default=len(since))
    last = max((at for at in of_state if at < end), default=0)
    return FlagCourse(raised, tuple(since[: last + 1]), tuple(since[last + 1 :]))


def raised_with(flag: Flag) -> Finding:
    """The finding that a flag was raised with."""
    return stored.from_json({key: flag.finding[key] for key in flag.finding if key != "instrument"})
