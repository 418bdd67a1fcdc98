"""The tables of a study as CSV: plain numbers, one line for each of them, notes in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from accord.study.models.analyses import Results
from accord.study.models.answers import Answer
from accord.study.models.question import Kind
from accord.study.release.files import Cell, write_csv
from accord.study.report.csv_columns import ABOUT, NUMBERS, about_cells, note_text, number_cells
from accord.study.report.csv_rater_tables import agreement_rows, contribution_rows, variance_rows


def write(results: Results, folder: Path) -> None:
    """One file for each table."""
    for name, (heading, rows) in tables(results).items():
        write_csv(folder / f"{name}.csv", heading, rows)


def tables(results: Results) -> dict[str, tuple[Sequence[str], Iterable[Sequence[Cell]]]]:
    return {
        "associations": _associations(results),
        "count-models": _beside(results),
        "choices": _choices(results),
        "missing-outcomes": _missing(results),
        "skills": _skills(results),
        "after-rupture": _ruptures(results),
        "variance": variance_rows(results),
        "contributions": contribution_rows(results),
        "agreement": agreement_rows(results),
    }


def _associations(results: Results) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    heading = (
        *ABOUT,
        "arm",
        "against_arm",
        "term",
        "family",
        *NUMBERS,
        "p_holm",
        "ratio",
        "ratio_low",
        "ratio_high",
        "sd",
        "rows",
        "people",
        "events",
        "converged",
        "boundary",
        "note",
    )
    return heading, [_association(answer, results) for answer in results.answers]


def _association(answer: Answer, results: Results) -> tuple[Cell, ...]:
    ratios: tuple[Cell, ...] = (None, None, None)
    if answer.numbers is not None and answer.question.outcome.kind is not Kind.SCORE:
        ratios = answer.numbers.ratio
    return (
        *about_cells(answer.question, results),
        answer.arm,
        answer.other_arm,
        answer.term,
        answer.question.family,
        *number_cells(answer.numbers),
        answer.holm,
        *ratios,
        answer.sd,
        answer.rows or None,
        str(results.people(answer.people)) if answer.people else None,
        None if answer.events is None else str(answer.events),
        "yes" if answer.converged else "no",
        "yes" if answer.boundary else "no",
        note_text(answer.notes),
    )


def _beside(results: Results) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    heading = (*ABOUT, "model", "arm", "term", *NUMBERS, "aic", "rows", "people", "note")
    return heading, [
        (
            *about_cells(model.question, results),
            model.model,
            model.arm,
            model.term,
            *number_cells(model.numbers),
            model.aic,
            model.rows or None,
            str(results.people(model.people)) if model.people else None,
            note_text(model.notes),
        )
        for model in results.beside
    ]


def _choices(results: Results) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    heading = (
        *ABOUT,
        "arm",
        "term",
        "family",
        "lag",
        "centring",
        "outcome_before",
        "own_slopes",
        "clinicians",
        *NUMBERS,
    )
    return heading, [
        (
            *about_cells(specification.question, results),
            many.arm,
            many.term,
            specification.question.family,
            float(specification.question.lag),
            specification.question.centring,
            *(
                "yes" if chosen else "no"
                for chosen in (
                    specification.question.adjusted,
                    specification.question.slope,
                    specification.question.clinicians,
                )
            ),
            *number_cells(specification.answer.numbers),
        )
        for many in results.multiverses
        for specification in many.specifications
    ]


def _missing(results: Results) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    heading = (
        *ABOUT,
        "term",
        "delta_sd",
        "estimate",
        "se",
        "low",
        "high",
        "tipping",
        "drawn",
        "rows",
        "people",
        "note",
    )
    return heading, [
        (
            *about_cells(curve.question, results),
            curve.term,
            delta,
            pooled.estimate,
            pooled.error,
            pooled.low,
            pooled.high,
            curve.tipping,
            float(curve.gaps),
            float(curve.rows),
            str(results.people(curve.people)),
            "",
        )
        for curve in results.curves
        for delta, pooled in zip(curve.deltas, curve.pooled, strict=True)
    ] + [
        (*about_cells(curve.question, results), *(None,) * 10, note_text(curve.notes))
        for curve in results.curves
        if not curve.pooled
    ]


def _skills(results: Results) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    steps = ("alliance_to_skills", "skills_to_outcome", "beside_skills")
    heading = (
        *ABOUT,
        *(f"{step}_{name}" for step in steps for name in NUMBERS),
        "path",
        "path_se",
        "path_low",
        "path_high",
        "rows",
        "people",
        "note",
    )
    return heading, [
        (
            *about_cells(mediation.question, results),
            *number_cells(mediation.first),
            *number_cells(mediation.second),
            *number_cells(mediation.direct),
            *(mediation.through or (None,) * 4),
            mediation.rows or None,
            str(results.people(mediation.people)) if mediation.people else None,
            note_text(mediation.notes),
        )
        for mediation in results.mediations
    ]


def _ruptures(results: Results) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    heading = ("outcome", "compared", *NUMBERS, "rows", "people", "note")
    compared = (
        ("back against none", "back"),
        ("not back against none", "not_back"),
        ("not back against back", "difference"),
    )
    return heading, [
        (
            rupture.outcome.column,
            words,
            *number_cells(getattr(rupture, name)),
            rupture.rows or None,
            str(results.people(rupture.people)) if rupture.people else None,
            note_text(rupture.notes),
        )
        for rupture in results.ruptures
        for words, name in compared
    ]
