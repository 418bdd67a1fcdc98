"""A programme's dropout model: fitted to its own record, calibrated on people left out of the fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from accord.arrays import Bools, Floats, Ints
from accord.errors import InputError
from accord.science.dropout.calibration import UNCHANGED, Calibration, calibrate
from accord.science.dropout.covariates import NAMES, Basis, basis, covariates, varying
from accord.science.dropout.definition import Definition, Followed, followed
from accord.science.dropout.hazard import Hazard, NoFit, chance_within, fit, fit_competing
from accord.science.dropout.leakage import refuse_leaks
from accord.science.dropout.record import Record, Series, Setting
from accord.science.dropout.risk_set import LEFT, Rows, rows
from accord.science.dropout.sample_size import (
    COVARIATES_LEAST,
    LEAVERS_FOR_ONE,
    Base,
    TooLittle,
    Why,
    covariates_allowed,
    refuse_unsure,
)
from accord.science.dropout.scoring import seen

METHOD_VERSION = "leaving-1"
FOLDS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A record's rows with the covariates known at each: x (rows, covariates), clinician (rows,)."""

    record: Record
    followed: Followed
    basis: Basis
    rows: Rows
    x: Floats
    clinician: Ints

    def since(self, day: int) -> Prepared:
        """The rows from a day on."""
        later = self.rows.day >= day
        rows, x, clinician = self.rows.chosen(later), self.x[later], self.clinician[later]
        return replace(self, rows=rows, x=x, clinician=clinician)

    @property
    def base(self) -> Base:
        """Leavers among the clients a model can learn from."""
        left = np.unique(self.rows.client[self.rows.status == LEFT])
        days = int(np.ptp(self.rows.day)) if len(self.rows) else 0
        return Base(len(left), len(np.unique(self.rows.client)), days)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    definition: Definition
    setting: Setting
    basis: Basis
    leaving: Hazard
    competing: Hazard
    calibration: Calibration  # on people of clinicians it was not learned from
    base: Base

    def chance(self, x: Floats) -> Floats:
        """Calibrated chance of leaving within the horizon: (n,) for covariates (n, NAMES)."""
        return self.calibration.put_right(chance_within(self.leaving, self.competing, x, self.setting))

    def to_json(self) -> dict[str, Any]:
        return {
            "method": METHOD_VERSION,
            "definition": asdict(self.definition),
            "setting": asdict(self.setting),
            "basis": self.basis.to_json(),
            "leaving": _hazard_json(self.leaving),
            "competing": _hazard_json(self.competing),
            "calibration": {
                "intercept": self.calibration.intercept,
                "slope": self.calibration.slope,
                "covariance": self.calibration.covariance.tolist(),
            },
            "base": asdict(self.base),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Model:
        """ValueError for a model of another method."""
        if values.get("method") != METHOD_VERSION:
            raise ValueError(f"found a model by {values.get('method')}, expected {METHOD_VERSION}")
        own = values["calibration"]
        return cls(
            Definition(**values["definition"]),
            Setting(**values["setting"]),
            Basis(**values["basis"]),
            _hazard(values["leaving"]),
            _hazard(values["competing"]),
            Calibration(own["intercept"], own["slope"], np.array(own["covariance"])),
            Base(**values["base"]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """A model, its rows, and uncalibrated chances of the rows by models of other clinicians' clients."""

    model: Model
    whole: Prepared
    held_out_chances: Floats


def prepare(record: Record, definition: Definition, setting: Setting, known: Basis | None = None) -> Prepared:
    """Rows and covariates. `known` is the basis a model was learned with; by default the record's own."""
    followed_clients = followed(record, definition)
    at = rows(record, followed_clients, setting.step)
    known = known or basis(record)
    x = covariates(record, followed_clients.first, at.client, at.day, setting, known)
    return Prepared(record, followed_clients, known, at, x, _clinician(record, at))


def _clinician(record: Record, at: Rows) -> Ints:
    """The clinician whom the client mostly sees as of the row, else their first; -1 where there is none."""
    main = np.flatnonzero(record.main)
    of_client = np.full(record.clients, -1, dtype=np.int64)
    of_client[record.client[main][::-1]] = record.clinician[main][::-1]
    place = Series(record.client[main], record.day[main]).latest(at.client, at.day)
    first: Ints = of_client[at.client]
    return np.where(place >= 0, record.clinician[main[place]], first) if len(main) else first


def learn(record: Record, definition: Definition, setting: Setting, *, strict: bool = True) -> Learned:
    """Fit and calibrate. Raises TooLittle where a forecast would be too uncertain to show.

    With `strict` False a model is fitted even so, for judging the method on a part of a record.
    """
    whole = prepare(record, definition, setting)
    base = whole.base
    most = covariates_allowed(base) if strict else max(COVARIATES_LEAST, base.leavers // LEAVERS_FOR_ONE)
    _refuse_leaks(whole, setting)
    try:
        model = _fitted(whole, most, definition, setting)
        apart = np.full(len(whole.rows), np.nan)
        for fold in folds(whole):
            inside = fold[whole.rows.client]
            apart[inside] = _held_out_chances(record, fold, definition, setting, most)
        who = seen(whole.rows.days, whole.rows.status, setting.horizon)
        calibration = calibrate(apart, who, whole.rows.client)
    except (NoFit, InputError, ArithmeticError) as error:
        raise TooLittle(Why.NO_FIT, base, None) from error
    if strict:
        refuse_unsure(base, calibration)
    return Learned(replace(model, calibration=calibration), whole, apart)


def _refuse_leaks(whole: Prepared, setting: Setting) -> None:
    def build(record: Record, client: Ints, day: Ints) -> Floats:
        first = followed(record, Definition()).first
        return covariates(record, first, client, day, setting, whole.basis)

    refuse_leaks(build, NAMES, whole.record, whole.rows, setting, np.random.default_rng(0))


def _fitted(whole: Prepared, most: int, definition: Definition, setting: Setting) -> Model:
    names = tuple(varying(whole.x)[:most])
    leaving = fit(whole.rows, whole.x, whole.clinician, names, setting)
    competing = fit_competing(whole.rows, whole.x, setting)
    return Model(definition, setting, whole.basis, leaving, competing, UNCHANGED, whole.base)


def _held_out_chances(
    record: Record, fold: Bools, definition: Definition, setting: Setting, most: int
) -> Floats:
    """Uncalibrated chances of the clients in the fold, by a model of all others."""
    others = prepare(record.of_clients(~fold), definition, setting)
    model = _fitted(others, most, definition, setting)
    return model.chance(prepare(record.of_clients(fold), definition, setting, others.basis).x)


def folds(whole: Prepared) -> Iterator[Bools]:
    """Folds of clients (clients,), each of about a fifth of the clinicians, or of the clients."""
    group = _clinician_of_client(whole)
    codes, place, count = np.unique(group, return_inverse=True, return_counts=True)
    if len(codes) < FOLDS:
        place, count = np.arange(len(group)), np.ones(len(group), dtype=np.int64)
    fold_of = np.empty(len(count), dtype=np.int64)
    size = np.zeros(FOLDS)
    for index in np.argsort(-count, kind="stable"):  # the largest first, each to the smallest fold so far
        fold_of[index] = np.argmin(size)
        size[fold_of[index]] += count[index]
    for k in range(FOLDS):
        if (fold_of[place] == k).any():
            yield fold_of[place] == k


def _clinician_of_client(whole: Prepared) -> Ints:
    group = np.full(whole.record.clients, -1, dtype=np.int64)
    client, first = np.unique(whole.rows.client, return_index=True)
    group[client] = whole.clinician[first]
    return group


def _hazard_json(hazard: Hazard) -> dict[str, Any]:
    return {
        "names": list(hazard.names),
        "beta": hazard.beta.tolist(),
        "covariance": hazard.covariance.tolist(),
        "means": hazard.means.tolist(),
    }


def _hazard(values: Mapping[str, Any]) -> Hazard:
    return Hazard(
        tuple(values["names"]),
        np.array(values["beta"]),
        np.array(values["covariance"]),
        np.array(values["means"]),
    )
