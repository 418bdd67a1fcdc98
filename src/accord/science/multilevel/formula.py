"""R-style formulas: fixed effects, effects that differ between groups, and multiple membership.

    y ~ time + aw + (1 + time | client) + (1 | clinician)
    y ~ time + (1 | client) + mm(clinician + clin2, weights = w1 + w2)

`||` in place of `|` keeps the coefficients of a term independent. The fixed part and the left side of each
bar are read by formulaic; here they are only taken apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from accord.errors import InputError

BAR = re.compile(r"^\((?P<design>.+?)(?P<bar>\|\|?)(?P<group>[^|]+)\)$")
MEMBERS = re.compile(r"^mm\((?P<groups>[^,]+),\s*weights\s*=\s*(?P<weights>.+)\)$")
NAME = re.compile(r"^[^\W\d]\w*$")


@dataclass(frozen=True, slots=True)
class RandomPart:
    """(design | group): `correlated` is False for `||`."""

    design: str
    group: str
    correlated: bool


@dataclass(frozen=True, slots=True)
class MembershipPart:
    """A random intercept of several groups at once, each with its weight's column."""

    groups: tuple[str, ...]
    weights: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Formula:
    outcome: str
    fixed: str
    random: tuple[RandomPart | MembershipPart, ...]


def parse(text: str) -> Formula:
    """Take a formula apart. InputError says which part was not understood."""
    outcome, tilde, right = text.partition("~")
    if not tilde or not NAME.match(outcome.strip()) or not right.strip():
        raise InputError("a formula such as 'y ~ time + (1 | client)'", found=repr(text))
    parts = [(part, _random(part)) for part in _summands(right)]
    fixed = " + ".join(part for part, read in parts if read is None)
    return Formula(outcome.strip(), fixed or "1", tuple(read for _, read in parts if read is not None))


def _summands(text: str) -> list[str]:
    """Split at the plus signs outside brackets."""
    parts, depth, start = [], 0, 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            break
        if sign == "+" and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    if depth:
        raise InputError("as many closing as opening brackets", found=repr(text.strip()))
    summands = [part.strip() for part in (*parts, text[start:])]
    if not all(summands):
        raise InputError("a term on either side of each plus sign", found=repr(text.strip()))
    return summands


def _random(part: str) -> RandomPart | MembershipPart | None:
    if part.startswith("mm("):
        return _membership(part)
    if "|" not in part:
        return None
    read = BAR.match(part)
    if read is None or not NAME.match(read["group"].strip()):
        raise InputError("a random term such as '(1 + time | client)'", found=repr(part))
    return RandomPart(read["design"].strip(), read["group"].strip(), read["bar"] == "|")


def _membership(part: str) -> MembershipPart:
    read = MEMBERS.match(part)
    names = [] if read is None else [_names(read[key]) for key in ("groups", "weights")]
    if not names or len(names[0]) != len(names[1]) or not all(NAME.match(name) for name in sum(names, ())):
        raise InputError("a term such as 'mm(clinician + second, weights = w1 + w2)'", found=repr(part))
    return MembershipPart(*names)


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("+"))
