"""The commands that begin and run a site."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accord.clinic.encryption import rings
from accord.clinic.models import Account, Invitation, Membership, Organisation, Person, Population
from accord.clinic.monitoring import populations
from accord.clinic.site.commands import manage, population
from accord.clinic.site.demo import names as demo_names
from accord.commands.site import COMMANDS, run
from tests.support import clinic_environment
from tests.support.postgres import free_port
from tests.support.world import World, steady_then

KEY = "Zk3jd8sLq0wPx7vN2mB5cR9tY4uI6oA1eFhGjKzXyWqVbTnMlC"
REAL = {
    "ACCORD_USE": "real",
    "ACCORD_SECRET_KEY": KEY,
    "ACCORD_CRISIS_NUMBERS": "Emergency: 112",
}


def _say(monkeypatch, password):
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))


def _set_up(monkeypatch, password="a-long-enough-password", **more):
    _say(monkeypatch, password)
    told = {"organisation": "Clinic", "team": "First", "email": "Lead@Clinic.example", **more}
    call_command("setup", **told, verbosity=0)


@pytest.mark.django_db
def test_a_real_site_begins_with_an_organisation_a_team_and_a_lead_who_can_sign_in(monkeypatch):
    _set_up(monkeypatch)
    lead = Person.objects.get()
    roles = set(lead.memberships.values_list("role", flat=True))
    assert roles == {Membership.Role.LEAD, Membership.Role.ADMINISTRATOR}
    sent = {"login": "lead@clinic.example", "password": "a-long-enough-password"}
    answer = Client().post("/accounts/login/", sent)
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.django_db
def test_a_lead_who_treats_clients_too_says_so_at_the_beginning(monkeypatch):
    _set_up(monkeypatch, treats="therapist")
    assert "therapist" in Person.objects.get().memberships.values_list("role", flat=True)


@pytest.mark.django_db
def test_a_site_is_set_up_once(monkeypatch):
    _set_up(monkeypatch)
    with pytest.raises(CommandError, match="empty site"):
        _set_up(monkeypatch)


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["", "short", "password1234"])
def test_a_weak_password_is_refused_and_nothing_is_written(monkeypatch, password):
    with pytest.raises(CommandError):
        _set_up(monkeypatch, password)
    assert not Organisation.objects.exists()


@pytest.mark.django_db
def test_people_are_added_with_their_logins_and_a_second_one_is_refused(monkeypatch):
    _set_up(monkeypatch)
    told = {
        "person": "T01",
        "kind": "staff",
        "email": "t@clinic.example",
        "team": "First",
        "role": "therapist",
    }
    _say(monkeypatch, "another-long-password")
    call_command("add_login", **told, verbosity=0)
    assert Person.objects.get(code="T01").memberships.get().team.name == "First"
    for again in ({**told, "email": "u@clinic.example"}, told, {**told, "person": "T02", "role": None}):
        _say(monkeypatch, "another-long-password")
        with pytest.raises(CommandError):
            call_command("add_login", **again, verbosity=0)


def _added(monkeypatch, **changed):
    _say(monkeypatch, "another-long-password")
    call_command(
        "add_login",
        **{"person": "T01", "kind": "staff", "email": "t@clinic.example", "team": "First"} | changed,
        role="therapist",
        verbosity=0,
    )


@pytest.mark.django_db
def test_a_team_that_does_not_exist_is_refused_with_the_names_of_those_that_do(monkeypatch):
    _set_up(monkeypatch)
    with pytest.raises(CommandError, match="There is no team 'Frist'. The teams are: First"):
        _added(monkeypatch, team="Frist")
    assert not Person.objects.filter(code="T01").exists()
    _added(monkeypatch, team="Second", new_team=True)
    assert Person.objects.get(code="T01").memberships.get().team.name == "Second"


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["bad", "", "t@", "t @clinic.example", "t@clinic"])
def test_a_bad_address_is_refused_and_nobody_is_added(monkeypatch, email):
    _set_up(monkeypatch)
    with pytest.raises(CommandError, match="valid email address"):
        _added(monkeypatch, email=email)
    assert not Person.objects.filter(code="T01").exists()
    assert Account.objects.count() == 1


@pytest.mark.django_db
def test_nobody_is_invited_under_a_bad_address():
    World()
    with pytest.raises(CommandError, match="valid email address"):
        call_command("invite", person="code-CANARY-ANA", kind="client", email="bad")
    assert not Invitation.objects.exists()


HARMFUL = ["flush", "sqlflush", "loaddata", "dumpdata", "testserver", "createsuperuser", "changepassword",
           "shell", "dbshell", "runserver", "diffsettings", "sqlmigrate", "makemigrations"]  # fmt: skip


@pytest.mark.parametrize("name", HARMFUL)
def test_a_command_that_goes_past_the_record_is_not_offered(name, capsys):
    for given in ([name], ["help", name]):
        assert manage.main(given) == 2
        assert f"accord manage does not offer '{name}'" in capsys.readouterr().err
    manage.main(["--help"])
    assert name not in capsys.readouterr().out.split()


@pytest.mark.parametrize("given", [["clinic", "0001"], ["clinic", "zero"], ["--fake"], ["--run-syncdb"]])
def test_the_database_is_never_taken_back_to_an_earlier_version(given, capsys):
    assert manage.main(["migrate", *given]) == 2
    assert "restore the backup made before" in capsys.readouterr().err


def test_what_is_offered_is_there_and_listed(capsys):
    from django.core.management import get_commands

    assert {manage.OWN.get(name, name) for name in manage.OFFERED} <= set(get_commands())
    assert manage.main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in manage.OFFERED)


@pytest.mark.django_db
def test_refit_learns_from_the_sites_own_relationships_and_says_from_how_many(capsys):
    world = World()
    for number in range(populations.ENOUGH):
        client = world.client_person(f"client {number}")
        steady_then(world.engage(client, world.lind, world.first), before=4)
    assert population.main(["refit"]) == 0
    assert "session-checkin, rated by client: learned from 10 relationships" in capsys.readouterr().out
    assert Population.objects.get().relationships == populations.ENOUGH


@pytest.mark.django_db
def test_refit_leaves_the_values_in_use_where_there_is_too_little(capsys):
    steady_then(World().with_lind, before=4)
    assert population.main(["refit"]) == 0
    assert "too little to learn from" in capsys.readouterr().out
    assert not Population.objects.exists()


def test_learning_anew_has_one_name_only():
    with pytest.raises(CommandError):
        call_command("refit")
    with pytest.raises(SystemExit):
        population.main([])


@pytest.mark.django_db
def test_nobody_can_sign_up(monkeypatch):
    _set_up(monkeypatch)
    assert Client().get("/accounts/signup/").status_code == 404


@pytest.mark.django_db
def test_sign_in_is_slowed_after_repeated_failures(monkeypatch):
    _set_up(monkeypatch)
    sent = {"login": "lead@clinic.example", "password": "wrong"}
    pages = [Client().post("/accounts/login/", sent) for _ in range(12)]
    assert all(page.status_code in (200, 429) for page in pages)
    right = Client().post("/accounts/login/", {**sent, "password": "a-long-enough-password"})
    assert right.status_code != 302


def test_invented_people_all_have_different_names():
    assert len({demo_names.client(number) for number in range(520)}) == 520
    assert len(set(demo_names.STAFF)) == len(demo_names.STAFF) == 15


def _environment(folder, **more):
    kept = clinic_environment.without_accord(dict(os.environ))
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return kept | {"ACCORD_FOLDER": str(folder)} | more


def _serve(folder, *arguments, **more):
    return subprocess.Popen(
        [sys.executable, "-m", "accord", "serve", *arguments], env=_environment(folder, **more), cwd=folder,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"ACCORD_SECRET_KEY": ""}, "ACCORD_SECRET_KEY"),
        ({"ACCORD_DEBUG": "1"}, "ACCORD_DEBUG"),
        ({"ACCORD_CRISIS_NUMBERS": ""}, "ACCORD_CRISIS_NUMBERS"),
        ({"ACCORD_URL": "http://accord.example"}, "ACCORD_URL"),
        ({"ACCORD_USE": "perhaps"}, "ACCORD_USE"),
    ],
)
def test_serve_refuses_to_start_and_says_what_to_set(tmp_path, change, told):
    process = _serve(tmp_path, **(REAL | change))
    _, error = process.communicate(timeout=60)
    assert process.returncode == 2
    assert told in error
    assert "Traceback" not in error
    assert not (tmp_path / "accord.sqlite3").exists()


def test_serve_refuses_a_site_without_keys_for_free_text(tmp_path):
    _, error = (process := _serve(tmp_path, **REAL)).communicate(timeout=60)
    assert process.returncode == 2
    assert "expected a ring of keys" in error
    assert "accord keys new" in error


def test_serve_says_that_a_text_about_duty_is_no_longer_read_and_starts_nevertheless(tmp_path):
    with socket.socket() as taken:  # so that it ends by itself, after its checks
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        rings.make_missing(tmp_path)
        port = str(taken.getsockname()[1])
        _, error = (
            process := _serve(tmp_path, "--port", port, **REAL, ACCORD_ON_DUTY="Dr Lind")
        ).communicate(timeout=60)
    assert process.returncode == 2
    assert "ACCORD_ON_DUTY is no longer read" in error
    assert "Duty rota" in error
    assert "does not start" not in error
    assert f"Port {port}" in error


def test_serve_answers_with_its_watcher_and_ends_cleanly_when_told(tmp_path):
    port = free_port()
    rings.make_missing(tmp_path)
    process = _serve(tmp_path, "--port", str(port), **REAL, ACCORD_URL=f"http://localhost:{port}")
    try:
        assert _healthy(f"http://localhost:{port}/health/", process)
        assert _status(f"http://localhost:{port}/worklist/") == 200  # the sign-in page it leads to
        taken = _serve(tmp_path, "--port", str(port), **REAL)
        assert "Port" in taken.communicate(timeout=60)[1]
        assert taken.returncode == 2
    finally:
        process.send_signal(signal.SIGTERM)
        _, error = process.communicate(timeout=40)
    assert process.returncode == 0, error
    assert "Traceback" not in error
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://localhost:{port}/health/", timeout=2)


def _healthy(url, process):
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            if _status(url) == 200:
                return True
        except OSError:
            pass
        time.sleep(0.3)
    return False


def _status(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_is_listed_can_be_called(name, capsys):
    # The standard library ends a command that was asked for help; the others return.
    with contextlib.suppress(SystemExit):
        run(name, ["--help"])
    assert capsys.readouterr().out


@pytest.mark.django_db
def test_a_demonstration_knows_a_database_that_belongs_to_a_programme(monkeypatch):
    from accord.clinic.site.demo import programme as demo_programme

    assert not demo_programme.holds_others()
    Organisation.objects.create(name=demo_programme.ORGANISATION)
    assert not demo_programme.holds_others()
    _set_up(monkeypatch)
    assert demo_programme.holds_others()


def test_a_demonstration_is_never_made_of_a_site_of_real_use(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "accord", "demo", "--no-serve"],
        env=_environment(tmp_path, **REAL), cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert "real use" in done.stderr
    assert not list(tmp_path.iterdir())


def test_real_use_refuses_a_database_with_a_demonstrations_sign_ins(tmp_path):
    """Their password and their codes are shown to everybody."""
    told = ["--organisation", "Clinic", "--team", "First", "--email", "lead@demo.example"]
    made = subprocess.run(
        [sys.executable, "-m", "accord", "manage", "setup", *told],
        env=_environment(tmp_path, **REAL), cwd=tmp_path, input="a-long-enough-password\n",
        capture_output=True, text=True,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    process = _serve(tmp_path, "--port", str(free_port()), **REAL)
    _, error = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "demonstration" in error
    assert "Traceback" not in error
