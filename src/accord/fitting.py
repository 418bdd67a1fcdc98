"""Multilevel models from Python: a formula and a table in, a fit out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord.errors import InputError, how_to_install

if TYPE_CHECKING:
    from accord.science.multilevel.hurdle import Hurdle
    from accord.science.multilevel.result import Fit

FAMILIES = (
    "gaussian",
    "bernoulli",
    "cloglog",
    "poisson",
    "negative-binomial",
    "zero-inflated-poisson",
    "zero-inflated-negative-binomial",
    "truncated-poisson",
    "truncated-negative-binomial",
)
HURDLES = ("hurdle-poisson", "hurdle-negative-binomial")


def fit(
    formula: str,
    data: Any,
    *,
    family: str = "gaussian",
    offset: str | None = None,
    prior_sd: float | None = None,
    firth: bool = False,
) -> Fit:
    """Fit a multilevel model by maximum likelihood, for example of self-injury counts on the alliance.

        accord.fit("nssi ~ time + aw + ab + (1 + time | client) + (1 | clinician)", "frame.csv",
                   family="negative-binomial", offset="log_days")

    `data`: the path of a CSV file, a pandas, polars or other data frame, or a mapping of columns. `offset`
    names a column that is added to the linear predictor (for a rate: the logarithm of the days). For rare
    events, `prior_sd` puts weak normal priors on the coefficients, in units of their predictors' SD, and
    `firth` takes Firth's penalised likelihood (`bernoulli` and `cloglog` without random terms). Needs the
    extra `study`. Raises InputError for data or a formula that cannot be used.
    """
    from accord.science.multilevel.model_frame import data_of
    from accord.science.multilevel.result import fitted

    if family not in FAMILIES:
        raise InputError(f"one of {', '.join(FAMILIES)}", found=repr(family))
    arrays, notes = data_of(
        formula, _table(data), family=family, offset=offset, prior_sd=prior_sd, firth=firth
    )
    return fitted(arrays, tuple(notes))


def hurdle(
    formula: str,
    data: Any,
    *,
    family: str = "hurdle-negative-binomial",
    any_formula: str | None = None,
    any_family: str = "bernoulli",
    offset: str | None = None,
    prior_sd: float | None = None,
) -> Hurdle:
    """Fit a hurdle model of counts: whether there is any at all, and how many where there is one.

        accord.hurdle("nssi ~ time + aw + ab + (1 | client)", "frame.csv",
                      any_formula="nssi ~ aw + (1 | client)")

    `any_formula`: of the first part, where it is not the same. `any_family`: `bernoulli`, or `cloglog`, with
    which an offset of log days makes the first part a rate too. Everything else as in `fit`.
    """
    from accord.science.multilevel import hurdle as science
    from accord.science.multilevel.model_frame import complete, data_of

    if family not in HURDLES:
        raise InputError(f"one of {', '.join(HURDLES)}", found=repr(family))
    formulas = (any_formula or formula, formula)
    whole, notes = complete(formulas, _table(data), offset)
    first, second = (
        data_of(part_formula, whole, family=name, offset=offset, prior_sd=prior_sd)[0]
        for part_formula, name in zip(formulas, (any_family, science.TRUNCATED[family]), strict=True)
    )
    return science.hurdle(family, first, second, tuple(notes))


def _table(data: Any) -> Any:
    """A pandas frame, which formulaic reads."""
    try:
        import pandas as pd
    except ImportError as error:
        raise InputError(f"the extra `study`, which brings pandas; {how_to_install('study')}") from error
    if isinstance(data, (str, os.PathLike)):
        return _read(Path(data), pd)
    if isinstance(data, pd.DataFrame):
        return data
    import narwhals as nw

    frame = nw.from_native(data, eager_only=True, pass_through=True)
    return frame.to_pandas() if isinstance(frame, nw.DataFrame) else pd.DataFrame(data)


def _read(path: Path, pd: Any) -> Any:
    if not path.is_file():
        raise InputError("a CSV file", file=str(path), found="no such file")
    try:
        table = pd.read_csv(path, sep=";" if _semicolons(path) else ",", encoding="utf-8-sig")
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(
            "a table of comma-separated values in UTF-8", file=str(path), found=str(error)
        ) from error
    if not len(table):
        raise InputError("at least one row below the header", file=str(path), found="none")
    return table


def _semicolons(path: Path) -> bool:
    with path.open(encoding="utf-8", errors="replace") as file:
        header = file.readline()
    return header.count(";") > header.count(",")
