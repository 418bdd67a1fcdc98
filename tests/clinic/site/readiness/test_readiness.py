"""The live database and the record are asked before a site of real use serves anybody."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from accord.clinic.encryption import rings
from accord.clinic.site.commands import site
from accord.clinic.site.readiness import database, record
from tests.clinic.site.commands.test_commands import REAL
from tests.support import clinic_environment
from tests.support.postgres import free_port
from tests.support.world import STEADY, World, fill


def _ids(result):
    return [problem.id for problem in result]


@pytest.fixture
def real(settings):
    settings.ACCORD = replace(settings.ACCORD, use="real")


def test_the_databases_own_word_is_read_from_the_live_connection(db):
    result = _ids(database.problems(connection))
    # The tests' PostgreSQL runs without fsync on purpose, so here the refusals themselves are seen live.
    expected = ["accord.E051", "accord.E051", "accord.E052"] if connection.vendor == "postgresql" else []
    assert result == expected


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_made_weaker_is_seen(real):
    if connection.vendor == "postgresql":
        with pytest.raises(site.CannotServe, match="fsync"):
            site.refuse_forgetful_database()
        return
    site.refuse_forgetful_database()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=FULL")
    try:
        with pytest.raises(site.CannotServe, match="journal DELETE and synchronous FULL"):
            site.refuse_forgetful_database()
    finally:
        connection.close()


@pytest.mark.django_db
def test_a_record_of_this_version_and_day_is_taken(real):
    World()
    site.refuse_strange_record()


@pytest.mark.django_db
def test_a_clock_before_the_newest_row_is_refused():
    fill(World().with_lind, STEADY)
    now = timezone.now()
    assert _ids(record.problems(connection, now - timedelta(minutes=4))) == []
    assert _ids(record.problems(connection, now - timedelta(minutes=6))) == ["accord.E062"]


@pytest.mark.django_db
def test_a_database_of_a_later_version_is_refused():
    MigrationRecorder.Migration.objects.create(app="clinic", name="9999_from_the_future")
    assert _ids(record.problems(connection, timezone.now())) == ["accord.E061"]


@pytest.mark.django_db
def test_a_database_that_is_not_up_to_date_is_refused():
    newest = MigrationRecorder.Migration.objects.filter(app="clinic").order_by("-name").first()
    newest.delete()
    assert _ids(record.problems(connection, timezone.now())) == ["accord.E060"]


def _serve(folder, *arguments):
    own = {"ACCORD_FOLDER": str(folder), "ACCORD_URL": f"http://localhost:{free_port()}"}
    environment = clinic_environment.without_accord(dict(os.environ)) | REAL | own
    return subprocess.run([sys.executable, "-m", "accord", "serve", *arguments], env=environment, cwd=folder,
                          capture_output=True, text=True, timeout=120)  # fmt: skip


def _open_folder(folder):
    folder.chmod(0o755)


def _open_database(folder):
    (folder / "accord.sqlite3").touch()
    (folder / "accord.sqlite3").chmod(0o644)


def _no_database(folder):
    (folder / "accord.sqlite3").write_bytes(b"no database " * 99)
    (folder / "accord.sqlite3").chmod(0o600)


def _nothing(folder):
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    ("spoil", "arguments", "message"),
    [
        (_open_folder, (), "chmod 700"),
        (_open_database, (), "chmod 600"),
        (_nothing, ("--no-migrate",), "accord manage migrate"),
        (_no_database, (), "does not answer"),
    ],
)
def test_serve_refuses_and_says_what_to_do(tmp_path, spoil, arguments, message):
    tmp_path.chmod(0o700)
    spoil(tmp_path)
    rings.make_missing(tmp_path)
    done = _serve(tmp_path, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
