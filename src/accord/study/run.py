"""A whole study: a plan, the tracker's findings, the frame, and a folder with all results to publish."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from accord.api import learned, progress_bar
from accord.errors import InputError
from accord.exchange.atomic import refuse_unwritable_folder, replacing_folder
from accord.records.ratings import Construct, Findings, Rater
from accord.science.tracker.assess import assess_all
from accord.study.frame.study_frame import Frame, build
from accord.study.models.refusals import Why
from accord.study.plan.resolve_plan import Material, instrument_named, resolved_plan
from accord.study.plan.study_plan import Plan, PlanRequest
from accord.study.release.dictionary import earlier, entries, in_short
from accord.study.release.files import refuse_without_extra, write_frame, write_plan, write_versions
from accord.study.release.released_frame import Released, people_in, release
from accord.study.release.tables import write_tables
from accord.study.report import document
from accord.study.report.markup import Table

POPULATION_SEED = 0  # of the values that the tracker learns

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class StudyResult:
    """Result of a study. `notes` are only for those who hold the files: they may concern single people."""

    plan: Plan
    people: int
    rows: int
    notes: tuple[str, ...]
    converged: bool


def refuse_before_work(folder: str | Path) -> None:
    """Raise InputError before the work if the study could not be written after it."""
    refuse_without_extra()
    refuse_unwritable_folder(folder)


def make_study(
    material: Material,
    asked: PlanRequest,
    folder: str | Path,
    *,
    inputs: Mapping[str, Path] | None = None,
    tell: Tell = lambda _: None,
    progress: bool = False,
) -> StudyResult:
    """Make the study and write it to a new folder, which exists only once it is complete.

    `inputs`: the files behind the material, whose digests are kept. `tell` is called with each step. Raises
    InputError for a plan that does not fit the data, and for too few people.
    """
    refuse_before_work(folder)
    plan, notes = resolved_plan(asked, material)
    tell("following every relationship")
    findings, converged = _findings(material, plan, progress)
    tell("making the frame")
    frame, left_out = build(material, findings, plan)
    # The plan's seed must not be enough to reproduce the ids.
    released = release(frame, np.random.default_rng(secrets.randbits(128)))
    seeds = {"plan": plan.seed, "population": POPULATION_SEED}
    with replacing_folder(folder) as place:
        unfitted = _write(place, released, plan, tell)
        write_versions(place, seeds, inputs or {})
    people = people_in(frame.columns)
    every_note = (*notes, *left_out, *_lost(frame, released.frame), *_doubts(findings, converged, unfitted))
    return StudyResult(plan, people, len(frame), every_note, converged and not unfitted)


def _write(folder: Path, released: Released, plan: Plan, tell: Tell) -> int:
    """Write all but the versions; return how many associations have no number for lack of convergence."""
    tell("writing tables")
    write_frame(folder, released)
    write_plan(folder, plan)
    write_tables(folder / "tables", released.frame)
    results = document.write(released.frame, folder, dictionary=_dictionary(released), tell=tell)
    return sum(any(note.why is Why.NOT_CONVERGED for note in answer.notes) for answer in results.answers)


def _dictionary(released: Released) -> Table:
    """A short dictionary for the report; the file beside the frame lists every column and its gaps."""
    foot = (
        f"A column with _lag at its end holds the same {earlier(released.frame)}. More is in dictionary.csv."
    )
    return Table(
        "Columns of frame.parquet", ("column", "what it holds"), in_short(entries(released)), foot=foot
    )


def _findings(material: Material, plan: Plan, progress: bool) -> tuple[Findings, bool]:
    """The tracker's findings on the first rater's alliance, by values learned from these ratings."""
    rater, name = next(iter(plan.alliance.items()))
    followed = instrument_named(material.ratings, name)
    if followed is None:
        raise InputError("an instrument of these ratings", column="instrument", found=name)
    values, converged = learned(material.ratings, followed, Rater(rater))
    with progress_bar("assessing", progress) as advance:
        findings = assess_all(material.ratings, followed, values, rater=Rater(rater), progress=advance)
    return findings, converged


def _lost(whole: Frame, kept: Frame) -> list[str]:
    """Notes on people and rows left out because of small groups."""
    people = people_in(whole.columns) - people_in(kept.columns)
    rows = len(whole) - len(kept)
    if not rows:
        return []
    k = whole.plan.minimum_cell
    return [
        f"left out of all that is written, as fewer than {k} people are in such an arm or period: {people:,} "
        f"people whole, and {rows:,} of {len(whole):,} rows"
    ]


def _doubts(findings: Findings, converged: bool, unfitted: int) -> list[str]:
    notes = []
    if unfitted:
        notes.append(
            f"{unfitted} associations have no number, as their model did not converge; the report says which"
        )
    if not converged:
        notes.append("the search for the programme's values did not converge: take ruptures with caution")
    if findings.instrument.construct is not Construct.ALLIANCE:
        notes.append(
            f"of ruptures nothing is said, as {findings.instrument.id} was not declared an alliance "
            "(--construct alliance)"
        )
    return notes
