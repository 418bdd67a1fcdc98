"""CSV tables about clinicians and raters: parts of variance, contributions, agreement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from accord.study.models.analyses import Results
from accord.study.models.variance import PARTS
from accord.study.release.files import Cell
from accord.study.report.csv_columns import ABOUT, NUMBERS, about_cells, note_text, number_cells


def variance_rows(results: Results) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    heading = (
        "facet",
        "rater",
        "part",
        "share",
        "low",
        "high",
        "sd_all",
        "rows",
        "people",
        "clinicians",
        "note",
    )
    return heading, [
        (
            shares.facet,
            shares.rater,
            part,
            shares.share.get(part),
            *shares.interval.get(part, (None, None)),
            shares.sd or None,
            shares.rows or None,
            str(results.people(shares.people)) if shares.people else None,
            shares.clinicians or None,
            note_text(shares.notes),
        )
        for shares in results.shares
        for part in PARTS
    ]


def contribution_rows(results: Results) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    heading = (*ABOUT, "part", *NUMBERS, "rows", "people", "clinicians", "note")
    return heading, [
        (
            *about_cells(contribution.question, results),
            part,
            *number_cells(numbers),
            contribution.rows or None,
            str(results.people(contribution.people)) if contribution.people else None,
            contribution.clinicians or None,
            note_text(contribution.notes),
        )
        for contribution in results.contributions
        for part, numbers in (
            ("clinician's mean", contribution.clinician),
            ("client beside it", contribution.client),
        )
    ]


def agreement_rows(results: Results) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    heading = ("facet", "part", "correlation", "low", "high", "periods", "people", "note")
    return heading, [
        (
            pair.facet,
            part,
            *((None,) * 4 if agreement is None else agreement[:4]),
            None if agreement is None else str(results.people(agreement.people)),
            note_text(pair.notes),
        )
        for pair in results.raters
        for part, agreement in (("between", pair.between), ("within", pair.within))
    ]
