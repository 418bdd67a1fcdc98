"""The study frame as arrays for models: person, period, arm and clinicians of each row."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from accord.arrays import Bools, Floats, Ints
from accord.science.multilevel.centring import Split, detrended, lagged, person_mean, so_far
from accord.science.multilevel.layout import Term
from accord.study.models.question import Centring, Kind, Outcome
from accord.study.models.refusals import Refused, Why

FEWEST_CLINICIANS = 5  # below it no clinicians' part is reported
PERIOD_DAYS = 28.0
CLINICIANS = (("clinician", "weight_1"), ("clinician_2", "weight_2"), ("clinician_3", "weight_3"))
KINDS = {"attempt": Kind.EVENT, "outcome": Kind.SCORE, "left": Kind.LEAVING}  # all else is counted


class PlanLike(Protocol):
    """The part of a plan read here. `lag` in periods; `minimum_cell`: fewest people behind any number."""

    @property
    def outcomes(self) -> tuple[str, ...]: ...
    @property
    def lag(self) -> int: ...
    @property
    def minimum_cell(self) -> int: ...
    @property
    def period_days(self) -> int: ...
    @property
    def seed(self) -> int: ...


class FrameLike(Protocol):
    """The part of a study frame that is read here: one row per client and period."""

    @property
    def columns(self) -> Mapping[str, NDArray[np.generic]]: ...
    @property
    def facets(self) -> tuple[str, ...]: ...
    @property
    def raters(self) -> tuple[str, ...]: ...
    @property
    def kinds(self) -> tuple[str, ...]: ...
    @property
    def outcome(self) -> str | None: ...
    @property
    def plan(self) -> PlanLike: ...


class Panel:
    """A frame with people and arms as codes. `arms`: those of enough people, in order of their names."""

    def __init__(self, frame: FrameLike) -> None:
        self.frame = frame
        self.person = _codes(self.words("client"))
        self.people = int(self.person.max(initial=-1)) + 1
        self.period = self.numbers("period").astype(np.int64)
        self.days = self.numbers("days")
        self.fewest = frame.plan.minimum_cell

    def __len__(self) -> int:
        return len(self.person)

    def has(self, name: str) -> bool:
        return name in self.frame.columns

    def numbers(self, name: str) -> Floats:
        """A column (rows,), NaN for gaps. Raises Refused where the frame has none of that name."""
        if not self.has(name):
            raise Refused(Why.ABSENT, what=name)
        return np.asarray(self.frame.columns[name], dtype=np.float64)

    def words(self, name: str) -> NDArray[np.str_]:
        """A column of names (rows,), empty for gaps."""
        if not self.has(name):
            return np.full(len(next(iter(self.frame.columns.values()))), "", dtype=np.str_)
        column = self.frame.columns[name]
        return np.array(["" if _gap(word) else str(word) for word in column.tolist()], dtype=np.str_)

    @cached_property
    def arm(self) -> NDArray[np.str_]:
        return self.words("arm")

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Number of people in each arm."""
        return {str(arm): self.count(self.arm == arm) for arm in np.unique(self.arm)}

    @cached_property
    def arms(self) -> tuple[str, ...]:
        return tuple(arm for arm, people in self.sizes.items() if people >= self.fewest)

    def count(self, rows: Bools) -> int:
        """Number of people who have one of these rows."""
        return len(np.unique(self.person[rows]))

    def outcomes(self) -> tuple[Outcome, ...]:
        """Outcomes of the plan. Attempts are so rare that only their occurrence in a period is analysed."""
        columns = [name.replace("-", "_") for name in self.frame.plan.outcomes]
        return tuple(Outcome(column, KINDS.get(column, Kind.COUNT)) for column in columns)

    def alliance(self, facet: str, rater: str, centring: Centring, lag: int) -> Split:
        """Between and within parts (rows,); within of the period before, or with lag 0 of the same."""
        name = f"{facet}_{rater}"
        if centring is Centring.SO_FAR:
            return so_far(self.numbers(name), self.person, self.period)
        if centring is Centring.AS_PLANNED:
            within = f"{name}_within_lag" if lag else f"{name}_within"
            return Split(self.numbers(f"{name}_between"), self.numbers(within))
        value = self.numbers(name)
        split = (
            person_mean(value, self.person)
            if centring is Centring.PERSON_MEAN
            else detrended(value, self.person, self.period.astype(np.float64))
        )
        return Split(split.between, self.before(split.within)) if lag else split

    def before(self, value: Floats) -> Floats:
        """The value the plan's lag earlier (one period), NaN where there is none."""
        for _ in range(self.frame.plan.lag):
            value = lagged(value, self.person, self.period)
        return value

    @cached_property
    def clinicians(self) -> int:
        """Number of clinicians that the frame names."""
        names = {str(code) for name, _ in CLINICIANS for code in np.unique(self.words(name))}
        return len(names - {""})

    def clinician_term(self, rows: Bools) -> Term | None:
        """The random intercept of clinicians for these rows; several of one client by their weights."""
        names = np.column_stack([self.words(name)[rows] for name, _ in CLINICIANS])
        weights = np.column_stack([self._weight(k, rows) for k in range(len(CLINICIANS))])
        weights = np.where(names == "", 0.0, weights)
        total = weights.sum(axis=1, keepdims=True)
        if not (total > 0).all():
            return None
        filled = np.where(names == "", names[np.arange(len(names)), weights.argmax(axis=1)][:, None], names)
        kept = [k for k in range(weights.shape[1]) if weights[:, k].any()]
        member = _codes(filled[:, kept].ravel()).reshape(-1, len(kept))
        if int(member.max()) + 1 < FEWEST_CLINICIANS:
            return None
        ones, free = np.ones((len(member), 1)), np.ones((1, 1), dtype=bool)
        return Term("clinician", ("Intercept",), ones, member, (weights / total)[:, kept], free)

    def _weight(self, k: int, rows: Bools) -> Floats:
        weight = CLINICIANS[k][1]
        if self.has(weight):
            return np.nan_to_num(self.numbers(weight)[rows])
        return np.full(int(rows.sum()), 1.0 if k == 0 else 0.0)

    def client_term(self, rows: Bools, slope: Floats | None = None) -> Term:
        """A level of each client's own, and a slope (rows kept,) where given; correlated."""
        member = _codes(self.person[rows])[:, None]
        ones = np.ones((len(member), 1))
        names: tuple[str, ...] = ("Intercept",) if slope is None else ("Intercept", "within")
        design = ones if slope is None else np.column_stack([ones, slope])
        q = len(names)
        return Term("client", names, design, member, ones, np.tril(np.ones((q, q), dtype=bool)))


def _codes(names: NDArray[np.generic]) -> Ints:
    codes: Ints = np.unique(names, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return codes


def _gap(value: object) -> bool:
    return value is None or value != value  # NaN, which alone differs from itself
