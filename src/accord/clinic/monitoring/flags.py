"""Assessing a relationship, and the flags that come of it.

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
from accord.clinic.facts import changed, uses
from accord.clinic.facts import current as facts
from accord.clinic.models import Assessment, CheckIn, Engagement, Flag, Person, Response, claims
from accord.clinic.models.actors import SYSTEM, Actor, System
from accord.clinic.monitoring import assessment
from accord.clinic.monitoring.basis import Basis
from accord.clinic.monitoring.episodes import Episode, episodes, open_runs, to_raise, words
from accord.clinic.policy import Action, Denied, check, kept


@dataclass(frozen=True)
class Grounds:
    """What findings rest on: check-ins of sessions from `since` on, and the digest of the facts up to one."""

    checkins: tuple[CheckIn, ...]
    since: int
    digest: Callable[[int], str]


def reassess(*, engagement: Engagement, by: Actor = SYSTEM, now: datetime | None = None) -> None:
    """Raise what the client said, then assess and raise what the numbers say, unless the client said no."""
    now = now or timezone.now()
    # First and on its own: a person's word needs no statistics and must not wait for them.
    _flag_words(engagement, by, now)
    if uses.allowed(engagement.client)[uses.Purpose.NOTICING]:
        _assess(engagement, by, now)


@transaction.atomic
def _flag_words(engagement: Engagement, by: Actor, now: datetime) -> None:
    held = changed.locked(engagement)  # before the claim, as whoever changes its facts does
    with claims.fenced():
        _flag_words_since(held, held.changed_from or 0, by, now)


def _flag_words_since(engagement: Engagement, since: int, by: Actor, now: datetime) -> None:
    """What was said in sessions before `since` has its flags."""
    filled = tuple(
        CheckIn.objects.filter(
            kept(), contact__engagement=engagement, contact__session__gte=since
        ).select_related("contact")
    )
    of_session: dict[int, list[CheckIn]] = {}
    for checkin in filled:
        of_session.setdefault(checkin.contact.session, []).append(checkin)
    _bring_in_line(
        engagement,
        words(filled),
        Grounds(filled, since, lambda session: facts.digest(facts.keys(of_session.get(session, ())))),
        None,
        by,
        now,
    )


@transaction.atomic
def _assess(engagement: Engagement, by: Actor, now: datetime) -> None:
    # The row is held so that no check-in arrives between reading the facts and naming their revision.
    held = changed.locked(engagement)
    with claims.fenced():
        _assess_held(held, by, now)


def _assess_held(held: Engagement, by: Actor, now: datetime) -> None:
    before = facts.newest_assessment(held)
    found = assessment.assess(held, timezone.localdate(now))
    runs = _runs(found) if found else []
    row = _written(held, found, runs, now)
    Engagement.objects.filter(pk=held.pk).update(changed_from=None)
    covered = range(before.listed + 1) if before and before.instrument else range(0)
    _bring_in_line(held, runs, _grounds(found), row, by, now, covered)


def _runs(found: assessment.Assessed) -> list[Episode]:
    told = found.assessment
    return episodes(told.findings, found.instrument.id, told.method_version, found.basis.runs)


def _grounds(found: assessment.Assessed | None) -> Grounds:
    if found is None:
        return Grounds((), 0, lambda _: facts.digest(()))
    earlier = found.goes_on_from
    before = Basis.read(earlier.basis).facts if earlier else ""
    since = earlier.listed + 1 if earlier else 0
    return Grounds(found.checkins, since, lambda session: facts.digest(found.keys, session, before))


def _written(
    engagement: Engagement, found: assessment.Assessed | None, runs: Sequence[Episode], now: datetime
) -> Assessment:
    common = {
        "organisation_id": engagement.organisation_id,
        "engagement": engagement,
        "revision": engagement.revision,
        "made_at": now,
        "method_version": assessment.METHOD_VERSION,
    }
    if found is None:
        empty = {"instrument": "", "instrument_version": "", "rater": "", "findings": [], "state": {}}
        return Assessment.objects.create(**common, **empty, checkins_seen=0, as_of=timezone.localdate(now))
    return Assessment.objects.create(
        **common,
        instrument=found.instrument.id,
        instrument_version=found.instrument.version,
        rater=found.rater.value,
        population=found.population,
        assumed=found.assumed,
        checkins_seen=sum(found.basis.series.values()),
        as_of=found.assessment.as_of,
        findings=[assessment.to_json(finding) for finding in found.assessment.findings],
        state=dict(found.assessment.state),
        **_chained(found, runs),
    )


def _chained(found: assessment.Assessed, runs: Sequence[Episode]) -> dict[str, Any]:
    """Where these findings stand in the whole course, and what the next assessment must know."""
    earlier, basis = found.goes_on_from, replace(found.basis, runs=open_runs(runs))
    return {
        "begins_id": (earlier.begins_id or earlier.pk) if earlier else None,
        "first": earlier.listed + 1 if earlier else 0,
        "listed": found.assessment.state.get("listed", 0),
        "basis": basis.plain(),
    }


def _bring_in_line(
    engagement: Engagement,
    found: Sequence[Episode],
    grounds: Grounds,
    row: Assessment | None,
    by: Actor,
    now: datetime,
    covered: Collection[int] = (),
) -> None:
    """Raise what has no flag yet, withdraw what no longer holds: of words without `row`, else of numbers."""
    of_words = row is None
    mine = Flag.objects.filter(
        engagement=engagement, withdrawn_at__isnull=True, session__gte=_first_session(found, grounds)
    )
    mine = mine.filter(kind=Flag.Kind.SAID) if of_words else mine.exclude(kind=Flag.Kind.SAID)
    standing = list(mine)
    filled_here = {one.contact.session for one in grounds.checkins if one.via != CheckIn.Via.IMPORT}
    for episode in to_raise(found, filled_here, covered):
        if episode.finding is not None and not any(_is_about(flag, episode) for flag in standing):
            digest = grounds.digest(episode.sessions[0])
            raise_flag(engagement=engagement, episode=episode, assessment=row, digest=digest, by=by, now=now)
    for flag in standing:
        held = any(_is_about(flag, episode) for episode in found)
        if flag.session >= grounds.since and not held and flag.facts != grounds.digest(flag.session):
            _withdraw(flag, by, now)


def _first_session(found: Sequence[Episode], grounds: Grounds) -> int:
    """Flags from here on may be about what was found; earlier ones stand as they are."""
    return min([grounds.since, *(episode.sessions[0] for episode in found)])


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
