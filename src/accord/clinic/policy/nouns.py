"""Where each row belongs: one entry for each noun, and a row of no entry is nobody's to touch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from accord.clinic import models


@dataclass(frozen=True)
class Noun:
    """The way from a row to whom it is about, as a query spells it; "pk" is the row itself, "" is no way.

    `engagement`: to the relationship. `client`: to the person, for a row about a client as a whole.
    `author`: to the member of staff whose own it is; `shared`: they may share it with others.
    A row with none of them is the organisation's: only relations that a role brings by itself (lead,
    administrator, researcher) hold to it.
    """

    engagement: str = ""
    client: str = ""
    author: str = ""
    shared: bool = False

    def of(self, row: Model) -> dict[str, Any]:
        """What an `Engagement` must match to be one of the row's; empty for a row of the organisation."""
        if self.engagement:
            return {"pk": _end(row, self.engagement)}
        return {"client": _end(row, self.client)} if self.client else {}

    def client_of(self, row: Model) -> Any:
        """Id of the client the row is about, or None."""
        if self.engagement == "pk":
            return _end(row, "client")
        if self.engagement:
            return _end(row, f"{self.engagement}__client")
        return _end(row, self.client) if self.client else None

    def author_of(self, row: Model) -> Any:
        """Id of the person whose own the row is, or None."""
        return _end(row, self.author) if self.author else None


NOUNS: Mapping[type[Model], Noun] = {
    models.Organisation: Noun(),
    models.Team: Noun(),
    models.Membership: Noun(),
    models.Account: Noun(),
    models.Invitation: Noun(),
    models.Person: Noun(client="pk"),
    models.Engagement: Noun(engagement="pk"),
    models.BreakGlass: Noun(client="client"),
    models.BreakGlassSeen: Noun(client="opening__client"),
    models.CareEpisode: Noun(client="client"),
    models.Event: Noun(client="client"),
    models.Consent: Noun(client="client"),
    models.FeedbackMode: Noun(client="client"),
    models.Group: Noun(),
    models.GroupLeader: Noun(),
    models.Contact: Noun(engagement="engagement"),
    models.ContactReport: Noun(engagement="contact__engagement"),
    models.CheckIn: Noun(engagement="contact__engagement"),
    models.OwnLine: Noun(engagement="checkin__contact__engagement"),
    models.LineSharing: Noun(engagement="line__checkin__contact__engagement"),
    models.LineRead: Noun(engagement="line__checkin__contact__engagement"),
    models.SafetyRead: Noun(engagement="checkin__contact__engagement"),
    models.Assessment: Noun(engagement="engagement"),
    models.Flag: Noun(engagement="engagement"),
    models.Response: Noun(engagement="flag__engagement"),
    models.ImportBatch: Noun(),
    models.Population: Noun(),
    models.Overview: Noun(),
    models.LeavingModel: Noun(),
    models.LeavingEstimate: Noun(client="client"),
    models.ReachedOut: Noun(engagement="engagement"),
    models.Scale: Noun(),
    models.reaction.Reaction: Noun(engagement="engagement", author="author", shared=True),
    models.reaction.ReactionSharing: Noun(engagement="reaction__engagement", author="reaction__author"),
    models.SealedText: Noun(),  # read through the fact it belongs to, and by nobody otherwise
    models.sealed.SealedReaction: Noun(),
    models.AuditEvent: Noun(),
    models.AuditHead: Noun(),
    models.Heartbeat: Noun(),
}


def noun_of(model: type[Model]) -> Noun:
    """Raises `LookupError` for a noun that nobody has entered."""
    if model not in NOUNS:
        raise LookupError(
            f"found no entry for {model.__name__} in policy/nouns.py, expected one for each noun"
        )
    return NOUNS[model]


def organisation_of(row: Model) -> Any:
    return row.pk if isinstance(row, models.Organisation) else getattr(row, "organisation_id", None)


def _end(row: Any, way: str) -> Any:
    """The id at the end of a way such as `contact__engagement`."""
    *steps, last = way.split("__")
    for step in steps:
        row = getattr(row, step)
    return getattr(row, "pk" if last == "pk" else f"{last}_id")
