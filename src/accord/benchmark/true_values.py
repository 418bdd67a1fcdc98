"""The tracker's population values computed from the simulator's parameters instead of learned.

Where the simulator goes beyond the model (a rate of onset for each relationship, ruptures that build up,
noise with heavy tails), the nearest values of the model are taken. All on the unit scale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from accord.benchmark.case import Case
from accord.records.ratings import Rater
from accord.science.tracker.alarm_threshold import draw_line
from accord.science.tracker.channels import ATTENDANCE, CLINICIAN, FORM, PROBE, TOP_URGE, URGE, with_channels
from accord.science.tracker.panel import lay_out
from accord.science.tracker.population import Chance, Population, Reading
from accord.science.tracker.update import OUTLIER
from accord.simulator.alliance import slope_sd
from accord.simulator.forms import CHECKIN
from accord.simulator.parameters import SCALE_HIGH, SCALE_LOW, Parameters, Ruptures, Schedule
from accord.simulator.scenarios import Scenario

SPAN = SCALE_HIGH - SCALE_LOW
LEAST = 1e-6  # in the place of a true 0, whose logarithm the filter could not take
SURELY = 1e-3  # a chance is at least so far from 0 and 1
NODES = 4001  # quantiles of the heavy-tailed noise
LONGEST = 200  # sessions


def true_population(case: Case) -> Population:
    """The population from which the case was drawn, with the alarm line that goes with it."""
    numbers, instrument = case.scenario.parameters, case.followed
    width = instrument.high - instrument.low
    spread = scatter(case.scenario, width)
    mean, sd = levels(numbers)
    values = replace(
        Population.prior(instrument),
        mean_level=mean,
        mean_slope=numbers.alliance.sd * numbers.alliance.trend / SPAN,
        sd_level=sd,
        sd_slope=numbers.alliance.sd * slope_sd(numbers.alliance) / SPAN,
        sd_drift=max(LEAST, drift(numbers)),
        sd_within=spread.within,
        state_share=(numbers.alliance.part_sd(numbers.alliance.state_share) / SPAN / spread.within) ** 2,
        ar=numbers.alliance.ar1,
        outliers=spread.outliers,
        onset=max(LEAST, float(np.mean(numbers.ruptures.onset))),
        exit=1 / numbers.ruptures.mean_length,
        depth=mean_depth(numbers.ruptures) * numbers.alliance.within_sd / SPAN / spread.within,
        grain=1 / width if case.scenario.instrument == CHECKIN else 10.0**-case.scenario.decimals / width,
        chances=chances(numbers),
        readings=readings(numbers),
    )
    panel = with_channels(lay_out(case.ratings, instrument), case.ratings, instrument, Rater.CLIENT)
    return draw_line(values, panel, case.seed)


@dataclass(frozen=True, slots=True)
class Scatter:
    within: float  # SD of calm ratings about the own level
    outliers: float


def scatter(scenario: Scenario, width: float) -> Scatter:
    """State, noise and rounding together. `width` is that of the instrument's scale."""
    alliance = scenario.parameters.alliance
    state, noise = (alliance.part_sd(share) / SPAN for share in (alliance.state_share, alliance.noise_share))
    core, outliers = (1.0, LEAST) if math.isinf(alliance.noise_df) else heavy_tails(alliance.noise_df)
    items = len(scenario.parameters.checkin.offsets) if scenario.instrument == CHECKIN else 1
    rounding = items * (10.0**-scenario.decimals / width) ** 2 / 12
    return Scatter(math.sqrt(state**2 + (core * noise) ** 2 + rounding), outliers)


def heavy_tails(df: float) -> tuple[float, float]:
    """SD of the narrow part, and share of the wide one, of the two normals nearest to a t of variance 1.

    Nearest in Kullback and Leibler's sense, over the quantiles of the t.
    """
    from scipy.optimize import minimize
    from scipy.special import stdtrit

    x = stdtrit(df, (np.arange(NODES) + 0.5) / NODES) * math.sqrt((df - 2) / df)

    def cost(at: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
        sd, share = math.exp(at[0]), 1 / (1 + math.exp(-at[1]))
        parts = [
            math.log(w) - math.log(s) - 0.5 * (x / s) ** 2
            for w, s in ((1 - share, sd), (share, OUTLIER * sd))
        ]
        return -float(np.logaddexp(*parts).mean())

    solution = minimize(cost, np.array([-0.3, -2.0]), method="Nelder-Mead").x
    return math.exp(solution[0]), 1 / (1 + math.exp(-solution[1]))


def levels(numbers: Parameters) -> tuple[float, float]:
    """Mean and SD of own levels at the first session; those near the top make the SD wider."""
    alliance = numbers.alliance
    lift, share = alliance.client_sd * alliance.top_shift, alliance.top_share
    variance = alliance.client_sd**2 + alliance.part_sd(alliance.clinician_share) ** 2
    variance += share * (1 - share) * lift**2
    return (alliance.mean + share * lift - SCALE_LOW) / SPAN, math.sqrt(variance) / SPAN


def drift(numbers: Parameters) -> float:
    """What ruptures left unrepaired take from the own level, as a drift per square root of a week."""
    ruptures = numbers.ruptures
    step = ruptures.scar * float(np.mean(ruptures.depth)) * numbers.alliance.within_sd / SPAN
    return step * math.sqrt(float(np.mean(ruptures.onset)) * (1 - ruptures.repaired))


def mean_depth(ruptures: Ruptures) -> float:
    """Mean depth, in within-SD, over the sessions of ruptures: less than the full one while they build up."""
    age = np.arange(1, LONGEST)
    lasts = (1 - ruptures.exit) ** np.maximum(age - ruptures.shortest, 0)
    reached = np.minimum(age / ruptures.build, 1.0)
    return float(np.mean(ruptures.depth)) * float(lasts @ reached / lasts.sum())


def chances(numbers: Parameters) -> dict[str, Chance]:
    """Channels that say yes or no. Forms go missing only after a session in a rupture."""
    probe, attendance, forms = numbers.probe, numbers.attendance, numbers.forms
    missed = 1 - _attended(numbers.schedule)
    more = attendance.strength * (attendance.factor - 1)
    empty, after = float(np.mean(forms.missing)), forms.strength * (forms.factor - 1)
    onset, going_on = float(np.mean(numbers.ruptures.onset)), 1 - 1 / numbers.ruptures.mean_length
    return {
        PROBE: _chance(probe.calm, probe.calm + probe.strength * (probe.rupture - probe.calm)),
        ATTENDANCE: _chance(1 - missed, 1 - missed * (1 + more)),
        FORM: _chance(empty * (1 + after * onset), empty * (1 + after * going_on)),
    }


def readings(numbers: Parameters) -> dict[str, Reading]:
    """Channels with a level of their own. The clinician's falls only in ruptures that are noticed."""
    alliance, clinician, urge = numbers.alliance, numbers.clinician, numbers.urge
    depth = mean_depth(numbers.ruptures)
    own = alliance.part_sd(clinician.clinician_share + clinician.relationship_share) / SPAN
    scatter_sd = alliance.part_sd(clinician.state_share + clinician.noise_share) / SPAN
    fall = clinician.strength * numbers.ruptures.noticed * depth * scatter_sd
    noise = math.sqrt(urge.noise_sd**2 + 1 / 12)
    return {
        URGE: Reading(
            urge.mean / TOP_URGE,
            urge.client_sd / TOP_URGE,
            noise / TOP_URGE,
            urge.strength * urge.per_depth * depth / TOP_URGE,
            1 / TOP_URGE,
        ),
        CLINICIAN: Reading(
            (alliance.mean + clinician.shift * alliance.sd - SCALE_LOW) / SPAN, own, scatter_sd, -fall
        ),
    }


def _attended(schedule: Schedule) -> float:
    weight = [role.share / role.every_weeks for role in schedule.roles]
    return float(np.average([role.attendance for role in schedule.roles], weights=weight))


def _chance(calm: float, rupture: float) -> Chance:
    return Chance(*(min(1 - SURELY, max(SURELY, chance)) for chance in (calm, rupture)))
