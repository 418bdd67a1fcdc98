"""Entry point of the tracker: findings for one course or a whole file. Strictly online.

`assess` follows one relationship and can go on from a stored state; `assess_all` runs the same steps over
many relationships at once. Neither uses sessions later than the one a finding is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from accord.arrays import Bools, Floats, Ints
from accord.columns import first_of_each
from accord.errors import InputError
from accord.records.ratings import (
    Assessment,
    Construct,
    Context,
    Course,
    Findings,
    Instrument,
    Rater,
    Ratings,
)
from accord.science.reliability import noise
from accord.science.tracker import context, filter_state, learning
from accord.science.tracker.alarm_threshold import draw_line
from accord.science.tracker.channels import with_channels
from accord.science.tracker.episode import name_for
from accord.science.tracker.filter import Progress, Track, follow_rounds, run, start
from accord.science.tracker.panel import Panel, in_rounds, lay_out
from accord.science.tracker.population import Population
from accord.science.tracker.predict import BAND
from accord.words.findings import rows

METHOD_VERSION = "switching-2"
ALARM_RATE = 0.03  # false alarms per calm session
LOWEST_RATE, HIGHEST_RATE = 0.001, 0.5


def prior(instrument: Instrument, seed: int = 0) -> Population:
    """Prior population values of an instrument, with their alarm threshold."""
    return draw_line(_stated(instrument), seed=seed)


def learn(
    ratings: Ratings,
    followed: Instrument,
    *,
    rater: Rater = Rater.CLIENT,
    channels: bool = True,
    seed: int = 0,
) -> Population:
    """Estimate a programme's population values from a file of ratings.

    Raises NotConverged, which holds the values reached, when the fit does not converge.
    """
    known = noise(followed) is not None
    panel = _panel(ratings, followed, rater, channels)
    return learning.learn(panel, _stated(followed), known_noise=known, seed=seed)


def _panel(ratings: Ratings, followed: Instrument, rater: Rater, channels: bool) -> Panel:
    panel = lay_out(ratings, followed, rater)
    return with_channels(panel, ratings, followed, rater) if channels else panel


def _stated(instrument: Instrument) -> Population:
    known = noise(instrument)
    return Population.prior(instrument, known.sd, known.assumed) if known else Population.prior(instrument)


def assess_all(
    ratings: Ratings,
    followed: Instrument,
    population: Population,
    *,
    rater: Rater = Rater.CLIENT,
    channels: bool = True,
    alarm_rate: float = ALARM_RATE,
    progress: Progress | None = None,
) -> Findings:
    """Findings of every relationship in a file, in order of client, clinician and session."""
    line = _line(population, followed, alarm_rate)
    panel = _panel(ratings, followed, rater, channels)
    track = run(panel, population, line, progress)
    return _findings(panel, track, population, followed, ratings.clients, ratings.clinicians)


def assess(
    course: Course,
    population: Population,
    as_of: date,
    state: Mapping[str, Any] | None = None,
    *,
    alarm_rate: float | Sequence[tuple[int, float]] = ALARM_RATE,
) -> Assessment:
    """Findings of one relationship up to `as_of`.

    `alarm_rate`: false alarms per calm session, or, where it changed, (session from which it holds, rate) in
    rising order; the first rate also holds before its session.

    With `state` of an earlier assessment by the same method and values, only the sessions after it are
    assessed, at a cost that does not depend on how many came before; ValueError when the course holds
    sessions that were assessed already.
    """
    left = filter_state.read(state)
    panel = filter_state.panel_of(course, as_of, left)
    line = _lines(panel, population, course.instrument, alarm_rate)
    rounds = in_rounds(panel)
    standing, todo = start(population, rounds.n), rounds.rounds
    resumed = left is not None and left.standing is not None
    if left and left.standing:
        standing, todo = left.standing, todo[1:]
    track = follow_rounds(panel, todo, standing, population, line, resumed=resumed, tell_channels=True)
    findings = _findings(panel, track, population, course.instrument, (course.client,), (course.clinician,))
    around, before = context.follow(
        course, filter_state.day_number(as_of), left.before if left else context.Before()
    )
    new = tuple(
        replace(finding, said=said, context=around.get(finding.session, Context()))
        for finding, said in zip(rows(findings), _channel_evidence(panel, track), strict=True)
        if left is None or finding.session > left.listed
    )
    return Assessment(new, as_of, METHOD_VERSION, filter_state.write(panel, track, left, before))


def _lines(
    panel: Panel, population: Population, followed: Instrument, rates: float | Sequence[tuple[int, float]]
) -> float | Floats:
    if isinstance(rates, int | float):
        return _line(population, followed, rates)
    lines = np.array([_line(population, followed, rate) for _, rate in rates])
    at = np.searchsorted([session for session, _ in rates], panel.session, side="right") - 1
    line: Floats = lines[np.maximum(at, 0)]
    return line


def _channel_evidence(panel: Panel, track: Track) -> list[tuple[tuple[str, float], ...]]:
    """For each session the observed channels, each with its log likelihood ratio of rupture against calm."""
    came = {"rating": panel.rating, **panel.channels}
    ratios = {
        name: np.where(np.isnan(came[name]), np.nan, ratio)
        for name, ratio in track.said.items()
        if name in came
    }
    return [
        tuple((name, float(ratio[row])) for name, ratio in ratios.items() if not np.isnan(ratio[row]))
        for row in range(len(panel.session))
    ]


def _line(population: Population, followed: Instrument, alarm_rate: float) -> float:
    if not population.fits(followed):
        raise InputError(
            f"values learned for {followed.id} ({followed.low:g}-{followed.high:g})",
            column="instrument",
            found=f"{population.instrument} ({population.low:g}-{population.high:g})",
        )
    if not LOWEST_RATE <= alarm_rate <= HIGHEST_RATE:
        raise InputError(f"an alarm rate from {LOWEST_RATE} to {HIGHEST_RATE}", found=str(alarm_rate))
    return population.alarm_line(alarm_rate)


def _findings(
    panel: Panel,
    track: Track,
    population: Population,
    followed: Instrument,
    clients: tuple[str, ...],
    clinicians: tuple[str, ...],
) -> Findings:
    alliance = followed.construct is Construct.ALLIANCE
    # A first rating has no course before it, so `expected` is then the programme's level.
    later = _has_earlier_rating(panel)
    level, level_low, level_high = _levels(track, population)
    return Findings(
        followed,
        clients,
        clinicians,
        panel.client,
        panel.clinician,
        panel.session.astype(np.int32),
        panel.day.astype(np.int32),
        panel.rating,
        level,
        level_low,
        level_high,
        track.surprise,
        np.where(panel.seen, track.p_rupture, np.nan),
        name_for(followed.construct, track.state),
        track.low_start & alliance,
        panel.rating - population.from_unit(np.clip(np.where(later, track.expected, np.nan), 0.0, 1.0)),
        track.also,
        track.strongest,
        METHOD_VERSION,
    )


def _levels(track: Track, population: Population) -> tuple[Floats, Floats, Floats]:
    """Level and band in the instrument's own units, kept on its scale, low edge first."""
    half = BAND * np.sqrt(track.var_level)
    edges = (track.level, track.level - half, track.level + half)
    level, low, high = (population.from_unit(np.clip(edge, 0.0, 1.0)) for edge in edges)
    return (level, high, low) if population.lower_is_better else (level, low, high)


def _has_earlier_rating(panel: Panel) -> Bools:
    rated = panel.rated
    so_far: Ints = np.cumsum(rated) - rated
    return rated & (so_far > so_far[first_of_each(panel.relationship)])
