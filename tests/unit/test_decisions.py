"""Every decision in docs/adr has a status and says which options were weighed and what follows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "adr"
DECISIONS = sorted(FOLDER.glob("[0-9][0-9][0-9][0-9]-*.md"))
PARTS = ["Context", "Options", "Decision", "Consequences"]
NONE_OR_SOME = r"(none|.*\b\d{4}\b.*)"
HEAD = re.compile(
    r"^Status: (proposed|accepted|superseded by \d{4}), (\d{4}-\d\d-\d\d|with the first version)"
    rf" · Supersedes: {NONE_OR_SOME}$"
)


def faults(text: str) -> list[str]:
    """What is missing in one decision; nothing when it is whole."""
    lines = text.splitlines()
    result = [] if HEAD.match(lines[2] if len(lines) > 2 else "") else ["a head with its status"]
    if re.findall(r"(?m)^## (.*)$", text) != PARTS:
        return [*result, f"the parts {', '.join(PARTS)}, in this order"]
    parts = re.split(r"(?m)^## .*$", text)[1:]
    result += [f"words under {name}" for name, part in zip(PARTS, parts, strict=True) if not part.strip()]
    if parts[1].count("\n- ") < 2:
        result.append("two options")
    return result


@pytest.mark.parametrize("path", [path for path in DECISIONS if not path.name.startswith("0000")], ids=str)
def test_a_decision_has_its_status_and_all_parts(path):
    assert faults(path.read_text()) == []


def test_the_template_has_all_parts():
    assert re.findall(r"(?m)^## (.*)$", (FOLDER / "0000-template.md").read_text()) == PARTS


def test_the_list_names_every_decision():
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (FOLDER / "README.md").read_text())
    assert sorted({*listed} - {"0000-template.md"}) == [
        path.name for path in DECISIONS if path.name[:4] != "0000"
    ]


WHOLE = """# 0099. Something

Status: accepted, 2026-01-01 · Supersedes: none

## Context

A need.

## Options

- This.
- That: chosen.

## Decision

That.

## Consequences

Some.
"""


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (WHOLE.replace("Status: accepted, ", "Holds since: "), "a head with its status"),
        (
            WHOLE.replace("## Options", "## Choices"),
            "the parts Context, Options, Decision, Consequences, in this order",
        ),
        (WHOLE.replace("- This.\n", ""), "two options"),
        (WHOLE.replace("A need.", ""), "words under Context"),
    ],
)
def test_a_decision_without_one_of_them_is_noticed(broken, fault):
    assert faults(WHOLE) == []
    assert faults(broken) == [fault]
