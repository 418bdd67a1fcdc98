"""One file of settings is read alike by the program, by a shell and by a service manager, or not at all."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from accord.clinic import environment
from accord.clinic.environment import SETTINGS, SettingError
from accord.clinic.environment_file import read, with_file

HOW_TO = Path(__file__).parents[3] / "docs" / "how-to" / "run-accord.md"
WHOLE = """# a site
ACCORD_USE=real
ACCORD_FOLDER="/srv/accord (ward 4711)"

ACCORD_CRISIS_NUMBERS='Emergency: 112; Crisis line: 116 123'
ACCORD_TIME_ZONE=Europe/Berlin
ACCORD_SECRET_KEY=
DATABASE_URL=postgresql://accord:a%20b@localhost:5432/accord?sslmode=verify-full
"""


@pytest.fixture
def path(tmp_path):
    (tmp_path / "accord.env").write_text(WHOLE.replace("?sslmode=verify-full", ""))
    return tmp_path / "accord.env"


def _as_a_shell_reads(path):
    script = f"set -a; . {path}; env -0"
    result = subprocess.run(["env", "-i", "/bin/sh", "-c", script], capture_output=True, check=True)
    pairs = (entry.partition("=") for entry in result.stdout.decode().split("\0") if entry)
    return {name: value for name, _, value in pairs if name in SETTINGS}


def test_the_program_and_a_shell_read_the_same_values(path):
    assert read(path) == _as_a_shell_reads(path)
    assert read(path)["ACCORD_CRISIS_NUMBERS"] == "Emergency: 112; Crisis line: 116 123"
    assert read(path)["ACCORD_FOLDER"].endswith("(ward 4711)")


@pytest.mark.parametrize(
    "line",
    [
        "ACCORD_FOLDER=Dr Lind",  # a shell would run Lind
        "export ACCORD_USE=real",  # a service manager knows no export
        "ACCORD_FOLDER=$HOME/accord",
        'ACCORD_FOLDER="$HOME/accord"',
        "ACCORD_FOLDER=~/accord",
        "ACCORD_CRISIS_NUMBERS='Emergency: 112",
        "ACCORD_USE = real",
        "ACCORD_USE=real # for now",
        "ACCORD_FOLDERS=/srv/accord",
        "PATH=/bin",
    ],
)
def test_a_line_that_is_not_read_alike_everywhere_is_refused_with_its_place(tmp_path, line):
    (tmp_path / "accord.env").write_text(f"# settings\n{line}\n")
    with pytest.raises(SettingError, match=r"accord\.env, line 2"):
        read(tmp_path / "accord.env")


def test_a_setting_of_an_earlier_version_is_read_so_that_the_site_can_say_what_replaces_it(tmp_path):
    (tmp_path / "accord.env").write_text("ACCORD_ON_DUTY='Dr Lind, weekdays until 18:00'\n")
    assert environment.read(read(tmp_path / "accord.env"), (3, 40, 1)).retired == ("ACCORD_ON_DUTY",)


def test_a_refused_line_never_repeats_its_value(tmp_path):
    (tmp_path / "accord.env").write_text("DATABASE_URL=postgresql://user:hunter2 x@host/name\n")
    with pytest.raises(SettingError) as refusal:
        read(tmp_path / "accord.env")
    assert "hunter2" not in str(refusal.value)


def test_what_the_environment_says_wins_over_the_file(path):
    read_together = with_file({"ACCORD_FOLDER": "/elsewhere"}, default=path)
    assert read_together["ACCORD_FOLDER"] == "/elsewhere"
    assert read_together["ACCORD_TIME_ZONE"] == "Europe/Berlin"


def test_the_file_is_read_where_nothing_is_set_as_under_cron(path, tmp_path):
    assert with_file({}, default=path) == read(path)
    assert with_file({"ACCORD_ENV_FILE": str(path)}, default=tmp_path / "no")["ACCORD_USE"] == "real"
    assert with_file({}, default=tmp_path / "absent") == {}


def test_a_demonstration_never_takes_the_settings_of_the_site_beside_it(path):
    assert with_file({"ACCORD_USE": "demo"}, default=path) == {"ACCORD_USE": "demo"}
    assert with_file({"ACCORD_ENV_FILE": ""}, default=path) == {"ACCORD_ENV_FILE": ""}


def test_a_file_that_is_named_and_absent_is_refused(tmp_path):
    with pytest.raises(SettingError, match="ACCORD_ENV_FILE"):
        with_file({"ACCORD_ENV_FILE": str(tmp_path / "absent")})


def test_the_file_in_the_instructions_can_be_read(tmp_path):
    text = HOW_TO.read_text(encoding="utf-8")
    shown = text.partition("```ini\n")[2].partition("```")[0]
    (tmp_path / "accord.env").write_text(shown)
    assert {"ACCORD_FOLDER", "ACCORD_URL", "ACCORD_CRISIS_NUMBERS"} <= set(read(tmp_path / "accord.env"))
    assert "EnvironmentFile=/etc/accord.env" in text
