"""Covariates known when a row begins; nothing later enters.

Contacts count up to and including the row's own day, and forms about them if they came within the setting's
grace. Shapes: (rows, covariates).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from accord.arrays import Bools, Floats, Ints
from accord.records.ratings import NO_DAY
from accord.science.dropout.record import CAME, MISSED, Record, Series, Setting

# In the order in which a small programme takes them in.
NAMES = ("early", "level", "missed", "recent", "unfilled", "weeks", "urge", "gap", "met")
SD_LEAST = 1e-6
DOUBT = 2.0  # contacts' worth of the programme's own share that a client's share begins with


@dataclass(frozen=True, slots=True)
class Basis:
    """Means and spreads of a programme, learned once from the people a model is fitted to."""

    level: float  # mean alliance
    sd_between: float  # of clients' levels
    sd_within: float
    missed: float  # share of scheduled contacts
    unfilled: float  # share of forms asked for
    urge: float
    sd_urge: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def basis(record: Record) -> Basis:
    """Means and spreads of a record; where something was never recorded, values that are the same for all."""
    rated = record.main & ~np.isnan(record.alliance)
    level, between, within = _spread(record.client[rated], record.alliance[rated])
    scheduled, came = record.came >= 0, record.came == CAME
    asked = record.asked & came
    urge = record.urge[~np.isnan(record.urge)]
    return Basis(
        level,
        between,
        within,
        _share(record.came == MISSED, scheduled),
        _share(np.isnan(record.alliance), asked),
        float(urge.mean()) if len(urge) else 0.0,
        float(urge.std()) if len(urge) else 0.0,
    )


def _share(of: Bools, among: Bools) -> float:
    return float(of[among].mean()) if among.any() else 0.0


def _spread(client: Ints, value: Floats) -> tuple[float, float, float]:
    """Mean, SD between clients and SD within, by the moments of a one-way layout (Searle et al., 1992)."""
    if not len(value):
        return 0.0, 0.0, 0.0
    n = np.bincount(client)
    seen = n > 0
    mean = np.bincount(client, value)[seen] / n[seen]
    n, groups = n[seen], int(seen.sum())
    grand = float(value.mean())
    between = float(n @ (mean - grand) ** 2)
    total = float(((value - grand) ** 2).sum())
    within = (total - between) / max(len(value) - groups, 1)
    size = (len(value) - float((n**2).sum()) / len(value)) / max(groups - 1, 1)
    var = (between / max(groups - 1, 1) - within) / size if size > 0 else 0.0
    return grand, float(np.sqrt(max(var, 0.0))), float(np.sqrt(within))


def covariates(
    record: Record, first: Ints, client: Ints, day: Ints, setting: Setting, known: Basis
) -> Floats:
    """One column for each of NAMES. `first`: each client's first contact they came to (clients,)."""
    weeks = (day - first[client]) / 7.0
    columns = {
        **_time(weeks, setting),
        **_alliance(record, client, day, setting, known),
        **_attendance(record, client, day, setting, known),
        **_forms(record, client, day, setting, known),
    }
    return np.column_stack([columns[name] for name in NAMES])


def _time(weeks: Floats, setting: Setting) -> dict[str, Floats]:
    return {"early": (weeks * 7 < setting.early).astype(float), "weeks": np.log1p(weeks)}


def at_time(x: Floats, weeks: Floats, setting: Setting) -> Floats:
    """The same rows with their time in treatment moved to `weeks`."""
    moved = x.copy()
    for name, value in _time(weeks, setting).items():
        moved[:, NAMES.index(name)] = value
    return moved


def _first_usable_day(record: Record, setting: Setting) -> Ints:
    """First day on which a row may use each form."""
    return np.maximum(record.day, record.known - setting.grace)


def _alliance(record: Record, client: Ints, day: Ints, setting: Setting, known: Basis) -> dict[str, Floats]:
    """Level: the client's mean so far, shrunk towards the programme's. Recent: late ratings less it."""
    rated = record.main & ~np.isnan(record.alliance)
    when, value = _first_usable_day(record, setting)[rated], record.alliance[rated]
    series = Series(record.client[rated], when, np.ones(len(value)), value)
    n, total = series.total(client, None, day)
    n_late, late = series.total(client, day - setting.lately // 2, day)
    noise = (known.sd_within / known.sd_between) ** 2 if known.sd_between else np.inf
    mean = total / np.maximum(n, 1)
    spread = np.hypot(known.sd_between, known.sd_within) or 1.0
    level = np.where(n > 0, n / (n + noise) * (mean - known.level), 0.0) / spread
    apart = np.where(n_late > 0, late / np.maximum(n_late, 1) - mean, 0.0)
    return {"level": level, "recent": apart * n_late / (n_late + 1) / (known.sd_within or 1.0)}


def _attendance(record: Record, client: Ints, day: Ints, setting: Setting, known: Basis) -> dict[str, Floats]:
    came = record.came == CAME
    series = Series(
        record.client, record.day, (record.came >= 0).astype(float), (record.came == MISSED).astype(float)
    )
    scheduled, missed = series.total(client, day - setting.lately, day)
    attended = Series(record.client[came], record.day[came], np.ones(int(came.sum())))
    (met,) = attended.total(client, day - setting.lately, day)
    before = attended.before(client, day)
    gap = np.where(before == NO_DAY, 0, day - before)
    share = (missed + DOUBT * known.missed) / (scheduled + DOUBT)
    return {"missed": share, "gap": np.log1p(gap), "met": np.log1p(met)}


def _forms(record: Record, client: Ints, day: Ints, setting: Setting, known: Basis) -> dict[str, Floats]:
    """Unfilled: the share of forms about late contacts that did not come in time. Urge: to quit."""
    asked = record.asked & (record.came == CAME)
    ones = np.ones(len(asked))
    (due,) = _of_late(record, asked, record.day, client, day, setting, ones)
    (filled,) = _of_late(
        record,
        asked & ~np.isnan(record.alliance),
        _first_usable_day(record, setting),
        client,
        day,
        setting,
        ones,
    )
    n, total = _of_late(
        record,
        ~np.isnan(record.urge),
        _first_usable_day(record, setting),
        client,
        day,
        setting,
        ones,
        record.urge,
    )
    urge = np.where(n > 0, total / np.maximum(n, 1) - known.urge, 0.0) / (known.sd_urge or 1.0)
    missing = np.maximum(due - filled, 0.0)
    return {"unfilled": (missing + DOUBT * known.unfilled) / (due + DOUBT), "urge": urge}


def _of_late(
    record: Record, of: Bools, when: Ints, client: Ints, day: Ints, setting: Setting, *values: Floats
) -> list[Floats]:
    """Sums of values over recent contacts that are known by then; `when` is the day each becomes known."""
    counted = of & (when <= record.day + setting.lately)  # later ones are known to no row that looks at them
    who, picked = record.client[counted], [value[counted] for value in values]
    known = Series(who, when[counted], *picked).total(client, None, day)
    earlier = Series(who, record.day[counted], *picked).total(client, None, day - setting.lately)
    return [now - before for now, before in zip(known, earlier, strict=True)]


def varying(x: Floats) -> list[str]:
    """Covariates that differ between rows."""
    return [name for name, sd in zip(NAMES, x.std(axis=0), strict=True) if sd > SD_LEAST]
