"""What would make the promises of a real site false is refused, each with what to do about it."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from accord.clinic.environment import database, read
from accord.clinic.site.readiness import folder
from accord.clinic.site.readiness.database import PostgreSQL, SQLite, postgresql_problems, sqlite_problems

OLD, NEW = (3, 40, 1), (3, 51, 3)
SOUND = PostgreSQL(
    version=15,
    settings={"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"},
    address="127.0.0.1",
    tls=False,
    standby=False,
)


def _ids(result):
    result = list(result)
    assert all(problem.hint for problem in result)
    return [problem.id for problem in result]


@pytest.fixture
def site(tmp_path):
    """A real site's data folder, as it should be."""
    tmp_path.chmod(0o700)
    for name in ("secret-key", "accord.sqlite3"):
        (tmp_path / name).touch(mode=0o600)
    return read({"ACCORD_FOLDER": str(tmp_path)}, OLD)


def test_a_folder_for_its_owner_only_is_taken_and_one_that_is_not_there_yet(site, tmp_path):
    assert _ids(folder.problems(site)) == []
    assert _ids(folder.problems(replace(site, folder=tmp_path / "later"))) == []


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o770, 0o777])
def test_a_folder_that_others_may_look_into_is_refused(site, mode):
    site.folder.chmod(mode)
    assert _ids(folder.problems(site)) == ["accord.E030"]


@pytest.mark.parametrize(
    "name", ["secret-key", "accord.sqlite3", "accord.sqlite3-wal", "accord.sqlite3-journal"]
)
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_or_database_that_others_may_read_is_refused_by_its_name(site, name, mode):
    (site.folder / name).touch()
    (site.folder / name).chmod(mode)
    result = list(folder.problems(site))
    assert _ids(result) == ["accord.E031"]
    assert name in result[0].msg


def test_a_disk_that_takes_no_writes_is_refused(site, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    assert _ids(folder.problems(site)) == ["accord.E032"]


def test_trying_the_disk_leaves_nothing_behind(site):
    before = sorted(site.folder.iterdir())
    list(folder.problems(site))
    assert sorted(site.folder.iterdir()) == before


@pytest.mark.parametrize(
    ("journal", "synchronous", "version", "ids"),
    [
        ("WAL", "FULL", NEW, []),
        ("WAL", "EXTRA", NEW, []),
        ("DELETE", "EXTRA", OLD, []),
        ("DELETE", "FULL", OLD, ["accord.E040"]),  # the removal of the journal is the commit
        ("WAL", "NORMAL", NEW, ["accord.E040"]),
        ("WAL", "OFF", NEW, ["accord.E040"]),
        ("DELETE", "OFF", OLD, ["accord.E040"]),
        ("MEMORY", "EXTRA", NEW, ["accord.E040"]),
        ("OFF", "EXTRA", NEW, ["accord.E040"]),
        ("WAL", "EXTRA", OLD, ["accord.E041"]),
        ("WAL", "NORMAL", OLD, ["accord.E040", "accord.E041"]),
    ],
)
def test_sqlite_is_taken_only_where_a_power_cut_takes_nothing(journal, synchronous, version, ids):
    assert _ids(sqlite_problems(SQLite(journal, synchronous, foreign_keys=True), version)) == ids


def test_sqlite_without_references_is_refused():
    assert _ids(sqlite_problems(SQLite("DELETE", "EXTRA", foreign_keys=False), OLD)) == ["accord.E042"]


@pytest.mark.parametrize(
    ("change", "id"),
    [
        ({"version": 14}, "accord.E050"),
        ({"settings": {**SOUND.settings, "fsync": "off"}}, "accord.E051"),
        ({"settings": {**SOUND.settings, "full_page_writes": "off"}}, "accord.E051"),
        ({"settings": {**SOUND.settings, "synchronous_commit": "off"}}, "accord.E052"),
        ({"address": "8.8.8.8"}, "accord.E053"),
        ({"address": "2001:4860:4860::8888"}, "accord.E053"),
        ({"standby": True}, "accord.E054"),
    ],
)
def test_a_postgresql_that_could_lose_or_show_the_record_is_refused(change, id):
    assert _ids(postgresql_problems(replace(SOUND, **change))) == [id]


@pytest.mark.parametrize(
    "change",
    [
        {"version": 17},
        {"settings": {**SOUND.settings, "synchronous_commit": "remote_apply"}},
        {"address": "8.8.8.8", "tls": True},
        {"address": "10.0.0.7"},
        {"address": "::1"},
        {"address": ""},
    ],
)
def test_a_postgresql_that_keeps_what_it_acknowledges_is_taken(change):
    assert _ids(postgresql_problems(replace(SOUND, **change))) == []


def test_tls_is_asked_for_in_the_address_of_the_database():
    result = database("postgresql://u:p@db.example/accord?sslmode=verify-full&sslrootcert=/etc/ca.pem", OLD)
    assert result["OPTIONS"] == {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"}


def test_the_files_of_a_database_are_known_on_sqlite_alone(site):
    assert Path(site.database["NAME"]) in folder.database_files(site)
    assert folder.database_files(replace(site, database=database("postgresql://u@h/n", OLD))) == []
