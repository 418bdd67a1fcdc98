"""The record for the command line, taken out on behalf of somebody who may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.records import InputError

if TYPE_CHECKING:
    from accord.clinic.actions.research import TakenOut


def taken_out(email: str) -> TakenOut:
    """By whom this e-mail signs in. Raises `InputError`, the same for nobody and for not allowed."""
    from accord.clinic.actions import research
    from accord.clinic.models import Person
    from accord.clinic.policy import Denied

    person = Person.objects.filter(account__email__iexact=email, kind=Person.Kind.STAFF).first()
    expected = "the e-mail of a researcher or programme lead of this site"
    if person is None:
        raise InputError(expected, column="--by", found=email)
    try:
        return research.take_out(by=person)
    except Denied as error:
        raise InputError(expected, column="--by", found=email) from error
