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


def _numbers(told: Numbers | None) -> tuple[Cell, ...]:
    if told is None:
        return (None,) * 5
    return (told.estimate, told.error, told.low, told.high, told.p)


def _notes(notes: Iterable[Note]) -> str:
    return "; ".join(phrases.note(one) for one in notes)


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
    return heading, [_association(one, results) for one in results.answers]


def _association(one: Answer, results: Results) -> tuple[Cell, ...]:
    ratios: tuple[Cell, ...] = (None, None, None)
    if one.numbers is not None and one.question.outcome.kind is not Kind.SCORE:
        ratios = one.numbers.ratio
    return (
        *_about(one.question, results),
        one.arm,
        one.other_arm,
        one.term,
        one.question.family,
        *_numbers(one.numbers),
        one.holm,
        *ratios,
        one.sd,
        one.rows or None,
        str(results.people(one.people)) if one.people else None,
        None if one.events is None else str(one.events),
        "yes" if one.converged else "no",
        "yes" if one.boundary else "no",
        _notes(one.notes),
    )


def _beside(results: Results) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    heading = (*ABOUT, "model", "arm", "term", *NUMBERS, "aic", "rows", "people", "note")
    return heading, [
        (
            *_about(one.question, results),
            one.model,
            one.arm,
            one.term,
            *_numbers(one.numbers),
            one.aic,
            one.rows or None,
            str(results.people(one.people)) if one.people else None,
            _notes(one.notes),
        )
        for one in results.beside
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
            *_about(told.question, results),
            many.arm,
            many.term,
            told.question.family,
            float(told.question.lag),
            told.question.centring,
            *(
                "yes" if chosen else "no"
                for chosen in (told.question.adjusted, told.question.slope, told.question.clinicians)
            ),
            *_numbers(told.answer.numbers),
        )
        for many in results.multiverses
        for told in many.told
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
            *_about(one.question, results),
            one.term,
            delta,
            p.estimate,
            p.error,
            p.low,
            p.high,
            one.tipping,
            float(one.gaps),
            float(one.rows),
            str(results.people(one.people)),
            "",
        )
        for one in results.curves
        for delta, p in zip(one.deltas, one.told, strict=True)
    ] + [
        (*_about(one.question, results), *(None,) * 10, _notes(one.notes))
        for one in results.curves
        if not one.told
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
            *_about(one.question, results),
            *_numbers(one.first),
            *_numbers(one.second),
            *_numbers(one.direct),
            *(one.through or (None,) * 4),
            one.rows or None,
            str(results.people(one.people)) if one.people else None,
            _notes(one.notes),
        )
        for one in results.mediations
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
            one.outcome.column,
            words,
            *_numbers(getattr(one, name)),
            one.rows or None,
            str(results.people(one.people)) if one.people else None,
            _notes(one.notes),
        )
        for one in results.ruptures
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
            one.facet,
            one.rater,
            part,
            one.share.get(part),
            *one.interval.get(part, (None, None)),
            one.sd or None,
            one.rows or None,
            str(results.people(one.people)) if one.people else None,
            one.clinicians or None,
            _notes(one.notes),
        )
        for one in results.shares
        for part in PARTS
    ]


def _contributions(results: Results) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    heading = (*ABOUT, "part", *NUMBERS, "rows", "people", "clinicians", "note")
    return heading, [
        (
            *_about(one.question, results),
            part,
            *_numbers(numbers),
            one.rows or None,
            str(results.people(one.people)) if one.people else None,
            one.clinicians or None,
            _notes(one.notes),
        )
        for one in results.contributions
        for part, numbers in (("clinician's mean", one.clinician), ("client beside it", one.client))
    ]


def _agreement(results: Results) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    heading = ("facet", "part", "correlation", "low", "high", "periods", "people", "note")
    return heading, [
        (
            one.facet,
            part,
            *((None,) * 4 if told is None else told[:4]),
            None if told is None else str(results.people(told.people)),
            _notes(one.notes),
        )
        for one in results.raters
        for part, told in (("between", one.between), ("within", one.within))
    ]
