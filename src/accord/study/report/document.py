"""The report of a study: one HTML file, the same as PDF, and its tables as CSV."""

from __future__ import annotations

import logging
from pathlib import Path

from accord.errors import InputError, how_to_install
from accord.exchange.atomic import replacing, replacing_bytes
from accord.figures.svg import element, text
from accord.study.models.analyses import Results, Tell, run_analyses
from accord.study.models.study_panel import FrameLike
from accord.study.report import (
    associations_section,
    csv_tables,
    markup,
    mediation_section,
    methods_section,
    sample_section,
    sensitivity_section,
    summary,
    variance_section,
)
from accord.study.report.markup import Table, bullets, opening, paragraph, section, table
from accord.study.report.phrases import Translate, association, outcome_name
from accord.study.report.style import STYLE

HTML, PDF, TABLES = "report.html", "report.pdf", "tables"
LANGUAGE = "en"


def write(
    frame: FrameLike,
    folder: Path,
    *,
    title: str = "",
    dictionary: Table | None = None,
    translate: Translate = str,
    tell: Tell = lambda _: None,
) -> Results:
    """Run the study and write `report.html`, `report.pdf` and `tables/*.csv` into a folder that exists.

    InputError without the extra `study` (the PDF), or where the folder cannot be written.
    """
    results = run_analyses(frame, tell=tell)
    tell("report")
    whole = document(results, title, dictionary, translate)
    (folder / TABLES).mkdir(exist_ok=True)
    csv_tables.write(results, folder / TABLES)
    with replacing(folder / HTML) as file:
        file.write(whole)
    with replacing_bytes(folder / PDF) as file:
        file.write(pdf(whole))
    return results


def pdf(whole: str) -> bytes:
    """The document as a PDF."""
    try:
        import weasyprint
    except ImportError as error:
        raise InputError(f"the extra `study`, which writes the PDF; {how_to_install('study')}") from error
    # It logs every rule for screens that paper has no use for.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    made: bytes = weasyprint.HTML(string=whole).write_pdf(pdf_variant="pdf/ua-1")
    return made


def document(
    results: Results, title: str = "", dictionary: Table | None = None, translate: Translate = str
) -> str:
    """The whole report as one self-contained HTML file without script."""
    _ = translate
    name = title or _("What the alliance went with")
    parts = [
        sample_section.who(results, _),
        *associations_section.outcomes(results, _),
        sensitivity_section.zeros(results, _),
        sensitivity_section.multiverse(results, _),
        mediation_section.missing(results, _),
        mediation_section.through(results, _),
        variance_section.ruptures(results, _),
        variance_section.whose(results, _),
        methods_section.methods(results, _),
        methods_section.references(_),
        *([section("dictionary", _("Data dictionary"), table(dictionary))] if dictionary else []),
    ]
    body = [
        _opening(results, name, _),
        element("main", _short(results, _), _limits(results, _), *parts),
    ]
    return markup.page(name, LANGUAGE, STYLE, body)


def _opening(results: Results, name: str, _: Translate) -> str:
    power = results.power
    lead = _("%(people)s people, %(years)s person-years, %(clinicians)s clinicians.") % {
        "people": power.people,
        "years": f"{sum(arm.years for arm in results.arms):.0f}",
        "clinicians": power.clinicians,
    }
    if len(results.frame.facets) > 1:
        lead += " " + _("Facets of the alliance: %(facets)s.") % {"facets": ", ".join(results.frame.facets)}
    return element("header", element("h1", text(name)), paragraph(lead, "lead"), _contents(results, _))


def _contents(results: Results, _: Translate) -> str:
    outcomes = dict.fromkeys(outcome.question.outcome for outcome in results.answers)
    links = [
        ("short", _("In short")),
        ("limits", _("What these data can say")),
        ("who", _("Who, and how many")),
    ]
    links += [
        (
            f"outcome-{outcome.column.replace('_', '-')}",
            opening(outcome_name(outcome, results.frame.outcome, _)),
        )
        for outcome in outcomes
    ]
    links += [
        ("choices", _("Other reasonable choices")),
        ("missing", _("Missing outcomes")),
        ("skills", _("Skills in between")),
        ("ruptures", _("After a rupture")),
        ("whose", _("Whose part is whose")),
        ("methods", _("How it was done")),
    ]
    entries = [element("li", element("a", text(words), href=f"#{place}")) for place, words in links]
    return element("nav", element("ul", *entries), aria_label=_("Contents"))


def _short(results: Results, _: Translate) -> str:
    sentences = summary.in_short(results, _)
    proof = element("p", text(association(_)), class_="not-proof")
    rest = [bullets(sentences[1:])] if sentences[1:] else []
    return section("short", _("In short"), paragraph(sentences[0]), *rest, proof)


def _limits(results: Results, _: Translate) -> str:
    heading: tuple[str, ...] = (_("outcome"), _("rater"), _("arm"), _("within a person"), _("between people"))
    rows = tuple(summary.smallest(results, _))
    if not any(row[2] for row in rows):
        heading, rows = (*heading[:2], *heading[3:]), tuple((*row[:2], *row[3:]) for row in rows)
    foot = _(
        "For 1 SD of the main facet, at this size of programme: ratios below the first or above the second "
        "number, or differences in points. A true association smaller than this would more often than not "
        "have gone unnoticed or come out too large."
    )
    caption = _("What would have been found four times in five, had it been there")
    sheet = (
        [table(Table(caption, heading, rows, frozenset(range(len(heading) - 2, len(heading))), foot))]
        if rows
        else []
    )
    return section(
        "limits", _("What these data can and cannot say"), bullets(summary.can_say(results, _)), *sheet
    )
