"""Processes that share a database: migrating in turn, and a worker that is killed in the middle of a job."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accord.clinic.models import JobState, claims
from accord.clinic.site import job_runner, migration
from accord.clinic.web.jobs import Job
from tests.support import clinic_environment

pytestmark = pytest.mark.no_worker

PREPARES = """
import sys
from accord.clinic.site.commands import site
site.load()
{planted}
print("ready", flush=True)
sys.stdin.readline()
site.prepare()
"""
PLANTED = """
from contextlib import nullcontext
from accord.clinic.site import migration
migration.alone = nullcontext
"""
DIES = """
import sys, time
from datetime import timedelta
from accord.clinic.site.commands import site
site.load()
from django.utils import timezone
from accord.clinic.site import job_runner
from accord.clinic.web.jobs import Job
def work():
    print("began", flush=True)
    sys.stdin.readline()
job_runner.drain(Job("x", timedelta(hours=1), work), "first", timezone.now)
"""


def _python(script, url, folder):
    settings = clinic_environment.variables(url, str(folder))
    environment = clinic_environment.without_accord(dict(os.environ)) | settings
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", script], env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def _go(process):
    assert process.stdout.readline().strip() == "ready"
    process.stdin.write("go\n")
    process.stdin.flush()


@pytest.fixture
def empty_url(django_db_blocker):
    """DATABASE_URL of an empty database on the tests' PostgreSQL server; None: SQLite in the folder."""
    if connection.vendor == "sqlite":
        yield None
        return
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE begun")
        yield os.environ["DATABASE_URL"].rpartition("/")[0] + "/begun"
        with connection.cursor() as cursor:
            cursor.execute("DROP DATABASE begun WITH (FORCE)")


def test_two_servers_that_start_together_on_an_empty_database_both_get_ready(tmp_path, empty_url):
    folders = [tmp_path / name for name in (("one", "two") if empty_url else ("one", "one"))]
    for folder in folders:
        folder.mkdir(exist_ok=True)
    started = [_python(PREPARES.format(planted=""), empty_url, folder) for folder in folders]
    for process in started:
        _go(process)
    for process in started:
        _, error = process.communicate()
        assert process.returncode == 0, error


@pytest.mark.postgres
@pytest.mark.parametrize("planted", ["", PLANTED])
def test_who_migrates_waits_for_whoever_migrates_already(tmp_path, empty_url, planted):
    """Planted: without the lock it does not wait."""
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with psycopg.connect(empty_url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [migration.LOCK])
        process = _python(PREPARES.format(planted=planted), empty_url, tmp_path)
        _go(process)
        while process.poll() is None and other.execute(waiting).fetchone() == (0,):
            pass
        assert (process.poll() is None) == (not planted)
    process.communicate()
    assert process.returncode == 0


def _this_database():
    if connection.vendor == "sqlite":
        return f"sqlite:///{connection.settings_dict['NAME']}"
    return os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{connection.settings_dict['NAME']}"


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_worker_was_at_is_done_once_by_another_when_its_claim_runs_out():
    done = []
    job = Job("x", timedelta(hours=1), lambda: done.append(1))
    job_runner.ensure_clocks([job], timezone.now())
    process = _python(DIES, _this_database(), settings.ACCORD.folder)
    assert process.stdout.readline().strip() == "began"
    process.kill()
    process.communicate()
    held = JobState.objects.get(name="x")
    assert held.claimed_by == "first"
    job_runner.drain(job, "second", timezone.now)
    assert done == []
    until = held.claimed_until
    assert until is not None
    for _ in range(3):
        job_runner.drain(job, "second", lambda: until)
    assert done == [1]
    row = JobState.objects.get(name="x")
    assert (row.claim, row.attempts, row.last_success) == (None, 0, until)
    assert claims.take("x", worker="third", limit=job.limit) is None
