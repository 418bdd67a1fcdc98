"""The manual page of all simulator parameters, generated from the parameters.

`python -m accord.simulator.parameter_page > docs/reference/simulator.md` renews it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import Field, fields
from typing import Any

from accord.simulator.parameters import Parameters, Role
from accord.simulator.scenarios import SCENARIOS, Scenario

HEAD = """# The simulator's numbers

This page is made from `accord.simulator`; change it there.

`accord simulate` writes programmes whose truth is known, so that what finds ruptures can be measured.
Each number below is a named parameter. "Published" means taken from a published study, "simulated for
this project" chosen by simulation so that a stated property holds, "design judgement" that somebody had
to decide. "Assumed" marks a value whose primary source has not been read. Alliance is simulated on a 1-5
mean and then written in the instrument's own units; SD is that of one session's rating over clients,
within-SD that of ratings around a relationship's own course.
"""


def render() -> str:
    """The reference page as Markdown."""
    parts = [HEAD, "\n## Scenarios\n\n", *_scenarios(), "\n## Numbers unless a scenario changes them\n"]
    for part in fields(Parameters):
        group = getattr(Parameters(), part.name)
        parts += [f"\n### {part.name}\n\n{_first_line(group)}\n\n", *_table(group)]
    parts += [f"\n### role\n\n{_first_line(Role())}\n\n", *_table(Role())]
    return "".join(parts)


def _first_line(group: object) -> str:
    return (group.__doc__ or "").split("\n\n")[0].replace("\n    ", " ")


def _scenarios() -> Iterator[str]:
    for scenario in SCENARIOS.values():
        yield f"### {scenario.id}\n\n{scenario.shows}\n\n"
        yield f"Followed: {scenario.instrument}. Beside it: {', '.join(scenario.channels) or 'nothing'}. "
        yield f"Unless asked otherwise {scenario.clients} clients, {scenario.sessions} sessions.\n\n"
        changes = list(_changes(scenario))
        if scenario.because:
            yield f"{scenario.because}\n\n"
        yield "Changes:\n\n" + "".join(changes) + "\n" if changes else "Changes nothing.\n\n"


def _changes(scenario: Scenario) -> Iterator[str]:
    for part in fields(Parameters):
        usual, own = getattr(Parameters(), part.name), getattr(scenario.parameters, part.name)
        for field in fields(own):
            if getattr(own, field.name) != getattr(usual, field.name):
                yield f"- `{part.name}.{field.name}` = {_value(getattr(own, field.name))}\n"


def _table(group: Any) -> Iterator[str]:
    yield "| name | value | unit | what | from |\n|---|---|---|---|---|\n"
    for field in fields(group):
        yield _row(field, getattr(group, field.name))


def _row(field: Field[Any], value: object) -> str:
    metadata = field.metadata
    described = f"{metadata['unit']} | {metadata['about']} | {metadata['origin']}"
    return f"| `{field.name}` | {_value(value)} | {described} |\n"


def _value(value: object) -> str:
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return "infinite" if math.isinf(value) else f"{value:.4g}"
    if isinstance(value, Role):
        return _role(value)
    if isinstance(value, tuple):
        return ", ".join(
            f"({_value(item)})" if isinstance(item, tuple | Role) else _value(item) for item in value
        )
    return str(value)


def _role(role: Role) -> str:
    """A role's name, and which of its numbers differ from the usual."""
    own = [(field.name, getattr(role, field.name)) for field in fields(role) if field.name != "name"]
    return "; ".join(
        [role.name, *(f"{name} {_value(number)}" for name, number in own if number != getattr(Role(), name))]
    )


if __name__ == "__main__":
    print(render(), end="")
