"""Random terms laid out for block elimination: one grouping as small blocks, all others as the border.

The grouping with the most groups (clients) gives blocks that only meet through the border (clinicians,
groups), so the whole system is solved by inverting many small matrices and one of the border's size.
Shapes: n rows; G groups of the block with q coefficients each; E entries of a row in the border; K columns
of the border; P pairs of a group and a border column that some row shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


LARGEST_TABLE = 5_000_000  # entries of a table that is looked up instead of sorting


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """Coefficients that differ between groups: normal, with a covariance of their own.

    design (n, q): what each coefficient multiplies; member, weight (n, m): the groups of a row (codes from
    0) and how much each counts, m = 1 but for multiple membership; free (q, q): which elements of the
    covariance's lower root may differ from 0.
    """

    group: str
    names: tuple[str, ...]
    design: Floats
    member: Ints
    weight: Floats
    free: Bools

    @property
    def groups(self) -> int:
        return 1 + int(self.member.max(initial=-1))

    @property
    def q(self) -> int:
        return int(self.design.shape[1])

    @property
    def single(self) -> bool:
        return self.member.shape[1] == 1 and bool((self.weight == 1).all())


def intercepts(group: str, member: Ints) -> Term:
    """A random intercept for each group; `member` (n,)."""
    ones = np.ones((len(member), 1))
    return Term(group, ("Intercept",), ones, member[:, None], ones, np.ones((1, 1), dtype=bool))


@dataclass(frozen=True, slots=True)
class Band:
    """Where one border term lies: its first column, coefficients, groups and entries of a row."""

    first: int
    q: int
    groups: int
    entries: slice

    @property
    def columns(self) -> slice:
        return slice(self.first, self.first + self.q * self.groups)


class Layout:
    """Index arrays for rows in the order of the block's groups; `order` sorts the caller's rows."""

    def __init__(self, terms: Sequence[Term], n: int) -> None:
        single = [term for term in terms if term.single]
        self.block = max(single, key=lambda term: term.groups, default=None) or _nothing(n)
        self.border = [term for term in terms if term is not self.block]
        self.terms = [self.block, *self.border]
        self.order = np.argsort(self.block.member[:, 0], kind="stable")
        self.group = self.block.member[self.order, 0]
        self.starts = np.flatnonzero(np.diff(self.group, prepend=-1))
        self.rows_of = np.diff(self.starts, append=n)
        self.G, self.q, self.n = self.block.groups, self.block.q, n
        self.z = np.ascontiguousarray(self.block.design[self.order].T)
        self._lay_border()

    def _lay_border(self) -> None:
        columns, raw, bands, first, entries = [], [], [], 0, 0
        for term in self.border:
            m = term.member.shape[1]
            member, weight, design = term.member[self.order], term.weight[self.order], term.design[self.order]
            for k in range(m):
                columns += [first + member[:, k] * term.q + a for a in range(term.q)]
                raw += [weight[:, k] * design[:, a] for a in range(term.q)]
            bands.append(Band(first, term.q, term.groups, slice(entries, entries + m * term.q)))
            first, entries = first + term.q * term.groups, entries + m * term.q
        self.bands, self.K, self.E = bands, first, entries
        self.column: list[Ints] = columns
        self.raw: list[Floats] = raw
        self._lay_pairs()

    def _lay_pairs(self) -> None:
        keys = [self.group * self.K + column for column in self.column]
        found, self.pair = _numbered(keys, self.G * self.K)
        self.P = len(found)
        self.pair_group, self.pair_column = np.divmod(found, max(self.K, 1))
        # A group's pairs lie together, ordered by column, so a border term's coefficients do too.
        self.pairs_of = [
            np.flatnonzero((self.pair_column >= b.columns.start) & (self.pair_column < b.columns.stop))
            for b in self.bands
        ]

    @cached_property
    def combinations(self) -> tuple[Ints, Ints]:
        """Every ordered couple of pairs that belong to one group of the block."""
        count = np.bincount(self.pair_group, minlength=self.G)
        first = np.cumsum(count) - count
        times = count[self.pair_group]
        left = np.repeat(np.arange(self.P), times)
        within = np.arange(len(left)) - np.repeat(np.cumsum(times) - times, times)
        return left, np.repeat(first[self.pair_group], times) + within

    @cached_property
    def sparse(self) -> tuple[Ints, Ints, Ints, Ints]:
        """The cross block (G q, K) in compressed rows: indptr, indices, each value's pair and coefficient."""
        count = np.bincount(self.pair_group, minlength=self.G)
        indptr = np.concatenate([[0], np.cumsum(np.repeat(count, self.q))])
        row = np.repeat(np.arange(self.G * self.q), np.repeat(count, self.q))
        group, coefficient = np.divmod(row, max(self.q, 1))
        first = np.cumsum(count) - count
        pair = first[group] + np.arange(len(row)) - indptr[row]
        return indptr, self.pair_column[pair], pair, coefficient

    @cached_property
    def inner_products(self) -> list[tuple[int, int, Floats]]:
        return [(a, b, self.z[a] * self.z[b]) for a, b in combinations_with_replacement(range(self.q), 2)]

    @cached_property
    def cross_products(self) -> list[tuple[int, int, Floats]]:
        return [(e, a, self.raw[e] * self.z[a]) for e in range(self.E) for a in range(self.q)]

    @cached_property
    def border_products(self) -> list[tuple[int, int, Floats, Ints]]:
        """Each couple of entries of a row, and the place of its product in the border's matrix (K K)."""
        return [
            (d, e, self.raw[d] * self.raw[e], self.column[d] * self.K + self.column[e])
            for d, e in combinations_with_replacement(range(self.E), 2)
        ]

    def by_group(self, value: Floats) -> Floats:
        """Sums of (n,) over the rows of each group: (G,)."""
        total: Floats = np.add.reduceat(value, self.starts)
        return total

    def to_rows(self, value: Floats) -> Floats:
        """What belongs to a group (G,), at each of its rows: (n,)."""
        return np.repeat(value, self.rows_of)

    def scores(self, value: Floats) -> tuple[Floats, Floats]:
        """Z' value: (G, q) for the block and (K,) for the border."""
        inner = np.empty((self.G, self.q))
        for a in range(self.q):
            inner[:, a] = self.by_group(self.z[a] * value)
        outer = np.zeros(self.K)
        for column, raw in zip(self.column, self.raw, strict=True):
            outer += np.bincount(column, raw * value, self.K)
        return inner, outer

    def predictor(self, inner: Floats, outer: Floats) -> Floats:
        """Z u for u (G, q) and (K,): (n,)."""
        eta = np.zeros(self.n)
        for a in range(self.q):
            eta += self.z[a] * self.to_rows(inner[:, a])
        for column, raw in zip(self.column, self.raw, strict=True):
            eta += raw * outer[column]
        return eta


def _numbered(keys: Sequence[Ints], size: int) -> tuple[Ints, list[Ints]]:
    """The keys (of 0..size-1) that occur, in order, and each row's place among them."""
    if size <= LARGEST_TABLE:
        occurs = np.zeros(size, dtype=bool)
        for key in keys:
            occurs[key] = True
        place = np.cumsum(occurs) - 1
        return np.flatnonzero(occurs), [place[key] for key in keys]
    found = np.unique(np.concatenate([np.unique(key) for key in keys]))
    return found, [np.searchsorted(found, key) for key in keys]


def _nothing(n: int) -> Term:
    """A block without coefficients, for models without random terms."""
    none = np.empty((n, 0))
    return Term("", (), none, np.zeros((n, 1), np.int64), np.ones((n, 1)), np.empty((0, 0), dtype=bool))
