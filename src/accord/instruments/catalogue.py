"""Finds instruments: those of this package by their id, one from a file, any other scale by its range."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from accord.errors import InputError
from accord.instruments.definition import parse
from accord.records.ratings import Construct, Instrument

LARGEST_FILE = 1_000_000  # bytes; a definition is a few thousand
FURTHEST, NARROWEST = 1e6, 1e-3  # of a scale that somebody declares: no form has a score beyond these
LONGEST_NAME = 100


def catalogue() -> Mapping[str, Instrument]:
    """The newest version of every instrument of this package, by its id in lower case."""
    return _newest()


def get(name: str, version: str | None = None) -> Instrument:
    """The instrument with this id (`name`, in any case), newest version unless one is named.

    Raises InputError naming the ids or versions there are.
    """
    key = name.casefold()
    if key not in _newest():
        known = ", ".join(instrument.id for instrument in _newest().values())
        raise InputError(f"a known instrument ({known})", found=repr(name))
    if version is None:
        return _newest()[key]
    match = _every().get((key, version))
    if match is None:
        versions = ", ".join(number for other, number in _every() if other == key)
        raise InputError(f"a known version of {_newest()[key].id} ({versions})", found=repr(version))
    return match


def private(name: str) -> Instrument:
    """A form whose answers are its writer's own: found here only, so that no file, scan or score knows it.

    Raises InputError for a name that is none.
    """
    if name not in _private():
        raise InputError(f"a private form ({', '.join(_private())})", found=repr(name))
    return _private()[name]


def load(source: Path | str) -> Instrument:
    """A definition from a file, or from TOML text (a str of more than one line).

    Raises InputError with the file and the key that is wrong.
    """
    if isinstance(source, str) and "\n" in source:
        return parse(source)
    return parse(_read(Path(source)), Path(source).name)


def by_range(
    name: str,
    low: float,
    high: float,
    *,
    lower_is_better: bool = False,
    construct: Construct = Construct.OTHER,
) -> Instrument:
    """Any scale, from its id (`name`) and range. An id of the catalogue gives its own instrument.

    Raises InputError for an id that cannot be one, for a range that is none, and for values
    that contradict the catalogue (defaults contradict nothing).
    """
    known = catalogue().get(name.casefold())
    if known is not None:
        return _agreeing(known, low, high, lower_is_better, construct)
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or name[0] in " =+-@":
        raise InputError("a name of one line that does not begin with =, +, - or @", found=repr(name))
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(f"a range LOW:HIGH for {name}, LOW below HIGH", found=f"{low:g}:{high:g}")
    if max(abs(low), abs(high)) > FURTHEST or high - low < NARROWEST:
        raise InputError(
            f"a range for {name} between -{FURTHEST:g} and {FURTHEST:g}, at least {NARROWEST:g} wide",
            found=f"{low:g}:{high:g}",
        )
    return Instrument(
        id=name,
        version="1",
        name=name,
        construct=construct,
        low=low,
        high=high,
        lower_is_better=lower_is_better,
    )


def _agreeing(
    known: Instrument, low: float, high: float, lower_is_better: bool, construct: Construct
) -> Instrument:
    if (low, high) != (known.low, known.high):
        raise InputError(f"{known.id} has the range {known.low:g}:{known.high:g}", found=f"{low:g}:{high:g}")
    if lower_is_better and not known.lower_is_better:
        raise InputError(f"nothing: higher is better on {known.id}", found="lower is better")
    if construct not in (Construct.OTHER, known.construct):
        raise InputError(f"{known.construct}, the construct of {known.id}", found=construct)
    return known


@cache
def _every() -> Mapping[tuple[str, str], Instrument]:
    """Every version in this package, by lower-case id and version, ordered by both."""
    return MappingProxyType(
        {(instrument.id.casefold(), instrument.version): instrument for instrument in _in_folder("data")}
    )


@cache
def _private() -> Mapping[str, Instrument]:
    return MappingProxyType({instrument.id: instrument for instrument in _in_folder("private")})


def _in_folder(name: str) -> list[Instrument]:
    folder = files("accord.instruments") / name
    instruments = [_packaged(entry.name, entry.read_text("utf-8")) for entry in folder.iterdir()]
    return sorted(instruments, key=lambda instrument: (instrument.id.casefold(), int(instrument.version)))


@cache
def _newest() -> Mapping[str, Instrument]:
    # Ordered by version, so the newest is written last.
    return MappingProxyType({key: instrument for (key, _), instrument in _every().items()})


def _packaged(file: str, text: str) -> Instrument:
    instrument = parse(text, file)
    named = f"{instrument.id.casefold()}-{instrument.version}.toml"
    if file != named:
        raise InputError(f"the file name {named}, from its id and version", file=file)
    return instrument


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(f"a definition of at most {LARGEST_FILE:,} bytes", file=path.name)
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("a text file in UTF-8", file=path.name) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError("a TOML file that can be read", file=str(path), found=reason) from None
