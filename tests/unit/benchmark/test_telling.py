"""Bounds, tables and the figure say what the numbers say."""

from __future__ import annotations

import io
import math
from xml.etree.ElementTree import fromstring

import pytest

from accord.benchmark import bounds, figure, reliability_curves, tables
from accord.benchmark.bounds import PASS, SHORT, UNMEASURED, Bound
from accord.benchmark.judge import Row
from accord.benchmark.results import Results


def row(value: float, detector: str = "tracker", measure: str = "found", at: str = "3 %", **more) -> Row:
    result = {"scenario": "textbook", "seed": 0, "part": "all", **more}
    return Row(result["scenario"], result["seed"], detector, result["part"], measure, at, value)


def verdict(name: str, *rows: Row) -> str:
    bound = next(bound for bound in bounds.BOUNDS if bound.name == name)
    return bounds.outcome(bound, Results(rows)).verdict


def test_a_bound_is_judged_by_the_value_that_comes_closest_to_breaking_it():
    band = Bound("band", "", lambda _results: iter([("a", 0.03), ("b", 0.02), ("c", 0.04)]), 0.025, 0.035)
    assert bounds.outcome(band, Results([]))[1:4] == (SHORT, 0.02, "b")
    least = Bound("least", "", lambda _results: iter([("a", 0.98), ("b", math.nan)]), low=0.97)
    assert bounds.outcome(least, Results([]))[1:4] == (PASS, 0.98, "a")


def test_beside_a_bound_stands_what_the_filter_with_true_values_gives_at_the_same_place():
    both = [row(0.30), row(0.36, "reference"), row(0.40, scenario="gradual"), row(0.30, "chart"),
            row(0.50, "reference", scenario="gradual"), row(0.30, "chart", scenario="gradual")]  # fmt: skip
    bound = next(bound for bound in bounds.BOUNDS if bound.name == "over the chart, rating alone")
    result = bounds.outcome(bound, Results(both))
    assert (result.where, result.verdict) == ("textbook", SHORT)
    assert (result.worst, result.reference) == (pytest.approx(1.0), pytest.approx(1.2))


def test_what_was_not_run_is_neither_passed_nor_short():
    assert {outcome.verdict for outcome in bounds.judge_all(Results([]))} == {UNMEASURED}


def test_the_found_share_of_the_reference_decides():
    reference = row(0.50, "reference")
    assert verdict("found, of the reference's", row(0.49), reference) == PASS
    assert verdict("found, of the reference's", row(0.48), reference) == SHORT


def test_seeds_are_averaged_before_a_bound_is_judged():
    seeds = [row(0.40), row(0.60, seed=1), row(0.50, "reference"), row(0.50, "reference", seed=1)]
    assert verdict("found, of the reference's", *seeds) == PASS


def test_the_tracker_may_be_a_point_behind_the_best_rule_and_no_more():
    rules = [row(0.50, name) for name in ("own-mean", "chart", "drop", "trend", "cusum", "shiryaev")]
    assert verdict("behind the best rule on the rating", row(0.49), *rules) == PASS
    assert verdict("behind the best rule on the rating", row(0.48), *rules) == SHORT


def test_only_tenths_with_many_sessions_are_judged_by_their_median_seed():
    def tenth(seed: int, sessions: int, observed: float) -> list[Row]:
        values = {"sessions": sessions, "predicted": 0.55, "observed": observed}
        return [row(v, measure=k, at="", part="p .5-.6", seed=seed) for k, v in values.items()]

    good = [*tenth(0, 200, 0.56), *tenth(1, 200, 0.50), *tenth(2, 200, 0.64)]
    assert verdict("calibrated, median seed", *good) == PASS
    assert verdict("calibrated, any seed", *good) == PASS
    few = [*tenth(0, 150, 0.99), *tenth(1, 20, 0.01)]
    assert verdict("calibrated, any seed", *few) == UNMEASURED


def test_scenarios_with_weakened_channels_are_shown_and_not_judged():
    weak = [row(0.1, scenario="channels-none"), row(0.5, "reference", scenario="channels-none")]
    assert verdict("found, of the reference's", *weak) == UNMEASURED


@pytest.mark.parametrize(
    ("bound", "words"),
    [
        (Bound("", "", lambda _results: iter([]), low=0.97), "at least 0.97"),
        (Bound("", "", lambda _results: iter([]), high=0.5), "at most 0.5"),
        (Bound("", "", lambda _results: iter([]), 0.025, 0.035), "0.025 to 0.035"),
    ],
)
def test_limits_are_told_in_words(bound, words):
    assert bounds.limit(bound) == words


@pytest.fixture
def results() -> Results:
    values = {"tracker": 0.5, "reference": 0.52, "own-mean": 0.49, "drop": math.nan}
    rows = [row(value, name) for name, value in values.items()]
    rows += [row(0.03, name, "false alarms") for name in values]
    return Results([*rows, row(0.84, measure="AUC", at="")])


def test_a_table_reads_the_same_on_screen_and_in_the_manual(results):
    grid = tables.recall(results)
    assert grid.heading == ("", "tracker", "reference", "own-mean", "drop")
    assert grid.rows == (("textbook", ".50", ".52", ".49", "-"),)
    assert "| textbook | .50 | .52 | .49 | - |" in tables.as_markdown(grid)
    assert "textbook      .50        .52       .49     -" in tables.as_text(grid)


def test_every_table_has_as_many_cells_as_headings(results):
    for grid in tables.whole(results):
        assert {len(line) for line in grid.rows} <= {len(grid.heading)}, grid.title


def test_a_run_without_false_alarms_is_never_ended(results):
    forever = Results([*results.rows, row(math.inf, measure="run length")])
    assert "never" in tables.as_markdown(tables.scenario(forever, "textbook"))


def test_rows_are_written_one_to_a_line(results):
    file = io.StringIO()
    results.write(file)
    lines = file.getvalue().splitlines()
    assert lines[0] == "scenario,seed,detector,part,measure,at,value"
    assert lines[1] == "textbook,0,tracker,all,found,3 %,0.5"
    assert "textbook,0,drop,all,found,3 %," in lines
    assert len(lines) == len(results.rows) + 1


def test_the_figure_says_in_words_what_it_draws(results):
    drawn = fromstring(figure.recall(results))
    names = {child.get("id"): child.text for child in drawn if child.get("id")}
    assert drawn.get("role") == "img"
    assert drawn.get("aria-labelledby").split() == list(names)
    assert "textbook: tracker 0.50, reference 0.52, own-mean 0.49." in names["found-desc"]


def test_the_figure_has_a_mark_for_each_value_and_one_in_the_legend(results):
    drawn = figure.recall(results)
    assert drawn.count("<circle") == 2 * 2  # tracker and reference, each in the row and in the legend
    assert fromstring(figure.recall(Results([]))) is not None


def test_the_reliability_curve_goes_through_the_tenths_with_enough_sessions():
    def tenth(part: str, sessions: int, predicted: float, observed: float) -> list[Row]:
        values = {"sessions": sessions, "predicted": predicted, "observed": observed}
        return [row(v, measure=k, at="", part=part) for k, v in values.items()]

    results = Results([*tenth("p .2-.3", 400, 0.25, 0.3), *tenth("p .8-.9", 100, 0.85, 0.1)])
    assert reliability_curves.points(results, "textbook") == [(0.25, 0.3)]
    drawn = reliability_curves.curves(results)
    assert drawn.count("<circle") == 1
    assert "textbook: 0.25 predicted and 0.30 observed." in drawn
    assert fromstring(reliability_curves.curves(Results([]))) is not None
