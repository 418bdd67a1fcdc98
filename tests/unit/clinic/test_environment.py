"""Settings are read once, and what makes no sense is refused with what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from accord.clinic.environment import SETTINGS, SettingError, database, read, wal_is_safe

OLD, NEW = (3, 40, 1), (3, 51, 3)
DOCS = Path(__file__).parents[3] / "docs" / "reference" / "settings.md"


def test_every_setting_is_documented_with_the_same_words_and_no_other_is():
    rows = {f"| `{name}` | {meaning} |" for name, meaning in SETTINGS.items()}
    result = {line for line in DOCS.read_text().splitlines() if line.startswith("| `")}
    assert result == rows


def test_an_empty_environment_is_a_site_of_real_use_on_localhost(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    site = read({}, OLD)
    assert (site.use, site.url, site.debug, site.https) == ("real", "http://localhost:8000", False, False)
    assert site.secret_key == ""
    assert site.database["NAME"] == str(tmp_path / "accord-data" / "accord.sqlite3")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ACCORD_USE", "test"),
        ("ACCORD_DEBUG", "maybe"),
        ("ACCORD_URL", "accord.example"),
        ("ACCORD_URL", "ftp://accord.example"),
        ("ACCORD_URL", "https://accord.example/below"),
        ("ACCORD_CRISIS_NUMBERS", "112"),
        ("ACCORD_CRISIS_NUMBERS", "Emergency: soon"),
        ("ACCORD_TIME_ZONE", "Mars/Olympus"),
        ("ACCORD_TIME_ZONE", "../etc/passwd"),
        ("DATABASE_URL", "mysql://localhost/accord"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "postgresql://localhost"),
        ("DATABASE_URL", "postgresql://localhost/accord?fsync=off"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(name, value):
    with pytest.raises(SettingError, match=name):
        read({name: value}, OLD)


def test_a_refused_database_address_never_repeats_its_password():
    with pytest.raises(SettingError) as refusal:
        database("mysql://user:hunter2@host/name", OLD)
    assert "hunter2" not in str(refusal.value)


def test_crisis_numbers_are_read_as_pairs_in_their_order():
    site = read({"ACCORD_CRISIS_NUMBERS": "Emergency: 112; Crisis line (day: night): 116 123;"}, OLD)
    assert site.crisis_numbers == (("Emergency", "112"), ("Crisis line (day: night)", "116 123"))


def test_the_key_is_read_from_the_folder_when_the_environment_has_none(tmp_path):
    (tmp_path / "secret-key").write_text("from-the-file\n")
    assert read({"ACCORD_FOLDER": str(tmp_path)}, OLD).secret_key == "from-the-file"
    both = {"ACCORD_FOLDER": str(tmp_path), "ACCORD_SECRET_KEY": "told"}
    assert read(both, OLD).secret_key == "told"


def test_a_postgresql_address_is_taken_apart_with_its_escapes():
    result = database("postgresql://a%40b:p%2Fw@db.example:5433/accord", OLD)
    assert (result["USER"], result["PASSWORD"], result["HOST"], result["PORT"], result["NAME"]) == (
        "a@b",
        "p/w",
        "db.example",
        "5433",
        "accord",
    )


def test_sqlite_waits_for_its_turn_and_never_acknowledges_what_a_power_cut_could_take():
    options = database("sqlite:////srv/accord.sqlite3", OLD)["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["init_command"].startswith("PRAGMA synchronous=EXTRA;")
    assert "journal_mode=DELETE" in options["init_command"]
    assert "journal_mode=WAL" in database("sqlite:////srv/a.sqlite3", NEW)["OPTIONS"]["init_command"]


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
    ],
)
def test_write_ahead_logging_is_used_only_where_sqlite_is_past_its_bug(version, safe):
    assert wal_is_safe(version) == safe
