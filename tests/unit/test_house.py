"""The house's own rules, and that each of them can fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import house
from tools import lock, run_tests

HEAVY = {"numpy", "scipy", "pandas", "polars", "django"}

# For each rule a file that breaks it, put together here so that this file breaks none.
PLANTED = {
    house.names_no_registry: ("docs/install.md", "get it from https://" + "py" + "pi.org/simple\n"),
    house.names_no_machine_path: ("tools/x.sh", "cd /" + "home/somebody/accord\n"),
    house.leaves_nothing_unfinished: ("src/accord/x.py", "# TO" + "DO later\n"),
    house.skips_no_test: ("tests/unit/test_x.py", "@pytest.mark." + "skip(reason='later')\n"),
    house.is_short_enough: ("src/accord/long.py", "x = 1\n" * (house.MOST_LINES + 1)),
    house.installs_from_no_index: ("docs/x.md", "type: pip inst" + "all --upgrade 'accord[clinic]'\n"),
    house.is_written_by_hand: ("src/accord/clinic/web/static/x.js", "a=1;" * house.LONGEST_LINE_BY_HAND),
}


@pytest.mark.parametrize("rule", house.RULES, ids=lambda rule: rule.__name__)
def test_every_file_keeps_the_rule(rule):
    texts = {name: house.text_of(name) for name in house.project_files()}
    assert len(texts) > 20, "the rules saw hardly any file"
    result = [
        complaint
        for name, text in texts.items()
        if text is not None
        for complaint in house.complaints(rule, name, text)
    ]
    assert result == []


@pytest.mark.parametrize("rule", house.RULES, ids=lambda rule: rule.__name__)
def test_a_planted_breach_of_the_rule_is_found(rule):
    path, text = PLANTED[rule]
    assert len(house.complaints(rule, path, text)) == 1


@pytest.mark.parametrize("what", ["accord", "accord==0.1", "'accord[study]'", "-U accord", '"accord>=0.1"'])
def test_every_way_to_ask_an_index_for_accord_is_seen(what):
    for tool in ("pip install", "uv pip install", "pipx install", "uv add"):
        assert house.complaints(house.installs_from_no_index, "README.md", f"{tool} {what}\n")


@pytest.mark.parametrize(
    "what",
    [".", "'.[clinic]'", "./accord", "'./accord[clinic]'", "accord-0.1.0-py3-none-any.whl", "accord-nlp"],
)
def test_a_checkout_and_a_wheel_are_no_index(what):
    assert house.complaints(house.installs_from_no_index, "README.md", f"pip install {what}\n") == []


def test_a_minified_file_is_known_by_its_name_too():
    assert house.complaints(house.is_written_by_hand, "src/x.min.css", "a{}\n")


def test_the_one_place_that_may_skip_is_in_use():
    assert house.SKIPS_HERE in house.project_files()


def test_a_module_of_the_longest_length_is_still_fine():
    assert house.complaints(house.is_short_enough, "src/accord/x.py", "x = 1\n" * house.MOST_LINES) == []


@pytest.mark.parametrize(
    "arguments", [("-c", "import accord"), ("-m", "accord", "--help")], ids=["import", "help"]
)
def test_nothing_heavy_is_imported_before_it_is_needed(arguments):
    assert house.imported_by(*arguments) & HEAVY == set()


def test_a_heavy_import_would_be_seen():
    assert "numpy" in house.imported_by("-c", "import numpy.linalg")


def test_a_program_that_fails_is_not_taken_for_a_light_one():
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        house.imported_by("-c", "1/0")


def test_every_requirements_file_is_a_lock_that_is_checked():
    kept = {path.name for path in (lock.ROOT / "requirements").iterdir()}
    assert kept == {lock.path_of(name).name for name in lock.LOCKS}


@pytest.mark.parametrize("name", lock.LOCKS)
def test_the_lock_can_be_trusted(name):
    assert lock.faults(name, lock.path_of(name).read_text(), (lock.ROOT / "pyproject.toml").read_text()) == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("numpy==2.0\n", "numpy==2.0 has no hash"),
        ("numpy>=2.0 \\\n    --hash=sha256:00\n", "numpy>=2.0 is not pinned"),
        ("--index-url https://example.org\n", "holds a URL"),
    ],
)
def test_a_lock_that_cannot_be_trusted_says_why(line, fault):
    pyproject = (lock.ROOT / "pyproject.toml").read_text()
    good = f"{lock.MARK}{lock.digest(pyproject, 'dev')}\nscipy==1.0 \\\n    --hash=sha256:00\n"
    assert lock.faults("dev", good, pyproject) == []
    assert lock.faults("dev", good + line, pyproject) == [fault]


def test_a_lock_is_old_once_a_dependency_changes():
    pyproject = (lock.ROOT / "pyproject.toml").read_text()
    changed = pyproject.replace('"numpy>=2.4"', '"numpy>=2.5"')
    assert changed != pyproject
    assert lock.faults("dev", lock.path_of("dev").read_text(), changed) == [
        "pyproject.toml has changed since: run `make lock`"
    ]


def test_the_totals_count_failures_and_errors_and_see_a_run_without_tests(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite tests="7" failures="1" errors="2" skipped="1"/></testsuites>',
        encoding="utf-8",
    )
    assert run_tests.counts(report) == (3, 3, 1)
    assert run_tests.counts(tmp_path / "absent.xml") == (0, 0, 0)


BREACHES = {
    "exchange/csv_cells.py": (
        "from accord.simulator import generate",
        "accord.exchange.csv_cells -> accord.simulator.generate",
    ),
    "science/scoring.py": ("import django", "accord.science.scoring -> django"),
    "science/tracker/panel.py": (
        "from accord.science.criteria import chart",
        "accord.science.tracker.panel -> accord.science.criteria.chart",
    ),
    "clinic/policy/table.py": (
        "from accord.science import scoring",
        "accord.clinic.policy.table -> accord.science.scoring",
    ),
    "clinic/models/person.py": (
        "from accord.clinic import policy",
        "accord.clinic.models.person -> accord.clinic.policy",
    ),
}


def test_an_import_against_the_arrows_is_refused_by_each_contract(tmp_path):
    shutil.copytree(
        house.ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "static")
    )
    shutil.copy(house.ROOT / "pyproject.toml", tmp_path)
    for file, (line, _) in BREACHES.items():
        with (tmp_path / "src" / "accord" / file).open("a", encoding="utf-8") as module:
            module.write(f"\n{line}\n")
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(tmp_path / "src")}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert "5 broken" in done.stdout
    assert [result for _, result in BREACHES.values() if result not in done.stdout] == []
