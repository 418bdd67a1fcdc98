"""Names and reasons of a study in words. Callers pass `translate`, for example a gettext."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from accord.study.models.descriptives import Cell, Hidden
from accord.study.models.question import Centring, Kind, Outcome
from accord.study.models.refusals import Note, Why
from accord.study.models.zeros import CountModel
from accord.study.release.counts import Count

Translate = Callable[[str], str]


def association(translate: Translate = str) -> str:
    """The sentence on association that every table carries."""
    _ = translate
    return _("Association, not proof: what moves both is not ruled out.")


def outcome_name(outcome: Outcome, instrument: str | None, translate: Translate = str) -> str:
    _ = translate
    names = {
        "attempt": _("suicide attempts"),
        "self_injury": _("self-injury"),
        "outcome": instrument or _("the outcome"),
        "left": _("leaving early"),
        "skill": _("skills used"),
    }
    return names.get(outcome.column, outcome.column.replace("_", " "))


def rater_name(rater: str, translate: Translate = str) -> str:
    _ = translate
    names = {
        "client": _("rated by the client"),
        "clinician": _("rated by the clinician"),
        "observer": _("rated by an observer"),
    }
    return names.get(rater, rater)


def short_rater(rater: str, translate: Translate = str) -> str:
    """Short name of a rater, for the cell of a table."""
    _ = translate
    return {"client": _("client"), "clinician": _("clinician"), "observer": _("observer")}.get(rater, rater)


def short_term(term: str, translate: Translate = str) -> str:
    _ = translate
    return {"within": _("within"), "between": _("between")}.get(term, "")


def term_name(term: str, translate: Translate = str) -> str:
    _ = translate
    return {"within": _("within a person"), "between": _("between people")}.get(term, "")


def scale_name(kind: Kind, family: str, translate: Translate = str) -> str:
    """Name of the coefficient's scale: a ratio, or the coefficient itself."""
    _ = translate
    if kind is Kind.SCORE:
        return _("difference in points")
    if kind is Kind.COUNT:
        return _("odds ratio") if family == "bernoulli" else _("rate ratio")
    return _("odds ratio") if family == "bernoulli" else _("hazard ratio")


def count_model(model: CountModel, translate: Translate = str) -> str:
    _ = translate
    return {
        CountModel.PLAIN: _("negative binomial (rate ratio)"),
        CountModel.INFLATED: _("zero-inflated negative binomial (rate ratio)"),
        CountModel.ANY: _("hurdle, whether any (odds ratio)"),
        CountModel.SOME: _("hurdle, how many where any (rate ratio)"),
    }[model]


def centring_name(centring: Centring, translate: Translate = str) -> str:
    _ = translate
    return {
        Centring.AS_PLANNED: _("as planned"),
        Centring.PERSON_MEAN: _("own mean"),
        Centring.DETRENDED: _("own line"),
        Centring.SO_FAR: _("level so far"),
    }[centring]


def end_name(end: str, translate: Translate = str) -> str:
    _ = translate
    return {
        "ongoing": _("still in care"),
        "completed": _("completed"),
        "left": _("left early"),
        "agreed": _("ended by agreement"),
        "transfer": _("moved to other care"),
        "hospital": _("hospital"),
        "discharged": _("discharged by the team"),
        "died": _("died"),
    }.get(end, end)


def cell(count: Cell, translate: Translate = str) -> str:
    """A count of people, or the words that it is not shown."""
    _ = translate
    if isinstance(count, Hidden):
        return _("not shown")
    return count.brief if isinstance(count, Count) else f"{count:,}"


def note(reason: Note, translate: Translate = str) -> str:
    """A reason as a sentence."""
    sentence = (_refusals(translate) | _cautions(translate))[reason.why]
    words: Mapping[str, str | int | float] = {"reason": "", **reason.values}
    return (sentence % words).strip(" :")


def _refusals(_: Translate) -> dict[Why, str]:
    return {
        Why.ABSENT: _("Not in the files: %(what)s"),
        Why.FEW_PEOPLE: _(
            "Fewer than %(needed)s people have what this needs; nothing is reported about so few"
        ),
        Why.FEW_WITH_EVENT: _("Fewer than %(needed)s people had this; what goes with it cannot be estimated"),
        Why.FEW_EVENTS: _(
            "%(events)s events allow %(allowed)s predictors, and this needs more: a model of so few would "
            "be chance"
        ),
        Why.NONE_HAPPENED: _("It happened to nobody here, so nothing can go with it"),
        Why.CONSTANT_OUTCOME: _("All outcomes have one value, so nothing can go with them"),
        Why.CONSTANT_ALLIANCE: _("The rating does not differ (%(part)s), so nothing can go with it"),
        Why.COLLINEAR: _("%(column)s is a sum of other predictors, so their parts cannot be separated"),
        Why.NOT_CONVERGED: _("The model did not converge, so its numbers are not reported: %(reason)s"),
        Why.NOT_POSSIBLE: _("The model cannot be fitted to these data: %(reason)s"),
        Why.FEW_CLINICIANS: _(
            "Clinicians' part needs at least %(needed)s clinicians and %(people)s clients, and is never "
            "reported about a single clinician"
        ),
        Why.ONE_RATER: _("Fewer than %(needed)s people were rated by both sides"),
        Why.FEW_GAPS: _(
            "Fewer than %(needed)s people have a missing outcome, so there is little to assume about"
        ),
    }


def _cautions(_: Translate) -> dict[Why, str]:
    return {
        Why.ONE_AT_A_TIME: _(
            "%(events)s events allow 1 predictor: within and between were looked at one at a time"
        ),
        Why.ARMS_TOGETHER: _("%(events)s events allow %(allowed)s predictors: arms were not separated"),
        Why.NO_TIME: _(
            "%(events)s events allow %(allowed)s predictors: time in treatment is not in the model"
        ),
        Why.NO_SLOPE: _("People's own slopes could not be had; levels only"),
        Why.WITHOUT_CLINICIANS: _("Fewer than five clinicians, or not known for all: not in the model"),
        Why.BOUNDARY: _("A variance lies at its bound"),
    }
