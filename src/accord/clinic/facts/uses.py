"""What a client's answers may be used for, and who gets to see what is computed from them, as of now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext as _

from accord.clinic.models import Consent, FeedbackMode, Person
from accord.clinic.models.fact import replaced

Purpose, Mode = Consent.Purpose, FeedbackMode.Mode
# Noticing and estimating go on until somebody says no, and are told before the first form; research needs
# a yes.
UNLESS_SAID: dict[str, bool] = {Purpose.NOTICING: True, Purpose.LEAVING: True, Purpose.RESEARCH: False}

SAID = (Purpose.NOTICING, Purpose.LEAVING)  # what hides something once it is switched off
LEAVING_ALONE = 2


def standing_consents() -> QuerySet[Consent]:
    return Consent.objects.filter(~replaced(Consent))


def standing_modes() -> QuerySet[FeedbackMode]:
    return FeedbackMode.objects.filter(~replaced(FeedbackMode))


def allowed(client: Person) -> dict[str, bool]:
    """Each purpose, and whether this client's answers may be used for it."""
    said = dict(standing_consents().filter(client=client).values_list("purpose", "allowed"))
    return {purpose: said.get(purpose, UNLESS_SAID[purpose]) for purpose in Purpose.values}


def was_told(client: Person) -> bool:
    """Whether this client, or somebody for them, has ever gone through the uses."""
    return Consent.objects.filter(client=client).exists()


def may_use(purpose: str, client: str = "client") -> Q:
    """Rows whose client allows this purpose; `client` names the way from the row to the client's id."""
    said = standing_consents().filter(client=OuterRef(client), purpose=purpose)
    if UNLESS_SAID[purpose]:
        return ~Q(Exists(said.filter(allowed=False)))
    return Q(Exists(said.filter(allowed=True)))


def mode_of(client: Person) -> str:
    """The feedback mode in force; the clinicians only, unless another one was chosen."""
    row = standing_modes().filter(client=client).first()
    return row.mode if row else Mode.CLINICIAN


@dataclass(frozen=True)
class Hidden:
    """Clients of whom nothing computed may be shown to staff, each with the reason; and those of whom leaving
    is not estimated: the same, and those who switched that off alone."""

    computed: dict[UUID, str]
    leaving: dict[UUID, str]


def hidden(client_ids: Collection[UUID]) -> dict[UUID, str]:
    """Those of these clients of whom nothing computed may be shown to staff, each with the reason."""
    return hidden_of(client_ids).computed


def hidden_of(client_ids: Collection[UUID]) -> Hidden:
    """What may not be shown of these clients, in one statement."""
    off = standing_consents().filter(client__in=client_ids, allowed=False)
    nobody = standing_modes().filter(client__in=client_ids, mode=Mode.NOBODY)
    reasons = (shown_to_nobody, switched_off, not_estimated)  # by order
    told = [nobody, *(off.filter(purpose=purpose) for purpose in SAID)]
    first, *others = (
        rows.annotate(order=Value(order)).values_list("order", "client") for order, rows in enumerate(told)
    )
    found = Hidden({}, {})
    # The client's own word comes last, so that it is the reason where both hold.
    for order, client in first.union(*others).order_by("order"):
        if order != LEAVING_ALONE:
            found.computed[client] = reasons[order]()
        found.leaving.setdefault(client, reasons[order]())
    return found


def history(rows: QuerySet[Any], client: Person) -> QuerySet[Any]:
    """A client's choices among these rows, the newest first."""
    return rows.filter(client=client).order_by("-at")


def switched_off() -> str:
    return _("noticing strain is switched off by the client")


def not_estimated() -> str:
    return _("estimating whether they may leave is switched off by the client")


def shown_to_nobody() -> str:
    return _("nothing computed is shown to anybody, as was agreed")
