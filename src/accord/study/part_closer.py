"""Report: closer looks at the main facet. Other choices, outcomes not known, skills in between."""

from __future__ import annotations

import math

from accord.figures.choices import Choice, curve
from accord.figures.tipping import tipping
from accord.study import markup, phrases
from accord.study.analyses import Results
from accord.study.answers import Numbers
from accord.study.answers import told as sure
from accord.study.markup import NOTHING, Table, chance, figure, opening, paragraph, section, table
from accord.study.mediation import Mediation
from accord.study.multiverse import Multiverse
from accord.study.phrases import Translate, association, outcome_name, rater_name, term_name
from accord.study.question import Kind, Question
from accord.study.sensitivity import Curve
from accord.study.zeros import Beside


def zeros(results: Results, translate: Translate = str) -> str:
    _ = translate
    if not results.beside:
        return ""
    told = [one for one in results.beside if one.numbers is not None]
    heading = (_("outcome"), _("rater"), _("model"), _("part"), _("ratio (95 % interval)"), "p", "AIC")
    rows = tuple(_beside(one, results, _) for one in told)
    notes = list(dict.fromkeys(phrases.note(note, _) for one in results.beside for note in one.notes))
    about = _(
        "Most periods are without self-injury, so the count is modelled in three ways: one negative binomial, the same "
        "with zeros that come whatever the rate, and a hurdle (whether any; then how many). The lower AIC fits better "
        "for its size; a difference below 2 means nothing. Levels of clients and clinicians, no slopes."
    )
    foot = " ".join(f"{one}." for one in notes)
    sheet = Table(
        _("Counts in three models."), heading, rows, frozenset((4, 5, 6)), foot, association(_)
    )
    return section("zeros", _("Counts with many zeros"), paragraph(about), *([table(sheet)] if rows else []))


def _beside(one: Beside, results: Results, _: Translate) -> tuple[str, ...]:
    numbers = sure(one.numbers)
    return (
        _name(one.question, results, _), phrases.short_rater(one.question.rater, _), phrases.count_model(one.model, _),
        _brief(one.term, one.arm, _), markup.ratio(numbers.ratio), chance(numbers.p),
        NOTHING if one.aic is None else f"{one.aic:,.1f}",
    )  # fmt: skip


def _name(question: Question, results: Results, _: Translate) -> str:
    return outcome_name(question.outcome, results.frame.outcome, _)


def _part(term: str, arm: str, _: Translate) -> str:
    return term_name(term, _) + (f", {arm}" if arm else "")


def _brief(term: str, arm: str, _: Translate) -> str:
    return phrases.short_term(term, _) + (f", {arm}" if arm else "")


def multiverse(results: Results, translate: Translate = str) -> str:
    _ = translate
    about = _(
        "An analysis holds choices that could have been made otherwise. Here all of the reasonable ones are made at once: "
        "the alliance beside the outcome or one period before it, about the own mean or the own straight line, with and "
        "without the outcome before, another family, people's own slopes, clinicians in the model or out. None of them "
        "is chosen. If what is said depends on a choice, it shows here."
    )
    if not results.multiverses:
        return section("choices", _("Other reasonable choices"), paragraph(_("No outcome allows enough of them.")))
    heading = (_("outcome"), _("rater"), _("part"), _("choices"), _("median"), _("lowest to highest"),
               _("upwards"), _("p < .05"))  # fmt: skip
    rows = tuple(_many(one, results, _) for one in results.multiverses)
    foot = _(
        "Upwards: share of choices in which more alliance goes with more of the outcome. p < .05: share of choices whose "
        "own interval leaves out no association. Choices: those that converged, of those tried."
    )
    sheet = Table(
        _("All choices, outcome by outcome."), heading, rows, frozenset(range(3, 8)), foot, association(_)
    )
    drawn = [one for one in results.multiverses if one.rater == results.frame.raters[0]]
    figures = [_curve(one, results, _) for one in drawn]
    return section("choices", _("Other reasonable choices"), paragraph(about), table(sheet), *figures)


def _many(one: Multiverse, results: Results, _: Translate) -> tuple[str, ...]:
    low, high = one.told[0].estimate, one.told[-1].estimate
    return (
        outcome_name(one.outcome, results.frame.outcome, _), phrases.short_rater(one.rater, _), _brief(one.term, one.arm, _),
        f"{len(one.told)} / {one.tried}", _shown(one, one.middle),
        f"{_shown(one, low)} – {_shown(one, high)}", f"{one.positive:.0%}", f"{one.beyond_chance:.0%}",
    )  # fmt: skip


def _shown(one: Multiverse, value: float) -> str:
    return markup.signed(value) if one.outcome.kind is Kind.SCORE else f"{math.exp(min(value, 50.0)):.2f}"


def _curve(one: Multiverse, results: Results, _: Translate) -> str:
    name = outcome_name(one.outcome, results.frame.outcome, _)
    title = _("%(outcome)s, %(part)s, %(rater)s") % {
        "outcome": opening(name), "part": _part(one.term, one.arm, _), "rater": rater_name(one.rater, _)
    }  # fmt: skip
    kinds = (_("alliance"), _("centred about"), _("outcome before"), _("family"), _("own slopes"), _("clinicians"))
    made = [
        Choice(numbers.estimate, numbers.low, numbers.high, _made(told.question, _))
        for told in one.told
        if (numbers := told.answer.numbers) is not None
    ]
    words = _("%(n)s choices; median %(middle)s, from %(low)s to %(high)s.") % {
        "n": len(made), "middle": _shown(one, one.middle), "low": _shown(one, one.told[0].estimate),
        "high": _shown(one, one.told[-1].estimate)}  # fmt: skip
    id = f"choices-{one.outcome.column}-{one.term}-{one.arm}".replace("_", "-").replace(" ", "-").strip("-")
    drawn = curve(id, title, words, made, kinds, ratio=one.outcome.kind is not Kind.SCORE)
    scale = phrases.scale_name(one.outcome.kind, "", _)
    caption = _("%(title)s: %(scale)s for 1 SD, each choice with its interval, in order. %(words)s") % {
        "title": title, "scale": scale, "words": words}  # fmt: skip
    return figure(drawn, caption)


def _made(question: Question, _: Translate) -> tuple[str, ...]:
    return (
        _("one period before") if question.lag else _("same period"),
        phrases.centring_name(question.centring, _),
        _("held constant") if question.adjusted else _("not in the model"),
        question.family.replace("-", " "),
        _("yes") if question.slope else _("no"),
        _("in the model") if question.clinicians else _("left out"),
    )


def missing(results: Results, translate: Translate = str) -> str:
    _ = translate
    about = _(
        "Somebody who feels worse may be the one who does not fill the form. Outcomes that are missing while a person was "
        "in care are drawn ten times from a multilevel model of those that are known, then all moved by the same amount "
        "(delta), and the association is estimated anew. Arms together; the outcome before is not in this model, since "
        "it would itself be drawn."
    )
    told = [one for one in results.curves if one.told]
    sheet = [table(_shifts(told, results, _))] if told else []
    drawn = [_moved(one, results, _) for one in told if one.question.rater == results.frame.raters[0]]
    untold = [
        (f"{_name(one.question, results, _)}, {rater_name(one.question.rater, _)}", one.notes)
        for one in results.curves
        if not one.told
    ]
    title = _("If the missing outcomes were worse, or better")
    if not results.curves:
        return section("missing", title, paragraph(_("No outcome is a score, so there is nothing to draw.")))
    return section("missing", title, paragraph(about), *sheet, *drawn, *_reasons(untold, _))


def _shifts(told: list[Curve], results: Results, _: Translate) -> Table:
    heading = (_("outcome"), _("rater"), _("part"), _("1 SD better"), _("as expected"), _("1 SD worse"),
               _("changes at"), _("drawn"), _("rows"))  # fmt: skip
    rows = tuple(
        (_name(one.question, results, _), phrases.short_rater(one.question.rater, _), _brief(one.term, "", _),
         *(_at(one, k) for k in (0, len(one.told) // 2, -1)),
         _("nowhere") if one.tipping is None else f"{markup.signed(one.tipping)} SD", str(one.gaps), f"{one.rows:,}")
        for one in told
    )  # fmt: skip
    foot = _(
        "Points for 1 SD more alliance, where a higher score is worse. Changes at: the shift at which the interval takes "
        "in, or leaves out, no association; looked for within 1 SD."
    )
    caption = _("The association under shifts of the missing outcomes.")
    return Table(caption, heading, rows, frozenset(range(3, 9)), foot, association(_))


def _at(one: Curve, k: int) -> str:
    return markup.points((one.told[k].estimate, one.told[k].low, one.told[k].high))


def _moved(one: Curve, results: Results, _: Translate) -> str:
    title = _("%(outcome)s, %(part)s, %(rater)s") % {
        "outcome": opening(_name(one.question, results, _)), "part": term_name(one.term, _),
        "rater": rater_name(one.question.rater, _)}  # fmt: skip
    points = [(delta, p.estimate, p.low, p.high) for delta, p in zip(one.deltas, one.told, strict=True)]
    words = _("Without a shift %(size)s; from %(first)s to %(last)s over the shifts.") % {
        "size": _at(one, len(one.told) // 2), "first": markup.signed(one.told[0].estimate, 3),
        "last": markup.signed(one.told[-1].estimate, 3)}  # fmt: skip
    picture = tipping(
        f"missing-{one.question.rater}-{one.term}", title, words, points,
        _("shift of missing outcomes, in SDs of the outcome"), _("points for 1 SD more alliance"), one.tipping,
        _("what is said would change"),
    )  # fmt: skip
    return figure(picture, f"{title}. {words}")


def through(results: Results, translate: Translate = str) -> str:
    _ = translate
    about = _(
        "Three periods in a row: more alliance than a person's usual, then more skills used than usual, then the outcome. "
        "The path is the product of the two steps, with a Monte Carlo interval. The order in time is kept, but this is "
        "association: a good month may lift alliance and skills alike."
    )
    told = [one for one in results.mediations if one.through is not None]
    heading = (_("outcome"), _("rater"), _("alliance to skills"), _("skills to outcome"), _("beside skills"),
               _("path through skills"), _("people"), _("rows"))  # fmt: skip
    rows = tuple(_path(one, results, _) for one in told)
    foot = _(
        "Coefficients with 95 % intervals; of counts on the logarithm of their rate. Skills: logarithm of one more than "
        "their number in 28 days. Alliance in SDs within a person."
    )
    caption = _("From alliance through skills to the outcome.")
    sheet = [table(Table(caption, heading, rows, frozenset(range(2, 8)), foot, association(_)))] if rows else []
    reasons = _reasons([(_name(one.question, results, _), one.notes) for one in results.mediations if not one.through], _)
    return section("skills", _("Do skills stand in between?"), paragraph(about), *sheet, *reasons)


def _path(one: Mediation, results: Results, _: Translate) -> tuple[str, ...]:
    through = NOTHING
    if one.through is not None:
        middle, low, high = (markup.signed(value, 3) for value in (one.through.estimate, one.through.low, one.through.high))
        through = f"{middle} ({low} to {high})"
    return (
        _name(one.question, results, _), phrases.short_rater(one.question.rater, _),
        *(_interval(numbers) for numbers in (one.first, one.second, one.direct)), through, str(one.people),
        f"{one.rows:,}",
    )  # fmt: skip


def _interval(numbers: Numbers | None) -> str:
    return NOTHING if numbers is None else markup.points((numbers.estimate, numbers.low, numbers.high))


def _reasons(untold: list[tuple[str, tuple[phrases.Note, ...]]], _: Translate) -> list[str]:
    lines = [f"{name}: {'; '.join(phrases.note(note, _) for note in notes)}." for name, notes in untold]
    return [paragraph(opening(one)) for one in dict.fromkeys(lines)]
