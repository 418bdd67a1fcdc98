"""Population values and the choices of the false-flag budget, for the programme lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accord.clinic.facts import instruments
from accord.clinic.models import Organisation, Population
from accord.clinic.policy import not_undone
from accord.records.ratings import Instrument, Rater


@dataclass(frozen=True)
class Version:
    """A version of the values. `by`: import or refit; `in_use`: whether the next assessments use it."""

    series: str
    relationships: int
    made_at: datetime
    by: str
    in_use: bool


def versions(organisation: Organisation) -> tuple[Version, ...]:
    """All versions of the values that were not undone, newest first."""
    rows = Population.objects.filter(not_undone(), organisation=organisation).select_related("batch")
    known = instruments.known(organisation.pk)
    seen: set[tuple[str, str]] = set()
    result = []
    for row in rows.order_by("-made_at"):
        series = (row.instrument, row.rater)
        fits = row.instrument.casefold() in known and _fits(row, known)
        result.append(_version(row, known, fits and series not in seen))
        seen |= {series} if fits else set()
    return tuple(result)


def _fits(row: Population, known: Mapping[str, Instrument]) -> bool:
    """Whether the values were learned on the scale in use today."""
    instrument = known[row.instrument.casefold()]
    learned_on = [row.values[name] for name in ("low", "high", "lower_is_better")]
    return learned_on == [instrument.low, instrument.high, instrument.lower_is_better]


def _version(row: Population, known: Mapping[str, Instrument], in_use: bool) -> Version:
    name = known[row.instrument.casefold()].name if row.instrument.casefold() in known else row.instrument
    rater = _("rated by the clinician") if row.rater == Rater.CLINICIAN else _("rated by the client")
    by = _("the import of %(file)s") % {"file": row.batch.filename} if row.batch else _("a refit")
    return Version(f"{name}, {rater}", row.relationships, row.made_at, by, in_use)


def choices() -> Sequence[tuple[int, str]]:
    """Choices of weeks between two false flags of one client."""
    weeks = (2, 4, 6, 8, 12, 16, 26, 52)
    return [(n, _("one in %(n)s weeks") % {"n": n}) for n in weeks]
