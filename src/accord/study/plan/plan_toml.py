"""A plan as a TOML file with a line about each key, which reads back the same."""

from __future__ import annotations

import json
from collections.abc import Sequence

from accord.study.plan.study_plan import NONE, Plan

_HEAD = """# What this study asked of the data. Fix it before you look at results; use it again with --plan.
"""


def plan_text(plan: Plan) -> str:
    """The whole plan, defaults and all."""
    keys = (
        ("kinds of events, `outcome` (the questionnaire) and `left`", "outcomes", _list(plan.outcomes)),
        ("the questionnaire, or none", "outcome", _text(plan.outcome or NONE)),
        ("kinds of events on record; one that never happened counts as 0", "events", _list(plan.events)),
        ("`alliance` is the whole score", "facets", _list(plan.facets)),
        ("treatment arms, the first is what others are compared with", "arms", _list(plan.arms)),
        ("the last day of the record: people still in treatment are followed to it", "record_ends",
         plan.record_ends.isoformat()),
        ("length of a period", "period_days", str(plan.period_days)),
        ("periods by which the alliance comes before the outcome", "lag", str(plan.lag)),
        ("person-mean, detrended or latent-mean", "centring", _text(plan.centring)),
        ("fewest people in a cell that is shown, 10 or more", "minimum_cell", str(plan.minimum_cell)),
        ("ends that count as leaving", "leaving", _list(plan.leaving)),
        ("of what is drawn at random in the analyses", "seed", str(plan.seed)),
    )  # fmt: skip
    lines = [f"\n# {about}\n{key} = {value}\n" for about, key, value in keys]
    raters = "".join(f"{rater} = {_text(name)}\n" for rater, name in plan.alliance.items())
    return "".join([_HEAD, *lines, "\n# the instrument of each rater\n[alliance]\n", raters])


def _text(value: str) -> str:
    # Ids are printable, and in printable text JSON escapes exactly the characters that TOML escapes.
    return json.dumps(value, ensure_ascii=False)


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"
