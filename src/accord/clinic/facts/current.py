"""Current facts: not superseded, and not from an undone import."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accord.clinic.facts.consents import Purpose, may_use
from accord.clinic.models import Assessment, CheckIn, Contact, ContactReport, Engagement
from accord.clinic.models.fact import replaced
from accord.clinic.policy import not_undone

NEWEST_FIRST = ("-revision", "-made_at")


def current_checkins() -> QuerySet[CheckIn]:
    return CheckIn.objects.filter(not_undone(), ~replaced_checkin())


def replaced_checkin(way: str = "") -> Exists:
    """Condition for rows whose form, at the lookup `way`, was replaced by a later form that still counts.

    A form of an undone import replaces nothing: the form before it holds again.
    """
    same = {name: OuterRef(f"{way}{name}") for name in ("contact", "rater", "instrument")}
    later = CheckIn.objects.filter(not_undone(), predecessor__isnull=False, **same)
    return Exists(later.filter(revision__gt=OuterRef(f"{way}revision")))


def newest_checkin(**about: Any) -> CheckIn | None:
    """The end of a chain of forms, those of undone imports included; a new form succeeds it."""
    return CheckIn.objects.filter(**about).order_by("-revision", "-received_at").first()


def series(organisation_id: UUID) -> list[tuple[str, str]]:
    """Instrument and rater of every series that this organisation's check-ins make."""
    checkins = current_checkins().filter(organisation=organisation_id)
    return list(checkins.values_list("instrument", "rater").distinct().order_by("instrument", "rater"))


def current_contacts() -> QuerySet[Contact]:
    """Current contacts; one from an undone import or entered by mistake only while it has a check-in."""
    about_it = Exists(current_checkins().filter(contact=OuterRef("pk")))
    mistaken = current_reports().filter(contact=OuterRef("pk"), attendance=ContactReport.Attendance.MISTAKEN)
    return Contact.objects.filter((not_undone() & ~Exists(mistaken)) | about_it, ~replaced(Contact))


def current_reports() -> QuerySet[ContactReport]:
    return ContactReport.objects.filter(~replaced(ContactReport))


def unassessed(engagements: QuerySet[Engagement]) -> QuerySet[Engagement]:
    """Relationships whose facts changed since their last assessment, and whose client allows assessing."""
    seen = Assessment.objects.filter(engagement=OuterRef("pk"), revision=OuterRef("revision"))
    return engagements.filter(may_use(Purpose.NOTICING), ~Exists(seen), revision__gt=0)


def of_other_method(version: str) -> QuerySet[Engagement]:
    """Relationships that were assessed, but never by this version of the method."""
    by_any = Assessment.objects.filter(engagement=OuterRef("pk"))
    newer = Exists(by_any.filter(method_version=version))
    return Engagement.objects.filter(may_use(Purpose.NOTICING), Exists(by_any), ~newer)


def newest_assessment(engagement: Engagement) -> Assessment | None:
    """Without its findings: they may be many."""
    rows = Assessment.objects.filter(engagement=engagement).defer("findings")
    return rows.order_by(*NEWEST_FIRST).first()


def newest_assessments(engagement_ids: Collection[UUID]) -> dict[UUID, Assessment]:
    """The newest assessment of each of these relationships, by the relationship's id.

    Its `findings` are those of the whole course, gathered from the assessments it continues. Findings of a
    later one replace those of an earlier one, from its first session on.
    """
    of_one = Assessment.objects.filter(engagement=OuterRef("pk")).order_by(*NEWEST_FIRST)
    begun_by = of_one.values(begun_by=Coalesce("begins", "pk"))[:1]
    roots = Engagement.objects.filter(pk__in=engagement_ids).values_list(Subquery(begun_by), flat=True)
    chains = Assessment.objects.filter(Q(pk__in=roots) | Q(begins__in=roots), engagement__in=engagement_ids)
    newest: dict[UUID, Assessment] = {}
    whole: dict[UUID, list[dict[str, Any]]] = {}
    for row in chains.defer("state", "basis").order_by("revision", "made_at"):
        newest[row.engagement_id] = row
        findings = whole.setdefault(row.engagement_id, [])
        while findings and findings[-1]["session"] >= row.first:
            findings.pop()
        findings += row.findings
    for engagement_id, findings in whole.items():
        newest[engagement_id].findings = findings
    return newest


Key = tuple[int, str]  # a fact: the session it belongs to, and its identifier


def keys(checkins: Iterable[CheckIn], reports: Iterable[ContactReport] = ()) -> Iterator[Key]:
    """Keys of the facts behind findings. A contact that took place is the default and has no key."""
    for checkin in checkins:
        yield checkin.contact.session, checkin.pk.hex
    for report in reports:
        if report.attendance and report.attendance not in ContactReport.TOOK_PLACE:
            yield report.contact.session, f"{report.contact_id} {report.attendance}"


def digest(keys: Iterable[Key], session: int | None = None, before: str = "") -> str:
    """A digest of facts, up to a session: the same as long as none of them was changed or undone.

    It is a sum, so that facts can be added to the digest of those `before` them.
    """
    total = int(before or "0", 16)
    for at, name in keys:
        if session is None or at <= session:
            total += int.from_bytes(sha256(name.encode()).digest())
    return f"{total % 2**256:064x}"
