"""The tables of a study as CSV: plain numbers, one line for each of them, notes in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from accord.study.models.analyses import Results
from accord.study.models.answers import Answer, Numbers
from accord.study.models.question import Kind, Question
from accord.study.models.refusals import Note
from accord.study.models.variance import PARTS
from accord.study.release.files import Cell, write_csv
from accord.study.report import phrases

ABOUT = ("outcome", "facet", "rater")
NUMBERS = ("estimate", "se", "low", "high", "p")


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
        "variance": _variance(results),
        "contributions": _contributions(results),
        "agreement": _agreement(results),
    }


def _about(question: Question, results: Results) -> tuple[str, ...]:
    name = results.frame.outcome if question.outcome.kind is Kind.SCORE else question.outcome.column
    return (name or question.outcome.column, question.facet, question.rater)


def _numbers(numbers: Numbers | None) -> tuple[Cell, ...]:
    if numbers is None:
        return (None,) * 5
    return (numbers.estimate, numbers.error, numbers.low, numbers.high, numbers.p)


def _notes(notes: Iterable[Note]) -> str:
    return "; ".join(phrases.note(note) for note in notes)


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
        *_about(answer.question, results),
        answer.arm,
        answer.other_arm,
        answer.term,
        answer.question.family,
        *_numbers(answer.numbers),
        answer.holm,
        *ratios,
        answer.sd,
        answer.rows or None,
        str(results.people(answer.people)) if answer.people else None,
        None if answer.events is None else str(answer.events),
        "yes" if answer.converged else "no",
        "yes" if answer.boundary else "no",
        _notes(answer.notes),
    )


def _beside(results: Results) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    heading = (*ABOUT, "model", "arm", "term", *NUMBERS, "aic", "rows", "people", "note")
    return heading, [
        (
            *_about(model.question, results),
            model.model,
            model.arm,
            model.term,
            *_numbers(model.numbers),
            model.aic,
            model.rows or None,
            str(results.people(model.people)) if model.people else None,
            _notes(model.notes),
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
            *_about(specification.question, results),
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
            *_numbers(specification.answer.numbers),
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
            *_about(curve.question, results),
            curve.term,
            delta,
            p.estimate,
            p.error,
            p.low,
            p.high,
            curve.tipping,
            float(curve.gaps),
            float(curve.rows),
            str(results.people(curve.people)),
            "",
        )
        for curve in results.curves
        for delta, p in zip(curve.deltas, curve.pooled, strict=True)
    ] + [
        (*_about(curve.question, results), *(None,) * 10, _notes(curve.notes))
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
            *_about(mediation.question, results),
            *_numbers(mediation.first),
            *_numbers(mediation.second),
            *_numbers(mediation.direct),
            *(mediation.through or (None,) * 4),
            mediation.rows or None,
            str(results.people(mediation.people)) if mediation.people else None,
            _notes(mediation.notes),
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
            *_numbers(getattr(rupture, name)),
            rupture.rows or None,
            str(results.people(rupture.people)) if rupture.people else None,
            _notes(rupture.notes),
        )
        for rupture in results.ruptures
        for words, name in compared
    ]


def _variance(results: Results) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
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
            _notes(shares.notes),
        )
        for shares in results.shares
        for part in PARTS
    ]


def _contributions(results: Results) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    heading = (*ABOUT, "part", *NUMBERS, "rows", "people", "clinicians", "note")
    return heading, [
        (
            *_about(contribution.question, results),
            part,
            *_numbers(numbers),
            contribution.rows or None,
            str(results.people(contribution.people)) if contribution.people else None,
            contribution.clinicians or None,
            _notes(contribution.notes),
        )
        for contribution in results.contributions
        for part, numbers in (
            ("clinician's mean", contribution.clinician),
            ("client beside it", contribution.client),
        )
    ]


def _agreement(results: Results) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    heading = ("facet", "part", "correlation", "low", "high", "periods", "people", "note")
    return heading, [
        (
            pair.facet,
            part,
            *((None,) * 4 if agreement is None else agreement[:4]),
            None if agreement is None else str(results.people(agreement.people)),
            _notes(pair.notes),
        )
        for pair in results.raters
        for part, agreement in (("between", pair.between), ("within", pair.within))
    ]
