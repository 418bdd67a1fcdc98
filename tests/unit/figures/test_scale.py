"""Scales and ticks: few, round, inside what they measure."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.figures.scale import Scale, day_ticks, drawn_range, nice_step, value_ticks


def test_values_outside_are_drawn_at_the_edge() -> None:
    scale = Scale(0, 40, 100, 0)
    assert [scale(value) for value in (-5, 0, 20, 40, 900)] == [100, 100, 50, 0, 0]


def test_a_scale_without_extent_draws_in_the_middle() -> None:
    assert Scale(3, 3, 0, 100)(3) == 50


@pytest.mark.parametrize(("rough", "step"), [(0.9, 1), (1, 1), (1.2, 2), (3, 5), (7, 10), (0.04, 0.05)])
def test_steps_are_one_two_or_five_times_a_power_of_ten(rough: float, step: float) -> None:
    assert nice_step(rough) == pytest.approx(step)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], (0, 40)), ([33, 35], (20, 40)), ([2, 4], (0, 20)), ([18, 21], (5, 25)), ([0, 40], (0, 40))],
)
def test_at_least_half_of_the_range_is_drawn(values: list[float], expected: tuple[float, float]) -> None:
    assert drawn_range(values, 0, 40) == pytest.approx(expected)


@given(st.lists(st.floats(-1e6, 1e6)), st.floats(-1000, 1000), st.floats(1e-3, 1e4), st.integers(2, 9))
def test_the_drawn_part_stays_inside_the_range_and_holds_every_rating(
    values: list[float], low: float, extent: float, at_most: int
) -> None:
    high = low + extent
    bottom, top = drawn_range(values, low, high)
    assert low <= bottom < top <= high
    held = [min(high, max(low, value)) for value in values]
    assert all(bottom <= value <= top for value in held)
    assert len(value_ticks(bottom, top, at_most)) <= at_most


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 20_000), st.integers(2, 40))
def test_day_ticks_are_few_and_inside(first: date, span: int, at_most: int) -> None:
    last = date.fromordinal(first.toordinal() + span)
    ticks = day_ticks(first, last, at_most)
    assert 1 <= len(ticks) <= at_most
    assert all(first <= tick <= last for tick in ticks)
