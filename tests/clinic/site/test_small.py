"""Small things that are kind or unkind: what strangers learn, names, scales, and rows that cannot be done."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accord.clinic.models import JobState, claims
from accord.clinic.models.actors import SYSTEM
from accord.clinic.programme.groups import actions as groups
from accord.clinic.programme.people import actions as people
from accord.clinic.site import job_runner
from accord.clinic.site.due import run_due
from accord.clinic.web.fields import words_field
from accord.clinic.web.jobs import Job
from accord.errors import FormError, InputError
from accord.instruments.catalogue import by_range
from tests.support import clinic_environment
from tests.support.world import World, days_ago, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.no_worker]
SECOND = timedelta(seconds=1)
TURNED = "Dr\u202eLind"


@pytest.mark.parametrize("who", [None, "lind", "ana"])
def test_health_tells_by_its_page_only_yes_or_no(who):
    world = World()
    browser = signed_in(getattr(world, who)) if who else Client()
    assert browser.get("/health/").content in (b"yes\n", b"no\n")
    call_command("run_due", verbosity=0)
    answer = browser.get("/health/")
    assert (answer.status_code, answer.content) == (200, b"yes\n")


def test_health_is_told_in_full_at_the_machine_and_ends_with_1_when_the_site_is_unwell(capsys):
    World()
    with pytest.raises(SystemExit) as end:
        call_command("health")
    assert end.value.code == 1
    assert "run_due: late" in capsys.readouterr().out
    call_command("run_due", verbosity=0)
    call_command("health")
    assert "run_due: ok" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("url", "told"), [("https://here.example", "True True"), ("http://localhost", "False False")]
)
def test_a_site_over_https_asks_for_it_also_below_its_name(url, told):
    ask = (
        "import django; django.setup(); from django.conf import settings as s; "
        "print(s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_HSTS_SECONDS >= 31536000)"
    )
    environment = clinic_environment.without_accord(dict(os.environ)) | clinic_environment.variables()
    done = subprocess.run(
        [sys.executable, "-c", ask],
        env=environment | {"ACCORD_URL": url},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == told


@pytest.mark.parametrize(
    "sign", [*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A)), "\x07", "\x00"]
)
def test_a_name_that_turns_or_hides_what_stands_beside_it_is_refused(sign):
    world = World()
    name = f"Dr{sign}Lind"
    for enter in (
        lambda: people.add_person(
            organisation=world.organisation, kind="staff", code="x", name=name, by=world.lead
        ),
        lambda: people.add_person(
            organisation=world.organisation, kind="client", code=name, name="x", by=world.lead
        ),
        lambda: people.rename(person=world.lind, name=name, by=world.lead),
        lambda: people.rename_team(team=world.first, name=name, by=world.lead),
        lambda: groups.add(team=world.first, name=name, leader=world.ito, since=days_ago(1), by=SYSTEM),
    ):
        with pytest.raises(FormError, match="hidden signs"):
            enter()
    with pytest.raises(Exception, match="hidden signs|Null characters"):
        words_field("name").clean(name)


@pytest.mark.parametrize(
    "name", ["Dr Łukasz Œ", "د. سارة", "ד״ר \u200fלוי", "می\u200cخواهم", "O’Neill-Ñandú"]
)
def test_names_of_all_languages_are_taken(name):
    world = World()
    people.rename(person=world.lind, name=name, by=world.lead)
    assert world.lind.name == name


@pytest.mark.parametrize(
    ("low", "high"), [(-1.7e308, 1.7e308), (0, 1e7), (-1e300, 0), (0, 1e-9), (5, 5 + 1e-6), (0, float("inf"))]
)
def test_a_scale_that_no_form_has_is_refused_with_the_range_that_one_may_have(low, high):
    with pytest.raises(InputError, match="range"):
        by_range("sessions", low, high)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (36, 252), (-3, 3), (0, 1000), (0.5, 0.6)])
def test_a_scale_that_a_form_may_have_is_taken(low, high):
    assert by_range("sessions", low, high).high == high


class _Clock:
    now = timezone.now()

    def __call__(self):
        return self.now


def _tries_within_a_day(clock: _Clock, work) -> int:
    """How often a part that never succeeds is tried, when its clock says each minute that it is due."""
    tries: list[str] = []

    def run(key: str) -> None:
        tries.append(key)
        work()

    job = Job("planted", timedelta(minutes=1), run, waiting=lambda: ["bad row"])
    job_runner.ensure_clocks([job], clock.now)
    for _ in range(24 * 2):
        job_runner.drain(job, "one", clock)
        clock.now += timedelta(minutes=30)
    return len(tries)


def _fails() -> None:
    raise ValueError("planted")


def test_a_row_that_cannot_be_done_is_given_up_and_taken_up_again_when_something_changes():
    clock = _Clock()
    assert _tries_within_a_day(clock, _fails) == claims.MOST_TRIES
    row = JobState.objects.get(name="planted", key="bad row")
    assert (row.due, row.attempts) == (None, claims.MOST_TRIES)
    assert JobState.objects.get(name="planted", key="").due is not None, "its clock goes on"
    claims.wake("planted", "bad row", now=clock.now)
    done: list[str] = []
    job = Job("planted", timedelta(minutes=1), done.append, waiting=lambda: ["bad row"])
    job_runner.drain(job, "one", clock)
    assert done == ["bad row"]
    assert JobState.objects.get(name="planted", key="bad row").attempts == 0


def test_a_row_that_is_tried_for_ever_is_noticed(monkeypatch):
    """Planted fault."""
    most = claims.MOST_TRIES
    monkeypatch.setattr(claims, "MOST_TRIES", 10**6)
    assert _tries_within_a_day(_Clock(), _fails) > most


def test_what_was_given_up_is_told_in_health_and_tried_again_by_hand():
    clock = _Clock()
    _tries_within_a_day(clock, _fails)
    done: list[str] = []
    job = Job("planted", SECOND, done.append, waiting=list)
    from accord.clinic.site import job_status

    row = {"last": None, "bad": 0, "left": 1}
    assert "1 given up until something changes" in job_status._line("planted", row)
    run_due([job])
    assert done == ["bad row"]
