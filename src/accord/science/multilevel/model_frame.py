"""From a formula and a table to arrays; the fixed part is read by formulaic (extra `study`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from accord.arrays import Bools, Floats, Ints
from accord.errors import InputError, how_to_install
from accord.science.multilevel.estimate import Data
from accord.science.multilevel.formula import Formula, MembershipPart, RandomPart, parse
from accord.science.multilevel.layout import Term

OFFSET = "offset"


def data_of(
    formula: str,
    table: Any,
    *,
    family: str,
    offset: str | None = None,
    prior_sd: float | None = None,
    firth: bool = False,
) -> tuple[Data, list[str]]:
    """The arrays of a model, with notes about them. `table` is a pandas data frame.

    Rows with a gap in a column of the formula are left out, and a note says how many. InputError names an
    unknown column or a part that was not understood.
    """
    read = parse(formula)
    whole, notes = complete([formula], table, offset)
    names, x = _matrix(read.fixed, whole)
    terms = tuple(_term(part, whole) for part in read.random)
    extra = _numbers(whole, offset) if offset else np.zeros(len(whole))
    y = _numbers(whole, read.outcome)
    return Data(y, x, _joined(terms), extra, names, family, prior_sd, firth), notes


def complete(formulas: Sequence[str], table: Any, offset: str | None) -> tuple[Any, list[str]]:
    """The rows without a gap in a column that the formulas need, with notes about the table's rows."""
    read = [parse(formula) for formula in formulas]
    if len({formula.outcome for formula in read}) > 1:
        raise InputError(f"one outcome, {read[-1].outcome}", found=read[0].outcome)
    used = list(dict.fromkeys(name for formula in read for name in _columns(formula, table, offset)))
    whole = table[used].dropna()
    notes = [f"{len(table) - len(whole)} rows with a gap were left out"] if len(whole) < len(table) else []
    if not len(whole):
        raise InputError("at least one row without a gap", found="none")
    repeated = int(table.duplicated().sum())
    if repeated:
        notes.append(
            f"{repeated} rows are the same as an earlier one in every column: look for rows entered twice"
        )
    return whole, notes


def _columns(read: Formula, table: Any, offset: str | None) -> list[str]:
    """The table's columns that the model needs."""
    asked = {read.outcome, *_variables(read.fixed)} | ({offset} if offset else set())
    for part in read.random:
        if isinstance(part, RandomPart):
            asked |= {part.group, *_variables(part.design)}
        else:
            asked |= {*part.groups, *part.weights}
    there = [str(name) for name in table.columns]
    for name in sorted(asked):
        if name not in there:
            raise InputError(
                f"a column of the table ({', '.join(there)})", column=name, found="none of that name"
            )
    return [name for name in there if name in asked]


def _formulaic() -> Any:
    try:
        import formulaic
    except ImportError as error:
        raise InputError(f"the extra `study`, which reads formulas; {how_to_install('study')}") from error
    return formulaic


def _variables(design: str) -> set[str]:
    try:
        return {str(name) for name in _formulaic().Formula(design).required_variables}
    except InputError:
        raise
    except Exception as error:  # formulaic raises many kinds, none of which names the formula's part
        raise InputError("terms that can be read, such as 'time + aw'", found=repr(design)) from error


def _matrix(design: str, table: Any) -> tuple[tuple[str, ...], Floats]:
    """The model matrix; each level of a text column is set against the first in the alphabet."""
    try:
        matrix = _formulaic().model_matrix(design, table, output="pandas", ensure_full_rank=True)
    except Exception as error:
        raise InputError("terms that can be worked out", found=f"{design!r} ({error})") from error
    return tuple(map(str, matrix.columns)), np.ascontiguousarray(matrix.to_numpy(dtype=np.float64))


def _numbers(table: Any, name: str) -> Floats:
    try:
        numbers: Floats = table[name].to_numpy(dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError("numbers", column=name, found="text") from error
    return numbers


def _codes(columns: Sequence[Any]) -> Ints:
    """Codes (n, m) of the groups named in m columns, which share their names."""
    names = np.concatenate([column.astype(str).to_numpy() for column in columns])
    codes = np.unique(names, return_inverse=True)[1]
    return codes.reshape(len(columns), -1).T.astype(np.int64)


def _term(part: RandomPart | MembershipPart, table: Any) -> Term:
    if isinstance(part, MembershipPart):
        weights = np.column_stack([_numbers(table, name) for name in part.weights])
        member = _codes([table[name] for name in part.groups])
        ones = np.ones((len(table), 1))
        return Term(
            " + ".join(part.groups), ("Intercept",), ones, member, weights, np.ones((1, 1), dtype=bool)
        )
    names, design = _matrix(part.design, table)
    q = len(names)
    free = np.tril(np.ones((q, q), dtype=bool)) if part.correlated else np.eye(q, dtype=bool)
    return Term(part.group, names, design, _codes([table[part.group]]), np.ones((len(table), 1)), free)


def _joined(terms: Sequence[Term]) -> tuple[Term, ...]:
    """Join terms of one grouping, with coefficients independent between them: '(1|g) + (0 + t|g)'."""
    by_group: dict[str, Term] = {}
    for term in terms:
        by_group[term.group] = _beside(by_group[term.group], term) if term.group in by_group else term
    return tuple(by_group.values())


def _beside(first: Term, second: Term) -> Term:
    twice = set(first.names) & set(second.names)
    if twice or not (first.single and second.single):
        raise InputError(
            "each coefficient of a grouping once", column=first.group, found=", ".join(sorted(twice))
        )
    free: Bools = np.zeros((first.q + second.q,) * 2, dtype=bool)
    free[: first.q, : first.q], free[first.q :, first.q :] = first.free, second.free
    design = np.column_stack([first.design, second.design])
    return Term(first.group, (*first.names, *second.names), design, first.member, first.weight, free)
