"""The table in words, for the reference page."""

from __future__ import annotations

from accord.clinic.policy.table import GRANTED_BY_ROLE, TABLE, WORDS, Action, Relation


def as_table() -> str:
    """Actions against relations, roles against relations, and each relation in full, in Markdown."""
    lines = [f"- **{relation.value}**: {WORDS[relation]}." for relation in Relation]
    return "\n\n".join([_actions(), _roles(), "\n".join(lines)]) + "\n"


def _actions() -> str:
    rows = [(action.value, TABLE[action]) for action in Action]
    return _grid("action", rows)


def _roles() -> str:
    rows = [(str(role.label), granted) for role, granted in GRANTED_BY_ROLE.items()]
    return _grid("role", rows)


def _grid(corner: str, rows: list[tuple[str, frozenset[Relation]]]) -> str:
    lines = [
        f"| {corner} | " + " | ".join(relation.value for relation in Relation) + " |",
        "|---|" + "---|" * len(Relation),
        *(
            f"| {name} | "
            + " | ".join("yes" if relation in relations else "" for relation in Relation)
            + " |"
            for name, relations in rows
        ),
    ]
    return "\n".join(lines)
