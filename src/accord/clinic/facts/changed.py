"""The facts of a relationship change one writer at a time."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import F

from accord.clinic.models import Engagement, claims

ASSESS = "assess"  # the job that a changed relationship waits for
AT_ONCE = 500  # rows in one statement


def locked(engagement: Engagement) -> Engagement:
    """Lock the relationship's row for this transaction, so that its facts have one writer at a time."""
    return Engagement.objects.select_for_update().get(pk=engagement.pk)


def locked_all(engagement_ids: Iterable[UUID]) -> None:
    """Lock many relationships, always in the same order, before the first event of an action is written."""
    rows = Engagement.objects.select_for_update().filter(pk__in=list(engagement_ids)).order_by("pk")
    list(rows.values_list("pk"))


def facts_changed(engagement: Engagement, session: int) -> None:
    """From now on, and until it is assessed again, the relationship counts as "not yet assessed".

    The job that assesses it is woken with this transaction's commit.

    `engagement` is held by this transaction; `session` is the one a fact was added to or corrected in.
    """
    before = engagement.changed_from
    engagement.changed_from = session if before is None else min(before, session)
    Engagement.objects.filter(pk=engagement.pk).update(
        revision=F("revision") + 1, changed_from=engagement.changed_from
    )
    claims.wake(ASSESS, str(engagement.pk))


def many_changed(engagement_ids: Iterable[UUID]) -> None:
    """The same of many relationships at once, from their first session on."""
    ids = list(engagement_ids)
    for start in range(0, len(ids), AT_ONCE):
        Engagement.objects.filter(pk__in=ids[start : start + AT_ONCE]).update(
            revision=F("revision") + 1, changed_from=0
        )
    claims.wake(ASSESS)
