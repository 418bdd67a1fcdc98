"""Clients' own lines: those waiting to be read, those a client wrote, and who opened them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accord.clinic.facts.current import replaced_checkin
from accord.clinic.facts.who_reads import heading, who_reads
from accord.clinic.models import (
    Contact,
    Engagement,
    LineRead,
    LineSharing,
    OwnLine,
    Person,
    SealedText,
)
from accord.clinic.models.fact import replaced
from accord.clinic.policy import Action, current_engagements, not_undone, rows_visible_to

ENGAGEMENT = "line__checkin__contact__engagement"


@dataclass(frozen=True)
class LineShown:
    """A line that the viewer may open, without its words. `opened`: when they first did."""

    id: UUID
    client_id: UUID
    client_name: str
    day: date | None
    shared_at: datetime
    with_all_readers: bool
    opened: datetime | None
    also: tuple[str, ...] = ()  # what else is on the worklist about this client


@dataclass(frozen=True)
class OwnLineShown:
    """A line as its writer sees it. `words` None: cannot be read just now. `opened`: who did, and when."""

    id: UUID
    title: str
    written: datetime
    words: str | None = field(repr=False)
    audience: str
    clinician: str
    who_reads: tuple[str, ...]
    goes_on: bool
    opened: tuple[tuple[str, datetime], ...]


def current_sharings() -> QuerySet[LineSharing]:
    """The current sharing of each line."""
    return LineSharing.objects.filter(~replaced(LineSharing))


def engagement_of(line: OwnLine) -> Engagement:
    engagement: Engagement = line.checkin.contact.engagement
    return engagement


def shared_with(viewer: Person, today: date | None = None) -> QuerySet[LineSharing]:
    """The lines that this member of staff may open, as they are shared now."""
    for_one, for_all = _by_audience(viewer, today)
    return (for_one | for_all).filter(not_undone("line__checkin__"), ~replaced(LineSharing))


def _by_audience(viewer: Person, today: date | None) -> tuple[QuerySet[LineSharing], QuerySet[LineSharing]]:
    """Sharings with the viewer as the clinician, and those with every reader; replaced ones too."""
    # "The clinician" is the one the form named, also where others lead the same group.
    named = {"audience": LineSharing.Audience.CLINICIAN, f"{ENGAGEMENT}__clinician": viewer}
    for_one = rows_visible_to(viewer, LineSharing, Action.READ_LINE_TO_CLINICIAN, today).filter(**named)
    for_all = rows_visible_to(viewer, LineSharing, Action.READ_LINE_TO_READERS, today).filter(
        audience=LineSharing.Audience.READERS
    )
    return for_one, for_all


def has_line_for_nobody(contact: Contact) -> bool:
    """Whether a line beside this contact's check-in waits for nobody but its writer."""
    own = current_sharings().filter(~replaced_checkin("line__checkin__"), line__checkin__contact=contact)
    return own.filter(audience=LineSharing.Audience.ONLY_ME).exists()


def unread(viewer: Person, today: date | None = None) -> tuple[LineShown, ...]:
    """Lines of the viewer's own relationships that they have not opened, the longest waiting first."""
    # Two queries, each of which begins at an index; with an "or" PostgreSQL reads every contact. They come
    # first: of more than eight tables it takes the order that they are named in.
    own = {f"{ENGAGEMENT}__clinician": viewer}
    for_one, for_all = (rows.filter(**own).values("pk") for rows in _by_audience(viewer, today))
    sharings = LineSharing.objects.filter(pk__in=for_one.union(for_all))
    waiting = sharings.filter(not_undone("line__checkin__"), ~replaced(LineSharing), ~Exists(_reads(viewer)))
    return _shown(viewer, waiting.order_by("at"))


def about(viewer: Person, client_id: UUID, today: date | None = None) -> tuple[LineShown, ...]:
    """Every line of a client that the viewer may open, newest first."""
    of_client = {f"{ENGAGEMENT}__client": client_id}
    return _shown(viewer, shared_with(viewer, today).filter(**of_client).order_by("-at"))


def not_open_to(viewer: Person, client_id: UUID) -> int:
    """The number of a client's lines that they shared with somebody, and that this viewer may not open."""
    of_client = {f"{ENGAGEMENT}__client": client_id}
    shared = current_sharings().filter(not_undone("line__checkin__"), **of_client)
    shared = shared.exclude(audience=LineSharing.Audience.ONLY_ME)
    return shared.exclude(pk__in=shared_with(viewer).filter(**of_client).values("pk")).count()


def _reads(viewer: Person) -> QuerySet[LineRead]:
    return LineRead.objects.filter(line=OuterRef("line"), by=viewer)


def _shown(viewer: Person, sharings: QuerySet[LineSharing]) -> tuple[LineShown, ...]:
    opened = _reads(viewer).values("at")[:1]
    rows = sharings.annotate(opened=opened).select_related(f"{ENGAGEMENT}__client")
    return tuple(
        LineShown(
            id=row.line_id,
            client_id=engagement_of(row.line).client_id,
            client_name=engagement_of(row.line).client.name,
            day=row.line.checkin.contact.day,
            shared_at=row.at,
            with_all_readers=row.audience == LineSharing.Audience.READERS,
            opened=row.opened,
        )
        for row in rows
    )


def own_words(client: Person) -> dict[UUID, str | None]:
    """Check-in -> the words that this client wrote beside it; None where they cannot be read just now."""
    lines = list(OwnLine.objects.filter(checkin__contact__engagement__client=client).select_related(
        "checkin__contact__engagement"))  # fmt: skip
    words = SealedText.texts(lines, OwnLine.TEXT)
    return {line.checkin_id: words[line.pk] for line in lines}


def own_lines(client: Person, today: date | None = None) -> tuple[OwnLineShown, ...]:
    """All lines a client wrote beside their check-ins, newest first, with readers and who opened them."""
    today = today or timezone.localdate()
    lines: list[Any] = list(
        OwnLine.objects.filter(checkin__contact__engagement__client=client)
        .select_related("checkin__contact__engagement__clinician", "checkin__contact__engagement__client")
        .prefetch_related(
            Prefetch("sharings", current_sharings(), to_attr="now"),
            Prefetch("reads", LineRead.objects.select_related("by").order_by("at"), to_attr="opened_by"),
        )
        .order_by("-made_at")
    )
    words = SealedText.texts(lines, OwnLine.TEXT)
    going_on = set(current_engagements(today).filter(client=client).values_list("pk", flat=True))
    return tuple(_own(line, words[line.pk], engagement_of(line).pk in going_on, today) for line in lines)


def _own(line: Any, words: str | None, goes_on: bool, today: date) -> OwnLineShown:
    engagement = engagement_of(line)
    return OwnLineShown(
        id=line.pk,
        title=heading(engagement, line.checkin.contact.day),
        written=line.made_at,
        words=words,
        audience=line.now[0].audience,
        clinician=engagement.clinician.name,
        who_reads=who_reads(engagement, today) if goes_on else (),
        goes_on=goes_on,
        opened=tuple((read.by.name, read.at) for read in line.opened_by),
    )


def audience_words(audience: str, clinician: str) -> str:
    """The audience of a line, in words for its writer."""
    labels = {
        LineSharing.Audience.ONLY_ME: _("only me for now"),
        LineSharing.Audience.CLINICIAN: clinician,
        LineSharing.Audience.READERS: _("everybody who may read the form"),
    }
    return labels[LineSharing.Audience(audience)]
