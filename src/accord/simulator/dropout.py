"""Dropout, missed contacts and unfilled forms. Arrays are sessions x relationships."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accord.arrays import Bools, Floats, Ints
from accord.simulator.alliance import slope_sd
from accord.simulator.layout import Layout
from accord.simulator.parameters import Alliance, Attendance, Forms, Parameters, Role, Ruptures
from accord.simulator.ruptures import Episodes
from accord.simulator.schedule import Grid

NEVER = np.iinfo(np.int32).max
ONE_CHANCE_AT_MOST = 0.95  # a doubled chance stays a chance


@dataclass(frozen=True, slots=True, eq=False)
class Chances:
    """What each client's leaving was drawn from. Arrays are sessions x clients, of the first role's contacts
    as they were planned, those after somebody left included."""

    day: NDArray[np.int32]
    leaving: Floats  # chance of leaving after the session and before the next, given still in treatment

    def hazard(self, client: Ints, day: Ints) -> Floats:
        """The hazard of leaving by day, as it truly was after the last session up to `day`. Both (n,)."""
        gap = np.maximum(np.diff(self.day, axis=0, append=self.day[-1:] + 1), 1)
        daily = -np.log1p(-self.leaving) / gap
        result = np.zeros(len(client))
        for days, hazard in zip(self.day, daily, strict=True):
            here = (days[client] <= day) & (hazard[client] > 0)
            result = np.where(here, hazard[client], result)
        return result

    def within(self, client: Ints, day: Ints, horizon: int) -> Floats:
        """The true chance that a session from `day` on, and before `horizon` days later, is the last one.

        `client` and `day` (n,). It knows the alliance that was to come, which no forecast can.
        """
        stays = np.zeros(len(client))
        for days, chance in zip(self.day, self.leaving, strict=True):
            ahead = (days[client] >= day) & (days[client] < day + horizon)
            stays += np.where(ahead, np.log1p(-chance[client]), 0.0)
        result: Floats = -np.expm1(stays)
        return result


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """How each client's treatment ended in the record."""

    grid: Grid  # without the contacts after leaving
    gone: Bools  # (clients,): left early
    left: Bools  # the last session before leaving, in each relationship
    near: Bools  # the last sessions before leaving
    chances: Chances


def leave(
    numbers: Parameters, layout: Layout, grid: Grid, alliance: Floats, rng: np.random.Generator
) -> Ends:
    """Cut every client's contacts where they leave. `alliance` is true alliance on the 1-5 mean."""
    last_day = np.full(len(layout.clients), NEVER, dtype=np.int64)
    draws = rng.random((len(grid.day), len(layout.clients)))
    primary = Grid(grid.day[:, layout.primary], grid.present[:, layout.primary])
    chance = np.zeros(primary.day.shape)
    if numbers.leaving.by_quarter:
        standardised_alliance = (alliance[:, layout.primary] - numbers.alliance.mean) / numbers.alliance.sd
        chance = leaving_chance(numbers, primary, standardised_alliance)
        leaves = draws < chance
        first = np.argmax(leaves, axis=0)
        client = np.flatnonzero(leaves.any(axis=0))
        last_day[client] = primary.day[first[client], client]
    kept = replace(grid, present=grid.present & (grid.day <= last_day[layout.client]))
    gone = last_day < NEVER
    until_end = np.cumsum(kept.present[::-1], axis=0)[::-1]  # sessions from here to the last, it included
    of_leaver = kept.present & gone[layout.client]
    return Ends(
        kept,
        gone,
        of_leaver & (until_end == 1),
        of_leaver & (until_end <= numbers.forms.before_leaving),
        Chances(primary.day, chance),
    )


def leaving_chance(numbers: Parameters, grid: Grid, standardised_alliance: Floats) -> Floats:
    """Chance of leaving after each session and before the next; 0 where the record knows no next session.

    `standardised_alliance` is true alliance in SD around the first session's mean. The hazard is scaled so
    that its mean over those still in treatment follows the stated quarters, whatever the hazard ratio.
    """
    leaving, effect = numbers.leaving, np.log(numbers.leaving.hazard_ratio)
    gap = np.diff(grid.day, axis=0, append=grid.day[-1:])
    daily = -np.log1p(-np.array(leaving.by_quarter)) / leaving.quarter_days
    in_treatment = grid.day - grid.day[0]
    quarter = np.minimum(in_treatment // leaving.quarter_days, len(daily) - 1)
    hazard = daily[quarter] * gap
    so_far = np.cumsum(hazard, axis=0) - hazard
    centre, spread = _cohort(numbers.alliance, numbers.ruptures, np.log1p(in_treatment / 7.0))
    # those still in treatment have the better alliances, the more so the more have left
    stayed = centre + effect * spread * so_far
    mean_factor = -effect * stayed + effect**2 * spread / 2.0
    chance = -np.expm1(-hazard * np.exp(-effect * standardised_alliance - mean_factor))
    has_next = np.vstack((grid.present[1:], np.zeros_like(grid.present[:1])))
    return np.where(grid.present & has_next, chance, 0.0)


def _cohort(alliance: Alliance, ruptures: Ruptures, log_week: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of true alliance over clients at a time, in SD, before anybody leaves."""
    onset = float(np.mean(ruptures.onset))
    share = onset / (onset + 1.0 / ruptures.mean_length)
    fall = share * float(np.mean(ruptures.depth)) * alliance.within_sd / alliance.sd
    top = alliance.client_sd / alliance.sd * alliance.top_shift
    centre = alliance.trend * log_week - fall + alliance.top_share * top
    spread = (
        1.0
        - alliance.noise_share
        + (slope_sd(alliance) * log_week) ** 2
        + alliance.top_share * (1.0 - alliance.top_share) * top**2
    )
    return centre, spread


def missed_contacts(
    numbers: Attendance,
    roles: tuple[Role, ...],
    layout: Layout,
    episodes: Episodes,
    ends: Ends,
    rng: np.random.Generator,
) -> Bools:
    """Contacts the client missed; the last before leaving was attended by definition."""
    calm = np.array([1.0 - role.attendance for role in roles])[layout.role]
    factor = 1.0 + numbers.strength * (numbers.factor - 1.0) * (episodes.in_rupture | ends.near)
    chance = np.minimum(calm * factor, ONE_CHANCE_AT_MOST)
    missed: Bools = rng.random(chance.shape) < chance
    return missed & ~ends.left


def missing_forms(
    numbers: Forms, layout: Layout, episodes: Episodes, ends: Ends, rng: np.random.Generator
) -> Bools:
    """Forms that the client does not fill, apart from those of missed contacts."""
    calm = rng.uniform(*numbers.missing, len(layout.clients))[layout.client]
    after = np.vstack((np.zeros_like(episodes.in_rupture[:1]), episodes.in_rupture[:-1]))
    factor = 1.0 + numbers.strength * (numbers.factor - 1.0) * (after | ends.near)
    chance = np.minimum(calm * factor, ONE_CHANCE_AT_MOST)
    return rng.random(chance.shape) < chance
