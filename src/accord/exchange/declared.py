"""Scales that the user describes by their range, because no catalogue knows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from accord.errors import InputError
from accord.errors import message as _
from accord.records.ratings import Construct, Instrument

Range = tuple[float, float]


class MakeInstrument(Protocol):
    """`instruments.catalogue.by_range`."""

    def __call__(
        self, name: str, low: float, high: float, *, lower_is_better: bool, construct: Construct
    ) -> Instrument: ...


def parse_ranges(texts: Sequence[str]) -> dict[str, Range]:
    """`LOW:HIGH` and `NAME=LOW:HIGH` as a mapping of name to range; the name of a bare range is empty."""
    ranges: dict[str, Range] = {}
    for text in texts:
        name, _is, numbers = text.rpartition("=")
        low, _to, high = numbers.partition(":")
        try:
            bounds = float(low), float(high)
        except ValueError:
            raise InputError(
                _("LOW:HIGH or NAME=LOW:HIGH, such as 36:252"), column="--range", found=text
            ) from None
        if name.strip().casefold() in (known.casefold() for known in ranges):
            raise InputError(_("one range for each instrument"), column="--range", found=text)
        ranges[name.strip()] = bounds
    return ranges


class Declared:
    """The declared scales of one run, made into instrument records for the names that a table uses.

    `ranges` maps names to (low, high), the empty name for the only scale that no catalogue knows.
    `lower_is_better` holds names, again with the empty name for that one scale.
    """

    def __init__(
        self,
        known: Mapping[str, Instrument],
        ranges: Mapping[str, Range],
        lower_is_better: Sequence[str],
        construct: Construct | None,
        make: MakeInstrument,
    ) -> None:
        self._known = {instrument.id.casefold() for instrument in known.values()}
        self._ranges = {name.casefold(): (name, bounds) for name, bounds in ranges.items()}
        self._lower = {name.casefold(): name for name in lower_is_better}
        self._construct, self._make = construct, make
        self._bare: str | None = None  # the name that took the range without a name
        for key, (name, bounds) in self._ranges.items():
            if key in self._known:  # refused where it contradicts the catalogue
                make(name, *bounds, lower_is_better=key in self._lower, construct=Construct.OTHER)

    def __call__(self, name: str) -> Instrument | None:
        """The record of an instrument the catalogue lacks, or None where no range was given for it."""
        key = name.casefold()
        if key in self._ranges:
            return self._record(*self._ranges[key])
        if "" not in self._ranges:
            return None
        if self._bare is not None and self._bare.casefold() != key:
            raise InputError(
                f"a range for each by its name: --range {self._bare}=LOW:HIGH --range {name}=LOW:HIGH",
                column="instrument",
                found=_("two instruments that accord does not know"),
            )
        self._bare = self._bare or name
        return self._record(name, self._ranges[""][1])

    def _record(self, name: str, bounds: Range) -> Instrument:
        lower = "" in self._lower or name.casefold() in self._lower
        return self._make(name, *bounds, lower_is_better=lower, construct=self._construct or Construct.OTHER)

    def check(self, instruments: Sequence[Instrument]) -> tuple[str, ...]:
        """Refuse declarations that contradict the instruments read; return notes on those that fit none."""
        declared = [instrument for instrument in instruments if instrument.id.casefold() not in self._known]
        if "" in self._lower and len(declared) > 1:
            names = " and ".join(instrument.id for instrument in declared)
            raise InputError("a name after it", column="--lower-is-better", found=f"two scales, {names}")
        if not declared and ("" in self._ranges or "" in self._lower or self._construct):
            self._agree_with_the_only(instruments)
        by_key = {instrument.id.casefold(): instrument for instrument in instruments}
        for key, name in self._lower.items():
            if key in by_key and not by_key[key].lower_is_better:
                raise InputError(
                    f"{name} as the catalogue has it, higher is better", column="--lower-is-better"
                )
        unused = {key: name for key, (name, _) in self._ranges.items()} | self._lower
        return tuple(
            f"no row of {name}, of which a range or direction was given"
            for key, name in unused.items()
            if key and key not in by_key
        )

    def _agree_with_the_only(self, instruments: Sequence[Instrument]) -> None:
        """Check a range without a name against the only instrument of a table that has no unknown scale."""
        if len(instruments) != 1:
            names = ", ".join(instrument.id for instrument in instruments)
            raise InputError(
                "one instrument that accord does not know, to say a range, direction or construct of",
                column="instrument",
                found=names,
            )
        instrument = instruments[0]
        construct = self._construct or instrument.construct
        if construct is not instrument.construct:
            raise InputError(f"{instrument.construct}, the construct of {instrument.id}", found=construct)
        low, high = self._ranges.get("", ("", (instrument.low, instrument.high)))[1]
        self._make(instrument.id, low, high, lower_is_better="" in self._lower, construct=construct)
