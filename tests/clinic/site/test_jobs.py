"""Jobs: claimed by one worker at a time, tried again, and stored only while the claim holds."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accord.clinic.clinician.worklist.queries import worklist
from accord.clinic.facts.changed import ASSESS
from accord.clinic.models import (
    Assessment,
    Flag,
    JobState,
    LeavingEstimate,
    Overview,
    Population,
    claims,
    read_only,
)
from accord.clinic.models.claims import ClaimLost
from accord.clinic.monitoring import after_facts, assessment, dropout, dropout_model, populations
from accord.clinic.programme.outcomes import actions as outcome_actions
from accord.clinic.programme.outcomes.compute import snapshot
from accord.clinic.site import health, job_runner
from accord.clinic.site.due import run_due
from accord.clinic.site.worker import Worker
from accord.clinic.web.jobs import Job, declared, in_order
from accord.instruments.catalogue import get
from accord.records.ratings import Rater
from tests.support import jobs
from tests.support.world import HURT, STEADY, World, fill

pytestmark = [pytest.mark.django_db, pytest.mark.no_worker]
LIMIT = timedelta(minutes=10)
SECOND = timedelta(seconds=1)


@pytest.fixture
def world() -> World:
    return World()


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = timezone.now() + SECOND

    def __call__(self):
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _take(clock, name=ASSESS, worker="one", limit=LIMIT):
    return claims.take(name, worker=worker, limit=limit, clock=clock)


def _row(key, name=ASSESS):
    return JobState.objects.get(name=name, key=str(key))


def test_a_sent_form_is_stored_and_waits_and_the_job_it_woke_assesses_it(world):
    fill(world.with_lind, HURT)
    assert not Assessment.objects.exists()
    assert not Flag.objects.exists()
    assert worklist(world.lind, timezone.now()).unassessed == 1
    jobs.after_facts()
    assert Assessment.objects.get().checkins_seen == 1
    assert "said" in set(Flag.objects.values_list("kind", flat=True))
    assert worklist(world.lind, timezone.now()).unassessed == 0
    assert _row(world.with_lind.pk).due is None


def test_an_emptied_job_table_loses_no_work(world):
    fill(world.with_lind, STEADY)
    fill(world.with_okafor, STEADY)
    JobState.objects.all().delete()
    assert run_due() == (2, 2)
    assert Assessment.objects.count() == 2


def test_a_relationship_that_cannot_be_assessed_waits_longer_each_time_and_others_go_on(
    world, clock, monkeypatch
):
    whole, broken = assessment.assess, world.with_lind

    def assess(engagement, as_of):
        if engagement.pk == broken.pk:
            raise RuntimeError("CANARY words of an error")
        return whole(engagement, as_of)

    monkeypatch.setattr(assessment, "assess", assess)
    fill(broken, STEADY)
    fill(world.with_okafor, STEADY)
    job = next(job for job in declared() if job.name == ASSESS)
    pauses, row = [], _row(broken.pk)
    for _ in range(10):
        job_runner.drain(job, "one", clock)
        row = _row(broken.pk)
        pauses.append(row.due - clock.now)
        clock.now = row.due
    assert list(Assessment.objects.values_list("engagement", flat=True)) == [world.with_okafor.pk]
    assert pauses[:3] == [timedelta(seconds=30), timedelta(seconds=60), timedelta(seconds=120)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=1)
    assert "RuntimeError" in row.last_trouble
    assert "CANARY" not in row.last_trouble
    monkeypatch.undo()
    job_runner.drain(job, "one", clock)
    assert (_row(broken.pk).due, _row(broken.pk).attempts) == (None, 0)


def test_a_fact_that_arrives_while_its_relationship_is_assessed_is_assessed_too(world, clock):
    fill(world.with_lind, STEADY)
    claim = _take(clock)
    fill(world.with_lind, STEADY)
    claims.succeed(claim, due=None)
    assert _row(world.with_lind.pk).due is not None


def test_a_claim_is_one_workers_until_it_is_given_back_or_runs_out(clock):
    claims.wake("x", now=clock.now)
    first = _take(clock, "x")
    assert _take(clock, "x", "two") is None
    clock.now += LIMIT - SECOND
    assert _take(clock, "x", "two") is None
    clock.now += SECOND
    second = _take(clock, "x", "two")
    assert (second.pk, second.attempts) == (first.pk, 2)
    assert not claims.succeed(first, due=None)
    assert JobState.objects.get().claimed_by == "two"


def test_a_claim_given_back_undone_is_free_at_once_and_counts_as_no_try(clock):
    claims.wake("x", now=clock.now)
    claims.release(_take(clock, "x"))
    assert _take(clock, "x", "two").attempts == 1


def _learns(world):
    form = get("session-checkin")
    populations.refit(
        organisation_id=world.organisation.pk, instrument=form, rater=Rater.CLIENT, by=claims_by()
    )


def claims_by():
    from accord.clinic.models.actors import SYSTEM

    return SYSTEM


class Learned:
    relationships = 30

    def to_json(self):
        return {}


# What a job does, the function in which its claim is lost, what that function gives, and what is not stored.
FENCED = {
    "assessment": (lambda w: after_facts.after_facts(w.with_lind), assessment, "assess", None, Assessment),
    "population": (_learns, assessment, "learn", Learned(), Population),
    "overview": (
        lambda w: outcome_actions.make(organisation=w.organisation), snapshot, "figures", {}, Overview,
    ),
    "estimate": (
        lambda w: dropout.refresh(organisation=w.organisation, clients=[w.ana.pk], by=claims_by()),
        dropout_model, "client_statuses", {}, LeavingEstimate,
    ),
}  # fmt: skip


def _lost_midway(world, clock, monkeypatch, what, lose):
    does, place, name, gives, model = FENCED[what]
    claims.wake("x", now=clock.now)
    claim = _take(clock, "x")

    def slow(*args, **kwargs):
        lose(claim)
        return gives

    monkeypatch.setattr(place, name, slow)
    with claims.running(claim):
        does(world)
    return model


@pytest.mark.parametrize("what", FENCED)
def test_a_job_whose_time_is_over_stores_nothing(world, clock, monkeypatch, what):
    def lose(claim):
        clock.now += LIMIT

    fill(world.with_lind, STEADY)
    model = FENCED[what][-1]
    with pytest.raises(ClaimLost):
        _lost_midway(world, clock, monkeypatch, what, lose)
    assert not model.objects.exists()


@pytest.mark.parametrize("what", ["population", "overview"])
def test_a_job_that_another_worker_took_over_stores_nothing(world, clock, monkeypatch, what):
    def lose(claim):
        clock.now += LIMIT
        assert _take(clock, "x", "two")
        clock.now -= LIMIT  # and its own clock goes after the other's: the row alone tells

    model = FENCED[what][-1]
    with pytest.raises(ClaimLost):
        _lost_midway(world, clock, monkeypatch, what, lose)
    assert not model.objects.exists()


@pytest.mark.parametrize("what", ["assessment", "population", "overview"])
def test_planted_without_the_fence_the_late_run_is_stored(world, clock, monkeypatch, what):
    monkeypatch.setattr(claims.Claim, "hold", lambda self: None)
    monkeypatch.setattr(claims.Claim, "refuse_when_over", lambda self: None)

    def lose(claim):
        clock.now += LIMIT

    fill(world.with_lind, STEADY)
    model = _lost_midway(world, clock, monkeypatch, what, lose)
    assert model.objects.exists()


def test_the_watch_of_each_server_is_its_own(clock, monkeypatch):
    job = Job("here", SECOND, lambda: None, here=True)
    claims.ensure("here", ["elsewhere"], clock.now)
    assert job_runner.due([job], clock.now) == []
    job_runner.ensure_clocks([job], clock.now)
    assert job_runner.due([job], clock.now) == [job]
    job_runner.drain(job, "one", clock)
    assert JobState.objects.get(key="elsewhere").last_success is None
    assert JobState.objects.get(key=job_runner.server()).last_success == clock.now


def _health() -> str:
    return health.health(timezone.now(), settings.ACCORD.folder).as_text()


def test_health_tells_each_jobs_last_success_and_which_workers_live(world, client, monkeypatch):
    assert f"job {ASSESS}: last success none yet" in _health()
    monkeypatch.setattr(outcome_actions, "make_due", lambda: 1 / 0)
    others = [job for job in declared() if job.name not in ("overviews", "verify-audit")]
    run_due([*others, Job("overviews", SECOND, outcome_actions.make_due)])
    text = _health()
    assert "run_due: ok" in text
    assert f"worker {job_runner.process()}: since " in text
    success = JobState.objects.get(name=ASSESS, key="").last_success
    assert f"job {ASSESS}: last success {success:%Y-%m-%dT%H:%M:%S}" in text
    assert "job overviews: last success none yet, 1 to be tried again" in text


# --- workers with threads and connections of their own ---


def _worker(jobs_, clock=timezone.now, name="one"):
    return Worker(jobs_, name=name, clock=clock)


@pytest.mark.django_db(transaction=True)
def test_a_slow_job_delays_no_other():
    go_on, done = threading.Event(), threading.Event()
    slow = Job("slow", LIMIT, lambda: go_on.wait(60))
    quick = Job("quick", LIMIT, done.set)
    worker = _worker([slow, quick])
    try:
        worker.look()
        assert done.wait(60)
        assert not go_on.is_set()
    finally:
        go_on.set()
        worker.end(60)
    assert JobState.objects.filter(last_success__isnull=False).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_run_one_job_at_the_same_time():
    """Many rounds: two threads claim as often as they can, and a counter would see two inside."""
    inside, most, runs, lock = [0], [0], [0], threading.Lock()

    def work():
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            runs[0] += 1
        with lock:
            inside[0] -= 1

    job, rounds = Job("busy", timedelta(0), work), 40
    job_runner.ensure_clocks([job], timezone.now())
    begin = threading.Barrier(2)

    def claim_often(name):
        begin.wait()
        try:
            while runs[0] < rounds:
                claim = claims.take(job.name, worker=name, limit=LIMIT)
                if claim:
                    job_runner.run(job, claim)
        finally:
            connection.close()

    threads = [threading.Thread(target=claim_often, args=[name]) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert runs[0] >= rounds
    assert most[0] == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_told_to_stop_gives_back_what_it_cannot_finish():
    go_on, began = threading.Event(), threading.Event()

    def work():
        began.set()
        go_on.wait(60)

    worker = _worker([Job("slow", LIMIT, work)])
    worker.look()
    assert began.wait(60)
    worker.end(0.0)
    row = JobState.objects.get(name="slow")
    assert (row.claim, row.attempts) == (None, 0)
    lane = worker.lanes[0]
    go_on.set()
    lane.thread.join(60)
    assert JobState.objects.get(name="slow").last_success is None


@pytest.mark.django_db(transaction=True)
def test_a_worker_does_nothing_in_read_only_mode():
    done = threading.Event()
    worker = _worker([Job("quick", LIMIT, done.set)])
    read_only.turn_on()
    try:
        worker.look()
    finally:
        read_only.turn_off()
    assert worker.lanes == []
    assert not JobState.objects.exists()


def test_a_job_comes_after_those_whose_results_it_uses():
    first, second = Job("b", SECOND, list), Job("a", SECOND, list, after=("b",))
    assert in_order([second, first]) == (first, second)
    names = [job.name for job in declared()]
    assert names.index(populations.JOB) < names.index(ASSESS) < names.index("overviews")


@pytest.mark.parametrize("after", [(), ("nobody",)])
def test_jobs_that_cannot_be_put_in_an_order_stop_the_start(after):
    with pytest.raises(ValueError, match="one name|unknown"):
        in_order([Job("a", SECOND, list, after=after)] * 2)
