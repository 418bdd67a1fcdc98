"""The results as tables, the same on screen and in the manual."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from accord.benchmark.bounds import judge_all, limit
from accord.benchmark.detectors import DETECTORS, EARLY, MISSED, REFERENCE, TRACKER
from accord.benchmark.judge import ALL, BENCH, IN_A_RUN, IN_NO_RUN, OWN, RATES
from accord.benchmark.results import Results
from accord.benchmark.run import AGAINST_REFERENCE, FEW

NOTHING, FOREVER = "-", "never"
COLUMNS = (  # heading, measure, where the line is, decimals
    ("AUC", "AUC", "", 3),
    *((f"found {at}", "found", at, 2) for at in RATES),
    *((f"within {sessions}", f"within {sessions}", BENCH, 2) for sessions in (0, 1, 2)),
    ("delay", "median delay", BENCH, 0),
    ("flags/month", "flags per client-month", BENCH, 2),
    ("any, course", "any false in a course", BENCH, 2),
    ("any, client", "any false for a client", BENCH, 2),
    ("ARL0", "run length", BENCH, 0),
)


class Grid(NamedTuple):
    """A table. The first column is text, the others numbers."""

    title: str
    about: str
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def short(results: Results) -> list[Grid]:
    """What is printed."""
    return [*_if_any(recall(results), few(results), own_lines(results), leaving(results)), bounds(results)]


def whole(results: Results) -> list[Grid]:
    """Everything, for the manual."""
    rest = [by_part(results), calibration(results), reliability(results)]
    return [
        bounds(results),
        *_if_any(recall(results), few(results), own_lines(results), leaving(results), *rest),
        *(scenario(results, name) for name in results.scenarios),
    ]


def _if_any(*grids: Grid) -> Iterator[Grid]:
    return (grid for grid in grids if grid.rows)


def recall(results: Results) -> Grid:
    named = [detector for detector in DETECTORS if detector in results.detectors]
    rows = [
        (scenario, *(_rounded(results.mean(scenario, name, "found", BENCH)) for name in named))
        for scenario in _rupturing(results)
    ]
    about = "Share of ruptures with an alarm while they last, at 3 % false alarms per calm session."
    return Grid("Ruptures found", about, ("", *named), tuple(rows))


def scenario(results: Results, name: str) -> Grid:
    rows = [
        (
            detector,
            *(
                _rounded(results.mean(name, detector, measure, at), digits)
                for _, measure, at, digits in COLUMNS
            ),
        )
        for detector in results.spoke(name)
    ]
    about = "Columns from `within 0` on are at 3 %."
    return Grid(f"Scenario {name}", about, ("", *(heading for heading, *_ in COLUMNS)), tuple(rows))


def few(results: Results) -> Grid:
    """Mean and range over the draws."""
    names = [f"{TRACKER}-{count}" for count in FEW]
    rows = [
        (scenario, *(_with_range(results.values(scenario, name, AGAINST_REFERENCE, BENCH)) for name in names))
        for scenario in results.scenarios
        if any(results.values(scenario, name, AGAINST_REFERENCE, BENCH) for name in names)
    ]
    about = "Found at 3 %, as a share of what the reference finds; mean of the draws, lowest and highest."
    return Grid("Learned from few", about, ("", *(f"from {count}" for count in FEW)), tuple(rows))


def own_lines(results: Results) -> Grid:
    rows = [
        (scenario, name, *(_rounded(results.mean(scenario, name, measure, OWN), 3) for measure in _AT_OWN))
        for scenario in results.scenarios
        for name in results.detectors
        if results.values(scenario, name, "found", OWN)
    ]
    about = (
        "False alarms per calm session of which the detector says anything. The tracker's line is for .03."
    )
    heading = ("", "", "false alarms", "found", "flags/month", "any, client")
    return Grid("At the detector's own line", about, heading, tuple(rows))


_AT_OWN = ("false alarms where it speaks", "found", "flags per client-month", "any false for a client")


def leaving(results: Results) -> Grid:
    rows = [
        (
            scenario,
            name,
            *(_rounded(results.mean(scenario, name, *what), digits) for what, digits in _LEAVING),
        )
        for scenario in results.scenarios
        for name in (TRACKER, EARLY, REFERENCE, MISSED)
        if results.values(scenario, name, "leavers", BENCH)
    ]
    about = (
        "At 3 %: share of those who left with an alarm in the 28 days (in residence 7) up to their last "
        "attended contact, days from the first of these alarms, and how often such days hold an alarm for "
        "those who stayed. Where attendance is recorded, apart: those who had already missed two contacts of "
        "one relationship in a row by then, and the others."
    )
    heading = ("", "", "leavers", "warned", "days", "by chance", "in a run", "warned", "others", "warned")
    return Grid("Before leaving", about, heading, tuple(rows))


_LEAVING = (
    (("leavers", BENCH, ALL), 0),
    (("warned before leaving", BENCH, ALL), 2),
    (("days before leaving", BENCH, ALL), 0),
    (("warned by chance", BENCH, ALL), 2),
    (("leavers", BENCH, IN_A_RUN), 0),
    (("warned before leaving", BENCH, IN_A_RUN), 2),
    (("leavers", BENCH, IN_NO_RUN), 0),
    (("warned before leaving", BENCH, IN_NO_RUN), 2),
)


def by_part(results: Results) -> Grid:
    parts = results.parts("ruptures")
    rows = [
        (scenario, *(_rounded(results.mean(scenario, TRACKER, "found", BENCH, part)) for part in parts))
        for scenario in _rupturing(results)
    ]
    about = (
        "Found by the tracker at the line for 3 % in the whole programme: by the depth of the rupture (below "
        "1.33, to 1.67, deeper), when it began, whether most ratings are at the top, and how many forms were "
        "missing (below .1, to .2, more)."
    )
    return Grid("By part", about, ("", *parts), tuple(rows))


def calibration(results: Results) -> Grid:
    parts = results.parts("observed")
    rows = [
        (scenario, *(_rounded(results.mean(scenario, TRACKER, "observed", part=part)) for part in parts))
        for scenario in _rupturing(results)
    ]
    about = "Share of sessions really in a rupture, by tenths of the tracker's p_rupture."
    return Grid("Calibration", about, ("", *parts), tuple(rows))


def reliability(results: Results) -> Grid:
    names = [
        detector
        for detector in results.detectors
        if any(results.values(scenario, detector, "Brier") for scenario in results.scenarios)
    ]
    rows = [
        (scenario, *(_rounded(results.mean(scenario, name, "Brier"), 4) for name in names))
        for scenario in _rupturing(results)
    ]
    return Grid(
        "Brier score", "Mean squared error of the probability; 0 is perfect.", ("", *names), tuple(rows)
    )


def bounds(results: Results) -> Grid:
    rows = [
        (
            outcome.bound.name,
            outcome.bound.how,
            limit(outcome.bound),
            _rounded(outcome.worst, 3),
            outcome.where,
            _rounded(outcome.reference, 3),
            outcome.verdict,
        )
        for outcome in judge_all(results)
    ]
    heading = ("bound", "how", "limit", "measured", "where", "true values", "")
    return Grid(
        "Bounds", "The value nearest to breaking each bound, mean of the seeds.", heading, tuple(rows)
    )


def _rupturing(results: Results) -> list[str]:
    return [
        scenario for scenario in results.scenarios if not math.isnan(results.mean(scenario, TRACKER, "AUC"))
    ]


def as_text(grid: Grid) -> str:
    """For the screen: columns in line, numbers at the right."""
    lines = [grid.heading, *grid.rows]
    width = [max(len(line[k]) for line in lines) for k in range(len(grid.heading))]
    texts = _text_columns(grid)
    rows = [
        "  ".join(
            cell.ljust(w) if k in texts else cell.rjust(w)
            for k, (cell, w) in enumerate(zip(line, width, strict=True))
        )
        for line in lines
    ]
    return "\n".join([grid.title.upper(), grid.about, "", *(line.rstrip() for line in rows)]) + "\n"


def as_markdown(grid: Grid) -> str:
    texts = _text_columns(grid)
    rule = ["---" if k in texts else "---:" for k in range(len(grid.heading))]
    lines = [grid.heading, rule, *grid.rows]
    rows = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"### {grid.title}\n\n{grid.about}\n\n{rows}\n"


def _text_columns(grid: Grid) -> set[int]:
    """Columns with a cell that is neither a number nor missing."""
    return {k for k in range(len(grid.heading)) if not all(_is_number(row[k]) for row in grid.rows)}


def _is_number(cell: str) -> bool:
    return cell in (NOTHING, FOREVER) or (cell[:1] in "-.0123456789" and cell[-1:].isdigit())


def _rounded(value: float, digits: int = 2) -> str:
    """.49, 1.20, 33; a stroke where there is no value."""
    if math.isnan(value):
        return NOTHING
    text = f"{value:.{digits}f}" if math.isfinite(value) else FOREVER
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def _with_range(values: Sequence[float]) -> str:
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return NOTHING
    return f"{_rounded(sum(known) / len(known))} ({_rounded(min(known))}-{_rounded(max(known))})"


def page(grids: Iterable[Grid], how: str) -> str:
    return f"{how}\n\n" + "\n".join(as_markdown(grid) for grid in grids)
