"""Cells that several CSV tables of a study have."""

from __future__ import annotations

from collections.abc import Iterable

from accord.study.models.analyses import Results
from accord.study.models.answers import Numbers
from accord.study.models.question import Kind, Question
from accord.study.models.refusals import Note
from accord.study.release.files import Cell
from accord.study.report import phrases

ABOUT = ("outcome", "facet", "rater")


NUMBERS = ("estimate", "se", "low", "high", "p")


def about_cells(question: Question, results: Results) -> tuple[str, ...]:
    name = results.frame.outcome if question.outcome.kind is Kind.SCORE else question.outcome.column
    return (name or question.outcome.column, question.facet, question.rater)


def number_cells(numbers: Numbers | None) -> tuple[Cell, ...]:
    if numbers is None:
        return (None,) * 5
    return (numbers.estimate, numbers.error, numbers.low, numbers.high, numbers.p)


def note_text(notes: Iterable[Note]) -> str:
    return "; ".join(phrases.note(note) for note in notes)
