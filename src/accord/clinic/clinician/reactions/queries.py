"""Own reactions as their author sees them, and those that somebody shared; read by nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accord.clinic.models import Engagement, Membership, Person, Team
from accord.clinic.models.fact import replaced
from accord.clinic.models.reaction import Reaction, ReactionSharing
from accord.clinic.models.sealed import SealedReaction
from accord.clinic.models.span import going_on
from accord.clinic.policy import authored, clients_visible_to, readers, shared_with
from accord.clinic.policy.table import Relation, roles_granting
from accord.figures.spark import spark
from accord.instruments.catalogue import private
from accord.records.ratings import Instrument

FORM = "own-reactions"
SPARK_REACTIONS = 20


def instrument() -> Instrument:
    return private(FORM)


@dataclass(frozen=True)
class ReactionShown:
    """One reaction. `words` None: it cannot be read just now. `about`: empty if the reader may not know."""

    id: UUID
    author: str
    about: str
    made_at: datetime
    words: tuple[tuple[str, int], ...] | None = field(repr=False)
    note: str = field(repr=False)
    sharings: tuple[ReactionSharing, ...] = ()


@dataclass(frozen=True)
class Part:
    """One part of the form over time: its name, the small line, the newest value in words."""

    name: str
    line: SafeString
    newest: str


@dataclass(frozen=True)
class SharingCandidates:
    """People and teams with whom a reaction can be shared."""

    people: tuple[Person, ...]
    teams: tuple[Team, ...]


def current_sharings(reaction: Reaction) -> QuerySet[ReactionSharing]:
    return ReactionSharing.objects.filter(~replaced(ReactionSharing), reaction=reaction, taken_back=False)


def sharing_candidates(reaction: Reaction) -> SharingCandidates:
    """Readers of this client's record, and the colleagues and consultation of the relationship's team."""
    engagement = reaction.engagement
    working = Membership.objects.filter(
        going_on(timezone.localdate()), team=engagement.team_id, role__in=roles_granting(Relation.SHARED_WITH)
    )
    people = {membership.person for membership in working.select_related("person")}
    people |= {person for person, _relation in readers(engagement)}
    people.discard(reaction.author)
    return SharingCandidates(tuple(sorted(people, key=lambda person: person.name)), (engagement.team,))


def own(author: Person, engagement: Engagement | None = None) -> tuple[ReactionShown, ...]:
    """The author's reactions, newest first; of one client's relationships with them, or of all."""
    rows = authored(author).select_related("engagement__client", "author").order_by("-made_at")
    if engagement is not None:
        rows = rows.filter(engagement__client=engagement.client_id)
    return _shown(list(rows), {row.engagement.client_id: row.engagement.client.name for row in rows})


def own_reaction(author: Person, reaction_id: UUID) -> tuple[Reaction, ReactionShown]:
    """Raises `Reaction.DoesNotExist` for one that is not theirs."""
    row = (
        authored(author)
        .select_related("engagement__client", "engagement__team", "author")
        .get(pk=reaction_id)
    )
    return row, _shown([row], {row.engagement.client_id: row.engagement.client.name})[0]


def shared_with_viewer(viewer: Person) -> tuple[ReactionShown, ...]:
    """Reactions shared with this person or their teams; clients are named only if the person may see them."""
    # "distinct" keeps the tables of the two queries apart: PostgreSQL orders no more than eight by itself.
    reactions = Reaction.objects.filter(pk__in=shared_with(viewer).values("reaction").distinct())
    rows = list(reactions.select_related("engagement__client", "author").order_by("-made_at"))
    known = clients_visible_to(viewer).filter(pk__in=[row.engagement.client_id for row in rows])
    shown = _shown(rows, {client.pk: client.name for client in known})
    return tuple(replace(reaction, sharings=()) for reaction in shown)


def _shown(rows: Sequence[Reaction], names: dict[UUID, str]) -> tuple[ReactionShown, ...]:
    texts = SealedReaction.texts(rows, Reaction.ANSWERS)
    current: dict[UUID, list[ReactionSharing]] = {}
    sharings = ReactionSharing.objects.filter(~replaced(ReactionSharing), reaction__in=rows, taken_back=False)
    for sharing in sharings.select_related("person", "team").order_by("at"):
        current.setdefault(sharing.reaction_id, []).append(sharing)
    return tuple(_reaction_shown(row, texts[row.pk], names, tuple(current.get(row.pk, ()))) for row in rows)


def _reaction_shown(
    row: Reaction, text: str | None, names: dict[UUID, str], sharings: tuple[ReactionSharing, ...]
) -> ReactionShown:
    stored = json.loads(text) if text is not None else None
    return ReactionShown(
        id=row.pk,
        author=row.author.name,
        about=names.get(row.engagement.client_id, ""),
        made_at=row.made_at,
        words=_words(stored["answers"]) if stored else None,
        note=stored["note"] if stored else "",
        sharings=sharings,
    )


def _words(answers: dict[str, float]) -> tuple[tuple[str, int], ...]:
    """Word and value, the strongest first."""
    wording = {str(item.number): _(item.wording) for item in instrument().items}
    known = [(wording[number], int(answers[number])) for number in sorted(answers, key=int)]
    return tuple(sorted(known, key=lambda answer: -answer[1]))


def course(reactions: Sequence[ReactionShown]) -> tuple[Part, ...]:
    """The course of each part over these reactions, without parts that were never answered."""
    newest_last = [reaction for reaction in reversed(reactions) if reaction.words is not None][
        -SPARK_REACTIONS:
    ]
    wording = {item.number: _(item.wording) for item in instrument().items}
    parts = []
    for subscale in instrument().subscales:
        series = [
            _mean([dict(reaction.words or ()).get(wording[n]) for n in subscale.items])
            for reaction in newest_last
        ]
        known = [value for value in series if value is not None]
        if known:
            # Our own renderer, of numbers only.
            line = mark_safe(spark(series, instrument().low, instrument().high))  # noqa: S308
            newest = _("%(value)s of 4, the newest of %(n)s") % {"value": f"{known[-1]:g}", "n": len(known)}
            parts.append(Part(_(subscale.name), line, newest))
    return tuple(parts)


def _mean(values: Sequence[int | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
