"""Assess a relationship, and raise and withdraw its flags.

A flag is raised once for its episode and stays. It is withdrawn only when its finding is gone AND the
check-ins up to its session are no longer those it was raised on (an answer was corrected, an import undone):
newly learned values or a new method never make a flag disappear.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accord.clinic.audit.write import record_event
from accord.clinic.facts import changed, consents
from accord.clinic.facts import current as facts
from accord.clinic.models import Assessment, CheckIn, Engagement, Flag, Person, Response, claims
from accord.clinic.models.actors import SYSTEM, Actor, System
from accord.clinic.monitoring import assessment
from accord.clinic.monitoring.assessment_checkpoint import Checkpoint
from accord.clinic.monitoring.episodes import Episode, episodes, open_runs, statement_episodes, to_raise
from accord.clinic.policy import Action, Denied, check, not_undone


@dataclass(frozen=True)
class Grounds:
    """Facts behind findings: check-ins of sessions from `since` on, and a digest of facts up to a session."""

    checkins: tuple[CheckIn, ...]
    since: int
    digest: Callable[[int], str]


def reassess(*, engagement: Engagement, by: Actor = SYSTEM, now: datetime | None = None) -> None:
    """Raise flags for the client's statements; then assess and raise those of ratings, if allowed."""
    now = now or timezone.now()
    # First and on its own: a person's word needs no statistics and must not wait for them.
    _flag_statements(engagement, by, now)
    if consents.allowed(engagement.client)[consents.Purpose.NOTICING]:
        _assess(engagement, by, now)


@transaction.atomic
def _flag_statements(engagement: Engagement, by: Actor, now: datetime) -> None:
    locked_row = changed.locked(engagement)  # before the claim, in the order of those who change its facts
    with claims.fenced():
        _flag_statements_since(locked_row, locked_row.changed_from or 0, by, now)


def _flag_statements_since(engagement: Engagement, since: int, by: Actor, now: datetime) -> None:
    """Update flags for statements; those of sessions before `since` already have theirs."""
    filled = tuple(
        CheckIn.objects.filter(
            not_undone(), contact__engagement=engagement, contact__session__gte=since
        ).select_related("contact")
    )
    of_session: dict[int, list[CheckIn]] = {}
    for checkin in filled:
        of_session.setdefault(checkin.contact.session, []).append(checkin)
    _update_flags(
        engagement,
        statement_episodes(filled),
        Grounds(filled, since, lambda session: facts.digest(facts.keys(of_session.get(session, ())))),
        None,
        by,
        now,
    )


@transaction.atomic
def _assess(engagement: Engagement, by: Actor, now: datetime) -> None:
    # The row is held so that no check-in arrives between reading the facts and naming their revision.
    locked_row = changed.locked(engagement)
    with claims.fenced():
        _assess_locked(locked_row, by, now)


def _assess_locked(locked_row: Engagement, by: Actor, now: datetime) -> None:
    before = facts.newest_assessment(locked_row)
    assessed = assessment.assess(locked_row, timezone.localdate(now))
    runs = _runs(assessed) if assessed else []
    row = _written(locked_row, assessed, runs, now)
    Engagement.objects.filter(pk=locked_row.pk).update(changed_from=None)
    covered = range(before.listed + 1) if before and before.instrument else range(0)
    _update_flags(locked_row, runs, _grounds(assessed), row, by, now, covered)


def _runs(assessed: assessment.Assessed) -> list[Episode]:
    result = assessed.assessment
    return episodes(result.findings, assessed.instrument.id, result.method_version, assessed.basis.runs)


def _grounds(assessed: assessment.Assessed | None) -> Grounds:
    if assessed is None:
        return Grounds((), 0, lambda _: facts.digest(()))
    earlier = assessed.goes_on_from
    before = Checkpoint.from_json(earlier.basis).facts if earlier else ""
    since = earlier.listed + 1 if earlier else 0
    return Grounds(assessed.checkins, since, lambda session: facts.digest(assessed.keys, session, before))


def _written(
    engagement: Engagement, assessed: assessment.Assessed | None, runs: Sequence[Episode], now: datetime
) -> Assessment:
    common = {
        "organisation_id": engagement.organisation_id,
        "engagement": engagement,
        "revision": engagement.revision,
        "made_at": now,
        "method_version": assessment.METHOD_VERSION,
    }
    if assessed is None:
        empty = {"instrument": "", "instrument_version": "", "rater": "", "findings": [], "state": {}}
        return Assessment.objects.create(**common, **empty, checkins_seen=0, as_of=timezone.localdate(now))
    return Assessment.objects.create(
        **common,
        instrument=assessed.instrument.id,
        instrument_version=assessed.instrument.version,
        rater=assessed.rater.value,
        population=assessed.population,
        assumed=assessed.assumed,
        checkins_seen=sum(assessed.basis.series.values()),
        as_of=assessed.assessment.as_of,
        findings=[assessment.to_json(finding) for finding in assessed.assessment.findings],
        state=dict(assessed.assessment.state),
        **_chained(assessed, runs),
    )


def _chained(assessed: assessment.Assessed, runs: Sequence[Episode]) -> dict[str, Any]:
    """Position of these findings in the whole course, and the state that the next assessment needs."""
    earlier, basis = assessed.goes_on_from, replace(assessed.basis, runs=open_runs(runs))
    return {
        "begins_id": (earlier.begins_id or earlier.pk) if earlier else None,
        "first": earlier.listed + 1 if earlier else 0,
        "listed": assessed.assessment.state.get("listed", 0),
        "basis": basis.to_json(),
    }


def _update_flags(
    engagement: Engagement,
    found_now: Sequence[Episode],
    grounds: Grounds,
    row: Assessment | None,
    by: Actor,
    now: datetime,
    covered: Collection[int] = (),
) -> None:
    """Raise missing flags and withdraw outdated ones: of statements without `row`, else of ratings."""
    of_words = row is None
    mine = Flag.objects.filter(
        engagement=engagement, withdrawn_at__isnull=True, session__gte=_first_session(found_now, grounds)
    )
    mine = mine.filter(kind=Flag.Kind.SAID) if of_words else mine.exclude(kind=Flag.Kind.SAID)
    current = list(mine)
    filled_here = {
        checkin.contact.session for checkin in grounds.checkins if checkin.via != CheckIn.Via.IMPORT
    }
    for episode in to_raise(found_now, filled_here, covered):
        if episode.finding is not None and not any(_is_about(flag, episode) for flag in current):
            digest = grounds.digest(episode.sessions[0])
            raise_flag(engagement=engagement, episode=episode, assessment=row, digest=digest, by=by, now=now)
    for flag in current:
        holds = any(_is_about(flag, episode) for episode in found_now)
        if flag.session >= grounds.since and not holds and flag.facts != grounds.digest(flag.session):
            _withdraw(flag, by, now)


def _first_session(found_now: Sequence[Episode], grounds: Grounds) -> int:
    """First session whose flags these episodes may change; earlier flags stay as they are."""
    return min([grounds.since, *(episode.sessions[0] for episode in found_now)])


def _is_about(flag: Flag, episode: Episode) -> bool:
    return flag.kind == episode.kind and flag.session in episode.sessions


@transaction.atomic
def raise_flag(
    *,
    engagement: Engagement,
    episode: Episode,
    assessment: Assessment | None,
    digest: str,
    by: Actor,
    now: datetime,
) -> Flag:
    """The one flag of this episode; raising it again changes nothing, and brings back a withdrawn one.

    Raises `Denied` for people: the site alone raises flags.
    """
    if not isinstance(by, System):
        raise Denied("flags are raised by the site itself")
    flag, is_new = Flag.objects.get_or_create(
        engagement=engagement,
        session=episode.sessions[0],
        kind=episode.kind,
        method_version=episode.method_version,
        defaults={
            "organisation_id": engagement.organisation_id,
            "assessment": assessment,
            "finding": episode.finding,
            "facts": digest,
            "raised_at": now,
        },
    )
    if not is_new and flag.withdrawn_at:
        flag.withdrawn_at, flag.facts = None, digest
        flag.save(update_fields=["withdrawn_at", "facts"])
    record_event(by=by, action="flag.raise", subject=flag, client_id=engagement.client_id, fields=["kind"])
    return flag


def _withdraw(flag: Flag, by: Actor, now: datetime) -> None:
    flag.withdrawn_at = now
    flag.save(update_fields=["withdrawn_at"])
    record_event(by=by, action="flag.withdraw", subject=flag, client_id=flag.engagement.client_id)


@transaction.atomic
def respond(*, flag: Flag, done: str, by: Person, now: datetime | None = None) -> Response:
    """Log what was done about a flag. Raises `Denied` for anyone but the clinician of the relationship."""
    check(by, Action.RESPOND, flag.in_hands_of)
    now = now or timezone.now()
    response = Response.objects.create(
        organisation_id=flag.organisation_id,
        flag=flag,
        by=by,
        done=Response.Done(done).value,
        day=timezone.localdate(now),
        made_at=now,
    )
    client_id = flag.engagement.client_id
    record_event(by=by, action="flag.respond", subject=response, client_id=client_id, fields=["done"])
    return response
