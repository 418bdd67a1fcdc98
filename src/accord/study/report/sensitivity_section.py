"""Report: counts of the main facet in several models, and results under other reasonable choices."""

from __future__ import annotations

import math

from accord.figures.specification_curve import Choice, specification_curve
from accord.study.models.analyses import Results
from accord.study.models.answers import with_numbers as sure
from accord.study.models.multiverse import Multiverse
from accord.study.models.question import Kind, Question
from accord.study.models.zeros import AdjacentModel
from accord.study.report import markup, phrases
from accord.study.report.markup import NOTHING, Table, chance, figure, opening, paragraph, section, table
from accord.study.report.phrases import Translate, association, outcome_name, rater_name, term_name


def zeros(results: Results, translate: Translate = str) -> str:
    _ = translate
    if not results.beside:
        return ""
    shown = [model for model in results.beside if model.numbers is not None]
    heading = (_("outcome"), _("rater"), _("model"), _("part"), _("ratio (95 % interval)"), "p", "AIC")
    rows = tuple(_beside(model, results, _) for model in shown)
    notes = list(dict.fromkeys(phrases.note(note, _) for model in results.beside for note in model.notes))
    about = _(
        "Most periods are without self-injury, so the count is modelled in three ways: one negative "
        "binomial, the same with zeros that come whatever the rate, and a hurdle (whether any; then how "
        "many). The lower AIC fits better for its size; a difference below 2 means nothing. Levels of "
        "clients and clinicians, no slopes."
    )
    foot = " ".join(f"{model}." for model in notes)
    sheet = Table(_("Counts in three models."), heading, rows, frozenset((4, 5, 6)), foot, association(_))
    return section("zeros", _("Counts with many zeros"), paragraph(about), *([table(sheet)] if rows else []))


def _beside(model: AdjacentModel, results: Results, _: Translate) -> tuple[str, ...]:
    numbers = sure(model.numbers)
    return (
        _name(model.question, results, _),
        phrases.short_rater(model.question.rater, _),
        phrases.count_model(model.model, _),
        _brief(model.term, model.arm, _),
        markup.ratio(numbers.ratio),
        chance(numbers.p),
        NOTHING if model.aic is None else f"{model.aic:,.1f}",
    )


def _name(question: Question, results: Results, _: Translate) -> str:
    return outcome_name(question.outcome, results.frame.outcome, _)


def _part(term: str, arm: str, _: Translate) -> str:
    return term_name(term, _) + (f", {arm}" if arm else "")


def _brief(term: str, arm: str, _: Translate) -> str:
    return phrases.short_term(term, _) + (f", {arm}" if arm else "")


def multiverse(results: Results, translate: Translate = str) -> str:
    _ = translate
    about = _(
        "An analysis holds choices that could have been made otherwise. Here all of the reasonable ones are "
        "made at once: the alliance beside the outcome or one period before it, about the own mean or the "
        "own straight line, with and without the outcome before, another family, people's own slopes, "
        "clinicians in the model or out. None of them is chosen. If what is said depends on a choice, it "
        "shows here."
    )
    if not results.multiverses:
        return section(
            "choices", _("Other reasonable choices"), paragraph(_("No outcome allows enough of them."))
        )
    heading = (
        _("outcome"),
        _("rater"),
        _("part"),
        _("choices"),
        _("median"),
        _("lowest to highest"),
        _("upwards"),
        _("p < .05"),
    )
    rows = tuple(_many(curve, results, _) for curve in results.multiverses)
    foot = _(
        "Upwards: share of choices in which more alliance goes with more of the outcome. p < .05: share of "
        "choices whose own interval leaves out no association. Choices: those that converged, of those "
        "tried."
    )
    sheet = Table(
        _("All choices, outcome by outcome."), heading, rows, frozenset(range(3, 8)), foot, association(_)
    )
    drawn = [curve for curve in results.multiverses if curve.rater == results.frame.raters[0]]
    figures = [_curve(curve, results, _) for curve in drawn]
    return section("choices", _("Other reasonable choices"), paragraph(about), table(sheet), *figures)


def _many(curve: Multiverse, results: Results, _: Translate) -> tuple[str, ...]:
    low, high = curve.specifications[0].estimate, curve.specifications[-1].estimate
    return (
        outcome_name(curve.outcome, results.frame.outcome, _),
        phrases.short_rater(curve.rater, _),
        _brief(curve.term, curve.arm, _),
        f"{len(curve.specifications)} / {curve.tried}",
        _shown(curve, curve.middle),
        f"{_shown(curve, low)} – {_shown(curve, high)}",
        f"{curve.positive:.0%}",
        f"{curve.beyond_chance:.0%}",
    )


def _shown(curve: Multiverse, value: float) -> str:
    return markup.signed(value) if curve.outcome.kind is Kind.SCORE else f"{math.exp(min(value, 50.0)):.2f}"


def _curve(many: Multiverse, results: Results, _: Translate) -> str:
    name = outcome_name(many.outcome, results.frame.outcome, _)
    title = _("%(outcome)s, %(part)s, %(rater)s") % {
        "outcome": opening(name),
        "part": _part(many.term, many.arm, _),
        "rater": rater_name(many.rater, _),
    }
    kinds = (
        _("alliance"),
        _("centred about"),
        _("outcome before"),
        _("family"),
        _("own slopes"),
        _("clinicians"),
    )
    made = [
        Choice(numbers.estimate, numbers.low, numbers.high, _made(specification.question, _))
        for specification in many.specifications
        if (numbers := specification.answer.numbers) is not None
    ]
    words = _("%(n)s choices; median %(middle)s, from %(low)s to %(high)s.") % {
        "n": len(made),
        "middle": _shown(many, many.middle),
        "low": _shown(many, many.specifications[0].estimate),
        "high": _shown(many, many.specifications[-1].estimate),
    }
    place = (
        f"choices-{many.outcome.column}-{many.term}-{many.arm}".replace("_", "-").replace(" ", "-").strip("-")
    )
    drawn = specification_curve(place, title, words, made, kinds, ratio=many.outcome.kind is not Kind.SCORE)
    scale = phrases.scale_name(many.outcome.kind, "", _)
    caption = _("%(title)s: %(scale)s for 1 SD, each choice with its interval, in order. %(words)s") % {
        "title": title,
        "scale": scale,
        "words": words,
    }
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
