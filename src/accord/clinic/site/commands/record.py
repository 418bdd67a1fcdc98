"""The record for the command line, taken out on behalf of somebody who may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.errors import InputError

if TYPE_CHECKING:
    from accord.clinic.programme.research.actions import ResearchExport
    from accord.study.plan.resolve_plan import Material


def material(email: str) -> tuple[Material, str]:
    """The site's own record as what a study is made of, and a line about it. Loads the site's settings.

    Raises `InputError` for settings that make no sense, for somebody who may not, and for an empty record.
    """
    from accord.clinic.site.commands import site
    from accord.study.plan.resolve_plan import Material

    try:
        site.load()
    except site.CannotServe as refusal:
        raise InputError("the settings of a site that could start", found=str(refusal)) from refusal
    taken = taken_out(email)
    note = f"{taken.clients} people of the record said yes to research; days are counted from one fixed day"
    return Material(taken.ratings, taken.episodes, taken.events if len(taken.events) else None), note


def taken_out(email: str) -> ResearchExport:
    """By whom this e-mail signs in. Raises `InputError`, the same for nobody and for not allowed."""
    from accord.clinic.models import Person
    from accord.clinic.policy import Denied
    from accord.clinic.programme.research import actions as research_actions

    person = Person.objects.filter(account__email__iexact=email, kind=Person.Kind.STAFF).first()
    expected = "the e-mail of a researcher or programme lead of this site"
    if person is None:
        raise InputError(expected, column="--by", found=email)
    try:
        return research_actions.export_record(by=person)
    except Denied as error:
        raise InputError(expected, column="--by", found=email) from error
