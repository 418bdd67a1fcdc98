"""Random terms laid out for block elimination: one grouping as small blocks, all others as the border.

The grouping with the most groups (clients) gives blocks that only meet through the border (clinicians,
groups), so the whole system is solved by inverting many small matrices and one of the border's size.
Shapes: n rows; C cells of rows that share all groups; G groups of the block with q coefficients each, groups
last, so that one coefficient lies together; E entries of a row in the border; K columns of the border; P
pairs of a group and a border column that some row shares.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from accord.arrays import Bools, Floats, Ints
from accord.science.multilevel.cells import Cells, Entry, summed, times

LARGEST_KEY = 2**62  # of numbers of groups put together as one
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
    def size(self) -> Floats:
        """Root mean square (q,) of the columns that the coefficients multiply."""
        squares = np.einsum("nq,nq->q", self.design, self.design)
        return np.asarray(np.sqrt(squares / max(len(self.design), 1)))

    @property
    def single(self) -> bool:
        return self.member.shape[1] == 1 and bool((self.weight == 1).all())


def intercepts(group: str, member: Ints) -> Term:
    """A random intercept for each group; `member` (n,)."""
    ones = np.ones((len(member), 1))
    return Term(group, ("Intercept",), ones, member[:, None], ones, np.ones((1, 1), dtype=bool))


@dataclass(frozen=True, slots=True)
class Band:
    """Position of one border term: its first column, coefficients, and groups."""

    first: int
    q: int
    groups: int

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
        self.G, self.q, self.n = self.block.groups, self.block.q, n
        members = [term.member[:, k] for term in self.border for k in range(term.member.shape[1])]
        self.order = _order([self.block.member[:, 0], *members])
        self._lay_cells(members)
        self._lay_border()
        self._lay_pairs()

    def _lay_cells(self, members: Sequence[Ints]) -> None:
        group = self.block.member[self.order, 0]
        self.cells = Cells([group, *(member[self.order] for member in members)])
        self.group = group[self.cells.starts]
        self.starts = np.flatnonzero(np.diff(self.group, prepend=-1))
        self.inner = [self.cells.entry(column) for column in self.block.design[self.order].T]

    def _lay_border(self) -> None:
        """Bands, and of each entry its feature and each cell's column of the border."""
        self.bands: list[Band] = []
        self.outer: list[Entry] = []
        self.column: list[Ints] = []
        first = 0
        for term in self.border:
            rows, member = self.order, term.member[self.order[self.cells.starts]]
            for k in range(member.shape[1]):
                for a in range(term.q):
                    self.outer.append(self.cells.entry(term.weight[rows, k] * term.design[rows, a]))
                    self.column.append(first + member[:, k] * term.q + a)
            self.bands.append(Band(first, term.q, term.groups))
            first += term.q * term.groups
        self.K = first

    def _lay_pairs(self) -> None:
        keys = [self.group * self.K + column for column in self.column]
        codes, self.pair = numbered(keys, self.G * self.K)
        self.P = len(codes)
        self.pair_group, self.pair_column = np.divmod(codes, max(self.K, 1))
        self.pair_starts = np.flatnonzero(np.diff(self.pair_group, prepend=-1))
        # A group's pairs lie together, ordered by column, so a border term's coefficients do too.
        self.pairs_of: list[Ints | slice] = [slice(None)]
        if len(self.bands) > 1:
            band = np.searchsorted([b.columns.stop for b in self.bands], self.pair_column, side="right")
            self.pairs_of = [np.flatnonzero(band == k) for k in range(len(self.bands))]
        self.pairs_of = self.pairs_of[: len(self.bands)]
        self.by_column = np.argsort(self.pair_column, kind="stable")
        self.columns_met, self.column_starts = np.unique(self.pair_column[self.by_column], return_index=True)

    @cached_property
    def combinations(self) -> tuple[Ints, Ints, Ints]:
        """Every ordered couple of pairs of one block group, and the starts of those of each first pair."""
        count = np.diff(self.pair_starts, append=self.P)
        first, times_ = (np.repeat(values, count) for values in (self.pair_starts, count))
        left = np.repeat(np.arange(self.P), times_)
        starts = np.cumsum(times_) - times_
        within = np.arange(len(left)) - np.repeat(starts, times_)
        return left, np.repeat(first, times_) + within, starts

    def by_group(self, value: Floats) -> Floats:
        """Sums of (..., C) over the cells of each group: (..., G)."""
        return summed(value, self.starts)

    def to_pairs(self, value: Floats) -> Floats:
        """Values of groups (..., G), repeated at each of their pairs: (..., P)."""
        return value if self.P == self.G else value[..., self.pair_group]

    def pairs_by_group(self, value: Floats) -> Floats:
        """Sums of (..., P) over the pairs of each group: (..., G)."""
        return summed(value, self.pair_starts)

    def pairs_by_column(self, value: Floats) -> Floats:
        """Sums of (..., P) over the pairs of each column of the border: (..., K)."""
        result = np.zeros((*value.shape[:-1], self.K))
        result[..., self.columns_met] = summed(value[..., self.by_column], self.column_starts)
        return result

    def scores(self, value: Floats) -> tuple[Floats, Floats]:
        """Z' value: (q, G) for the block and (K,) for the border."""
        sums = self.cells.sums(value)
        inner = np.empty((self.q, self.G))
        for a, entry in enumerate(self.inner):
            inner[a] = self.by_group(times(sums[entry.feature], entry.share))
        outer = np.zeros(self.K)
        for entry, column in zip(self.outer, self.column, strict=True):
            outer += np.bincount(column, times(sums[entry.feature], entry.share), self.K)
        return inner, outer

    def predictor(self, inner: Floats, outer: Floats) -> Floats:
        """Z u for u (q, G) and (K,): (n,)."""
        total: dict[int, Floats] = {}
        values = [(entry, inner[a][self.group]) for a, entry in enumerate(self.inner)]
        values += [(entry, outer[column]) for entry, column in zip(self.outer, self.column, strict=True)]
        for entry, value in values:
            part = times(value, entry.share)
            total[entry.feature] = part if entry.feature not in total else total[entry.feature] + part
        return self.cells.spread([(self.cells.features[feature], value) for feature, value in total.items()])


def _order(keys: Sequence[Ints]) -> Ints:
    """Rows by the first key, and within it by the others."""
    sizes = [1 + int(key.max(initial=0)) for key in keys]
    if math.prod(sizes) > LARGEST_KEY:
        return np.lexsort(keys[::-1])
    whole = keys[0]
    for key, size in zip(keys[1:], sizes[1:], strict=True):
        whole = whole * size + key
    return np.argsort(whole, kind="stable")


def numbered(keys: Sequence[Ints], size: int) -> tuple[Ints, list[Ints]]:
    """The keys (of 0..size-1) that occur, in order, and each row's place among them."""
    if size <= LARGEST_TABLE:
        occurs = np.zeros(size, dtype=bool)
        for key in keys:
            occurs[key] = True
        place = np.cumsum(occurs) - 1
        return np.flatnonzero(occurs), [place[key] for key in keys]
    unique = np.unique(np.concatenate([np.unique(key) for key in keys]))
    return unique, [np.searchsorted(unique, key) for key in keys]


def _nothing(n: int) -> Term:
    """A block without coefficients, for models without random terms."""
    none = np.empty((n, 0))
    return Term("", (), none, np.zeros((n, 1), np.int64), np.ones((n, 1)), np.empty((0, 0), dtype=bool))
