"""Writing of the frame, its dictionary, the plan and the versions into a folder."""

from __future__ import annotations

import csv
import hashlib
import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from accord.errors import InputError, how_to_install
from accord.exchange.csv_escape import escaped, number
from accord.science.tracker.assess import METHOD_VERSION
from accord.study.plan.plan_toml import plan_text
from accord.study.plan.study_plan import Plan
from accord.study.release.dictionary import HEADER, Entry, Type, entries, missing_share
from accord.study.release.released_frame import Released

PACKAGES = ("numpy", "scipy", "pyarrow", "formulaic", "weasyprint")
NEEDED = ("pyarrow", "formulaic", "weasyprint")
Cell = str | int | float | None


def refuse_without_extra() -> None:
    """Raise InputError for missing packages before long work rather than after it."""
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        found = f"no {' and no '.join(missing)}"
        raise InputError(f"the extra `study`; {how_to_install('study')}", found=found)


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a table of plain numbers and of texts that no spreadsheet runs."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([_cell(cell) for cell in row] for row in rows)


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    return escaped(cell) if isinstance(cell, str) else number(cell)


def write_frame(folder: Path, released: Released) -> None:
    """Write `frame.parquet` and its `dictionary.csv`."""
    import pyarrow as pa
    from pyarrow import parquet

    lines = entries(released)
    arrays = [_array(pa, entry, released.frame.columns[entry.column]) for entry in lines]
    parquet.write_table(pa.table(arrays, names=[entry.column for entry in lines]), folder / "frame.parquet")
    shares = {entry.column: missing_share(released.frame, entry.column) for entry in lines}
    write_csv(folder / "dictionary.csv", HEADER, [_line(entry, shares[entry.column]) for entry in lines])


def _array(pa: Any, entry: Entry, values: Any) -> Any:
    if entry.type is Type.TEXT:
        return pa.array([text or None for text in values.tolist()], pa.string())
    gaps = np.isnan(values)
    if entry.type is Type.WHOLE:
        return pa.array(np.where(gaps, 0, values).astype(np.int64), pa.int64(), mask=gaps)
    return pa.array(values, pa.float64(), mask=gaps)


def _line(entry: Entry, share: float) -> tuple[str, ...]:
    column, meaning, unit, values, missing, made = entry.cells()
    return column, meaning, unit, values, f"{missing} ({share:.0%} of rows)" if share else missing, made


def write_plan(folder: Path, plan: Plan) -> None:
    (folder / "plan.toml").write_text(plan_text(plan), encoding="utf-8")


def write_versions(folder: Path, seeds: Mapping[str, int], inputs: Mapping[str, Path]) -> None:
    """Write the versions and seeds behind a study, and its input files by their digests, not their names."""
    record = {
        "accord": version("accord"),
        "method": METHOD_VERSION,
        "python": platform.python_version(),
        "packages": {name: _installed(name) for name in PACKAGES},
        "seeds": dict(seeds),
        "sha256": {name: _digest(path) for name, path in inputs.items()},
    }
    (folder / "versions.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
