"""Report: missing outcomes, and skills between alliance and outcome."""

from __future__ import annotations

from accord.figures.tipping_point_plot import tipping_point_plot
from accord.study.models.analyses import Results
from accord.study.models.answers import Numbers
from accord.study.models.mediation import Mediation
from accord.study.models.question import Question
from accord.study.models.refusals import Note
from accord.study.models.sensitivity import Curve
from accord.study.report import markup, phrases
from accord.study.report.markup import NOTHING, Table, figure, opening, paragraph, section, table
from accord.study.report.phrases import Translate, association, outcome_name, rater_name, term_name


def missing(results: Results, translate: Translate = str) -> str:
    _ = translate
    about = _(
        "Somebody who feels worse may be the one who does not fill the form. Outcomes that are missing "
        "while a person was in care are drawn ten times from a multilevel model of those that are known, "
        "then all moved by the same amount (delta), and the association is estimated anew. Arms together; "
        "the outcome before is not in this model, since it would itself be drawn."
    )
    shown = [curve for curve in results.curves if curve.pooled]
    sheet = [table(_shifts(shown, results, _))] if shown else []
    drawn = [_moved(curve, results, _) for curve in shown if curve.question.rater == results.frame.raters[0]]
    untold = [
        (f"{_named(curve.question, results, _)}, {rater_name(curve.question.rater, _)}", curve.notes)
        for curve in results.curves
        if not curve.pooled
    ]
    title = _("If the missing outcomes were worse, or better")
    if not results.curves:
        return section("missing", title, paragraph(_("No outcome is a score, so there is nothing to draw.")))
    return section("missing", title, paragraph(about), *sheet, *drawn, *_reasons(untold, _))


def _shifts(shown: list[Curve], results: Results, _: Translate) -> Table:
    heading = (
        _("outcome"),
        _("rater"),
        _("part"),
        _("1 SD better"),
        _("as expected"),
        _("1 SD worse"),
        _("changes at"),
        _("drawn"),
        _("rows"),
    )
    rows = tuple(
        (
            _named(curve.question, results, _),
            phrases.short_rater(curve.question.rater, _),
            phrases.short_term(curve.term, _),
            *(_at(curve, k) for k in (0, len(curve.pooled) // 2, -1)),
            _("nowhere") if curve.tipping is None else f"{markup.signed(curve.tipping)} SD",
            str(curve.gaps),
            f"{curve.rows:,}",
        )
        for curve in shown
    )
    foot = _(
        "Points for 1 SD more alliance, where a higher score is worse. Changes at: the shift at which the "
        "interval takes in, or leaves out, no association; looked for within 1 SD."
    )
    caption = _("The association under shifts of the missing outcomes.")
    return Table(caption, heading, rows, frozenset(range(3, 9)), foot, association(_))


def _at(curve: Curve, k: int) -> str:
    return markup.points((curve.pooled[k].estimate, curve.pooled[k].low, curve.pooled[k].high))


def _moved(curve: Curve, results: Results, _: Translate) -> str:
    title = _("%(outcome)s, %(part)s, %(rater)s") % {
        "outcome": opening(_named(curve.question, results, _)),
        "part": term_name(curve.term, _),
        "rater": rater_name(curve.question.rater, _),
    }
    points = [
        (delta, pooled.estimate, pooled.low, pooled.high)
        for delta, pooled in zip(curve.deltas, curve.pooled, strict=True)
    ]
    words = _("Without a shift %(size)s; from %(first)s to %(last)s over the shifts.") % {
        "size": _at(curve, len(curve.pooled) // 2),
        "first": markup.signed(curve.pooled[0].estimate, 3),
        "last": markup.signed(curve.pooled[-1].estimate, 3),
    }
    picture = tipping_point_plot(
        f"missing-{curve.question.rater}-{curve.term}",
        title,
        words,
        points,
        _("shift of missing outcomes, in SDs of the outcome"),
        _("points for 1 SD more alliance"),
        curve.tipping,
        _("what is said would change"),
    )
    return figure(picture, f"{title}. {words}")


def through(results: Results, translate: Translate = str) -> str:
    _ = translate
    about = _(
        "Three periods in a row: more alliance than a person's usual, then more skills used than usual, "
        "then the outcome. The path is the product of the two steps, with a Monte Carlo interval. The order "
        "in time is kept, but this is association: a good month may lift alliance and skills alike."
    )
    shown = [mediation for mediation in results.mediations if mediation.through is not None]
    heading = (
        _("outcome"),
        _("rater"),
        _("alliance to skills"),
        _("skills to outcome"),
        _("beside skills"),
        _("path through skills"),
        _("people"),
        _("rows"),
    )
    rows = tuple(_path(mediation, results, _) for mediation in shown)
    foot = _(
        "Coefficients with 95 % intervals; of counts on the logarithm of their rate. Skills: logarithm of "
        "one more than their number in 28 days. Alliance in SDs within a person."
    )
    caption = _("From alliance through skills to the outcome.")
    sheet = (
        [table(Table(caption, heading, rows, frozenset(range(2, 8)), foot, association(_)))] if rows else []
    )
    reasons = _reasons(
        [
            (_named(mediation.question, results, _), mediation.notes)
            for mediation in results.mediations
            if not mediation.through
        ],
        _,
    )
    return section("skills", _("Do skills stand in between?"), paragraph(about), *sheet, *reasons)


def _path(mediation: Mediation, results: Results, _: Translate) -> tuple[str, ...]:
    path = mediation.through
    through = NOTHING if path is None else markup.interval((path.estimate, path.low, path.high), 3)
    return (
        _named(mediation.question, results, _),
        phrases.short_rater(mediation.question.rater, _),
        *(_interval(numbers) for numbers in (mediation.first, mediation.second, mediation.direct)),
        through,
        results.people(mediation.people).brief,
        f"{mediation.rows:,}",
    )


def _interval(numbers: Numbers | None) -> str:
    return NOTHING if numbers is None else markup.points((numbers.estimate, numbers.low, numbers.high))


def _reasons(untold: list[tuple[str, tuple[Note, ...]]], _: Translate) -> list[str]:
    lines = [f"{name}: {'; '.join(phrases.note(note, _) for note in notes)}." for name, notes in untold]
    return [paragraph(opening(line)) for line in dict.fromkeys(lines)]


def _named(question: Question, results: Results, _: Translate) -> str:
    return outcome_name(question.outcome, results.frame.outcome, _)
