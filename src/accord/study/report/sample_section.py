"""Report: people of the study, completeness of their data, and the course of the alliance."""

from __future__ import annotations

from accord.figures.means_plot import Course, means_plot
from accord.study.models import descriptives
from accord.study.models.analyses import Results
from accord.study.models.question import Outcome
from accord.study.report import markup, phrases
from accord.study.report.markup import NOTHING, Table, figure, section, table, under
from accord.study.report.phrases import Translate


def who(results: Results, translate: Translate = str) -> str:
    _ = translate
    parts = [
        table(_arms(results, _)),
        under(_("What is known")),
        table(_outcomes(results, _)),
        under(_("How the alliance went")),
        *_courses(results, _),
        table(_alliances(results, _)),
    ]
    return section("who", _("Who, and how many"), *parts)


def _arms(results: Results, _: Translate) -> Table:
    ends = [end for end in descriptives.ENDS if any(end in arm.ends for arm in results.arms)]
    heading = (_("arm"), _("people"), _("person-years"), *(phrases.end_name(end, _) for end in ends))
    rows = tuple(
        (
            arm.name or _("all"),
            phrases.cell(arm.people, _),
            f"{arm.years:.0f}",
            *(phrases.cell(arm.ends.get(end, 0), _) for end in ends),
        )
        for arm in results.arms
    )
    foot = _(
        "Cells of fewer than ten people are not shown, nor others from which they could be worked out with "
        "the sums."
    )
    return Table(_("People, time in care, and how it ended"), heading, rows, _after(heading, 1), foot)


def _outcomes(results: Results, _: Translate) -> Table:
    heading = (
        _("outcome"),
        _("periods known"),
        _("missing"),
        _("in all"),
        _("people who had any"),
        _("mean (SD)"),
    )
    rows = tuple(_outcome(outcome, results, _) for outcome in results.outcomes)
    return Table(_("Outcomes, by period"), heading, rows, _after(heading, 1))


def _outcome(kinds: descriptives.OutcomeCounts, results: Results, _: Translate) -> tuple[str, ...]:
    kind = next(instrument.kind for instrument in _kinds(results) if instrument.column == kinds.column)
    name = phrases.outcome_name(Outcome(kinds.column, kind), results.frame.outcome, _)
    spread = NOTHING if kinds.mean is None or kinds.sd is None else f"{kinds.mean:.2f} ({kinds.sd:.2f})"
    score = kinds.column == "outcome"
    return (
        name,
        f"{kinds.rows:,}",
        f"{kinds.missing:.0%}",
        NOTHING if score else _("not shown") if kinds.total is None else f"{kinds.total:,}",
        NOTHING if score else phrases.cell(kinds.people, _),
        spread,
    )


def _kinds(results: Results) -> list[Outcome]:
    return list(dict.fromkeys(answer.question.outcome for answer in results.answers))


def _alliances(results: Results, _: Translate) -> Table:
    heading = (_("facet"), _("rater"), _("people"), _("missing"), _("mean"), _("SD between"), _("SD within"))
    rows = tuple(
        (
            alliance.facet,
            phrases.short_rater(alliance.rater, _),
            phrases.cell(alliance.people, _),
            f"{alliance.missing:.0%}",
            *(
                NOTHING if value is None else f"{value:.2f}"
                for value in (alliance.mean, alliance.between_sd, alliance.within_sd)
            ),
        )
        for alliance in results.alliances
    )
    foot = _("SD between: of people's own means. SD within: of periods about a person's own mean.")
    return Table(_("The alliance in the ratings' own points"), heading, rows, _after(heading, 2), foot)


def _courses(results: Results, _: Translate) -> list[str]:
    """Courses of the main facet, rater by rater."""
    chosen = [
        alliance for alliance in results.alliances if alliance.facet == results.main and alliance.course
    ]
    if not chosen:
        return [markup.paragraph(_("No period has ten rated people, so no course is drawn."))]
    lines = [
        Course(
            phrases.rater_name(alliance.rater, _),
            tuple((point.period, point.mean, point.low, point.high) for point in alliance.course),
        )
        for alliance in chosen
    ]
    summary = "; ".join(
        f"{line.name}: {line.points[0][1]:.2f}, {line.points[-1][1]:.2f}" for line in lines if line.points
    )
    words = _("First and last mean. %(summary)s.") % {"summary": summary}
    drawn = means_plot(
        "courses",
        _("The alliance over time"),
        words,
        lines,
        _("period of care"),
        _("%(facet)s, mean of people with 95 %% interval") % {"facet": results.main},
    )
    caption = _(
        "Each mark is the mean of those rated in that period, at least %(n)s people. Later periods hold "
        "those who stayed: a rising line may be people leaving."
    ) % {"n": results.frame.plan.minimum_cell}
    return [figure(drawn, caption)]


def _after(heading: tuple[str, ...], first: int) -> frozenset[int]:
    return frozenset(range(first, len(heading)))
