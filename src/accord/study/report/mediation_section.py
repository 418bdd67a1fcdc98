"""Report: outcomes that are not known, and skills between alliance and outcome."""

from __future__ import annotations

from accord.figures.tipping_point_plot import tipping
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
    told = [one for one in results.curves if one.told]
    sheet = [table(_shifts(told, results, _))] if told else []
    drawn = [_moved(one, results, _) for one in told if one.question.rater == results.frame.raters[0]]
    untold = [
        (f"{_named(one.question, results, _)}, {rater_name(one.question.rater, _)}", one.notes)
        for one in results.curves
        if not one.told
    ]
    title = _("If the missing outcomes were worse, or better")
    if not results.curves:
        return section("missing", title, paragraph(_("No outcome is a score, so there is nothing to draw.")))
    return section("missing", title, paragraph(about), *sheet, *drawn, *_reasons(untold, _))


def _shifts(told: list[Curve], results: Results, _: Translate) -> Table:
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
            _named(one.question, results, _),
            phrases.short_rater(one.question.rater, _),
            phrases.short_term(one.term, _),
            *(_at(one, k) for k in (0, len(one.told) // 2, -1)),
            _("nowhere") if one.tipping is None else f"{markup.signed(one.tipping)} SD",
            str(one.gaps),
            f"{one.rows:,}",
        )
        for one in told
    )
    foot = _(
        "Points for 1 SD more alliance, where a higher score is worse. Changes at: the shift at which the "
        "interval takes in, or leaves out, no association; looked for within 1 SD."
    )
    caption = _("The association under shifts of the missing outcomes.")
    return Table(caption, heading, rows, frozenset(range(3, 9)), foot, association(_))


def _at(one: Curve, k: int) -> str:
    return markup.points((one.told[k].estimate, one.told[k].low, one.told[k].high))


def _moved(one: Curve, results: Results, _: Translate) -> str:
    title = _("%(outcome)s, %(part)s, %(rater)s") % {
        "outcome": opening(_named(one.question, results, _)),
        "part": term_name(one.term, _),
        "rater": rater_name(one.question.rater, _),
    }
    points = [(delta, p.estimate, p.low, p.high) for delta, p in zip(one.deltas, one.told, strict=True)]
    words = _("Without a shift %(size)s; from %(first)s to %(last)s over the shifts.") % {
        "size": _at(one, len(one.told) // 2),
        "first": markup.signed(one.told[0].estimate, 3),
        "last": markup.signed(one.told[-1].estimate, 3),
    }
    picture = tipping(
        f"missing-{one.question.rater}-{one.term}",
        title,
        words,
        points,
        _("shift of missing outcomes, in SDs of the outcome"),
        _("points for 1 SD more alliance"),
        one.tipping,
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
    told = [one for one in results.mediations if one.through is not None]
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
    rows = tuple(_path(one, results, _) for one in told)
    foot = _(
        "Coefficients with 95 % intervals; of counts on the logarithm of their rate. Skills: logarithm of "
        "one more than their number in 28 days. Alliance in SDs within a person."
    )
    caption = _("From alliance through skills to the outcome.")
    sheet = (
        [table(Table(caption, heading, rows, frozenset(range(2, 8)), foot, association(_)))] if rows else []
    )
    reasons = _reasons(
        [(_named(one.question, results, _), one.notes) for one in results.mediations if not one.through], _
    )
    return section("skills", _("Do skills stand in between?"), paragraph(about), *sheet, *reasons)


def _path(one: Mediation, results: Results, _: Translate) -> tuple[str, ...]:
    path = one.through
    through = NOTHING if path is None else markup.interval((path.estimate, path.low, path.high), 3)
    return (
        _named(one.question, results, _),
        phrases.short_rater(one.question.rater, _),
        *(_interval(numbers) for numbers in (one.first, one.second, one.direct)),
        through,
        results.people(one.people).brief,
        f"{one.rows:,}",
    )


def _interval(numbers: Numbers | None) -> str:
    return NOTHING if numbers is None else markup.points((numbers.estimate, numbers.low, numbers.high))


def _reasons(untold: list[tuple[str, tuple[Note, ...]]], _: Translate) -> list[str]:
    lines = [f"{name}: {'; '.join(phrases.note(note, _) for note in notes)}." for name, notes in untold]
    return [paragraph(opening(one)) for one in dict.fromkeys(lines)]


def _named(question: Question, results: Results, _: Translate) -> str:
    return outcome_name(question.outcome, results.frame.outcome, _)
