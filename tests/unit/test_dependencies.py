"""Every declared dependency is imported by the code it is declared for, or has another stated use."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
MODULE = {  # where it differs from the distribution's name
    "axe-playwright-python": "axe_playwright_python",
    "dask": "distributed",
    "django-allauth": "allauth",
}
OTHER_USE = {
    "django-csp": "middleware, named in the clinic's settings",
    "django-stubs": "types and a plugin for mypy",
    "editables": "used by hatchling when a checkout is installed in place",
    "hatchling": "the build backend",
    "import-linter": "started as a program by tools/checks.py",
    "mypy": "started as a program by tools/checks.py",
    "pandas-stubs": "types for mypy",
    "pre-commit": "started by git",
    "psycopg": "loaded by Django when DATABASE_URL names a PostgreSQL server",
    "pytest-django": "a plugin of pytest",
    "pytest-xdist": "a plugin of pytest",
    "ruff": "started as a program by tools/checks.py",
    "scipy-stubs": "types for mypy",
    "types-tqdm": "types for mypy",
    "uv": "started as a program by tools/setup.sh and tools/lock.py",
    "whitenoise": "middleware, named in the clinic's settings",
}


def names(requirements: Iterable[object]) -> list[str]:
    """Names of distributions; an included group is listed under its own name."""
    return [re.match(r"[\w-]+", text).group() for text in requirements if isinstance(text, str)]


def imported(folders: Iterable[str]) -> set[str]:
    """The top level of every absolute import below `folders`, also of imports inside functions."""
    return {name for folder in folders for name in _imported_below(folder)}


@cache
def _imported_below(folder: str) -> frozenset[str]:
    nodes = [node for path in (ROOT / folder).rglob("*.py") for node in ast.walk(ast.parse(path.read_text()))]
    plain = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    absolute = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return frozenset(name.split(".")[0] for name in plain | absolute)


def unused(dependencies: Iterable[str], modules: set[str]) -> list[str]:
    return [name for name in dependencies if name not in OTHER_USE and MODULE.get(name, name) not in modules]


@pytest.mark.parametrize("extra", ["", *PROJECT["project"]["optional-dependencies"]])
def test_every_dependency_of_the_distribution_is_imported_in_src_or_has_another_use(extra):
    extras = {"": PROJECT["project"]["dependencies"], **PROJECT["project"]["optional-dependencies"]}
    assert unused(names(extras[extra]), imported(["src"])) == []


@pytest.mark.parametrize("group", PROJECT["dependency-groups"])
def test_every_dependency_of_a_developer_is_imported_or_has_another_use(group):
    listed = names(PROJECT["dependency-groups"][group])
    assert unused(listed, imported(["src", "tests", "tools", "bench"])) == []


def test_a_stated_use_belongs_to_a_declared_dependency():
    project = PROJECT["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    declared = {name for each in [*lists, *PROJECT["dependency-groups"].values()] for name in names(each)}
    assert {*OTHER_USE, *MODULE} <= declared


def test_a_dependency_that_nobody_imports_is_noticed():
    assert unused(["numpy", "matplotlib"], imported(["src"])) == ["matplotlib"]


def floors(dependencies: Iterable[str]) -> dict[str, str]:
    """The lower bound of each by its name."""
    found = (re.match(r"([\w-]+)(?:\[\w+\])?>=([\d.]+)", text) for text in dependencies)
    return {match[1]: match[2] for match in found if match}


def untested_floors(dependencies: Iterable[str], lock: str) -> list[str]:
    """Lower bounds that are not the version which the tests run at, as far as the bound names it."""
    locked: dict[str, list[str]] = {}
    for name, version in re.findall(r"(?m)^([\w-]+)(?:\[\w+\])?==([\w.]+)", lock):
        locked.setdefault(name, []).append(version)
    return [
        f"{name}>={floor}"
        for name, floor in floors(dependencies).items()
        if not any(f"{version}.".startswith(f"{floor}.") for version in locked.get(name, ()))
    ]


NOT_IN_THE_TESTS = {"dask"}  # runs on several machines; the tests take its place


def test_each_lower_bound_is_a_version_that_the_tests_run_at():
    extras = PROJECT["project"]["optional-dependencies"]
    declared = [*PROJECT["project"]["dependencies"], *(text for of in extras.values() for text in of)]
    lock = (ROOT / "requirements" / "dev.txt").read_text()
    assert set(floors(declared)) == set(names(declared)), "each has a lower bound"
    untested = untested_floors(declared, lock)
    assert {text.partition(">=")[0] for text in untested} == NOT_IN_THE_TESTS


def test_a_lower_bound_that_no_test_runs_at_is_noticed():
    lock = "numpy==2.4.6 \\\nnumpy==2.5.5 \\\n"
    assert untested_floors(["numpy>=2.4"], lock) == []
    assert untested_floors(["numpy>=2.0", "scipy>=1"], lock) == ["numpy>=2.0", "scipy>=1"]
