"""Current consents: what a client's answers may be used for, and who sees what is computed from them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext as _

from accord.clinic.models import Consent, FeedbackMode, Person, PictureOpening
from accord.clinic.models.fact import replaced

Purpose, Mode = Consent.Purpose, FeedbackMode.Mode
# Noticing and estimating are allowed until somebody says no, and are explained before the first form;
# research needs a yes.
ALLOWED_BY_DEFAULT: dict[str, bool] = {Purpose.NOTICING: True, Purpose.LEAVING: True, Purpose.RESEARCH: False}

HIDING = (Purpose.NOTICING, Purpose.LEAVING)  # purposes that hide something once switched off
LEAVING_ALONE = 2


def current_consents() -> QuerySet[Consent]:
    return Consent.objects.filter(~replaced(Consent))


def current_modes() -> QuerySet[FeedbackMode]:
    return FeedbackMode.objects.filter(~replaced(FeedbackMode))


def chosen(client: Person) -> dict[str, bool]:
    """Purpose -> yes or no, for those about which a choice was made."""
    return dict(current_consents().filter(client=client).values_list("purpose", "allowed"))


def allowed(client: Person) -> dict[str, bool]:
    """Purpose -> whether this client's answers may be used for it."""
    choices = chosen(client)
    return {purpose: choices.get(purpose, ALLOWED_BY_DEFAULT[purpose]) for purpose in Purpose.values}


def has_chosen(client: Person) -> bool:
    """Whether this client, or somebody on their behalf, has ever chosen what answers are used for."""
    return Consent.objects.filter(client=client).exists()


def may_use(purpose: str, client: str = "client") -> Q:
    """Condition for rows whose client allows this purpose; `client` is the lookup of the client's id."""
    choices = current_consents().filter(client=OuterRef(client), purpose=purpose)
    if ALLOWED_BY_DEFAULT[purpose]:
        return ~Q(Exists(choices.filter(allowed=False)))
    return Q(Exists(choices.filter(allowed=True)))


def mode_of(client: Person) -> str:
    """The feedback mode in force: clinicians only, unless another mode was chosen."""
    row = current_modes().filter(client=client).first()
    return row.mode if row else Mode.CLINICIAN


def is_looked_at_together(client: Person) -> bool:
    """Whether it was agreed that the client sees what is computed in a session only, and it is computed."""
    return mode_of(client) == Mode.TOGETHER and allowed(client)[Purpose.NOTICING]


def open_picture(client: Person, now: datetime) -> PictureOpening | None:
    """The opening of the client's picture that lasts at this moment, if there is one."""
    begins = now - PictureOpening.LASTS
    openings = PictureOpening.objects.filter(client=client, opened_at__gt=begins, opened_at__lte=now)
    return openings.order_by("-opened_at").first()


def shows_picture(client: Person, now: datetime) -> bool:
    """Whether the client may see now what is computed from their answers: where that was agreed, or while a
    clinician has opened it to look at it together."""
    if mode_of(client) == Mode.CLIENT:
        return allowed(client)[Purpose.NOTICING]
    return is_looked_at_together(client) and open_picture(client, now) is not None


@dataclass(frozen=True)
class Hidden:
    """Reasons by client: `computed` if nothing computed may be shown to staff, `leaving` if dropout is not
    estimated (the same clients, and those who switched only that off)."""

    computed: dict[UUID, str]
    leaving: dict[UUID, str]


def hidden(client_ids: Collection[UUID]) -> dict[UUID, str]:
    """Client -> the reason why nothing computed about them may be shown to staff, where there is one."""
    return hidden_of(client_ids).computed


def hidden_of(client_ids: Collection[UUID]) -> Hidden:
    """Load with one statement what may not be shown about these clients."""
    off = current_consents().filter(client__in=client_ids, allowed=False)
    nobody = current_modes().filter(client__in=client_ids, mode=Mode.NOBODY)
    reasons = (shown_to_nobody, switched_off, not_estimated)  # by order
    sources = [nobody, *(off.filter(purpose=purpose) for purpose in HIDING)]
    first, *others = (
        rows.annotate(order=Value(order)).values_list("order", "client") for order, rows in enumerate(sources)
    )
    result = Hidden({}, {})
    # The client's own word comes last, so that it is the reason where both hold.
    for order, client in first.union(*others).order_by("order"):
        if order != LEAVING_ALONE:
            result.computed[client] = reasons[order]()
        result.leaving.setdefault(client, reasons[order]())
    return result


def history(rows: QuerySet[Any], client: Person) -> QuerySet[Any]:
    """A client's choices among these rows, newest first."""
    return rows.filter(client=client).order_by("-at")


def switched_off() -> str:
    return _("noticing strain is switched off by the client")


def not_estimated() -> str:
    return _("estimating whether they may leave is switched off by the client")


def shown_to_nobody() -> str:
    return _("nothing computed is shown to anybody, as was agreed")
