"""Report: outcomes after ruptures, and the variance of ratings between clients, clinicians and occasions."""

from __future__ import annotations

from accord.figures.stacked_bars import stacked_bars
from accord.science.study.agreement import Agreement
from accord.study.models.analyses import Results
from accord.study.models.answers import Numbers
from accord.study.models.question import Kind, Outcome
from accord.study.models.variance import PARTS, Shares
from accord.study.report import markup, phrases
from accord.study.report.markup import NOTHING, Table, figure, opening, paragraph, section, table, under
from accord.study.report.phrases import Translate, association, outcome_name


def ruptures(results: Results, translate: Translate = str) -> str:
    _ = translate
    about = _(
        "A rupture here is what the numbers say: ratings that fell past the alarm line. In some the ratings "
        "were back by the end of the period, in others not. Ratings come back by themselves most of the "
        "time; only a person can say that it is settled."
    )
    shown = [rupture for rupture in results.ruptures if rupture.back]
    heading = (
        _("outcome"),
        _("back, against none"),
        _("not back, against none"),
        _("not back, against back"),
        _("people"),
        _("rows"),
    )
    rows = tuple(
        (
            _named(rupture.outcome, results, _),
            *(_size(n, rupture.outcome) for n in (rupture.back, rupture.not_back, rupture.difference)),
            results.people(rupture.people).brief,
            f"{rupture.rows:,}",
        )
        for rupture in shown
    )
    foot = _(
        "Ratios for counts and leaving, points for scores; with 95 % intervals. None: a period without a "
        "rupture."
    )
    caption = _("The period after a rupture.")
    sheet = (
        [table(Table(caption, heading, rows, frozenset(range(1, 6)), foot, association(_)))] if rows else []
    )
    reasons = [
        paragraph(f"{opening(_named(rupture.outcome, results, _))}: {phrases.note(rupture.notes[0], _)}.")
        for rupture in results.ruptures
        if not rupture.back
    ]
    return section("ruptures", _("After a rupture"), paragraph(about), *sheet, *reasons)


def _named(outcome: Outcome, results: Results, _: Translate) -> str:
    scale = phrases.scale_name(outcome.kind, "", _)
    return f"{outcome_name(outcome, results.frame.outcome, _)} ({scale})"


def _size(numbers: Numbers | None, outcome: Outcome) -> str:
    if numbers is None:
        return NOTHING
    if outcome.kind is Kind.SCORE:
        return markup.points((numbers.estimate, numbers.low, numbers.high))
    return markup.ratio(numbers.ratio)


def whose(results: Results, translate: Translate = str) -> str:
    _ = translate
    about = _(
        "How much of the differences in ratings lies between clients, between clinicians, and between one "
        "period and the next. A client's part also holds what is of their own relationship, for with one "
        "clinician each the two cannot be separated; the last part also holds the form's own error. "
        "Nothing is reported about a single clinician."
    )
    shown = [shares for shares in results.shares if shares.share]
    drawn = [*_bars(shown, _), table(_shares(shown, results, _))] if shown else []
    reasons = dict.fromkeys(
        phrases.note(note, _) for shares in results.shares if not shares.share for note in shares.notes
    )
    return section(
        "whose",
        _("Whose part is whose"),
        paragraph(about),
        *drawn,
        *(paragraph(f"{shares}.") for shares in reasons),
        *_contributions(results, _),
        under(_("How far the two sides agree")),
        *_agreements(results, _),
    )


def _names(_: Translate) -> tuple[str, ...]:
    return (_("between clients"), _("between clinicians"), _("between periods"))


def _bars(shown: list[Shares], _: Translate) -> list[str]:
    wholes = [
        (
            f"{parts_of.facet}, {phrases.short_rater(parts_of.rater, _)}",
            [parts_of.share[part] for part in PARTS],
        )
        for parts_of in shown
    ]
    words = "; ".join(f"{name}: {', '.join(f'{share:.0%}' for share in shares)}" for name, shares in wholes)
    drawn = stacked_bars("shares", _("Shares of variance of the ratings"), words, _names(_), wholes)
    return [figure(drawn, _("Shares of the variance of ratings, time in care held constant."))]


def _shares(shown: list[Shares], results: Results, _: Translate) -> Table:
    heading = (_("facet"), _("rater"), *_names(_), _("SD in all"), _("clients"), _("clinicians"), _("rows"))
    rows = tuple(
        (
            shares.facet,
            phrases.short_rater(shares.rater, _),
            *(_share(shares, part) for part in PARTS),
            f"{shares.sd:.2f}",
            results.people(shares.people).brief,
            str(shares.clinicians),
            f"{shares.rows:,}",
        )
        for shares in shown
    )
    foot = _("Intervals (95 %) of the main facet by simulation from the fitted model.")
    return Table(_("Variance components of the ratings"), heading, rows, frozenset(range(2, 9)), foot)


def _contributions(results: Results, _: Translate) -> list[str]:
    """The level of clinicians with all their clients, and of a client beside it, against the outcome."""
    shown = [
        contribution
        for contribution in results.contributions
        if contribution.client and contribution.clinician
    ]
    if not shown:
        return []
    heading = (
        _("outcome"),
        _("rater"),
        _("clinician's mean"),
        _("client beside it"),
        _("clinicians"),
        _("people"),
        _("rows"),
    )
    rows = tuple(
        (
            _named(contribution.question.outcome, results, _),
            phrases.short_rater(contribution.question.rater, _),
            _size(contribution.clinician, contribution.question.outcome),
            _size(contribution.client, contribution.question.outcome),
            str(contribution.clinicians),
            results.people(contribution.people).brief,
            f"{contribution.rows:,}",
        )
        for contribution in shown
    )
    foot = _(
        "For one point more alliance each, with 95 % intervals: the mean of a clinician's clients against "
        "that of other clinicians, and a client against their clinician's mean. The first rests on as many "
        "values as there are clinicians."
    )
    caption = _("Both contributions to what goes with the outcome.")
    sheet = Table(caption, heading, rows, frozenset(range(2, 7)), foot, association(_))
    return [under(_("Which part goes with the outcome")), table(sheet)]


def _share(shares: Shares, part: str) -> str:
    if part not in shares.interval:
        return f"{shares.share[part]:.0%}"
    low, high = shares.interval[part]
    return markup.INTERVAL.format(f"{shares.share[part]:.0%}", f"{low:.0%}", f"{high:.0%}")


def _agreements(results: Results, _: Translate) -> list[str]:
    shown = [pair for pair in results.raters if pair.between and pair.within]
    heading = (_("facet"), _("between people"), _("within people"), _("people"), _("periods rated by both"))
    rows = tuple(
        (
            pair.facet,
            _correlation(pair.between),
            _correlation(pair.within),
            results.people(pair.between.people).brief,
            f"{pair.between.values:,}",
        )
        for pair in shown
        if pair.between and pair.within
    )
    foot = _(
        "Correlations with 95 % intervals over people drawn anew. Within: of deviations from a person's own "
        "mean."
    )
    caption = _("Client and clinician, the same relationship and period")
    reasons = dict.fromkeys(phrases.note(note, _) for pair in results.raters for note in pair.notes)
    sheet = [table(Table(caption, heading, rows, frozenset(range(1, 5)), foot))] if rows else []
    return [*sheet, *(paragraph(f"{pair}.") for pair in reasons)]


def _correlation(agreement: Agreement | None) -> str:
    return (
        NOTHING
        if agreement is None
        else markup.points((agreement.correlation, agreement.low, agreement.high))
    )
