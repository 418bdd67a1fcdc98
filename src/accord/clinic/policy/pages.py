"""The table in words, for the reference page."""

from __future__ import annotations

from accord.clinic.policy.table import BROUGHT_BY, TABLE, WORDS, Action, Relation


def as_table() -> str:
    """Actions against relations, roles against relations, and each relation in full, in Markdown."""
    told = [f"- **{relation.value}**: {WORDS[relation]}." for relation in Relation]
    return "\n\n".join([_actions(), _roles(), "\n".join(told)]) + "\n"


def _actions() -> str:
    rows = [(action.value, TABLE[action]) for action in Action]
    return _grid("action", rows)


def _roles() -> str:
    rows = [(str(role.label), brought) for role, brought in BROUGHT_BY.items()]
    return _grid("role", rows)


def _grid(corner: str, rows: list[tuple[str, frozenset[Relation]]]) -> str:
    lines = [
        f"| {corner} | " + " | ".join(relation.value for relation in Relation) + " |",
        "|---|" + "---|" * len(Relation),
        *(
            f"| {name} | " + " | ".join("yes" if one in held else "" for one in Relation) + " |"
            for name, held in rows
        ),
    ]
    return "\n".join(lines)
