"""Words for how likely a rupture is, from `p_rupture`, and where that is known from.

Part of `words`; callers pass `translate`, as there.
"""

from __future__ import annotations

from bisect import bisect
from math import isfinite

from accord.records.ratings import Finding, State
from accord.words.context import Translate

POSSIBLE, LIKELY = 0.2, 0.5  # `p_rupture` from which a rupture is called so
STEPS = (POSSIBLE, LIKELY)
TENTHS = 10  # a chance is said in tenths: a finer number would claim more than the method knows
UNKNOWN = -1  # in place of a step or of tenths
CHANGED = frozenset({State.RUPTURE, State.STRAIN, State.WORSE, State.DIP})  # states with a chance


def chance_of(finding: Finding) -> tuple[int, int]:
    """The step a chance has reached (0, 1 possible, 2 likely) and its tenths; UNKNOWN where there is none."""
    p = finding.p_rupture
    if finding.state not in CHANGED or p is None or not isfinite(p):
        return UNKNOWN, UNKNOWN
    p = min(max(p, 0.0), 1.0)
    return bisect(STEPS, p), round(TENTHS * p)


def likelihood_word(step: int, translate: Translate = str) -> str:
    """What a session is called whose rating or answers are unusual, by the step of its chance."""
    _ = translate
    return (_("unusual, though a rupture is improbable"), _("possible rupture"), _("likely rupture"))[step]


def chance_words(state: State, chance: int, translate: Translate = str) -> str:
    """How many sessions like this are a rupture; empty where that is not known."""
    _ = translate
    if chance == UNKNOWN:
        return ""
    of_alliance = state in (State.RUPTURE, State.STRAIN)
    if chance == 0:
        return (
            _("fewer than 1 in 10 like this are a rupture, in simulated programmes")
            if of_alliance
            else _("fewer than 1 in 10 like this are a change for the worse, in simulated programmes")
        )
    if chance == TENTHS:
        return (
            _("more than 9 in 10 like this are a rupture, in simulated programmes")
            if of_alliance
            else _("more than 9 in 10 like this are a change for the worse, in simulated programmes")
        )
    sentence = (
        _("about %(n)s in 10 like this are a rupture, in simulated programmes")
        if of_alliance
        else _("about %(n)s in 10 like this are a change for the worse, in simulated programmes")
    )
    return sentence % {"n": chance}
