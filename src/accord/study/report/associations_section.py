"""Report: associations with each outcome, as a figure with the same numbers in a table."""

from __future__ import annotations

from itertools import groupby

from accord.figures.forest import Group, Line, Words, forest
from accord.study.models.analyses import Results
from accord.study.models.answers import Answer
from accord.study.models.answers import with_numbers as sure
from accord.study.models.question import Kind, Outcome
from accord.study.report import markup, phrases
from accord.study.report.markup import NOTHING, Table, chance, figure, opening, paragraph, section, table
from accord.study.report.phrases import Translate

LINES = 26  # of a figure, so that it fits a printed page with its headings


def outcomes(results: Results, translate: Translate = str) -> list[str]:
    """A section for each outcome."""
    groups = groupby(results.answers, key=lambda answer: answer.question.outcome)
    return [_section(results, outcome, list(lines), translate) for outcome, lines in groups]


def _section(results: Results, outcome: Outcome, lines: list[Answer], _: Translate) -> str:
    name = phrases.outcome_name(outcome, results.frame.outcome, _)
    title = opening(name)
    shown = [answer for answer in lines if answer.numbers is not None]
    parts = [paragraph(_about(outcome, _))]
    if shown:
        main = [answer for answer in shown if answer.main]
        parts += [*_figures(outcome, name, main, _), table(_table(results, outcome, name, main, _))]
        parts += _compared(outcome, name, [answer for answer in shown if not answer.main], _)
    return section(f"outcome-{outcome.column.replace('_', '-')}", title, *parts, *_not_shown(lines, _))


def _about(outcome: Outcome, _: Translate) -> str:
    return {
        Kind.EVENT: _(
            "Whether it happened in a period, by the alliance of the period before it, as a hazard."
        ),
        Kind.COUNT: _(
            "How often it happened in a period, by the alliance of the period before it, holding constant "
            "how often it had happened in that one, for the same number of days."
        ),
        Kind.SCORE: _(
            "The score of a period, by the alliance of the period before it, holding constant the score of "
            "that one."
        ),
        Kind.LEAVING: _(
            "Leaving before the planned end, dated at the last attended contact. Other ends count as the "
            "end of what is known. Here 'between' is a person's level so far and 'within' how far the last "
            "period lay from it: a mean over the whole stay would know how long it became."
        ),
    }[outcome.kind]


def _figures(outcome: Outcome, name: str, shown: list[Answer], _: Translate) -> list[str]:
    """One figure, or several, each of which fits a page."""
    pages: list[list[Answer]] = [[]]
    for _pair, group in groupby(shown, key=lambda answer: (answer.question.facet, answer.question.rater)):
        lines = list(group)
        if pages[-1] and len(pages[-1]) + len(lines) > LINES:
            pages.append([])
        pages[-1] += lines
    return [_figure(outcome, name, lines, k, _) for k, lines in enumerate(pages)]


def _figure(outcome: Outcome, name: str, shown: list[Answer], number: int, _: Translate) -> str:
    ratio = outcome.kind is not Kind.SCORE
    scale = phrases.scale_name(outcome.kind, shown[0].question.family, _)
    said = Words(
        _("What went with %(outcome)s") % {"outcome": name},
        _in_words(shown, ratio, _),
        phrases.term_name("within", _),
        phrases.term_name("between", _),
        _("%(scale)s for 1 SD more alliance") % {"scale": scale},
        _("(95 % interval)"),
    )
    groups = [
        Group(_heading(pair, _), tuple(_line(answer, ratio, _) for answer in group))
        for pair, group in groupby(shown, key=lambda answer: (answer.question.facet, answer.question.rater))
    ]
    drawn = forest(f"forest-{outcome.column.replace('_', '-')}-{number + 1}", groups, said, ratio=ratio)
    caption = _(
        "Mark: estimate. Line: 95 %% interval. Left of %(none)s: more alliance goes with less of it."
    ) % {"none": 1 if ratio else 0}
    return figure(drawn, caption)


def _heading(pair: tuple[str, str], _: Translate) -> str:
    return f"{pair[0]}, {phrases.rater_name(pair[1], _)}"


def _line(answer: Answer, ratio: bool, _: Translate) -> Line:
    label = phrases.term_name(answer.term, _) + (f", {answer.arm}" if answer.arm else "")
    numbers = sure(answer.numbers)
    value = numbers.ratio if ratio else (numbers.estimate, numbers.low, numbers.high)
    return Line(label, _size(answer, ratio), value, answer.term == "within")


def _size(answer: Answer, ratio: bool) -> str:
    numbers = sure(answer.numbers)
    if ratio:
        return markup.ratio(numbers.ratio)
    return markup.points((numbers.estimate, numbers.low, numbers.high))


def _in_words(shown: list[Answer], ratio: bool, _: Translate) -> str:
    return "; ".join(
        f"{_heading((answer.question.facet, answer.question.rater), _)}, {phrases.term_name(answer.term, _)}"
        f"{f', {answer.arm}' if answer.arm else ''}: {_size(answer, ratio)}"
        for answer in shown
    )


def _table(results: Results, outcome: Outcome, name: str, shown: list[Answer], _: Translate) -> Table:
    ratio = outcome.kind is not Kind.SCORE
    arms = any(answer.arm for answer in shown)
    marks = list(dict.fromkeys(note for answer in shown for note in _remarks(answer, _)))
    heading = (
        _("facet"),
        _("rater"),
        _("part"),
        *([_("arm")] if arms else []),
        phrases.scale_name(outcome.kind, shown[0].question.family, _) + _(" (95 % interval)"),
        "p",
        _("p, Holm"),
        _("1 SD"),
        _("people"),
        _("rows"),
        *([] if outcome.kind is Kind.SCORE else [_("events")]),
        *([_("note")] if marks else []),
    )
    rows = tuple(_row(results, answer, outcome, ratio, arms, marks, _) for answer in shown)
    first = 4 if arms else 3
    last = len(heading) - (1 if marks else 0)
    notes = " ".join(f"{_letter(k)}: {words}." for k, words in enumerate(marks))
    caption = _("%(outcome)s and the alliance.") % {"outcome": opening(name)}
    foot = " ".join(part for part in (_units(_), notes) if part)
    return Table(caption, heading, rows, frozenset(range(first, last)), foot, phrases.association(_))


def _compared(outcome: Outcome, name: str, shown: list[Answer], _: Translate) -> list[str]:
    """Differences between arms: the ratio of ratios, or the difference of differences."""
    if not shown:
        return []
    ratio = outcome.kind is not Kind.SCORE
    size = _("ratio of the two ratios") if ratio else _("difference of the two")
    heading = (_("facet"), _("rater"), _("part"), _("arms"), size + _(" (95 % interval)"), "p")
    rows = tuple(
        (
            answer.question.facet,
            phrases.short_rater(answer.question.rater, _),
            phrases.short_term(answer.term, _),
            _("%(arm)s against %(other)s") % {"arm": answer.arm, "other": answer.other_arm},
            _size(answer, ratio),
            chance(sure(answer.numbers).p),
        )
        for answer in shown
    )
    caption = _("%(outcome)s, arm against arm.") % {"outcome": opening(name)}
    return [table(Table(caption, heading, rows, frozenset((4, 5)), aside=phrases.association(_)))]


def _units(_: Translate) -> str:
    return _(
        "For 1 SD more alliance; '1 SD' is its size in the rating's own points. Holm counts all looks of "
        "the study."
    )


def _remarks(answer: Answer, _: Translate) -> list[str]:
    return [phrases.note(note, _) for note in answer.notes]


def _row(
    results: Results,
    answer: Answer,
    outcome: Outcome,
    ratio: bool,
    arms: bool,
    marks: list[str],
    _: Translate,
) -> tuple[str, ...]:
    events = [] if outcome.kind is Kind.SCORE else [NOTHING if answer.events is None else answer.events.brief]
    letters = " ".join(_letter(marks.index(words)) for words in _remarks(answer, _))
    return (
        answer.question.facet,
        phrases.short_rater(answer.question.rater, _),
        phrases.short_term(answer.term, _),
        *([answer.arm] if arms else []),
        _size(answer, ratio),
        chance(sure(answer.numbers).p),
        chance(answer.holm),
        NOTHING if answer.sd is None else f"{answer.sd:.2f}",
        results.people(answer.people).brief,
        f"{answer.rows:,}",
        *events,
        *([letters] if marks else []),
    )


def _letter(k: int) -> str:
    return "abcdefghijklmnopqrstuvwxyz"[k % 26]


def _not_shown(lines: list[Answer], _: Translate) -> list[str]:
    """Associations without a number, each reason once with those it applies to."""
    reasons: dict[str, list[str]] = {}
    for answer in lines:
        if answer.numbers is None:
            about = _heading((answer.question.facet, answer.question.rater), _)
            reasons.setdefault("; ".join(_remarks(answer, _)), []).append(about)
    everything = not any(answer.numbers for answer in lines)
    return [
        paragraph(f"{reason}." if everything and len(reasons) == 1 else f"{'; '.join(about)}: {reason}.")
        for reason, about in reasons.items()
    ]
