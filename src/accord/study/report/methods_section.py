"""Report: methods, written from the analyses that ran, with versions, seed and sources."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from accord.figures.svg import element, text
from accord.study.models.analyses import Results
from accord.study.models.design import EVENTS_FOR_ONE
from accord.study.models.mediation import DRAWS
from accord.study.models.multiverse import FAMILIES
from accord.study.models.question import PRIOR_SD, Kind
from accord.study.models.sensitivity import IMPUTED
from accord.study.models.study_panel import FEWEST_CLINICIANS
from accord.study.models.variance import BOOTSTRAPS, RESAMPLED
from accord.study.report import markup
from accord.study.report.phrases import Translate

REFERENCES = (
    "Baldwin, S. A., Wampold, B. E. and Imel, Z. E. (2007). Untangling the alliance-outcome correlation: "
    "exploring the relative importance of therapist and patient variability in the alliance. Journal of "
    "Consulting and Clinical Psychology, 75.",
    "Barr, D. J., Levy, R., Scheepers, C. and Tily, H. J. (2013). Random effects structure for confirmatory "
    "hypothesis testing: keep it maximal. Journal of Memory and Language, 68.",
    "Bedics, J. D., Atkins, D. C., Harned, M. S. and Linehan, M. M. (2015). The therapeutic alliance as a "
    "predictor of outcome in dialectical behavior therapy versus nonbehavioral psychotherapy by experts for "
    "borderline personality disorder. Psychotherapy, 52, 67-77.",
    "Carpenter, J. R. and Kenward, M. G. (2013). Multiple Imputation and its Application. Wiley.",
    "Curran, P. J. and Bauer, D. J. (2011). The disaggregation of within-person and between-person effects "
    "in longitudinal models of change. Annual Review of Psychology, 62.",
    "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of "
    "Statistics, 6.",
    "Lambert, D. (1992). Zero-inflated Poisson regression, with an application to defects in manufacturing. "
    "Technometrics, 34.",
    "MacKinnon, D. P., Lockwood, C. M. and Williams, J. (2004). Confidence limits for the indirect effect: "
    "distribution of the product and resampling methods. Multivariate Behavioral Research, 39.",
    "Mullahy, J. (1986). Specification and testing of some modified count data models. Journal of "
    "Econometrics, 33.",
    "Peduzzi, P., Concato, J., Kemper, E., Holford, T. R. and Feinstein, A. R. (1996). A simulation study "
    "of the number of events per variable in logistic regression analysis. Journal of Clinical "
    "Epidemiology, 49.",
    "Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. Wiley.",
    "Steegen, S., Tuerlinckx, F., Gelman, A. and Vanpaemel, W. (2016). Increasing transparency through a "
    "multiverse analysis. Perspectives on Psychological Science, 11.",
)
PROGRAMS = ("accord", "numpy", "scipy", "weasyprint")


def methods(results: Results, translate: Translate = str) -> str:
    _ = translate
    sentences = [*_models(results, _), *_closer(results, _)]
    return markup.section(
        "methods",
        _("How it was done"),
        *(markup.paragraph(sentence) for sentence in sentences),
        markup.under(_("Versions and seed")),
        markup.paragraph(versions(results, _)),
    )


def _models(results: Results, _: Translate) -> list[str]:
    facets, raters = ", ".join(results.frame.facets), ", ".join(results.frame.raters)
    return [
        _(
            "Asked for before anything was looked at: every outcome by every facet (%(facets)s), rater "
            "(%(raters)s) and arm. One row is one person in one period of %(days)s days. Each rating is "
            "split into a part between people (the own mean) and a part within (the deviation from it, "
            "%(lag)s earlier), and both stand in one model, for 1 SD each. Scales point one way: a higher "
            "rating of the alliance is a better one, and a higher score of an outcome a worse one. A scale "
            "that runs the other way is turned round (its low end plus its high end less the score)."
        )
        % {
            "facets": facets,
            "raters": raters,
            "days": results.frame.plan.period_days,
            "lag": _periods(results.frame.plan.lag, _),
        },
        _(
            "Models: attempts and leaving by a hazard in discrete time (complementary log-log), with weak "
            "normal priors (SD %(prior)g for 1 SD of a predictor; none on the intercept); counts by a "
            "negative binomial with the logarithm of days as offset; scores by a normal model. Scores and "
            "counts hold the outcome one period earlier constant. Time in care enters as a line and as its "
            "logarithm, for hazards as the logarithm only. Yes-or-no outcomes get at most one predictor for "
            "%(events)s events. Leaving takes ratings before the period only, and its 'between' is the "
            "level so far."
        )
        % {"prior": PRIOR_SD, "events": EVENTS_FOR_ONE},
        _(
            "People differ in their level and, for scores and counts, in their slope within, where this "
            "could be estimated (else in level only, and the note says so); clinicians' levels are in the "
            "model from %(clinicians)s clinicians on, several clinicians of one person by their weights "
            "(multiple membership). For leaving, a person has one end and no level of their own. With "
            "several arms, each part of the alliance has a coefficient in each arm, and arms are compared "
            "by the difference. Estimation is by maximum likelihood (Laplace for all but scores), standard "
            "errors are from the full information, intervals and p from t with as many degrees of freedom "
            "as people less coefficients. A model that did not converge is named as such and gives no "
            "number. p by Holm counts all %(looked)s associations."
        )
        % {"clinicians": FEWEST_CLINICIANS, "looked": results.power.looked},
    ]


def _periods(lag: int, _: Translate) -> str:
    return _("one period") if lag == 1 else _("%(n)s periods") % {"n": lag}


def _closer(results: Results, _: Translate) -> list[str]:
    families = ", ".join(FAMILIES[Kind.COUNT] + FAMILIES[Kind.LEAVING] + FAMILIES[Kind.SCORE]).replace(
        "-", " "
    )
    return [
        _(
            "Closer looks are taken at %(main)s. Other choices: the same or the earlier period, own mean or "
            "own line, outcome before or not, own slopes or not, clinicians or not, families %(families)s. "
            "Missing outcomes: %(imputed)s imputations from a normal model with levels of people, moved by "
            "delta and pooled by Rubin's rules. Path through skills: product of coefficients, %(draws)s "
            "Monte Carlo draws. Variance components: normal model with levels of clients and clinicians; "
            "intervals from %(boots)s simulated programmes. Agreement of raters: intervals from %(again)s "
            "draws of people."
        )
        % {
            "main": results.main,
            "families": families,
            "imputed": IMPUTED,
            "draws": f"{DRAWS:,}",
            "boots": BOOTSTRAPS,
            "again": f"{RESAMPLED:,}",
        },
        _("No number is reported for fewer than %(people)s people, and nothing of any one clinician.")
        % {"people": results.frame.plan.minimum_cell},
    ]


def versions(results: Results, translate: Translate = str) -> str:
    _ = translate
    programs = [
        f"Python {platform.python_version()}",
        *(f"{name} {_version(name)}" for name in PROGRAMS if _version(name)),
    ]
    return _("%(programs)s. Seed %(seed)s: the same frame and seed give the same numbers.") % {
        "programs": ", ".join(programs),
        "seed": results.frame.plan.seed,
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def references(translate: Translate = str) -> str:
    _ = translate
    items = element("ul", *(element("li", text(reference)) for reference in REFERENCES), class_="references")
    return markup.section("references", _("Sources"), items)
